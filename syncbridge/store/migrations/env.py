"""What Alembic runs: the steps, on the connection it is given."""

from __future__ import annotations

from alembic import context

from syncbridge.store import work_tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=work_tables.metadata,
    render_as_batch=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
