"""Conversations, their messages, what happened to them, and their files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, func, or_, select, update

from syncbridge.model.conversation import Direction, MediaState, MessageKind, MessageStatus
from syncbridge.store.session import fixed, insert
from syncbridge.store.tables import conversations, files, messages, sessions, statuses


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message as it stands now."""

    id: str
    connection: str
    remote_id: str
    token: str
    conversation_id: str
    person_id: str
    direction: Direction
    kind: MessageKind
    text: str
    #: The vendor's time; with `seq`, the order of the conversation.
    sent_at_ms: int
    seq: int
    received_at_ms: int
    correlation_id: str
    details: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    reply_to: str | None = None
    is_forwarded: bool = False
    is_history: bool = False
    referral: Mapping[str, Any] = field(default_factory=dict)
    status: MessageStatus | None = None
    status_at_ms: int | None = None
    error_code: int | None = None
    error_text: str | None = None
    #: Side -> [emoji, at_ms]; an emoji taken away is "".
    reactions: Mapping[str, Any] = field(default_factory=dict)
    edited_at_ms: int | None = None
    revoked_at_ms: int | None = None
    #: The vendor's file: id, mime_type, sha256, filename, ...
    media: Mapping[str, Any] | None = None
    media_state: MediaState | None = None
    media_reason: str | None = None
    media_due_at_ms: int | None = None
    media_tries: int = 0


def _message(row: Row[Any]) -> StoredMessage:
    return StoredMessage(
        id=row.id,
        connection=row.connection,
        remote_id=row.remote_id,
        token=row.token,
        conversation_id=row.conversation_id,
        person_id=row.person_id,
        direction=Direction(row.direction),
        kind=MessageKind(row.kind),
        text=row.text,
        sent_at_ms=row.sent_at_ms,
        seq=row.seq,
        received_at_ms=row.received_at_ms,
        correlation_id=row.correlation_id,
        details=row.details or {},
        problems=tuple(row.problems or ()),
        reply_to=row.reply_to,
        is_forwarded=row.is_forwarded,
        is_history=row.is_history,
        referral=row.referral or {},
        status=MessageStatus(row.status) if row.status else None,
        status_at_ms=row.status_at_ms,
        error_code=row.error_code,
        error_text=row.error_text,
        reactions=row.reactions or {},
        edited_at_ms=row.edited_at_ms,
        revoked_at_ms=row.revoked_at_ms,
        media=row.media,
        media_state=MediaState(row.media_state) if row.media_state else None,
        media_reason=row.media_reason,
        media_due_at_ms=row.media_due_at_ms,
        media_tries=row.media_tries,
    )


def _message_row(message: StoredMessage) -> dict[str, Any]:
    row = {name: getattr(message, name) for name in StoredMessage.__slots__}
    for name in ("details", "problems", "referral", "reactions"):
        row[name] = row[name] or None
    row["problems"] = list(message.problems) or None
    return row


_CHANGING = (
    "text kind details problems status status_at_ms error_code error_text reactions edited_at_ms "
    "revoked_at_ms media media_state media_reason media_due_at_ms media_tries"
).split()
_UPDATE = (
    update(messages)
    .where(messages.c.id == bindparam("message_id"))
    .values({name: bindparam(name) for name in _CHANGING})
)


def insert_messages(conn: Connection, new: Sequence[StoredMessage]) -> None:
    """Store new messages."""
    if new:
        conn.execute(messages.insert(), [_message_row(message) for message in new])


def update_messages(conn: Connection, changed: Sequence[StoredMessage]) -> None:
    """Store what may change of a message: content, status, reactions, file."""
    if not changed:
        return
    rows = []
    for message in changed:
        row = _message_row(message)
        rows.append({"message_id": message.id, **{name: row[name] for name in _CHANGING}})
    conn.execute(_UPDATE, rows)


def load_messages(conn: Connection, ids: Collection[str]) -> dict[str, StoredMessage]:
    """Answer messages by our id."""
    if not ids:
        return {}
    rows = conn.execute(select(messages).where(messages.c.id.in_(ids)))
    return {row.id: _message(row) for row in rows}


def find_messages(
    conn: Connection, connection: str, remote_ids: Collection[str], tokens: Collection[str]
) -> list[StoredMessage]:
    """Answer a channel's messages by id, or by the token all spellings of an id share."""
    asked: list[ColumnElement[bool]] = []
    if remote_ids:
        asked.append(messages.c.remote_id.in_(remote_ids))
    wanted = set(tokens) - {""}
    if wanted:
        asked.append((messages.c.token != fixed("")) & messages.c.token.in_(wanted))
    if not asked:
        return []
    query = select(messages).where(messages.c.connection == connection, or_(*asked))
    return [_message(row) for row in conn.execute(query)]


def conversation_messages(
    conn: Connection, conversation_id: str, *, from_ms: int, to_ms: int
) -> list[StoredMessage]:
    """Answer a conversation's messages of a stretch of time, in order."""
    query = (
        select(messages)
        .where(
            messages.c.conversation_id == conversation_id,
            messages.c.sent_at_ms.between(from_ms, to_ms),
        )
        .order_by(messages.c.sent_at_ms, messages.c.seq)
    )
    return [_message(row) for row in conn.execute(query)]


def person_messages(
    conn: Connection, person_id: str, *, limit: int = 200, before_ms: int | None = None
) -> list[StoredMessage]:
    """Answer a person's newest messages on all channels, oldest of them first."""
    query = select(messages).where(messages.c.person_id == person_id)
    if before_ms is not None:
        query = query.where(messages.c.sent_at_ms < before_ms)
    query = query.order_by(messages.c.sent_at_ms.desc(), messages.c.seq.desc()).limit(limit)
    return [_message(row) for row in conn.execute(query)][::-1]


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """All messages between the company's account and one peer."""

    id: str
    connection: str
    key: str
    person_id: str
    opened_at_ms: int
    last_message_at_ms: int


def find_conversations(
    conn: Connection, connection: str, keys: Collection[str]
) -> dict[str, StoredConversation]:
    """Answer a channel's conversations by their key."""
    if not keys:
        return {}
    rows = conn.execute(
        select(conversations).where(
            conversations.c.connection == connection, conversations.c.key.in_(keys)
        )
    )
    return {
        row.key: StoredConversation(
            row.id, row.connection, row.key, row.person_id, row.opened_at_ms, row.last_message_at_ms
        )
        for row in rows
    }


def save_conversations(conn: Connection, current: Sequence[StoredConversation]) -> None:
    """Store conversations; of one that is known only the last message's time can grow."""
    if not current:
        return
    statement = insert(conn, conversations)
    greatest = func.max if conn.dialect.name == "sqlite" else func.greatest
    statement = statement.on_conflict_do_update(
        index_elements=["connection", "key"],
        set_={
            "last_message_at_ms": greatest(
                conversations.c.last_message_at_ms, statement.excluded.last_message_at_ms
            )
        },
    )
    rows = [
        {name: getattr(conversation, name) for name in StoredConversation.__slots__}
        for conversation in current
    ]
    conn.execute(statement, rows)


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A stretch of a conversation that is one entry in a CRM."""

    id: str
    connection: str
    conversation_id: str
    first_message_at_ms: int
    last_message_at_ms: int


def load_sessions(conn: Connection, ids: Collection[str]) -> dict[str, StoredSession]:
    """Answer sessions by id."""
    if not ids:
        return {}
    return {
        row.id: _session(row)
        for row in conn.execute(select(sessions).where(sessions.c.id.in_(ids)))
    }


def find_sessions(
    conn: Connection, connection: str, conversation_ids: Collection[str]
) -> list[StoredSession]:
    """Answer a CRM connection's sessions of these conversations, in order of time."""
    query = (
        select(sessions)
        .where(
            sessions.c.connection == connection,
            sessions.c.conversation_id.in_(conversation_ids),
        )
        .order_by(sessions.c.first_message_at_ms)
    )
    return [_session(row) for row in conn.execute(query)]


def _session(row: Row[Any]) -> StoredSession:
    return StoredSession(
        row.id, row.connection, row.conversation_id, row.first_message_at_ms, row.last_message_at_ms
    )


def save_sessions(conn: Connection, current: Sequence[StoredSession]) -> None:
    """Store sessions as they are now."""
    if not current:
        return
    statement = insert(conn, sessions)
    statement = statement.on_conflict_do_update(
        index_elements=["id"],
        set_={
            "first_message_at_ms": statement.excluded.first_message_at_ms,
            "last_message_at_ms": statement.excluded.last_message_at_ms,
        },
    )
    rows = [
        {name: getattr(session, name) for name in StoredSession.__slots__} for session in current
    ]
    conn.execute(statement, rows)


def add_statuses(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append what was said about messages' statuses; nothing is ever taken from this list."""
    if rows:
        conn.execute(statuses.insert(), list(rows))


def due_media(
    conn: Connection, connection: str, *, now_ms: int, limit: int, hold_until_ms: int
) -> list[StoredMessage]:
    """Take messages whose file is to be fetched; others leave them until `hold_until_ms`."""
    query = (
        select(messages)
        .where(
            messages.c.connection == connection,
            messages.c.media_state == fixed(MediaState.WANTED),
            messages.c.media_due_at_ms <= now_ms,
        )
        .order_by(messages.c.media_due_at_ms)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    taken = [_message(row) for row in conn.execute(query)]
    if taken:
        conn.execute(
            update(messages)
            .where(messages.c.id.in_([message.id for message in taken]))
            .values(media_due_at_ms=hold_until_ms)
        )
    return taken


def take_back_media(conn: Connection, *, now_ms: int) -> int:
    """Make files due now that were to wait; answer how many."""
    return conn.execute(
        update(messages)
        .where(
            messages.c.media_state == fixed(MediaState.WANTED),
            messages.c.media_due_at_ms > now_ms,
        )
        .values(media_due_at_ms=now_ms)
    ).rowcount


def drop_files(conn: Connection, message_ids: Collection[str]) -> None:
    """Delete the files of messages that were withdrawn."""
    if message_ids:
        conn.execute(delete(files).where(files.c.message_id.in_(message_ids)))


def load_file(conn: Connection, message_id: str) -> tuple[bytes, str] | None:
    """Answer a message's file: sealed bytes and MIME type."""
    query = select(files.c.content, files.c.mime_type).where(files.c.message_id == message_id)
    row = conn.execute(query).one_or_none()
    return (bytes(row.content), str(row.mime_type)) if row else None


def store_file(
    conn: Connection,
    message_id: str,
    content: bytes,
    *,
    mime_type: str,
    size_bytes: int,
    stored_at_ms: int,
) -> None:
    """Keep a message's file (`content` sealed); one that is kept already stays."""
    conn.execute(
        insert(conn, files)
        .values(
            message_id=message_id,
            content=content,
            mime_type=mime_type,
            size_bytes=size_bytes,
            stored_at_ms=stored_at_ms,
        )
        .on_conflict_do_nothing(index_elements=["message_id"])
    )
