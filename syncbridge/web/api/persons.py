"""Persons: what is known of one, what happened, and why."""

from __future__ import annotations

from typing import Any

from syncbridge.engine import views
from syncbridge.web.api import schemas
from syncbridge.web.api.section import Section
from syncbridge.web.current import engine

section = Section("Persons", "What is known of a person, what happened, and why.")


@section.get("/persons", gives=schemas.PERSON, asks=schemas.PERSON_ASKED, refuses=(404,))
def found(asked: dict[str, Any]) -> dict[str, Any]:
    """Show the person with this phone number, e-mail address or id."""
    meant = asked["phone"] or asked["email"] or asked["id"]
    return views.person(engine(), views.find_person(engine(), meant))


@section.get("/persons/<person_id>", gives=schemas.PERSON, refuses=(404,))
def one(person_id: str) -> dict[str, Any]:
    """Show one person."""
    return views.person(engine(), person_id)
