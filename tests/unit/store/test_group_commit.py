"""SQLite's writer: works that wait together share a commit, and one that fails is undone alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from syncbridge.store import runs
from syncbridge.store.session import SqliteStore, Transaction
from syncbridge.store.tables import metadata


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(f"sqlite:///{tmp_path}/group.db")
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


def count(name: str):
    return lambda tx: runs.count(tx, "wa", {name: 1})


def fail_after_writing(tx: Transaction) -> None:
    runs.count(tx, "wa", {"undone": 1})
    raise LookupError("on purpose")


def counted(store: SqliteStore) -> dict[str, int]:
    return store.read(runs.read_counters).get("wa", {})


def test_a_work_that_fails_alone_is_undone_and_the_next_goes_on(store: SqliteStore) -> None:
    with pytest.raises(LookupError):
        store.transact(fail_after_writing)
    store.transact(count("kept"))
    assert counted(store) == {"kept": 1}


def test_a_work_that_fails_in_a_group_takes_nothing_with_it(store: SqliteStore) -> None:
    is_running, may_end = threading.Event(), threading.Event()

    def hold(_tx: Transaction) -> None:
        is_running.set()
        assert may_end.wait(10)

    with ThreadPoolExecutor(4) as crowd:
        held = crowd.submit(store.transact, hold)
        assert is_running.wait(10)
        before = crowd.submit(store.transact, count("before"))
        failing = crowd.submit(store.transact, fail_after_writing)
        after = crowd.submit(store.transact, count("after"))
        may_end.set()
        for future in (held, before, after):
            future.result()
        with pytest.raises(LookupError):
            failing.result()
    assert counted(store) == {"before": 1, "after": 1}
