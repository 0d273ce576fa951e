"""The versions that Jira's issues are planned for, asked for and offered.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, tzinfo
from urllib.parse import quote

from automation.adapters.errors import Missing, unreadable
from automation.adapters.jira import answers, release_dates, releases, values
from automation.adapters.jira.comments import HOUR, Comments, issue_path
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.dates import DateFields
from automation.adapters.shapes import Malformed, many, text, text_or_empty
from automation.domain.fields import FIX_VERSIONS
from automation.model import Carrier, Subject, Value
from automation.ports import Refused, Unseen
from automation.ports.recent import Recent

MINUTE = 60.0
"""Seconds for which a look believes what it heard of strangers; whoever sends asks again."""


class FixVersions(Comments):
    """The part of the ``Tracker`` port that deals with what carries dates, and with what fields can take."""

    _dates: DateFields

    def __init__(self, jira: Connection, marker_key: bytes) -> None:
        super().__init__(jira, marker_key)
        self._open_to_all: Recent[str, bool] = Recent(MINUTE, jira.clock)
        self._customers: Recent[str, bool] = Recent(HOUR, jira.clock)

    @property
    def zone(self) -> tzinfo:
        return self._dates.zone

    def carried(self, subject: Subject, field: str, values: Collection[Value]) -> Mapping[Value, Value]:
        """A day is the same day everywhere; a version is one of its project."""
        declared = self._dates.by_id().get(field)
        if declared is None or not declared.several:
            return {}
        return releases.alike(values, self.there(subject)())

    def carrier(self, subject: Subject) -> Carrier | None:
        """Read a version. Jira does not say when it was changed."""
        found = self._release(subject.id, subject.place)
        if found is None:
            return None
        project = subject.place
        page = self._jira.version_page(project, found.id)
        return Carrier(project, found.value, None, page, self._for_customers(subject) or self._open(project))

    def version_public(self, subject: Subject) -> bool:
        """Tell whether others could read what is said of a version, and ask strangers."""
        project = subject.place
        return self._for_customers(subject) or self._open_to_all.put(project, self._ask_strangers(project))

    def set_release_date(self, subject: Subject, value: Value) -> None:
        """Give a version another date of its own."""
        with self._inside(subject):
            release_dates.write(self._jira, subject, value)

    def gone(self, subject: Subject, field: str, value: Value) -> bool:
        """Tell whether the version that carried ``value`` is none of the issue's project, or not any more; a
        day is always there."""
        declared = self._dates.by_id().get(field)
        return declared is not None and declared.several and value.carrier not in self.there(subject)()

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        return self.offered(subject, field, day, None)

    def offered(self, subject: Subject, field: str, day: date, issue: object) -> Sequence[Value]:
        """Return what ``field`` could be set to, given what is known of the issue, if anything."""
        declared = self._dates.by_id().get(field)
        if declared is None or not declared.several:
            return (values.of_day(declared, day, self.zone),) if declared else ()
        return releases.offers(self._planned(subject, issue), self.there(subject)())

    def there(self, subject: Subject) -> Callable[[], releases.Known]:
        """Return what asks, once, for the versions of the issue's project.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/#api-rest-api-3-project-projectidorkey-versions-get"""
        found: list[releases.Known] = []

        def ask() -> releases.Known:
            if not found:
                path = f"project/{answers.project_of(subject.key)}/versions"
                with self._inside(subject):
                    answer = self._jira.call("GET", path)
                try:
                    found.append(releases.known(many({"versions": answer}, "versions")))
                except Malformed as error:
                    raise unreadable(f"Jira: GET {path}") from error
            return found[0]

        return ask

    def named(self, subject: Subject) -> Callable[[Collection[str]], releases.Known]:
        """Return what finds versions that an issue had, also where it lay before. What was deleted is left
        out."""
        found: dict[str, releases.Release | None] = {}
        there = self.there(subject)

        def find(ids: Collection[str]) -> releases.Known:
            for id in ids:
                if id not in found:
                    found[id] = there().get(id) or self._release(id)
            return {id: one for id in ids if (one := found[id])}

        return find

    def _release(self, id: str, project: str = "") -> releases.Release | None:
        """Ask for a version, None where it is gone. Raise NoAccess where its ``project`` cannot be seen."""
        try:
            return release_dates.read(self._jira, id)
        except Missing as error:
            if project:
                self._see(project, error)
            return None

    def _for_customers(self, subject: Subject) -> bool:
        """Tell whether customers could read along in the project of a version.
        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/#api-rest-api-3-project-projectidorkey-get"""

        def ask() -> bool:
            with self._inside(subject):
                project = self._jira.call("GET", f"project/{quote(subject.place, safe='')}")
            return answers.for_customers({"fields": {"project": project}})

        return self._customers.get(subject.place, ask)

    def _open(self, project: str) -> bool:
        return self._open_to_all.get(project, lambda: self._ask_strangers(project))

    def _ask_strangers(self, project: str) -> bool:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/#api-rest-api-3-project-projectidorkey-get"""
        return self._jira.strangers_may_read(f"project/{project}")

    def _planned(self, subject: Subject, issue: object = None) -> releases.Known:
        """Return the versions that an issue is planned for, asking for it where it is not known."""
        body = self._issue(subject, (FIX_VERSIONS.id,)) if issue is None else issue
        try:
            return releases.held(body) or {}
        except Malformed as error:
            raise unreadable(f"Jira: GET {issue_path(subject)}") from error

    def _issue(self, subject: Subject, fields: Sequence[str], **more: str) -> object:
        """Read fields of an issue, whatever its key is by now: an old one leads to it. None where the key is
        that of another issue. Raise Unseen where it cannot be seen."""
        if not answers.project_of(subject.key):
            raise Refused(f"{subject.key} is not an issue of Jira: PROD-3 is")
        path = issue_path(subject)
        try:
            body = self._jira.call("GET", path, {"fields": ",".join(fields), **more})
            text(body, "key")
            other = subject.id != subject.key and text_or_empty(body, "id") not in ("", subject.id)
            return None if other else body
        except Missing as error:
            raise Unseen(f"there is no issue {subject.key}") from error
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error
