"""What the service and its operators do, and what goes wrong around them."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random

from syncbridge.engine import intake, resync, review, rounds, sweep
from syncbridge.engine.context import Engine, Table
from syncbridge.errors import NotThere
from syncbridge.store.session import Transaction
from syncbridge.testing import wire as envelope
from syncbridge.testing.simulation import people
from syncbridge.testing.simulation.post import Parcel
from syncbridge.testing.simulation.trouble import DATABASE_FAULTS, WIRE_FAULTS, Crash, Fault
from syncbridge.testing.simulation.world import Handlers, SimWorld

_OPERATOR = "operator"


def post(world: SimWorld, chance: Random) -> None:
    """A vendor's webhook arrives."""
    parcel = world.post.take(chance)
    if parcel is not None:
        hand_over(world, parcel)


def hand_over(world: SimWorld, parcel: Parcel) -> None:
    """Deliver a webhook; unless it is acknowledged the vendor tries again."""
    request = envelope.request_of(parcel.body, world.clock())
    taken: list[bool] = []

    def work(engine: Engine) -> None:
        intake.receive(engine, parcel.connection, request)
        taken.append(True)

    try:
        world.operate(f"take a webhook of {parcel.connection}", work)
    except Crash:
        world.post.refuse(parcel)
        raise
    if taken:
        world.tell(f"a webhook of {parcel.connection} is acknowledged")
    else:
        world.post.refuse(parcel)


def work(world: SimWorld, chance: Random) -> None:
    """A worker does what a bell called for."""
    if world.bell.rung:
        do_round(world, chance.choice(list(world.bell.rung)))


def look_anywhere(world: SimWorld, chance: Random) -> None:
    """A worker looks at a table although nobody rang."""
    do_round(world, chance.choice(world.bell.posts))


def do_round(world: SimWorld, place: tuple[Table, str]) -> int:
    """Do one batch of what waits in a table; answer how much was taken."""
    table, connection = place
    world.bell.rung.pop(place, None)
    what = f"{table} {connection}".strip()
    count = world.operate(what, lambda engine: rounds.work(engine, table, connection))
    if count:
        world.tell(f"the service works on {what}: {count}")
    return count if isinstance(count, int) else 0


def sweep_all(world: SimWorld, chance: Random) -> None:
    """The sweep looks at all tables."""
    world.operate("sweep", sweep.sweep)


def poll(world: SimWorld, chance: Random) -> None:
    """A CRM is asked for what changed."""
    name = chance.choice(sorted(world.crms))
    world.tell(f"the service polls {name}")
    world.operate(f"poll {name}", _polling(name))


def _polling(name: str) -> Callable[[Engine], object]:
    return lambda engine: resync.poll(engine, name)


def resync_all(world: SimWorld, chance: Random) -> None:
    """A CRM is read as a whole."""
    name = chance.choice(sorted(world.crms))
    is_full = chance.random() < 0.5
    world.tell(f"the service reads {'all' if is_full else 'the changes'} of {name} again")
    world.operate(f"resync {name}", lambda engine: resync.resync(engine, name, is_full=is_full))


def wait(world: SimWorld, chance: Random) -> None:
    """Time passes."""
    world.clock.advance(chance.choice((2, 10, 40, 70, 320, 900)))


# Operators.


def resolve_conflict(world: SimWorld, chance: Random) -> None:
    """An operator decides a conflict, for one side or for a value of their own."""
    rows = ask(world, _OPEN_CONFLICTS)
    if not rows:
        return
    row = chance.choice(rows)
    conflict_id, name, person, ours, theirs = row
    choice = chance.choice(("ours", "theirs", "value"))
    world.said += 1
    own = people.value_of(str(name), world.said)
    chosen = {"ours": ours, "theirs": theirs, "value": own}[choice]
    over = world.ledger.origins(str(name), _text(ours)) | world.ledger.origins(
        str(name), _text(theirs)
    )
    for said in ask(world, _GOLDEN, person):
        over |= world.ledger.origins(str(name), golden_value(said[0], str(name)))
    decided: list[bool] = []

    def decide(engine: Engine) -> None:
        try:
            review.resolve_conflict(
                engine,
                int(str(conflict_id)),
                choice=choice,
                by=_OPERATOR,
                value=own if choice == "value" else None,
            )
        except NotThere:
            return
        decided.append(True)

    try:
        world.operate(f"resolve conflict {conflict_id}", decide)
    finally:
        is_done = decided or ask(world, _RESOLVED, conflict_id)
        if is_done:
            edit = world.ledger.note(
                "console",
                str(person),
                str(name),
                _text(chosen),
                at_ms=world.clock.ms,
                over=over,
                origin="console",
            )
            world.decisions[str(person), str(name)] = edit.id
            world.tell(f"an operator decides {name} = {chosen!r} (conflict {conflict_id})")


def replay_dead(world: SimWorld, chance: Random) -> None:
    """An operator lets dead letters be tried again."""
    found = [int(str(row[0])) for row in ask(world, _DEAD)]
    if found:
        world.tell(f"an operator replays {len(found)} dead letters")
        world.operate("replay", lambda engine: review.replay(engine, found, by=_OPERATOR))


def discard_dead(world: SimWorld, chance: Random) -> None:
    """An operator gives a dead letter up."""
    found = [int(str(row[0])) for row in ask(world, _DEAD)]
    if found:
        one = [chance.choice(found)]
        world.tell(f"an operator discards dead letter {one[0]}")
        world.operate(
            "discard", lambda engine: review.discard(engine, one, by=_OPERATOR, reason="not needed")
        )


def pause(world: SimWorld, chance: Random) -> None:
    """An operator stops or resumes writing to a CRM."""
    name = chance.choice(sorted(world.crms))
    is_paused = chance.random() < 0.5
    world.tell(f"an operator {'pauses' if is_paused else 'resumes'} {name}")
    world.operate(
        "pause",
        lambda engine: review.set_paused(engine, name, is_paused=is_paused, by=_OPERATOR),
    )


# Trouble.


def trouble_on_wire(world: SimWorld, chance: Random) -> None:
    """One of the next calls to a vendor goes wrong, or something happens during it."""
    name = chance.choice(sorted(world.engine.spokes))
    kind = chance.choice(WIRE_FAULTS)
    salt = chance.getrandbits(32)

    def meanwhile() -> None:
        _meanwhile(world, Random(salt))  # noqa: S311 - seeded worlds, no cryptography

    world.wire.arm(name, Fault(kind, chance.randint(0, 2), meanwhile))
    world.tell(f"trouble ahead on the wire to {name}: {kind}")


def race(world: SimWorld, chance: Random) -> None:
    """Two workers and two people meet at one record."""
    _at_all(world, chance)
    people.collide(world, chance)
    world.clock.advance(45)
    for crm in sorted(world.crms):
        world.operate(f"poll {crm}", _polling(crm))
    name = chance.choice(sorted(world.crms))
    salt = chance.getrandbits(32)

    def meanwhile() -> None:
        _meanwhile(world, Random(salt))  # noqa: S311 - seeded worlds, no cryptography

    kind = chance.choice(("meanwhile_before", "meanwhile_after"))
    world.wire.arm(name, Fault(kind, chance.randint(0, 1), meanwhile))
    do_round(world, (Table.RECORDS, name))
    do_round(world, (Table.OUTBOX, name))


def _meanwhile(world: SimWorld, chance: Random) -> None:
    """Somebody else works at the same time: people, and perhaps all other workers."""
    world.tell("at the same time:")
    for _ in range(chance.randint(1, 3)):
        what = chance.choice(
            (people.edit_contact, people.collide, people.rename, people.write_message, post, work)
        )
        what(world, chance)
    if chance.random() < 0.7:
        _at_all(world, chance)
    world.tell("(end of what happened at the same time)")


def _at_all(world: SimWorld, chance: Random) -> None:
    """Other workers take in what vendors told and look at everything."""
    for _ in range(8):
        post(world, chance)
    for place in list(world.bell.posts):
        do_round(world, place)


def trouble_in_database(world: SimWorld, chance: Random) -> None:
    """One of the next transactions fails, or the process ends at it."""
    kind = chance.choice(DATABASE_FAULTS)
    world.store.armed.append(Fault(kind, chance.randint(0, 8)))
    world.tell(f"trouble ahead in the database: {kind}")


def poll_in_trouble(world: SimWorld, chance: Random) -> None:
    """The database fails, or the process ends, in the middle of a poll."""
    kind = chance.choice(DATABASE_FAULTS)
    world.store.armed.append(Fault(kind, chance.randint(2, 4)))
    world.tell(f"trouble ahead in the database: {kind}")
    poll(world, chance)


def kill_token(world: SimWorld, chance: Random) -> None:
    """A CRM's token dies."""
    name = chance.choice(sorted(world.crms))
    world.wire.revoked.add(name)
    world.tell(f"the token of {name} dies")


def renew_token(world: SimWorld, chance: Random) -> None:
    """Somebody renews the tokens."""
    if world.wire.revoked:
        world.wire.revoked.clear()
        world.tell("somebody renews the tokens")


# Looking into the database.

_OPEN_CONFLICTS = (
    "select id, field, person_id, ours, theirs from conflicts where state = 'open' order by id"
)
_RESOLVED = "select id from conflicts where id = ? and state = 'resolved'"
_DEAD = "select id from outbox where state = 'dead' order by id"
_GOLDEN = "select golden from persons where id = ?"


def ask(world: SimWorld, query: str, *values: object) -> list[tuple[object, ...]]:
    """Answer rows of the database, past every fault."""

    def run(tx: Transaction) -> list[tuple[object, ...]]:
        return [tuple(row) for row in tx.exec_driver_sql(query, values)]

    return world.store.inner.read(run)


def golden_value(dumped: object, name: str) -> str | None:
    """Answer a field of a golden record as it is stored."""
    found = json.loads(str(dumped)).get(name)
    return None if found is None else _text(found[0])


def _text(value: object) -> str | None:
    return None if value is None else str(value)


HANDLERS: Handlers = {
    "write_message": people.write_message,
    "change_message": people.change_message,
    "answer": people.answer,
    "tell_status": people.tell_status,
    "rename": people.rename,
    "change_number": people.change_number,
    "hide_number": people.hide_number,
    "say_consent": people.say_consent,
    "write_many": people.write_many,
    "create_contact": people.create_contact,
    "collide": people.collide,
    "edit_contact": people.edit_contact,
    "archive_contact": people.archive_contact,
    "restore_contact": people.restore_contact,
    "post": post,
    "work": work,
    "look_anywhere": look_anywhere,
    "sweep": sweep_all,
    "poll": poll,
    "resync": resync_all,
    "wait": wait,
    "resolve_conflict": resolve_conflict,
    "replay_dead": replay_dead,
    "discard_dead": discard_dead,
    "pause": pause,
    "trouble_on_wire": trouble_on_wire,
    "trouble_in_database": trouble_in_database,
    "poll_in_trouble": poll_in_trouble,
    "race": race,
    "kill_token": kill_token,
    "renew_token": renew_token,
}
