"""An issue with its place, history and newest words, as GitHub's GraphQL interface tells them at once. Pure.

One question costs one of 5,000 points an hour, whatever hangs on the issue; the REST interface wants five
to eight for the same, each answered by another copy of the data. Ids of comments are 64 bits wide, so that
``databaseId``, a GraphQL Int, cannot hold them.
https://docs.github.com/en/graphql/reference/objects#issue
https://docs.github.com/en/graphql/overview/rate-limits-and-query-limits-for-the-graphql-api
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache

from automation.adapters.github import answers, columns, projects
from automation.adapters.github.dates import Field
from automation.adapters.github.issue_fields import VALUES, OfIssue
from automation.adapters.github.labels import labelled
from automation.adapters.github.place import Place
from automation.adapters.github.wordings import EDITS
from automation.adapters.shapes import Malformed, at, instant, many, number, text, text_or_empty
from automation.model import Evidence, Issue, Located, Person, Subject, Value, Way

_PERSON = """
fragment person on Actor { login ... on User { databaseId name } ... on Bot { databaseId } }"""
_STEPS = "MILESTONED_EVENT, DEMILESTONED_EVENT, RENAMED_TITLE_EVENT"
_FIELD_STEPS = "ISSUE_FIELD_ADDED_EVENT, ISSUE_FIELD_CHANGED_EVENT, ISSUE_FIELD_REMOVED_EVENT"
_DATE = "{ ... on IssueFieldDate { id } }"
_FIELD_NODES = f"""
    ... on IssueFieldAddedEvent {{ id createdAt value issueField {_DATE} actor {{ ...person }} }}
    ... on IssueFieldChangedEvent {{
      id createdAt previousValue newValue issueField {_DATE} actor {{ ...person }}
    }}
    ... on IssueFieldRemovedEvent {{ id createdAt issueField {_DATE} actor {{ ...person }} }}"""
_FIELD_VALUES = f"""
      issueFieldValues(first: 50) {{ nodes {{ ... on IssueFieldDateValue {{ value field {_DATE} }} }} }}"""


def _history(made: bool) -> str:
    return f"""
fragment history on IssueTimelineItemsConnection {{
  nodes {{
    __typename
    ... on MilestonedEvent {{ id createdAt milestoneTitle actor {{ ...person }} }}
    ... on DemilestonedEvent {{ id createdAt milestoneTitle actor {{ ...person }} }}
    ... on RenamedTitleEvent {{ id createdAt currentTitle actor {{ ...person }} }}
    {_FIELD_NODES if made else ""}
  }}
  pageInfo {{ hasPreviousPage startCursor }}
}}{_PERSON}"""


def _steps(made: bool) -> str:
    return f"[{_STEPS}, {_FIELD_STEPS}]" if made else f"[{_STEPS}]"


@cache
def issue_question(made: bool, boards: bool, marks: bool = False, statuses: bool = False) -> str:
    """Return the question for an issue; ``made``: with the fields that people made for issues, which not
    every schema knows; ``boards``: with what it holds on projects; ``marks``: with who set what answers, its
    labels, and with ``statuses`` also its status on projects, which not every schema knows.
    ``$whole``: with its history, its newest words and the milestones that it could have; ``$edits``: with how
    title and body came to be."""
    return f"""
query($owner: String!, $name: String!, $number: Int!, $whole: Boolean!, $edits: Boolean!) {{
  repository(owner: $owner, name: $name, followRenames: false) {{
    databaseId nameWithOwner isPrivate
    milestones(first: 100, states: [OPEN], orderBy: {{field: DUE_DATE, direction: ASC}})
      @include(if: $whole) {{ nodes {{ id number title dueOn }} pageInfo {{ hasNextPage }} }}
    issue(number: $number) {{
      fullDatabaseId number url title body state stateReason createdAt updatedAt lastEditedAt
      repository {{ nameWithOwner }}
      author {{ ...person }} editor {{ ...person }}
      assignees(first: 20) {{ nodes {{ login }} }}
      labels(first: 100) {{ nodes {{ name }} }}
      milestone {{ id number title dueOn }}{_FIELD_VALUES if made else ""}
      {projects.ON if boards else ""}
      {columns.ON if statuses else ""}
      comments(last: 50) @include(if: $whole) {{
        nodes {{ fullDatabaseId body createdAt lastEditedAt viewerDidAuthor author {{ ...person }} }}
        pageInfo {{ hasPreviousPage }}
      }}
      timelineItems(last: 50, itemTypes: {_steps(made)}) @include(if: $whole) {{ ...history }}
      ...edits @include(if: $edits)
      {"...labelled @include(if: $whole)" if marks else ""}
    }}
  }}
}}{EDITS}{labelled(statuses) if marks else ""}{_history(made)}"""


@cache
def earlier_question(made: bool) -> str:
    """Return the question for a part of the history that is older than what is known of it (``$before``), or
    for its newest part."""
    return f"""
query($owner: String!, $name: String!, $number: Int!, $before: String) {{
  repository(owner: $owner, name: $name, followRenames: false) {{ issue(number: $number) {{
    timelineItems(last: 100, before: $before, itemTypes: {_steps(made)}) {{ ...history }}
  }} }}
}}{_history(made)}"""


AUTHORSHIP = """
query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) { issue(number: $number) {
    createdAt lastEditedAt
    author { login ... on User { databaseId } ... on Bot { databaseId } }
    editor { login ... on User { databaseId } ... on Bot { databaseId } }
  } }
}"""

EVENTS = {
    "MilestonedEvent": "milestoned",
    "DemilestonedEvent": "demilestoned",
    "RenamedTitleEvent": "renamed",
    "IssueFieldAddedEvent": "issue_field_added",
    "IssueFieldChangedEvent": "issue_field_changed",
    "IssueFieldRemovedEvent": "issue_field_removed",
}


@dataclass(frozen=True, slots=True)
class Seen:
    """What one answer told. ``answer`` is the issue as it came; ``whole`` says that its history and its
    newest words came with it."""

    issue: Issue
    answer: object
    whole: bool
    milestones: tuple[Value, ...] | None = None
    """The open ones, the first by date first; None where they were not asked for, or are too many."""

    def comments(self) -> Iterator[object]:
        """Yield the newest comments, oldest first, in the shape of the REST interface."""
        return map(_comment, many(self.answer, "comments.nodes"))

    def reaches_back_to(self, since: datetime) -> bool:
        """Tell whether all comments written since then came with the issue."""
        nodes = many(self.answer, "comments.nodes")
        return not at(self.answer, "comments.pageInfo.hasPreviousPage") or (
            bool(nodes) and instant(nodes[0], "createdAt") < since
        )

    def authorship(self) -> Evidence | None:
        """Return who gave the body its present words, None for an account that is gone."""
        try:
            return answers.authorship({"repository": {"issue": self.answer}}, edited=True)
        except Malformed:
            return None

    def people(self) -> Iterator[tuple[Person, str]]:
        """Yield the accounts that were named, each with what people call them, empty where nothing."""
        named = [at(self.answer, "author"), at(self.answer, "editor")]
        if self.whole:
            named += [at(one, "author") for one in many(self.answer, "comments.nodes")]
            steps = many(self.answer, "timelineItems.nodes")
            if at(self.answer, "labelled") is not None:
                steps = [*steps, *many(self.answer, "labelled.nodes")]
            named += [at(one, "actor") for one in steps]
        for one in named:
            who = _person(one)
            if isinstance(who, Mapping):
                try:
                    yield answers.person({"who": who}, "who"), text_or_empty(one, "name")
                except Malformed:
                    continue


def with_values(answer: object, values: object) -> object:
    """Return an answer to a question without the fields that people made, with their ``values`` in the shape
    of the REST interface."""
    repository = at(answer, "repository")
    issue = at(repository, "issue")
    if not isinstance(repository, Mapping) or not isinstance(issue, Mapping):
        return answer
    return {"repository": {**repository, "issue": {**issue, VALUES: values}}}


def seen(
    subject: Subject,
    place: Place,
    answer: object,
    whole: bool,
    fields: Collection[Field],
    ways: Collection[Way] = (),
) -> Seen | None:
    """Read an answer to the question for an issue with its deadline ``fields``, and its status on projects
    that ``ways`` name. Return None where it tells of another issue than was asked for: of one that was moved,
    or renamed with its repository. Raise Malformed."""
    repository, issue = at(answer, "repository"), at(answer, "repository.issue")
    names = {text(repository, "nameWithOwner").lower(), text(issue, "repository.nameWithOwner").lower()}
    if names != {place.repository.lower()} or number(issue, "number") != place.number:
        return None
    private = at(repository, "isPrivate")
    told = {**_rest(issue), **_values(issue, fields), projects.ITEMS: at(issue, "projectItems.nodes")}
    subject = answers.identified(subject, told, followed=False)
    full = whole and not at(repository, "milestones.pageInfo.hasNextPage")
    carriers = map(_milestone, many(repository, "milestones.nodes")) if full else ()
    found = answers.issue(subject, told, private is not True, fields)
    return Seen(
        replace(found, place=_located(repository), choices=columns.now(issue, place.owner, ways)),
        issue,
        whole,
        tuple(map(answers.value, carriers)) if full else None,
    )


def _located(repository: object) -> Located:
    return Located(str(number(repository, "databaseId")), text(repository, "nameWithOwner"))


def events(timeline: object) -> Sequence[object]:
    """Return the steps of a history, newest first, in the shape of the REST interface."""
    return [_event(node) for node in reversed(many(timeline, "nodes"))]


def earlier(timeline: object) -> str:
    """Return where an older part of a history begins, empty where there is none."""
    more = at(timeline, "pageInfo.hasPreviousPage") is True
    return text_or_empty(timeline, "pageInfo.startCursor") if more else ""


def _rest(issue: object) -> Mapping[str, object]:
    """Return an issue in the shape of the REST interface, so that both are read by one reader."""
    if not isinstance(issue, dict) or "milestone" not in issue:
        raise Malformed("milestone")
    held = at(issue, "milestone")
    author = at(issue, "author")
    return {
        "id": int(text(issue, "fullDatabaseId")),
        "number": at(issue, "number"),
        "created_at": at(issue, "createdAt"),
        "html_url": text(issue, "url"),
        "title": at(issue, "title"),
        "body": at(issue, "body"),
        "state": text(issue, "state").lower(),
        "state_reason": text_or_empty(issue, "stateReason").lower(),
        "labels": many(issue, "labels.nodes"),
        "milestone": None if held is None else _milestone(held),
        "updated_at": at(issue, "updatedAt"),
        "user": None if author is None else {"login": at(author, "login"), "id": at(author, "databaseId")},
        "assignees": many(issue, "assignees.nodes"),
    }


def _values(issue: object, fields: Iterable[Field]) -> Mapping[str, object]:
    """Return the values of an issue's fields in the shape of the REST interface, which knows fields by their
    numbers; nothing where they were not asked for."""
    if not isinstance(issue, Mapping) or "issueFieldValues" not in issue:
        return {VALUES: issue[VALUES]} if isinstance(issue, Mapping) and VALUES in issue else {}
    numbers = {field.node: field.number for field in fields if isinstance(field, OfIssue)}
    rows = many(issue, "issueFieldValues.nodes")
    return {
        VALUES: [
            {"issue_field_id": numbers.get(text_or_empty(row, "field.id")), "value": at(row, "value")}
            for row in rows
        ]
    }


def _milestone(node: object) -> Mapping[str, object]:
    return {
        "node_id": at(node, "id"),
        "number": at(node, "number"),
        "title": at(node, "title"),
        "due_on": at(node, "dueOn"),
    }


def _comment(node: object) -> Mapping[str, object]:
    id = text_or_empty(node, "fullDatabaseId")
    return {
        "id": int(id) if id.isascii() and id.isdigit() and len(id) < 19 else None,
        "body": at(node, "body"),
        "created_at": at(node, "createdAt"),
        "user": _person(at(node, "author")),
        # What is not said at all counts as changed.
        "edited": not isinstance(node, dict) or node.get("lastEditedAt", "unknown") is not None,
        "ours": at(node, "viewerDidAuthor") is True,
    }


def _event(node: object) -> Mapping[str, object]:
    return {
        "event": EVENTS.get(text_or_empty(node, "__typename"), ""),
        "node_id": at(node, "id"),
        "created_at": at(node, "createdAt"),
        "milestone": {"title": at(node, "milestoneTitle")},
        "actor": _person(at(node, "actor")),
        "field": at(node, "issueField.id"),
        "before": at(node, "previousValue"),
        "after": at(node, "newValue") or at(node, "value"),
    }


def _person(node: object) -> object:
    """Return an account in the shape of the REST interface; None for one that is gone."""
    return {"id": at(node, "databaseId"), "login": at(node, "login")} if isinstance(node, dict) else None
