"""What people set to answer, once it was read. A status stays as it is, as setting it back would run its
workflow. A label is taken off again, so that it is there for the next answer and never stands for one that
was not given. Who answered is in the issue's history."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from automation.domain.commitments import MOST_RESTORES, WINDOW
from automation.domain.plan_builder import PlanBuilder
from automation.model import ISSUE, Event, IssueState, Receipt, Say, Setback, TakenOff

Act = Callable[[PlanBuilder, Event], None]

STAYS = "label.stays"
"""The name of the event that a label could not be taken off again."""


def and_off(act: Act) -> Act:
    """Return what carries out an answer, and takes the label off by which it was given."""

    def carry_out(builder: PlanBuilder, event: Event) -> None:
        act(builder, event)
        written = event.written
        mark = written.mark if written else None
        if mark and not mark.stays and builder.state.subject.kind == ISSUE:
            _take_off(builder, mark.name)

    return carry_out


def turn_down(builder: PlanBuilder) -> None:
    """Let what nobody is known to have set mean nothing, and take it off, if it is a label."""
    for mark in builder.facts.unclaimed:
        builder.why.refuse("who set it cannot be told from the history", (mark.kind, mark.name))
        if mark.id:
            builder.handle(mark.key)
        if not mark.stays:
            _take_off(builder, mark.name)


def _take_off(builder: PlanBuilder, name: str) -> None:
    """Take a label off, if it is there and was not taken off too often within the hour."""
    shown = next((one for one in builder.facts.issue.labels if one.casefold() == name.casefold()), "")
    known = builder.state.taken_off.get(name.casefold(), TakenOff())
    if not shown or known.pending:
        return
    times = tuple(at for at in known.times if builder.now - at < WINDOW)
    if len(times) >= MOST_RESTORES:
        builder.why.note(
            f"it was taken off {len(times)} times within the hour, and stays now", ("label", shown)
        )
        if not builder.facts.issue.public:  # whoever does that there may be anybody
            _tell(builder, shown, Setback("limit", "label"), times[0])
        return
    if key := builder.take_off(shown):
        _keep(builder, name, TakenOff((*times, builder.now), key))


def _keep(builder: PlanBuilder, name: str, known: TakenOff) -> None:
    every = {**builder.state.taken_off, name.casefold(): known}
    builder.state = replace(builder.state, taken_off=every)


def collect_receipts(
    state: IssueState, receipts: Mapping[str, Receipt]
) -> tuple[IssueState, dict[str, Receipt]]:
    """Take the ended writes out of ``pending``. Return also the labels that could not be taken off."""
    ended = {name: receipts[one.pending] for name, one in state.taken_off.items() if one.pending in receipts}
    if not ended:
        return state, {}
    every = {
        name: replace(one, pending="") if name in ended else one for name, one in state.taken_off.items()
    }
    left_on = {name: receipt for name, receipt in ended.items() if not receipt.done}
    return replace(state, taken_off=every), left_on


def tell_left_on(builder: PlanBuilder, name: str, receipt: Receipt) -> None:
    """Say once that a label stays on, as we may not take it off: people have to."""
    shown = next((one for one in builder.facts.issue.labels if one.casefold() == name), "")
    if shown:
        _tell(builder, shown, Setback("refused", "label", receipt.hint))


def _tell(builder: PlanBuilder, label: str, why: Setback, *once: object) -> None:
    event = Event(STAYS, builder.now, setback=why, label=label)
    builder.say_once(Say("label-stays", event), label, why.kind, *once)
