"""The fields that an organisation makes for its issues, on the GitHub stand-in.

https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/adding-and-managing-issue-fields
"""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import Any

from automation.sandbox.github_moves import GitHubMoves
from automation.sandbox.github_nouns import FieldValue, Issue, IssueEvent, IssueField, Repo, User
from automation.sandbox.github_shapes import issue_json
from automation.sandbox.world import Json, Refusal, locked

MOST_FIELDS = 25
"""https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/managing-issue-fields-in-your-organization"""

DATA_TYPES = ("text", "number", "date")
"""The types that the stand-in has; GitHub has two more, of options to choose from."""


class GitHubFields(GitHubMoves):
    """Fields by organisation. Making, renaming and deleting one sends no webhook: none is described."""

    @locked
    def add_issue_field(self, org: str, name: str, data_type: str, id: int | None = None) -> IssueField:
        """Make a field; an organisation's first one gives it the feature."""
        held = self.issue_fields.setdefault(self._owner(org), {})
        taken = any(field.name.lower() == name.lower() for field in held.values())
        if data_type not in DATA_TYPES or taken or len(held) >= MOST_FIELDS:
            raise Refusal(422, "Validation Failed", "name" if taken else "data_type")
        made = IssueField(id or self.world.next_id(), name, data_type, self.now())
        held[made.id] = made
        return made

    @locked
    def rename_issue_field(self, org: str, name: str, new: str) -> None:
        self.issue_field(org, name).name = new

    @locked
    def delete_issue_field(self, org: str, name: str) -> None:
        """Delete a field, and what every issue held in it. One made anew by that name is another."""
        field, owner = self.issue_field(org, name), self._owner(org)
        del self.issue_fields[owner][field.id]
        for repo in [repo for repo in self.repos.values() if repo.owner is owner]:
            for issue in list(repo.issues.values()):
                left = tuple(held for held in issue.values if held.field is not field)
                if left != issue.values:
                    repo.put_issue(dataclasses.replace(issue, values=left))

    def issue_field(self, org: str, name: str) -> IssueField:
        for field in self.issue_fields.get(self._owner(org), {}).values():
            if field.name.lower() == name.lower():
                return field
        raise Refusal(404, "Not Found")

    def field_values(self, repo: Repo, rows: object) -> list[tuple[IssueField, Any]] | None:
        """Read the values that somebody sent, by field, or return None where the organisation does not have
        the feature: then they are dropped, and the answer is one of success all the same.
        https://github.com/github/rest-api-description/pull/6392"""
        if not isinstance(rows, list) or len(rows) > MOST_FIELDS:
            raise Refusal(422, "Validation Failed", "issue_field_values")
        there = self.issue_fields.get(repo.owner)
        if there is None:
            return None
        wanted = []
        for row in rows:
            if not isinstance(row, dict) or row.get("field_id") not in there or row.get("value") is None:
                raise Refusal(422, "Validation Failed", "field_id")
            wanted.append((there[row["field_id"]], row["value"]))
        return None if self.drops_values else wanted

    @locked
    def set_field(
        self, actor: User, repo: str, n: int, field: IssueField, value: str | float | None
    ) -> Issue:
        """Set or clear (None) what an issue holds in a field, as on the site, where triage is enough.

        ``field_added`` tells of a first value and of another one alike, ``field_removed`` of a cleared one.
        """
        place, issue = self._issue(repo, n, actor)
        self._demand(place, actor, "triage")
        old = next((held for held in issue.values if held.field is field), None)
        if value == (old.value if old else None):
            return issue
        if value is not None and not _fits(field, value):
            raise Refusal(422, "Validation Failed", "value")
        others = tuple(held for held in issue.values if held is not old)
        new = None if value is None else FieldValue(old.id if old else self.world.next_id(), field, value)
        issue = self._set(place, issue, values=(*others, new) if new else others)
        what = "issue_field_removed" if not new else "issue_field_changed" if old else "issue_field_added"
        before, after = (str(held.value) if held else None for held in (old, new))
        id, at = self.world.next_id(), self.now()
        place.note(IssueEvent(id, n, actor, what, at, field=field, before=before, after=after))
        parts: Json = {
            "issue": issue_json(self, place, issue),
            "issue_field": {"id": field.id, "name": field.name, "field_type": field.data_type},
        }
        if told := new or old:
            parts["issue_field_value"] = {"id": told.id, "value": told.value}
        if new and old:
            parts["changes"] = {"issue_field_value": {"from": {"id": old.id, "value": old.value}}}
        self._say(place, actor, "issues", "field_added" if new else "field_removed", **parts)
        return issue


def _fits(field: IssueField, value: str | float) -> bool:
    if field.data_type == "number":
        return isinstance(value, int | float)
    if not isinstance(value, str):
        return False
    if field.data_type == "date":
        try:
            date.fromisoformat(value)
        except ValueError:
            return False
    return True
