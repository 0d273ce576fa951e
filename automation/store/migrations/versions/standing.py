"""Whether an issue that deals depend on is open, and how it ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("issues", sa.Column("standing", sa.String(16)))
