"""The distributed deployment: web, a worker and beat as processes, PostgreSQL and a broker."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
from amqp.exceptions import PreconditionFailed
from kombu import Connection

from syncbridge.bootstrap import celery_values, migrate_database, read_settings
from syncbridge.errors import ConfigError
from syncbridge.queue.celery import WORK, CeleryBell, new_app
from tests.service.programs import (
    Accounts,
    Program,
    eventually,
    free_port,
    imitated_accounts,
    running,
)

#: What a worker on quorum queues declares beside its own, for tasks with a delay.
_DELAYS = [f"celery_delayed_{n}" for n in range(28)]


@pytest.fixture
def accounts():
    with imitated_accounts() as both:
        yield both


@pytest.fixture
def prefix() -> str:
    """Queues of our own: others may use the same broker."""
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.fixture
def rabbitmq(rabbitmq_url: str, prefix: str) -> Iterator[str]:
    """A RabbitMQ on which the test leaves nothing behind."""
    left = [] if _has_queue(rabbitmq_url, _DELAYS[0]) else [*_DELAYS, "celery_delayed_delivery"]
    yield rabbitmq_url
    with Connection(rabbitmq_url) as connection:
        channel = connection.default_channel
        for name in (f"{prefix}.realtime", f"{prefix}.batch", f"{prefix}.dead", prefix, *left):
            channel.queue_delete(name)
            channel.exchange_delete(name)


def _has_queue(url: str, name: str) -> bool:
    with Connection(url) as connection:
        try:
            connection.default_channel.queue_declare(name, passive=True)
        except connection.channel_errors:
            return False
        return True


@pytest.fixture
def redis_broker(redis_url: str, prefix: str) -> Iterator[str]:
    """A Redis on which the test leaves nothing behind."""
    yield redis_url
    with redis.Redis.from_url(redis_url) as client:
        for key in [*client.scan_iter(f"{prefix}*")]:
            client.delete(key)


@contextmanager
def deployed(
    accounts: Accounts, directory: Path, *, database_url: str, broker_url: str, prefix: str
) -> Iterator[tuple[dict[str, Any], Program]]:
    """Migrate, then run web, one worker for both lanes, and beat; give web's address, and beat."""
    service = f'broker_url = "{broker_url}"\nqueue_prefix = "{prefix}"'
    path = accounts.settings(directory, database_url=database_url, service=service)
    migrate_database(read_settings(path, {}))
    celery = ["celery", "-A", "syncbridge.tasks"]
    lanes = f"{prefix}.realtime,{prefix}.batch"
    worker = ["worker", "--queues", lanes, "--concurrency", "2", "--hostname", f"{prefix}@here"]
    beat = ["beat", "--schedule", str(directory / "schedule"), "--pidfile="]
    with ExitStack() as stack:
        processes: list[Program] = [
            stack.enter_context(running(command, directory))
            for command in (
                [*celery, *worker],
                [*celery, *beat],
                ["syncbridge", "web", "--json", "--port", "0"],
            )
        ]
        yield processes[-1].ready(), processes[1]


def test_a_message_goes_through_rabbitmq_and_a_worker_into_the_crm(
    accounts: Accounts, tmp_path: Path, postgresql_url: str, rabbitmq: str, prefix: str
):
    broker = {"database_url": postgresql_url, "broker_url": rabbitmq, "prefix": prefix}
    with deployed(accounts, tmp_path, **broker) as (ready, beat):
        accounts.call(ready)
        hear_two_messages(accounts, beat)
        assert _has_queue(rabbitmq, f"{prefix}.dead")


def test_a_message_goes_through_redis_and_a_worker_into_the_crm(
    accounts: Accounts, tmp_path: Path, postgresql_url: str, redis_broker: str, prefix: str
):
    broker = {"database_url": postgresql_url, "broker_url": redis_broker, "prefix": prefix}
    with deployed(accounts, tmp_path, **broker) as (ready, beat):
        accounts.call(ready)
        hear_two_messages(accounts, beat)


def hear_two_messages(accounts: Accounts, beat: Program) -> None:
    """The first may have been found by a sweep; the second comes by rings alone."""
    accounts.say("491701234567", "while beat beats")
    eventually(lambda: accounts.counts() == (1, 1), within_s=40)
    beat.kill()
    accounts.say("491709876543", "when only bells ring")
    eventually(lambda: accounts.counts() == (2, 2), within_s=20)

    written = " ".join(accounts.bodies())
    assert "while beat beats" in written
    assert "when only bells ring" in written


class FakeApp:
    """Takes what the bell sends."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, tuple[str, str], str]] = []
        self.error: Exception | None = None

    def send_task(self, name: str, *, args: tuple[str, str], queue: str, **_: Any) -> None:
        if self.error is not None:
            raise self.error
        self.sent.append((name, args, queue))


def test_many_rings_for_one_table_are_few_messages():
    app = FakeApp()
    bell = CeleryBell(app, "p", pause_s=0.2)

    for _ in range(500):
        bell.ring("outbox", "hs")

    eventually(lambda: len(app.sent) == 2)
    assert set(app.sent) == {(WORK, ("outbox", "hs"), "p.realtime")}


def test_a_ring_after_a_pause_is_sent_again_and_media_goes_to_the_batch_lane():
    app = FakeApp()
    bell = CeleryBell(app, "p", pause_s=0.01)

    bell.ring("events")
    eventually(lambda: len(app.sent) == 1)
    bell.ring("events")
    bell.ring("media", "wa")
    eventually(lambda: len(app.sent) == 3)

    assert sorted(app.sent[1:]) == [
        (WORK, ("events", ""), "p.realtime"),
        (WORK, ("media", "wa"), "p.batch"),
    ]


@pytest.mark.parametrize(
    "error",
    [ConnectionRefusedError("nobody listens"), PreconditionFailed("the queue is of another sort")],
)
def test_a_broker_that_takes_nothing_is_told_once_and_never_fails_the_caller(
    error: Exception, caplog: pytest.LogCaptureFixture
):
    app = FakeApp()
    app.error = error
    bell = CeleryBell(app, "p", pause_s=0.01)
    caplog.set_level(logging.INFO, logger="syncbridge.queue.celery")

    bell.ring("events")
    bell.ring("outbox", "hs")
    eventually(lambda: len(caplog.records) == 1)
    app.error = None
    eventually(lambda: bell.ring("events") or len(caplog.records) == 2)

    assert app.sent
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_a_real_broker_that_is_away_does_not_hold_up_the_caller(
    accounts: Accounts, tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    service = f'broker_url = "amqp://guest@127.0.0.1:{free_port()}//"'
    path = accounts.settings(tmp_path, database_url="postgresql://x@127.0.0.1/x", service=service)
    bell = CeleryBell(new_app(celery_values(read_settings(path, {}))), "syncbridge")

    bell.ring("events")

    eventually(lambda: "the broker does not take rings" in caplog.text)


def test_the_settings_of_celery_follow_ours(accounts: Accounts, tmp_path: Path):
    service = 'broker_url = "amqp://guest@mq//"\nqueue_prefix = "acme"'
    path = accounts.settings(tmp_path, database_url="postgresql://x@db/x", service=service)

    values = celery_values(read_settings(path, {}))

    assert [queue.name for queue in values["task_queues"]] == ["acme.realtime", "acme.batch"]
    assert {queue.queue_arguments["x-queue-type"] for queue in values["task_queues"]} == {"quorum"}
    assert values["task_acks_late"]
    assert values["task_reject_on_worker_lost"]
    assert values["worker_prefetch_multiplier"] == 1
    assert values["broker_transport_options"] == {"confirm_publish": True}
    assert values["beat_schedule"].keys() == {"sweep", "spread", "forget", "poll-hs"}


def test_celery_wants_a_broker_and_a_database_for_many(accounts: Accounts, tmp_path: Path):
    with pytest.raises(ConfigError) as raised:
        celery_values(read_settings(accounts.settings(tmp_path), {}))

    places = [problem.place for problem in raised.value.problems]
    assert places == ["service.broker_url", "service.database_url"]
