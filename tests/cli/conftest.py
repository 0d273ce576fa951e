"""A folder of one's own to stand in, as for the commands that need no more."""

from __future__ import annotations

from tests.unit.cli.conftest import handshake, here, rules, served

__all__ = ["handshake", "here", "rules", "served"]
