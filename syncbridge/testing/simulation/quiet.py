"""The end of a world: nothing goes wrong any more, and the service is left to come to rest."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from syncbridge.engine import resync, review, sweep
from syncbridge.engine.context import Engine
from syncbridge.testing.simulation.service import ask, do_round, hand_over
from syncbridge.testing.simulation.world import SimWorld

#: How often everything is looked at before a world counts as restless.
_MOST_ROUNDS = 50
#: How many batches of work one look may lead to.
_MOST_IN_A_ROW = 200
_BY = "operator"
_NOW_OR_SOON_MS = 3 * 3_600_000


class _RestlessError(Exception):
    """The service makes work for itself without end."""


def come_to_rest(world: SimWorld) -> bool:
    """Renew tokens, resume what is paused, replay what is dead; answer whether it got quiet."""
    world.wire.calm()
    world.post.is_calm = True
    world.store.armed.clear()
    world.tell("from here on nothing goes wrong any more")
    for crm in world.crms.values():
        for contact in crm.contacts.values():
            world.clock.advance(ms=max(0, contact.locked_until_ms - world.clock.ms))
        crm.commit_late()
    for name in world.crms:
        review.set_paused(world.engine, name, is_paused=False, by=_BY)
    is_quiet = rest(world)
    dead = [int(str(row[0])) for row in ask(world, "select id from outbox where state = 'dead'")]
    if dead:
        world.tell(f"an operator replays {len(dead)} dead letters")
        review.replay(world.engine, dead, by=_BY)
        is_quiet = rest(world)
    return is_quiet


def rest(world: SimWorld, *, is_full: bool = False) -> bool:
    """Work, poll and let time pass until nothing is due; answer False if that never comes.

    Args:
        world: the world.
        is_full: read everything again first.
    """
    for name in world.crms if is_full else ():
        world.operate("resync", _resync(name))
    for number in range(_MOST_ROUNDS):
        try:
            busy = _look_at_everything(world)
        except _RestlessError:
            return False
        if not busy and not world.post.parcels and _is_idle(world):
            return True
        # Records are looked at again every second while a write is not known: time need not crawl.
        _pass_time(world, at_least_ms=min(1_000 * 2 ** (number // 4), 120_000))
    return False


def _look_at_everything(world: SimWorld) -> int:
    busy = _work_off(world)
    for name in world.crms:
        report = world.operate("poll", _poll(name))
        busy += report.changed if isinstance(report, resync.PullReport) else 1
    return busy + _work_off(world)


def _resync(name: str) -> Callable[[Engine], object]:
    return lambda engine: resync.resync(engine, name, is_full=True)


def _poll(name: str) -> Callable[[Engine], object]:
    return lambda engine: resync.poll(engine, name)


def _work_off(world: SimWorld) -> int:
    """Hand over what is due and do everything that bells or the sweep find."""
    done = 0
    chance = Random(1)  # noqa: S311 - seeded worlds, no cryptography
    while (parcel := world.post.take(chance)) is not None:
        hand_over(world, parcel)
        done += 1
    world.operate("sweep", sweep.sweep)
    for _ in range(_MOST_IN_A_ROW):
        if not world.bell.rung:
            return done
        done += do_round(world, next(iter(world.bell.rung)))
    raise _RestlessError


_OPEN_WORK = (
    "select min(due_at_ms) from ("
    "select due_at_ms from outbox where state = 'due' "
    "union all select coalesce(lease_until_ms, 0) from outbox where state in ('claimed', 'sending')"
    "union all select due_at_ms from events where state = 'due' "
    "union all select received_at_ms from deliveries where state = 'received' "
    "union all select media_due_at_ms from messages where media_state = 'wanted')"
)


def _next_ms(world: SimWorld) -> int | None:
    found = ask(world, _OPEN_WORK)[0][0]
    times = [one.due_ms for one in world.post.parcels]
    if found is not None:
        times.append(int(str(found)))
    return min(times, default=None)


def _is_idle(world: SimWorld) -> bool:
    """Say whether the indexes have caught up and nothing is owed."""
    return _next_ms(world) is None and all(
        states[-1].from_ms <= world.clock.ms
        for crm in world.crms.values()
        for states in crm.index.values()
    )


def _pass_time(world: SimWorld, *, at_least_ms: int) -> None:
    """Move on to what is due next."""
    next_ms = _next_ms(world)
    step_ms = 10_000 if next_ms is None else max(at_least_ms, next_ms - world.clock.ms)
    world.clock.advance(ms=min(step_ms, _NOW_OR_SOON_MS))
