"""Celery as a doorbell: its configuration, and the bell that rings through it.

A message says "look at this table" and no more, so every setting below is about rings arriving
soon and about nothing piling up; losing one costs the seconds until the next sweep.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

from celery import Celery
from kombu import Exchange, Queue

#: Tasks are sent by name: whoever rings need not import what answers.
WORK: Final = "syncbridge.work"
SWEEP: Final = "syncbridge.sweep"
POLL: Final = "syncbridge.poll"
SPREAD: Final = "syncbridge.spread"
FORGET: Final = "syncbridge.forget"

_SWEEP_S = 5.0
_FORGET_S = 3_600.0
#: A ring that a killed worker held comes again so often; then its message is the suspect.
_DELIVERY_LIMIT = 5
#: Dead rings are kept for a look only: the sweep rang again long ago.
_DEAD_KEPT_MS = 7 * 86_400_000
_DEAD_KEPT = 1_000
#: A worker that is told to end may finish what it has begun for so long.
_SOFT_SHUTDOWN_S = 20.0
#: Redis: a ring nobody acknowledged is given to another worker after this time.
_VISIBILITY_S = 600
#: Tables whose work may take long: it must not hold up messages.
_SLOW_TABLES = frozenset({"media"})

_log = logging.getLogger(__name__)


def lanes(prefix: str) -> tuple[str, str]:
    """Answer the names of the realtime and the batch queue."""
    return f"{prefix}.realtime", f"{prefix}.batch"


def dead_queue(prefix: str) -> Queue:
    """Answer the queue of rings that killed their workers again and again."""
    return Queue(
        f"{prefix}.dead",
        Exchange(f"{prefix}.dead", type="topic"),
        routing_key="#",
        queue_arguments={"x-message-ttl": _DEAD_KEPT_MS, "x-max-length": _DEAD_KEPT},
    )


def new_app(values: Mapping[str, Any] | None = None) -> Celery:
    """Answer a Celery application; None reads `celeryconfig` when it is first needed."""
    app = Celery("syncbridge")
    app.config_from_object("celeryconfig:values" if values is None else values)
    return app


def configuration(
    broker_url: str, *, prefix: str, polled: Sequence[str], poll_interval_s: float
) -> dict[str, Any]:
    """Answer Celery's settings.

    Args:
        broker_url: RabbitMQ or Redis.
        prefix: begins the names of queues and exchanges.
        polled: connections that are read every now and then.
        poll_interval_s: how often.
    """
    realtime, batch = lanes(prefix)
    is_redis = broker_url.startswith("redis")
    return {
        "broker_url": broker_url,
        "broker_connection_retry_on_startup": True,
        "broker_transport_options": _redis(prefix) if is_redis else {"confirm_publish": True},
        "task_queues": [_lane(prefix, realtime), _lane(prefix, batch)],
        "task_default_queue": realtime,
        "task_default_exchange": prefix,
        "task_default_exchange_type": "topic",
        "task_default_routing_key": realtime,
        "task_create_missing_queues": False,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "worker_prefetch_multiplier": 1,
        "worker_cancel_long_running_tasks_on_connection_loss": True,
        "worker_soft_shutdown_timeout": _SOFT_SHUTDOWN_S,
        "worker_hijack_root_logger": True,
        "beat_schedule": _schedule(prefix, polled, poll_interval_s),
        "timezone": "UTC",
    }


def _redis(prefix: str) -> dict[str, Any]:
    # kombu's own pace restores what a dead worker held only every 100 seconds.
    return {
        "global_keyprefix": f"{prefix}.",
        "visibility_timeout": _VISIBILITY_S,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
    }


def _lane(prefix: str, name: str) -> Queue:
    return Queue(
        name,
        Exchange(prefix, type="topic"),
        routing_key=name,
        queue_arguments={
            "x-queue-type": "quorum",
            "x-delivery-limit": _DELIVERY_LIMIT,
            "x-dead-letter-exchange": f"{prefix}.dead",
        },
    )


def _schedule(prefix: str, polled: Sequence[str], poll_interval_s: float) -> dict[str, Any]:
    """Answer what beat rings; a ring nobody took in time is out of date and dropped."""
    realtime, batch = lanes(prefix)
    entries = {
        "sweep": _entry(SWEEP, _SWEEP_S, realtime),
        "spread": _entry(SPREAD, _FORGET_S, batch),
        "forget": _entry(FORGET, _FORGET_S, batch),
    }
    for connection in polled:
        entries[f"poll-{connection}"] = _entry(POLL, poll_interval_s, batch, connection)
    return entries


def _entry(task: str, every_s: float, queue: str, *args: str) -> dict[str, Any]:
    return {
        "task": task,
        "schedule": every_s,
        "args": args,
        "options": {"queue": queue, "expires": every_s},
    }


class CeleryBell:
    """Rings workers of other processes.

    Never fails and never holds up who rings: a thread sends, at most one ring for each table and
    connection every 50 ms, and ends when there is nothing to send. It is no daemon, so that what
    was rung just before a process ends still leaves.
    """

    def __init__(self, app: Celery, prefix: str, *, pause_s: float = 0.05) -> None:
        """Ring through `app`; nothing is sent and no thread begun before the first ring."""
        self._app = app
        self._realtime, self._batch = lanes(prefix)
        self._pause_s = pause_s
        self._waiting: dict[tuple[str, str], None] = {}
        self._lock = threading.Lock()
        self._is_sending = False
        self._is_broken = False

    def ring(self, table: str, connection: str = "") -> None:
        """Ring after the commit that made the work visible."""
        with self._lock:
            self._waiting[str(table), connection] = None
            if self._is_sending:
                return
            self._is_sending = True
        threading.Thread(target=self._send_all, name="celery-bell").start()

    def _send_all(self) -> None:
        pause = threading.Event()
        while True:
            with self._lock:
                rings, self._waiting = list(self._waiting), {}
                if not rings:
                    self._is_sending = False
                    return
            self._send(rings)
            pause.wait(self._pause_s)

    def _send(self, rings: Sequence[tuple[str, str]]) -> None:
        try:
            for table, connection in rings:
                self._app.send_task(
                    WORK,
                    args=(table, connection),
                    queue=self._batch if table in _SLOW_TABLES else self._realtime,
                    retry=False,
                    ignore_result=True,
                    # Without it a ring for a queue that is gone would be confirmed and lost.
                    mandatory=True,
                )
        except Exception as exc:  # noqa: BLE001 - each transport has errors of its own
            if not self._is_broken:
                _log.warning("the broker does not take rings, the sweep finds the work: %s", exc)
            self._is_broken = True
        else:
            if self._is_broken:
                _log.info("the broker takes rings again")
            self._is_broken = False
