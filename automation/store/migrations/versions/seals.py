"""The seals of the ledger's entries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "seals",
        sa.Column("ledger_id", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.String(64), nullable=False),
    )
