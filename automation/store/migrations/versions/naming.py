"""What customers call an issue, whom of them product may talk to, and names that are not for everybody."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
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
