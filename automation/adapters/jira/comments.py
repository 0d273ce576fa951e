"""Notices as Jira comments, marked by a comment property: the same on issues and on deals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from urllib.parse import quote

from automation.adapters.errors import Gone, Missing, unreadable
from automation.adapters.jira import answers
from automation.adapters.jira.connection import ME, Connection
from automation.adapters.jira.versions import CLOUD
from automation.adapters.marks import Marks
from automation.adapters.places import Places
from automation.adapters.shapes import Malformed, at, instant_or_none, many, text, text_or_empty
from automation.model import Person, Subject
from automation.ports import Posted, Refused
from automation.ports.recent import Recent

LONGEST_COMMENT = 30_000
"""Characters; Jira's own limit is 32,767."""

HOUR = 3600.0
PROPERTY = "handshake"
INTERNAL = {"key": "sd.public.comment", "value": {"internal": True}}
"""Keeps the customers of a service desk from reading along; means nothing in other projects.
https://developer.atlassian.com/cloud/jira/service-desk/jira-service-desk-comments/"""


class Comments:
    """The ``Notices`` port on Jira; Jira's issues and its deals are built on it.

    A mark is written together with the comment, in one request, so that there is no comment of ours
    without one. Cloud and Data Center both take it so, and both read it with ``expand=properties``.
    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-post
    """

    def __init__(self, jira: Connection, marker_key: bytes) -> None:
        self._jira = jira
        self._marks = Marks(marker_key)
        self._self: Recent[str, str] = Recent(HOUR, jira.clock)
        self._places = Places("jira", jira.clock)
        self._usernames: Recent[str, str] = Recent(HOUR, jira.clock)

    def encode(self, text: str) -> str:
        return self._jira.dialect.encode(text)

    def mention(self, person: Person) -> str:
        if person.system != "jira":
            return self._jira.dialect.encode(person.name)
        if self._jira.version == CLOUD:
            return self._jira.dialect.mention(person.id, person.name)
        try:
            username = self._usernames.get(person.id, lambda: self._ask_username(person))
        except Refused:
            username = ""  # not remembered: the next time they may be found
        return self._jira.dialect.mention(username, person.name)

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        """Comment, for the inside only where the project is a service desk."""
        path = f"{issue_path(subject)}/comment"
        with self._inside(subject):
            answer = self._jira.call("POST", path, body=self._marked(subject, markdown, marker))
        try:
            return Posted(text(answer, "id"), instant_or_none(answer, "created"))
        except Malformed as error:
            raise unreadable(f"Jira: POST {path}") from error

    def edit(self, subject: Subject, comment: str, markdown: str, marker: str) -> bool:
        """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-comments/#api-rest-api-3-issue-issueidorkey-comment-id-put"""
        path = f"{issue_path(subject)}/comment/{quote(comment, safe='')}"
        try:
            known = self._jira.call("GET", path, {"expand": "properties"})
        except Missing:
            return False
        marked = any(self._marks.same(subject, marker, token) for token in _tokens(known))
        if not marked or not self._by_us(known):
            return False
        body = self._marked(subject, markdown, marker)
        if at(known, "body") != body["body"]:
            # Nobody needs a mail about it; Data Center has no such choice.
            quiet = {"notifyUsers": "false"} if self._jira.version == CLOUD else None
            self._jira.call("PUT", path, quiet, body)
        return True

    def find(self, subject: Subject, marker: str) -> Posted | None:
        """Look for our notice among the hundred newest comments."""
        path = f"{issue_path(subject)}/comment"
        query = {"expand": "properties", "orderBy": "-created", "maxResults": "100"}
        with self._inside(subject):
            answer = self._jira.call("GET", path, query)
        try:
            for comment in many(answer, "comments"):
                marked = any(self._marks.same(subject, marker, token) for token in _tokens(comment))
                if marked and self._by_us(comment):
                    return Posted(text(comment, "id"), instant_or_none(comment, "created"))
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error
        return None

    def check(self) -> None:
        self._self.put("", self._me())

    def _marked(self, subject: Subject, markdown: str, marker: str) -> Mapping[str, object]:
        """Write a comment with its mark, cut where it is too long for Jira."""
        words = markdown if len(markdown) <= LONGEST_COMMENT else f"{markdown[: LONGEST_COMMENT - 1]}…"
        digest, _, mac = self._marks.token(subject, marker).partition(".")
        mark = {"key": PROPERTY, "value": {"marker": digest, "hmac": mac}}
        return {"body": self._jira.dialect.from_markdown(words), "properties": [mark, INTERNAL]}

    @contextmanager
    def _inside(self, subject: Subject) -> Iterator[None]:
        """Tell what is missing in a project from a project that cannot be seen: raise NoAccess."""
        project = answers.place_of(subject)
        self._places.enter(project)
        try:
            yield
        except Gone:
            raise
        except Missing as error:
            self._see(project, error)
            raise

    def _see(self, project: str, error: Refused) -> None:
        """Ask for the project itself. Raise NoAccess where it cannot be seen.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-projects/#api-rest-api-3-project-projectidorkey-get
        """
        try:
            self._jira.call("GET", f"project/{quote(project, safe='')}")
        except Refused:
            raise self._places.lost(project, str(error)) from error
        self._places.seen(project)

    def _own(self, subject: Subject, comment: object) -> bool:
        """Tell whether a comment that was read with its properties is a notice of ours."""
        marked = any(self._marks.authentic(subject, token) for token in _tokens(comment))
        return marked and self._by_us(comment)

    def _by_us(self, comment: object) -> bool:
        """Tell whether our own account wrote it: whoever sees a mark can put it on a comment of theirs."""
        try:
            return answers.person(comment, "author", self._jira.version).id == self._self.get("", self._me)
        except Malformed:
            return False

    def _is_us(self, named: str) -> bool:
        """Tell whether a mention names us: by the account id on Cloud, by the username on Data Center."""
        if self._jira.version == CLOUD:
            return named.removeprefix("accountid:") == self._self.get("", self._me)
        return named == self._usernames.get("", self._my_name)

    def _my_name(self) -> str:
        return text_or_empty(self._jira.call("GET", ME), "name")

    def _me(self) -> str:
        answer = self._jira.call("GET", ME)
        try:
            return answers.person({"user": answer}, "user", self._jira.version).id
        except Malformed as error:
            raise unreadable(f"Jira: GET {ME}") from error

    def _ask_username(self, person: Person) -> str:
        """Ask what a mention names on Data Center."""
        return text_or_empty(self._jira.call("GET", "user", {"key": person.id}), "name")


def issue_path(subject: Subject) -> str:
    return f"issue/{quote(subject.key, safe='')}"


def _tokens(comment: object) -> Iterator[str]:
    properties = at(comment, "properties")
    for one in properties if isinstance(properties, list) else []:
        if at(one, "key") == PROPERTY:
            yield f"{text_or_empty(one, 'value.marker')}.{text_or_empty(one, 'value.hmac')}"
