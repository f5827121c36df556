"""Conflicts: listed, shown, decided."""

from __future__ import annotations

from typing import Any

from syncbridge.engine import views
from syncbridge.web import decisions
from syncbridge.web.api import schemas
from syncbridge.web.api.section import BY, Section
from syncbridge.web.current import engine, service

section = Section("Conflicts", "Fields that two sides changed, each to a value of its own.")


@section.get("/conflicts", gives=schemas.CONFLICTS, asks=schemas.CONFLICTS_ASKED)
def listed(asked: dict[str, Any]) -> dict[str, Any]:
    """List conflicts in the order they were found."""
    found = views.conflicts(
        engine(),
        is_initial=asked["initial"],
        is_open=asked["open"],
        after=asked["after"],
        limit=asked["limit"],
    )
    return {"conflicts": found, "next": next_after(found, asked["limit"])}


@section.get("/conflicts/<int:conflict_id>", gives=schemas.CONFLICT, refuses=(404,))
def one(conflict_id: int) -> dict[str, Any]:
    """Show one conflict."""
    return views.conflict(engine(), conflict_id)


@section.post(
    "/conflicts/<int:conflict_id>/resolve",
    gives=schemas.CONFLICT,
    asks=schemas.RESOLVE_ASKED,
    refuses=(404, 409),
)
def resolve(asked: dict[str, Any], conflict_id: int) -> dict[str, Any]:
    """Decide a conflict; the value is written to every record of the person."""
    return decisions.decide(
        service(), conflict_id, choice=asked["choice"], value=asked["value"], by=BY
    )


def next_after(found: list[dict[str, Any]], limit: int) -> int | None:
    """Answer where the next part of a list begins; None after the last."""
    return int(found[-1]["id"]) if len(found) == limit else None
