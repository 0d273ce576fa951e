"""Systems that do not answer."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
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
