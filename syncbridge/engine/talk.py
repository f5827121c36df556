"""The messages one transaction looks at and changes: loaded, changed and stored in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from syncbridge.engine.batch import Batch
from syncbridge.engine.context import Spoke
from syncbridge.engine.dossier import Dossier
from syncbridge.model.conversation import MessageRef
from syncbridge.model.link import Link
from syncbridge.model.record import Kind
from syncbridge.model.states import LinkState
from syncbridge.store import conversations, records
from syncbridge.store.conversations import (
    StoredConversation,
    StoredMessage,
    StoredSession,
)
from syncbridge.store.ids import new_id


class Talk:
    """Conversations and messages beside a batch of persons."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._by_id: dict[str, StoredMessage] = {}
        self._by_ref: dict[tuple[str, str], str] = {}
        self._by_token: dict[tuple[str, str], list[str]] = {}
        self._new: dict[str, StoredMessage] = {}
        self._changed: dict[str, StoredMessage] = {}
        self._conversations: dict[tuple[str, str], StoredConversation] = {}
        self._touched: dict[str, StoredConversation] = {}
        self._statuses: list[dict[str, object]] = []
        self._withdrawn: list[str] = []

    def load(self, connection: str, refs: Iterable[MessageRef]) -> None:
        """Load all messages that are named, by any spelling of their ids."""
        named = list(refs)
        found = conversations.find_messages(
            self._batch.tx,
            connection,
            {ref.remote_id for ref in named},
            {ref.token for ref in named},
        )
        for message in found:
            self._index(message)

    def load_conversations(self, connection: str, keys: Collection[str]) -> None:
        """Load conversations by their keys."""
        found = conversations.find_conversations(self._batch.tx, connection, keys)
        for key, conversation in found.items():
            self._conversations[connection, key] = conversation

    def _index(self, message: StoredMessage) -> None:
        self._by_id[message.id] = message
        self._by_ref[message.connection, message.remote_id] = message.id
        if message.token:
            named = self._by_token.setdefault((message.connection, message.token), [])
            if message.id not in named:
                named.append(message.id)

    def find(self, connection: str, ref: MessageRef) -> StoredMessage | None:
        """Answer the message meant: by its id, or by the token if only one message has it."""
        message_id = self._by_ref.get((connection, ref.remote_id))
        if message_id is None and ref.token:
            named = self._by_token.get((connection, ref.token), [])
            message_id = named[0] if len(named) == 1 else None
        return self._by_id.get(message_id) if message_id else None

    def conversation(self, link: Link, dossier: Dossier, at_ms: int) -> StoredConversation:
        """Answer the conversation with one number of a person, beginning it if there is none."""
        channel, key = link.connection, link.id
        known = self._conversations.get((channel, key))
        if known is None:
            known = StoredConversation(new_id(), channel, key, dossier.id, at_ms, at_ms)
        elif known.last_message_at_ms >= at_ms:
            return known
        known = replace(known, last_message_at_ms=max(at_ms, known.last_message_at_ms))
        self._conversations[channel, key] = known
        self._touched[known.id] = known
        return known

    def add(self, message: StoredMessage) -> None:
        """Store a new message."""
        self._new[message.id] = message
        self._index(message)

    def change(self, message: StoredMessage) -> None:
        """Store a message as it is now."""
        if message.id in self._new:
            self._new[message.id] = message
        else:
            self._changed[message.id] = message
        self._index(message)

    def say_status(self, row: dict[str, object]) -> None:
        """Append one status as it was said."""
        self._statuses.append(row)

    def withdraw_file(self, message: StoredMessage) -> None:
        """Delete the file of a withdrawn message."""
        self._withdrawn.append(message.id)

    def owe_entries(self) -> None:
        """Owe every CRM the entries of new messages and the changes of old ones.

        The batch's persons must have been spread already.
        """
        current = {**self._changed, **self._new}
        if not current:
            return
        # What happens to a message names nobody: its person was not loaded with the events.
        self._batch.look_up((), {message.person_id for message in current.values()})
        for spoke in self._batch.engine.crms:
            if not spoke.writes_messages:
                continue
            if spoke.logs_sessions:
                _owe_sessions(self._batch, spoke, list(current.values()))
            else:
                self._owe_messages(spoke)

    def _owe_messages(self, spoke: Spoke) -> None:
        batch = self._batch
        links = [
            Link(new_id(), spoke.name, Kind.MESSAGE, message.id, wanted_rev=1)
            for message in self._new.values()
        ]
        records.insert_links(batch.tx, links, created_at_ms=batch.now_ms)
        known = [
            replace(link, wanted_rev=link.wanted_rev + 1)
            for link in records.links_of(batch.tx, list(self._changed), for_update=True)
            if link.connection == spoke.name and link.state is not LinkState.GONE
        ]
        records.update_links(batch.tx, known)
        for link in (*links, *known):
            message = self._by_id[link.subject_id]
            owner = batch.dossier(message.person_id).primary(spoke.name)
            batch.owe(link, message.correlation_id, needs=owner)

    def store(self) -> None:
        """Write everything."""
        tx = self._batch.tx
        conversations.save_conversations(tx, list(self._touched.values()))
        conversations.insert_messages(tx, list(self._new.values()))
        conversations.update_messages(tx, list(self._changed.values()))
        conversations.add_statuses(tx, self._statuses)
        conversations.drop_files(tx, self._withdrawn)


def _owe_sessions(batch: Batch, spoke: Spoke, messages: list[StoredMessage]) -> None:
    """Owe a CRM the entries of the sessions these messages belong to, beginning new sessions."""
    known = conversations.find_sessions(
        batch.tx, spoke.name, sorted({message.conversation_id for message in messages})
    )
    sessions = {session.id: session for session in known}
    owed: dict[str, StoredMessage] = {}
    for message in sorted(messages, key=lambda one: (one.sent_at_ms, one.seq)):
        session = session_of(message, sessions.values(), spoke)
        sessions[session.id] = session
        owed[session.id] = message
    conversations.save_sessions(batch.tx, [sessions[session_id] for session_id in owed])
    linked = {
        link.subject_id: link for link in records.links_of(batch.tx, list(owed), for_update=True)
    }
    new = [
        Link(new_id(), spoke.name, Kind.CONVERSATION, session_id, wanted_rev=1)
        for session_id in owed
        if session_id not in linked
    ]
    changed = [replace(link, wanted_rev=link.wanted_rev + 1) for link in linked.values()]
    records.insert_links(batch.tx, new, created_at_ms=batch.now_ms)
    records.update_links(batch.tx, changed)
    for link in (*new, *changed):
        message = owed[link.subject_id]
        owner = batch.dossier(message.person_id).primary(spoke.name)
        batch.owe(link, message.correlation_id, needs=owner)


def session_of(
    message: StoredMessage, sessions: Iterable[StoredSession], spoke: Spoke
) -> StoredSession:
    """Answer the session a message belongs to, widened to hold it; a new one after a long gap.

    The nearest session is widened, so that no two ever come to hold one message.
    """
    at_ms = message.sent_at_ms

    def distance_ms(session: StoredSession) -> int:
        return max(session.first_message_at_ms - at_ms, at_ms - session.last_message_at_ms, 0)

    near = [
        session
        for session in sessions
        if session.conversation_id == message.conversation_id
        and distance_ms(session) <= spoke.session_gap_ms
    ]
    if not near:
        return StoredSession(new_id(), spoke.name, message.conversation_id, at_ms, at_ms)
    nearest = min(near, key=distance_ms)
    return replace(
        nearest,
        first_message_at_ms=min(at_ms, nearest.first_message_at_ms),
        last_message_at_ms=max(at_ms, nearest.last_message_at_ms),
    )
