"""Fills the variables of conditions and messages from events, facts and state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from automation.domain.customer_names import (
    Known,
    form_name,
    harmless,
    items_for_customers,
    name_from_title,
    name_of,
)
from automation.domain.fields import LABELS
from automation.domain.offers import command_for, form, instead, passed, question
from automation.model import (
    NOTHING,
    Change,
    Commitment,
    Deal,
    Event,
    Facts,
    Issue,
    IssueState,
    Say,
    ScopeChange,
    Setback,
    Subject,
    Told,
    Value,
)
from automation.rulebook.variables import (
    ActorVars,
    AnswerVars,
    ChangeVars,
    CommitmentVars,
    Conditions,
    DealVars,
    IssueVars,
    Message,
    PairVars,
    PersonVars,
    ProductVars,
    ProposalVars,
    Reply,
    RuleVars,
    ScopeVars,
    SetbackVars,
    ValueVars,
)
from automation.text.safe import Safe
from automation.text.typed_names import LONGEST_NAME

NOBODY = Known()
OUTCOMES = ("done", "dropped")


def conditions(event: Event, facts: Facts, state: IssueState) -> Conditions:
    """What ``if`` sees of an event."""
    concerned = [facts.deals.get(deal) or Deal(deal, deal.key, "") for deal in state.concerned()]
    return Conditions(
        event=event.name,
        issue=issue_vars(facts.issue, concerned, state),
        change=_change(event.change),
        actor=ActorVars(
            name=event.actor.name if event.actor else "",
            product=bool(facts.rights_of(event.actor).product),
        ),
        commitment=_commitment(event.commitment),
    )


def message(
    say: Say,
    issue: Issue,
    deals: Mapping[Subject, Deal],
    product: ProductVars,
    to: str,
    deal: Deal | None,
    today: date,
    state: IssueState | None = None,
    known: Known = NOBODY,
    goes_by: Told | None = None,
    asker: str = "",
) -> Message:
    """What a message sees: the event as it was, the issue and the deals as they are now.

    ``to`` pings the author of a command, ``asker`` whoever asked for the date. ``deal`` is the one told, on
    deals, and ``goes_by`` the date it may use. A day before ``today`` is not offered. ``state``: what is
    known of the issue now; ``known``: whom those told must not read of.
    """
    event = say.event
    if event.standing:  # a copy that lags behind may not show it yet
        outcome = event.standing if event.standing in OUTCOMES else ""
        issue = replace(issue, open=event.standing == "open", outcome=outcome, release=event.release)
    return Message(
        event=event.name,
        issue=issue_vars(issue, deals.values() if deal else map(_elsewhere, deals.values()), state, known),
        change=_shown(event, issue),
        actor=PersonVars(name=event.actor.name if event.actor else ""),
        commitment=_announced(event) if goes_by is None else _goes_by(goes_by),
        proposal=replace(_proposal(event, issue, today), mention=Safe(asker)),
        product=product,
        answer=AnswerVars(
            by=event.actor.name if event.actor else "",
            because=event.because,
            counter=bool(event.commitment and event.commitment.counter),
        ),
        scope=_scope_for_deals(event.scope, known, _named(issue, state, known))
        if deal
        else _scope(event.scope),
        setback=_setback(event.setback),
        rule=RuleVars(name=say.rule, where=say.where),
        reply=_reply(event, issue, to),
        deal=_deal(deal) if deal else DealVars(),
        held=say.held,
        left_out=event.choices if event.deal or _by_text(event) else (),
        dated=event.dated,
        ask_user=say.ask_user and not (state and state.users),
        further=event.further,
    )


def issue_vars(
    issue: Issue, deals: Iterable[Deal], state: IssueState | None = None, known: Known = NOBODY
) -> IssueVars:
    """``known``: whom the name for customers must not give away. What strangers read must not tell them, by
    what it leaves out, whom we know."""
    return IssueVars(
        key=issue.subject.key,
        system=issue.subject.system,
        title=issue.title,
        name=name_of(issue.title, issue.body, state.name if state else "", known),
        url=issue.url,
        open=issue.open,
        public=issue.public,
        labels=issue.labels,
        deals=tuple(_deal(deal) for deal in deals),
        users=tuple(user.words for user in state.users) if state else (),
        outcome=issue.outcome,
        release=_release(issue.release, known),
    )


def _release(name: str, known: Known) -> str:
    """Return what a release is called, unless it names somebody or something that is not for everybody."""
    return name if name and harmless(f"Release {name}", known, LONGEST_NAME) else ""


def product_vars(
    names: Sequence[str], mention: str, group: str, needed: int = 0, agreed: Sequence[str] = ()
) -> ProductVars:
    return ProductVars(
        mention=Safe(mention), people=tuple(names), group=group, needed=needed, agreed=tuple(agreed)
    )


def _deal(deal: Deal) -> DealVars:
    closes = deal.closes.isoformat() if deal.closes else ""
    return DealVars(deal.key, deal.name, deal.url, deal.open, closes, deal.owner, deal.subject.system)


def _elsewhere(deal: Deal) -> Deal:
    """Return what may be shown of a deal to those who read about it on an issue."""
    return Deal(deal.subject, deal.key, deal.url, deal.open, secured=True) if deal.secured else deal


def _value(value: Value) -> ValueVars:
    return ValueVars(day=value.day.isoformat() if value.day else "", name=value.name)


def _change(change: Change | None) -> ChangeVars:
    if change is None:
        return ChangeVars()
    return ChangeVars(
        field=change.field,
        label=LABELS.get(change.field, change.field),
        kind=change.kind.value,
        old=_value(change.old),
        new=_value(change.new),
        days=change.days,
    )


def _shown(event: Event, issue: Issue) -> ChangeVars:
    """Say of a change also what its field shows now, and whether people have to set that right."""
    made = _change(event.change)
    if event.change is None:
        return made
    shows = issue.deadlines.get(event.change.field, NOTHING)
    left = event.left and shows == event.change.new
    return replace(made, shows=_value(shows), left=left)


def _commitment(commitment: Commitment | None) -> CommitmentVars:
    if commitment is None:
        return CommitmentVars()
    value = _value(commitment.value)
    return CommitmentVars(day=value.day, name=value.name, at_risk=commitment.at_risk)


def _goes_by(told: Told) -> CommitmentVars:
    value = _value(told.value)
    return CommitmentVars(day=value.day, name=value.name, at_risk=told.rechecking and value.day != "")


def _announced(event: Event) -> CommitmentVars:
    """What people may go by: a commitment that the tracker was not seen to hold yet is told to nobody, but
    where the word is that it could not be set."""
    commitment = event.commitment
    if commitment and not commitment.verified and not event.setback:
        commitment = replace(commitment, value=commitment.announced)
    said = _commitment(commitment)
    return replace(said, at_risk=said.at_risk and said.day != "")


def _proposal(event: Event, issue: Issue, today: date) -> ProposalVars:
    """Without a proposal, ``command`` signs the date that stands."""
    proposal, change = event.proposal, event.change
    if proposal is None:
        if change is None or change.new.day is None:
            return ProposalVars()
        return ProposalVars("", "", "", "", *map(Safe, _offered(issue, change.field, change.new, today)))
    value = _value(proposal.value)
    command, asking, other = map(Safe, _offered(issue, proposal.field, proposal.value, today))
    return ProposalVars(
        day=value.day,
        name=value.name,
        asked_by=proposal.asked_by.name if proposal.asked_by else "",
        answer_by=proposal.answer_by.isoformat(),
        command=command,
        question=asking,
        instead=other,
    )


def _offered(issue: Issue, field: str, value: Value, today: date) -> tuple[str, str, str]:
    """Return the line that signs ``value``; where its day has passed, a question and the line for the
    coming year."""
    if value.day is None or not passed(value, today):
        return command_for(issue.subject, field, value), "", ""
    return "", question(value.day, today), instead(issue.subject, field, value.day, today)


def _scope(change: ScopeChange | None) -> ScopeVars:
    if change is None:
        return ScopeVars()
    return ScopeVars(
        added=change.added,
        removed=change.removed,
        changed=tuple(PairVars(*pair) for pair in change.changed),
        title=PairVars(*change.title) if change.title else PairVars(),
    )


def _named(issue: Issue, state: IssueState | None, known: Known) -> bool:
    """Tell whether customers call the issue something else than its title."""
    return bool((state and state.name) or name_from_title(form_name(issue.body), known))


def _scope_for_deals(change: ScopeChange | None, known: Known, named: bool) -> ScopeVars:
    """Quote what customers may read of a change, and count the rest; a title only where it is the name that
    they read (not ``named`` otherwise)."""
    if change is None:
        return ScopeVars()
    added, removed = items_for_customers(change.added, known), items_for_customers(change.removed, known)
    changed = tuple(pair for pair in change.changed if len(items_for_customers(pair, known)) == len(pair))
    old, new = ("" if named else name_from_title(title, known) for title in change.title or ("", ""))
    unsaid = bool(change.title) and not (old and new)
    return ScopeVars(
        added=added,
        removed=removed,
        changed=tuple(PairVars(*pair) for pair in changed),
        title=PairVars(old, new) if old and new and old != new else PairVars(),
        more_added=len(change.added) - len(added),
        more_removed=len(change.removed) - len(removed),
        more_changed=len(change.changed) - len(changed) + unsaid,
    )


def _setback(setback: Setback | None) -> SetbackVars:
    return SetbackVars(setback.kind, setback.why, setback.hint) if setback else SetbackVars()


def _by_text(event: Event) -> bool:
    """Tell whether this answers the words of the issue, as against a command in a comment."""
    return event.written is not None and not event.written.comment


def _reply(event: Event, issue: Issue, to: str) -> Reply:
    if event.written is None:
        return Reply()
    command = event.written.command
    return Reply(
        to=Safe(to),
        text="" if event.written.restricted else command.deal or command.text,
        problem=command.problem,
        example=Safe(form(issue.subject, command.word)),
        choices=() if _by_text(event) else tuple(Safe(choice) for choice in event.choices),
        line=command.near,
        form=Safe(form(issue.subject, "signoff")),
    )
