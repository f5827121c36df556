"""Files of messages: fetched while the vendor still has them, or marked missing with the reason."""

from __future__ import annotations

from dataclasses import replace

from syncbridge.engine.batch import Batch
from syncbridge.engine.context import Engine, Spoke, Table
from syncbridge.engine.suspend import suspend
from syncbridge.engine.talk import Talk
from syncbridge.errors import Rejected, RemoteError, Suspended
from syncbridge.model.conversation import MediaState
from syncbridge.remote.base import MediaFile
from syncbridge.store import conversations
from syncbridge.store.conversations import StoredMessage
from syncbridge.store.session import Transaction

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
    was written long before: this only changes it when the file is missing.
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
    sealed = engine.cipher.seal(file.content)

    def work(tx: Transaction) -> None:
        current = conversations.load_messages(tx, [message.id]).get(message.id)
        if current is None or current.media_state is not MediaState.WANTED:
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
        conversations.update_messages(tx, [kept])

    engine.store.transact(work)


def _miss(engine: Engine, message: StoredMessage, exc: RemoteError) -> None:
    """Try again later, or say in the CRM that the file is missing and why."""
    now_ms = engine.now_ms()
    is_over = isinstance(exc, Rejected) or now_ms - message.sent_at_ms > _GIVE_UP_MS

    def work(tx: Transaction) -> None:
        batch = Batch(engine, tx)
        talk = Talk(batch)
        current = conversations.load_messages(tx, [message.id]).get(message.id)
        if current is None or current.media_state is not MediaState.WANTED:
            return
        if isinstance(exc, Suspended):
            suspend(engine, tx, message.connection, exc)
        if not is_over:
            pause_ms = min(_FIRST_PAUSE_MS * 2**current.media_tries, _LONGEST_PAUSE_MS)
            later = replace(
                current,
                media_tries=current.media_tries + 1,
                media_due_at_ms=now_ms + pause_ms,
                media_reason=f"not fetched yet: {exc}",
            )
            conversations.update_messages(tx, [later])
            return
        batch.look_up((), [current.person_id])
        talk.change(
            replace(current, media_state=MediaState.MISSING, media_reason=f"{exc.cause}: {exc}")
        )
        batch.spread_all()
        talk.owe_entries()
        talk.store()
        batch.store()

    engine.store.transact(work)
    engine.bell.ring(Table.OUTBOX)
