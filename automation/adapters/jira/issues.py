"""Issues in Jira as they are, and who may do what there: what is read one question at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime, tzinfo

from automation.adapters.errors import Missing, unreadable
from automation.adapters.jira import answers, deadlines, endings
from automation.adapters.jira.choices import ChoiceFields
from automation.adapters.jira.comments import issue_path
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.dates import DateFields, just_the_due_date, utc
from automation.adapters.jira.histories import MOST_PAGES, PAGE, Histories
from automation.adapters.jira.people import JiraPeople, JiraRights, Members
from automation.adapters.jira.site_fields import SiteFields
from automation.adapters.jira.statuses import Statuses
from automation.adapters.jira.text_fields import TextFields, none
from automation.adapters.shapes import (
    Malformed,
    at,
    digest_of,
    instant,
    instant_or_none,
    many,
    text,
    text_or_empty,
)
from automation.domain.commands import heard
from automation.model import (
    CARRIER,
    Comment,
    Issue,
    Located,
    Named,
    Person,
    Subject,
    Way,
)
from automation.ports import Pins, RateLimiter, Refused, Unseen

FIELDS = (
    *("summary", "description", "status", "labels", "project", "updated"),
    *("resolution", "fixVersions", "reporter", "assignee"),
)


class Issues(Histories):
    """What is read of issues, their dates, and rights in Jira.

    ``sign_in``: see ``Connection``. ``people``, ``overriders``, ``backups``, ``may_link``, ``dates`` (the
    deadline fields, by id or name), ``zone`` (in which instants are days), ``texts`` (the fields for what
    users said, by what they say), ``statuses`` and ``choices`` (by which people may answer) and ``projects``
    (whose issues are looked at, by key) are asked at each use, so that reloaded rules count at once.
    """

    def __init__(
        self,
        url: str,
        sign_in: tuple[str, str] | str,
        people: Callable[[str], JiraPeople],
        may_link: Callable[[], JiraRights],
        marker_key: bytes,
        limiter: RateLimiter,
        pins: Pins,
        timeout: int = 15,
        clock: Callable[[], float] = time.time,
        dates: Callable[[], Sequence[str]] = just_the_due_date,
        zone: Callable[[], tzinfo] = utc,
        overriders: Callable[[str], JiraPeople] = lambda _: JiraPeople(),
        backups: Callable[[str], JiraPeople] = lambda _: JiraPeople(),
        texts: Callable[[], Mapping[str, str]] = none,
        statuses: Callable[[], Collection[str]] = tuple,
        choices: Callable[[], Collection[Way]] = tuple,
        projects: Callable[[], Collection[str]] = tuple,
    ) -> None:
        super().__init__(Connection(url, sign_in, limiter, timeout, clock), marker_key)
        fields = SiteFields(self._jira)
        self._dates = DateFields(fields, dates, zone)
        self._answers = TextFields(fields, texts)
        self._statuses = Statuses(self._jira, statuses)
        self._choices = ChoiceFields(self._jira, fields, choices, projects)
        self._members = Members(self._jira, people, overriders, backups, may_link, pins)

    # ------------------------------------------------------------ the truth

    @property
    def version(self) -> str:
        return self._jira.version

    def issue(self, subject: Subject) -> Issue | None:
        """Return the truth. An issue that moved to another project has another key, and the same id."""
        return self.read_issue(subject, self.ask_issue(subject))

    def ask_issue(self, subject: Subject, fields: Sequence[str] = (), **more: str) -> object:
        """Ask for an issue, with more ``fields`` than it takes to read one. Raise Unseen where it is
        not there, and NoAccess where nothing of its project can be seen."""
        project = answers.project_of(subject.key)
        self._places.enter(project)
        own = [field.id for field in self._dates.all()]
        own += [field.id for field in self._answers.all().values()]
        own += [field.id for field in self._choices.all()]
        try:
            body = self._issue(subject, (*FIELDS, *own, *fields), **more)
        except Unseen as error:
            self._see(project, error)
            raise
        except Refused as error:
            if not project:
                raise
            raise self._places.lost(project, str(error)) from error
        self._places.seen(project)
        return body

    def read_issue(self, subject: Subject, body: object) -> Issue | None:
        """Make an issue of what Jira told."""
        if body is None:
            return None
        subject, dates = answers.identified(subject, body), self._dates.all()
        try:
            is_open = text(body, "fields.status.statusCategory.key") != "done"
            return Issue(
                subject=subject,
                url=self._jira.page(subject.key),
                title=text_or_empty(body, "fields.summary"),
                # Jira shows these characters; in Markdown they would hide what is between them.
                body=self._jira.dialect.to_markdown(at(body, "fields.description")).replace("<!--", "< !--"),
                open=is_open,
                public=answers.for_customers(body) or self._open(subject.place),
                labels=answers.labels(body),
                deadlines=deadlines.read(body, dates, self.zone),
                fields=dates,
                updated_at=instant_or_none(body, "fields.updated"),
                people=answers.people(body),
                outcome="" if is_open else endings.outcome(body),
                release="" if is_open else endings.release(body),
                status=text_or_empty(body, "fields.status.name"),
                place=Located(text_or_empty(body, "fields.project.id"), subject.place),
                answers={word: field.now(body, self.version) for word, field in self._answers.all().items()},
                choices=tuple(filter(None, (one.now(body, self.version) for one in self._choices.all()))),
            )
        except Malformed as error:
            raise unreadable(f"Jira: GET {issue_path(subject)}") from error

    def public(self, subject: Subject) -> bool:
        if subject.kind == CARRIER:
            return self.version_public(subject)
        try:
            body = self._issue(subject, ("project",))
        except Unseen:
            return True
        return self.read_public(subject, body)

    def read_public(self, subject: Subject, body: object) -> bool:
        """Tell by an issue that was asked for just now whether others could read along, and ask strangers."""
        if body is None or answers.for_customers(body):
            return True
        project = answers.project_of(subject.key)
        return self._open_to_all.put(project, self._ask_strangers(project))

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        if not (comment.isascii() and comment.isdigit()):
            return None
        path = f"{issue_path(subject)}/comment/{comment}"
        try:
            with self._inside(subject):
                body = self._jira.call("GET", path, {"expand": "properties"})
        except Missing as error:
            raise Unseen(f"comment {comment} on {subject.key} cannot be read") from error
        try:
            text(body, "id")
            if at(body, "author") is None:
                return None  # written without an account, or by one that is gone
            return self._read(subject, body)
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-get"""
        found: list[Comment] = []
        path = f"{issue_path(subject)}/comment"
        try:
            for start in range(0, PAGE * MOST_PAGES, PAGE):
                query = {"expand": "properties", "orderBy": "-created", "maxResults": str(PAGE)}
                with self._inside(subject):
                    answer = self._jira.call("GET", path, query | {"startAt": str(start)})
                page = many(answer, "comments")
                fresh = [body for body in page if self.written_since(body, since)]
                found += self.commanding(subject, fresh, handled)
                if len(fresh) < PAGE:
                    break
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error
        return found[::-1]

    def written_since(self, body: object, since: datetime) -> bool:
        return (instant_or_none(body, "created") or since) >= since

    def is_us(self, person: Person) -> bool:
        """Tell whether that is our own account."""
        return person.id == self._self.get("", self._me)

    def commanding(
        self, subject: Subject, bodies: Iterable[object], handled: Collection[str]
    ) -> list[Comment]:
        """Read those that hold a command, without those ``handled``."""
        wanted = (body for body in bodies if text(body, "id") not in handled)
        return [one for body in wanted if (one := self._commanding(subject, body))]

    # ------------------------------------------------------------ who may do what

    def backup(self, policy: str) -> Sequence[Person]:
        return self._members.backup(policy)

    def called(self, person: Person) -> str:
        return person.name  # Jira gives names wherever it gives people

    def may_link(self, subject: Subject, person: Person) -> bool:
        return self._members.may_link(answers.project_of(subject.key), person)

    def may_override(self, subject: Subject, person: Person, policy: str) -> bool:
        return self._members.may_override(answers.project_of(subject.key), person, policy)

    def in_product(self, subject: Subject, person: Person, policy: str) -> bool:
        return self._members.in_product(answers.place_of(subject), person, policy)

    def product(self, policy: str) -> Sequence[Person]:
        return self._members.product(policy)

    def id_of(self, named: Named) -> str:
        return self._members.id_of(named)

    def name_of(self, named: Named, id: str) -> str:
        return self._members.name_of(named, id)

    def issue_of(self, id: str) -> Subject | None:
        return None  # each delivery says of which issue it is

    def misnamed_fields(self) -> Mapping[str, str]:
        asked = (self._dates, self._answers, self._statuses, self._choices)
        return {name: why for fields in asked for name, why in fields.wrong().items()}

    # ------------------------------------------------------------ asking

    def _commanding(self, subject: Subject, body: object) -> Comment | None:
        """Read a comment that holds a command; one of nobody who could be named holds none."""
        try:
            comment = self._read(subject, body)
        except Malformed:
            return None
        return comment if heard(comment.lines, "jira") else None

    def _read(self, subject: Subject, body: object) -> Comment:
        written = instant(body, "created")
        return Comment(
            id=text(body, "id"),
            author=answers.person(body, "author", self._jira.version),
            written_at=written,
            edited=instant(body, "updated") != written,
            lines=self._jira.dialect.command_lines(at(body, "body"), self._is_us),
            digest=digest_of(at(body, "body")),
            own=self._own(subject, body),
            restricted=answers.restricted(body),
        )
