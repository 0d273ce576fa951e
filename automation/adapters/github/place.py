"""Where an issue of GitHub is: by its key, and by the addresses that mean it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from automation.model import Subject
from automation.ports import Refused

_KEY = re.compile(r"(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)#(?P<number>[1-9][0-9]{0,17})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an issue is: its repository and number."""

    repository: str
    number: int

    @classmethod
    def of(cls, subject: Subject) -> Place:
        """Read a subject's key. Raise Refused for what is no GitHub issue."""
        match = _KEY.fullmatch(subject.key)
        if match is None or {match["owner"], match["name"]} & {".", ".."}:
            raise Refused(f"{subject.key} is not an issue of GitHub: owner/name#12 is")
        return cls(f"{match['owner']}/{match['name']}", int(match["number"]))

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    @property
    def key(self) -> str:
        return f"{self.repository}#{self.number}"

    @property
    def named(self) -> Mapping[str, str | int]:
        """Return it as questions to GraphQL name it."""
        owner, _, name = self.repository.partition("/")
        return {"owner": owner, "name": name, "number": self.number}

    @property
    def repo(self) -> str:
        return f"/repos/{self.repository}"

    @property
    def issue(self) -> str:
        return f"{self.repo}/issues/{self.number}"

    def holds(self, api_url: str) -> bool:
        """Tell whether an ``issue_url`` or ``url`` that GitHub sent means this very issue."""
        return api_url.lower().endswith(self.issue.lower())


def segment(part: str) -> str:
    """Make a name safe as one part of a path."""
    return quote(part, safe="")
