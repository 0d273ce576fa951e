"""Fills the variables of conditions and messages from events, facts and state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from automation.domain.customer_names import (
    UNNAMED,
    Known,
    form_name,
    harmless,
    items_for_customers,
    name_from_title,
    name_of,
    name_of_several,
)
from automation.domain.fields import fields_of
from automation.domain.offers import form, of_carrier
from automation.model import (
    LABEL,
    STATUS,
    Deal,
    Event,
    Facts,
    Issue,
    IssueState,
    Mark,
    Say,
    ScopeChange,
    Subject,
    Told,
)
from automation.rulebook.date_views import (
    Names,
    announced,
    by_day,
    change_vars,
    commitment_vars,
    plan_vars,
    promised,
    proposal_vars,
    shown,
    told_vars,
)
from automation.rulebook.variables import (
    ActorVars,
    AnswerVars,
    ChoiceVars,
    CommitmentVars,
    Conditions,
    DealVars,
    DiscoveryVars,
    IssueVars,
    Message,
    MovedVars,
    PairVars,
    PersonVars,
    ProductVars,
    Reply,
    RuleVars,
    ScopeVars,
    SetbackVars,
)
from automation.text.safe import Safe
from automation.text.typed_names import LONGEST_NAME

NOBODY = Known()
UNASKED = DiscoveryVars()
OUTCOMES = ("done", "dropped")


def conditions(event: Event, facts: Facts, state: IssueState) -> Conditions:
    """What ``if`` sees of an event."""
    concerned = [facts.deals.get(deal) or Deal(deal, deal.key, "") for deal in state.concerned()]
    names = Names(facts.issue)
    in_force = by_day(commitment_vars(names, field, one) for field, one in promised(event))
    return Conditions(
        event=event.name,
        issue=issue_vars(facts.issue, concerned, state),
        change=change_vars(names, event.change),
        actor=ActorVars(
            name=event.actor.name if event.actor else "",
            product=bool(facts.rights_of(event.actor).product),
        ),
        commitment=next(iter(in_force), CommitmentVars()),
        commitments=tuple(one for one in in_force if one.day),
        moved=_moved(event, facts.issue),
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
    goes_by: Mapping[str, Told] | None = None,
    asker: str = "",
    issues: Sequence[IssueState] = (),
    checklist: DiscoveryVars = UNASKED,
) -> Message:
    """What a message sees: the event as it was, the issue and the deals as they are now.

    ``to`` pings the author of a command, ``asker`` whoever asked for the date. ``deal`` is the one told, on
    deals, and ``goes_by`` the date it may use, by field. A day before ``today`` is not offered. ``state``:
    what is known of the issue now; ``known``: whom those told must not read of. ``issues``: those that stand
    on what is told of, where that is a carrier. ``checklist``: how that of discovery is filled.
    """
    event = say.event
    if event.standing:  # a copy that lags behind may not show it yet
        outcome = event.standing if event.standing in OUTCOMES else ""
        issue = replace(issue, open=event.standing == "open", outcome=outcome, release=event.release)
    names = Names(issue, plainly=deal is not None)
    in_force = by_day(announced(names, event) if goes_by is None else told_vars(names, goes_by))
    dated = tuple(one for one in in_force if one.day)
    to_come = [one for one in dated if one.day >= today.isoformat()]
    return Message(
        event=event.name,
        issue=_named_for(
            issue_vars(issue, deals.values() if deal else map(_elsewhere, deals.values()), state, known),
            issues,
            known,
        ),
        change=shown(names, event, issue),
        actor=PersonVars(name=event.actor.name if event.actor else ""),
        commitment=next(iter(in_force), CommitmentVars()),
        commitments=dated,
        standing=tuple(one for one in to_come if not one.at_risk),
        rechecked=tuple(one for one in to_come if one.at_risk),
        plans=tuple(plan_vars(names, change, issue, today) for change in event.plans),
        proposal=replace(proposal_vars(names, event, issue, today), mention=Safe(asker)),
        product=product,
        answer=AnswerVars(
            by=event.actor.name if event.actor else "",
            because=event.because,
            counter=bool(event.commitment and event.commitment.counter),
        ),
        scope=_scope_for_deals(event.scope, known, _named(issue, state, known))
        if deal
        else _scope(event.scope),
        moved=_moved(event, issue),
        setback=_setback(event),
        rule=RuleVars(name=say.rule, where=say.where),
        reply=_reply(event, issue, to, state),
        discovery=replace(checklist, invited=event.invites and bool(checklist.lines)),
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
        place=issue.subject.place,
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


def _named_for(made: IssueVars, issues: Sequence[IssueState], known: Known) -> IssueVars:
    """Name what stands on a carrier in the place of the carrier."""
    if not issues:
        return replace(made, features=(made.name,))
    names = tuple(
        name_of(state.words.title, state.words.body, state.name, known)
        if state.words
        else state.name or UNNAMED
        for state in issues
    )
    return replace(made, name=name_of_several(names), features=names)


def _release(name: str, known: Known) -> str:
    """Return what a release is called, unless it names somebody or something that is not for everybody."""
    return name if name and harmless(f"Release {name}", known, LONGEST_NAME) else ""


def _deal(deal: Deal) -> DealVars:
    closes = deal.closes.isoformat() if deal.closes else ""
    return DealVars(deal.key, deal.name, deal.url, deal.open, closes, deal.owner, deal.subject.system)


def _elsewhere(deal: Deal) -> Deal:
    """Return what may be shown of a deal to those who read about it on an issue."""
    return Deal(deal.subject, deal.key, deal.url, deal.open, secured=True) if deal.secured else deal


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


def _moved(event: Event, issue: Issue) -> MovedVars:
    if not event.lived:
        return MovedVars()
    return MovedVars(event.lived, issue.subject.place, event.away, event.gone, event.found)


def _setback(event: Event) -> SetbackVars:
    why, held = event.setback, event.choice
    if why is None:
        return SetbackVars()
    on_label = held is not None and held.kind == LABEL
    left = ChoiceVars(held.label, held.value) if held and not on_label else ChoiceVars()
    return SetbackVars(why.kind, why.why, why.hint, held.value if held and on_label else "", left)


def _by_text(event: Event) -> bool:
    """Tell whether this answers the words of the issue, as against a command in a comment."""
    return event.written is not None and not event.written.id


def _choice(issue: Issue, mark: Mark) -> ChoiceVars:
    held = issue.choice(mark.field)
    return ChoiceVars(held.label if held else mark.field, mark.name)


def _reply(event: Event, issue: Issue, to: str, state: IssueState | None) -> Reply:
    if event.written is None:
        return Reply()
    command, fields, mark = event.written.command, fields_of(issue), event.written.mark
    stands = [known for known in state.fields.values() if known.standing.carried] if state else []
    return Reply(
        to=Safe(to),
        text="" if event.written.restricted else command.deal or command.text,
        problem=command.problem,
        example=Safe(form(issue.subject, command.word)),
        choices=() if _by_text(event) else tuple(Safe(choice) for choice in event.choices),
        line=command.near,
        label=mark.name if mark and mark.kind == LABEL else "",
        status=mark.name if mark and mark.kind == STATUS else "",
        choice=_choice(issue, mark) if mark and mark.field else ChoiceVars(),
        form=Safe(form(issue.subject, "signoff")),
        carrier=next((one.carrier for one in fields if one.carrier and command.field in ("", one.id)), ""),
        itself=Safe(of_carrier(issue.subject, command) if stands else ""),
    )
