"""The tables of the first version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
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
    )
    op.create_table(
        "links",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("deal", sa.String(300), primary_key=True),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("link_json", sa.Text, nullable=False),
    )
    op.create_index("links_by_deal", "links", ["deal"])
    op.create_table(
        "proposals",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("proposal_json", sa.Text, nullable=False),
    )
    op.create_index("ix_proposals_state", "proposals", ["state"])
    op.create_table(
        "ledger",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("entry_json", sa.Text, nullable=False),
    )
    op.create_index("ix_ledger_subject", "ledger", ["subject"])
    op.create_table(
        "decisions",
        sa.Column("id", NUMBER, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("rules", sa.String(64), nullable=False),
        sa.Column("decision_json", sa.Text, nullable=False),
    )
    op.create_index("ix_decisions_subject", "decisions", ["subject"])
    op.create_index("decisions_by_age", "decisions", ["at"])


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
        "systems",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("closed_until", sa.Float, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("unauthorized", sa.Boolean, nullable=False),
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
