"""A channel of a simulated world: customers who write to the company, and what the vendor says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import ClassVar

from typing_extensions import override

from syncbridge.clock import from_ms
from syncbridge.errors import NotFound
from syncbridge.model.conversation import (
    Content,
    Direction,
    Media,
    MessageKind,
    MessageRef,
    MessageStatus,
)
from syncbridge.model.event import (
    Body,
    ConsentSaid,
    Event,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    Parsed,
    PeerMoved,
    ReactionSeen,
    StatusSeen,
)
from syncbridge.model.identity import Peer
from syncbridge.model.record import Kind
from syncbridge.remote.base import (
    Account,
    Capabilities,
    Connector,
    Finding,
    MediaFile,
    Option,
    WebhookRequest,
)
from syncbridge.testing import wire as envelope
from syncbridge.testing.clock import MovableClock
from syncbridge.testing.simulation.ledger import Ledger
from syncbridge.testing.simulation.trouble import Wire

_SECOND = 1000


@dataclass(slots=True)
class Customer:
    """A person who writes on a channel, as only the world knows them."""

    key: str
    channel: str
    number: str
    user_id: str
    given: str
    name: str
    shows_number: bool = True
    #: Every number they ever had.
    numbers: list[str] = field(default_factory=list)
    #: Whether we were ever given the user id together with the number.
    has_shown_both: bool = False
    #: (the vendor's time, whether they stopped), in the order in which it was said.
    consents: list[tuple[int, bool]] = field(default_factory=list)
    #: Field -> the edit of their latest profile.
    profile: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class SimMessage:
    """One message, with all that ever happened to it."""

    remote_id: str
    token: str
    customer: str
    channel: str
    direction: Direction
    text: str
    at_ms: int
    media_id: str = ""
    #: (the vendor's time, text).
    edits: list[tuple[int, str]] = field(default_factory=list)
    #: (the vendor's time, side, emoji).
    reactions: list[tuple[int, Direction, str]] = field(default_factory=list)
    statuses: list[tuple[int, MessageStatus]] = field(default_factory=list)
    is_revoked: bool = False


class ChannelVendor:
    """The state of one simulated channel."""

    def __init__(
        self,
        name: str,
        clock: MovableClock,
        ledger: Ledger,
        *,
        tell: Callable[[str, list[Event]], None],
    ) -> None:
        self.name = name
        self.customers: list[Customer] = []
        self.messages: list[SimMessage] = []
        self._clock = clock
        self._ledger = ledger
        self._tell = tell
        self._told = 0

    @property
    def now_ms(self) -> int:
        """Its clock shows whole seconds."""
        return self._clock.ms // _SECOND * _SECOND

    def peer(self, customer: Customer, *, with_name: bool = False) -> Peer:
        """Answer a customer as this channel shows them."""
        return Peer(
            number=customer.number if customer.shows_number else "",
            user_id=customer.user_id,
            name=customer.name if with_name else None,
        )

    def join(self, customer: Customer) -> None:
        """Somebody begins to use the channel."""
        customer.numbers.append(customer.number)
        self.customers.append(customer)

    def say(self, customer: Customer, text: str, *, media_id: str, with_name: bool) -> SimMessage:
        """A customer writes."""
        message = self._message(customer, text, Direction.INBOUND, media_id)
        self._show(customer, with_name=with_name)
        kind = MessageKind.IMAGE if media_id else MessageKind.TEXT
        media = Media(media_id, "image/jpeg") if media_id else None
        body = MessageSeen(
            MessageRef(message.remote_id, message.token),
            self.peer(customer, with_name=with_name),
            Direction.INBOUND,
            Content(kind, text, media),
        )
        self._send(f"message:{message.remote_id}", body)
        return message

    def answer(self, customer: Customer, text: str) -> SimMessage:
        """The company writes from its own app; the channel tells us of it."""
        message = self._message(customer, text, Direction.OUTBOUND, "")
        self._show(customer, with_name=False)
        body = MessageSeen(
            MessageRef(message.remote_id, message.token),
            self.peer(customer),
            Direction.OUTBOUND,
            Content(MessageKind.TEXT, text),
        )
        self._send(f"message:{message.remote_id}", body)
        return message

    def _message(
        self, customer: Customer, text: str, direction: Direction, media_id: str
    ) -> SimMessage:
        number = len(self.messages) + 1
        message = SimMessage(
            f"wamid.{self.name}.{number}",
            f"{self.name}.{number}",
            customer.key,
            self.name,
            direction,
            text,
            self.now_ms,
            media_id,
        )
        self.messages.append(message)
        return message

    def ref(self, message: SimMessage, chance: Random) -> MessageRef:
        """Answer a message's id as another event spells it."""
        if chance.random() < 0.2:
            return MessageRef(f"{message.remote_id}==", message.token)
        return MessageRef(message.remote_id, message.token)

    def advance(self, message: SimMessage, status: MessageStatus, chance: Random) -> None:
        """An outbound message gets further, or fails."""
        message.statuses.append((self.now_ms, status))
        is_failed = status is MessageStatus.FAILED
        body = StatusSeen(
            self.ref(message, chance),
            status,
            error_code=131026 if is_failed else None,
            error_text="Message undeliverable" if is_failed else "",
        )
        self._send(f"status:{message.remote_id}:{status}", body)

    def react(self, message: SimMessage, side: Direction, emoji: str, chance: Random) -> None:
        """Somebody puts a reaction on a message, or takes it away."""
        message.reactions.append((self.now_ms, side, emoji))
        customer = next(one for one in self.customers if one.key == message.customer)
        body = ReactionSeen(self.ref(message, chance), emoji, side, self.peer(customer))
        self._send(f"reaction:{message.remote_id}:{len(message.reactions)}", body)

    def rewrite(self, message: SimMessage, text: str, chance: Random) -> None:
        """A message's writer changes it."""
        message.edits.append((self.now_ms, text))
        body = MessageEdited(self.ref(message, chance), Content(MessageKind.TEXT, text))
        self._send(f"edit:{message.remote_id}:{len(message.edits)}", body)

    def revoke(self, message: SimMessage, chance: Random) -> None:
        """A message's writer withdraws it."""
        message.is_revoked = True
        self._send(f"revoke:{message.remote_id}", MessageRevoked(self.ref(message, chance)))

    def move(self, customer: Customer, number: str) -> None:
        """A customer takes another number; the channel announces it."""
        previous = replace(self.peer(customer), number=customer.number)
        customer.number = number
        customer.numbers.append(number)
        customer.shows_number = True
        self._show(customer, with_name=False)
        self._send(f"moved:{customer.key}:{number}", PeerMoved(previous, self.peer(customer)))

    def consent(self, customer: Customer, *, is_opted_out: bool) -> None:
        """A customer stops or resumes marketing messages."""
        customer.consents.append((self.now_ms, is_opted_out))
        body = ConsentSaid(self.peer(customer), is_opted_out)
        self._send(f"consent:{customer.key}:{len(customer.consents)}", body)

    def _show(self, customer: Customer, *, with_name: bool) -> None:
        """Remember which values of a person the channel has told us."""
        said: dict[str, str] = {}
        if customer.shows_number:
            customer.has_shown_both = True
            said |= {"phone": f"+{customer.number}", "whatsapp_number": f"+{customer.number}"}
        if with_name:
            given, _, family = customer.name.partition(" ")
            said |= {"whatsapp_name": customer.name, "given_name": given, "family_name": family}
        for name, value in said.items():
            before = customer.profile.get(name)
            if before is not None and self._ledger.edits[before].value == value:
                continue
            over = () if before is None else (before,)
            customer.profile[name] = self._ledger.note(
                self.name,
                customer.key,
                name,
                value,
                at_ms=self._clock.ms,
                over=over,
                origin="channel",
            ).id

    def _send(self, key: str, body: Body) -> None:
        self._told += 1
        self._tell(self.name, [Event(key, from_ms(self.now_ms), body)])


class SimChannel(Connector):
    """Speaks to a simulated channel."""

    name: ClassVar[str] = "sim_channel"
    default_base_url: ClassVar[str] = "http://sim.invalid"
    options: ClassVar[tuple[Option, ...]] = ()
    capabilities: ClassVar[Capabilities] = Capabilities(
        reads=frozenset({Kind.MESSAGE, Kind.CONTACT}),
        window_ms=_SECOND,
        has_media=True,
        is_channel=True,
    )

    def __init__(self, vendor: ChannelVendor, wire: Wire) -> None:
        self.vendor = vendor
        self._wire = wire

    @property
    @override
    def skew_ms(self) -> int:
        return 0

    @override
    def verify(self, request: WebhookRequest) -> None:
        envelope.verify(request)

    @override
    def parse(self, body: bytes) -> Parsed:
        return envelope.parse(body)

    @override
    def account(self) -> Account:
        return self._wire.call(self.vendor.name, lambda: Account(self.vendor.name))

    @override
    def check(self) -> list[Finding]:
        return []

    @override
    def fetch_media(self, remote_id: str) -> MediaFile:
        def effect() -> MediaFile:
            if remote_id.startswith("lost"):
                raise NotFound("the file is gone", connection=self.vendor.name)
            return MediaFile(remote_id.encode(), "image/jpeg")

        return self._wire.call(self.vendor.name, effect)
