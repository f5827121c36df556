"""Every table, as the migrations make them.

Instants are whole milliseconds since 1970 UTC (`*_at_ms`). Ids of rows that other systems get to
see are 32 hex digits, ordered by the time they were made.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData()

_Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
# SQLite counts up by itself only in a column declared INTEGER.
_Serial = BigInteger().with_variant(Integer, "sqlite")
_Id = String(32)
_Name = String(64)


def _instant(name: str, *, nullable: bool = True) -> Column[int]:
    return Column(f"{name}_at_ms", BigInteger, nullable=nullable)


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


connections = Table(
    "connections",
    metadata,
    Column("name", _Name, primary_key=True),
    # When a person (or the settings) let it write; null: it observes.
    _instant("live"),
    Column("live_by", String(120)),
    _instant("paused"),
    # Set by CredentialsRevoked and the like; 0 in until: a person has to act.
    _instant("suspended"),
    Column("suspended_until_ms", BigInteger),
    Column("suspended_reason", Text),
    Column("account_id", String(80)),
    Column("account_name", Text),
    Column("time_zone", String(64)),
    # The first whole list was read: from now on we know what is there and may create.
    _instant("caught_up"),
    _instant("prepared"),
    _instant("pulled"),
)

cursors = Table(
    "cursors",
    metadata,
    Column("connection", _Name, primary_key=True),
    Column("feed", _Name, primary_key=True),
    Column("position", Text, nullable=False),
    _instant("saved", nullable=False),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("connection", _Name, nullable=False),
    Column("digest", String(64), nullable=False),
    # Encrypted; null once it was dropped.
    Column("body", LargeBinary),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    _instant("received", nullable=False),
    Column("correlation_id", _Id, nullable=False),
    Index("deliveries_once", "connection", "digest", unique=True),
    Index(
        "deliveries_due",
        "id",
        sqlite_where=text("state = 'received'"),
        postgresql_where=text("state = 'received'"),
    ),
)

events = Table(
    "events",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("connection", _Name, nullable=False),
    Column("key", String(700), nullable=False),
    Column("topic", String(40), nullable=False),
    # Who applies it: "people" (what was said by or about a person) or "records" (read it again).
    Column("queue", String(10), nullable=False),
    # What it is about, so that many doorbells of one record become one read.
    Column("subject", String(200), nullable=False, server_default=text("''")),
    # Null once it was applied: messages and contributions hold what it said.
    Column("body", _Json),
    Column("state", String(16), nullable=False),
    _count("tries"),
    _instant("due", nullable=False),
    # The message it waits for, when parked.
    Column("waits_for", String(700)),
    Column("reason", Text),
    _instant("said", nullable=False),
    _instant("received", nullable=False),
    Column("delivery_id", BigInteger),
    Column("correlation_id", _Id, nullable=False),
    Index("events_once", "connection", "key", unique=True),
    Index(
        "events_due",
        "queue",
        "id",
        sqlite_where=text("state = 'due'"),
        postgresql_where=text("state = 'due'"),
    ),
    Index(
        "events_parked",
        "connection",
        "waits_for",
        sqlite_where=text("state = 'parked'"),
        postgresql_where=text("state = 'parked'"),
    ),
)

leftovers = Table(
    "leftovers",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("connection", _Name, nullable=False),
    Column("delivery_id", BigInteger),
    Column("reason", String(60), nullable=False),
    Column("place", Text, nullable=False),
    # Encrypted.
    Column("fragment", LargeBinary),
    _instant("seen", nullable=False),
)

persons = Table(
    "persons",
    metadata,
    Column("id", _Id, primary_key=True),
    # The fold of the contributions, kept for reading: {field: [value, source, at_ms]}.
    Column("golden", _Json, nullable=False),
    Column("rev", Integer, nullable=False, server_default="0"),
    Column("merged_into", _Id),
    Column("is_opted_out", Boolean, nullable=False, server_default=text("false")),
    _instant("created", nullable=False),
    _instant("changed", nullable=False),
    Index("persons_changed", "changed_at_ms"),
)

contributions = Table(
    "contributions",
    metadata,
    # A link's id, or "console:<person>".
    Column("source", String(80), primary_key=True),
    Column("person_id", _Id, nullable=False),
    Column("connection", _Name, nullable=False),
    # {field: {value, raw, at_ms, since_ms, connection, rank, version, is_initial, fills_only}}.
    Column("fields", _Json, nullable=False),
    Index("contributions_person", "person_id"),
)

identities = Table(
    "identities",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("scope", String(80), nullable=False, server_default=text("''")),
    Column("value", String(200), nullable=False),
    Column("person_id", _Id, nullable=False),
    Column("is_strong", Boolean, nullable=False),
    _instant("valid_from", nullable=False),
    # The identity that took its place; it still leads to the person, for late deliveries.
    Column("superseded_by", String(200)),
    Index(
        "identities_strong",
        "kind",
        "scope",
        "value",
        unique=True,
        sqlite_where=text("is_strong"),
        postgresql_where=text("is_strong"),
    ),
    Index("identities_once", "kind", "scope", "value", "person_id", unique=True),
    Index("identities_person", "person_id"),
)

links = Table(
    "links",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("connection", _Name, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("subject_id", _Id, nullable=False),
    Column("role", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("remote_id", String(160)),
    _count("epoch"),
    _count("wanted_rev"),
    _count("done_rev"),
    Column("version", String(80), nullable=False, server_default=text("''")),
    Column("fingerprint", String(32), nullable=False, server_default=text("''")),
    # {field: [remote, canonical]}.
    Column("base", _Json, nullable=False),
    Column("mapping_version", String(32), nullable=False, server_default=text("''")),
    # Canonical fields that wait for a person.
    Column("held", _Json),
    Column("seen_at_ms", BigInteger, nullable=False, server_default="0"),
    _instant("created", nullable=False),
    Index("links_subject", "subject_id"),
    # At most one record of a subject per connection gets everything.
    Index(
        "links_primary",
        "subject_id",
        "connection",
        "kind",
        unique=True,
        sqlite_where=text("role = 'primary' and state <> 'gone'"),
        postgresql_where=text("role = 'primary' and state <> 'gone'"),
    ),
)

refs = Table(
    "refs",
    metadata,
    Column("connection", _Name, primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("remote_id", String(160), primary_key=True),
    Column("link_id", _Id, nullable=False),
    Index("refs_link", "link_id"),
)

conversations = Table(
    "conversations",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("connection", _Name, nullable=False),
    # Identity of the other side within the account.
    Column("key", String(260), nullable=False),
    Column("person_id", _Id, nullable=False),
    _instant("opened", nullable=False),
    _instant("last_message", nullable=False),
    Index("conversations_once", "connection", "key", unique=True),
    Index("conversations_person", "person_id"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", _Id, primary_key=True),
    # The CRM connection that wants one entry for the whole session.
    Column("connection", _Name, nullable=False),
    Column("conversation_id", _Id, nullable=False),
    _instant("first_message", nullable=False),
    _instant("last_message", nullable=False),
    Index("sessions_conversation", "conversation_id", "connection", "first_message_at_ms"),
)

messages = Table(
    "messages",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("connection", _Name, nullable=False),
    Column("remote_id", String(512), nullable=False),
    # What all spellings of its id share.
    Column("token", String(200), nullable=False, server_default=text("''")),
    Column("conversation_id", _Id, nullable=False),
    Column("person_id", _Id, nullable=False),
    Column("direction", String(10), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("text", Text, nullable=False),
    Column("details", _Json),
    Column("problems", _Json),
    # The vendor's time and the order of arrival: together the order of the conversation.
    _instant("sent", nullable=False),
    Column("seq", BigInteger, nullable=False),
    _instant("received", nullable=False),
    Column("reply_to", String(512)),
    Column("is_forwarded", Boolean, nullable=False, server_default=text("false")),
    Column("is_history", Boolean, nullable=False, server_default=text("false")),
    Column("referral", _Json),
    Column("status", String(16)),
    _instant("status"),
    Column("error_code", Integer),
    Column("error_text", Text),
    # {side: [emoji, at_ms]}.
    Column("reactions", _Json),
    _instant("edited"),
    _instant("revoked"),
    Column("media", _Json),
    Column("media_state", String(16)),
    Column("media_reason", Text),
    _instant("media_due"),
    _count("media_tries"),
    Column("correlation_id", _Id, nullable=False),
    Index("messages_once", "connection", "remote_id", unique=True),
    Index(
        "messages_token",
        "connection",
        "token",
        sqlite_where=text("token <> ''"),
        postgresql_where=text("token <> ''"),
    ),
    Index("messages_conversation", "conversation_id", "sent_at_ms", "seq"),
    Index("messages_person", "person_id", "sent_at_ms", "seq"),
    Index(
        "messages_media_due",
        "connection",
        "media_due_at_ms",
        sqlite_where=text("media_state = 'wanted'"),
        postgresql_where=text("media_state = 'wanted'"),
    ),
)

statuses = Table(
    "statuses",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("message_id", _Id, nullable=False),
    Column("status", String(16), nullable=False),
    Column("participant", String(160), nullable=False, server_default=text("''")),
    _instant("said", nullable=False),
    Column("error_code", Integer),
    Column("error_text", Text),
    Index("statuses_message", "message_id"),
)

files = Table(
    "files",
    metadata,
    Column("message_id", _Id, primary_key=True),
    # Encrypted.
    Column("content", LargeBinary, nullable=False),
    Column("mime_type", String(120), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    _instant("stored", nullable=False),
)
