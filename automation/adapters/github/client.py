"""GitHub as a tracker: issues, their milestones, and who may do what."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from github import Auth

from automation.adapters.errors import Gone, Missing, Moved, Rejected, unreadable
from automation.adapters.github import answers
from automation.adapters.github.answers import READ, Place, segment
from automation.adapters.github.api import Api
from automation.adapters.github.comments import Comments
from automation.adapters.github.graph import AUTHORSHIP, Seen
from automation.adapters.github.one_pass import GitHubPass
from automation.adapters.github.people import Members, People
from automation.adapters.github.wordings import WORDINGS, wordings
from automation.adapters.recent import Recent
from automation.adapters.shapes import Malformed, at, instant, instant_or_none
from automation.model import (
    NOTHING,
    Carrier,
    Deal,
    Evidence,
    Issue,
    Located,
    Move,
    Named,
    Person,
    Subject,
    Value,
    Wording,
)
from automation.ports import Pins, RateLimiter, Refused, Unavailable, Unseen, Unwritten

MINUTE = 60.0


class GitHub(Comments):
    """The ``Tracker`` port on GitHub. One object serves all threads.

    ``auth`` is a token, or makes the authentication of an App (called once per thread).
    ``people``, ``overriders`` and ``may_link_role`` are asked at each use, so that reloaded rules count at
    once.
    """

    def __init__(
        self,
        api_url: str,
        auth: str | Callable[[], Auth.Auth],
        people: Callable[[str], People],
        may_link_role: Callable[[], str],
        marker_key: bytes,
        limiter: RateLimiter,
        pins: Pins,
        timeout: int = 15,
        clock: Callable[[], float] = time.time,
        overriders: Callable[[str], People] = lambda _: People(),
    ) -> None:
        sign_in: Callable[[], Auth.Auth] = auth if callable(auth) else lambda: Auth.Token(auth)
        super().__init__(Api(api_url, sign_in, limiter, timeout, clock), marker_key, clock)
        self._members = Members(self._api, people, overriders, may_link_role, pins, clock)
        self._public: Recent[str, bool] = Recent(MINUTE, clock)

    def check(self) -> None:
        """Ask for our limits: it costs nothing, and an App may. A server without limits has no such page.

        https://docs.github.com/en/rest/rate-limit/rate-limit
        https://docs.github.com/en/rest/meta/meta
        """
        try:
            self._api.get("/rate_limit")
        except Missing:
            self._api.get("/meta")

    # ------------------------------------------------------------ one pass

    def one_pass(self, whole: bool) -> GitHubPass:
        return GitHubPass(self, whole)

    def enter(self, place: Place) -> None:
        """Raise NoAccess for a place that was not seen just now."""
        self._places.enter(place.repository)

    def graphql(self, query: str, variables: Mapping[str, str | int | bool]) -> object:
        return self._api.graphql(query, variables)

    def told(self, place: Place, seen: Seen) -> None:
        """Note what an answer told by the way: that the place can be seen, and what people are called."""
        self._places.seen(place.repository)
        self._public.put(place.repository, seen.issue.public)
        for person, name in seen.people():
            self._members.note_name(person, name)

    # ------------------------------------------------------------ the truth

    def issue(self, subject: Subject) -> Issue | None:
        place = Place.of(subject)
        self._places.enter(place.repository)
        try:
            body, elsewhere = self._api.follow(place.issue)
        except Gone:
            return None
        except Missing as error:
            self._see(place, error)
            raise Unseen(f"there is no issue {subject.key}") from error
        except Refused as error:
            raise self._places.lost(place.repository, str(error)) from error
        self._places.seen(place.repository)
        if at(body, "pull_request") is not None:
            return None
        try:
            subject = answers.identified(subject, body, followed=bool(elsewhere))
            place = Place.of(subject)
            public = self._public.get(place.repository, lambda: self._ask_public(place))
            found = answers.issue(subject, body, public)
            return replace(found, place=Located(elsewhere, place.repository)) if elsewhere else found
        except Malformed as error:
            raise unreadable(f"GitHub: GET {place.issue}") from error

    def public(self, subject: Subject) -> bool:
        place = Place.of(subject)
        return self._public.put(place.repository, self._ask_public(place))

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        """Yield the changes of the milestone. Their titles are all that history keeps of milestones: one
        that is not ``known`` is looked up, and where none has that title now it cannot be told."""
        if field not in READ:
            return
        place = Place.of(subject)
        with self._inside(place):
            yield from self.moved(subject, self._api.newest_first(f"{place.issue}/events"), known)

    def moved(self, subject: Subject, events: Iterable[object], known: Sequence[Value]) -> Iterator[Move]:
        """Yield the changes of the milestone by ``events``, newest first."""
        place = Place.of(subject)
        named = {"": NOTHING} | {value.name: value for value in reversed(known) if value}
        complete = False

        def value(title: str) -> Value | None:
            nonlocal complete
            if title not in named and not complete:
                complete = True
                for milestone in self._milestones(place, "all"):
                    named.setdefault(milestone.name, milestone)
            return named.get(title)

        holds = known[0].name if known else ""
        for move in answers.moves(events, holds):
            yield Move(move.id, move.at, move.by, value(move.old), value(move.new), move.also)

    def carried(self, subject: Subject, field: str, values: Collection[Value]) -> Mapping[Value, Value]:
        if not any(values):  # the only field there is
            return {}
        there = self._milestones(Place.of(subject), "all")
        return {value: answers.alike(value, there) for value in values if value}

    def gone(self, subject: Subject, field: str, value: Value) -> bool:
        """https://docs.github.com/en/rest/issues/milestones#get-a-milestone"""
        try:
            self._api.get(f"{Place.of(subject).repo}/milestones/{segment(value.ref)}")
        except Missing:
            return True
        return False

    def carrier(self, subject: Subject) -> Carrier | None:
        """https://docs.github.com/en/rest/issues/milestones#get-a-milestone"""
        place = Place.of(subject)  # written as an issue's: owner/name#3
        path = f"{place.repo}/milestones/{place.number}"
        try:
            with self._inside(place):
                body = self._api.get(path)
        except Moved:
            raise
        except Missing:
            return None
        try:
            return Carrier(place.repository, answers.value(body), instant(body, "updated_at"))
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error

    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None:
        """https://docs.github.com/en/graphql/reference/objects#issue knows editors of the body only;
        titles are in the issue's events."""
        place = Place.of(subject)
        owner, _, name = place.repository.partition("/")
        asked: dict[str, str | int] = {"owner": owner, "name": name, "number": place.number}
        try:
            if part == "title":
                renamed = answers.renamed(self._api.newest_first(f"{place.issue}/events"))
                if renamed is not None:
                    return renamed
            return answers.authorship(self._api.graphql(AUTHORSHIP, asked), edited=part == "body")
        except Missing as error:
            raise Unseen(f"who wrote {subject.key} cannot be read") from error
        except Malformed:
            return None  # nobody that could be named, such as a deleted account

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        """https://docs.github.com/en/graphql/reference/objects#usercontentedit: ``diff`` is all of the text
        as it was then, and null where somebody took that revision out of the history.
        https://docs.github.com/en/graphql/reference/objects#renamedtitleevent"""
        place = Place.of(subject)
        owner, _, name = place.repository.partition("/")
        asked: dict[str, str | int] = {"owner": owner, "name": name, "number": place.number}
        answer = self._api.graphql(WORDINGS, asked)
        try:
            return wordings(at(answer, "repository.issue"))
        except Malformed as error:
            raise unreadable(f"GitHub: the history of {subject.key}") from error

    def show_deal(self, subject: Subject, deal: Deal, shown: bool, asked: bool = False) -> bool:
        """GitHub has no place of its own for links to other systems."""
        return False

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        """Return the open milestones, the first by number first, so that it wins where two share a day."""
        if field not in READ:
            return ()
        return sorted(self._milestones(Place.of(subject), "open"), key=lambda one: int(one.ref))

    # ------------------------------------------------------------ who may do what

    def called(self, person: Person) -> str:
        return self._members.called(person)

    def may_link(self, subject: Subject, person: Person) -> bool:
        return self._members.may_link(Place.of(subject), person)

    def may_override(self, subject: Subject, person: Person, policy: str) -> bool:
        return self._members.may_override(Place.of(subject), person, policy)

    def in_product(self, person: Person, policy: str, fresh: bool = False) -> bool:
        return self._members.in_product(person, policy, fresh)

    def product(self, policy: str) -> Sequence[Person]:
        return self._members.product(policy)

    def id_of(self, named: Named) -> str:
        return self._members.id_of(named)

    def name_of(self, named: Named, id: str) -> str:
        return self._members.name_of(named, id)

    # ------------------------------------------------------------ writing

    def set_deadline(self, subject: Subject, field: str, value: Value) -> datetime | None:
        """Give the issue the milestone ``value``, or none.

        Without the right to push, GitHub drops this silently, so its answer is read:
        https://docs.github.com/en/rest/issues/issues#update-an-issue
        """
        if field not in READ or (value and not (value.ref.isascii() and value.ref.isdigit())):
            raise Refused(f"GitHub has no {field} {value.ref} to set")
        place = Place.of(subject)
        body = {field: int(value.ref) if value else None}
        try:
            with self._inside(place):
                answer = self._api.send("PATCH", place.issue, body, urgent=True)
        except Rejected as error:
            raise Refused(str(error), self._why_not(subject, value, error)) from error
        try:
            holds = READ[field](answer)
        except Malformed as error:
            raise unreadable(f"GitHub: PATCH {place.issue}") from error
        if value.moved_to(holds):
            day = holds.day.isoformat() if holds.day else "no day"
            raise Unwritten(
                f"the milestone {value.name} of {subject.key} is due on {day} by now",
                f"The milestone “{value.name or value.ref}” has another date by now.",
            )
        if holds.ref != value.ref:
            raise Unwritten(
                f"GitHub kept the milestone of {subject.key} as it was. "
                "Give the token's account the right to write to the repository.",
                no_right(place),
            )
        return instant_or_none(answer, "updated_at")

    def set_label(self, subject: Subject, label: str, present: bool) -> None:
        place = Place.of(subject)
        if present:
            with self._inside(place):
                self._api.send("POST", f"{place.issue}/labels", {"labels": [label]})
            return
        try:
            self._api.send("DELETE", f"{place.issue}/labels/{segment(label)}")
        except Missing:
            with self._inside(place):
                self._api.get(place.issue)  # the label is gone already, unless the issue is: then this raises

    # ------------------------------------------------------------ asking

    def _why_not(self, subject: Subject, value: Value, error: Rejected) -> str:
        """Say to people why a milestone could not be set. What GitHub may not write to is "not there", too,
        so a 404 is a missing right where the issue can be read."""
        place = Place.of(subject)
        if "archived" in error.said.lower():
            return f"The repository {place.repository} is archived: nobody can change anything in it."
        if error.status in (401, 403) or (isinstance(error, Missing) and self.issue(subject)):
            return no_right(place)
        if error.status == 422 and value and not self._there(f"{place.repo}/milestones/{value.ref}"):
            return f"The milestone “{value.name or value.ref}” is not there any more."
        return "" if isinstance(error, Missing) else "GitHub did not accept the change."

    def _there(self, path: str) -> bool:
        try:
            self._api.get(path)
        except Missing:
            return False
        except Unavailable:
            return True  # nobody can tell just now
        return True

    def _milestones(self, place: Place, state: Literal["open", "all"]) -> list[Value]:
        path = f"{place.repo}/milestones"
        try:
            return [answers.value(one) for one in self._api.all(path, {"state": state, "sort": "due_on"})]
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error

    def _ask_public(self, place: Place) -> bool:
        try:
            return at(self._api.get(place.repo), "private") is not True
        except (Moved, Gone):
            return True
        except Missing as error:  # nothing of it can be seen, so that nothing could be posted either
            raise self._places.lost(place.repository, str(error)) from error
        except Refused:
            return True


def no_right(place: Place) -> str:
    """https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens"""
    return (
        f"Handshake's account may not change the milestone here. Give it write access to {place.repository}; "
        "a fine-grained token or an App also needs the permission “Issues: read and write”."
    )
