"""What many callers want stored at once is stored by one of them, and each gets its own answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from syncbridge.errors import StoreBusy
from syncbridge.store import inbox, runs
from syncbridge.store.gathering import Gathering
from syncbridge.store.inbox import Arrival
from syncbridge.store.session import Store, open_store
from syncbridge.store.tables import deliveries, metadata


class Door:
    """A store that keeps its transactions waiting until it is opened."""

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.entered = threading.Event()

    def transact(self, work: Callable[[Any], Any]) -> Any:
        self.entered.set()
        assert self.opened.wait(10)
        return work(None)


class Ledger:
    """A work that doubles numbers, refuses some, and remembers which came together."""

    def __init__(self, *refused: int) -> None:
        self.groups: list[list[int]] = []
        self.refused = refused

    def __call__(self, _tx: object, items: Sequence[int]) -> list[int]:
        for item in items:
            if item in self.refused:
                raise ValueError(f"{item} is refused")
        self.groups.append(list(items))
        return [item * 2 for item in items]


def put_all(gathering: Gathering[int, int], door: Door, items: range) -> dict[int, Future[int]]:
    """Put one item, then all others while its transaction is under way."""
    with ThreadPoolExecutor(len(items)) as crowd:
        futures = {items[0]: crowd.submit(gathering.put, items[0])}
        assert door.entered.wait(10)
        for item in items[1:]:
            futures[item] = crowd.submit(gathering.put, item)
        wait_until(lambda: len(gathering._waiting) == len(items) - 1)
        door.opened.set()
    return futures


def wait_until(is_true: Callable[[], bool]) -> None:
    turn = threading.Event()
    for _ in range(10_000):
        if is_true():
            return
        turn.wait(0.001)
    raise AssertionError("it never came to that")


def test_who_comes_while_a_commit_is_under_way_shares_the_next_one() -> None:
    door, ledger = Door(), Ledger()
    futures = put_all(Gathering(door, ledger), door, range(8))  # type: ignore[arg-type]
    assert [len(group) for group in ledger.groups] == [1, 7]
    assert {item: future.result() for item, future in futures.items()} == {
        item: item * 2 for item in range(8)
    }


def test_an_item_that_breaks_the_work_takes_no_other_with_it() -> None:
    door, ledger = Door(), Ledger(3)
    futures = put_all(Gathering(door, ledger), door, range(6))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="3 is refused"):
        futures.pop(3).result()
    assert {item: future.result() for item, future in futures.items()} == {
        item: item * 2 for item in (0, 1, 2, 4, 5)
    }


def test_a_store_that_refuses_is_told_to_everybody_and_the_next_is_served() -> None:
    class Shut:
        is_shut = True

        def transact(self, work: Callable[[Any], Any]) -> Any:
            if self.is_shut:
                raise StoreBusy("the disk is full")
            return work(None)

    store = Shut()
    gathering = Gathering(store, Ledger())  # type: ignore[arg-type]
    with pytest.raises(StoreBusy):
        gathering.put(1)
    store.is_shut = False
    assert gathering.put(2) == 4


def test_a_crowd_is_noticed_and_a_single_caller_is_none() -> None:
    door = Door()
    gathering = Gathering(door, Ledger())  # type: ignore[arg-type]
    door.opened.set()
    gathering.put(1)
    assert not gathering.is_crowded
    door.opened.clear()
    door.entered.clear()
    put_all(gathering, door, range(8))
    assert gathering.is_crowded


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path}/inbox.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_url")
    opened = open_store(url)
    metadata.create_all(opened.engine)
    yield opened
    opened.close()


def arrival(number: int, digest: str, connection: str = "wa") -> Arrival:
    return Arrival(connection, digest, b"sealed", 1_000 + number, f"{number:032d}")


def test_of_deliveries_stored_together_each_is_new_once(store: Store) -> None:
    store.transact(lambda tx: inbox.receive(tx, [arrival(0, "old")]))
    told = store.transact(
        lambda tx: inbox.receive(
            tx,
            [
                arrival(1, "old"),
                arrival(2, "new"),
                arrival(3, "new"),
                arrival(4, "new", "other"),
            ],
        )
    )
    assert told == [False, True, False, True]
    assert store.read(runs.read_counters) == {"wa": {"repeated_deliveries": 2}}
    count = select(func.count()).select_from(deliveries)
    assert store.read(lambda tx: tx.execute(count).scalar_one()) == 3


def test_deliveries_that_are_all_new_are_all_told_so(store: Store) -> None:
    arrivals = [arrival(number, f"digest {number}") for number in range(40)]
    assert store.transact(lambda tx: inbox.receive(tx, arrivals)) == [True] * 40
    assert store.read(runs.read_counters) == {}
