"""A milestone's own due date: read, and written, on the milestone itself.

https://docs.github.com/en/rest/issues/milestones
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from automation.adapters.errors import Rejected, unreadable
from automation.adapters.github import answers
from automation.adapters.github.api import Api
from automation.adapters.github.place import Place
from automation.adapters.shapes import Malformed, instant, instant_or_none, text_or_empty
from automation.model import Carrier, Value


@dataclass(frozen=True, slots=True)
class DueDate:
    """The date that a milestone has. Its place is written as an issue's: owner/name#3."""

    api: Api
    called: ClassVar[str] = "the milestone"

    def read(self, place: Place) -> Carrier:
        """https://docs.github.com/en/rest/issues/milestones#get-a-milestone"""
        path = _path(place)
        body = self.api.get(path)
        try:
            at, url = instant(body, "updated_at"), text_or_empty(body, "html_url")
            return Carrier(place.repository, answers.value(body), at, url)
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error

    def write(self, place: Place, value: Value) -> datetime | None:
        """GitHub keeps the midnight, Pacific time, before the moment that is sent: noon in UTC lies within
        the day that is meant, in summer and in winter.
        https://docs.github.com/en/rest/issues/milestones#update-a-milestone"""
        path = _path(place)
        body = {"due_on": f"{value.day.isoformat()}T12:00:00Z" if value.day else None}
        answer = self.api.send("PATCH", path, body, urgent=True)
        try:
            holds = answers.value(answer)
        except Malformed as error:
            raise unreadable(f"GitHub: PATCH {path}") from error
        if holds.day != value.day:
            raise answers.dropped(place, self.called)
        return instant_or_none(answer, "updated_at")

    def why_not(self, place: Place, value: Value, error: Rejected) -> str:
        """Nothing special is known."""
        return ""


def _path(place: Place) -> str:
    return f"{place.repo}/milestones/{place.number}"
