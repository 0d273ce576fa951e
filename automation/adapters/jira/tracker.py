"""Jira as a tracker: what one pass reads, and what is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from automation.adapters.errors import Missing, Rejected, unreadable
from automation.adapters.field_names import Misnamed
from automation.adapters.jira import answers, deadlines, releases
from automation.adapters.jira.comments import issue_path
from automation.adapters.jira.issues import Issues
from automation.adapters.jira.one_pass import JiraPass
from automation.adapters.jira.refusals import no_field, why_not, why_not_empty
from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import (
    Malformed,
    instant_or_none,
)
from automation.model import (
    CARRIER,
    DeadlineField,
    Deal,
    Subject,
    Value,
)
from automation.ports import Refused, Unseen, Unwritten
from automation.text.markdown import clean

LONGEST_TITLE = 250
"""Characters of a link's title that are sent; Jira keeps 255."""


class Jira(Issues):
    """The ``Tracker`` port on Jira. One object serves all threads."""

    def check(self) -> None:
        """Ask whether our credentials are accepted, and whether the rules' names for dates mean fields."""
        super().check()
        try:
            self._dates.all()
        except Misnamed as error:
            raise Refused(str(error)) from error

    def one_pass(self, whole: bool, edits: bool = False) -> JiraPass:
        return JiraPass(self, whole)

    # ------------------------------------------------------------ writing

    def set_deadline(self, subject: Subject, field: str, value: Value) -> datetime | None:
        """Set or clear a date; an instant may come back written otherwise. Data Center answers an edit with
        nothing, so the issue is read again; Cloud, whose reads can lag behind, gives the issue as it became,
        if asked.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-put
        """
        if subject.kind == CARRIER:
            self.set_release_date(subject, value)
            return None
        declared = self._dates.by_id().get(field)
        if declared is None:
            raise Refused(f"Jira has no {field} to set")
        path = issue_path(subject)
        more = {"returnIssue": "true"} if self._jira.version == CLOUD else None
        edit: Mapping[str, object] = {"fields": {field: value.ref or None}}
        if declared.several:
            steps = releases.steps(self._planned(subject), value, self.there(subject))
            if not steps:
                return None
            edit = {"update": {field: steps}}
        try:
            with self._inside(subject):
                body = self._jira.call("PUT", path, more, edit, urgent=True)
        except Rejected as error:
            where = f" {_screen(subject, declared)}" if field in error.said else ""
            # What may not be edited is said to be "not there", too; what is gone has nobody to be told.
            gone = isinstance(error, Missing) and not self._there(subject)
            raise Refused(f"{error}{where}", "" if gone else why_not(subject, declared, error)) from error
        if body is None:
            body = self._issue(subject, (field, "updated"))
        try:
            took = deadlines.read(body, [declared], self.zone).get(field)
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error
        if took is None or not (took.promises(value) or (declared.several and took.day is value.day is None)):
            message = (
                f"Jira kept the {declared.label} of {subject.key} as it was. {_screen(subject, declared)}"
            )
            raise Unwritten(message, no_field(subject, declared))
        return instant_or_none(body, "fields.updated")

    def set_label(self, subject: Subject, label: str, present: bool) -> None:
        step = {"add" if present else "remove": label}
        with self._inside(subject):
            self._jira.call("PUT", issue_path(subject), body={"update": {"labels": [step]}})

    def empty_field(self, subject: Subject, field: str) -> None:
        declared = self._choices.declared(field)
        try:
            with self._inside(subject):
                self._jira.call("PUT", issue_path(subject), body={"fields": {declared.id: None}})
        except Rejected as error:
            gone = isinstance(error, Missing) and not self._there(subject)
            raise Refused(str(error), "" if gone else why_not_empty(subject, declared, error)) from error

    def show_deal(self, subject: Subject, deal: Deal, shown: bool, asked: bool = False) -> bool:
        """Show the deal among the issue's links, unless customers could read along. All of the link is
        sent, as Jira clears what is not.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-remote-links/
        """
        path = f"{issue_path(subject)}/remotelink"
        id = f"handshake:{deal.subject}"
        if not shown:
            try:
                self._jira.call("DELETE", path, {"globalId": id})
            except Missing:
                return False
            return False
        if not asked and self.public(subject):
            return False
        link = {
            "globalId": id,
            "application": {"type": "handshake", "name": "Handshake"},
            "relationship": "requested for",
            "object": {
                "url": deal.url,
                "title": (not deal.secured and clean(deal.name, LONGEST_TITLE)) or deal.key,
                "summary": f"Deal {deal.key}",
            },
        }
        with self._inside(subject):
            self._jira.call("POST", path, body=link)
        return True

    def _there(self, subject: Subject) -> bool:
        try:
            return self._issue(subject, ("project",)) is not None
        except Unseen:
            return False


def _screen(subject: Subject, field: DeadlineField) -> str:
    return (
        f"Put “{field.label}” on the edit screen of project {answers.project_of(subject.key)} in Jira, and "
        "let Handshake's account edit its issues."
    )
