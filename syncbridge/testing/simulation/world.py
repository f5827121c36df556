"""A simulated world: vendors and people around the real engine, one action after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from random import Random
from types import SimpleNamespace
from typing import Any

from syncbridge.engine import rounds, sweep
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.errors import StoreBusy
from syncbridge.mapping.declaration import CanonicalContact, ContactMapping
from syncbridge.mapping.loader import load_contact, load_mapping
from syncbridge.model.golden import FieldRule
from syncbridge.model.states import Mode
from syncbridge.store import ids
from syncbridge.store.cipher import Cipher
from syncbridge.store.session import Store, Transaction, open_store
from syncbridge.store.work_tables import metadata
from syncbridge.testing.clock import MovableClock
from syncbridge.testing.simulation.channel import ChannelVendor, SimChannel
from syncbridge.testing.simulation.crm import CrmVendor, without
from syncbridge.testing.simulation.crm_connector import connector_of
from syncbridge.testing.simulation.ledger import Ledger
from syncbridge.testing.simulation.plan import Action, CrmTraits, WorldPlan
from syncbridge.testing.simulation.post import Post
from syncbridge.testing.simulation.trouble import Crash, FaultyStore, Wire

_KEY = bytes(range(32))


class SimBell:
    """Remembers what was rung, and when somebody rang before the commit."""

    def __init__(self, store: FaultyStore) -> None:
        self.rung: dict[tuple[Table, str], None] = {}
        self.early: list[str] = []
        self.posts: list[tuple[Table, str]] = []
        self._store = store

    def ring(self, table: Table, connection: str = "") -> None:
        """Note the posts that have to look at their table."""
        if self._store.is_working:
            self.early.append(f"{table} {connection}".strip())
        for post in self.posts:
            if post[0] == table and connection in ("", post[1]):
                self.rung[post] = None


class SimWorld:
    """Everything of one world; `perform` lets one thing happen."""

    def __init__(self, plan: WorldPlan) -> None:
        self.plan = plan
        self.clock = MovableClock()
        self.ledger = Ledger()
        self.wire = Wire(self.clock)
        self.story: list[str] = []
        #: What the engine raised and should not have.
        self.failures: list[str] = []
        #: The engine's operation under way, so that vendors know which calls belong together.
        self.operation = 0
        self._operations = 0
        self.crashes = 0
        #: (person, field) -> the latest edit made in the console.
        self.decisions: dict[tuple[str, str], int] = {}
        self.said = 0
        chance = Random(plan.seed * 31 + 3)  # noqa: S311 - seeded worlds, no cryptography
        self.post = Post(self.clock, chance, frozenset(plan.channels))
        self.store = FaultyStore(_empty_store())
        self.crms = {
            traits.name: CrmVendor(
                traits,
                without(_mapping("hubspot"), traits.lacks),
                self.clock,
                self.ledger,
                tell=self.post.tell,
                chance=chance,
            )
            for traits in plan.crms
        }
        self.channels = {
            name: ChannelVendor(name, self.clock, self.ledger, tell=self.post.tell)
            for name in plan.channels
        }
        self.bell = SimBell(self.store)
        self.engine = self._engine()

    # The engine.

    def _engine(self) -> Engine:
        spokes = [
            *(self._channel(vendor) for vendor in self.channels.values()),
            *(self._crm(vendor) for vendor in self.crms.values()),
        ]
        engine = Engine(
            store=self.store,
            cipher=Cipher(_KEY),
            spokes={spoke.name: spoke for spoke in spokes},
            rules=rules_of(_canonical(), spokes, {one.name: one for one in self.plan.rules}),
            now=self.clock,
            bell=self.bell,
        )
        self.bell.posts = rounds.posts(engine)
        self.bell.rung.clear()
        return engine

    def _crm(self, vendor: CrmVendor) -> Spoke:
        traits: CrmTraits = vendor.traits
        return Spoke(
            name=traits.name,
            connector=connector_of(vendor, self.wire, self.clock, lambda: self.operation),
            mapping=vendor.mapping,
            rank=traits.rank,
            mode=Mode.LIVE,
            logs_sessions=traits.logs_sessions,
        )

    def _channel(self, vendor: ChannelVendor) -> Spoke:
        return Spoke(
            name=vendor.name,
            connector=SimChannel(vendor, self.wire),
            mapping=_mapping("whatsapp"),
            mode=Mode.LIVE,
            scope="portfolio",
        )

    def restart(self) -> None:
        """Throw the process away and begin a new one on the same database."""
        self.crashes += 1
        self.store.armed.clear()
        self.store.is_working = False
        self.engine = self._engine()
        sweep.recover(self.engine)
        sweep.sweep(self.engine)

    def operate(self, what: str, work: Callable[[Engine], object]) -> object:
        """Let the engine do something; a crash or a busy database is part of life.

        Nested in another operation (something else at the same time) a crash ends both.
        """
        outer = self.operation
        self._operations += 1
        self.operation = self._operations
        try:
            return work(self.engine)
        except StoreBusy:
            self.tell(f"the database refused: {what}")
        except Exception as exc:  # noqa: BLE001 - nothing may escape from the engine
            self.failures.append(f"{what}: {type(exc).__name__}: {exc}")
        finally:
            self.operation = outer
        return None

    # The story.

    def tell(self, line: str) -> None:
        """Add a line to the story."""
        at = self.clock.at.strftime("%d %H:%M:%S.%f")[:-3]
        self.story.append(f"{at}  {line}")

    def perform(self, action: Action, handlers: Handlers) -> None:
        """Let one thing happen; a crash of the service begins a new process."""
        chance = action.chance()
        self.clock.advance(ms=chance.choice((0, 0, 1, 40, 300, 1_000, 3_000)))
        for vendor in self.crms.values():
            vendor.commit_late()
        try:
            handlers[action.name](self, chance)
        except Crash as crash:
            self.tell(f"CRASH {crash}; a new process begins")
            self.restart()

    def close(self) -> None:
        """Empty the database for the next world."""

        def work(tx: Transaction) -> None:
            for table in metadata.sorted_tables:
                tx.execute(table.delete())

        self.store.inner.transact(work)
        _kept_stores.append(self.store.inner)


Handlers = dict[str, Callable[[SimWorld, Random], None]]


@cache
def _canonical() -> CanonicalContact:
    return load_contact()


@cache
def _mapping(name: str) -> ContactMapping:
    return load_mapping(name, [], _canonical())


_kept_stores: list[Store] = []


def _empty_store() -> Store:
    """Answer a database with empty tables; making them anew takes longer than emptying them."""
    if not _kept_stores:
        store = open_store("sqlite://")
        metadata.create_all(store.engine)
        return store
    return _kept_stores.pop()


def rules_of(
    canonical: CanonicalContact, spokes: list[Spoke], changed: dict[str, FieldRule]
) -> dict[str, FieldRule]:
    """Answer each field's rule, its window that of the coarsest clock that writes it."""
    windows: dict[str, int] = {}
    for spoke in spokes:
        for declared in spoke.mapping.fields:
            if not declared.fills_only:
                window_ms = spoke.connector.capabilities.window_ms
                windows[declared.canonical] = max(window_ms, windows.get(declared.canonical, 1))
    return {
        name: replace(changed.get(name, declared.rule), window_ms=windows.get(name, 1))
        for name, declared in canonical.fields.items()
    }


@contextmanager
def seeded_ids(world: SimWorld) -> Iterator[None]:
    """Draw the ids of rows from the world's seed and clock, so that a seed replays exactly."""
    chance = Random(world.plan.seed * 17 + 5)  # noqa: S311 - seeded worlds, no cryptography
    clock = SimpleNamespace(time_ns=lambda: world.clock.ms * 1_000_000)
    noise = SimpleNamespace(randbits=chance.getrandbits)
    drawn: Any = ids
    kept = drawn.time, drawn.secrets
    drawn.time, drawn.secrets = clock, noise
    try:
        yield
    finally:
        drawn.time, drawn.secrets = kept
