from __future__ import annotations

import sqlite3

import pytest

from syncbridge.errors import StoreBusy
from syncbridge.store.session import SqliteStore


def test_a_database_locked_from_the_start_is_told_and_used_once_it_is_free(tmp_path):
    path = tmp_path / "locked.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    store = SqliteStore(f"sqlite:///{path}?timeout=0.05")
    try:
        with pytest.raises(StoreBusy):
            store.transact(lambda tx: tx.exec_driver_sql("SELECT 1").scalar())

        other.execute("ROLLBACK")

        assert store.transact(lambda tx: tx.exec_driver_sql("SELECT 1").scalar()) == 1
    finally:
        other.close()
        store.close()
