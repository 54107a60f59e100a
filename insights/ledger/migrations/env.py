"""Alembic's entry: runs the migrations on the connection `insights.ledger.migrate` hands over."""

from alembic import context

from insights.ledger.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
