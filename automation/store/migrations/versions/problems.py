"""What users want solved, in their words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0103"
down_revision = "0102"


def upgrade() -> None:
    op.add_column("naming", sa.Column("problems_json", sa.Text, nullable=False, server_default="[]"))
