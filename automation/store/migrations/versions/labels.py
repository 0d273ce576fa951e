"""What is decided about labels, and what a refusal says to people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "labels",
        sa.Column("subject", sa.String(300), sa.ForeignKey("issues.subject"), primary_key=True),
        sa.Column("label", sa.String(200), primary_key=True),
        sa.Column("present", sa.Boolean, nullable=False),
    )
    op.create_table(
        "refusals",
        sa.Column("effect", sa.String(64), primary_key=True),
        sa.Column("hint", sa.Text, nullable=False),
    )
