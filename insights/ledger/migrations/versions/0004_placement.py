"""Which texts a person's decision put from one irritant to another."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "placement",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("text_sha", sa.String(64), primary_key=True),
        sa.Column("from_id", sa.String(128), primary_key=True),
        sa.Column("to_id", sa.String(128), nullable=False),
    )
    op.create_index("ix_placement_text_sha", "placement", ["text_sha"])


def downgrade() -> None:
    op.drop_table("placement")
