"""Batch runs: cut short and taken up, beside polls, and rehearsed."""

from __future__ import annotations

from syncbridge.engine import resync
from syncbridge.engine.context import Table
from syncbridge.engine.rounds import work_all, work_off
from syncbridge.errors import Unavailable
from syncbridge.store import runs
from syncbridge.testing import World
from syncbridge.testing.script import Step


def _fill(world: World, count: int) -> None:
    for number in range(count):
        world.crm.cabinet.add(email=f"{number}@example.com")


def _pulls(world: World) -> int:
    return world.crm.script.calls["pull"]


def test_a_full_run_that_was_cut_short_goes_on_where_it_stood(world: World):
    _fill(world, 35)
    world.crm.script.plan("pull", None, None, Unavailable("gone for lunch"))
    first = resync.resync(world.engine, world.crm.setup.name, is_full=True)
    before = _pulls(world)

    second = resync.resync(world.engine, world.crm.setup.name, is_full=True)

    assert (first.state, first.report.listed, first.report.is_complete) == ("failed", 20, False)
    assert (second.state, second.report.listed, second.report.is_complete) == ("done", 15, True)
    assert _pulls(world) - before == 2


def test_a_full_run_after_one_that_got_through_reads_everything_again(world: World):
    _fill(world, 15)

    for _ in range(2):
        assert resync.resync(world.engine, world.crm.setup.name, is_full=True).report.listed == 15


def test_a_poll_on_its_way_does_not_undo_the_rewinding_of_a_full_run(world: World):
    _fill(world, 25)
    world.run_until_quiet()
    name = world.crm.setup.name

    def rewind() -> None:
        world.engine.store.transact(lambda tx: runs.drop_cursor(tx, name, "contacts"))

    world.crm.script.plan("pull", Step(meanwhile=rewind))
    report = resync.poll(world.engine, name)

    assert (report.listed, report.pages) == (25, 3)


def test_a_rehearsal_tells_what_differs_and_keeps_nothing(world: World):
    _fill(world, 12)
    world.run_until_quiet()
    name = world.crm.setup.name
    changed = world.crm.cabinet.all_living[3]
    world.crm.cabinet.edit(changed.id, firstname="Olga")
    world.crm.cabinet.add(email="new@example.com")
    before = (
        world.depth(),
        world.engine.store.read(lambda tx: runs.load_cursor(tx, name, "contacts")),
    )

    found = resync.rehearse(world.engine, name, is_full=True)

    after = (
        world.depth(),
        world.engine.store.read(lambda tx: runs.load_cursor(tx, name, "contacts")),
    )
    assert after == before
    assert (found.report.listed, found.report.changed) == (13, 2)
    reasons = {snapshot.ref.remote_id: one.reason for snapshot, one in found.samples}
    assert reasons[changed.id] == "values that changed"
    assert "a record we do not know" in reasons.values()


def test_work_is_done_for_one_connection_or_for_everybody(world: World):
    name = world.crm.setup.name
    _fill(world, 3)
    resync.poll(world.engine, name)

    assert work_off(world.engine, Table.RECORDS, "another") == 0
    assert work_off(world.engine, Table.RECORDS) == 3
    assert work_all(world.engine) == 0


def test_work_that_does_not_end_gives_way_and_rings(world: World):
    rung: list[tuple[str, str]] = []

    class Bell:
        def ring(self, table: str, connection: str = "") -> None:
            rung.append((table, connection))

    _fill(world, 25)
    resync.poll(world.engine, world.crm.setup.name)
    object.__setattr__(world.engine, "bell", Bell())

    assert work_off(world.engine, Table.RECORDS, bound=1) == 10
    assert rung[-1] == (Table.RECORDS, world.crm.setup.name)
