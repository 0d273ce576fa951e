"""One issue, its people and Handshake's whole way of deciding, in memory and on a clock set by hand.

Facts, plan and effects are the real ones; the tracker keeps a history as GitHub and Jira do, and
nothing runs unless it is told to: webhooks can be late, doubled or lost, and so can effects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase

from automation.domain.changes import collect_receipts
from automation.domain.told import Heard
from automation.engine import facts
from automation.engine.executor import Executor
from automation.engine.plan import plan
from automation.engine.rendering import Rendering
from automation.model import (
    COMMITTED,
    Comment,
    Effect,
    Evidence,
    IssueState,
    Mode,
    Move,
    Person,
    Receipt,
    Say,
    SetDeadline,
    Subject,
    Trigger,
    Value,
)
from automation.ports import Posted, Unavailable
from automation.rulebook.rulebook import Rulebook, load
from tests.factories import DEAL, ISSUE, LEE, MONA, NOW, OMAR, SAM, SPRING, SUMMER, WINTER, deal, issue
from tests.fakes import Clock, FakeCrm, FakeTracker

BOT = Person("github", "900", "handshake-bot")
AUTUMN = Value("4", SUMMER.day.replace(month=9) if SUMMER.day else None, "Autumn release")
FIELD = "milestone"
PACE = timedelta(minutes=30)
"""Between what people do: so slow that setting back never reaches its limit of three an hour."""


QUIET = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "database": None,
    "phases": (Phase.explicit, Phase.generate),
}
"""Settings for stories. Without shrinking: one that fails is short as it is."""


@cache
def shipped() -> Rulebook:
    return load(Path("rules"))


class HistoricTracker(FakeTracker):
    """A tracker with a history. Words of people carry the time of the clock, as do changes."""

    def __init__(self, clock: Clock) -> None:
        super().__init__(
            linkers=frozenset({LEE, SAM, MONA, OMAR}),
            members={"product": frozenset({MONA, OMAR})},
            offers=(WINTER, SPRING, SUMMER, AUTUMN),
        )
        self.clock = clock

    def move(self, who: Person, value: Value) -> bool:
        """Give the field a value, as ``who``. Return whether that was a change."""
        assert self.truth is not None
        old = self.truth.deadlines[FIELD]
        if old == value:
            return False
        self.hold(FIELD, value)
        moves = self.history.setdefault(FIELD, [])
        moves.append(Move(str(100 + len(moves)), self.clock.now.replace(microsecond=0), who, old, value))
        return True

    def write(self, who: Person, line: str, own: bool = False) -> str:
        id = str(len(self.written) + 1)
        at = self.clock.now.replace(microsecond=0)
        self.written[id] = Comment(id, who, at, edited=False, lines=(line,), own=own)
        return id

    def edit(self, who: Person, body: str) -> None:
        if self.truth is None or self.truth.body == body:
            return
        self.change(body=body)
        self.authors["body"] = Evidence(who, self.clock.now.replace(microsecond=0))

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        super().post(subject, markdown, marker)
        return Posted(self.write(BOT, markdown, own=True), self.clock.now)

    def set_deadline(self, subject: Subject, field: str, value: Value) -> None:
        self._note("set_deadline", subject, field, value.name)
        self.move(BOT, value)
        self._break("set_deadline", True)


class PunctualCrm(FakeCrm):
    """A CRM that says when words were written."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.times: dict[str, datetime] = {}

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        self.times[marker] = self.clock.now
        return replace(super().post(subject, markdown, marker), at=self.clock.now)

    def find(self, subject: Subject, marker: str) -> Posted | None:
        found = super().find(subject, marker)
        return found and replace(found, at=self.times[marker])


@dataclass(frozen=True)
class Write:
    """A date that Handshake wrote: when that was decided, over what, and what was signed then."""

    planned: datetime
    intent: SetDeadline
    over: Value
    signed: Value | None


class Village:
    """``state`` is what Handshake knows, ``tracker`` the truth; ``jobs`` are effects to be performed and
    looks to be taken, none of which happens before it is asked for."""

    def __init__(self, rules: Rulebook | None = None, **truth: Any) -> None:
        self.rules = rules or shipped()
        self.clock = Clock()
        self.tracker = HistoricTracker(self.clock)
        self.tracker.truth = issue(**truth)
        self.crm = PunctualCrm(self.clock)
        self.crm.known["SALES-8"] = replace(DEAL, subject=deal("SALES-8"), name="Boreas")
        self.state = IssueState(ISSUE)
        self.receipts: dict[str, Receipt] = {}
        self.waiting: dict[str, Effect] = {}
        self.ready: list[Effect] = []
        self.looks: list[Trigger] = []
        self.later: list[datetime] = []
        self.planned: dict[str, datetime] = {}
        self.acts: list[bool] = []
        """Whether each change of the field that people made was one."""
        self.writes: list[Write] = []
        self.tries: dict[str, int] = {}
        self.saying: dict[str, tuple[Heard, ...]] = {}
        self.withheld: set[str] = set()
        """The words of an agreed date that were not said, and may be planned anew."""
        self._shown: dict[str, datetime] = {}
        self._told_at: dict[tuple[str, str], datetime] = {}
        self.next = NOW + PACE
        self.words = self
        trackers = {"github": self.tracker}

        def rules() -> Rulebook:
            return self.rules

        rendering = Rendering(trackers, self.crm, rules, self.known_names, self.clock)
        self._effects = Executor(self, trackers, self.crm, rules, rendering)  # type: ignore[arg-type]

    # ------------------------------------------------------------ what the store gives

    def load(self, subject: Subject) -> tuple[IssueState, dict[str, Receipt]]:
        shown = [replace(p, shown_at=self._shown.get(p.id)) for p in self.state.proposals]
        return replace(self.state, proposals=tuple(shown)), self.receipts

    def label(self, subject: Subject, label: str) -> bool | None:
        return self.state.labels.get(label)

    def note_names(self, deals: object, people: object = ()) -> None:
        pass

    def known_names(self) -> tuple[()]:
        return ()

    def begin(self, effect: str, heard: tuple[Heard, ...]) -> None:
        self.saying[effect] = heard

    def begun(self, effect: str) -> tuple[Heard, ...]:
        return self.saying.get(effect, ())

    def unheard(self, effect: Effect) -> tuple[Effect, ...]:
        tried = sorted((one for one in self.ready if one.key in self.tries), key=self._turn)
        return tuple(one for one in tried if one.target == effect.target and one != effect)

    def _turn(self, effect: Effect) -> int:
        return list(self.planned).index(effect.key)

    def deals_of(self, subject: Subject) -> tuple[Subject, ...]:
        return self.state.linked()

    # ------------------------------------------------------------ what Handshake does

    def look(self, *triggers: Trigger) -> None:
        """Read, decide and commit, once."""
        before, receipts = self.load(ISSUE)
        expected, _ = collect_receipts(before, receipts)
        seen = facts.read(expected, triggers, self.tracker, self.crm, self.rules.policies, self.clock.now)
        if seen is None:
            return
        made = plan(before, receipts, seen, self.rules, Mode.ENFORCE, self.clock.now)
        if made.state != before:
            self.state = replace(made.state, version=before.version + 1)
        for effect in made.effects:
            if effect.key in self.planned and effect.key not in self.withheld:
                continue
            self.withheld.discard(effect.key)
            self.tries.pop(effect.key, None)
            self.planned[effect.key] = self.clock.now
            if effect.after:
                self.waiting[effect.key] = effect
            else:
                self.ready.append(effect)
        if made.reconcile_at:
            self.later.append(made.reconcile_at)

    def perform(self, effect: Effect) -> None:
        """Carry out one effect and write its receipt, as the outbox does; one that failed waits."""
        self.ready.remove(effect)
        tries = self.tries[effect.key] = self.tries.get(effect.key, 0) + 1
        before = self.day()
        try:
            ending = self._effects.perform(effect, tries)
        except Unavailable:
            self.ready.append(effect)
            return
        finally:
            if self.day() != before and isinstance(effect.intent, SetDeadline):
                commitment = self.state.fields[FIELD].commitment
                signed = commitment and commitment.value
                self.writes.append(Write(self.planned[effect.key], effect.intent, before, signed))
        self.receipts[effect.key] = Receipt(ending.how != "given up", ending.text, ending.hint)
        for waiting in [one for one in self.waiting.values() if one.after == effect.key]:
            del self.waiting[waiting.key]
            if ending.how == "done":
                self.ready.append(waiting)
        if isinstance(effect.intent, SetDeadline) or ending.again:
            self.looks.append(Trigger(ISSUE, "receipt"))
        at = ending.at or self.clock.now
        for one in ending.heard:
            about = (one.deal, one.field)
            if self._told_at.get(about, at) <= at:
                self._told_at[about] = at
                self.state = replace(self.state, told={**self.state.told, about: one.told})
        if not isinstance(effect.intent, Say):
            return
        event = effect.intent.event
        if ending.how == "moved on" and effect.target != ISSUE and event.name == COMMITTED:
            self.withheld.add(effect.key)
        if effect.target == ISSUE and event.proposal:
            self._shown.setdefault(event.proposal.id, self.clock.now)

    def settle(self) -> None:
        """Do all that is due, dates before words, and then what is due later, until nothing is left."""
        for _ in range(200):
            self.clock.forward(1)
            dates = [effect for effect in self.ready if isinstance(effect.intent, SetDeadline)]
            if dates:
                self.perform(dates[0])
            elif self.looks:
                self.look(self.looks.pop(0))
            elif self.ready:
                self.perform(self.ready[0])
            else:
                return
        raise AssertionError("it does not come to rest")

    def wait(self) -> None:
        """Let time pass until nothing is left that is due later."""
        self.settle()
        while self.later:
            at = min(self.later)
            self.later.remove(at)
            self.clock.now = max(self.clock.now, at)
            self.looks.append(Trigger(ISSUE, "time"))
            self.settle()

    # ------------------------------------------------------------ what people do

    def act(self, who: Person, what: object) -> Trigger:
        """Let half an hour strike and somebody do something: give the field a value, rewrite the body (a
        text that begins with a letter), or comment. Return what a webhook would say of it."""
        self.clock.now = max(self.clock.now, self.next)
        self.next += PACE
        if isinstance(what, Value):
            self.acts.append(self.tracker.move(who, what))
            return Trigger(ISSUE, "issue", who, self.clock.now)
        text = str(what)
        if text.startswith("/"):
            return Trigger(ISSUE, "comment", who, self.clock.now, self.tracker.write(who, text))
        self.tracker.edit(who, text)
        return Trigger(ISSUE, "issue", who, self.clock.now)

    # ------------------------------------------------------------ where it ends

    def day(self) -> Value:
        """Return what the tracker holds."""
        assert self.tracker.truth is not None
        return self.tracker.truth.deadlines[FIELD]

    def end(self) -> dict[str, object]:
        """Return where tracker values, links, proposals and sign-offs stand."""
        known = self.state.fields[FIELD]
        signed = known.commitment
        return {
            "tracker": self.day(),
            "standing": known.standing,
            "links": {(link.deal, link.by, link.at, link.ended_at) for link in self.state.links},
            "proposals": sorted(_proposals(self.state)),
            "commitment": signed and (signed.value, signed.policy, signed.signed_by, signed.at_risk),
        }


def _proposals(state: IssueState) -> Iterator[tuple[str, ...]]:
    for p in state.proposals:
        by = p.asked_by.name if p.asked_by else "nobody"
        yield p.state.value, p.value.name, by, ", ".join(f"{yes.by.name} {yes.value.name}" for yes in p.yeses)
