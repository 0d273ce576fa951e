"""The GitHub stand-in's REST API for the fields of an organisation's issues.

https://docs.github.com/en/rest/issues/issue-field-values
"""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Request, Response

from automation.sandbox.github import ISSUE, known
from automation.sandbox.github_field_shapes import field_json, value_json
from automation.sandbox.github_nouns import Issue, IssueField, Repo, User
from automation.sandbox.github_person import GitHub
from automation.sandbox.wire import Route, answer, rule, sent
from automation.sandbox.world import Refusal

VALUES = f"{ISSUE}/issue-field-values"


class FieldRoutes:
    """Which fields there are, and what an issue holds in them."""

    def __init__(self, hub: GitHub) -> None:
        self.hub = hub

    def rules(self) -> list[Route]:
        return [
            rule("/orgs/<org>/issue-fields", "GET", self.fields),
            rule(VALUES, "GET", self.values),
            rule(VALUES, "POST", self.add_values),
            rule(VALUES, "PUT", self.set_values),
            rule(f"{VALUES}/<int:field>", "DELETE", self.clear_value),
        ]

    def fields(self, actor: User | None, request: Request, org: str) -> Response:
        """An organisation without the feature answers as if the address did not exist."""
        known(actor)
        owner = self.hub.users.get(org.lower())
        if owner not in self.hub.issue_fields:
            raise Refusal(404, "Not Found")
        return answer([field_json(field) for field in self.hub.issue_fields[owner].values()])

    def values(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        self.hub.issue_seen(repo, n)
        return self._held(self.hub.seen(repo, n, "fields"))

    def add_values(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        """Set what is sent and leave the rest. Of an empty array all are cleared, as GitHub says."""
        person, repo = self._writer(actor, owner, name, n)
        wanted = self.hub.field_values(repo, sent(request).get("issue_field_values"))
        if wanted is not None:
            self._write(person, repo, n, wanted, replace=not wanted)
        return self._held(self.hub.issue(repo.full_name, n))

    def set_values(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        """Set what is sent and clear the rest."""
        person, repo = self._writer(actor, owner, name, n)
        wanted = self.hub.field_values(repo, sent(request).get("issue_field_values"))
        if wanted is not None:
            self._write(person, repo, n, wanted, replace=True)
        return self._held(self.hub.issue(repo.full_name, n))

    def clear_value(
        self, actor: User | None, request: Request, owner: str, name: str, n: int, field: int
    ) -> Response:
        person, repo = self._writer(actor, owner, name, n)
        for held in self.hub.issue(repo.full_name, n).values:
            if held.field.id == field:
                self.hub.set_field(person, repo.full_name, n, held.field, None)
                return answer(None, 204)
        raise Refusal(404, "Not Found")

    def _writer(self, actor: User | None, owner: str, name: str, n: int) -> tuple[User, Repo]:
        """Return who writes and where; the site lets triage do it, the API only those with push access."""
        person = known(actor)
        repo = self.hub.writable(f"{owner}/{name}", person)
        self.hub.issue_seen(repo, n)
        if not repo.may(person, "write"):
            raise Refusal(403, "Must have push access to the repository.")
        return person, repo

    def _write(
        self, person: User, repo: Repo, n: int, wanted: list[tuple[IssueField, Any]], replace: bool
    ) -> None:
        kept = {field for field, _ in wanted}
        if replace:
            for held in self.hub.issue(repo.full_name, n).values:
                if held.field not in kept:
                    self.hub.set_field(person, repo.full_name, n, held.field, None)
        for field, value in wanted:
            self.hub.set_field(person, repo.full_name, n, field, value)

    def _held(self, issue: Issue) -> Response:
        return answer([value_json(held) for held in issue.values])
