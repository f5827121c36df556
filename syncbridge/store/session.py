"""Transactions: one door for all writing, the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import contextlib
import hashlib
import queue
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import cache
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Connection,
    Engine,
    RootTransaction,
    Table,
    create_engine,
    event,
    literal_column,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql.elements import ColumnElement
from typing_extensions import override

from syncbridge.errors import StoreBusy

#: How many waiting works one commit may carry.
_GROUP: Final = 256
_PG_TRIES: Final = 6
#: PostgreSQL's serialization_failure and deadlock_detected: the same work may succeed.
_PG_AGAIN: Final = frozenset({"40001", "40P01"})

T = TypeVar("T")
#: An open transaction, as works are given it.
Transaction = Connection
Work = Callable[[Transaction], T]


class Store(ABC):
    """A database that carries out works.

    A work takes an open connection, does no other I/O and may be run again: on PostgreSQL after a
    serialisation failure, anywhere after a crash.
    """

    engine: Engine

    @abstractmethod
    def transact(self, work: Work[T]) -> T:
        """Run a work in a transaction and answer its result once that is durable.

        Raises:
            StoreBusy: the database refused; nothing of the work was kept.
        """

    def read(self, work: Work[T]) -> T:
        """Run a work that only reads, on a consistent snapshot.

        Raises:
            StoreBusy: the database refused.
        """
        try:
            with self.engine.connect() as conn:
                if conn.dialect.name == "postgresql":
                    # Otherwise every statement would see the database of its own moment.
                    conn = conn.execution_options(isolation_level="REPEATABLE READ")
                return work(conn)
        except OperationalError as exc:
            raise StoreBusy(str(exc.orig)) from exc

    def close(self) -> None:
        """Finish what was begun and let go of all connections."""
        self.engine.dispose()


def open_store(url: str) -> Store:
    """Open the database of an SQLAlchemy URL (sqlite or postgresql)."""
    target = make_url(url)
    if target.get_backend_name() != "sqlite":
        return PostgresStore(url)
    if target.database in (None, "", ":memory:"):
        return MemoryStore(url)
    return SqliteStore(url)


class PostgresStore(Store):
    """PostgreSQL: every thread has its own connection, conflicts are run again."""

    def __init__(self, url: str, *, pool_size: int = 20) -> None:
        target = make_url(url)
        if target.drivername == "postgresql":
            target = target.set(drivername="postgresql+psycopg")
        self.engine = create_engine(
            target, pool_size=pool_size, max_overflow=20, pool_pre_ping=True
        )

    @override
    def transact(self, work: Work[T]) -> T:
        for left in range(_PG_TRIES - 1, -1, -1):
            try:
                with self.engine.begin() as conn:
                    return work(conn)
            except DBAPIError as exc:
                if left and getattr(exc.orig, "sqlstate", None) in _PG_AGAIN:
                    continue
                if isinstance(exc, OperationalError):
                    raise StoreBusy(str(exc.orig)) from exc
                raise
        raise StoreBusy("the same transaction lost against others too often")


class SqliteStore(Store):
    """SQLite in WAL mode with full sync: one writer thread, one commit for all that waits.

    Works that share a commit run in a savepoint each, so one that fails takes nothing with it;
    callers are released after the commit that made their work durable.
    """

    def __init__(self, url: str) -> None:
        self.engine = _sqlite_engine(url, begin="BEGIN", in_memory=False)
        self._writing = _sqlite_engine(url, begin="BEGIN IMMEDIATE", in_memory=False)
        self._works: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._closing = threading.Lock()
        self._is_closed = False
        self._writer = threading.Thread(target=self._write, name="store-writer", daemon=True)
        self._writer.start()

    @override
    def transact(self, work: Work[T]) -> T:
        waiting = _Waiting(work)
        with self._closing:
            if self._is_closed:
                raise StoreBusy("the store is closed")
            self._works.put(waiting)
        result: T = waiting.done.result()
        return result

    @override
    def close(self) -> None:
        with self._closing:
            if self._is_closed:
                return
            self._is_closed = True
            self._works.put(None)
        self._writer.join()
        self._writing.dispose()
        super().close()

    def _write(self) -> None:
        with contextlib.ExitStack() as held:
            conn: Connection | None = None
            while (first := self._works.get()) is not None:
                group, is_last = self._gather(first)
                try:
                    # Not before the first work: who waits for it has to hear when it fails.
                    conn = conn or held.enter_context(self._writing.connect())
                    _commit(conn, group)
                except (SQLAlchemyError, OSError) as exc:
                    for waiting in group:
                        waiting.fail(exc)
                if is_last:
                    return

    def _gather(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        """Take what waits; say whether the store was closed meanwhile."""
        group = [first]
        while len(group) < _GROUP:
            try:
                following = self._works.get_nowait()
            except queue.Empty:
                break
            if following is None:
                return group, True
            group.append(following)
        return group, False


def _commit(conn: Connection, group: list[_Waiting]) -> None:
    with conn.begin() as transaction:
        if len(group) == 1:
            group[0].run_alone(conn, transaction)
        else:
            for waiting in group:
                waiting.run(conn)
    for waiting in group:
        waiting.release()


class MemoryStore(Store):
    """SQLite in memory, for tests and simulations: one connection, works run where they are called.

    What is committed lasts as long as the process: nothing is gained by a thread of its own.
    """

    def __init__(self, url: str = "sqlite://") -> None:
        self.engine = _sqlite_engine(url, begin="BEGIN", in_memory=True)
        self._one_at_a_time = threading.Lock()

    @override
    def transact(self, work: Work[T]) -> T:
        try:
            with self._one_at_a_time, self.engine.begin() as conn:
                return work(conn)
        except OperationalError as exc:
            raise StoreBusy(str(exc.orig)) from exc

    @override
    def read(self, work: Work[T]) -> T:
        # The one connection is the writer's too.
        return self.transact(work)


class _Waiting:
    """One work in the writer's queue, and the caller that waits for it."""

    def __init__(self, work: Work[Any]) -> None:
        self.work = work
        self.done: Future[Any] = Future()
        self._result: Any = None
        self._error: BaseException | None = None

    def run(self, conn: Connection) -> None:
        conn.exec_driver_sql("SAVEPOINT work")
        try:
            self._result = self.work(conn)
        except BaseException as exc:  # noqa: BLE001 - handed to the caller in `release`
            self._error = exc
            conn.exec_driver_sql("ROLLBACK TO work")
        conn.exec_driver_sql("RELEASE work")

    def run_alone(self, conn: Connection, transaction: RootTransaction) -> None:
        try:
            self._result = self.work(conn)
        except BaseException as exc:  # noqa: BLE001 - handed to the caller in `release`
            self._error = exc
            transaction.rollback()

    def release(self) -> None:
        if self._error is None:
            self.done.set_result(self._result)
        elif isinstance(self._error, OperationalError):
            self.fail(self._error)
        else:
            self.done.set_exception(self._error)

    def fail(self, exc: BaseException) -> None:
        busy = StoreBusy(str(getattr(exc, "orig", None) or exc))
        busy.__cause__ = exc
        self.done.set_exception(busy)


def _sqlite_engine(url: str, *, begin: str, in_memory: bool) -> Engine:
    if in_memory:
        engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        wait = {} if "timeout" in make_url(url).query else {"timeout": 15}
        engine = create_engine(url, pool_size=16, max_overflow=48, connect_args=wait)

    @event.listens_for(engine, "connect")
    def prepare(dbapi_connection: Any, _record: object) -> None:
        # The driver must not begin transactions of its own: "begin" below decides which sort.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.execute("PRAGMA cache_size=-32000")
        cursor.close()

    @event.listens_for(engine, "begin")
    def open_transaction(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine


def insert(conn: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Answer the dialect's INSERT, which knows ON CONFLICT."""
    return _insert(conn.dialect.name, table)


@cache
def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    # One for each table: what it derives for ON CONFLICT (`excluded`) costs more than running it.
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


def fixed(value: str) -> ColumnElement[str]:
    """Answer a constant of ours as a literal, so that a partial index is seen to apply."""
    return literal_column(f"'{value}'")


def lock_names(conn: Connection, names: Iterable[str]) -> None:
    """Hold all these names until the transaction ends, in one order everywhere.

    Identities and messages are locked by name before they are looked for: what is not there yet
    has no row to lock. On SQLite the transaction itself is the lock.
    """
    if conn.dialect.name == "sqlite":
        return
    keys = sorted({_lock_key(name) for name in names})
    if keys:
        conn.execute(
            text(
                "SELECT pg_advisory_xact_lock(k) FROM "
                "(SELECT unnest(CAST(:keys AS bigint[])) AS k ORDER BY 1) AS ordered"
            ),
            {"keys": keys},
        )


def _lock_key(name: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(name.encode(), digest_size=8).digest(), "big", signed=True
    )
