"""What one look at an issue is going to commit, filled step by step and then frozen into a Plan.

The one mutable thing between facts and commit. It knows the mode: what the mode does not
allow becomes a sentence in ``would`` and no effect.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from automation.domain.fields import spoken_of
from automation.domain.pauses import Pauses, any_paused
from automation.domain.reasoning import Reasoning
from automation.domain.scope_items import SHIPPED, ScopeWords
from automation.domain.words_builder import BEGINNING, WordsBuilder
from automation.model import (
    ISSUE,
    LABEL,
    Choice,
    Decision,
    Effect,
    EmptyField,
    Entry,
    Event,
    Facts,
    IssueState,
    Mode,
    Pause,
    Person,
    Plan,
    Policy,
    Redact,
    Say,
    SetDeadline,
    SetLabel,
    ShowDeal,
    Subject,
    Trigger,
    Value,
)

WAITING = "waiting-for-product"
"""The label that shows, on private issues, that a proposal waits for an answer."""

MOST_WROTE = 8
"""How many of our own writes are remembered, to be known again in the tracker's history."""


class PlanBuilder(WordsBuilder):
    """Collects new state, effects, decisions and ledger lines for one issue, or for one carrier.

    ``since`` is when the mode came into force: what was done before that is taken as it stands. ``at`` is
    when that was done which is being carried out. ``scope_words`` are those of an issue that are no scope.
    ``basis`` is what is being carried out.
    """

    def __init__(
        self,
        state: IssueState,
        facts: Facts,
        mode: Mode,
        now: datetime,
        policies: Mapping[str, Policy],
        since: datetime = BEGINNING,
        scope_words: ScopeWords = SHIPPED,
        paused: Iterable[Pause] = (),
    ) -> None:
        super().__init__(state, facts, mode, now, policies, since)
        self.scope_words = scope_words
        self.at = now
        self.basis: Event | None = None
        self._events: deque[Event] = deque()
        self._decisions: list[Decision] = []
        self._ledger: list[Entry] = []
        self._messages: list[Trigger] = []
        self._look_at: datetime | None = None
        self.why = Reasoning()
        self.pauses = Pauses(paused)

    # ------------------------------------------------------------ events

    def emit(self, event: Event) -> None:
        """Let rules react to ``event``, after what is already waiting."""
        self._events.append(event)

    def events(self) -> Iterator[Event]:
        """Yield the waiting events, also those that are emitted on the way."""
        while self._events:
            yield self._events.popleft()

    def intended(self) -> Mapping[str, Effect]:
        """Return what is intended so far, by key, to be given to ``decided`` later on."""
        return dict(self._effects)

    def decided(self, decision: Decision, before: Mapping[str, Effect]) -> None:
        """Keep a decision, with what came to be intended by it since ``before``."""
        new = tuple(key for key, effect in self._effects.items() if before.get(key) is not effect)
        self._decisions.append(replace(decision, effects=new))

    def record(self, what: str, text: str, by: Person | None = None) -> None:
        """Add a line to the ledger, with what was said or done that led to it."""
        written = self.basis.written if self.basis else None
        self._ledger.append(
            Entry(
                self.now,
                what,
                text,
                by,
                about=str(self._subject),
                comment=written.comment if written else "",
                digest=written.digest if written else "",
                move=self.basis.move if self.basis else "",
            )
        )

    def send(self, message: Trigger) -> None:
        """Give another subject a reason to look at itself."""
        self._messages.append(message)

    # ------------------------------------------------------------ effects

    def set_deadline(
        self, field: str, expect: Value, value: Value, why: str, account: tuple[str, str] | None = None
    ) -> str:
        """Plan a write of a deadline field. Return its key, or "" where the mode forbids it, or where it
        could change nothing: what holds the value is there already, and only its own day is another."""
        carriers = {expect.carrier, value.carrier} - {""}
        if expect.ref == value.ref and len(carriers) < 2:  # of several another one may be the earliest
            return ""
        if self.mode is not Mode.ENFORCE:
            called = self.field(field).label or field
            self._would.append(
                f"set {called} of {spoken_of(self._subject)} to {value.name or 'nothing'} ({why})"
            )
            return ""
        return self._add(self._subject, SetDeadline(field, expect, value, why, account), "", field, why)

    def label(self, label: str, present: bool) -> None:
        """Decide whether the issue should carry a label. A public issue gets none; to take one away is
        always allowed.

        What the tracker shows does not tell what still waits to be written: there is nothing to do only
        where it shows what was decided before, too.
        """
        if self._subject.kind != ISSUE:
            return
        self._effects.pop(self._key(self._subject, SetLabel(label, not present), label, not present), None)
        if present and self.facts.issue.public:
            return
        shown = label in self.facts.issue.labels
        so_already = shown == present == self._before.labels.get(label, present)
        self.state = replace(self.state, labels={**self.state.labels, label: present})
        if so_already:
            return
        if self.mode is not Mode.OBSERVE:
            self._add(self._subject, SetLabel(label, present), "", label, present)
        elif shown != present:
            self._would.append(f"{'add' if present else 'remove'} the label {label} on {self._subject.key}")

    def take_back(self, shown: Choice) -> str:
        """Plan to take off a label by which people answer, or to empty a field. Return the key, or "" where
        the mode forbids it."""
        on_label, key = shown.kind == LABEL, self._subject.key
        if self.mode is Mode.OBSERVE:
            self._would.append(
                f"take the label {shown.value} off {key}" if on_label else f"empty {shown.label} of {key}"
            )
            return ""
        if on_label:
            return self._add(self._subject, SetLabel(shown.value, False), "", shown.value, False)
        return self._add(self._subject, EmptyField(shown.field, shown.value), "", shown.field)

    def show_deal(self, deal: Subject, shown: bool) -> None:
        """Plan to show a linked deal where the tracker has a place for it, or to take it away."""
        if self.mode is Mode.OBSERVE:
            return
        self._add(self._subject, ShowDeal(deal, shown), "", deal, shown)

    def reconcile_again(self, at: datetime) -> None:
        """Plan to look at the issue at that time, whatever happens until then."""
        self._look_at = min(at, self._look_at or at)

    def before_the_mode(self, event: Event) -> bool:
        """Tell whether something was done before the mode came into force: it is taken as it stands.
        By the second, as trackers give no more."""
        return event.done_at is not None and event.done_at < self.since.replace(microsecond=0)

    def _label_what_waits(self) -> None:
        """Let the label say whether a proposal waits, when that changes; else it is left to people."""
        waited, waits = bool(self._before.open_proposals()), bool(self.state.open_proposals())
        if any_paused(self.state):
            return  # it is written with the rest, once that is set back
        waited = waited and not any_paused(self._before)
        if waits != waited or self.state.labels.get(WAITING, waits) != waits:
            self.label(WAITING, waits)

    def _with_what_is_left(self, decision: Decision) -> Decision:
        return replace(decision, effects=tuple(key for key in decision.effects if key in self._effects))

    def finish(self) -> Plan[IssueState]:
        """Freeze it. Writes of fields come first, words after them."""
        for field, field_state in self.state.fields.items():
            planned = self._effects.get(field_state.pending.effect) if field_state.pending else None
            if planned and isinstance(planned.intent, SetDeadline):
                self.set_field(field, wrote=(*field_state.wrote, planned.intent.value)[-MOST_WROTE:])
        self.state = self.pauses.ended(self.state)
        self._label_what_waits()
        order = {SetDeadline: 0, ShowDeal: 1, SetLabel: 1, EmptyField: 1, Redact: 1, Say: 2}
        effects = sorted(self._effects.values(), key=lambda effect: order[type(effect.intent)])
        return Plan(
            state=self.state,
            effects=tuple(effects),
            decisions=tuple(self._with_what_is_left(one) for one in self._decisions),
            ledger=tuple(self._ledger),
            would=tuple(self._would),
            reconcile_at=self._look_at,
            messages=tuple(self._messages),
        )
