"""What is written right now: payloads computed from what we hold at the last moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from syncbridge.clock import from_ms
from syncbridge.engine.context import Spoke
from syncbridge.engine.dossier import Dossier
from syncbridge.mapping import transcript
from syncbridge.mapping.transforms import Context
from syncbridge.mapping.translate import to_remote
from syncbridge.model.conversation import MediaState
from syncbridge.model.link import Link
from syncbridge.model.record import Kind, fingerprint
from syncbridge.model.states import LinkState
from syncbridge.remote.base import ContactWrite, MessageWrite, Write
from syncbridge.store import conversations
from syncbridge.store.conversations import StoredMessage
from syncbridge.store.outbox import Entry
from syncbridge.store.session import Transaction

#: Hex digits of a link's id that mark its entry: the random end, not the time at its beginning.
_MARKER_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Sent:
    """One write on its way, and what settling it has to know."""

    entry: Entry
    #: The rev the payload was computed from.
    rev: int
    write: Write
    #: Canonical field -> what we meant by it; empty for messages.
    meant: Mapping[str, str | None]
    is_create: bool

    @property
    def payload(self) -> str:
        """The digest by which a repeated payload is recognised."""
        if isinstance(self.write, ContactWrite):
            return fingerprint(self.write.values)
        return fingerprint({"text": self.write.text})


def marker(link_id: str) -> str:
    """Answer the short mark at the end of an entry, by which it is found again."""
    return f"sb:{link_id[-_MARKER_DIGITS:]}"


def contact_write(spoke: Spoke, dossier: Dossier, link: Link, entry: Entry) -> Sent | None:
    """Answer the write that brings a contact up to date; None when it is already."""
    is_create = link.state is LinkState.CREATING
    meant = dossier.owed_to(link, spoke.written_fields)
    if not meant and not is_create:
        return None
    # The mapping's default is for records that would be refused; one that exists has its name.
    required = {
        declared.canonical
        for declared in spoke.mapping.fields
        if declared.remote in spoke.mapping.required_any
    }
    full = dossier.values if is_create or required & meant.keys() else None
    remote = to_remote(spoke.mapping, meant, full=full, context=Context(region=spoke.region))
    if is_create:
        remote = {name: value for name, value in remote.items() if value}
    write = ContactWrite(
        link_id=link.id, remote_id=link.remote_id, values=remote, version=link.version
    )
    return Sent(entry, link.wanted_rev, write, meant, is_create)


def messages_of_entries(tx: Transaction, links: Collection[Link]) -> dict[str, list[StoredMessage]]:
    """Answer the messages each entry in a CRM consists of: link id -> messages in order."""
    of_message = {link.subject_id: link.id for link in links if link.kind is Kind.MESSAGE}
    found = {
        of_message[message_id]: [message]
        for message_id, message in conversations.load_messages(tx, list(of_message)).items()
    }
    of_session = {link.subject_id: link.id for link in links if link.kind is Kind.CONVERSATION}
    for session_id, session in conversations.load_sessions(tx, list(of_session)).items():
        found[of_session[session_id]] = conversations.conversation_messages(
            tx,
            session.conversation_id,
            from_ms=session.first_message_at_ms,
            to_ms=session.last_message_at_ms,
        )
    return found


def message_write(
    link: Link,
    entry: Entry,
    *,
    contact_id: str,
    messages: list[StoredMessage],
    name: str,
    excerpts: Mapping[str, str],
    file_url: Callable[[str], str],
) -> Sent:
    """Answer the write that makes or changes an entry in a contact's timeline.

    Args:
        link: the entry's own.
        entry: the owed write.
        contact_id: the contact's id there.
        messages: what the entry consists of, in order; one for a message, more for a session.
        name: the person's name, for people to read.
        excerpts: message id at the channel -> how the message begins, for replies.
        file_url: our message id -> the link to its file.
    """
    lines = [line(message, name, excerpts, file_url) for message in messages]
    text = (
        transcript.render_session(lines)
        if link.kind is Kind.CONVERSATION
        else transcript.render_message(lines[0])
    )
    first = messages[0]
    write = MessageWrite(
        link_id=link.id,
        remote_id=link.remote_id,
        contact_id=contact_id,
        marker=marker(link.id),
        text=text,
        at=from_ms(first.sent_at_ms),
        direction=first.direction,
    )
    return Sent(entry, link.wanted_rev, write, {}, link.remote_id is None)


def line(
    message: StoredMessage,
    name: str,
    excerpts: Mapping[str, str],
    file_url: Callable[[str], str],
) -> transcript.Line:
    """Answer a message as one line of a transcript."""
    is_inbound = message.direction == "inbound"
    reactions = tuple(
        (str(emoji[0]), name if side == "inbound" else "We")
        for side, emoji in sorted(message.reactions.items())
        if emoji[0]
    )
    error = " ".join(
        part for part in (str(message.error_code or ""), message.error_text or "") if part
    )
    return transcript.Line(
        at=from_ms(message.sent_at_ms),
        direction=message.direction,
        sender_name=name if is_inbound else "",
        text=message.text,
        kind=message.kind,
        media_line=_media_name(message),
        media_url=file_url(message.id) if message.media_state is MediaState.STORED else "",
        media_missing=(message.media_reason or "")
        if message.media_state is MediaState.MISSING
        else "",
        status=message.status,
        reactions=reactions,
        is_edited=message.edited_at_ms is not None,
        is_revoked=message.revoked_at_ms is not None,
        reply_excerpt=excerpts.get(message.reply_to or "", ""),
        is_forwarded=message.is_forwarded,
        problems=message.problems,
        referral=message.referral,
        error=error,
    )


def _media_name(message: StoredMessage) -> str:
    media = message.media or {}
    return str(media.get("filename") or media.get("mime_type") or "")


def display_name(dossier: Dossier) -> str:
    """Answer what to call a person: their name, else what they call themselves, else the number."""
    values = dossier.values
    names = [values.get("given_name"), values.get("family_name")]
    full = " ".join(name for name in names if name)
    fallback = values.get("whatsapp_name") or values.get("phone") or values.get("whatsapp_number")
    return full or fallback or "Unknown sender"
