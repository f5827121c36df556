"""What stands in the database at the end of a world, read with plain queries."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from syncbridge.testing.simulation.service import ask
from syncbridge.testing.simulation.world import SimWorld


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that must never be, and was."""

    invariant: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.what}"


@dataclass(frozen=True, slots=True)
class LinkFact:
    """A row of `links`, with the state of its entry in the outbox."""

    id: str
    connection: str
    kind: str
    subject: str
    role: str
    state: str
    remote_id: str | None
    held: frozenset[str]
    #: "" when nothing was ever owed.
    entry: str
    cause: str
    advice: str
    #: The state of the entry it waits for, when it is blocked.
    blocked_by: str

    @property
    def is_given_up(self) -> bool:
        """Say whether it visibly waits for a person, or for something that does."""
        given_up = ("dead", "discarded")
        return self.entry in given_up or (self.entry == "blocked" and self.blocked_by in given_up)


@dataclass(frozen=True, slots=True)
class ConflictFact:
    """A row of `conflicts`."""

    person: str
    field: str
    ours: str | None
    theirs: str | None
    ours_from: str
    theirs_from: str
    ours_at_ms: int
    theirs_at_ms: int
    winner: str
    reason: str
    is_initial: bool
    found_at_ms: int


@dataclass(slots=True)
class Facts:
    """Everything the oracle asks of the database."""

    #: Person -> field -> value.
    golden: dict[str, dict[str, str | None]]
    opted_out: dict[str, bool]
    links: list[LinkFact]
    #: (connection, remote id of a contact) -> person; old ids count.
    person_of: dict[tuple[str, str], str]
    conflicts: list[ConflictFact]
    #: Message at the channel -> (our id, person).
    messages: dict[str, tuple[str, str]]
    #: Session -> (connection, conversation, from, to).
    sessions: dict[str, tuple[str, str, int, int]]
    #: Our message id -> its conversation.
    conversation_of: dict[str, str]
    #: Our message id -> the channel's time.
    sent_at_ms: dict[str, int]
    #: Persons somebody has been asked about.
    asked: frozenset[str]
    #: User id or number key -> person.
    holder: dict[str, str]

    def has_conflict(self, person: str | None, name: str, value: str | None) -> bool:
        """Say whether a value stands in the queue of conflicts."""
        return any(
            row.person == person and row.field == name and value in (row.ours, row.theirs)
            for row in self.conflicts
        )


def gather(world: SimWorld) -> Facts:
    """Read the whole database."""
    persons = ask(world, "select id, golden, is_opted_out from persons")
    refs = ask(
        world,
        "select r.connection, r.remote_id, l.subject_id from refs r join links l on l.id = "
        "r.link_id where r.kind = 'contact'",
    )
    messages = ask(
        world, "select remote_id, id, person_id, conversation_id, sent_at_ms from messages"
    )
    sessions = ask(
        world,
        "select id, connection, conversation_id, first_message_at_ms, last_message_at_ms "
        "from sessions",
    )
    asked = ask(world, "select person_id, other_id from reviews")
    holders = ask(world, "select value, person_id from identities where is_strong")
    return Facts(
        golden={str(row[0]): _values(row[1]) for row in persons},
        opted_out={str(row[0]): bool(row[2]) for row in persons},
        links=_links(world),
        person_of={(str(row[0]), str(row[1])): str(row[2]) for row in refs},
        conflicts=_conflicts(world),
        messages={str(row[0]): (str(row[1]), str(row[2])) for row in messages},
        sessions={
            str(row[0]): (str(row[1]), str(row[2]), int(str(row[3])), int(str(row[4])))
            for row in sessions
        },
        conversation_of={str(row[1]): str(row[3]) for row in messages},
        sent_at_ms={str(row[1]): int(str(row[4])) for row in messages},
        asked=frozenset(str(person) for row in asked for person in row),
        holder={str(row[0]): str(row[1]) for row in holders},
    )


def _values(dumped: Any) -> dict[str, str | None]:
    return {name: found[0] for name, found in json.loads(str(dumped)).items()}


def _links(world: SimWorld) -> list[LinkFact]:
    rows = ask(
        world,
        "select l.id, l.connection, l.kind, l.subject_id, l.role, l.state, l.remote_id, l.held, "
        "coalesce(o.state, ''), coalesce(o.cause, ''), coalesce(o.advice, ''), "
        "coalesce(n.state, '') from links l left join outbox o on o.link_id = l.id "
        "left join outbox n on n.link_id = o.needs_link_id order by l.id",
    )
    found = []
    for row in rows:
        held = json.loads(str(row[7])) if row[7] else ()
        remote_id = None if row[6] is None else str(row[6])
        link_id, connection, kind, subject, role, state = (str(one) for one in row[:6])
        entry, cause, advice, blocked_by = (str(one) for one in row[8:])
        found.append(
            LinkFact(
                id=link_id,
                connection=connection,
                kind=kind,
                subject=subject,
                role=role,
                state=state,
                remote_id=remote_id,
                held=frozenset(held),
                entry=entry,
                cause=cause,
                advice=advice,
                blocked_by=blocked_by,
            )
        )
    return found


def _conflicts(world: SimWorld) -> list[ConflictFact]:
    rows = ask(
        world,
        "select person_id, field, ours, theirs, ours_from, theirs_from, ours_at_ms, theirs_at_ms, "
        "winner, reason, is_initial, found_at_ms from conflicts order by id",
    )
    return [ConflictFact(*row) for row in rows]  # type: ignore[arg-type]
