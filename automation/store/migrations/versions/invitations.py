"""When people were invited on an issue to say what a user wants solved, and whom they asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0104"
down_revision = "0103"


def upgrade() -> None:
    op.add_column("naming", sa.Column("invited_at", sa.Float))
