"""A tracker and a CRM that cost next to nothing, with as many issues as are asked for and no HTTP."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from automation.domain.commands import parse
from automation.model import NOTHING, Comment, Deal, Issue, Move, Named, Person, Subject, Value
from tests.factories import DEAL, LEE, MONA, SAM, issue
from tests.fakes import FakeCrm, FakeTracker

FIELD = "milestone"
SPRING = Value("2", date.today() + timedelta(days=90), "Spring release")


class FreeTracker(FakeTracker):
    """Its issues are alike but for their last line: what somebody does is done to all of them."""

    def __init__(self) -> None:
        super().__init__(linkers=frozenset({LEE, SAM, MONA}), members={"product": frozenset({MONA})})
        self.offers = (SPRING,)
        self._issues: dict[Subject, Issue] = {}
        self._said: list[Comment] = []
        self._moved: list[Move] = []

    def say(self, who: Person, line: str) -> str:
        id = str(len(self._said) + 1)
        self._said.append(Comment(id, who, datetime.now(UTC), edited=False, lines=(line,), own=False))
        return id

    def move(self, who: Person, value: Value) -> None:
        old = self._moved[-1].new if self._moved else NOTHING
        self._moved.append(Move(str(len(self._moved) + 1), datetime.now(UTC), who, old, value))
        self.hold(FIELD, value)
        self._issues.clear()

    def issue(self, subject: Subject) -> Issue | None:
        if subject not in self._issues:
            truth = self.truth or issue()
            self._issues[subject] = replace(truth, subject=subject, body=f"{truth.body}\n\nNo. {subject.key}")
        return self._issues[subject]

    def comment(self, subject: Subject, comment: str) -> Comment | None:
        return next((said for said in self._said if said.id == comment), None)

    def comments(self, subject: Subject, since: datetime, handled: Collection[str]) -> Sequence[Comment]:
        return [
            s
            for s in self._said
            if s.written_at >= since
            and s.id not in handled
            and parse(s.lines, subject.system, s.written_at.date())
        ]

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        return reversed(self._moved)

    def id_of(self, named: Named) -> str:
        return named.name

    def name_of(self, named: Named, id: str) -> str:
        return id

    def _note(self, method: str, *about: object) -> None:
        """Remember nothing: that would cost something."""


class FreeCrm(FakeCrm):
    """Knows one deal."""

    def deals(self, deals: Sequence[Subject]) -> Mapping[Subject, Deal]:
        return {deal: DEAL for deal in deals if deal == DEAL.subject}
