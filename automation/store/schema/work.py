"""Tables of what came in, what is to be done, and what was done outside."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from automation.store.schema.base import NUMBER, metadata

_ONE_RUNNING = text("state = 'running' AND ordering <> ''")
_SWEEP = text("kind = 'sweep'")
deliveries = Table(
    "deliveries",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("event", String(200), nullable=False),
    Column("headers_json", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", Float, nullable=False),
    Column("reading", String(16), nullable=False, default=""),
    Column("reason", Text, nullable=False, default=""),
    Index("deliveries_by_age", "received_at"),
)
seen_events = Table(
    "seen_events",
    metadata,
    Column("source", String(32), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("seen_at", Float, nullable=False),
    Index("seen_events_by_age", "seen_at"),
)
"""The events of deliveries that tell of several."""
jobs = Table(
    "jobs",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("kind", String(16), nullable=False),
    Column("system", String(32), nullable=False, default=""),
    Column("ordering", String(300), nullable=False, default=""),
    Column("cause", String(240), nullable=False, default=""),
    Column("payload_json", Text, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", Float, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("owner", String(64), nullable=False, default=""),
    Column("lease_until", Float, nullable=False, default=0.0),
    Column("error", Text, nullable=False, default=""),
    Column("put_at", Float, nullable=False),
    Index("jobs_by_turn", "state", "kind", "system", "due_at", "id", "ordering"),
    Index("jobs_by_cause", "cause"),
    Index("jobs_by_ordering", "ordering"),
    Index(
        "jobs_one_running",
        "ordering",
        unique=True,
        sqlite_where=_ONE_RUNNING,
        postgresql_where=_ONE_RUNNING,
    ),
    Index("jobs_one_sweep", "kind", unique=True, sqlite_where=_SWEEP, postgresql_where=_SWEEP),
)
messages = Table(
    "messages",
    metadata,
    Column("sender", String(300), primary_key=True),
    Column("sequence", String(300), primary_key=True),
    Column("at", Float, nullable=False),
    Index("messages_by_age", "at"),
)
effects = Table(
    "effects",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("subject", String(300), nullable=False, index=True),
    Column("effect_json", Text, nullable=False),
    Column("after", String(64), nullable=False, default="", index=True),
    Column("proposal", String(32), nullable=False, default="", index=True),
    Column("state", String(16), nullable=False),
    Column("text", Text, nullable=False, default=""),
    Column("ended_at", Float, nullable=False, default=0.0),
)
refusals = Table(
    "refusals",
    metadata,
    Column("effect", String(64), primary_key=True),
    Column("hint", Text, nullable=False),
)
restores = Table(
    "restores",
    metadata,
    Column("effect", String(64), primary_key=True),
    Column("actor", String(300), nullable=False),
    Column("rule", String(300), nullable=False),
    Column("at", Float, nullable=False),
    Index("restores_by_age", "at"),
)
"""On whose account dates were set back lately."""
pauses = Table(
    "pauses",
    metadata,
    Column("name", String(300), primary_key=True),
    Column("since", Float, nullable=False),
    Column("text", Text, nullable=False),
    Column("free_until", Float, nullable=False, default=0.0),
)
