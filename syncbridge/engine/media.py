"""Files of messages: fetched while the vendor still has them, or marked missing with the reason."""

from __future__ import annotations

import hmac
from dataclasses import replace

from syncbridge.engine.batch import Batch
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.engine.messages import lock_name
from syncbridge.engine.suspend import suspend
from syncbridge.engine.talk import Talk
from syncbridge.errors import NotThere, Rejected, RemoteError, Suspended
from syncbridge.model.conversation import MediaState, MessageRef
from syncbridge.remote.base import MediaFile
from syncbridge.store import conversations
from syncbridge.store.conversations import StoredMessage
from syncbridge.store.session import Transaction, lock_names

#: Files fetched by one round of one worker.
_BATCH = 10
_HOLD_MS = 120_000
#: A channel keeps the files it announces for seven days; the last try is before that.
_GIVE_UP_MS = 6 * 86_400_000
_FIRST_PAUSE_MS = 5_000
_LONGEST_PAUSE_MS = 3_600_000


def fetch_media(engine: Engine, connection: str) -> int:
    """Fetch due files of a channel's messages; answer how many were tried.

    A transaction to take them, the calls, and a transaction for each file. The entry in the CRM
    was written long before: it gets the link to the file, or the reason why there is none.
    """
    spoke = engine.spoke(connection)
    now_ms = engine.now_ms()
    taken = engine.store.transact(
        lambda tx: conversations.due_media(
            tx, connection, now_ms=now_ms, limit=_BATCH, hold_until_ms=now_ms + _HOLD_MS
        )
    )
    for message in taken:
        _fetch(engine, spoke, message)
    return len(taken)


def _fetch(engine: Engine, spoke: Spoke, message: StoredMessage) -> None:
    media_id = str((message.media or {}).get("remote_id", ""))
    try:
        file = spoke.connector.fetch_media(media_id)
    except RemoteError as exc:
        _miss(engine, message, exc)
    else:
        _keep(engine, message, file)


def _keep(engine: Engine, message: StoredMessage, file: MediaFile) -> None:
    """Store the file; its entries get the link to it."""
    sealed = engine.cipher.seal(file.content)

    def work(tx: Transaction) -> None:
        current = _wanted(tx, message)
        if current is None:
            return
        conversations.store_file(
            tx,
            message.id,
            sealed,
            mime_type=file.mime_type,
            size_bytes=len(file.content),
            stored_at_ms=engine.now_ms(),
        )
        kept = replace(current, media_state=MediaState.STORED, media_reason=None)
        if engine.public_url:
            _tell(engine, tx, kept)
        else:
            conversations.update_messages(tx, [kept])

    engine.store.transact(work)
    engine.bell.ring(Table.OUTBOX)


def _miss(engine: Engine, message: StoredMessage, exc: RemoteError) -> None:
    """Try again later, or say in the CRM that the file is missing and why."""
    now_ms = engine.now_ms()
    is_over = isinstance(exc, Rejected) or now_ms - message.sent_at_ms > _GIVE_UP_MS

    def work(tx: Transaction) -> None:
        current = _wanted(tx, message)
        if isinstance(exc, Suspended):
            suspend(engine, tx, message.connection, exc)
        if current is None:
            return
        if is_over:
            reason = f"{exc.cause}: {exc}"
            _tell(engine, tx, replace(current, media_state=MediaState.MISSING, media_reason=reason))
        else:
            conversations.update_messages(tx, [_later(current, exc, now_ms)])

    engine.store.transact(work)
    engine.bell.ring(Table.OUTBOX)


def _wanted(tx: Transaction, message: StoredMessage) -> StoredMessage | None:
    """Lock the message, answer it as it is now; None if its file is not wanted any more."""
    lock_names(tx, [lock_name(message.connection, MessageRef(message.remote_id, message.token))])
    current = conversations.load_messages(tx, [message.id]).get(message.id)
    if current is None or current.media_state is not MediaState.WANTED:
        return None
    return current


def _later(message: StoredMessage, exc: RemoteError, now_ms: int) -> StoredMessage:
    pause_ms = min(_FIRST_PAUSE_MS * 2**message.media_tries, _LONGEST_PAUSE_MS)
    return replace(
        message,
        media_tries=message.media_tries + 1,
        media_due_at_ms=now_ms + pause_ms,
        media_reason=f"not fetched yet: {exc}",
    )


def _tell(engine: Engine, tx: Transaction, message: StoredMessage) -> None:
    """Store a changed message and owe its entries."""
    batch = Batch(engine, tx)
    talk = Talk(batch)
    batch.look_up((), [message.person_id])
    talk.change(message)
    batch.spread_all()
    talk.owe_entries()
    talk.store()
    batch.store()


def open_file(engine: Engine, message_id: str, signature: str) -> MediaFile:
    """Answer the file that a link of ours names.

    Raises:
        NotThere: the link is not ours, or the file was withdrawn.
    """
    if not hmac.compare_digest(signature, engine.cipher.sign(message_id)):
        raise NotThere("this link is not one of ours")
    found = engine.store.read(lambda tx: conversations.load_file(tx, message_id))
    if found is None:
        raise NotThere("the file is not kept any more")
    sealed, mime_type = found
    return MediaFile(engine.cipher.open(sealed), mime_type)
