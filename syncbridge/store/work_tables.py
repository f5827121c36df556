"""The tables of owed work and of what came of it: outbox, attempts, conflicts, journal, runs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from syncbridge.store.tables import _count, _Id, _instant, _Json, _Name, _Serial
from syncbridge.store.tables import metadata as metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("connection", _Name, nullable=False),
    Column("kind", String(16), nullable=False),
    # The record that is behind (state), or that the act is about.
    Column("link_id", _Id, nullable=False),
    # "state", or the verb of an act: delete, merge, send.
    Column("verb", String(16), nullable=False),
    Column("target", String(160), nullable=False, server_default=text("''")),
    # The link that must have its record first.
    Column("needs_link_id", _Id),
    Column("state", String(16), nullable=False),
    # The rev whose payload is on its way.
    _count("rev"),
    _count("attempt"),
    # Compensation tries used up; a rate limit or a suspension uses none.
    _count("tries"),
    # The last attempt's outcome is not known: read back before repeating.
    Column("is_unknown", Boolean, nullable=False, server_default=text("false")),
    _count("empty_reads"),
    _instant("due", nullable=False),
    Column("lease_until_ms", BigInteger),
    Column("worker", String(80)),
    Column("cause", String(40)),
    Column("message", Text),
    Column("advice", Text),
    Column("discarded_by", String(120)),
    Column("correlation_id", _Id, nullable=False),
    _instant("created", nullable=False),
    _instant("settled"),
    Index("outbox_once", "link_id", "verb", "target", unique=True),
    Index(
        "outbox_due",
        "connection",
        "kind",
        "due_at_ms",
        sqlite_where=text("state = 'due'"),
        postgresql_where=text("state = 'due'"),
    ),
    Index(
        "outbox_blocked",
        "needs_link_id",
        sqlite_where=text("state = 'blocked'"),
        postgresql_where=text("state = 'blocked'"),
    ),
    Index(
        "outbox_leased",
        "lease_until_ms",
        sqlite_where=text("state in ('claimed', 'sending')"),
        postgresql_where=text("state in ('claimed', 'sending')"),
    ),
    Index(
        "outbox_dead",
        "connection",
        "cause",
        sqlite_where=text("state = 'dead'"),
        postgresql_where=text("state = 'dead'"),
    ),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("entry_id", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    _instant("started", nullable=False),
    _instant("ended"),
    # "done" or the error's cause; null while it is on its way.
    Column("outcome", String(40)),
    Column("message", Text),
    Column("request_id", String(120)),
    # Digest of the payload, to recognise a repeated one.
    Column("payload", String(32), nullable=False, server_default=text("''")),
    Index("attempts_entry", "entry_id", "attempt", unique=True),
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("person_id", _Id, nullable=False),
    Column("link_id", _Id, nullable=False),
    Column("connection", _Name, nullable=False),
    Column("field", _Name, nullable=False),
    Column("ours", Text),
    Column("theirs", Text),
    Column("base", Text),
    Column("ours_from", _Name, nullable=False),
    Column("theirs_from", _Name, nullable=False),
    _instant("ours", nullable=False),
    _instant("theirs", nullable=False),
    # "ours", "theirs", or "" while a person has to decide.
    Column("winner", String(8), nullable=False),
    Column("reason", Text, nullable=False),
    Column("is_initial", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("resolution", Text),
    Column("resolved_by", String(120)),
    _instant("resolved"),
    _instant("found", nullable=False),
    Column("correlation_id", _Id, nullable=False),
    Index("conflicts_person", "person_id"),
    Index("conflicts_state", "state", "is_initial", "id"),
)

reviews = Table(
    "reviews",
    metadata,
    Column("id", _Serial, primary_key=True),
    # Which question a person has to answer: identity_clash, ambiguous_phone, ...
    Column("topic", String(40), nullable=False),
    Column("person_id", _Id, nullable=False),
    Column("other_id", _Id, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("state", String(16), nullable=False),
    _instant("found", nullable=False),
    Index("reviews_once", "topic", "person_id", "other_id", unique=True),
)

journal = Table(
    "journal",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("person_id", _Id),
    Column("connection", _Name, nullable=False, server_default=text("''")),
    Column("topic", String(40), nullable=False),
    # What was decided and why, in words.
    Column("text", Text, nullable=False),
    Column("details", _Json),
    Column("correlation_id", _Id, nullable=False),
    Index("journal_person", "person_id", "id"),
    Index("journal_correlation", "correlation_id"),
)

runs = Table(
    "runs",
    metadata,
    Column("id", _Serial, primary_key=True),
    Column("connection", _Name, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    _instant("started", nullable=False),
    _instant("ended"),
    # A run whose lease ran out was killed: the next one takes it up from its cursor.
    Column("lease_until_ms", BigInteger, nullable=False),
    Column("report", _Json),
    Index(
        "runs_one",
        "connection",
        unique=True,
        sqlite_where=text("state = 'running'"),
        postgresql_where=text("state = 'running'"),
    ),
)

counters = Table(
    "counters",
    metadata,
    Column("connection", _Name, primary_key=True),
    Column("name", _Name, primary_key=True),
    _count("count"),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("worker", String(80), primary_key=True),
    Column("role", String(20), nullable=False),
    _instant("beat", nullable=False),
)
