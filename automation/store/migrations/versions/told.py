"""What each deal was told last, and what it is about to be told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
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
