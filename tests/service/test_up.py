"""`syncbridge up` as a process: starts, works, is hindered, ends, is killed."""

from __future__ import annotations

import sqlite3
import stat
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
import requests

from syncbridge.bootstrap import migrate_database, read_settings
from syncbridge.store import migrate as migrating
from tests.service.programs import (
    Accounts,
    eventually,
    free_port,
    imitated_accounts,
    running,
    up,
)


@pytest.fixture
def accounts():
    with imitated_accounts() as both:
        yield both


def test_the_first_start_needs_nothing_but_the_settings(accounts: Accounts, tmp_path: Path):
    accounts.settings(tmp_path)

    with running(up(), tmp_path) as service:
        url = service.ready()["url"]
        answer = requests.get(f"{url}/healthz", timeout=5)

        assert answer.json()["status"] == "ok"
        assert stat.S_IMODE((tmp_path / "syncbridge.key").stat().st_mode) == 0o600
        assert service.interrupt() == 0


def test_a_message_stands_in_the_crm_and_the_ready_line_says_where_to_look(
    accounts: Accounts, tmp_path: Path
):
    accounts.settings(tmp_path)

    with running(up(), tmp_path) as service:
        ready = service.ready()
        accounts.call(ready)
        accounts.say("491701234567", "Hallo")

        eventually(lambda: accounts.counts() == (1, 1))
        assert ready["pages"].startswith(ready["url"])
        assert ready["webhooks"].keys() == {"wa", "hs"}


def test_an_old_file_is_copied_aside_before_it_is_migrated(
    accounts: Accounts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = read_settings(accounts.settings(tmp_path), {})
    migrate_database(settings)
    with closing(sqlite3.connect(tmp_path / "sync.db")) as old, old:
        old.execute("INSERT INTO cursors VALUES ('hs', 'contacts', 'here', 1)")
    monkeypatch.setattr(migrating, "head_revision", lambda: "the step after this one")

    done = migrate_database(settings)

    assert done.copy is not None
    with closing(sqlite3.connect(done.copy)) as copy:
        assert copy.execute("SELECT position FROM cursors").fetchall() == [("here",)]


def test_it_starts_while_the_crm_is_down_and_catches_up_when_it_comes(tmp_path: Path):
    port = free_port()
    with imitated_accounts() as accounts:
        accounts.hubspot_url = f"http://127.0.0.1:{port}"
        accounts.settings(tmp_path)
        with running(up(), tmp_path) as service:
            accounts.call(service.ready())
            accounts.say("491701234567", "Is anybody there?")
            eventually(lambda: service.logged("hs did not answer yet"))
            with imitated_accounts(hubspot_port=port) as late:
                eventually(lambda: late.counts() == (1, 1))


def test_it_ends_in_time_while_a_call_hangs(accounts: Accounts, tmp_path: Path):
    accounts.settings(tmp_path)
    with running(up(), tmp_path) as service:
        accounts.call(service.ready())
        accounts.hubspot.faults.arm("timeout-before:match=/batch/upsert:s=60")
        accounts.say("491701234567", "Hallo")
        eventually(lambda: accounts.hubspot.faults.report()[0]["fired"])

        assert service.interrupt(within_s=10) == 0


def test_a_second_one_on_the_same_file_is_refused(accounts: Accounts, tmp_path: Path):
    accounts.settings(tmp_path)
    with running(up(), tmp_path) as service:
        service.ready()
        with running(up(), tmp_path) as second:
            assert second.process.wait(20) == 78
            assert second.logged("is served by another process (end that one first)")
            assert not second.logged("Traceback")


def test_a_broker_means_that_celery_does_the_work(accounts: Accounts, tmp_path: Path):
    accounts.settings(tmp_path, service='broker_url = "redis://127.0.0.1:6379/15"')

    with running(up(), tmp_path) as service:
        assert service.process.wait(20) == 78
        assert service.logged("run `syncbridge web` and Celery's workers")


def test_kill_9_in_the_middle_loses_nothing_and_doubles_nothing(accounts: Accounts, tmp_path: Path):
    accounts.settings(tmp_path)
    port = free_port()
    with running(up(port), tmp_path) as service:
        accounts.call(service.ready())
        accounts.hubspot.faults.arm("slow:match=/communications:ms=3000")
        say(accounts, range(25))
        eventually(lambda: accounts.counts()[1])
        say(accounts, range(25, 50))
        service.kill()
    assert 0 < accounts.counts()[1] < 50
    accounts.hubspot.faults.clear()

    with running(up(port), tmp_path) as service:
        service.ready()
        eventually(lambda: accounts.counts()[1] >= 50, within_s=40)
        assert service.interrupt() == 0

    assert accounts.counts() == (50, 50)
    found = Counter(
        number for number in range(50) for body in accounts.bodies() if says(body, number)
    )
    assert set(found.values()) == {1}


def say(accounts: Accounts, numbers: range) -> None:
    for number in numbers:
        accounts.say(f"4917012345{number:02}", f"message {number}", f"Person {number}")


def says(body: str, number: int) -> bool:
    """Whether an entry holds this message, and not one whose number only begins like it."""
    return (
        f"message {number}<" in body
        or f"message {number}\n" in body
        or body.endswith(f"message {number}")
    )
