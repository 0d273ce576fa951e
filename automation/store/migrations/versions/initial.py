"""The tables that all later steps add to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0100"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _arriving()
    _known()
    _outside()
    _shared()


def _arriving() -> None:
    op.create_table(
        "deliveries",
        sa.Column("source", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("event", sa.String(200), nullable=False),
        sa.Column("headers_json", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.Float, nullable=False),
        sa.Column("reading", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
    )
    op.create_index("deliveries_by_age", "deliveries", ["received_at"])
    op.create_table(
        "seen_events",
        sa.Column("source", sa.String(32), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_index("seen_events_by_age", "seen_events", ["seen_at"])
    op.create_table(
        "jobs",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("system", sa.String(32), nullable=False),
        sa.Column("ordering", sa.String(300), nullable=False),
        sa.Column("cause", sa.String(240), nullable=False),
        sa.Column("payload_json", sa.Text, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", sa.Float, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.Column("lease_until", sa.Float, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("put_at", sa.Float, nullable=False),
    )
    op.create_index("jobs_by_turn", "jobs", ["state", "kind", "system", "due_at", "id", "ordering"])
    op.create_index("jobs_by_cause", "jobs", ["cause"])
    op.create_index("jobs_by_ordering", "jobs", ["ordering"])
    running, sweep = sa.text("state = 'running' AND ordering <> ''"), sa.text("kind = 'sweep'")
    op.create_index(
        "jobs_one_running",
        "jobs",
        ["ordering"],
        unique=True,
        sqlite_where=running,
        postgresql_where=running,
    )
    op.create_index(
        "jobs_one_sweep", "jobs", ["kind"], unique=True, sqlite_where=sweep, postgresql_where=sweep
    )


def _known() -> None:
    op.create_table(
        "issues",
        sa.Column("subject", sa.String(300), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("fields_json", sa.Text, nullable=False),
        sa.Column("handled_json", sa.Text, nullable=False),
        sa.Column("words_json", sa.Text, nullable=False),
        sa.Column("mentioned_json", sa.Text, nullable=False),
        sa.Column("unsettled_since", sa.Float, nullable=False),
        sa.Column("standing", sa.String(16), nullable=False),
        sa.Column("heard_json", sa.Text, nullable=False),
        sa.Column("heard_before_json", sa.Text, nullable=False),
        sa.Column("lives", sa.String(300), nullable=False),
        sa.Column("away", sa.Boolean, nullable=False),
    )
    op.create_table(
        "subjects",
        sa.Column("subject", sa.String(300), primary_key=True),
        sa.Column("key", sa.String(300), nullable=False),
        sa.Column("place", sa.String(300), nullable=False),
        sa.Column("born", sa.String(100), nullable=False),
        sa.Column("became", sa.String(300), nullable=False),
        sa.Column("former_json", sa.Text, nullable=False),
    )
    op.create_index("subjects_by_place", "subjects", ["place"])
    op.create_index("subjects_by_birth", "subjects", ["born"])
    op.create_table(
        "places",
        sa.Column("system", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
    )
    op.create_table(
        "carriers",
        sa.Column("subject", sa.String(300), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("value_json", sa.Text, nullable=False),
        sa.Column("moves_json", sa.Text, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
    )
    op.create_table(
        "stands_on",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("carrier", sa.String(300), primary_key=True),
    )
    op.create_index("stands_on_by_carrier", "stands_on", ["carrier"])
    op.create_table(
        "messages",
        sa.Column("sender", sa.String(300), primary_key=True),
        sa.Column("sequence", sa.String(300), primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("messages_by_age", "messages", ["at"])
    op.create_table(
        "links",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("deal", sa.String(300), primary_key=True),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("link_json", sa.Text, nullable=False),
    )
    op.create_index("links_by_deal", "links", ["deal"])
    op.create_table(
        "labels",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("label", sa.String(200), primary_key=True),
        sa.Column("present", sa.Boolean, nullable=False),
    )
    op.create_table(
        "naming",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("users_json", sa.Text, nullable=False),
        sa.Column("asked_json", sa.Text, nullable=False),
    )
    op.create_table(
        "known_names",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("system", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("name", sa.String(300), nullable=False),
    )
    op.create_table(
        "proposals",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposal_json", sa.Text, nullable=False),
    )
    op.create_index("ix_proposals_state", "proposals", ["state"])
    op.create_table(
        "told",
        sa.Column("subject", sa.String(300), primary_key=True),
        sa.Column("deal", sa.String(300), primary_key=True),
        sa.Column("field", sa.String(64), primary_key=True),
        sa.Column("value_json", sa.Text, nullable=False),
        sa.Column("rechecking", sa.Boolean, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_table(
        "saying",
        sa.Column("effect", sa.String(64), primary_key=True),
        sa.Column("heard_json", sa.Text, nullable=False),
    )
    op.create_table(
        "ledger",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("entry_json", sa.Text, nullable=False),
    )
    op.create_index("ix_ledger_subject", "ledger", ["subject"])
    op.create_table(
        "rulebooks",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("text_json", sa.Text, nullable=False),
    )
    op.create_table(
        "passes",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("rules", sa.String(64), nullable=False),
        sa.Column("kept", sa.String(8), nullable=False),
        sa.Column("seen_json", sa.Text, nullable=False),
        sa.Column("events_json", sa.Text, nullable=False),
    )
    op.create_index("ix_passes_rules", "passes", ["rules"])
    op.create_index("passes_by_age", "passes", ["kept", "at"])
    op.create_index("passes_of_subject", "passes", ["subject", "at"])
    op.create_table(
        "decisions",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("pass_id", NUMBER, sa.ForeignKey("passes.id"), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("decision_json", sa.Text, nullable=False),
    )
    op.create_index("ix_decisions_pass_id", "decisions", ["pass_id"])
    op.create_table(
        "would",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("effect_json", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_index("would_by_age", "would", ["at"])


def _outside() -> None:
    op.create_table(
        "effects",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("effect_json", sa.Text, nullable=False),
        sa.Column("after", sa.String(64), nullable=False),
        sa.Column("proposal", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("ended_at", sa.Float, nullable=False),
    )
    op.create_index("ix_effects_subject", "effects", ["subject"])
    op.create_index("ix_effects_after", "effects", ["after"])
    op.create_index("ix_effects_proposal", "effects", ["proposal"])
    op.create_table(
        "refusals",
        sa.Column("effect", sa.String(64), primary_key=True),
        sa.Column("hint", sa.Text, nullable=False),
    )
    op.create_table(
        "systems",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("closed_until", sa.Float, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("unauthorized", sa.Boolean, nullable=False),
    )
    op.create_table(
        "pins",
        sa.Column("system", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("id", sa.String(300), nullable=False),
        sa.Column("found", sa.String(300), nullable=False),
        sa.Column("pinned_at", sa.Float, nullable=False),
    )
    op.create_table(
        "outages",
        sa.Column("system", sa.String(32), primary_key=True),
        sa.Column("side", sa.String(8), primary_key=True),
        sa.Column("in_a_row", sa.Integer, nullable=False),
        sa.Column("calls_json", sa.Text, nullable=False),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("failed_at", sa.Float, nullable=False),
        sa.Column("closed_until", sa.Float, nullable=False),
        sa.Column("probing_until", sa.Float, nullable=False),
        sa.Column("wait", sa.Float, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
    )
    op.create_table(
        "writes",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("system", sa.String(32), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("writes_by_time", "writes", ["system", "at"])


def _shared() -> None:
    op.create_table(
        "workers",
        sa.Column("owner", sa.String(64), primary_key=True),
        sa.Column("seen_at", sa.Float, nullable=False),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("labels", sa.String(200), primary_key=True),
        sa.Column("value", sa.Float, nullable=False),
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
