"""The commands, called as people and cron call them: what they do, answer and end with."""

from __future__ import annotations

import json
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
import pytest
import requests

from connectors.whatsapp.sandbox.payloads import Person, encode, envelope, message, sign, wamid
from syncbridge.bootstrap import build, migrate_database, read_settings
from syncbridge.cli.console import Exit, plain
from syncbridge.cli.main import COMMANDS, cli, run
from syncbridge.engine import intake
from syncbridge.remote.base import WebhookRequest
from syncbridge.store import runs
from syncbridge.store.cipher import read_key
from tests.service.programs import Accounts, eventually, imitated_accounts, running, up

ANNA = Person("491701234567", "Anna")


@dataclass
class Office:
    """A migrated database between imitated accounts, with nobody at work."""

    accounts: Accounts
    directory: Path
    config: Path
    capsys: pytest.CaptureFixture[str]
    said: int = 0
    err: str = field(default="", repr=False)

    def run(self, *args: str) -> int:
        """Run a command; answer its exit code."""
        return run([*args, "--config", str(self.config)])

    def ask(self, *args: str, code: int = Exit.OK) -> Any:
        """Run a command with --json; answer what it answers."""
        self.capsys.readouterr()
        ended = self.run(*args, "--json")
        out, self.err = self.capsys.readouterr()
        assert ended == code, out + self.err
        return json.loads(out)

    def hear(self, text: str = "Hallo", person: Person = ANNA) -> None:
        """Take a delivery in, as the web server does."""
        self.said += 1
        at = 1_780_000_000 + self.said
        update = message(person, "text", {"body": text}, id=wamid(person.number, self.said), at=at)
        body = encode(envelope([update]))
        service = build(read_settings(self.config, {}))
        headers = {"x-hub-signature-256": sign(body, "sandbox")}
        url = "http://127.0.0.1/webhooks/wa"
        asked = WebhookRequest(body, headers, "POST", url, service.engine.now())
        assert intake.receive(service.engine, "wa", asked)
        service.close()

    def contact(self) -> dict[str, Any]:
        """The one contact of the CRM."""
        url = f"{self.accounts.hubspot_url}/_control/records/contacts"
        (found,) = requests.get(url, timeout=5).json()["results"]
        return found

    def edit(self, **properties: str) -> None:
        """A sales person edits the one contact."""
        url = f"{self.accounts.hubspot_url}/_control/contacts/{self.contact()['id']}"
        assert requests.patch(url, json={"properties": properties}, timeout=5).ok

    def dump(self) -> list[str]:
        with closing(sqlite3.connect(self.directory / "sync.db")) as database:
            return list(database.iterdump())


@pytest.fixture
def open_office(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    with imitated_accounts() as accounts:

        def opened(**settings: str) -> Office:
            config = accounts.settings(tmp_path, **settings)
            migrate_database(read_settings(config, {}))
            return Office(accounts, tmp_path, config, capsys)

        yield opened


@pytest.fixture
def office(open_office: Callable[..., Office]) -> Office:
    return open_office()


# The commands themselves.


def test_help_imports_nothing_that_takes_time():
    code = "import sys, syncbridge.cli.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout

    assert {"sqlalchemy", "flask", "celery", "requests", "rich"}.isdisjoint(loaded.split())


def _commands() -> list[tuple[str, click.Command]]:
    context = click.Context(cli)
    found = []
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        inner = command.commands if isinstance(command, click.Group) else {"": command}
        found += [(f"{name} {key}".strip(), one) for key, one in inner.items()]
    return found


def test_every_command_says_what_it_does_and_takes_json():
    for name, command in _commands():
        options = {option for param in command.params for option in param.opts}

        assert command.help, name
        assert "--json" in options or name == "demo", name


def test_every_command_that_needs_settings_takes_them_by_option():
    without = {
        name
        for name, command in _commands()
        if "--config" not in {option for param in command.params for option in param.opts}
    }

    assert without == {"demo", "sandbox", "simulate", "new-key", "dedupe evaluate"}


@pytest.mark.parametrize(
    "args",
    [
        ["nonsense"],
        ["sandbox", "hubspott"],
        ["sandbox", "whatsapp", "--portal-id", "3"],
        ["sandbox", "hubspot", "--fault", "99"],
        ["conflicts", "resolve", "1"],
        ["conflicts", "resolve", "1", "--ours", "--value", "x"],
        ["conflicts", "resolve", "1", "--ours", "--theirs"],
        ["deadletters", "replay"],
        ["deadletters", "replay", "1", "--all"],
        ["deadletters", "replay", "1", "--connection", "hs"],
        ["deadletters", "discard", "1"],
    ],
)
def test_wrong_usage_ends_with_2(args: list[str], capsys: pytest.CaptureFixture[str]):
    assert run(args) == Exit.USAGE
    assert "Error: " in capsys.readouterr().err


def test_wrong_usage_is_told_to_programs_too(capsys: pytest.CaptureFixture[str]):
    assert run(["conflicts", "show", "first", "--json"]) == Exit.USAGE
    assert "'first' is not a valid integer" in json.loads(capsys.readouterr().out)["error"]


def test_what_customers_write_cannot_steer_a_terminal():
    assert plain("Anna\x1b[31m\r\nMüller 🌸") == "Anna [31m  Müller 🌸"


def test_settings_that_cannot_be_used_are_told_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    config = tmp_path / "wrong.toml"
    config.write_text("[service]\nlog_level = 'LOUD'\n[connections.hs]\nconnector = 'hubspott'\n")

    assert run(["status", "--json", "--config", str(config)]) == Exit.CONFIG

    out, err = capsys.readouterr()
    (problem,) = json.loads(out)["problems"]
    assert problem["place"].startswith(f"{config}:2")
    assert err.startswith("error: ")
    assert "Traceback" not in err


def test_an_empty_database_says_what_makes_its_tables(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    with imitated_accounts() as accounts:
        config = accounts.settings(tmp_path)

        assert run(["status", "--config", str(config)]) == Exit.CONFIG
        assert "syncbridge migrate" in capsys.readouterr().err
        assert run(["check", "wa", "--config", str(config)]) == Exit.OK
        assert "database: empty; `syncbridge up`" in capsys.readouterr().out
        assert run(["migrate", "--config", str(config)]) == Exit.OK
        assert run(["status", "--config", str(config)]) == Exit.OK


# check, sync, go-live, resync.


def test_check_names_what_is_missing_until_sync_has_made_it(office: Office):
    before = office.ask("check", code=Exit.FAILED)
    office.ask("sync")
    after = office.ask("check", "hs")

    missing = [one for one in before["findings"] if not one["is_good"]]
    assert any("syncbridge_id" in one["what"] and one["remedy"] for one in missing)
    assert after["is_good"]
    assert "wa" not in {one["place"] for one in after["findings"]}


def test_check_tells_a_vendor_that_does_not_answer(office: Office):
    office.accounts.hubspot.faults.arm("503")

    found = office.ask("check", "hs", code=Exit.FAILED)

    (bad,) = [one for one in found["findings"] if not one["is_good"]]
    assert bad["place"] == "hs"
    assert "base_url" in bad["remedy"]


def test_sync_delivers_what_is_due_and_ends(office: Office):
    office.hear("Gibt es das iPhone?")

    done = office.ask("sync")

    assert office.accounts.counts() == (1, 1)
    assert done["left"] == []
    assert [(one["connection"], one["state"]) for one in done["connections"]] == [("hs", "done")]
    assert office.ask("sync")["worked"] == 0


def test_sync_fails_when_a_connection_cannot_be_read(office: Office):
    office.accounts.hubspot.faults.arm("503")

    done = office.ask("sync", code=Exit.FAILED)

    assert done["connections"][0]["error"].startswith("unavailable")


def test_a_connection_observes_until_somebody_accepts_its_plan(
    open_office: Callable[..., Office],
):
    office = open_office(mode="observe")
    office.hear()

    left = office.ask("sync", code=Exit.WAITING)["left"]
    shown = office.ask("go-live", "hs", code=Exit.WAITING)
    assert office.accounts.counts() == (0, 0)
    assert "observes" in left[0]
    assert (shown["is_live"], shown["plan"]["creates"], shown["plan"]["messages"]) == (False, 1, 1)

    assert office.ask("go-live", "hs", "--yes")["is_live"]
    assert office.ask("sync")["left"] == []
    assert office.accounts.counts() == (1, 1)


def test_a_dry_run_reads_the_same_and_writes_nothing_anywhere(office: Office):
    office.hear()
    office.ask("sync")
    office.edit(company="ACME GmbH")
    before, contact = office.dump(), office.contact()

    shown = office.ask("resync", "hs", "--full", "--dry-run")

    assert (office.dump(), office.contact()) == (before, contact)
    assert (shown["listed"], shown["changed"]) == (1, 1)
    (sample,) = shown["samples"]
    assert sample["fields"] == {"company": {"agreed": None, "shown": "ACME GmbH"}}
    assert [one["connection"] for one in shown["owed"]] == ["hs"]
    assert office.ask("resync", "hs", "--full")["changed"] == 1


def test_a_second_full_resync_changes_nothing(office: Office):
    office.hear()
    office.ask("sync")
    office.ask("resync", "hs", "--full")

    again = office.ask("resync", "hs", "--full")

    assert (again["state"], again["changed"], again["left"]) == ("done", 0, [])
    assert [one["kind"] for one in office.ask("runs", "--limit", "2")] == ["full", "full"]


def test_two_runs_of_one_connection_do_not_overlap(office: Office):
    service = build(read_settings(office.config, {}))
    now_ms = service.engine.now_ms()
    begun = service.store.transact(
        lambda tx: runs.begin_run(tx, "hs", "full", now_ms=now_ms, lease_until_ms=now_ms + 60_000)
    )
    service.close()

    assert begun is not None
    assert office.ask("resync", "hs", code=Exit.BUSY)["state"] == "busy"
    assert office.ask("sync", code=Exit.BUSY)["connections"][0]["state"] == "busy"


def test_a_connection_that_is_not_there_is_named_with_those_that_are(office: Office):
    assert office.run("resync", "hubspot") == Exit.FAILED
    assert "the settings have: hs, wa" in office.capsys.readouterr().err


# What waits for people.


def test_status_shows_what_was_refused_and_set_aside(office: Office):
    def columns() -> set[str]:
        office.capsys.readouterr()
        assert office.run("status") == Exit.OK
        return {"refused", "aside"} & set(office.capsys.readouterr().out.split())

    before = columns()
    with closing(build(read_settings(office.config, {}))) as service:
        intake.count_refusal(service.engine, "wa", 401)
        service.engine.store.transact(lambda tx: runs.count(tx, "wa", {"foreign_events": 2}))

    assert before == set()
    assert columns() == {"refused", "aside"}


def test_a_conflict_is_listed_shown_and_decided(office: Office):
    office.hear()
    office.ask("sync")
    office.edit(firstname="Annette")
    office.ask("sync")
    office.hear("I married", Person(ANNA.number, "Anna-Maria"))
    office.ask("sync")

    (listed,) = office.ask("conflicts", "list")
    shown = office.ask("conflicts", "show", str(listed["id"]))
    decided = office.ask(
        "conflicts", "resolve", str(listed["id"]), "--value", "Anna-Maria", "--by", "olga"
    )
    office.ask("sync")

    assert shown == listed
    assert shown["reason"]
    assert (decided["resolution"], decided["resolved_by"]) == ("Anna-Maria", "olga")
    assert office.ask("conflicts", "list") == []
    assert "Anna-Maria" in office.contact()["properties"].values()


def test_a_value_that_does_not_fit_its_field_decides_nothing(office: Office):
    office.hear()
    office.ask("sync")
    office.edit(firstname="Annette")
    office.ask("sync")
    office.hear("I married", Person(ANNA.number, "Anna-Maria"))
    office.ask("sync")
    (listed,) = office.ask("conflicts", "list")
    # A name can be anything: let the same conflict be one of a field that cannot.
    with closing(sqlite3.connect(office.directory / "sync.db")) as database, database:
        database.execute("UPDATE conflicts SET field = 'email' WHERE id = ?", (listed["id"],))

    given = ("conflicts", "resolve", str(listed["id"]), "--value", "no address")
    refused = office.ask(*given, code=Exit.FAILED)

    assert "E-mail" in refused["error"]
    assert office.ask("conflicts", "show", str(listed["id"]))["state"] == "open"


def test_a_dead_letter_is_listed_shown_and_replayed(office: Office):
    office.ask("sync")
    office.accounts.hubspot.faults.arm("400:match=/batch/upsert")
    office.hear()
    office.ask("sync", code=Exit.WAITING)

    (letter,) = office.ask("deadletters", "list", "--connection", "hs")
    assert letter["advice"]
    assert office.ask("deadletters", "show", str(letter["id"]))["attempts"]
    assert office.ask("status", "--exit-code", code=Exit.WAITING)["waiting"]

    office.accounts.hubspot.faults.clear()
    assert office.ask("deadletters", "replay", "--all") == {"replayed": 1, "asked": 1}
    assert office.ask("sync")["left"] == []
    assert office.accounts.counts() == (1, 1)
    assert office.ask("deadletters", "replay", str(letter["id"]), code=Exit.FAILED)


def test_a_dead_letter_is_given_up_with_a_reason(office: Office):
    office.ask("sync")
    office.accounts.hubspot.faults.arm("400:match=/batch/upsert")
    office.hear()
    office.ask("sync", code=Exit.WAITING)
    (letter,) = office.ask("deadletters", "list")

    done = office.ask("deadletters", "discard", str(letter["id"]), "--reason", "a test")

    assert done == {"discarded": 1, "asked": 1}
    assert office.ask("deadletters", "list") == []


def test_a_person_is_found_by_phone_and_id_with_what_happened(office: Office):
    office.hear("Gibt es das iPhone?")
    office.ask("sync")

    by_phone = office.ask("person", "+49 170 1234567")
    by_id = office.ask("person", by_phone["id"])

    assert by_phone == by_id
    assert "Gibt es das iPhone?" in [one.get("text") for one in by_phone["timeline"]]
    assert office.run("person", "nobody@example.com") == Exit.FAILED


def test_people_get_tables_of_the_same(office: Office):
    office.hear("Hallo [bold]du")
    office.ask("sync")
    commands = (["status"], ["runs"], ["connections", "list"], ["person", "+491701234567"])

    shown = ""
    for command in (*commands, ["conflicts", "list"], ["deadletters", "list"], ["check"]):
        assert office.run(*command) == Exit.OK
        shown += office.capsys.readouterr().out

    assert "Hallo [bold]du" in shown
    assert "app.hubspot.com" in shown
    assert "0 listed" in shown


# Beside a running service, and other programs.


def test_commands_work_on_the_file_of_a_running_service(office: Office):
    with running(up(), office.directory) as service:
        office.accounts.call(service.ready())
        office.ask("connections", "pause", "hs")
        office.accounts.say("491701234567", "while it is paused")
        eventually(lambda: office.ask("status")["persons"] == 1)
        (paused,) = [one for one in office.ask("connections", "list") if one["name"] == "hs"]
        office.ask("connections", "resume", "hs")

        eventually(lambda: office.accounts.counts() == (1, 1))
        assert paused["holds"] == "somebody paused it"
        assert office.ask("status")["workers"]


def test_a_busy_database_says_so_and_ends_with_75(open_office: Callable[..., Office], tmp_path):
    office = open_office(database_url=f"sqlite:///{tmp_path}/sync.db?timeout=0.1")
    with closing(sqlite3.connect(tmp_path / "sync.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        assert office.run("connections", "pause", "hs") == Exit.BUSY

    assert "nothing was changed, try again" in office.capsys.readouterr().err


def test_web_alone_is_refused_without_a_broker(office: Office):
    assert office.run("web") == Exit.CONFIG
    assert "run `syncbridge up`" in office.capsys.readouterr().err


def test_a_new_key_can_be_used_and_never_replaces_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "sync.key"

    assert run(["new-key"]) == Exit.OK
    assert read_key(capsys.readouterr().out, "here")
    assert run(["new-key", "--file", str(path)]) == Exit.OK
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    kept = path.read_text()
    assert run(["new-key", "--file", str(path)]) == Exit.CONFIG
    assert path.read_text() == kept


@pytest.mark.parametrize("name", ["whatsapp", "hubspot"])
def test_a_sandbox_needs_no_settings_and_starts_empty(name: str, tmp_path: Path):
    command = ["syncbridge", "sandbox", name, "--json", "--fault", "429:times=1"]

    with running(command, tmp_path) as sandbox:
        ready = sandbox.ready()
        health = requests.get(f"{ready['control']}/health", timeout=5).json()
        faults = requests.get(f"{ready['control']}/faults", timeout=5).json()["faults"]

        assert (ready["sandbox"], health["status"]) == (name, "ok")
        assert [fault["spec"] for fault in faults] == ["429:times=1"]
        assert sandbox.interrupt() == 0
    assert [path.suffix for path in tmp_path.iterdir()] == [".log"]


def test_a_second_hubspot_account_has_an_id_of_its_own(tmp_path: Path):
    command = ["syncbridge", "sandbox", "hubspot", "--json", "--portal-id", "42"]

    with running(command, tmp_path) as sandbox:
        health = requests.get(f"{sandbox.ready()['control']}/health", timeout=5).json()

    assert health["portalId"] == 42
