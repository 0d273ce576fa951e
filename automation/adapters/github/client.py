"""GitHub as a tracker: issues, their milestones, and who may do what."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Literal

from github import Auth

from automation.adapters.errors import Gone, Missing, Moved, Rejected, unreadable
from automation.adapters.github import answers, graph
from automation.adapters.github.answers import Place, segment
from automation.adapters.github.api import Api, Undefined
from automation.adapters.github.comments import HOUR, Comments
from automation.adapters.github.dates import DateFields, Field, just_the_milestone
from automation.adapters.github.issue_fields import VALUES, path_of
from automation.adapters.github.one_pass import GitHubPass
from automation.adapters.github.people import Members, People
from automation.adapters.github.wordings import WORDINGS, wordings
from automation.adapters.recent import Recent
from automation.adapters.shapes import Malformed, at, instant
from automation.model import (
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
from automation.ports import Pins, RateLimiter, Refused, Unseen

MINUTE = 60.0


class GitHub(Comments):
    """The ``Tracker`` port on GitHub. One object serves all threads.

    ``auth`` is a token, or makes the authentication of an App (called once per thread).
    ``people``, ``overriders``, ``backups``, ``may_link_role``, ``dates`` (the deadline fields, by id or
    name) and ``owners`` (of the repositories in the rules) are asked at each use, so that reloaded rules
    count at once.
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
        backups: Callable[[str], People] = lambda _: People(),
        dates: Callable[[], Sequence[str]] = just_the_milestone,
        owners: Callable[[], Collection[str]] = tuple,
    ) -> None:
        sign_in: Callable[[], Auth.Auth] = auth if callable(auth) else lambda: Auth.Token(auth)
        super().__init__(Api(api_url, sign_in, limiter, timeout, clock), marker_key, clock)
        self._members = Members(self._api, people, overriders, backups, may_link_role, pins, clock)
        self._public: Recent[str, bool] = Recent(MINUTE, clock)
        self._dates = DateFields(self._api, dates, owners, clock)
        self._knows_fields: Recent[str, bool] = Recent(HOUR, clock)

    def check(self) -> None:
        """Ask for our limits: it costs nothing, and an App may. A server without limits has no such page.

        https://docs.github.com/en/rest/rate-limit/rate-limit
        https://docs.github.com/en/rest/meta/meta
        """
        try:
            self._api.get("/rate_limit")
        except Missing:
            self._api.get("/meta")
        if wrong := self._dates.wrong():
            raise Refused(" ".join(wrong.values()))

    # ------------------------------------------------------------ one pass

    def one_pass(self, whole: bool) -> GitHubPass:
        return GitHubPass(self, whole)

    def enter(self, place: Place) -> None:
        """Raise NoAccess for a place that was not seen just now."""
        self._places.enter(place.repository)

    def ask(self, place: Place, whole: bool) -> object:
        """Ask GraphQL for an issue, with the values of its fields in it: in one question, where its schema
        has them, else in two. A schema without them refuses the whole question, so that it is not asked so
        again for an hour."""
        asked = {**place.named, "whole": whole}
        made = self._any_made(place)
        if made and self.knows_fields():
            try:
                return self._api.graphql(graph.issue_question(True), asked)
            except Undefined:
                self._knows_fields.put("", False)
        answer = self._api.graphql(graph.issue_question(False), asked)
        return graph.with_values(answer, self.values(place)) if made else answer

    def knows_fields(self) -> bool:
        """Tell whether GraphQL's schema has the fields that people make, as far as is known."""
        return self._knows_fields.known("") is not False

    def told(self, place: Place, seen: graph.Seen) -> None:
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
            found = answers.issue(subject, self._whole(place, body), public, self.fields(place).values())
            return replace(found, place=Located(elsewhere, place.repository)) if elsewhere else found
        except Malformed as error:
            raise unreadable(f"GitHub: GET {place.issue}") from error

    def _whole(self, place: Place, issue: object) -> object:
        """Return an issue with the values of the fields that people made, where there are such."""
        if not isinstance(issue, dict) or VALUES in issue or not self._any_made(place):
            return issue
        return {**issue, VALUES: self.values(place)}

    def values(self, place: Place) -> object:
        """https://docs.github.com/en/rest/issues/issue-field-values#list-issue-field-values-for-an-issue"""
        return self._api.get(path_of(place))

    def _any_made(self, place: Place) -> bool:
        return any(field.made for field in self.fields(place).values())

    def public(self, subject: Subject) -> bool:
        place = Place.of(subject)
        return self._public.put(place.repository, self._ask_public(place))

    def fields(self, place: Place) -> Mapping[str, Field]:
        """Return the deadline fields of a place's issues, by id."""
        return self._dates.of(place.owner)

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        """Yield the changes of a field. Of those that people made GraphQL alone knows the history: where its
        schema does not have them, nobody is known to have moved one."""
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        if declared is None:
            return
        with self._inside(place):
            if not declared.made:
                events = self._api.newest_first(f"{place.issue}/events")
            else:
                events = self.history(place) if self.knows_fields() else iter(())
            yield from declared.moves(place, events, known)

    def history(self, place: Place, timeline: object = None) -> Iterator[object]:
        """Yield the steps of an issue's history, newest first, and ask for older ones only when wanted.
        ``timeline`` is the newest part, where it is known."""
        made = self._any_made(place)
        if timeline is None:
            timeline = self._earlier(place, None, made)
        yield from graph.events(timeline)
        while before := graph.earlier(timeline):
            timeline = self._earlier(place, before, made)
            yield from graph.events(timeline)

    def _earlier(self, place: Place, before: str | None, made: bool) -> object:
        answer = self._api.graphql(graph.earlier_question(made), {**place.named, "before": before})
        return at(answer, "repository.issue.timelineItems")

    def carried(self, subject: Subject, field: str, values: Collection[Value]) -> Mapping[Value, Value]:
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        return declared.carried(place, values) if declared else {}

    def gone(self, subject: Subject, field: str, value: Value) -> bool:
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        return declared is not None and declared.gone(place, value)

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
        try:
            if part == "title":
                renamed = answers.renamed(self._api.newest_first(f"{place.issue}/events"))
                if renamed is not None:
                    return renamed
            return answers.authorship(self._api.graphql(graph.AUTHORSHIP, place.named), edited=part == "body")
        except Missing as error:
            raise Unseen(f"who wrote {subject.key} cannot be read") from error
        except Malformed:
            return None  # nobody that could be named, such as a deleted account

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        """https://docs.github.com/en/graphql/reference/objects#usercontentedit: ``diff`` is all of the text
        as it was then, and null where somebody took that revision out of the history.
        https://docs.github.com/en/graphql/reference/objects#renamedtitleevent"""
        place = Place.of(subject)
        answer = self._api.graphql(WORDINGS, place.named)
        try:
            return wordings(at(answer, "repository.issue"))
        except Malformed as error:
            raise unreadable(f"GitHub: the history of {subject.key}") from error

    def misnamed_fields(self) -> Mapping[str, str]:
        return self._dates.wrong()

    def show_deal(self, subject: Subject, deal: Deal, shown: bool, asked: bool = False) -> bool:
        """GitHub has no place of its own for links to other systems."""
        return False

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        return declared.carriers(place, day) if declared else ()

    # ------------------------------------------------------------ who may do what

    def backup(self, policy: str) -> Sequence[Person]:
        return self._members.backup(policy)

    def called(self, person: Person) -> str:
        return self._members.called(person)

    def may_link(self, subject: Subject, person: Person) -> bool:
        return self._members.may_link(Place.of(subject), person)

    def may_override(self, subject: Subject, person: Person, policy: str) -> bool:
        return self._members.may_override(Place.of(subject), person, policy)

    def in_product(self, subject: Subject, person: Person, policy: str, fresh: bool = False) -> bool:
        return self._members.in_product(person, policy, fresh)

    def product(self, policy: str) -> Sequence[Person]:
        return self._members.product(policy)

    def id_of(self, named: Named) -> str:
        return self._members.id_of(named)

    def name_of(self, named: Named, id: str) -> str:
        return self._members.name_of(named, id)

    # ------------------------------------------------------------ writing

    def set_deadline(self, subject: Subject, field: str, value: Value) -> datetime | None:
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        if declared is None:
            raise Refused(f"GitHub has no {field} {value.ref} to set")
        try:
            with self._inside(place):
                return declared.write(place, value)
        except Rejected as error:
            raise Refused(str(error), self._why_not(subject, declared, value, error)) from error

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

    def _why_not(self, subject: Subject, field: Field, value: Value, error: Rejected) -> str:
        """Say to people why a date could not be set. What GitHub may not write to is "not there", too,
        so a 404 is a missing right where the issue can be read."""
        place = Place.of(subject)
        if "archived" in error.said.lower():
            return f"The repository {place.repository} is archived: nobody can change anything in it."
        if error.status in (401, 403) or (isinstance(error, Missing) and self.issue(subject)):
            return answers.no_right(place, field.called)
        return field.why_not(place, value, error) or (
            "" if isinstance(error, Missing) else "GitHub did not accept the change."
        )

    def _ask_public(self, place: Place) -> bool:
        try:
            return at(self._api.get(place.repo), "private") is not True
        except (Moved, Gone):
            return True
        except Missing as error:  # nothing of it can be seen, so that nothing could be posted either
            raise self._places.lost(place.repository, str(error)) from error
        except Refused:
            return True
