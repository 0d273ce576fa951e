"""The labels by which people answered, and that were taken off again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0105"


def upgrade() -> None:
    op.add_column("issues", sa.Column("taken_off_json", sa.Text, nullable=False, server_default="{}"))
