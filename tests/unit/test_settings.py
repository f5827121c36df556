"""Settings: where values come from, what is refused, and that secrets stay secret."""

from __future__ import annotations

import copy
import logging
import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest

from syncbridge.errors import ConfigError
from syncbridge.settings import (
    ConversationEntries,
    Mode,
    Options,
    Secret,
    load_settings,
    revealed,
    settings_keys,
    validate_options,
)

EXAMPLE = """\
[service]
database_url = "sqlite:///data/bridge.db"
public_url = "https://sync.example.com/"
default_region = "de"

[retry]
compensation_tries = 5

[connections.wa]
connector = "whatsapp"
mode = "live"
phone_number_id = "1234567890"
app_secret = "env:WA_APP_SECRET"
access_token = "file:token.txt"

[connections.hs]
connector = "hubspot"
rank = 10
conversation_entries = "session"
default_region = "AT"
access_token = "plain-token"
"""


@pytest.fixture
def write(tmp_path):
    def written(text: str) -> Path:
        path = tmp_path / "syncbridge.toml"
        path.write_text(text)
        return path

    return written


def problems_of(path: Path | None, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_settings(path, environ or {})
    shown = [str(problem) for problem in caught.value.problems]
    return [text.replace(f"{path.parent}/", "") if path else text for text in shown]


def test_a_file_a_variable_and_a_secret_file_become_settings(write, tmp_path):
    (tmp_path / "token.txt").write_text("from-a-file\n")

    settings = load_settings(
        write(EXAMPLE), {"WA_APP_SECRET": "s3cret", "SYNCBRIDGE_RETRY__LEASE_S": "90"}
    )

    assert settings.source == tmp_path / "syncbridge.toml"
    assert settings.service.public_url == "https://sync.example.com"
    assert settings.service.default_region == "DE"
    assert settings.retry.compensation_tries == 5
    assert settings.retry.lease_s == 90.0
    whatsapp, hubspot = settings.connections["wa"], settings.connections["hs"]
    assert (whatsapp.mode, hubspot.mode) == (Mode.LIVE, Mode.OBSERVE)
    assert (whatsapp.default_region, hubspot.default_region) == ("DE", "AT")
    assert (whatsapp.rank, hubspot.rank) == (100, 10)
    assert hubspot.conversation_entries is ConversationEntries.SESSION
    assert whatsapp.options["app_secret"] == Secret("s3cret")
    assert whatsapp.options["access_token"] == Secret("from-a-file")
    assert whatsapp.options["phone_number_id"] == "1234567890"


def test_without_a_file_the_defaults_hold(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    settings = load_settings(None, {})

    assert settings.source is None
    assert settings.connections == {}
    assert settings.service.database_url == "sqlite:///syncbridge.db"
    assert settings.service.broker_url is None
    assert settings.service.encryption_key_file == Path("syncbridge.key")
    assert (settings.retry.quick_tries, settings.retry.compensation_tries) == (3, 3)
    assert settings.retry.compensation_interval_s == 300


def test_the_file_in_the_working_directory_is_found(write, monkeypatch, tmp_path):
    write('[service]\ndefault_region = "BR"')
    monkeypatch.chdir(tmp_path)

    assert load_settings(None, {}).service.default_region == "BR"


def test_a_variable_names_the_file_and_an_argument_outranks_it(write, tmp_path):
    path = write('[service]\ndefault_region = "BR"')
    other = tmp_path / "other.toml"
    other.write_text('[service]\ndefault_region = "MX"')
    environ = {"SYNCBRIDGE_CONFIG": str(other)}

    assert load_settings(None, environ).service.default_region == "MX"
    assert load_settings(path, environ).service.default_region == "BR"


def test_a_variable_outranks_the_file_even_for_a_connection_with_a_dash(write):
    path = write('[connections.hs-eu]\nconnector = "hubspot"\naccess_token = "old"')
    environ = {
        "SYNCBRIDGE_CONNECTIONS__HS_EU__ACCESS_TOKEN": "new",
        "SYNCBRIDGE_CONNECTIONS__WA__CONNECTOR": "whatsapp",
    }

    connections = load_settings(path, environ).connections

    assert connections["hs-eu"].options["access_token"] == "new"
    assert connections["wa"].connector == "whatsapp"


def test_every_problem_is_told_at_once_from_top_to_bottom(write):
    path = write(
        """\
[service]
databse_url = "sqlite:///x.db"
public_url = "sync.example.com"
default_region = "Germany"
[retry]
compensation_tries = 1.5
lease_s = true
[connections.hs]
mode = "lief"
rank = -1
app = "env:NOT_SET"
[conections.wa]
connector = "whatsapp"
"""
    )

    assert problems_of(path, {"SYNCBRIDGE_RETRY__QUICK_TRIES": "many"}) == [
        "syncbridge.toml:2 service.databse_url: is not a setting (did you mean database_url?)",
        "syncbridge.toml:3 service.public_url: is not an http or https URL"
        ' (for example "https://sync.example.com")',
        "syncbridge.toml:4 service.default_region: is not a country code"
        ' (two letters as in ISO 3166, for example "DE")',
        "syncbridge.toml:6 retry.compensation_tries: is not a whole number"
        " (give a number from 0 to 100)",
        "syncbridge.toml:7 retry.lease_s: is not a number (give a number from 5 to 3600)",
        "syncbridge.toml:8 connections.hs.connector: is missing"
        ' (for example connector = "hubspot")',
        'syncbridge.toml:9 connections.hs.mode: is not one of "observe", "live"'
        " (observe writes nothing remote)",
        "syncbridge.toml:10 connections.hs.rank: is out of bounds"
        " (give a number from 0 to 1000000)",
        "syncbridge.toml:11 connections.hs.app: the variable NOT_SET is not set"
        " (set NOT_SET, or name another)",
        "syncbridge.toml:12 conections: is not a table of the settings (did you mean connections?)",
        "SYNCBRIDGE_RETRY__QUICK_TRIES: is not a whole number (give a number from 1 to 10)",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("service = 3", "syncbridge.toml:1 service: is not a table"),
        ("[connections]\nhs = 3", "syncbridge.toml:2 connections.hs: is not a table"),
        ('[connections."H S"]\nconnector = "x"', "connections.H S: is not a name for a connection"),
        ('[connections.a__b]\nconnector = "x"', "connections.a__b: is not a name"),
        ('[service]\nmappings_dir = "nowhere"', "service.mappings_dir: is not a directory"),
        ('[service]\napi_token = "file:nowhere"', "nowhere cannot be read: No such file"),
        ('[service]\napi_token = ""', "service.api_token: is empty"),
        ('[service]\nlog_level = "loud"', "service.log_level: is not a log level"),
        ("[service]\npoll_interval_s = nan", "service.poll_interval_s: is not a number"),
        ("[service\n", "syncbridge.toml:1: is not TOML"),
        ("[retry]\nlease_s = 1\nlease_s = 2", "syncbridge.toml:3: is not TOML: Cannot overwrite"),
    ],
)
def test_what_cannot_be_used_is_refused(write, text, problem):
    (told,) = problems_of(write(text))

    assert problem in told


@pytest.mark.parametrize("key", ["database_url", "broker_url", "public_url"])
@pytest.mark.parametrize("url", ["", "x", "://", "mysql://u:pw-5ecret@h/d", "http//h", "http://["])
def test_a_url_that_is_none_is_refused_without_being_repeated(write, key, url):
    (told,) = problems_of(write(f'[service]\n{key} = "{url}"'))

    assert f"service.{key}" in told
    assert "5ecret" not in told


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("postgresql://u@h/d", "postgresql+psycopg://u@h/d"),
        ("postgres://u@h/d", "postgresql+psycopg://u@h/d"),
        ("sqlite:////var/lib/bridge.db", "sqlite:////var/lib/bridge.db"),
        ("env:DATABASE_URL", "postgresql+psycopg://u:p@h/d"),
    ],
)
def test_a_database_url_gets_the_driver_that_is_installed(write, given, used):
    path = write(f'[service]\ndatabase_url = "{given}"')

    settings = load_settings(path, {"DATABASE_URL": "postgresql://u:p@h/d"})

    assert settings.service.database_url == used


def test_a_sqlite_url_without_a_path_is_refused(write):
    (told,) = problems_of(write('[service]\ndatabase_url = "sqlite://bridge.db"'))

    assert "needs three slashes" in told


@pytest.mark.parametrize(
    ("text", "key_file"),
    [
        ('database_url = "sqlite:////var/lib/bridge.db"', "/var/lib/syncbridge.key"),
        ('database_url = "sqlite:///:memory:"', "{}/syncbridge.key"),
        ('database_url = "postgresql://h/d"', "{}/syncbridge.key"),
        ('encryption_key_file = "keys/one"', "{}/keys/one"),
        ('encryption_key_file = "/etc/one"', "/etc/one"),
    ],
)
def test_the_key_file_lies_beside_the_database_or_the_settings(write, tmp_path, text, key_file):
    settings = load_settings(write(f"[service]\n{text}"), {})

    assert settings.service.encryption_key_file == Path(key_file.format(tmp_path))


def test_a_variable_with_single_underscores_is_refused_but_a_platforms_own_is_not():
    assert problems_of(None, {"SYNCBRIDGE_SERVICE_DATABASE_URL": "sqlite:///x.db"}) == [
        "SYNCBRIDGE_SERVICE_DATABASE_URL: sets nothing"
        " (did you mean SYNCBRIDGE_SERVICE__DATABASE_URL? Levels are parted by __)"
    ]
    load_settings(None, {"SYNCBRIDGE_SERVICE_PORT": "80", "SYNCBRIDGE_PORT_80_TCP": "tcp://x"})


def test_an_unknown_variable_is_refused_with_what_it_may_have_meant():
    assert problems_of(None, {"SYNCBRIDGE_RETRY__LEASE": "60"}) == [
        "SYNCBRIDGE_RETRY__LEASE: is not a setting (did you mean lease_s?)"
    ]


def test_an_empty_variable_behind_env_is_told_apart_from_one_that_is_not_set(write):
    path = write('[service]\napi_token = "env:TOKEN"')

    assert "TOKEN is empty" in problems_of(path, {"TOKEN": ""})[0]
    assert "TOKEN is not set" in problems_of(path)[0]


def test_a_secret_shows_itself_to_nobody_who_does_not_ask(caplog):
    secret = Secret("hunter2")

    with caplog.at_level(logging.INFO):
        logging.getLogger("test").info("token %s %r", secret, secret)

    assert "hunter2" not in f"{secret} {secret!r} {secret:} {[secret]} {caplog.text}"
    assert secret.reveal() == "hunter2"
    for leave in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            leave(secret)


def test_no_secret_and_no_password_shows_in_the_settings(write, tmp_path):
    (tmp_path / "token.txt").write_text("5ecret-file")
    path = write(EXAMPLE.replace("plain-token", "5ecret-plain"))
    environ = {
        "WA_APP_SECRET": "5ecret-variable",
        "SYNCBRIDGE_SERVICE__API_TOKEN": "5ecret-token",
        "SYNCBRIDGE_SERVICE__DATABASE_URL": "postgresql://u:5ecret-db@h/d",
        "SYNCBRIDGE_SERVICE__BROKER_URL": "amqp://u:5ecret-broker@h//",
    }

    settings = load_settings(path, environ)

    assert "5ecret" not in repr(settings)


@dataclass(frozen=True)
class Declared:
    name: str
    help: str = "find it there"
    required: bool = False
    secret: bool = False
    default: str | int | float | bool | None = None
    type: type[str | int | float | bool] = str


DECLARED = [
    Declared("token", required=True, secret=True),
    Declared("account"),
    Declared("batch", type=int, default=100),
    Declared("pause_s", type=float, default=0.5),
    Declared("sandboxed", type=bool, default=False),
]


def test_declared_options_get_their_types_and_defaults():
    raw = {"token": "t", "account": 42, "batch": "7", "sandboxed": "yes"}

    values, problems = validate_options("hs", raw, DECLARED)

    assert problems == []
    assert values["token"] == Secret("t")
    assert revealed(values) == {
        "token": "t",
        "account": "42",
        "batch": 7,
        "pause_s": 0.5,
        "sandboxed": True,
    }


def test_a_plain_option_may_come_from_a_variable():
    values, problems = validate_options(
        "hs", {"token": Secret("t"), "account": Secret("42"), "batch": Secret("9")}, DECLARED
    )

    assert (values["account"], values["batch"], problems) == ("42", 9, [])


def test_wrong_options_are_told_at_their_lines_without_their_values(write):
    path = write(
        '[connections.hs]\nconnector = "hubspot"\nacount = "1"\nbatch = "5ecret"\n'
        "pause_s = inf\nsandboxed = 3\nbase_ur = 1"
    )
    raw = load_settings(path, {}).connections["hs"].options

    _, problems = validate_options("hs", raw, DECLARED)

    told = sorted(str(problem).replace(f"{path.parent}/", "") for problem in problems)
    assert told == [
        "syncbridge.toml:1 connections.hs.token: is missing (find it there)",
        "syncbridge.toml:3 connections.hs.acount: is not an option of this connector"
        " (did you mean account?)",
        "syncbridge.toml:4 connections.hs.batch: is not a whole number (find it there)",
        "syncbridge.toml:5 connections.hs.pause_s: is not a number (find it there)",
        "syncbridge.toml:6 connections.hs.sandboxed: is not true or false (find it there)",
        "syncbridge.toml:7 connections.hs.base_ur: is not an option of this connector"
        " (did you mean base_url?)",
    ]


def test_an_empty_required_option_is_refused():
    _, problems = validate_options("hs", Options({"token": ""}, {}), DECLARED)

    assert [problem.what for problem in problems] == ["is empty"]


def test_every_key_has_a_line_of_help_and_a_remedy():
    keys = settings_keys()

    assert {key.section for key in keys} == {"service", "retry", "connections"}
    assert all(key.help for key in keys)
    assert ("retry", "lease_s", "60") in {(key.section, key.key, key.default) for key in keys}
