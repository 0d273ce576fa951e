"""What each deal was told last of a date, and what follows: what it may go by, what it is owed, what it need
not hear. Words to a deal start from there, and not from what others were told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from automation.domain.fields import diff
from automation.model import (
    COMMITTED,
    NOTHING,
    OVERDUE,
    OVERRIDDEN,
    UNCONFIRMED,
    Commitment,
    Deal,
    Event,
    Heard,
    IssueState,
    Link,
    Person,
    ProposalState,
    Subject,
    Told,
    Value,
)

ASKED = ("deadline.changed", "deadline.asked")
"""Events that let deals hear of a wish."""
LINKED = "deal.linked"
"""The event of a deal that is new to an issue."""
ENDED = ("proposal.declined", "proposal.withdrawn", "proposal.expired")
"""Events that let deals hear that a wish has ended, and that what stood may be used."""


def owed(state: IssueState, field: str) -> dict[Subject, Value]:
    """Return the deals that were told of another date than the commitment's, or that it is in doubt, each
    with the date it was told, save those for which word of it is planned already."""
    field_state = state.fields.get(field)
    commitment = _commitment(state, field)
    if field_state is None or commitment is None:
        return {}
    found = {deal: _row(state, deal, field, commitment) for deal in state.concerned()}
    return {
        deal: row.value
        for deal, row in found.items()
        if diff(field, row.value, commitment.value) or (row.rechecking and commitment.value.day)
        if field_state.telling.get(str(deal)) != row.value
    }


def up_to_date(state: IssueState, field: str, deal: Subject) -> bool:
    """Tell whether the date that a deal was told last is the one in force."""
    commitment = _commitment(state, field)
    return commitment is None or not diff(field, _value(state, deal, field, commitment), commitment.value)


def relying(state: IssueState, field: str, today: date) -> tuple[Subject, ...]:
    """Return the deals that go by an agreed date; those that were asked not to repeat it only once it has
    passed."""
    commitment = _commitment(state, field)
    if commitment is None or commitment.value.day is None:
        return ()
    over = commitment.value.day < today
    rows = {deal: _row(state, deal, field, commitment) for deal in state.concerned()}
    return tuple(
        deal
        for deal, row in rows.items()
        if row.value.day == commitment.value.day and (over or not row.rechecking)
    )


def hearers_of_wish(
    state: IssueState, field: str, asker: Person | None, deals: Mapping[Subject, Deal], today: date
) -> tuple[Subject, ...] | None:
    """Return the deals that hear of a wish for another date, and how it ends; None for all.

    Beside an agreed date that is not in doubt it changes nothing, so it is for the asker's own deals, or the
    only one. Deals that may use no date hear of each wish.
    """
    commitment = _commitment(state, field)
    if commitment is None or commitment.in_doubt:
        return None
    concerned = [link for link in state.links if link.deal in state.concerned()]
    theirs = _of(asker, concerned, deals)
    if not theirs and len(concerned) == 1:
        return None

    def goes_by_a_date(deal: Subject) -> bool:
        row = _row(state, deal, field, commitment)
        return row.value.day is not None and row.value.day >= today and not row.rechecking

    return tuple(link.deal for link in concerned if link.deal in theirs or not goes_by_a_date(link.deal))


def _of(asker: Person | None, links: Iterable[Link], deals: Mapping[Subject, Deal]) -> set[Subject]:
    """Return the deals that somebody linked or owns."""
    if asker is None:
        return set()
    owned = {subject for subject, deal in deals.items() if deal.owned_by == asker}
    return {link.deal for link in links if link.by == asker or link.deal in owned}


def goes_by(state: IssueState, deal: Subject, event: Event) -> dict[str, Told]:
    """Return, by field, what a deal may go by in the words of ``event``: the date it was told last, and
    whether that is in doubt, as it is, too, where a newer one is in force that this deal is not told yet.
    Words about one field are of its date; those about the whole issue are of each date in force."""
    field = field_of(event)
    promised = {**event.commitments, **({field: event.commitment} if event.commitment and field else {})}
    names = (field,) if field else dict.fromkeys((*state.commitments(), *promised))
    found = {name: _may_use(state, deal, event, name, promised.get(name)) for name in names}
    return {name: told for name, told in found.items() if told is not None}


def field_of(event: Event) -> str:
    """Return the field that an event is about, empty where it is about the whole issue."""
    if event.name == LINKED:
        return ""
    return event.change.field if event.change else event.proposal.field if event.proposal else ""


def _may_use(
    state: IssueState, deal: Subject, event: Event, field: str, promised: Commitment | None
) -> Told | None:
    """Return what a deal may go by of one field; None where nothing was promised. ``promised`` is what was
    in force when the event happened."""
    if promised and (event.name == COMMITTED or (event.setback and event.setback.why == "apply")):
        return Told(promised.value, promised.in_doubt and event.name != COMMITTED)
    commitment = _commitment(state, field) or promised
    if commitment is None:
        return None
    first = event.name == LINKED  # it is told how things stand, whatever it was told before
    value = commitment.announced if first else _value(state, deal, field, commitment)
    return Told(value, commitment.in_doubt or diff(field, value, commitment.value) is not None)


def heard(state: IssueState, deal: Subject, event: Event, fields: Iterable[str]) -> tuple[Heard, ...]:
    """Return what a deal was told once the words of ``event`` have reached it."""
    spoken_of = goes_by(state, deal, event)
    if event.name == LINKED:
        # While a date is rechecked a new deal is told none.
        first = {
            name: Told(NOTHING if told.rechecking else told.value, told.rechecking)
            for name, told in spoken_of.items()
        }
        return tuple(Heard(deal, name, first.get(name, Told())) for name in dict.fromkeys((*fields, *first)))
    if event.setback and event.setback.why == "apply":
        return ()
    return tuple(Heard(deal, name, told) for name, told in spoken_of.items())


def overtaken(state: IssueState, deal: Subject, event: Event) -> str:
    """Say why the words of ``event`` are not right for a deal any more, empty where they are."""
    change = event.change
    commitment = _commitment(state, change.field) if change else None
    if event.name in (*ASKED, OVERDUE) and event.proposal:
        asked = next((one for one in state.proposals if one.id == event.proposal.id), None)
        answered = asked is not None and asked.state is not ProposalState.OPEN
        return "it is not asked for any more" if answered else ""
    if change and commitment and event.name == UNCONFIRMED:
        return (
            "" if commitment.overdue and commitment.value == change.new else "it was agreed again meanwhile"
        )
    if change and event.name == OVERRIDDEN:
        known = state.fields.get(change.field)
        return "" if known and known.override else "it does not stand without product's word any more"
    if change is None or commitment is None or event.name not in (COMMITTED, *ENDED):
        return ""
    if commitment.in_doubt:
        return "the date is being rechecked by now"
    if event.name in ENDED:
        current = up_to_date(state, change.field, deal)
        return "" if current else "another date is in force, of which it is told by itself"
    promised, row = event.commitment, state.told.get((deal, change.field))
    if promised and (promised.value, promised.signed_at) != (commitment.value, commitment.signed_at):
        return "another date has taken its place"
    doubt_ends = row is not None and row.rechecking and change.old == change.new
    if row and not doubt_ends and not diff(change.field, row.value, commitment.value):
        return "it was told so already"
    if row and row.value.day != change.old.day:
        return "meanwhile it was told another date than these words start from"
    return ""


def left_at(state: IssueState, deal: Subject, event: Event) -> tuple[Heard, ...]:
    """Return what a deal goes on being told where word of an agreed date is withheld from it: kept, lest the
    date pass for told where nothing was noted about this deal before."""
    change = event.change
    if event.name != COMMITTED or change is None or (deal, change.field) in state.told:
        return ()
    return (Heard(deal, change.field, Told(change.old)),)


def _row(state: IssueState, deal: Subject, field: str, commitment: Commitment) -> Told:
    """Return what a deal was told last. Where nothing was noted, it is what rules let people hear."""
    return state.told.get((deal, field), Told(commitment.announced))


def _value(state: IssueState, deal: Subject, field: str, commitment: Commitment) -> Value:
    return _row(state, deal, field, commitment).value


def _commitment(state: IssueState, field: str) -> Commitment | None:
    field_state = state.fields.get(field)
    return field_state.commitment if field_state else None
