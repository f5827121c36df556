"""The steps make the tables the program works with, and nothing that is not ours is touched."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from syncbridge.errors import ConfigError
from syncbridge.store import migrate as migrating
from syncbridge.store.migrate import current_revision, head_revision, migrate
from syncbridge.store.session import Store, open_store
from syncbridge.store.work_tables import metadata


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def url(request: pytest.FixtureRequest, tmp_path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/bridge.db"
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    opened = open_store(url)
    yield opened
    opened.close()


def stands_at(store: Store) -> str | None:
    with store.engine.connect() as conn:
        return current_revision(conn)


def test_an_empty_database_is_brought_to_the_head_without_a_copy(store, url):
    assert migrate(store.engine, url=url) is None
    assert stands_at(store) == head_revision()
    assert head_revision() is not None


def test_the_steps_equal_the_tables(store, url):
    migrate(store.engine, url=url)
    with store.engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_the_steps_make_the_same_partial_indexes_as_the_tables(store, url, tmp_path):
    """Alembic does not compare the condition of an index."""
    migrate(store.engine, url=url)
    with store.engine.connect() as conn:
        made = index_conditions(conn)
        metadata.drop_all(conn)
        metadata.create_all(conn)
        assert made == index_conditions(conn)
    assert len(made) >= 8


def index_conditions(conn) -> dict[str, str]:
    query = (
        "SELECT name, sql AS text FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'"
        if conn.dialect.name == "sqlite"
        else "SELECT indexname AS name, indexdef AS text FROM pg_indexes "
        "WHERE schemaname = 'public' AND indexdef LIKE '%WHERE%'"
    )
    return {row.name: row.text.partition("WHERE")[2].strip() for row in conn.execute(text(query))}


def test_migrating_twice_changes_nothing(store, url):
    migrate(store.engine, url=url)
    assert migrate(store.engine, url=url) is None


def test_a_newer_schema_is_refused_and_says_which(store, url):
    migrate(store.engine, url=url)
    with store.engine.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    with pytest.raises(ConfigError, match="9999_from_the_future"):
        migrate(store.engine, url=url)
    assert stands_at(store) == "9999_from_the_future"


def test_a_database_of_somebody_else_is_refused_and_left_alone(store, url):
    with store.engine.begin() as conn:
        conn.execute(text("CREATE TABLE payroll (id INTEGER)"))
    with pytest.raises(ConfigError, match="something else"):
        migrate(store.engine, url=url)
    assert inspect(store.engine).get_table_names() == ["payroll"]


def test_an_old_file_is_copied_before_it_is_changed(tmp_path, monkeypatch):
    """There is one step yet: the step before it is played by setting the copy's name aside."""
    path = tmp_path / "bridge.db"
    store = open_store(f"sqlite:///{path}")
    migrate(store.engine, url=f"sqlite:///{path}")
    with store.engine.begin() as conn:
        conn.execute(text("INSERT INTO connections (name, live_at_ms) VALUES ('hs', 7)"))
    head = head_revision()
    # What a program of the next release does: it knows one step more than the file has.
    monkeypatch.setattr(migrating, "head_revision", lambda: "the next one")
    copy = migrate(store.engine, url=f"sqlite:///{path}")
    store.close()
    assert copy == f"{path}.before-{head}"
    with closing(sqlite3.connect(copy)) as kept:
        assert kept.execute("SELECT name, live_at_ms FROM connections").fetchall() == [("hs", 7)]


def test_a_database_that_does_not_answer_is_a_mistake_of_the_settings(tmp_path):
    url = "postgresql+psycopg://nobody:secret@127.0.0.1:1/none"
    store = open_store(url)
    with pytest.raises(ConfigError, match="does not answer") as refusal:
        migrate(store.engine, url=url)
    assert "secret" not in str(refusal.value)
    store.close()
