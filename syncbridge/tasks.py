"""What Celery's workers do: each task calls one engine function.

Started by `celery -A syncbridge.tasks worker` and `celery -A syncbridge.tasks beat`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from celery.signals import worker_process_shutdown, worker_ready

from syncbridge.bootstrap import Service, build, doorbell, read_settings
from syncbridge.engine import resync, rounds
from syncbridge.engine import sweep as sweeping
from syncbridge.engine.context import Table
from syncbridge.queue import celery

app = celery.new_app()


@cache
def service() -> Service:
    """Answer this process's service, built at the first task: connections survive no fork."""
    settings = read_settings()
    return build(settings, bell=doorbell(settings))


@app.task(name=celery.WORK)
def work(table: str, connection: str = "") -> int:
    """Do what waits in a table."""
    return rounds.work_off(service().engine, Table(table), connection)


@app.task(name=celery.SWEEP)
def sweep() -> None:
    """Find work that nobody rang for."""
    sweeping.sweep(service().engine)


@app.task(name=celery.POLL)
def poll(connection: str) -> str:
    """Read what changed at a connection; answer what went wrong, or nothing."""
    return resync.poll(service().engine, connection).error


@app.task(name=celery.SPREAD)
def spread() -> int:
    """Give everybody a record in connections that were added since."""
    return sweeping.spread_everybody(service().engine)


@app.task(name=celery.FORGET)
def forget() -> int:
    """Drop what was only kept for repetition's sake."""
    return sweeping.forget(service().engine)


@worker_ready.connect
def _begin(**_: Any) -> None:
    """Declare where dead rings go, and look at everything once."""
    prefix = read_settings().service.queue_prefix
    with app.connection_for_write() as connection:
        celery.dead_queue(prefix)(connection.default_channel).declare()
    spread.apply_async(queue=celery.lanes(prefix)[1])


@worker_process_shutdown.connect
def _end(**_: Any) -> None:
    if service.cache_info().currsize:
        service().close()
