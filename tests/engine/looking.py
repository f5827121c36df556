"""What tests look at: plain answers out of a world."""

from __future__ import annotations

from syncbridge.engine import resync, review, views
from syncbridge.remote.base import ContactWrite, MessageWrite
from syncbridge.testing import World


def texts(world: World, crm: str = "hs") -> list[str]:
    """The words of a CRM's entries: the lines between heading and marker, in order of time."""
    entries = sorted(world.crms[crm].entries, key=lambda entry: (entry.at, entry.id))
    return ["\n".join(entry.text.split("\n")[1:-1]) for entry in entries]


def fields(world: World, crm: str = "hs") -> dict[str, str]:
    """The values of the only contact of a CRM."""
    (contact,) = world.crms[crm].contacts
    return contact.values


def the_contact(world: World, crm: str = "hs") -> str:
    """The id of the only contact of a CRM."""
    (contact,) = world.crms[crm].contacts
    return contact.id


def contact_writes(world: World, crm: str = "hs") -> list[ContactWrite]:
    return [write for write in world.crms[crm].writes if isinstance(write, ContactWrite)]


def message_writes(world: World, crm: str = "hs") -> list[MessageWrite]:
    return [write for write in world.crms[crm].writes if isinstance(write, MessageWrite)]


def conflicts(world: World, **asked: object) -> list[dict[str, object]]:
    return views.conflicts(world.engine, **asked)


def dead(world: World) -> list[dict[str, object]]:
    return views.dead_letters(world.engine)


def attempts(world: World, entry_id: int) -> list[dict[str, object]]:
    return views.dead_letter(world.engine, entry_id)["attempts"]


def golden(world: World, who: str = "+491701234567") -> dict[str, object]:
    found = views.person(world.engine, views.find_person(world.engine, who))
    return {name: field["value"] for name, field in found["fields"].items()}


def decide(world: World, conflict_id: int, choice: str, value: str | None = None) -> None:
    review.resolve_conflict(world.engine, conflict_id, choice=choice, by="ops", value=value)


def writes_of_a_resync(world: World) -> int:
    """How many writes a full resync of every CRM leads to."""
    before = sum(len(crm.writes) for crm in world.crms.values())
    for name in world.crms:
        assert resync.resync(world.engine, name, is_full=True).state == "done"
    world.run_until_quiet()
    return sum(len(crm.writes) for crm in world.crms.values()) - before
