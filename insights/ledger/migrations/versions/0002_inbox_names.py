"""Webhook inbox, redacted rows that wait for the lake's commit, and the keyed hashes of customers' names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "name",
        sa.Column("name_hash", sa.String(16), nullable=False),
        sa.Column("customer_id", sa.String(128), nullable=False),
        sa.UniqueConstraint("name_hash", "customer_id", name="uq_name"),
    )
    op.create_index("ix_name_customer_id", "name", ["customer_id"])
    op.create_table(
        "inbox",
        sa.Column("inbox_id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("event_key", sa.String(200), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(400), nullable=True),
        sa.Column("expires_on", sa.Date, nullable=True),
        sa.UniqueConstraint("source", "event_key", name="uq_inbox"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_state", "inbox", ["state"])
    op.create_index("ix_inbox_expires_on", "inbox", ["expires_on"])
    op.create_table(
        "staged",
        sa.Column("staged_id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("inbox_id", SERIAL, nullable=False, unique=True),
        sa.Column("staged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("frames", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    for table in ("staged", "inbox", "name"):
        op.drop_table(table)
