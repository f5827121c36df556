"""The one door for writing, on every database: kept whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from syncbridge.errors import StoreBusy
from syncbridge.store import runs
from syncbridge.store.session import Store, Transaction, open_store
from syncbridge.store.tables import metadata


@pytest.fixture(params=["memory", "file", pytest.param("pg", marks=pytest.mark.postgresql)])
def store(request: pytest.FixtureRequest, tmp_path) -> Iterator[Store]:
    urls: dict[str, Callable[[], str]] = {
        "memory": lambda: "sqlite://",
        "file": lambda: f"sqlite:///{tmp_path}/store.db",
        "pg": lambda: request.getfixturevalue("postgresql_url"),
    }
    opened = open_store(urls[request.param]())
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


def count(tx: Transaction) -> int:
    runs.count(tx, "hs", {"seen": 1})
    return counted(tx)


def counted(tx: Transaction) -> int:
    return runs.read_counters(tx).get("hs", {}).get("seen", 0)


class Interrupted(BaseException):
    """Like a signal: not an Exception."""


def test_a_work_answers_what_it_sees_and_is_kept(store):
    assert store.transact(count) == 1
    assert store.read(counted) == 1


@pytest.mark.parametrize("error", [ValueError, Interrupted])
def test_a_work_that_fails_keeps_nothing_and_the_door_stays_open(store, error):
    def fail(tx: Transaction) -> None:
        count(tx)
        raise error("on the way")

    with pytest.raises(error, match="on the way"):
        store.transact(fail)
    assert store.read(counted) == 0
    assert store.transact(count) == 1


def test_what_many_threads_write_at_once_is_all_kept(store):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: store.transact(count), range(40)))
    assert store.read(counted) == 40


def test_some_of_many_that_fail_take_no_other_with_them(store):
    def maybe(number: int) -> None:
        def work(tx: Transaction) -> None:
            count(tx)
            if number % 3 == 0:
                raise ValueError(number)

        store.transact(work)

    with ThreadPoolExecutor(8) as threads:
        outcomes = [threads.submit(maybe, number) for number in range(30)]
    failed = [number for number, one in enumerate(outcomes) if one.exception()]
    assert failed == list(range(0, 30, 3))
    assert store.read(counted) == 20


def test_a_closed_file_takes_no_more_work(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/closed.db")
    metadata.create_all(store.engine)
    store.transact(count)
    store.close()
    store.close()
    with pytest.raises(StoreBusy, match="closed"):
        store.transact(count)


def test_what_waits_when_a_file_is_closed_is_still_done(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/closing.db")
    metadata.create_all(store.engine)
    with ThreadPoolExecutor(8) as threads:
        outcomes = [threads.submit(store.transact, count) for _ in range(30)]
        store.close()
    kept = [one for one in outcomes if one.exception() is None]
    refused = [one.exception() for one in outcomes if one.exception() is not None]
    assert all(isinstance(error, StoreBusy) for error in refused)
    again = open_store(f"sqlite:///{tmp_path}/closing.db")
    assert again.read(counted) == len(kept)
    again.close()


def test_a_file_that_cannot_be_opened_is_busy_not_broken(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/nowhere/store.db")
    with pytest.raises(StoreBusy):
        store.transact(count)
    with pytest.raises(StoreBusy):
        store.read(counted)
    store.close()
