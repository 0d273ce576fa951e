"""Issues on GitHub as they are, and who may do what there: what is read one question at a time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from github import Auth

from automation.adapters.errors import Gone, Missing, Moved, unreadable
from automation.adapters.github import answers, columns, graph
from automation.adapters.github import labels as label_history
from automation.adapters.github.api import Api
from automation.adapters.github.dates import just_the_milestone
from automation.adapters.github.deadlines import Deadlines
from automation.adapters.github.due_dates import DueDate
from automation.adapters.github.people import Members, People
from automation.adapters.github.place import Place
from automation.adapters.github.wordings import WORDINGS, wordings
from automation.adapters.shapes import Malformed, at, many, text_or_empty
from automation.model import (
    COLUMN,
    LABEL,
    Carrier,
    Evidence,
    Issue,
    Located,
    Mark,
    Named,
    Person,
    Subject,
    Way,
    Wording,
    called,
)
from automation.ports import Pins, RateLimiter, Refused, Unseen
from automation.ports.recent import Recent
from automation.rulebook.schema import DateName

MINUTE = 60.0
MOST_PAGES = 20
"""Of a hundred steps each: as far back as it is read who labelled an issue."""


class Issues(Deadlines):
    """What is read of issues, their dates, and rights on GitHub.

    ``auth`` is a token, or makes the authentication of an App (called once per thread).
    ``people``, ``overriders``, ``backups``, ``may_link_role``, ``dates`` (the deadline fields, by id or
    name), ``owners`` (of the repositories in the rules), ``labels`` and ``columns`` (by which people may
    answer) are asked at each use, so that reloaded rules count at once.
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
        dates: Callable[[], Sequence[DateName]] = just_the_milestone,
        owners: Callable[[], Collection[str]] = tuple,
        labels: Callable[[], Collection[str]] = tuple,
        columns: Callable[[], Collection[Way]] = tuple,
    ) -> None:
        sign_in: Callable[[], Auth.Auth] = auth if callable(auth) else lambda: Auth.Token(auth)
        api = Api(api_url, sign_in, limiter, timeout, clock)
        super().__init__(api, marker_key, clock, dates, owners, labels, columns)
        self._members = Members(self._api, people, overriders, backups, may_link_role, pins, clock)
        self._public: Recent[str, bool] = Recent(MINUTE, clock)

    def columns(self) -> Collection[Way]:
        """Return the statuses on projects by which people may answer."""
        return self._columns()

    def enter(self, place: Place) -> None:
        """Raise NoAccess for a place that was not seen just now."""
        self._places.enter(place.repository)

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
            found = replace(found, choices=columns.now(None, place.owner, self._columns()))
            return replace(found, place=Located(elsewhere, place.repository)) if elsewhere else found
        except Malformed as error:
            raise unreadable(f"GitHub: GET {place.issue}") from error

    def public(self, subject: Subject) -> bool:
        place = Place.of(subject)
        return self._public.put(place.repository, self._ask_public(place))

    def carrier(self, subject: Subject) -> Carrier | None:
        place = Place.of(subject)
        try:
            with self._inside(place):
                found = DueDate(self._api).read(place)
        except Moved:
            raise
        except Missing:
            return None
        return replace(found, public=self._public.get(place.repository, lambda: self._ask_public(place)))

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

    def marks(
        self, subject: Subject, ways: Collection[Way], since: datetime, told: object = None
    ) -> Sequence[Mark]:
        """``told`` is the issue with the newest part of the history, where that is known. Only GraphQL says
        when a label itself was changed last, so that no other interface is asked."""
        place, labels = Place.of(subject), {way.name.casefold() for way in ways if way.kind == LABEL}
        moved = [way for way in ways if way.kind == COLUMN]
        boards, named = {way.field for way in moved}, {way.called for way in ways}
        try:
            told = self._labelled(place, None) if told is None else told
            timeline = at(told, "labelled")
            found = list(label_history.marks(timeline, labels, place.owner, boards))
            standing = {called(LABEL, text_or_empty(one, "name")) for one in many(told, "labels.nodes")}
            held = columns.now(told, place.owner, moved)
            standing |= {called(COLUMN, one.value, one.field) for one in held}
            for _ in range(MOST_PAGES):
                untold = standing & named - {mark.called for mark in found}
                before = label_history.earlier(timeline)
                if not before or (label_history.reaches(timeline, since) and not untold):
                    break
                timeline = at(self._labelled(place, before), "labelled")
                found += label_history.marks(timeline, labels, place.owner, boards)
        except Missing as error:
            raise Unseen(f"who labelled {subject.key} cannot be read") from error
        except Malformed as error:
            raise unreadable(f"GitHub: the labels of {subject.key}") from error
        return [mark for mark in found if mark.called in named]

    def _labelled(self, place: Place, before: str | None) -> object:
        statuses = bool(self._columns()) and self.knows_statuses()
        asked = {**place.named, "before": before}
        answer = self._api.graphql(label_history.earlier_question(statuses), asked)
        return at(answer, "repository.issue")

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

    # ------------------------------------------------------------ asking

    def _ask_public(self, place: Place) -> bool:
        try:
            return at(self._api.get(place.repo), "private") is not True
        except (Moved, Gone):
            return True
        except Missing as error:  # nothing of it can be seen, so that nothing could be posted either
            raise self._places.lost(place.repository, str(error)) from error
        except Refused:
            return True
