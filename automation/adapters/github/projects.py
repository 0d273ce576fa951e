"""A date column of an organisation's project as a deadline of the issues on it: a day that nothing carries.

GitHub tells of it through GraphQL only, keeps no history of it, and names the issue in its webhook by its
node id. https://docs.github.com/en/graphql/reference/objects#projectv2item
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime

from automation.adapters.errors import Missing, Rejected, unreadable
from automation.adapters.github import answers
from automation.adapters.github.api import Api
from automation.adapters.github.place import Place
from automation.adapters.shapes import Malformed, at, many, text
from automation.model import NOTHING, DeadlineField, Move, Value
from automation.ports import Refused
from automation.ports.recent import Recent

ITEMS = "project_items"
"""Where an issue's items on projects stand in what is read of it."""

VALUES = """fieldValues(first: 100) {
  nodes {
    ... on ProjectV2ItemFieldDateValue { date field { ... on ProjectV2FieldCommon { id } } }
    ... on ProjectV2ItemFieldIterationValue {
      iterationId title startDate duration field { ... on ProjectV2FieldCommon { id } }
    }
  }
}"""
ON = f"projectItems(first: 50, includeArchived: true) {{ nodes {{ id project {{ id }} {VALUES} }} }}"
"""What an issue is asked for its projects."""

ISSUE = f"""
query($owner: String!, $name: String!, $number: Int!) {{
  repository(owner: $owner, name: $name, followRenames: false) {{ issue(number: $number) {{ id {ON} }} }}
}}"""

ADD = """
mutation($project: ID!, $issue: ID!) {
  addProjectV2ItemById(input: {projectId: $project, contentId: $issue}) { item { id } }
}"""
SET = f"""
mutation($project: ID!, $item: ID!, $field: ID!, $day: Date!) {{
  done: updateProjectV2ItemFieldValue(
    input: {{projectId: $project, itemId: $item, fieldId: $field, value: {{date: $day}}}}
  ) {{ projectV2Item {{ id {VALUES} }} }}
}}"""
CLEAR = f"""
mutation($project: ID!, $item: ID!, $field: ID!) {{
  done: clearProjectV2ItemFieldValue(
    input: {{projectId: $project, itemId: $item, fieldId: $field}}
  ) {{ projectV2Item {{ id {VALUES} }} }}
}}"""
"""https://docs.github.com/en/graphql/reference/mutations#clearprojectv2itemfieldvalue"""


@dataclass(frozen=True, slots=True)
class OfProject:
    """``project`` and ``node`` are the ids of the project and its column, ``items`` those of the items that
    were read lately, by the issue's key and the project. An issue that is not on the project
    has no date there, and is put on it where it is to have one: who takes it off clears its date."""

    api: Api
    declared: DeadlineField
    number: int
    project: str
    node: str
    items: Recent[tuple[str, str], str]

    @property
    def called(self) -> str:
        return f"“{self.declared.label.removesuffix(f' (project {self.number})')}” of project {self.number}"

    def read(self, issue: object) -> Value:
        """Read it from an issue. An answer that does not speak of projects is not one that says none."""
        item = self._item(many(issue, ITEMS))
        return NOTHING if item is None else self._held(item)

    def _item(self, items: Iterable[object]) -> object | None:
        return next((item for item in items if at(item, "project.id") == self.project), None)

    def _held(self, item: object) -> Value:
        rows = many(item, "fieldValues.nodes")
        row = next((row for row in rows if at(row, "field.id") == self.node), None)
        return NOTHING if row is None else self.held(row)

    def held(self, row: object) -> Value:
        """Read what an item holds in the column."""
        if at(row, "date") is None:
            return NOTHING
        written = text(row, "date")
        return answers.day_or_none(written) or Value(written, None, written)

    def moves(self, place: Place, events: Iterable[object], known: Sequence[Value]) -> Iterator[Move]:
        return iter(())  # there is no history of it

    def carried(self, place: Place, values: Collection[Value]) -> Mapping[Value, Value]:
        return {}  # a day is the same everywhere

    def gone(self, place: Place, value: Value) -> bool:
        return False  # a date is no more than a day

    def carriers(self, place: Place, day: date) -> Sequence[Value]:
        return (answers.dated(day),)

    def write(self, place: Place, value: Value) -> datetime | None:
        """Set or clear it on the issue's item, and check on the answer that it took. That changes the item,
        and not the issue: nothing is said of when."""
        try:
            self._write(place, value)
            return None
        except Refused as error:
            raise Refused(str(error), error.hint or self._no_right()) from error

    def _write(self, place: Place, value: Value) -> None:
        try:
            if known := self.items.known((place.key, self.project)):
                with suppress(Missing):  # it is on the project again, as another item
                    return self._put(place, value, known)
            answer = self.api.graphql(ISSUE, place.named)
            issue = at(answer, "repository.issue")
            item = self._item(many(issue, "projectItems.nodes"))
            if item is None and not value:
                return None
            self._put(place, value, self._put_on(text(issue, "id")) if item is None else text(item, "id"))
        except Malformed as error:
            raise unreadable(f"GitHub: {self.called} on {place.key}") from error

    def _put(self, place: Place, value: Value, item: str) -> None:
        about = {"project": self.project, "field": self.node, "item": item}
        said = self._set(place, about, value) if value else self.api.mutate(CLEAR, about)
        if self._held(at(said, "done.projectV2Item")).ref != value.ref:
            raise answers.dropped(place, self.called, self._no_right())

    def _set(self, place: Place, about: dict[str, str], value: Value) -> object:
        return self.api.mutate(SET, about | {"day": value.ref})

    def _put_on(self, issue: str) -> str:
        """https://docs.github.com/en/graphql/reference/mutations#addprojectv2itembyid"""
        said = self.api.mutate(ADD, {"project": self.project, "issue": issue})
        return text(said, "addProjectV2ItemById.item.id")

    def _no_right(self) -> str:
        return (
            f"Handshake's account may not change {self.called}. Give it write access to that project; a fine-"
            "grained token or an App also needs the organisation's permission “Projects: read and write”."
        )

    def why_not(self, place: Place, value: Value, error: Rejected) -> str:
        return ""


def on(answer: object) -> list[object]:
    """Return the items that an answer about an issue tells of, none where it does not."""
    found = at(answer, "repository.issue.projectItems.nodes")
    return found if isinstance(found, list) else []
