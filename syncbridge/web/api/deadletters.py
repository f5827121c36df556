"""Dead letters: listed, shown, tried again, given up."""

from __future__ import annotations

from typing import Any

from syncbridge.engine import review, views
from syncbridge.web import decisions
from syncbridge.web.api import schemas
from syncbridge.web.api.conflicts import next_after
from syncbridge.web.api.section import BY, Section
from syncbridge.web.current import engine

section = Section("Dead letters", "Owed writes that no further try will cure.")


@section.get("/deadletters", gives=schemas.DEAD_LETTERS, asks=schemas.DEAD_LETTERS_ASKED)
def listed(asked: dict[str, Any]) -> dict[str, Any]:
    """List dead letters, oldest first."""
    found = views.dead_letters(
        engine(), connection=asked["connection"], after=asked["after"], limit=asked["limit"]
    )
    return {"dead_letters": found, "next": next_after(found, asked["limit"])}


@section.get("/deadletters/<int:entry_id>", gives=schemas.DEAD_LETTER, refuses=(404,))
def one(entry_id: int) -> dict[str, Any]:
    """Show one entry with its attempts."""
    return views.dead_letter(engine(), entry_id)


@section.post("/deadletters/replay", gives=schemas.REPLAYED, asks=schemas.REPLAY_ASKED)
def replay(asked: dict[str, Any]) -> dict[str, int]:
    """Try dead letters again, with today's mapping and values."""
    ids = asked["ids"] or decisions.all_dead_letters(engine(), asked["connection"])
    return {"replayed": review.replay(engine(), ids, by=BY)}


@section.post("/deadletters/discard", gives=schemas.DISCARDED, asks=schemas.DISCARD_ASKED)
def discard(asked: dict[str, Any]) -> dict[str, int]:
    """Give dead letters up; replay undoes it."""
    reason = asked["reason"].strip()
    return {"discarded": review.discard(engine(), asked["ids"], by=BY, reason=reason)}
