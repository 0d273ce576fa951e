"""Acting as a person does in the Jira stand-in's browser window, without HTTP but on the same path."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from automation.sandbox.jira_field_shapes import option_json
from automation.sandbox.jira_nouns import STATUSES, JiraUser, Text, document
from automation.sandbox.jira_world import JiraWorld, relabelled
from automation.sandbox.world import Json, Refusal


class Jira(JiraWorld):
    """The Jira stand-in, as the demo and the tests hold it."""

    def as_user(self, name: str) -> JiraPerson:
        """Act as somebody does in the browser."""
        return JiraPerson(self, self.user(name))


class JiraPerson:
    """A person in Jira's browser window; text may be plain or ADF, days are calendar days."""

    def __init__(self, site: JiraWorld, user: JiraUser) -> None:
        self.site = site
        self.user = user

    def create(
        self,
        project: str,
        summary: str,
        description: Text | None = None,
        due: date | None = None,
        **more: Any,
    ) -> str:
        words = document(description) if description else None
        return self.site.create(self.user, project, summary, words, due, more=more).key

    def comment(
        self,
        key: str,
        text: Text,
        properties: Mapping[str, Any] | None = None,
        visibility: Json | None = None,
    ) -> str:
        return self.site.comment(self.user, key, document(text), properties, visibility).id

    def edit_comment(self, key: str, id: str, text: Text) -> None:
        self.site.edit_comment(self.user, key, id, document(text))

    def delete_comment(self, key: str, id: str) -> None:
        self.site.delete_comment(self.user, key, id)

    def delete(self, key: str) -> None:
        self.site.delete(self.user, key)

    def move(self, key: str, project: str) -> str:
        return self.site.move_issue(self.user, key, project)

    def set_duedate(self, key: str, due: date | None) -> None:
        self.site.edit(self.user, key, {"duedate": due})

    def set_date(self, key: str, field: str, day: date | datetime | None) -> None:
        """Give a custom field, named by its id, another day, or an instant where it holds one."""
        self.site.edit(self.user, key, {field: day})

    def write(self, key: str, field: str, text: Text | None) -> None:
        """Give a custom field, named by its id, another text, of several lines where it takes them."""
        rich = text is not None and self.site.fields[field].kind == "textarea"
        self.site.edit(self.user, key, {field: document(text) if rich and text is not None else text})

    def choose(self, key: str, field: str, option: str | None) -> None:
        """Choose one of a custom field's list, by its name, or nothing."""
        chosen = option_json(self.site, self.site.fields[field], option) if option else None
        self.site.edit(self.user, key, {field: chosen})

    def edit(
        self,
        key: str,
        summary: str | None = None,
        description: Text | None = None,
        add_labels: tuple[str, ...] = (),
        remove_labels: tuple[str, ...] = (),
    ) -> None:
        """Change what is given; one call is one change."""
        changes: dict[str, Any] = {}
        if summary is not None:
            changes["summary"] = summary
        if description is not None:
            changes["description"] = document(description)
        if add_labels or remove_labels:
            changes["labels"] = relabelled(self.site.issue(key).labels, add_labels, remove_labels)
        self.site.edit(self.user, key, changes)

    def transition(self, key: str, status: str, resolution: str | None = "Done") -> None:
        """Move an issue; a done status gets the ``resolution``, if its workflow sets one, any other none."""
        if status not in STATUSES:
            raise Refusal(400, f"No status is called {status!r}", "status")
        ended = STATUSES[status][1] == "done"
        self.site.edit(self.user, key, {"status": status, "resolution": resolution if ended else None})

    def set_fix_versions(self, key: str, *names: str, released: bool = False) -> None:
        """Plan an issue for these versions of its project and no others, by name. One that is not there yet
        is made, ``released`` or not."""
        project = self.site.issue(key).project
        there = {each.name: each.id for each in self.site.versions_in(project)}
        ids = (
            there.get(name) or self.site.add_version(project.key, name, released=released) for name in names
        )
        self.site.edit(self.user, key, {"fix_versions": tuple(ids)})

    def set_release_date(self, version: str, day: date | None) -> None:
        """Give a version, by its id, another release date."""
        self.site.edit_version(version, {"release_date": day})

    def release(self, version: str, released: bool = True) -> None:
        self.site.edit_version(version, {"released": released})

    def archive(self, version: str, archived: bool = True) -> None:
        self.site.edit_version(version, {"archived": archived})

    def rename_version(self, version: str, name: str) -> None:
        self.site.edit_version(version, {"name": name})

    def delete_version(self, version: str, into: str = "") -> None:
        """Delete a version, or merge it ``into`` another one of its project."""
        self.site.remove_version(version, into)
