"""Alembic runs this file. The connection, and the transaction around it, come from `engine.migrations.running`."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], render_as_batch=True, transactional_ddl=True)
context.run_migrations()
