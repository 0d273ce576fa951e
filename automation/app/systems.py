"""The systems that there are. A further one is a folder in ``automation/adapters`` and an entry here."""

from __future__ import annotations

from typing import Any

from automation.adapters.github.system import GITHUB
from automation.adapters.jira.system import JIRA
from automation.adapters.system import System

SYSTEMS: tuple[System[Any], ...] = (GITHUB, JIRA)
