"""Whom the names in the rules mean."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "pins",
        sa.Column("system", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(300), primary_key=True),
        sa.Column("id", sa.String(300), nullable=False),
        sa.Column("found", sa.String(300), nullable=False),
        sa.Column("pinned_at", sa.Float, nullable=False),
    )
