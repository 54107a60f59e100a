"""Tables of the ledger, as SQLAlchemy Core sees them. Changes go through insights/ledger/migrations."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Integer, MetaData, String, Table, Text, UniqueConstraint

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
    sqlite_autoincrement=True,  # an id that was deleted is never given again
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
    Column("kind", String(16), nullable=False),  # email, phone, account
    Column("customer_id", String(128), nullable=False, index=True),
    UniqueConstraint("identity_hash", "key_version", name="uq_identity"),
)

NAME = Table(
    "name",
    METADATA,
    Column("name_hash", String(16), nullable=False),
    Column("customer_id", String(128), nullable=False, index=True),
    UniqueConstraint("name_hash", "customer_id", name="uq_name"),
)

INBOX = Table(
    "inbox",
    METADATA,
    Column("inbox_id", SERIAL, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("event_key", String(200), nullable=False),
    Column("received_at", DateTime(timezone=True), nullable=False),
    Column("sealed", Text, nullable=False),
    Column("state", String(16), nullable=False, index=True),  # received, staged, done, rejected
    Column("attempts", Integer, nullable=False),
    Column("retry_at", DateTime(timezone=True), nullable=True),
    Column("detail", String(400), nullable=True),
    Column("expires_on", Date, nullable=True, index=True),
    UniqueConstraint("source", "event_key", name="uq_inbox"),
    sqlite_autoincrement=True,  # an id that was deleted is never given again
)

STAGED = Table(
    "staged",
    METADATA,
    Column("staged_id", SERIAL, primary_key=True, autoincrement=True),
    Column("inbox_id", SERIAL, nullable=False, unique=True),
    Column("staged_at", DateTime(timezone=True), nullable=False),
    Column("frames", Text, nullable=False),  # JSON: redacted rows by table of the lake
    sqlite_autoincrement=True,  # an id that was deleted is never given again
)

CURSOR = Table(
    "cursor",
    METADATA,
    Column("source", String(64), primary_key=True),
    Column("feed", String(64), primary_key=True),  # hash of the address or query: another one starts anew
    Column("position", Text, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
)

PLACEMENT = Table(
    "placement",
    METADATA,
    Column("event_id", SERIAL, primary_key=True, autoincrement=False),
    Column("text_sha", String(64), primary_key=True, index=True),
    Column("from_id", String(128), primary_key=True),
    Column("to_id", String(128), nullable=False),
)

READING = Table(
    "reading",
    METADATA,
    Column("reading_id", SERIAL, primary_key=True, autoincrement=True),
    Column("at", DateTime(timezone=True), nullable=False, index=True),  # wall clock
    Column("subject", String(128), nullable=False),
    Column("name", String(128), nullable=False),
    Column("role", String(32), nullable=False),
    Column("page", String(64), nullable=False),
    Column("what", String(32), nullable=False),
    Column("customer_id", String(128), nullable=True, index=True),
    Column("detail", String(200), nullable=False),
    sqlite_autoincrement=True,  # an id that was deleted is never given again
)
