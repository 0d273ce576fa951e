"""The GitHub stand-in's REST API for issues and all that hangs on them.

https://docs.github.com/en/rest/issues
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from automation.sandbox.github_nouns import Issue, Milestone, Repo, User
from automation.sandbox.github_person import GitHub
from automation.sandbox.github_shapes import (
    comment_json,
    event_json,
    issue_json,
    label_json,
    milestone_json,
)
from automation.sandbox.wire import Route, answer, number, rule, sent
from automation.sandbox.world import KEEP, Refusal

T = TypeVar("T")
REPO = "/repos/<owner>/<name>"
ISSUE = f"{REPO}/issues/<int:n>"


class IssueRoutes:
    """Issues, comments, events, labels and milestones of one stand-in."""

    def __init__(self, hub: GitHub) -> None:
        self.hub = hub

    def rules(self) -> list[Route]:
        return [
            rule(f"{REPO}/issues", "GET", self.issues),
            rule(f"{REPO}/issues", "POST", self.open_issue),
            rule(ISSUE, "GET", self.issue),
            rule(ISSUE, "PATCH", self.edit_issue),
            rule(f"{ISSUE}/comments", "GET", self.comments),
            rule(f"{ISSUE}/comments", "POST", self.add_comment),
            rule(f"{REPO}/issues/comments/<int:id>", "GET", self.comment),
            rule(f"{REPO}/issues/comments/<int:id>", "PATCH", self.edit_comment),
            rule(f"{REPO}/issues/comments/<int:id>", "DELETE", self.delete_comment),
            rule(f"{ISSUE}/events", "GET", self.events),
            rule(f"{REPO}/issues/events/<int:id>", "GET", self.event),
            rule(f"{REPO}/labels/<label>", "GET", self.label),
            rule(f"{ISSUE}/labels", "GET", self.labels),
            rule(f"{ISSUE}/labels", "POST", self.add_labels),
            rule(f"{ISSUE}/labels/<label>", "DELETE", self.remove_label),
            rule(f"{REPO}/milestones", "GET", self.milestones),
            rule(f"{REPO}/milestones", "POST", self.add_milestone),
            rule(f"{REPO}/milestones/<int:n>", "GET", self.milestone),
            rule(f"{REPO}/milestones/<int:n>", "PATCH", self.edit_milestone),
            rule(f"{REPO}/milestones/<int:n>", "DELETE", self.delete_milestone),
        ]

    def issues(self, actor: User | None, request: Request, owner: str, name: str) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        args = request.args
        wanted = {label.lower() for label in args.get("labels", "").split(",") if label}
        found = [
            issue
            for issue in repo.issues.values()
            if args.get("state", "open") in {issue.state, "all"}
            and issue.updated_at >= _since(request)
            and wanted <= {label.lower() for label in issue.labels}
            and _under(issue, args.get("milestone", ""))
        ]
        by_update = args.get("sort") == "updated"
        found.sort(
            key=lambda issue: (issue.updated_at if by_update else issue.created_at, issue.number),
            reverse=args.get("direction", "desc") == "desc",
        )
        return page(request, found, lambda issue: issue_json(self.hub, repo, issue))

    def open_issue(self, actor: User | None, request: Request, owner: str, name: str) -> Response:
        person, full, data = known(actor), f"{owner}/{name}", sent(request)
        made = self.hub.open_issue(
            person, full, _str(data, "title"), _str(data, "body") if data.get("body") else ""
        )
        repo = self.hub.repo(full)
        if repo.may(person, "write"):
            self._file(person, full, made.number, data)
        issue = self.hub.issue(full, made.number)
        return answer(issue_json(self.hub, repo, issue), 201)

    def issue(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        repo, _ = self._issue(actor, owner, name, n)
        return answer(issue_json(self.hub, repo, self.hub.seen(repo, n, "fields"), "fields"))

    def edit_issue(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        """Without push access a milestone and labels are dropped, and the answer is 200 all the same.
        https://docs.github.com/en/rest/issues/issues#update-an-issue"""
        person, data = known(actor), sent(request)
        repo, _ = self._issue(actor, owner, name, n)
        self.hub.writable(repo.full_name, person)
        words = {key: _str(data, key) for key in ("title", "body", "state") if data.get(key) is not None}
        if words and data.get("state_reason") is not None:
            words["reason"] = _str(data, "state_reason")
        if words:
            self.hub.edit_issue(person, repo.full_name, n, **words)
        if repo.may(person, "write"):
            self._file(person, repo.full_name, n, data)
        return answer(issue_json(self.hub, repo, self.hub.issue(repo.full_name, n)))

    def comments(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        repo, _ = self._issue(actor, owner, name, n)
        since, shown = _since(request), self.hub.world.shown
        found = [
            comment
            for comment in self.hub.comments(repo.full_name, n)
            if comment.updated_at >= since and shown(comment.created_at, "list")
        ]
        return page(request, found, lambda comment: comment_json(self.hub, repo, comment))

    def add_comment(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        person, full = known(actor), f"{owner}/{name}"
        made = self.hub.comment(person, full, n, _str(sent(request), "body"))
        return answer(comment_json(self.hub, self.hub.repo(full), made), 201)

    def comment(self, actor: User | None, request: Request, owner: str, name: str, id: int) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        if id not in repo.comments or not self.hub.world.shown(repo.comments[id].created_at, "comment"):
            raise Refusal(404, "Not Found")
        return answer(comment_json(self.hub, repo, repo.comments[id]))

    def edit_comment(self, actor: User | None, request: Request, owner: str, name: str, id: int) -> Response:
        person, full = known(actor), f"{owner}/{name}"
        made = self.hub.edit_comment(person, full, id, _str(sent(request), "body"))
        return answer(comment_json(self.hub, self.hub.repo(full), made))

    def delete_comment(
        self, actor: User | None, request: Request, owner: str, name: str, id: int
    ) -> Response:
        self.hub.delete_comment(known(actor), f"{owner}/{name}", id)
        return answer(None, 204)

    def events(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        repo, _ = self._issue(actor, owner, name, n)
        shown = self.hub.world.shown
        found = [e for e in self.hub.events(repo.full_name, n) if shown(e.created_at, "history")]
        return page(request, found, lambda event: event_json(self.hub, repo, event))

    def event(self, actor: User | None, request: Request, owner: str, name: str, id: int) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        if id not in repo.events:
            raise Refusal(404, "Not Found")
        event = repo.events[id]
        shape = event_json(self.hub, repo, event)
        return answer({**shape, "issue": issue_json(self.hub, repo, repo.issues[event.issue])})

    def label(self, actor: User | None, request: Request, owner: str, name: str, label: str) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        if label.lower() not in repo.labels:
            raise Refusal(404, "Not Found")
        return answer(label_json(self.hub, repo, repo.labels[label.lower()]))

    def labels(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        repo, issue = self._issue(actor, owner, name, n)
        return answer([label_json(self.hub, repo, repo.labels[label.lower()]) for label in issue.labels])

    def add_labels(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        data = request.get_json(force=True)
        for label in _names(data.get("labels") if isinstance(data, dict) else data):
            self.hub.label(known(actor), f"{owner}/{name}", n, label)
        return self.labels(actor, request, owner, name, n)

    def remove_label(
        self, actor: User | None, request: Request, owner: str, name: str, n: int, label: str
    ) -> Response:
        self.hub.unlabel(known(actor), f"{owner}/{name}", n, label)
        return self.labels(actor, request, owner, name, n)

    def milestones(self, actor: User | None, request: Request, owner: str, name: str) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        state = request.args.get("state", "open")
        shown = self.hub.world.shown
        found = [
            m
            for m in repo.milestones.values()
            if state in {m.state, "all"} and shown(m.created_at, "milestones")
        ]
        return page(request, found, lambda milestone: milestone_json(self.hub, repo, milestone))

    def add_milestone(self, actor: User | None, request: Request, owner: str, name: str) -> Response:
        full, data = f"{owner}/{name}", sent(request)
        due, words = _due(data), data.get("description")
        made = self.hub.create_milestone(known(actor), full, _str(data, "title"), due, words)
        return answer(milestone_json(self.hub, self.hub.repo(full), made), 201)

    def milestone(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        return answer(milestone_json(self.hub, repo, _milestone(repo, n, 404), "milestones"))

    def edit_milestone(self, actor: User | None, request: Request, owner: str, name: str, n: int) -> Response:
        full, data = f"{owner}/{name}", sent(request)
        made = self.hub.change_milestone(
            known(actor),
            full,
            n,
            title=data.get("title"),
            due=_due(data) if "due_on" in data else KEEP,
            description=data.get("description", KEEP),
            state=data.get("state"),
        )
        return answer(milestone_json(self.hub, self.hub.repo(full), made))

    def delete_milestone(
        self, actor: User | None, request: Request, owner: str, name: str, n: int
    ) -> Response:
        self.hub.delete_milestone(known(actor), f"{owner}/{name}", n)
        return answer(None, 204)

    def _issue(self, actor: User | None, owner: str, name: str, n: int) -> tuple[Repo, Issue]:
        repo = self.hub.readable(f"{owner}/{name}", actor)
        return repo, self.hub.issue_seen(repo, n)

    def _file(self, actor: User, full: str, n: int, data: dict[str, Any]) -> None:
        """Set what only those with push access may: milestone (by number; null or "" for none), labels and
        the organisation's fields."""
        for field, value in (
            self.hub.field_values(self.hub.repo(full), data.get("issue_field_values", [])) or ()
        ):
            self.hub.set_field(actor, full, n, field, value)
        if "milestone" in data:
            wanted = data["milestone"]
            held = None if wanted in {None, ""} else _milestone(self.hub.repo(full), wanted, 422)
            self.hub.set_milestone(actor, full, n, held)
        if "labels" in data:
            self.hub.set_labels(actor, full, n, _names(data["labels"]))


def known(actor: User | None) -> User:
    """Return the actor; a stranger without credentials is turned away."""
    if actor is None:
        raise Refusal(401, "Requires authentication")
    return actor


def _milestone(repo: Repo, n: Any, status: int) -> Milestone:
    try:
        return repo.milestones[int(n)]
    except (KeyError, ValueError):
        raise Refusal(status, "Not Found" if status == 404 else "Validation Failed", "milestone") from None


def _under(issue: Issue, wanted: str) -> bool:
    if not wanted:
        return True
    if wanted in {"none", "*"}:
        return (issue.milestone is None) == (wanted == "none")
    return issue.milestone is not None and str(issue.milestone.number) == wanted


def _names(labels: Any) -> list[str]:
    if not isinstance(labels, list):
        raise Refusal(422, "Validation Failed", "labels")
    return [str(label.get("name")) if isinstance(label, dict) else str(label) for label in labels]


def _str(data: dict[str, Any], key: str) -> str:
    if not isinstance(data.get(key), str):
        raise Refusal(422, f'Invalid request.\n\n"{key}" wasn\'t supplied.', key)
    return str(data[key])


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _due(data: dict[str, Any]) -> datetime | None:
    try:
        return _moment(data["due_on"]) if data.get("due_on") else None
    except (TypeError, ValueError):
        raise Refusal(422, "Validation Failed", "due_on") from None


def _since(request: Request) -> datetime:
    # In a query, the + of a time zone arrives as a blank.
    text = request.args.get("since", "").replace(" ", "+")
    return _moment(text) if re.match(r"\d{4}-", text) else datetime.min.replace(tzinfo=UTC)


def page(request: Request, things: Sequence[T], shape: Callable[[T], Any]) -> Response:
    """Answer one page, with links to its neighbours.
    https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api"""
    size = min(number(request, "per_page", 30) or 30, 100)
    page = number(request, "page", 1) or 1
    last = max(-(-len(things) // size), 1)
    pages = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    links = []
    for name, to in pages.items():
        if 1 <= to <= last and (to > page if name in {"next", "last"} else to < page):
            query = urlencode({**request.args, "page": to})
            links.append(f'<{request.base_url}?{query}>; rel="{name}"')
    response = answer([shape(thing) for thing in things[(page - 1) * size : page * size]])
    if links:
        response.headers["Link"] = ", ".join(links)
    return response
