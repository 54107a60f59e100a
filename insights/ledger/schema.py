"""Tables of the ledger, as SQLAlchemy Core sees them. Changes go through insights/ledger/migrations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Integer, MetaData, String, Table, Text, UniqueConstraint

METADATA = MetaData()
SERIAL = BigInteger().with_variant(Integer(), "sqlite")

EVENT = Table(
    "event",
    METADATA,
    Column("event_id", SERIAL, primary_key=True, autoincrement=True),
    Column("kind", String(64), nullable=False, index=True),
    Column("subject", String(128), nullable=False, index=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("actor", String(128), nullable=False),
    Column("payload", Text, nullable=False),
    Column("idempotency_key", String(200), nullable=False, unique=True),
)

EVENT_TEXT = Table(
    "event_text",
    METADATA,
    Column("text_key", String(200), primary_key=True),
    Column("customer_id", String(128), nullable=False, index=True),
    Column("sealed", Text, nullable=False),
)

IDENTITY = Table(
    "identity",
    METADATA,
    Column("identity_hash", String(64), nullable=False),
    Column("key_version", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("customer_id", String(128), nullable=False, index=True),
    UniqueConstraint("identity_hash", "key_version", name="uq_identity"),
)
