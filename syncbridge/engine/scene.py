"""What people said and what happened to it: one transaction's events, applied to persons."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from syncbridge.engine.batch import Batch
from syncbridge.engine.context import Spoke
from syncbridge.engine.messages import lock_name, new_message, peers_in, refs_in, with_content
from syncbridge.engine.resolve import hear_peer, peer_identities, person_of
from syncbridge.engine.talk import Talk
from syncbridge.errors import InvariantBroken
from syncbridge.model.conversation import (
    STATUS_RANK,
    MediaState,
    MessageRef,
    MessageStatus,
)
from syncbridge.model.event import (
    ConsentSaid,
    MediaSeen,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    Notice,
    PeerMoved,
    PeerNamed,
    ReactionSeen,
    StatusSeen,
)
from syncbridge.model.identity import Identity
from syncbridge.model.stamp import Stamp
from syncbridge.store import inbox, parking, records, runs
from syncbridge.store.inbox import StoredEvent

#: How long an orphan is kept for a message that may still come.
_ORPHAN_MS = 30 * 86_400_000


@dataclass(frozen=True, slots=True)
class _Waits:
    """The event refers to a message that was not seen yet."""

    on: MessageRef


@dataclass(frozen=True, slots=True)
class _Refused:
    """The event can never be applied."""

    reason: str


_Result = None | _Waits | _Refused


class Scene:
    """One transaction's events, with everybody and everything they mention loaded."""

    def __init__(self, batch: Batch, events: list[StoredEvent]) -> None:
        self.batch = batch
        self.engine = batch.engine
        self.events = events
        self.talk = Talk(batch)
        self.counts: dict[str, Counter[str]] = defaultdict(Counter)
        self._woken: dict[str, set[str]] = defaultdict(set)
        #: Event id -> the message it waits for.
        self._parked: dict[int, str] = {}

    def play(self) -> None:
        """Apply every event, then store all that came of it."""
        self._load()
        applied = []
        for event in self.events:
            result = self._apply(event)
            if isinstance(result, _Waits):
                self._park(event, result.on)
            elif isinstance(result, _Refused):
                inbox.set_event_aside(self.batch.tx, event.id, result.reason)
                self.counts[event.connection]["events_set_aside"] += 1
            else:
                applied.append(event.id)
        self.batch.spread_all()
        self.talk.owe_entries()
        self.talk.store()
        self.batch.store()
        inbox.mark_applied(self.batch.tx, applied)
        until_ms = self.batch.now_ms + int(self.engine.retry.park_s * 1000)
        parking.park(self.batch.tx, self._parked, until_ms=until_ms)
        for connection, keys in self._woken.items():
            parking.wake(self.batch.tx, connection, keys, now_ms=self.batch.now_ms)
        for connection, counts in sorted(self.counts.items()):
            runs.count(self.batch.tx, connection, counts)

    def _load(self) -> None:
        identities: list[Identity] = []
        refs: dict[str, list[MessageRef]] = defaultdict(list)
        for event in self.events:
            spoke = self.engine.spokes.get(event.connection)
            for peer in peers_in(event.body):
                identities += peer_identities(peer, spoke.scope if spoke else "")
            refs[event.connection] += refs_in(event.body)
        # An event that waits for a message is parked under that message's lock: the transaction
        # that stores the message would otherwise not see it and never wake it.
        names = [lock_name(connection, ref) for connection, named in refs.items() for ref in named]
        self.batch.look_up(identities, names=names)
        for connection, named in refs.items():
            self.talk.load(connection, named)
            links = [
                link.id
                for dossier in self.batch.loaded()
                for link in dossier.links.values()
                if link.connection == connection
            ]
            self.talk.load_conversations(connection, links)

    def _apply(self, event: StoredEvent) -> _Result:
        spoke = self.engine.spokes.get(event.connection)
        if spoke is None:
            return _Refused("the settings have no such connection any more")
        apply = _APPLY.get(type(event.body))
        if apply is None:
            raise InvariantBroken(f"nothing applies {type(event.body).__name__}")
        return apply(self, spoke, event, event.body)

    def _park(self, event: StoredEvent, on: MessageRef) -> None:
        key = on.token or on.remote_id
        tx, now_ms = self.batch.tx, self.batch.now_ms
        if event.tries == 0:
            self._parked[event.id] = key
            self.counts[event.connection]["parked"] += 1
        else:
            parking.keep_orphan(tx, event.id, waits_for=key, until_ms=now_ms + _ORPHAN_MS)
            self.counts[event.connection]["orphans"] += 1

    # What each sort of event does.

    def message(self, spoke: Spoke, event: StoredEvent, said: MessageSeen) -> _Result:
        """Store a message on the person who wrote or got it."""
        if not said.peer.is_known:
            return _Refused("the message names nobody it could belong to")
        if self.talk.find(spoke.name, said.message) is not None:
            self.counts[spoke.name]["repeated_messages"] += 1
            return None
        dossier = person_of(self.batch, said.peer, spoke, event.correlation_id)
        link = hear_peer(
            self.batch,
            dossier,
            spoke,
            said.peer,
            at_ms=event.said_at_ms,
            correlation_id=event.correlation_id,
        )
        dossier.is_reviving = True
        conversation = self.talk.conversation(link, dossier, event.said_at_ms)
        message = new_message(event, said, spoke, conversation.id, dossier.id)
        self.talk.add(message)
        self._woken[spoke.name] |= {message.remote_id, message.token}
        self.counts[spoke.name]["messages"] += 1
        return None

    def status(self, spoke: Spoke, event: StoredEvent, said: StatusSeen) -> _Result:
        """Let an outbound message get further; it never goes back."""
        message = self.talk.find(spoke.name, said.message)
        if message is None:
            return _Waits(said.message)
        self.talk.say_status(
            {
                "message_id": message.id,
                "status": said.status,
                "participant": said.participant,
                "said_at_ms": event.said_at_ms,
                "error_code": said.error_code,
                "error_text": said.error_text or None,
            }
        )
        if message.status and STATUS_RANK[said.status] <= STATUS_RANK[message.status]:
            return None
        is_failed = said.status is MessageStatus.FAILED
        self.talk.change(
            replace(
                message,
                status=said.status,
                status_at_ms=event.said_at_ms,
                error_code=said.error_code if is_failed else None,
                error_text=(said.error_text or None) if is_failed else None,
            )
        )
        return None

    def reaction(self, spoke: Spoke, event: StoredEvent, said: ReactionSeen) -> _Result:
        """Put a reaction on its message, or take it away."""
        message = self.talk.find(spoke.name, said.target)
        if message is None:
            return _Waits(said.target)
        known = message.reactions.get(said.direction)
        if known and (known[1] > event.said_at_ms or known == [said.emoji, event.said_at_ms]):
            return None
        reactions = {**message.reactions, str(said.direction): [said.emoji, event.said_at_ms]}
        self.talk.change(replace(message, reactions=reactions))
        return None

    def edit(self, spoke: Spoke, event: StoredEvent, said: MessageEdited) -> _Result:
        """Replace a message's content by what its writer made of it."""
        message = self.talk.find(spoke.name, said.target)
        if message is None:
            return _Waits(said.target)
        if message.revoked_at_ms or (message.edited_at_ms or 0) > event.said_at_ms:
            return None
        self.talk.change(
            replace(with_content(message, said.content, event), edited_at_ms=event.said_at_ms)
        )
        return None

    def revoke(self, spoke: Spoke, event: StoredEvent, said: MessageRevoked) -> _Result:
        """Take a message's words and file away; that it was there stays."""
        message = self.talk.find(spoke.name, said.target)
        if message is None:
            return _Waits(said.target)
        if message.revoked_at_ms:
            return None
        self.talk.withdraw_file(message)
        self.talk.change(
            replace(
                message,
                revoked_at_ms=event.said_at_ms,
                text="",
                details={},
                problems=(),
                media=None,
                media_state=None,
                media_reason=None,
            )
        )
        return None

    def media(self, spoke: Spoke, event: StoredEvent, said: MediaSeen) -> _Result:
        """Learn where the file of an older message is."""
        message = self.talk.find(spoke.name, said.target)
        if message is None:
            return _Waits(said.target)
        if message.revoked_at_ms or message.media_state is MediaState.STORED:
            return None
        self.talk.change(with_content(message, said.content, event))
        return None

    def moved(self, spoke: Spoke, event: StoredEvent, said: PeerMoved) -> _Result:
        """Let the person known by the previous identities hold the new ones too."""
        if not said.current.is_known:
            return _Refused("the announcement of a new number does not carry it")
        known = said.previous if said.previous.is_known else said.current
        dossier = person_of(self.batch, known, spoke, event.correlation_id)
        previous = [
            one
            for one in peer_identities(said.previous, spoke.scope)
            if one.kind.is_strong and self.batch.holders_of(one) == [dossier.id]
        ]
        for identity in peer_identities(said.current, spoke.scope):
            if not identity.kind.is_strong:
                continue
            if not self.batch.give(dossier, identity):
                self.batch.ask(
                    "number_change",
                    dossier.id,
                    self.batch.holders_of(identity)[0],
                    "the channel says that the one took the number or id of the other",
                )
            for old in previous:
                if old.kind is identity.kind and old != identity:
                    records.supersede(self.batch.tx, old, identity)
        hear_peer(
            self.batch,
            dossier,
            spoke,
            said.current,
            at_ms=event.said_at_ms,
            correlation_id=event.correlation_id,
            previous=said.previous if said.previous.is_known else None,
        )
        self.batch.note(
            dossier,
            "number_changed",
            "the channel announced a new number or user id; the old one still leads here"
            if said.previous != said.current
            else "the channel announced that the person's device or keys changed",
            correlation_id=event.correlation_id,
            connection=spoke.name,
        )
        return None

    def named(self, spoke: Spoke, event: StoredEvent, said: PeerNamed) -> _Result:
        """Take a name from the business's own address book, for a person who is known."""
        held = [
            identity
            for identity in peer_identities(said.peer, spoke.scope)
            if self.batch.holders_of(identity)
        ]
        if not held or said.is_removed or said.peer.name is None:
            return None
        dossier = self.batch.dossier(self.batch.holders_of(held[0])[0])
        dossier.correlation_id = event.correlation_id
        self.batch.note(
            dossier,
            "address_book",
            "the business's own address book names this person",
            correlation_id=event.correlation_id,
            connection=spoke.name,
            details={"name": said.peer.name},
        )
        return None

    def consent(self, spoke: Spoke, event: StoredEvent, said: ConsentSaid) -> _Result:
        """Record that a person stopped or resumed marketing messages."""
        if not said.peer.is_known:
            return _Refused("the preference names nobody it could belong to")
        dossier = person_of(self.batch, said.peer, spoke, event.correlation_id)
        stamp = Stamp(event.said_at_ms, spoke.name, rank=spoke.rank)
        is_news = dossier.opt_out(stamp, is_opted_out=said.is_opted_out)
        word = "stopped" if said.is_opted_out else "resumed"
        late = "" if is_news else ", but said something else since: that stands"
        self.batch.note(
            dossier,
            "consent",
            f"the person {word} marketing messages on {spoke.name}{late}",
            correlation_id=event.correlation_id,
            connection=spoke.name,
        )
        return None

    def notice(self, spoke: Spoke, event: StoredEvent, said: Notice) -> _Result:
        """Keep something said about the account."""
        self.batch.note(
            None,
            f"notice_{said.topic}"[:40],
            f"{spoke.name} was told about {said.topic}",
            correlation_id=event.correlation_id,
            connection=spoke.name,
            details=said.details,
        )
        self.counts[spoke.name]["notices"] += 1
        return None


_APPLY: dict[type[Any], Callable[[Scene, Spoke, StoredEvent, Any], _Result]] = {
    MessageSeen: Scene.message,
    StatusSeen: Scene.status,
    ReactionSeen: Scene.reaction,
    MessageEdited: Scene.edit,
    MessageRevoked: Scene.revoke,
    MediaSeen: Scene.media,
    PeerMoved: Scene.moved,
    PeerNamed: Scene.named,
    ConsentSaid: Scene.consent,
    Notice: Scene.notice,
}
