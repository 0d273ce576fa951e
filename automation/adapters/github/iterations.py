"""An iteration column of an organisation's project as a deadline of the issues on it: the promised day is the
last one of the iteration.

An iteration keeps its id, whatever days it gets in the project's settings, so that these are part of what an
issue holds. No webhook tells of such a change, and none of it is Handshake's to write.
https://docs.github.com/en/issues/planning-and-tracking-with-projects/understanding-fields/about-iteration-fields
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from automation.adapters.errors import unreadable
from automation.adapters.github import answers
from automation.adapters.github.place import Place, segment
from automation.adapters.github.projects import VALUES, OfProject
from automation.adapters.shapes import Malformed, at, many
from automation.model import NOTHING, Value
from automation.ports import Refused

SET = f"""
mutation($project: ID!, $item: ID!, $field: ID!, $iteration: String!) {{
  done: updateProjectV2ItemFieldValue(
    input: {{projectId: $project, itemId: $item, fieldId: $field, value: {{iterationId: $iteration}}}}
  ) {{ projectV2Item {{ id {VALUES} }} }}
}}"""
"""https://docs.github.com/en/graphql/reference/input-objects#projectv2fieldvalue"""


@dataclass(frozen=True, slots=True)
class OfIteration(OfProject):
    """Read, written and told of as a date there, but that it holds one of the iterations that there are."""

    def held(self, row: object) -> Value:
        return answers.iteration(row, "iterationId", "startDate") or NOTHING

    def gone(self, place: Place, value: Value) -> bool:
        """Tell whether the iteration was deleted; one that is over keeps its id."""
        return all(_id(one) != _id(value) for one, _ in self._all(place))

    def carriers(self, place: Place, day: date) -> Sequence[Value]:
        """Return the iterations that are not over, and the one that ended on that day."""
        return tuple(one for one, over in self._all(place) if one.day == day or not over)

    def _set(self, place: Place, about: dict[str, str], value: Value) -> object:
        """Give an item an iteration by its id. Its days are looked at first: where it has others by now, no
        write of ours could bring that day about."""
        by_now = next((one for one, _ in self._all(place) if _id(one) == _id(value)), None)
        if by_now is None or by_now.ref != value.ref:
            raise Refused(f"GitHub has no iteration {value.name} that ends then", self._moved(value, by_now))
        return self.api.mutate(SET, about | {"iteration": _id(value)})

    def _moved(self, value: Value, by_now: Value | None) -> str:
        settings = f"the settings of project {self.number}"
        if by_now is None or by_now.day is None:
            return f"Its iteration was taken out of {settings}."
        return (
            f"Its iteration ends on {by_now.day.isoformat()} by now: it was given other days in {settings}, "
            "where Handshake changes nothing. Give it its days back there, or choose another iteration."
        )

    def _all(self, place: Place) -> list[tuple[Value, bool]]:
        """Return the iterations of the field, as they are now, each with whether it is over.
        https://docs.github.com/en/rest/projects/fields#list-project-fields-for-organization"""
        path = f"/orgs/{segment(place.owner)}/projectsV2/{self.number}/fields"
        row = next((one for one in self.api.all(path, {}) if at(one, "node_id") == self.node), None)
        try:
            rows = many(row, "configuration.iterations")
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error
        found = ((answers.iteration(one, "id", "start_date"), at(one, "completed") is True) for one in rows)
        return [(value, over) for value, over in found if value is not None]


def _id(value: Value) -> str:
    """Return the id of an iteration: it stands behind the day."""
    return value.ref.partition(" ")[2]
