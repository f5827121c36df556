"""What people and programs have done by the API and the pages alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from syncbridge.bootstrap import Service
from syncbridge.engine import resync, review, views
from syncbridge.engine.context import Engine
from syncbridge.engine.resync import Rehearsal, RunResult
from syncbridge.mapping.transforms import Context
from syncbridge.web.refusals import Refused

T = TypeVar("T")

#: Dead letters looked through at a time when all are meant.
_PAGE = 500


def decide(
    service: Service, conflict_id: int, *, choice: str, by: str, value: str | None = None
) -> dict[str, Any]:
    """Decide an open conflict; answer it as it stands then.

    Raises:
        NotThere: no such conflict.
        Refused: it was decided before, or the value does not fit the field.
    """
    engine = service.engine
    found = views.conflict(engine, conflict_id)
    if found["state"] != "open":
        raise Refused(
            409,
            f"conflict {conflict_id} was decided by {found['resolved_by']} already",
            "change the field in a CRM if it has to be another value",
        )
    if choice == "value":
        value = typed_value(service, found["field"], value)
    review.resolve_conflict(engine, conflict_id, choice=choice, by=by, value=value)
    return views.conflict(engine, conflict_id)


def typed_value(service: Service, field: str, text: str | None) -> str | None:
    """Bring a value that a person typed to the one form of its field; blank clears it.

    Raises:
        Refused: it cannot be read as such a value.
    """
    declared = service.canonical.fields.get(field)
    if text is None or not text.strip():
        return None
    if declared is None:
        return text.strip()
    region = service.settings.service.default_region
    reading = declared.transform.read(text, Context(region))
    if not reading.is_certain:
        raise Refused(422, f"{text!r} cannot be read as: {declared.label}", "spell it out")
    return reading.value


def all_dead_letters(engine: Engine, connection: str | None = None) -> list[int]:
    """Answer the ids of every dead letter."""
    ids: list[int] = []
    while page := views.dead_letters(
        engine, connection=connection, after=ids[-1] if ids else 0, limit=_PAGE
    ):
        ids += [letter["id"] for letter in page]
    return ids


def read_again(
    engine: Engine, connection: str, *, is_full: bool, wait_s: float
) -> RunResult | None:
    """Resync a connection, waiting a while; None: it goes on alone.

    Raises:
        NotThere: no such connection.
        Refused: another run of it is under way.
    """
    engine.spoke(connection)
    running = _begun(lambda: resync.resync(engine, connection, is_full=is_full))
    try:
        result = running.result(timeout=wait_s)
    except TimeoutError:
        return None
    if result.state == "busy":
        raise Refused(409, f"a run of {connection} is under way", "see /api/v1/runs")
    return result


def rehearsal(found: Rehearsal) -> list[dict[str, Any]]:
    """Answer the samples of a dry run as plain values."""
    return [
        {
            "remote_id": snapshot.ref.remote_id,
            "reason": difference.reason,
            "fields": {
                name: {"agreed": agreed, "listed": listed}
                for name, (agreed, listed) in difference.fields.items()
            },
        }
        for snapshot, difference in found.samples
    ]


def _begun(work: Callable[[], T]) -> Future[T]:
    """Do something in a thread of its own, which ends with the process: runs can be taken up."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as exc:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(exc)

    threading.Thread(target=run, name="resync", daemon=True).start()
    return future
