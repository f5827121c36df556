"""Reading what a connection holds: the first whole list, the polls after it, and full resyncs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from syncbridge.clock import from_ms
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.engine.reconcile import refresh_records
from syncbridge.engine.suspend import resume_if_suspended, suspend
from syncbridge.errors import RemoteError, Suspended
from syncbridge.model.event import Event, RecordTouched, Touch
from syncbridge.model.link import Link
from syncbridge.model.record import Snapshot
from syncbridge.model.states import LinkState
from syncbridge.store import inbox, records, runs
from syncbridge.store.ids import new_id
from syncbridge.store.inbox import Origin
from syncbridge.store.session import Transaction

#: A run that shows no life for so long was killed.
_LEASE_MS = 120_000


@dataclass(slots=True)
class PullReport:
    """What one pull came to; also the report of a run."""

    pages: int = 0
    listed: int = 0
    #: Records that differ from what we know, and were given to be read.
    changed: int = 0
    #: Whether the whole list was read to its end.
    is_complete: bool = False
    error: str = ""


#: Told after each page how far a pull got.
Progress = Callable[[PullReport], None]


def prepare(engine: Engine, connection: str) -> list[str]:
    """Ask whose account it is and make what is missing there; answer what a person has to do.

    Calls first, then one short transaction. May be repeated.

    Raises:
        RemoteError: the vendor did not answer; nothing was recorded.
    """
    spoke = engine.spoke(connection)
    account = spoke.connector.account()
    findings = spoke.connector.prepare()

    def work(tx: Transaction) -> None:
        runs.set_connection(
            tx,
            connection,
            account_id=account.id,
            account_name=account.name,
            time_zone=account.time_zone,
            prepared_at_ms=engine.now_ms(),
        )
        resume_if_suspended(tx, connection)

    engine.store.transact(work)
    return [f"{one.what}: {one.remedy}" for one in findings if not one.is_good]


def _prepare_once(engine: Engine, connection: str) -> None:
    state = engine.store.read(lambda tx: connection_state(tx, connection))
    if state is None or state.prepared_at_ms is None:
        prepare(engine, connection)


def connection_state(tx: Transaction, connection: str) -> runs.ConnectionState | None:
    """Answer what is known of a connection; None before it was prepared."""
    return runs.load_connections(tx).get(connection)


def poll(engine: Engine, connection: str) -> PullReport:
    """Read what changed at a connection since the last poll, or everything the first time.

    Pages and their cursor are stored in one transaction each, so a crash repeats at most a page.
    Never raises a RemoteError: it is in the report, and a suspended connection waits.
    """
    spoke = engine.spoke(connection)
    report = PullReport()
    try:
        _prepare_once(engine, connection)
        for feed in spoke.connector.capabilities.feeds:
            pull_feed(engine, spoke, feed, report)
        engine.store.transact(lambda tx: resume_if_suspended(tx, connection))
        _catch_up(engine, spoke)
    except RemoteError as exc:
        report.error = f"{exc.cause}: {exc}"
        _note_failure(engine, connection, exc)
    return report


def pull_feed(
    engine: Engine,
    spoke: Spoke,
    feed: str,
    report: PullReport,
    *,
    progress: Progress | None = None,
) -> None:
    """Read a feed from its cursor to its present end.

    Raises:
        RemoteError: a page could not be read; the cursor stands at the last one stored.
    """
    while True:
        cursor = engine.store.read(lambda tx: runs.load_cursor(tx, spoke.name, feed))
        page = spoke.connector.pull(feed, cursor)
        report.changed += _store_page(engine, spoke, feed, page.snapshots, page.cursor)
        report.pages += 1
        report.listed += len(page.snapshots)
        if progress is not None:
            progress(report)
        if page.snapshots:
            engine.bell.ring(Table.RECORDS, spoke.name)
        if not page.has_more:
            report.is_complete = True
            return


def _store_page(
    engine: Engine, spoke: Spoke, feed: str, snapshots: Sequence[Snapshot], cursor: str
) -> int:
    """Store doorbells for the records that differ, and the cursor. One transaction."""
    kind = spoke.connector.capabilities.feeds[feed]

    def work(tx: Transaction) -> int:
        now_ms = engine.now_ms()
        ids = {one.ref.remote_id for one in snapshots}
        links = records.links_by_ref(tx, spoke.name, kind, ids)
        differing = [
            one for one in snapshots if not is_known(spoke, one, links.get(one.ref.remote_id))
        ]
        origin = Origin(spoke.name, now_ms, new_id())
        added = inbox.add_events(
            tx, [(_doorbell(one, now_ms), origin) for one in differing], due_at_ms=now_ms
        )
        runs.save_cursor(tx, spoke.name, feed, cursor, saved_at_ms=now_ms)
        runs.set_connection(tx, spoke.name, pulled_at_ms=now_ms)
        return added

    return engine.store.transact(work)


def is_known(spoke: Spoke, snapshot: Snapshot, link: Link | None) -> bool:
    """Say whether a listed record shows only what both sides last agreed on."""
    if link is None or link.state is not LinkState.LINKED:
        return False
    if link.version and link.version == snapshot.version:
        return True
    for remote, names in spoke.canonical_of.items():
        if remote not in snapshot.values:
            continue
        shown = snapshot.values[remote] or None
        for name in names:
            agreed = link.base.get(name)
            if agreed is None or (agreed.remote or None) != shown:
                return False
    return True


def _doorbell(snapshot: Snapshot, now_ms: int) -> Event:
    ref = snapshot.ref
    # The time of the read is part of the key: a record may return to an earlier state.
    key = f"pull:{ref.remote_id}:{snapshot.version}:{snapshot.fingerprint}:{now_ms // 1000}"
    touch = Touch.DELETED if snapshot.archived else Touch.CHANGED
    body = RecordTouched(ref.kind, ref.remote_id, touch, aliases=snapshot.aliases)
    return Event(key, from_ms(now_ms), body)


def _catch_up(engine: Engine, spoke: Spoke) -> None:
    """After the first whole list, reconcile it to the end: only then may anything be created."""
    state = engine.store.read(runs.load_connections).get(spoke.name)
    if state is None or state.caught_up_at_ms is not None:
        return
    while refresh_records(engine, spoke.name):
        pass

    def work(tx: Transaction) -> bool:
        if inbox.has_waiting(tx, spoke.name, inbox.RECORDS):
            return False
        runs.set_connection(tx, spoke.name, caught_up_at_ms=engine.now_ms())
        return True

    if engine.store.transact(work):
        engine.bell.ring(Table.OUTBOX, spoke.name)


def _note_failure(engine: Engine, connection: str, exc: RemoteError) -> None:
    def work(tx: Transaction) -> None:
        runs.count(tx, connection, {f"pull_{exc.cause}": 1})
        if isinstance(exc, Suspended):
            suspend(engine, tx, connection, exc)

    engine.store.transact(work)


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a batch run ended."""

    #: None when another run of the connection was under way.
    run_id: int | None
    report: PullReport
    #: "done", "failed" or "busy".
    state: str


def resync(
    engine: Engine,
    connection: str,
    *,
    is_full: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Read a connection again, never twice at once; a killed run is taken up from its cursor.

    Args:
        engine: the service.
        connection: its name.
        is_full: read the whole list, not only what changed.
        progress: told after each page.
    """
    spoke = engine.spoke(connection)
    report = PullReport()
    run_id = engine.store.transact(
        lambda tx: runs.begin_run(
            tx,
            connection,
            "full" if is_full else "incremental",
            now_ms=engine.now_ms(),
            lease_until_ms=engine.now_ms() + _LEASE_MS,
        )
    )
    if run_id is None:
        return RunResult(None, report, "busy")
    _read_all(engine, spoke, run_id, report, is_full=is_full, progress=progress)
    state = "failed" if report.error else "done"
    engine.store.transact(
        lambda tx: runs.end_run(
            tx, run_id, state=state, report=asdict(report), now_ms=engine.now_ms()
        )
    )
    return RunResult(run_id, report, state)


def _read_all(
    engine: Engine,
    spoke: Spoke,
    run_id: int,
    report: PullReport,
    *,
    is_full: bool,
    progress: Progress | None,
) -> None:
    def alive(so_far: PullReport) -> None:
        lease_until_ms = engine.now_ms() + _LEASE_MS
        engine.store.transact(lambda tx: runs.extend_run(tx, run_id, lease_until_ms=lease_until_ms))
        if progress is not None:
            progress(so_far)

    try:
        _prepare_once(engine, spoke.name)
        for feed in spoke.connector.capabilities.feeds:
            if is_full:
                _rewind(engine, spoke.name, feed)
            pull_feed(engine, spoke, feed, report, progress=alive)
        while refresh_records(engine, spoke.name):
            alive(report)
        _catch_up(engine, spoke)
    except RemoteError as exc:
        report.error = f"{exc.cause}: {exc}"
        _note_failure(engine, spoke.name, exc)


def _rewind(engine: Engine, connection: str, feed: str) -> None:
    """Begin a feed anew, unless a killed full run left it in the middle of its list."""
    engine.store.transact(lambda tx: runs.drop_cursor(tx, connection, feed))
