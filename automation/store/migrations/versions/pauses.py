"""On whose account dates were set back lately, and who is paused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0102"
down_revision = "0101"


def upgrade() -> None:
    op.create_table(
        "restores",
        sa.Column("effect", sa.String(64), primary_key=True),
        sa.Column("actor", sa.String(300), nullable=False),
        sa.Column("rule", sa.String(300), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("restores_by_age", "restores", ["at"])
    op.create_table(
        "pauses",
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("free_until", sa.Float, nullable=False),
    )
