"""What people set to answer, once it was read. A status stays as it is, as setting it back would run its
workflow. A label is taken off again, and a field emptied, so that it is there for the next answer and never
stands for one that was not given. Who answered is in the issue's history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from automation.domain.commitments import MOST_RESTORES, WINDOW
from automation.domain.plan_builder import PlanBuilder
from automation.model import (
    FIELD,
    ISSUE,
    LABEL,
    Called,
    Choice,
    Event,
    Issue,
    IssueState,
    Receipt,
    Say,
    Setback,
    TakenOff,
    stays,
)

Act = Callable[[PlanBuilder, Event], None]

STAYS = "label.stays"
"""The name of the event that a label could not be taken off again, or a field not emptied."""


def and_off(act: Act) -> Act:
    """Return what carries out an answer, and takes back by what it was given."""

    def carry_out(builder: PlanBuilder, event: Event) -> None:
        act(builder, event)
        written = event.written
        mark = written.mark if written else None
        if mark and not mark.stays and builder.state.subject.kind == ISSUE:
            _take_off(builder, mark.called)

    return carry_out


def turn_down(builder: PlanBuilder) -> None:
    """Let what nobody is known to have set mean nothing, and take it back, but for a status."""
    for mark in builder.facts.unclaimed:
        builder.why.refuse("who set it cannot be told from the history", (mark.kind, mark.title))
        if mark.id:
            builder.handle(mark.key)
        if not mark.stays:
            _take_off(builder, mark.called)


def _take_off(builder: PlanBuilder, mark: Called) -> None:
    """Take a label off, or empty a field, if it is so and was not taken back too often within the hour."""
    place = _place(mark)
    shown = next((one for one in _shown(builder.facts.issue) if one.called == mark), None)
    known = builder.state.taken_off.get(place, TakenOff())
    if shown is None or known.pending:
        return
    times = tuple(at for at in known.times if builder.now - at < WINDOW)
    if len(times) >= MOST_RESTORES:
        said = f"it was taken back {len(times)} times within the hour, and stays now"
        builder.why.note(said, (shown.kind, shown.value))
        if not builder.facts.issue.public:  # whoever does that there may be anybody
            _tell(builder, shown, "limit", "", times[0])
        return
    if key := builder.take_back(shown):
        every = {**builder.state.taken_off, place: TakenOff((*times, builder.now), key)}
        builder.state = replace(builder.state, taken_off=every)


def _shown(issue: Issue) -> Iterator[Choice]:
    """Yield what an issue has now that can be taken back: its labels, and what fields hold."""
    return (one for one in issue.shown() if one.value and not stays(one.kind))


def _place(mark: Called) -> str:
    """Return by what it is counted how often something was taken back: a label by its name, and all that one
    field can hold together."""
    kind, field, name = mark
    return f"{FIELD} {field}" if kind == FIELD else name


def collect_receipts(
    state: IssueState, receipts: Mapping[str, Receipt]
) -> tuple[IssueState, dict[str, Receipt]]:
    """Take the ended writes out of ``pending``. Return also what could not be taken back."""
    ended = {name: receipts[one.pending] for name, one in state.taken_off.items() if one.pending in receipts}
    if not ended:
        return state, {}
    every = {
        name: replace(one, pending="") if name in ended else one for name, one in state.taken_off.items()
    }
    left_on = {name: receipt for name, receipt in ended.items() if not receipt.done}
    return replace(state, taken_off=every), left_on


def tell_left_on(builder: PlanBuilder, place: str, receipt: Receipt) -> None:
    """Say once that a label stays on, or a field as it is, as we may not take it back: people have to."""
    shown = next((one for one in _shown(builder.facts.issue) if _place(one.called) == place), None)
    if shown:
        _tell(builder, shown, "refused", receipt.hint)


def _tell(builder: PlanBuilder, shown: Choice, kind: str, hint: str, *once: object) -> None:
    event = Event(STAYS, builder.now, setback=Setback(kind, shown.kind, hint), choice=shown)
    about = (shown.value,) if shown.kind == LABEL else (FIELD, shown.field)
    builder.say_once(Say("label-stays", event), *about, kind, *once)
