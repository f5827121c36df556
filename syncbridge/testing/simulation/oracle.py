"""The oracle: an obvious model of what must hold, which knows only what people did.

It asks neither the engine nor its rules what is right. It brings a world to rest, then compares
what people wrote, what the vendors hold and what stands in the database.
"""

from __future__ import annotations

from collections.abc import Iterator

from syncbridge.testing.simulation.facts import Facts, Violation, gather
from syncbridge.testing.simulation.oracle_contacts import judge_contacts
from syncbridge.testing.simulation.oracle_talk import judge_talk
from syncbridge.testing.simulation.quiet import come_to_rest, rest
from syncbridge.testing.simulation.service import ask
from syncbridge.testing.simulation.world import SimWorld


def judge(world: SimWorld) -> list[Violation]:
    """Bring a world to rest and answer everything that is wrong with it."""
    found: list[Violation] = []
    if not come_to_rest(world):
        found.append(Violation("rest", "it never came to rest"))
    else:
        facts = gather(world)
        found += judge_contacts(world, facts)
        found += judge_talk(world, facts)
        found += _unreasoned(world, facts)
        found += _echoes(world)
    found += [Violation("exception", failure) for failure in world.failures]
    found += [
        Violation("early ring", f"{one} was rung before the commit") for one in world.bell.early
    ]
    return found


def _echoes(world: SimWorld) -> Iterator[Violation]:
    """I3: at rest, reading everything again writes nothing; and no write was in vain."""
    before = world.ledger.writes
    if world.plan.trouble == 0:
        for connection, record, _ in world.ledger.vain:
            yield Violation("I3", f"a write changed nothing on {record} in {connection}")
        most = _most_writes(world)
        if before > most:
            yield Violation("I3", f"{before} writes where {most} should have been enough")
    if not rest(world, is_full=True):
        yield Violation("rest", "it never came to rest after everything was read again")
    elif world.ledger.writes > before:
        more = world.ledger.writes - before
        yield Violation("I3", f"reading everything again led to {more} writes")


def _most_writes(world: SimWorld) -> int:
    """Answer how many writes are enough for everything that happened."""
    happened = len(world.ledger.edits)
    for channel in world.channels.values():
        happened += 2 * len(channel.customers)
        for message in channel.messages:
            happened += 3 + len(message.edits) + len(message.reactions) + len(message.statuses)
    return happened * len(world.crms)


_SILENT = (
    ("a conflict", "select field from conflicts where reason = '' or reason is null"),
    (
        "a dead letter",
        "select id from outbox where state = 'dead' and (cause is null or advice is null)",
    ),
    ("an event set aside", "select id from events where state = 'set_aside' and reason is null"),
    (
        "a person",
        "select id from persons where id not in "
        "(select person_id from journal where person_id is not null)",
    ),
)
_DEATHS = 3
_BROKEN = "select topic, reason from events where state = 'set_aside' and reason like '%our code%'"
_ASLEEP = (
    "select e.id from events e join messages m on m.connection = e.connection "
    "and (m.remote_id = e.waits_for or m.token = e.waits_for) where e.state = 'parked'"
)


def _unreasoned(world: SimWorld, facts: Facts) -> Iterator[Violation]:
    """Every decision of the machine has its reason on record, and nothing is forgotten."""
    for what, query in _SILENT:
        for row in ask(world, query):
            yield Violation("reason", f"{what} without a reason: {row}")
    for row in ask(world, _BROKEN):
        # Who dies three times over a record cannot know that it was not the record's fault.
        if row[0] == "touched" and world.crashes >= _DEATHS:
            continue
        yield Violation("exception", f"an event broke the service: {row}")
    for row in ask(world, _ASLEEP):
        yield Violation("I5", f"event {row[0]} still waits for a message that is there")
