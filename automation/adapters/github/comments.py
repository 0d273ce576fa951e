"""Words on GitHub: notices as comments that carry a marker, and the comments that people write.

https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from automation.adapters.errors import Gone, Missing, Moved, unreadable
from automation.adapters.github import answers, markup
from automation.adapters.github.api import Api
from automation.adapters.github.place import Place, segment
from automation.adapters.marks import Marks
from automation.adapters.places import Places
from automation.adapters.shapes import Malformed, at, digest_of, instant_or_none, number, text, text_or_empty
from automation.domain.commands import heard
from automation.model import Comment, Person, Subject
from automation.ports import Posted, Refused, Unseen
from automation.ports.recent import Recent
from automation.text.markdown import command_lines

LONGEST_COMMENT = 65_536
"""More is answered 422, always."""

HOUR = 3600.0
LOOK_BACK = timedelta(days=7)
"""How far back our own notices are looked for: longer than a parked job waits for somebody."""

INTEGRATION = "by integration"
"""What GitHub says to an App that asks who it is: never.
https://docs.github.com/en/rest/users/users#get-the-authenticated-user"""

EDITED = "query($id: ID!) { node(id: $id) { ... on IssueComment { lastEditedAt } } }"


class Comments:
    """The ``Notices`` port on GitHub, and the reading of comments; the tracker is built on it."""

    def __init__(self, api: Api, marker_key: bytes, clock: Callable[[], float]) -> None:
        self._api = api
        self._clock = clock
        self._marks = Marks(marker_key)
        self._self: Recent[str, tuple[str, str]] = Recent(HOUR, clock)
        self._places = Places("github", clock)

    def encode(self, text: str) -> str:
        return markup.encode(text)

    def mention(self, person: Person) -> str:
        return markup.mention(person.name) if person.system == "github" else markup.encode(person.name)

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        """Post a comment, cut where it is too long for GitHub."""
        place = Place.of(subject)
        path = f"{place.issue}/comments"
        with self._inside(place):
            answer = self._api.send("POST", path, {"body": self._marked(subject, markdown, marker)})
        try:
            return Posted(str(number(answer, "id")), instant_or_none(answer, "created_at"))
        except Malformed as error:
            raise unreadable(f"GitHub: POST {path}") from error

    def edit(self, subject: Subject, comment: str, markdown: str, marker: str) -> bool:
        """https://docs.github.com/en/rest/issues/comments#update-an-issue-comment"""
        place = Place.of(subject)
        path = f"{place.repo}/issues/comments/{segment(comment)}"
        try:
            known = self._api.get(path)
        except Missing:
            return False
        token = markup.find_marker(text_or_empty(known, "body")) or ""
        ours = self._marks.same(subject, marker, token) and self._by_us(known)
        if not ours or not place.holds(text_or_empty(known, "issue_url")):
            return False
        body = self._marked(subject, markdown, marker)
        if text_or_empty(known, "body") != body:
            self._api.send("PATCH", path, {"body": body})
        return True

    def find(self, subject: Subject, marker: str) -> Posted | None:
        """Look for our notice among the comments of the last seven days."""
        since = datetime.fromtimestamp(self._clock(), UTC) - LOOK_BACK
        place, query = Place.of(subject), {"since": _stamp(since)}
        with self._inside(place):
            for comment in self._api.all(f"{place.issue}/comments", query):
                token = markup.find_marker(text_or_empty(comment, "body"))
                if token and self._marks.same(subject, marker, token) and self._by_us(comment):
                    return Posted(str(at(comment, "id")), instant_or_none(comment, "created_at"))
        return None

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        place = Place.of(subject)
        if not (comment.isascii() and comment.isdigit()):
            return None
        path = f"{place.repo}/issues/comments/{comment}"
        try:
            with self._inside(place):
                body = self._api.get(path)
        except Missing as error:
            raise Unseen(f"comment {comment} on {subject.key} cannot be read") from error
        try:
            if not place.holds(text(body, "issue_url")):
                return None
            if isinstance(body, dict) and body.get("user", body) is None:
                return None  # an account that is gone
            return self._comment(subject, body)
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        # Those changed since, which has those written since among them.
        place = Place.of(subject)
        found = self._api.all(f"{place.issue}/comments", {"since": _stamp(since)})
        with self._inside(place):
            return self.commanding(subject, found, since, handled)

    def commanding(
        self, subject: Subject, found: Iterable[object], since: datetime, handled: Collection[str]
    ) -> Sequence[Comment]:
        """Read those that were written since then and hold a command, without those ``handled``."""
        since = since.replace(microsecond=0)
        return [one for body in found if (one := self._commanding(subject, body, since, handled))]

    def _marked(self, subject: Subject, markdown: str, marker: str) -> str:
        """Write a comment with its mark, cut where it is too long for GitHub."""
        ending = f"\n\n{markup.marker(self._marks.token(subject, marker))}"
        room = LONGEST_COMMENT - len(ending)
        body = markdown if len(markdown) <= room else f"{markdown[: room - 1]}…"
        return f"{body}{ending}"

    def _commanding(
        self, subject: Subject, body: object, since: datetime, handled: Collection[str]
    ) -> Comment | None:
        """Read a comment that was written since then and holds a command; one that cannot be read (yet), or
        whose account is gone, holds none."""
        try:
            if str(number(body, "id")) in handled or answers.written_at(body) < since:
                return None
            if at(body, "ours") is True and self._marked_by_us(subject, body):
                return None  # nothing that we say is a command
            lines = self._lines(text_or_empty(body, "body"))
            return self._comment(subject, body) if heard(lines, "github") else None
        except (Malformed, Unseen):
            return None

    def _comment(self, subject: Subject, body: object) -> Comment:
        """Read a comment. One that came with its issue says by itself whether it was edited, and is ours."""
        words = text_or_empty(body, "body")
        edited, ours = at(body, "edited"), at(body, "ours")
        return Comment(
            id=str(number(body, "id")),
            author=answers.person(body, "user"),
            written_at=answers.written_at(body),
            edited=edited if isinstance(edited, bool) else self._edited(body),
            lines=self._lines(words),
            digest=digest_of(words),
            own=self._marked_by_us(subject, body) and (ours if isinstance(ours, bool) else self._by_us(body)),
        )

    def _marked_by_us(self, subject: Subject, body: object) -> bool:
        """Tell whether a comment carries a mark of ours, whoever wrote it."""
        token = markup.find_marker(text_or_empty(body, "body")) or ""
        return self._marks.authentic(subject, token)

    def _lines(self, words: str) -> tuple[str, ...]:
        """Return the lines that may be commands; one that begins with our own name says ``@handshake``."""
        lines = command_lines(words)
        login = self._login() if any(line.startswith("@") for line in lines) else ""
        if not login:
            return lines
        us = f"@{login}".lower()

        def said(line: str) -> str:
            whom, _, rest = line.partition(" ")
            return f"@handshake {rest}" if whom.rstrip(":,").lower() == us else line

        return tuple(map(said, lines))

    def _edited(self, comment: object) -> bool:
        """Tell whether the words were changed; what cannot be told for good counts as changed. Raise Unseen
        where GraphQL does not know the comment, as it does not at first.

        ``updated_at`` would not do: it moves without an edit, and an edit within the second of
        writing does not move it.
        https://docs.github.com/en/graphql/reference/objects#issuecomment
        """
        try:
            answer = self._api.graphql(EDITED, {"id": text(comment, "node_id")})
        except Missing as error:
            raise Unseen(f"comment {at(comment, 'id')} cannot be read whole") from error
        except (Refused, Malformed):
            return True
        node = at(answer, "node")
        if node is None:
            raise Unseen(f"comment {at(comment, 'id')} cannot be read whole")
        return not isinstance(node, dict) or node.get("lastEditedAt", "unknown") is not None

    @contextmanager
    def _inside(self, place: Place) -> Iterator[None]:
        """Tell what is missing in a repository from a repository that cannot be seen: raise NoAccess."""
        self._places.enter(place.repository)
        try:
            yield
        except (Moved, Gone):
            raise
        except Missing as error:
            self._see(place, error)
            raise

    def _see(self, place: Place, error: Refused) -> None:
        """Ask for the repository itself. Raise NoAccess where it cannot be seen, and Moved where it has
        another name."""
        try:
            self._api.get(place.repo)
        except Moved:
            raise
        except Refused:
            raise self._places.lost(place.repository, str(error)) from error
        self._places.seen(place.repository)

    def _by_us(self, comment: object) -> bool:
        """Tell whether our own account wrote it. An App cannot ask who it is: there the HMAC alone counts."""
        try:
            us, _ = self._self.get("", self._ask_self)
        except Refused:
            us = ""  # not remembered: the next time it may go well
        return not us or str(at(comment, "user.id")) == us

    def _login(self) -> str:
        try:
            return self._self.get("", self._ask_self)[1]
        except Refused:
            return ""

    def _ask_self(self) -> tuple[str, str]:
        try:
            answer = self._api.get("/user")
            return str(number(answer, "id")), text_or_empty(answer, "login")
        except Malformed as error:
            raise unreadable("GitHub: GET /user") from error
        except Refused as error:
            if INTEGRATION not in str(error).lower():
                raise
            return "", ""


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
