"""A tracker and a CRM as one pass uses them: each answer is asked for once, until something is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from automation.model import (
    Carrier,
    Comment,
    Deal,
    Evidence,
    Issue,
    Mark,
    Move,
    Named,
    Person,
    Subject,
    Value,
    Way,
    Wording,
)
from automation.ports import Crm, Notices, Pass, Posted, Tracker
from automation.ports.recent import Recent

A = TypeVar("A")


class Answers:
    """What was told, by what was asked. Errors are not kept."""

    def __init__(self) -> None:
        self._known: dict[Hashable, Any] = {}

    def once(self, asked: Hashable, ask: Callable[[], A]) -> A:
        if asked not in self._known:
            self._known[asked] = ask()
        answer: A = self._known[asked]
        return answer

    def known(self, asked: Hashable) -> Any:
        return self._known.get(asked)

    def put(self, asked: Hashable, answer: object) -> None:
        self._known[asked] = answer

    def clear(self) -> None:
        self._known.clear()


class _Reader:
    """The ``Notices`` port: words are encoded and posted as ever."""

    def __init__(self, sink: Notices) -> None:
        self._sink = sink
        self._answers = Answers()

    def check(self) -> None:
        self._sink.check()

    def encode(self, text: str) -> str:
        return self._sink.encode(text)

    def mention(self, person: Person) -> str:
        return self._answers.once(("mention", person, person.name), lambda: self._sink.mention(person))

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        return self._sink.post(subject, markdown, marker)

    def edit(self, subject: Subject, comment: str, markdown: str, marker: str) -> bool:
        return self._sink.edit(subject, comment, markdown, marker)

    def find(self, subject: Subject, marker: str) -> Posted | None:
        return self._sink.find(subject, marker)  # what is looked for may have come just now


class TrackerReader(_Reader):
    """The ``Tracker`` port for one pass."""

    def __init__(self, tracker: Tracker, whole: bool, edits: bool) -> None:
        super().__init__(tracker)
        self._tracker = tracker
        self._whole = whole
        self._pass: Pass = tracker.one_pass(whole, edits)

    def one_pass(self, whole: bool, edits: bool = False) -> Pass:
        return self._tracker.one_pass(whole, edits)

    def _written(self) -> None:
        """Forget what was told before something was written."""
        self._answers.clear()
        self._pass = self._tracker.one_pass(self._whole)

    # ------------------------------------------------------------ the truth

    def issue(self, subject: Subject) -> Issue | None:
        return self._answers.once(("issue", subject), lambda: self._pass.issue(subject))

    def public(self, subject: Subject) -> bool:
        return self._answers.once(("public", subject), lambda: self._pass.public(subject))

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        asked = ("comment", subject, comment)
        return self._answers.once(asked, lambda: self._pass.comment(subject, comment))

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        asked = ("comments", subject, since, frozenset(handled))
        return self._answers.once(asked, lambda: self._pass.comments(subject, since, handled))

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        return self._pass.moves(subject, field, known)

    def marks(self, subject: Subject, ways: Collection[Way], since: datetime) -> Sequence[Mark]:
        asked = ("marks", subject, frozenset(ways), since)
        return self._answers.once(asked, lambda: self._pass.marks(subject, ways, since))

    def written_by(self, subject: Subject, part: Literal["title", "body"]) -> Evidence | None:
        asked = ("written by", subject, part)
        return self._answers.once(asked, lambda: self._pass.written_by(subject, part))

    def wordings(self, subject: Subject) -> Mapping[str, Sequence[Wording]]:
        return self._answers.once(("wordings", subject), lambda: self._pass.wordings(subject))

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        asked = ("carriers", subject, field, day)
        return self._answers.once(asked, lambda: self._pass.carriers(subject, field, day))

    def carrier(self, subject: Subject) -> Carrier | None:
        return self._answers.once(("carrier", subject), lambda: self._tracker.carrier(subject))

    def carried(self, subject: Subject, field: str, values: Collection[Value]) -> Mapping[Value, Value]:
        asked = ("carried", subject, field, frozenset(values))
        return self._answers.once(asked, lambda: self._tracker.carried(subject, field, values))

    def gone(self, subject: Subject, field: str, value: Value) -> bool:
        asked = ("gone", subject, field, value)
        return self._answers.once(asked, lambda: self._tracker.gone(subject, field, value))

    # ------------------------------------------------------------ who may do what

    def may_link(self, subject: Subject, person: Person) -> bool:
        asked = ("may link", subject, person)
        return self._answers.once(asked, lambda: self._tracker.may_link(subject, person))

    def in_product(self, subject: Subject, person: Person, policy: str) -> bool:
        asked = ("in product", subject, person, policy)
        return self._answers.once(asked, lambda: self._pass.in_product(subject, person, policy))

    def may_override(self, subject: Subject, person: Person, policy: str) -> bool:
        asked = ("may override", subject, person, policy)
        return self._answers.once(asked, lambda: self._tracker.may_override(subject, person, policy))

    def product(self, policy: str) -> Sequence[Person]:
        return self._answers.once(("product", policy), lambda: self._tracker.product(policy))

    def backup(self, policy: str) -> Sequence[Person]:
        return self._answers.once(("backup", policy), lambda: self._tracker.backup(policy))

    def called(self, person: Person) -> str:
        return self._answers.once(("called", person, person.name), lambda: self._tracker.called(person))

    def id_of(self, named: Named) -> str:
        return self._answers.once(("id of", named), lambda: self._tracker.id_of(named))

    def name_of(self, named: Named, id: str) -> str:
        return self._answers.once(("name of", named, id), lambda: self._tracker.name_of(named, id))

    # ------------------------------------------------------------ writing

    def issue_of(self, id: str) -> Subject | None:
        return self._tracker.issue_of(id)

    def misnamed_fields(self) -> Mapping[str, str]:
        return self._tracker.misnamed_fields()

    def show_deal(self, subject: Subject, deal: Deal, shown: bool, asked: bool = False) -> bool:
        if shown and self.public(subject):
            return False
        return self._tracker.show_deal(subject, deal, shown, asked=True)

    def set_deadline(self, subject: Subject, field: str, value: Value) -> datetime | None:
        self._written()
        return self._tracker.set_deadline(subject, field, value)

    def set_label(self, subject: Subject, label: str, present: bool) -> None:
        self._tracker.set_label(subject, label, present)
        issue: Issue | None = self._answers.known(("issue", subject))
        if issue is not None:  # all else of it is as it was
            others = tuple(one for one in issue.labels if one.lower() != label.lower())
            labels = (*others, label) if present else others
            self._answers.put(("issue", subject), replace(issue, labels=labels))

    def empty_field(self, subject: Subject, field: str) -> None:
        self._tracker.empty_field(subject, field)
        issue: Issue | None = self._answers.known(("issue", subject))
        if issue is not None:
            emptied = (replace(one, value="") if one == issue.choice(field) else one for one in issue.choices)
            self._answers.put(("issue", subject), replace(issue, choices=tuple(emptied)))


class CrmReader(_Reader):
    """The ``Crm`` port for one pass. What it reads is kept in ``lately``; unless it is to ask ``anew``, it
    uses what other passes have kept there."""

    def __init__(self, crm: Crm, lately: Recent[Subject, Deal] | None, anew: bool) -> None:
        super().__init__(crm)
        self._crm = crm
        self._lately = lately
        self._anew = anew
        self._deals: dict[Subject, Deal | None] = {}

    def named(self, text: str) -> Subject | None:
        return self._crm.named(text)

    def named_in(self, text: str) -> Sequence[Subject]:
        return self._crm.named_in(text)

    def deals(self, deals: Sequence[Subject]) -> Mapping[Subject, Deal]:
        """Ask in one call for those that were not asked for yet."""
        if self._lately is not None and not self._anew:
            read = {one: self._lately.known(one) for one in deals if one not in self._deals}
            self._deals |= {one: deal for one, deal in read.items() if deal}
        if missing := [one for one in dict.fromkeys(deals) if one not in self._deals]:
            told = self._crm.deals(missing)
            self._deals |= {one: told.get(one) for one in missing}
            for one, read_now in told.items():
                self._keep(one, read_now)
        return {one: deal for one in deals if (deal := self._deals[one]) is not None}

    def _keep(self, subject: Subject, deal: Deal) -> None:
        if self._lately is not None:
            self._lately.put(subject, deal)

    def may_see(self, person: Person, deal: Subject) -> bool | None:
        return self._answers.once(("may see", person, deal), lambda: self._crm.may_see(person, deal))
