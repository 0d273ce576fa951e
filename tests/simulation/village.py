"""One issue, its people and Handshake's engine, in memory and on a clock set by hand.

The engine is the real one, with fakes below its ports; the tracker keeps a history as GitHub and Jira do, and
nothing runs unless it is told to: webhooks can be late, doubled or lost, and so can effects.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase

from automation.domain.carriers import carriers_of
from automation.domain.words_builder import BEGINNING
from automation.engine.performing import Performing
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.reconcile import Reconciler
from automation.engine.rendering import Rendering
from automation.model import (
    CARRIER,
    COMMITTED,
    CarrierState,
    Effect,
    IssueState,
    Mode,
    Person,
    Plan,
    Receipt,
    Say,
    SetDeadline,
    Subject,
    Trigger,
    Value,
    Way,
)
from automation.ports import Job, Known, Later, Unavailable
from automation.rulebook.live import InForce
from automation.rulebook.rulebook import Rulebook, load
from tests.factories import DEAL, ISSUE, NOW, deal, issue
from tests.fakes import Clock
from tests.simulation.known import Echoes, Names, Words, shows
from tests.simulation.stand_ins import FIELD, HistoricTracker, PunctualCrm

PACE = timedelta(minutes=30)
"""Between what people do: so slow that setting back never reaches its limit of three an hour."""


QUIET = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "database": None,
    "report_multiple_bugs": False,
    "phases": (Phase.explicit, Phase.generate),
}
"""Settings for stories. Without shrinking: it would take minutes, and one that fails can be read as it is."""


@cache
def shipped() -> Rulebook:
    return load(Path("rules"))


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
        self.later: list[tuple[datetime, Subject]] = []
        self.carriers: dict[Subject, CarrierState] = {}
        self.again: list[Later] = []
        """The looks that were put off, since something could not be seen yet."""
        self.planned: dict[str, datetime] = {}
        self.acts: list[bool] = []
        """Whether each change of the field that people made was one."""
        self.writes: list[Write] = []
        self.withheld: set[str] = set()
        """The words of an agreed date that were not said, and may be planned anew."""
        self._shown: dict[str, datetime] = {}
        self._told_at: dict[tuple[str, str], datetime] = {}
        self.next = NOW + PACE
        self.modes = self
        self.pauses = self
        self.subjects, self.echoes, self.words = Names(), Echoes(), Words(self._in_turn)
        trackers = {"github": self.tracker}
        rendering = Rendering(trackers, self.crm, self.rulebook, self.known_names, self.clock)
        passes = Readers(trackers, self.crm, self.words.ready, self.clock.seconds)
        self._effects = Performing(self, passes, self.in_force, rendering)  # type: ignore[arg-type]
        preview = Preview(rendering, trackers)
        self._engine = Reconciler(
            self,
            self,
            self,
            {},
            trackers,
            passes,
            self,
            self.clock,
            self,
            preview,  # type: ignore[arg-type]
        )

    # ------------------------------------------------------------ the ports of the house

    def in_force(self) -> InForce:
        return InForce(self.rules, Mode.ENFORCE, NOW, NOW)

    def rulebook(self) -> Rulebook:
        return self.rules

    def add(self, name: str, *labels: str, by: float = 1) -> None:
        """Count nothing."""

    def exceeding(self, accounts: object, most: int, now: datetime) -> tuple[()]:
        return ()  # one issue alone

    def begin(self, subject: Subject) -> Known:
        state, receipts = self.load(subject)
        heard = tuple(look for look in self.looks if look.subject == subject)
        return Known(state, receipts, heard, None, None)

    def load(self, subject: Subject) -> tuple[IssueState, dict[str, Receipt]]:
        state = self.state
        if subject.kind == CARRIER:
            state = self.carrier(subject).promise or IssueState(subject)
        shown = [replace(p, shown_at=self._shown.get(p.id)) for p in state.proposals]
        return replace(state, proposals=tuple(shown)), self.receipts

    def label(self, subject: Subject, label: str) -> bool | None:
        return self.state.labels.get(label)

    def note_names(self, deals: object, people: object = ()) -> None:
        pass

    def known_names(self) -> tuple[()]:
        return ()

    def deals_of(self, subject: Subject) -> tuple[Subject, ...]:
        return self.state.linked()

    def triggers_of(self, job: Job) -> tuple[Trigger, ...]:
        return tuple(job.payload["triggers"])

    def carrier(self, subject: Subject) -> CarrierState:
        return self.carriers.get(subject, CarrierState(subject))

    def standing_on(self, carrier: Subject) -> tuple[Subject, ...]:
        return (ISSUE,) if carrier in carriers_of(self.state) else ()

    def standing(self, carrier: Subject) -> tuple[IssueState, ...]:
        return (self.state,) if carrier in carriers_of(self.state) else ()

    def ways_since(self, ways: Collection[Way], read: datetime) -> dict[Way, datetime]:
        return dict.fromkeys(ways, BEGINNING)

    def in_force_since(self, mode: str, noticed: datetime, now: datetime, known: object) -> datetime:
        return BEGINNING

    def commit(
        self,
        jobs: object,
        job: Job,
        before: Any,
        made: Plan[Any],
        mode: str,
        rules: str,
        settled: tuple[Trigger, ...] = (),
        later: tuple[Later, ...] = (),
        kept_back: object = (),
        born: object = None,
        seen: object = None,
        anew: object = None,
    ) -> None:
        """Keep what the engine made of a look, as the store does."""
        self.looks += made.messages
        if isinstance(made.state, CarrierState):
            if made.state != before:
                promise = made.state.promise
                promise = promise and replace(promise, version=promise.version + 1)
                version = before.version + 1
                self.carriers[made.state.subject] = replace(made.state, version=version, promise=promise)
        elif made.state != before:
            self.state = replace(made.state, version=before.version + 1)
        for effect in made.effects:
            if effect.key in self.planned and effect.key not in self.withheld:
                continue
            self.withheld.discard(effect.key)
            self.words.tries.pop(effect.key, None)
            self.planned[effect.key] = self.clock.now
            if effect.after:
                self.waiting[effect.key] = effect
            else:
                self.ready.append(effect)
        if made.reconcile_at:
            self.later.append((made.reconcile_at, made.state.subject))
        self.again += later

    def _in_turn(self) -> list[Effect]:
        return sorted(self.ready, key=lambda effect: list(self.planned).index(effect.key))

    # ------------------------------------------------------------ what Handshake does

    def look(self, *triggers: Trigger) -> None:
        """Let the engine look once at the issue, or at what the triggers are about."""
        subject = triggers[0].subject if triggers else ISSUE
        about = {"subject": str(subject), "triggers": triggers}
        self._engine.reconcile(Job(0, "reconcile", about, 1))

    def perform(self, effect: Effect) -> None:
        """Carry out one effect and write its receipt, as the outbox does; one that failed waits."""
        self.ready.remove(effect)
        tries = self.words.tries[effect.key] = self.words.tries.get(effect.key, 0) + 1
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
            self.looks.append(Trigger(effect.issue, "receipt"))
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
        if shown := shows(effect):
            self._shown.setdefault(shown, self.clock.now)

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
            elif self.again:
                first = min(self.again, key=lambda look: look.due_at)
                self.again.remove(first)
                self.clock.forward(max(0.0, first.due_at - self.clock.seconds()))
                self.look(*first.triggers)
            else:
                return
        raise AssertionError("it does not come to rest")

    def wait(self) -> None:
        """Let time pass until nothing is left that is due later."""
        self.settle()
        while self.later:
            at, subject = min(self.later, key=lambda due: due[0])
            self.later.remove((at, subject))
            self.clock.now = max(self.clock.now, at)
            self.looks.append(Trigger(subject, "time"))
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

    def put_on(self, who: Person, name: str) -> Trigger:
        """Let half an hour strike and somebody put a label on, which they take off before where it is still
        there. Return what a webhook would say of it."""
        self.clock.now = max(self.clock.now, self.next)
        self.next += PACE
        self.tracker.mark(who, name, False)
        self.clock.forward(1)
        self.tracker.mark(who, name)
        return Trigger(ISSUE, "label", who, self.clock.now)

    def redate(self, who: Person, ref: str, day: date | None) -> Trigger:
        """Let half an hour strike and somebody give a milestone another date. Return what a webhook would
        say of it."""
        self.clock.now = max(self.clock.now, self.next)
        self.next += PACE
        held = self.tracker.redate(ref, day)
        about = Subject("github", CARRIER, f"{ISSUE.key.partition('#')[0]}#{ref}")
        return Trigger(about, "moved", who, self.clock.now.replace(microsecond=0), held=held)

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
