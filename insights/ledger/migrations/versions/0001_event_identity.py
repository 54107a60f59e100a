"""First ledger: events, encrypted notes, keyed identities."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("event_id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(128), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(128), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("idempotency_key", sa.String(200), nullable=False, unique=True),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_kind", "event", ["kind"])
    op.create_index("ix_event_subject", "event", ["subject"])
    op.create_table(
        "event_text",
        sa.Column("text_key", sa.String(200), primary_key=True),
        sa.Column("customer_id", sa.String(128), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
    )
    op.create_index("ix_event_text_customer_id", "event_text", ["customer_id"])
    op.create_table(
        "identity",
        sa.Column("identity_hash", sa.String(64), nullable=False),
        sa.Column("key_version", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.String(128), nullable=False),
        sa.UniqueConstraint("identity_hash", "key_version", name="uq_identity"),
    )
    op.create_index("ix_identity_customer_id", "identity", ["customer_id"])


def downgrade() -> None:
    for table in ("identity", "event_text", "event"):
        op.drop_table(table)
