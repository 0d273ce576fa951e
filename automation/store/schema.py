"""The tables. Times are seconds since the epoch (UTC), texts named ``*_json`` are JSON."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    text,
)

metadata = MetaData()

_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up by itself for Integer only
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
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
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

subjects = Table(
    "subjects",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("key", String(300), nullable=False),
    Column("place", String(300), nullable=False, default=""),
    Column("born", String(100), nullable=False, default=""),
    Column("became", String(300), nullable=False, default=""),
    Column("former_json", Text, nullable=False, default="[]"),
    Index("subjects_by_place", "place"),
    Index("subjects_by_birth", "born"),
)

places = Table(
    "places",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("name", String(300), primary_key=True),
    Column("id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("fields_json", Text, nullable=False),
    Column("handled_json", Text, nullable=False),
    Column("words_json", Text, nullable=False),
    Column("mentioned_json", Text, nullable=False),
    Column("unsettled_since", Float, nullable=False, default=0.0),
    Column("standing", String(16), nullable=False, default=""),
    Column("heard_json", Text, nullable=False, default="[]"),
    Column("heard_before_json", Text, nullable=False, default="[]"),
    Column("lives", String(300), nullable=False, default=""),
    Column("away", Boolean, nullable=False, default=False),
)

carriers = Table(
    "carriers",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("value_json", Text, nullable=False),
    Column("moves_json", Text, nullable=False),
    Column("gone", Boolean, nullable=False),
)

stands_on = Table(
    "stands_on",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("carrier", String(300), primary_key=True),
    Index("stands_on_by_carrier", "carrier"),
)

messages = Table(
    "messages",
    metadata,
    Column("sender", String(300), primary_key=True),
    Column("sequence", String(300), primary_key=True),
    Column("at", Float, nullable=False),
    Index("messages_by_age", "at"),
)

links = Table(
    "links",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("deal", String(300), primary_key=True),
    Column("ended", Boolean, nullable=False),
    Column("link_json", Text, nullable=False),
    Index("links_by_deal", "deal"),
)

labels = Table(
    "labels",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("label", String(200), primary_key=True),
    Column("present", Boolean, nullable=False),
)

naming = Table(
    "naming",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("users_json", Text, nullable=False),
    Column("asked_json", Text, nullable=False),
    Column("problems_json", Text, nullable=False, server_default="[]"),
    Column("invited_at", Float),
)

known_names = Table(
    "known_names",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("system", String(32), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("name", String(300), nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("proposal_json", Text, nullable=False),
)

told = Table(
    "told",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("deal", String(300), primary_key=True),
    Column("field", String(64), primary_key=True),
    Column("value_json", Text, nullable=False),
    Column("rechecking", Boolean, nullable=False),
    Column("at", Float, nullable=False),
)

saying = Table(
    "saying",
    metadata,
    Column("effect", String(64), primary_key=True),
    Column("heard_json", Text, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("subject", String(300), nullable=False, index=True),
    Column("entry_json", Text, nullable=False),
)

seals = Table(
    "seals",
    metadata,
    Column("ledger_id", _NUMBER, primary_key=True, autoincrement=False),
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
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
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
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("pass_id", _NUMBER, ForeignKey("passes.id"), nullable=False, index=True),
    Column("outcome", String(16), nullable=False),
    Column("decision_json", Text, nullable=False),
)

would = Table(
    "would",
    metadata,
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
    Column("subject", String(300), nullable=False),
    Column("at", Float, nullable=False),
    Column("mode", String(16), nullable=False),
    Column("effect_json", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("would_by_age", "at"),
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

refusals = Table(
    "refusals",
    metadata,
    Column("effect", String(64), primary_key=True),
    Column("hint", Text, nullable=False),
)

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
    Column("id", _NUMBER, primary_key=True, autoincrement=True),
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
