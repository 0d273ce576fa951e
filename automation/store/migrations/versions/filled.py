"""What issues themselves said of users when that was looked at last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0105"
down_revision = "0104"


def upgrade() -> None:
    op.add_column("naming", sa.Column("filled_json", sa.Text, nullable=False, server_default="[]"))
