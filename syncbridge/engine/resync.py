"""Reading what a connection holds: the first whole list, the polls after it, and full resyncs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial

from syncbridge.clock import from_ms
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.engine.reconcile import refresh_records
from syncbridge.engine.suspend import resume_if_over, resume_if_suspended, suspend
from syncbridge.errors import RemoteError, Suspended
from syncbridge.model.event import Event, RecordTouched, Touch
from syncbridge.model.link import Link
from syncbridge.model.record import Snapshot
from syncbridge.model.states import LinkState
from syncbridge.remote.base import Page
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

    def add(self, page: Page, changed: int) -> None:
        """Count a page that was read."""
        self.pages += 1
        self.listed += len(page.snapshots)
        self.changed += changed
        self.is_complete = not page.has_more


@dataclass(frozen=True, slots=True)
class Difference:
    """Why a listed record has to be read."""

    reason: str
    #: Remote field -> (what was agreed on, what is listed now).
    fields: Mapping[str, tuple[str | None, str | None]] = field(default_factory=dict)


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


def ensure_prepared(engine: Engine, connection: str) -> list[str]:
    """Prepare a connection unless that was done; answer what a person has to do there.

    Raises:
        RemoteError: the vendor did not answer; it has to be tried again.
    """
    state = engine.store.read(lambda tx: connection_state(tx, connection))
    if state is not None and state.prepared_at_ms is not None:
        return []
    return prepare(engine, connection)


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
        engine.store.transact(lambda tx: resume_if_over(engine, tx, connection))
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
        changed = _store_page(engine, spoke, feed, page, cursor)
        if changed is None:
            continue
        report.add(page, changed)
        if progress is not None:
            progress(report)
        if page.snapshots:
            engine.bell.ring(Table.RECORDS, spoke.name)
        if report.is_complete:
            return


def _store_page(
    engine: Engine, spoke: Spoke, feed: str, page: Page, cursor: str | None
) -> int | None:
    """Store doorbells for the records that differ, and where the feed goes on. One transaction.

    Answers None, storing nothing, when somebody moved the feed while the page was read: a poll's
    cursor must not undo the rewinding of a full run.
    """

    def work(tx: Transaction) -> int | None:
        if runs.load_cursor(tx, spoke.name, feed) != cursor:
            return None
        now_ms = engine.now_ms()
        origin = Origin(spoke.name, now_ms, new_id())
        arrivals = [
            (_doorbell(one, now_ms), origin) for one, _ in differing(tx, spoke, page.snapshots)
        ]
        added = inbox.add_events(tx, arrivals, due_at_ms=now_ms)
        runs.save_cursor(tx, spoke.name, feed, page.cursor, saved_at_ms=now_ms)
        runs.set_connection(tx, spoke.name, pulled_at_ms=now_ms)
        return added

    return engine.store.transact(work)


def differing(
    tx: Transaction, spoke: Spoke, snapshots: Sequence[Snapshot]
) -> list[tuple[Snapshot, Difference]]:
    """Answer the listed records that show more than what both sides last agreed on."""
    found = []
    for kind in {one.ref.kind for one in snapshots}:
        listed = [one for one in snapshots if one.ref.kind is kind]
        links = records.links_by_ref(tx, spoke.name, kind, {one.ref.remote_id for one in listed})
        for one in listed:
            difference = compare(spoke, one, links.get(one.ref.remote_id))
            if difference is not None:
                found.append((one, difference))
    return found


def compare(spoke: Spoke, snapshot: Snapshot, link: Link | None) -> Difference | None:
    """Answer how a listed record differs from what both sides agreed on; None: not at all."""
    if snapshot.archived:
        # Feeds list the bin again and again: who knows of the deletion has nothing to learn.
        is_news = link is not None and link.state is not LinkState.GONE
        return Difference("a record that was deleted") if is_news else None
    if link is None:
        return Difference("a record we do not know")
    if link.state is not LinkState.LINKED:
        return Difference(f"a record that is {link.state} with us")
    carried = any(remote in snapshot.values for remote in spoke.canonical_of)
    # Clocks are coarse: what was changed again in the instant of our write has the same version.
    if not carried and link.version == snapshot.version:
        return None
    fields: dict[str, tuple[str | None, str | None]] = {}
    for remote, names in spoke.canonical_of.items():
        if remote not in snapshot.values:
            continue
        shown = snapshot.values[remote] or None
        for name in names:
            agreed = link.base.get(name)
            if agreed is None or (agreed.remote or None) != shown:
                fields[remote] = ((agreed.remote if agreed else None), shown)
    return Difference("values that changed", fields) if fields else None


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
    """Read a connection again, never twice at once; a full run that was cut short goes on.

    Args:
        engine: the service.
        connection: its name.
        is_full: read the whole list, not only what changed.
        progress: told after each page.
    """
    spoke = engine.spoke(connection)
    report = PullReport()
    run_id = engine.store.transact(lambda tx: _begin(engine, tx, spoke, is_full=is_full))
    if run_id is None:
        return RunResult(None, report, "busy")
    _read_all(engine, spoke, run_id, report, progress=progress)
    state = "failed" if report.error else "done"
    engine.store.transact(
        lambda tx: runs.end_run(
            tx, run_id, state=state, report=asdict(report), now_ms=engine.now_ms()
        )
    )
    return RunResult(run_id, report, state)


def _begin(engine: Engine, tx: Transaction, spoke: Spoke, *, is_full: bool) -> int | None:
    """Begin a run, and with a full one the lists anew, unless the last one did not get through."""
    kind = "full" if is_full else "incremental"
    now_ms = engine.now_ms()
    run_id = runs.begin_run(tx, spoke.name, kind, now_ms=now_ms, lease_until_ms=now_ms + _LEASE_MS)
    if run_id is not None and is_full and not runs.was_cut_short(tx, run_id):
        for feed in spoke.connector.capabilities.feeds:
            runs.drop_cursor(tx, spoke.name, feed)
    return run_id


def _read_all(
    engine: Engine,
    spoke: Spoke,
    run_id: int,
    report: PullReport,
    *,
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
            pull_feed(engine, spoke, feed, report, progress=alive)
        while refresh_records(engine, spoke.name):
            alive(report)
        _catch_up(engine, spoke)
    except RemoteError as exc:
        report.error = f"{exc.cause}: {exc}"
        _note_failure(engine, spoke.name, exc)


@dataclass(slots=True)
class Rehearsal:
    """What a resync would find."""

    report: PullReport = field(default_factory=PullReport)
    #: A few of the records that would be read.
    samples: list[tuple[Snapshot, Difference]] = field(default_factory=list)


def rehearse(
    engine: Engine,
    connection: str,
    *,
    is_full: bool = False,
    progress: Progress | None = None,
    samples: int = 5,
) -> Rehearsal:
    """Read a connection's lists as `resync` would, and write nothing: neither here nor there.

    Args:
        engine: the service.
        connection: its name.
        is_full: the whole lists, not only what changed.
        progress: told after each page.
        samples: keep so many differences.

    Raises:
        RemoteError: a page could not be read.
    """
    spoke = engine.spoke(connection)
    found = Rehearsal()
    for feed in spoke.connector.capabilities.feeds:
        for page in _pages(engine, spoke, feed, is_full=is_full):
            changed = engine.store.read(
                partial(differing, spoke=spoke, snapshots=page.snapshots),
            )
            found.report.add(page, len(changed))
            found.samples += changed[: samples - len(found.samples)]
            if progress is not None:
                progress(found.report)
    return found


def _pages(engine: Engine, spoke: Spoke, feed: str, *, is_full: bool) -> Iterator[Page]:
    cursor = None
    if not is_full:
        cursor = engine.store.read(lambda tx: runs.load_cursor(tx, spoke.name, feed))
    while True:
        page = spoke.connector.pull(feed, cursor)
        yield page
        if not page.has_more:
            return
        cursor = page.cursor
