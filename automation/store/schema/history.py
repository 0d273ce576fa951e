"""Tables of what happened: the ledger, and decisions with what they saw."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    Float,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
)

from automation.store.schema.base import NUMBER, metadata

ledger = Table(
    "ledger",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("subject", String(300), nullable=False, index=True),
    Column("entry_json", Text, nullable=False),
)
seals = Table(
    "seals",
    metadata,
    Column("ledger_id", NUMBER, primary_key=True, autoincrement=False),
    Column("digest", String(64), nullable=False),
)
"""Each digest is of its entry and of the digest before. They outlive their entries, so that it shows."""
rulebooks = Table(
    "rulebooks",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("text_json", Text, nullable=False),
)
passes = Table(
    "passes",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("subject", String(300), nullable=False),
    Column("at", Float, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("rules", String(64), nullable=False, index=True),
    Column("kept", String(8), nullable=False),
    Column("seen_json", Text, nullable=False),
    Column("events_json", Text, nullable=False),
    Index("passes_by_age", "kept", "at"),
    Index("passes_of_subject", "subject", "at"),
)
decisions = Table(
    "decisions",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("pass_id", NUMBER, ForeignKey("passes.id"), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("decision_json", Text, nullable=False),
)
would = Table(
    "would",
    metadata,
    Column("id", NUMBER, primary_key=True, autoincrement=True),
    Column("subject", String(300), nullable=False),
    Column("at", Float, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("effect_json", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("would_by_age", "at"),
)
