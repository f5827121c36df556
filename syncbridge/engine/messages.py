"""From events to messages as they are stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace

from syncbridge.engine.context import Spoke
from syncbridge.model.conversation import Content, MediaState, MessageRef
from syncbridge.model.event import (
    ConsentSaid,
    MediaSeen,
    MessageEdited,
    MessageRevoked,
    MessageSeen,
    PeerMoved,
    PeerNamed,
    ReactionSeen,
    StatusSeen,
)
from syncbridge.model.identity import Peer
from syncbridge.normalize.text import clean_text
from syncbridge.store.conversations import StoredMessage
from syncbridge.store.ids import new_id
from syncbridge.store.inbox import StoredEvent


def peers_in(body: object) -> Iterable[Peer]:
    """Answer whom an event names."""
    if isinstance(body, MessageSeen | PeerNamed | ConsentSaid):
        return (body.peer,)
    if isinstance(body, PeerMoved):
        return (body.previous, body.current)
    return ()


def refs_in(body: object) -> list[MessageRef]:
    """Answer which messages an event names."""
    if isinstance(body, MessageSeen | StatusSeen):
        return [body.message]
    if isinstance(body, ReactionSeen | MessageEdited | MessageRevoked | MediaSeen):
        return [body.target]
    return []


def lock_name(connection: str, ref: MessageRef) -> str:
    """Answer the name under which whoever stores or changes a message has locked it before."""
    return f"message:{connection}:{ref.token or ref.remote_id}"


def new_message(
    event: StoredEvent, said: MessageSeen, spoke: Spoke, conversation_id: str, person_id: str
) -> StoredMessage:
    """Answer the message an event speaks of, as it is to be stored."""
    message = StoredMessage(
        id=new_id(),
        connection=spoke.name,
        remote_id=said.message.remote_id,
        token=said.message.token,
        conversation_id=conversation_id,
        person_id=person_id,
        direction=said.direction,
        kind=said.content.kind,
        text="",
        sent_at_ms=event.said_at_ms,
        seq=event.id,
        received_at_ms=event.received_at_ms,
        correlation_id=event.correlation_id,
        reply_to=said.reply_to.remote_id if said.reply_to else None,
        is_forwarded=said.is_forwarded,
        is_history=said.is_history,
        referral=said.referral,
        status=said.status,
    )
    return with_content(message, said.content, event)


def with_content(message: StoredMessage, content: Content, event: StoredEvent) -> StoredMessage:
    """Answer a message that says this now; its file, if it has one, is still to be fetched."""
    message = replace(
        message,
        kind=content.kind,
        text=clean_text(content.text),
        details=content.details,
        problems=content.problems,
    )
    media = content.media
    if media is None:
        return message
    if not media.remote_id:
        reason = "; ".join(content.problems) or "the channel named no file"
        return replace(
            message,
            media=asdict(media),
            media_state=MediaState.MISSING,
            media_reason=reason,
        )
    return replace(
        message,
        media=asdict(media),
        media_state=MediaState.WANTED,
        media_due_at_ms=event.received_at_ms,
    )
