"""Tables of the systems that are talked to, and of those who talk to them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from automation.store.schema.base import NUMBER, metadata

systems = Table(
    "systems",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("closed_until", Float, nullable=False, default=0.0),
    Column("why", Text, nullable=False, default=""),
    Column("unauthorized", Boolean, nullable=False, default=False),
)
pins = Table(
    "pins",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", String(300), primary_key=True),
    Column("id", String(300), nullable=False),
    Column("found", String(300), nullable=False),
    Column("pinned_at", Float, nullable=False),
)
outages = Table(
    "outages",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("side", String(8), primary_key=True),
    Column("in_a_row", Integer, nullable=False),
    Column("calls_json", Text, nullable=False),
    Column("since", Float, nullable=False),
    Column("failed_at", Float, nullable=False),
    Column("closed_until", Float, nullable=False, default=0.0),
    Column("probing_until", Float, nullable=False, default=0.0),
    Column("wait", Float, nullable=False, default=0.0),
    Column("why", Text, nullable=False, default=""),
)
writes = Table(
    "writes",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("system", String(32), nullable=False),
    Column("at", Float, nullable=False),
    Index("writes_by_time", "system", "at"),
)
workers = Table(
    "workers",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("seen_at", Float, nullable=False),
)
counters = Table(
    "counters",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("labels", String(200), primary_key=True),
    Column("value", Float, nullable=False),
)
meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)
