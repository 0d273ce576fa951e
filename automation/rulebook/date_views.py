"""What messages and conditions see of dates: which field, what it promises, what may be said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date

from automation.domain.fields import by_id, declared, fields_of
from automation.domain.offers import command_for, instead, passed, question
from automation.domain.told import field_of
from automation.model import NOTHING, Change, Commitment, Event, Issue, Told, Value
from automation.rulebook.variables import ChangeVars, CommitmentVars, PlanVars, ProposalVars, ValueVars
from automation.text.safe import Safe


def value_vars(value: Value) -> ValueVars:
    return ValueVars(day=value.day.isoformat() if value.day else "", name=value.name)


class Names:
    """What the deadline fields of an issue are called to those who read; ``plainly`` to those who do not know
    its tracker."""

    def __init__(self, issue: Issue, plainly: bool = False) -> None:
        self._system = issue.subject.system
        self._fields = by_id(fields_of(issue))
        self._plainly = plainly

    def label(self, field: str) -> str:
        """Return what a field is called where its name stands alone."""
        one = self._fields.get(field) or declared(field, self._system)
        return (one.plain if self._plainly else "") or one.label

    def which(self, field: str) -> str:
        """Return what a field is called within a sentence, empty where there is no other."""
        if self._fields.keys() <= {field}:
            return ""
        label = self.label(field)
        # A word in capitals (GA date) keeps them.
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def change_vars(names: Names, change: Change | None) -> ChangeVars:
    if change is None:
        return ChangeVars()
    return ChangeVars(
        field=change.field,
        label=names.label(change.field),
        which=names.which(change.field),
        kind=change.kind.value,
        old=value_vars(change.old),
        new=value_vars(change.new),
        days=change.days,
    )


def shown(names: Names, event: Event, issue: Issue) -> ChangeVars:
    """Say of a change also what its field shows now, and whether people have to set that right."""
    made = change_vars(names, event.change)
    if event.change is None:
        return made
    shows = issue.deadlines.get(event.change.field, NOTHING)
    left = event.left and shows == event.change.new
    return replace(made, shows=value_vars(shows), left=left, gone=event.gone)


def promised(event: Event) -> tuple[tuple[str, Commitment], ...]:
    """Return the commitments that an event is about, each with its field."""
    own = ((field_of(event), event.commitment),) if event.commitment else ()
    return (*own, *event.commitments.items())


def by_day(found: Iterable[CommitmentVars]) -> list[CommitmentVars]:
    """Sort by day, what has none last."""
    return sorted(found, key=lambda one: (not one.day, one.day))


def commitment_vars(names: Names, field: str, commitment: Commitment) -> CommitmentVars:
    return _in_force(names, field, commitment.value, commitment.in_doubt)


def _in_force(names: Names, field: str, value: Value, at_risk: bool) -> CommitmentVars:
    day = value_vars(value).day
    return CommitmentVars(day, value.name, at_risk, field, names.label(field), names.which(field))


def told_vars(names: Names, goes_by: Mapping[str, Told]) -> Iterator[CommitmentVars]:
    for field, told in goes_by.items():
        yield _in_force(names, field, told.value, told.rechecking and told.value.day is not None)


def announced(names: Names, event: Event) -> Iterator[CommitmentVars]:
    """What people may go by: a commitment that the tracker was not seen to hold yet is told to nobody, but
    where the word is that it could not be set."""
    for field, commitment in promised(event):
        value = commitment.value if event.setback else commitment.announced
        yield _in_force(names, field, value, commitment.in_doubt and value.day is not None)


def proposal_vars(names: Names, event: Event, issue: Issue, today: date) -> ProposalVars:
    """Without a proposal, ``command`` signs the date that stands."""
    proposal, change = event.proposal, event.change
    if proposal is None:
        if change is None or change.new.day is None:
            return ProposalVars()
        plan = plan_vars(names, change, issue, today)
        return ProposalVars(
            command=plan.command,
            question=plan.question,
            instead=plan.instead,
            label=plan.label,
            which=plan.which,
        )
    value = value_vars(proposal.value)
    command, asking, other = map(Safe, _offered(issue, proposal.field, proposal.value, today))
    return ProposalVars(
        day=value.day,
        name=value.name,
        asked_by=proposal.asked_by.name if proposal.asked_by else "",
        answer_by=proposal.answer_by.isoformat(),
        command=command,
        question=asking,
        instead=other,
        label=names.label(proposal.field),
        which=names.which(proposal.field),
    )


def plan_vars(names: Names, change: Change, issue: Issue, today: date) -> PlanVars:
    """Show a date that stands, with the line that signs it."""
    command, asking, other = map(Safe, _offered(issue, change.field, change.new, today))
    label, which = names.label(change.field), names.which(change.field)
    return PlanVars(value_vars(change.new).day, label, which, command, asking, other)


def _offered(issue: Issue, field: str, value: Value, today: date) -> tuple[str, str, str]:
    """Return the line that signs ``value``; where its day has passed, a question and the line for the
    coming year."""
    fields = fields_of(issue)
    if value.day is None or not passed(value, today):
        return command_for(issue.subject, fields, field, value), "", ""
    return "", question(value.day, today), instead(issue.subject, fields, field, value.day, today)
