"""What each settings key may hold: the marshmallow schemas, built once.

A field's metadata carries its `help` (one line for people) and its `remedy` (what mends a wrong
value); a message of this module never repeats the value it refuses, which may be a secret.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, missing, validate

from syncbridge.settings.values import ConversationEntries, Mode, Secret

_DATABASES = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgresql": "postgresql+psycopg",
    "postgres": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}
_BROKERS = ("amqp", "amqps", "pyamqp", "redis", "rediss")
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class WholeNumber(fields.Integer):
    """An integer, which neither `1.5` nor `true` is taken for."""

    def _validated(self, value: Any) -> int:
        if isinstance(value, float):
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class Text(fields.String):
    """Text that is not empty."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            error_messages={"invalid": "is not text", "required": "is missing"}, **options
        )

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if not text:
            raise ValidationError("is empty")
        return text


class SecretText(Text):
    """Text that becomes a `Secret`."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return Secret(super()._deserialize(value, *args, **kwargs))


class WebUrl(Text):
    """An absolute http(s) URL; the slash at its end is dropped."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        parts = _split(text)
        if parts is None or parts[0] not in {"http", "https"} or not parts[1]:
            raise ValidationError("is not an http or https URL")
        return text.rstrip("/")


class DatabaseUrl(Text):
    """A database URL, whose driver is filled in."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        scheme, separator, rest = text.partition("://")
        driver = _DATABASES.get(scheme.lower())
        if not separator or driver is None:
            raise ValidationError("is not a database URL that SyncBridge can use")
        if driver == "sqlite" and not rest.startswith("/"):
            raise ValidationError("needs three slashes before a relative path, four before another")
        return f"{driver}://{rest}"


class BrokerUrl(Text):
    """A broker URL of a kind that Celery is used with here."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        parts = _split(text)
        if parts is None or parts[0] not in _BROKERS:
            raise ValidationError("is not a broker URL that SyncBridge can use")
        return text


class QueueName(Text):
    """What the names of queues begin with."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if not re.fullmatch("[A-Za-z0-9_-]{1,64}", text):
            raise ValidationError("is not a name for queues")
        return text


class Region(Text):
    """A country as two letters."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs)
        if not re.fullmatch("[A-Za-z]{2}", text):
            raise ValidationError("is not a country code")
        return text.upper()


class Level(Text):
    """A logging level by name."""

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, *args, **kwargs).upper()
        if text not in _LEVELS:
            raise ValidationError("is not a log level")
        return text


def _split(text: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return None
    return parts.scheme, "" if re.search(r"\s", text) else host


def _about(text: str, remedy: str) -> dict[str, str]:
    return {"help": text, "remedy": remedy}


def _within(low: float, high: float) -> tuple[validate.Range, str]:
    check = validate.Range(min=low, max=high, error="is out of bounds")
    return check, f"give a number from {low} to {high}"


def _whole(text: str, default: int, low: int, high: int) -> WholeNumber:
    check, remedy = _within(low, high)
    return WholeNumber(
        load_default=default,
        validate=check,
        error_messages={"invalid": "is not a whole number"},
        metadata=_about(text, remedy),
    )


def _number(text: str, default: float, low: float, high: float) -> fields.Float:
    check, remedy = _within(low, high)
    return fields.Float(
        load_default=default,
        validate=check,
        error_messages={"invalid": "is not a number", "special": "is not a number"},
        metadata=_about(text, remedy),
    )


def _choice(text: str, default: StrEnum) -> fields.Enum[Any]:
    choices = ", ".join(f'"{choice}"' for choice in type(default))
    return fields.Enum(
        type(default),
        by_value=True,
        load_default=default,
        error_messages={"unknown": f"is not one of {choices}"},
        metadata=_about(text, text),
    )


_URL_REMEDY = 'for example "https://sync.example.com"'
_REGION_REMEDY = 'two letters as in ISO 3166, for example "DE"'


class ServiceSchema(Schema):
    """The `[service]` table."""

    class Meta:
        """Refuse what we do not know."""

        unknown = RAISE

    database_url = DatabaseUrl(
        load_default="sqlite:///syncbridge.db",
        metadata=_about(
            "SQLite or PostgreSQL",
            '"sqlite:///syncbridge.db" or "postgresql+psycopg://user@host/name"',
        ),
    )
    public_url = WebUrl(
        load_default=None,
        metadata=_about("where vendors reach us: webhooks, signatures, links", _URL_REMEDY),
    )
    default_region = Region(
        load_default="DE",
        metadata=_about("the country whose national phone numbers are meant", _REGION_REMEDY),
    )
    broker_url = BrokerUrl(
        load_default=None,
        metadata=_about(
            "set: Celery on RabbitMQ or Redis; not set: the in-process bell",
            '"amqp://user@host//" or "redis://host:6379/0"',
        ),
    )
    queue_prefix = QueueName(
        load_default="syncbridge",
        metadata=_about(
            "begins the names of queues, where instances share a broker",
            "letters, digits, - and _",
        ),
    )
    encryption_key = SecretText(
        load_default=None,
        metadata=_about("encrypts what is kept; outranks the key file", "leave it out or fill it"),
    )
    encryption_key_file = Text(
        load_default=None,
        metadata=_about(
            "made on the first start; beside the SQLite file, else beside the settings",
            "name a file",
        ),
    )
    api_token = SecretText(
        load_default=None,
        metadata=_about(
            "opens the API and the pages; not set: made on the first start",
            "leave it out or fill it",
        ),
    )
    max_body_bytes = _whole("the largest webhook we read", 4 * 2**20, 2**10, 2**28)
    log_level = Level(
        load_default="INFO",
        metadata=_about("how much is logged", f"one of {', '.join(_LEVELS)}"),
    )
    poll_interval_s = _number("between two looks at a connection without webhooks", 30, 1, 86_400)
    workers_per_connection = _whole("remote calls at a time, per connection", 2, 1, 64)
    mappings_dir = Text(
        load_default=None,
        metadata=_about("mapping files that outrank the shipped ones", "name a directory"),
    )


class RetrySchema(Schema):
    """The `[retry]` table."""

    class Meta:
        """Refuse what we do not know."""

        unknown = RAISE

    quick_tries = _whole("calls in one attempt when the transport fails", 3, 1, 10)
    quick_base_s = _number("the first pause between them; it doubles", 0.2, 0, 60)
    compensation_tries = _whole("later attempts before the dead letter", 3, 0, 100)
    compensation_interval_s = _number("between two of those attempts", 300, 0, 86_400)
    lease_s = _number("how long a claim holds; a remote call ends sooner", 60, 5, 3_600)
    readback_wait_s = _number(
        "how long an unknown outcome is left alone before it is looked for", 60, 0.1, 3_600
    )
    probe_s = _number("how soon a suspended connection is tried again", 60, 0.1, 86_400)


class ConnectionSchema(Schema):
    """What every `[connections.NAME]` table may say; the rest belongs to its connector."""

    class Meta:
        """Leave the connector's own keys to the connector."""

        unknown = EXCLUDE

    connector = Text(
        required=True,
        metadata=_about("which kind of system this is", 'for example connector = "hubspot"'),
    )
    mode = _choice("observe writes nothing remote", Mode.OBSERVE)
    base_url = WebUrl(
        load_default=None,
        metadata=_about("left out: the vendor's own", _URL_REMEDY),
    )
    rank = _whole("lower wins a tie", 100, 0, 1_000_000)
    conversation_entries = _choice(
        "one entry per message or per session", ConversationEntries.MESSAGE
    )
    session_gap_h = _number("a longer pause begins a new session", 24, 0.1, 8_760)
    default_region = Region(
        load_default=None,
        metadata=_about("left out: the service's", _REGION_REMEDY),
    )


#: The schema of each top-level table; of `connections`, of each table in it.
SECTIONS: dict[str, Schema] = {
    "service": ServiceSchema(),
    "retry": RetrySchema(),
    "connections": ConnectionSchema(),
}


@dataclass(frozen=True, slots=True)
class KeyHelp:
    """One key of the settings, for documents and `--help`."""

    section: str
    key: str
    #: Its default as text; "" when there is none.
    default: str
    help: str


def settings_keys() -> list[KeyHelp]:
    """Answer every key that SyncBridge itself understands, in the order of the documents."""
    return [
        KeyHelp(section, key, _shown(found.load_default), found.metadata["help"])
        for section, schema in SECTIONS.items()
        for key, found in schema.fields.items()
    ]


def _shown(default: object) -> str:
    return "" if default in {None, missing} else str(default)
