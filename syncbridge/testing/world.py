"""A whole service in one thread: connections in memory, a movable clock, work done in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from syncbridge.clock import from_ms
from syncbridge.engine import resync, rounds, sweep
from syncbridge.engine.context import Engine, RetryPolicy, Spoke
from syncbridge.engine.deliver import why_not
from syncbridge.engine.intake import receive
from syncbridge.mapping.loader import load_contact, load_mapping
from syncbridge.model.conversation import Content, Direction, MessageKind, MessageRef
from syncbridge.model.event import Body, Event, MessageSeen
from syncbridge.model.golden import FieldRule
from syncbridge.model.identity import Peer
from syncbridge.model.states import EntryState, Mode
from syncbridge.store import inbox, letters, runs
from syncbridge.store.cipher import Cipher
from syncbridge.store.migrate import migrate
from syncbridge.store.outbox import Entry
from syncbridge.store.runs import ConnectionState
from syncbridge.store.session import Store, Transaction, open_store
from syncbridge.store.work_tables import metadata
from syncbridge.testing import wire
from syncbridge.testing.channel import MemoryChannel
from syncbridge.testing.clock import MovableClock
from syncbridge.testing.memory import MemoryCrm

_KEY = bytes(range(32))
#: How far the clock is moved at once while something is known to come.
_STEP_S = 1.0
_PASSES = 2_000


@dataclass(frozen=True, slots=True)
class WorldSettings:
    """What a world consists of."""

    #: CRM connections; the first has the best rank.
    crms: tuple[str, ...] = ("hs",)
    #: The channel's connection.
    channel: str = "wa"
    #: An SQLAlchemy URL; the default is a database in memory.
    url: str = "sqlite://"
    mode: Mode = Mode.LIVE
    logs_sessions: bool = False
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    #: Canonical field -> how it behaves, where it is not as shipped.
    rules: Mapping[str, FieldRule] = field(default_factory=dict)
    #: Whether CRMs send webhooks; without, only polls find their changes.
    has_webhooks: bool = True


class World:
    """An engine on a database, its connections, and people who write and edit.

    Nothing happens by itself: `step` does what is due now, `run_until_quiet` also moves the clock.
    `restart` begins a new engine on the same database, as after a crash.
    """

    def __init__(self, settings: WorldSettings | None = None, **changes: object) -> None:
        self.settings = replace(settings or WorldSettings(), **changes)  # type: ignore[arg-type]
        self.clock = MovableClock()
        self.channel = MemoryChannel.connect(self.settings.channel, {}, now=self.clock)
        self.crms = {
            name: MemoryCrm.connect(name, {}, now=self.clock) for name in self.settings.crms
        }
        self.store: Store = open_store(self.settings.url)
        if self.settings.url == "sqlite://":
            metadata.create_all(self.store.engine)
        else:
            migrate(self.store.engine, url=self.settings.url)
        self.engine = self._engine(self.store)
        self._said = 0

    @property
    def crm(self) -> MemoryCrm:
        """The first CRM."""
        return self.crms[self.settings.crms[0]]

    # Building.

    def _engine(self, store: Store) -> Engine:
        canonical = load_contact()
        rules = {name: one.rule for name, one in canonical.fields.items()}
        channel = Spoke(
            self.settings.channel,
            self.channel,
            load_mapping("whatsapp", [], canonical),
            mode=Mode.LIVE,
        )
        crms = [
            Spoke(
                name,
                crm,
                load_mapping("hubspot", [], canonical),
                rank=10 * (position + 1),
                mode=self.settings.mode,
                logs_sessions=self.settings.logs_sessions,
            )
            for position, (name, crm) in enumerate(self.crms.items())
        ]
        return Engine(
            store=store,
            cipher=Cipher(_KEY),
            spokes={spoke.name: spoke for spoke in (channel, *crms)},
            rules={**rules, **self.settings.rules},
            now=self.clock,
            retry=self.settings.retry,
        )

    def restart(self, *, store: Store | None = None) -> None:
        """Begin a new engine, as a new process does: what the last one held is taken back.

        Args:
            store: another door to the same database; None keeps the open one.
        """
        if store is not None:
            self.store = store
        self.engine = self._engine(self.store)
        sweep.recover(self.engine)

    def close(self) -> None:
        """Let go of the database."""
        self.store.close()

    # What people do.

    def say(
        self,
        text: str,
        *,
        number: str = "491701234567",
        name: str | None = "Anna Berg",
        at: datetime | None = None,
        remote_id: str = "",
        direction: Direction = Direction.INBOUND,
    ) -> str:
        """Write a message on the channel and hand it over; answer its id there."""
        self._said += 1
        remote_id = remote_id or f"wamid.{self._said}"
        body = MessageSeen(
            MessageRef(remote_id),
            Peer(number=number, name=name),
            direction,
            Content(MessageKind.TEXT, text),
        )
        self.hand_over(self.event(body, key=f"message:{remote_id}", at=at))
        return remote_id

    def event(self, body: Body, *, key: str, at: datetime | None = None) -> Event:
        """Answer an event of the channel, said now if no time is given."""
        return Event(key, at or self.clock(), body)

    def hand_over(self, *events: Event, connection: str = "") -> bool:
        """Deliver events in one webhook; answer False if the same bytes came before."""
        request = wire.request_of(wire.body_of(events), self.clock())
        return receive(self.engine, connection or self.settings.channel, request)

    # Running.

    def step(self) -> int:
        """Do what is due now, each table once, then deliver the CRMs' webhooks; answer how much."""
        sweep.sweep(self.engine)
        done = sum(
            rounds.work(self.engine, table, name) for table, name in rounds.posts(self.engine)
        )
        return done + self.deliver_webhooks()

    def deliver_webhooks(self) -> int:
        """Hand over what the CRMs told since the last time; answer how many webhooks that were."""
        count = 0
        for name, crm in self.crms.items():
            told = crm.cabinet.told
            while told:
                if self.settings.has_webhooks:
                    self.hand_over(told[0], connection=name)
                    count += 1
                told.pop(0)
        return count

    def poll(self) -> int:
        """Read what changed in every CRM; answer how many records differed."""
        return sum(resync.poll(self.engine, name).changed for name in self.crms)

    def run_until_quiet(self, *, horizon_s: float = 7_200.0) -> None:
        """Work, poll and move the clock until nothing is due any more.

        Args:
            horizon_s: what is due later than that from now is left alone.

        Raises:
            AssertionError: it never became quiet.
        """
        end_at = self.clock.ms + int(horizon_s * 1000)
        for _ in range(_PASSES):
            if self.step() or self.poll():
                continue
            due_ms = self._next_due_ms()
            if due_ms is None or due_ms > end_at:
                return
            self.clock.advance(ms=max(due_ms - self.clock.ms, 1))
        raise AssertionError(f"not quiet after {_PASSES} rounds: {self.depth()}")

    def _next_due_ms(self) -> int | None:
        """Answer when something is to be done next, None when nothing is."""

        def work(tx: Transaction) -> int | None:
            states = runs.load_connections(tx)
            waiting = inbox.depth(tx)
            soon_ms = self.clock.ms + int(_STEP_S * 1000)
            found = [soon_ms] if waiting.get("due") or waiting.get("deliveries") else []
            for name in self.crms:
                entries = letters.owed_entries(tx, name, limit=1_000)
                dues = [self._due_ms(entry, states.get(name)) for entry in entries]
                found += [max(due_ms, soon_ms) for due_ms in dues if due_ms is not None]
            return min(found, default=None)

        return self.store.read(work)

    def _due_ms(self, entry: Entry, state: ConnectionState | None) -> int | None:
        if entry.state in (EntryState.CLAIMED, EntryState.SENDING):
            return self.clock.ms
        if entry.state is not EntryState.DUE:
            return None
        if state is not None and state.is_suspended(self.clock.ms):
            return max(entry.due_at_ms, state.suspended_until_ms or 0)
        is_held = why_not(self.engine, self.engine.spoke(entry.connection), state)
        return None if is_held else entry.due_at_ms

    def depth(self) -> dict[str, object]:
        """Answer what waits, for messages of failed tests."""
        return {
            "inbox": self.store.read(inbox.depth),
            "outbox": self.store.read(letters.depth),
        }

    # Asking.

    def at(self, seconds: float) -> datetime:
        """Answer an instant so long after now, for messages of a given time."""
        return from_ms(self.clock.ms + int(seconds * 1000))
