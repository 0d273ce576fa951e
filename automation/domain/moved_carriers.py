"""A carrier's own date: asked for, agreed and held as any other, once for all that stand on it. Pure.

What is known of it has the shape of what is known of an issue, so that holding, proposing and agreeing are
the same. Its deals, and what each of them was told, are those of the issues that stand on it; and these
follow what becomes of it, each by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from automation.domain.carriers import carrier_of
from automation.domain.checklist import on_each
from automation.domain.fields import carried_by, inherited, of_issues
from automation.model import (
    NOTHING,
    Agreed,
    Carrier,
    CarrierState,
    Commitment,
    DeadlineField,
    Entry,
    FieldState,
    Heard,
    Issue,
    IssueState,
    Link,
    ProposalState,
    Status,
    Subject,
    Told,
    Value,
)

FOLLOW = "follow"
"""What a message of a carrier to its issues says: there is something to follow."""
ANSWER = "answer"
"""What a message of an issue to its carrier says: a comment there answers what waits for the carrier."""


def plain(value: Value) -> Value:
    """Return the day that a carrier's value promises as the value of its own field."""
    return Value(value.day.isoformat(), value.day, value.day.isoformat()) if value.day else NOTHING


def as_issue(subject: Subject, truth: Carrier) -> Issue:
    """Show a carrier as something that has one deadline field: its own date. It ends with nothing, whatever
    becomes of it."""
    field = carried_by(subject.system)
    return Issue(
        subject=subject,
        url=truth.url,
        title=truth.value.name,
        body="",
        open=True,
        public=truth.public,
        labels=(),
        deadlines={field.id: plain(truth.value)},
        updated_at=truth.at,
        fields=(called(field, truth.value.name),),
    )


def called(field: DeadlineField, name: str) -> DeadlineField:
    """Return the field as people call it who see more than one carrier."""
    noun = next((one.carrier for one in of_issues(field.system) if one.carrier), "")
    if not (name and noun):
        return field
    return replace(field, label=f"Date of {noun} “{name}”", aliases=(field.label, *field.aliases))


def standing_fields(state: IssueState, carrier: Subject) -> list[str]:
    """Return the fields of an issue that stand on a carrier."""
    return [
        name for name, known in state.fields.items() if carrier_of(state.subject, known.standing) == carrier
    ]


def keys_of(state: IssueState, carrier: Subject) -> list[str]:
    """Return what an issue calls the carrier that it stands on, by where the issue is now."""
    names = standing_fields(state, carrier)
    found = (carrier_of(state.subject, state.fields[name].standing) for name in names)
    return [one.key for one in found if one]


def those_on(issues: Iterable[IssueState], carrier: Subject) -> tuple[IssueState, ...]:
    """Return the issues that stand on a carrier, as against being asked onto it, where the rules reach."""
    return tuple(state for state in issues if not state.away and standing_fields(state, carrier))


def promise_of(known: IssueState, subject: Subject, issues: Sequence[IssueState]) -> IssueState:
    """Return what is known of a carrier's date, with what the ``issues`` that stand on it say of it: their
    deals, what these were told, and the date that was agreed on them last."""
    field = carried_by(subject.system).id
    held = known.fields.get(field)
    standing = [(state, state.fields[name]) for state in issues for name in standing_fields(state, subject)]
    lent = [
        fields.commitment
        for state, fields in standing
        if fields.commitment and not fields.commitment.lent and state.concerned()
        if carrier_of(state.subject, fields.commitment.value) == subject
    ]
    if held is None and standing:
        held = inherited(plain(_stands(lent, [fields for _, fields in standing])))
    if held is not None:
        held = replace(held, commitment=_agreed(held, lent))
    asked = min((one.asked_at for one in known.open_proposals()), default=None)
    links: dict[Subject, Link] = {}
    told: dict[tuple[Subject, str], Told] = {}
    for state, fields in standing:
        concerned = state.concerned()
        for link in state.links:
            # What is asked here outlives the last link, as it does on an issue.
            asking = asked is not None and link.ended_at is not None and link.ended_at >= asked
            if link.deal in concerned or asking:
                links.setdefault(link.deal, replace(link, ended_at=None))
        for deal in {link.deal for link in state.links} & links.keys():
            told[deal, field] = _both(told.get((deal, field)), _told(state, deal, subject, fields))
    if held is not None and not for_all(known, held):  # planned for the others, and nothing to tell
        none = {str(deal): NOTHING for (deal, _), row in told.items() if not row.value.day}
        held = replace(held, telling={**held.telling, **none})
    problems, users = on_each(state for state, _ in standing)
    return replace(
        known,
        subject=subject,
        fields=known.fields if held is None else {**known.fields, field: held},
        links=tuple(sorted(links.values(), key=lambda link: (link.at, str(link.deal)))),
        told=told,
        lives=subject.key,
        asked_user=tuple(links),
        users=users,
        problems=problems,
    )


def for_all(promise: IssueState, held: FieldState) -> bool:
    """Tell whether a carrier's date was agreed for all that stand on it: not where product moved it
    by itself, which asks nobody and moves what was promised, but promises nothing to others."""
    own = held.commitment
    if own is None or own.lent or own.tell_at is None:
        return True
    answered = (one for one in promise.proposals if one.state is ProposalState.SIGNED)
    return any(set(own.signed_by) <= set(one.agreed(own.value)) for one in answered)


def without_issues(promise: IssueState) -> IssueState:
    """Leave out what is the issues' to say: it is not kept twice."""
    return replace(promise, links=(), told={}, asked_user=(), users=(), problems=())


def _stands(lent: Sequence[Commitment], standing: Sequence[FieldState]) -> Value:
    """Return the date that stood before a carrier was first looked at: what was agreed last, else what its
    issues were seen to have."""
    agreed = max(lent, key=lambda one: one.signed_at, default=None)
    return agreed.value if agreed else standing[0].standing


def _agreed(held: FieldState, lent: Sequence[Commitment]) -> Commitment | None:
    """Return what was agreed last of a carrier's date: on itself, or on one of its issues."""
    own = held.commitment
    day = held.standing.day
    latest = max(lent, key=lambda one: (one.value.day == day, one.signed_at), default=None)
    if own and not own.lent and (latest is None or latest.signed_at <= own.signed_at):
        return own
    if latest is None:
        return None
    at_risk = own is not None and own.at_risk
    value = plain(latest.value)
    # Whether it still holds for that issue is between product and the issue.
    latest = replace(latest, rescoped=False, again=(), asked_at=None, overdue=False)
    return replace(latest, value=value, lent=True, at_risk=at_risk, verified=True, tell_at=None)


def _told(state: IssueState, deal: Subject, carrier: Subject, fields: FieldState) -> Told:
    agreed = fields.commitment
    if agreed is None or carrier_of(state.subject, agreed.value) != carrier:
        return Told()
    name = next(name for name, one in state.fields.items() if one is fields)
    row = state.told.get((deal, name), Told(agreed.announced))
    return Told(plain(row.value), row.rechecking)


def _both(first: Told | None, second: Told) -> Told:
    """Return what a deal goes by that was told of two issues: the date, where only one of them has any."""
    if first is None or not first.value.day:
        return second
    return replace(first, rechecking=first.rechecking or second.rechecking)


def features(issues: Iterable[IssueState], deal: Subject) -> tuple[IssueState, ...]:
    """Return the issues that a deal hears of where their carrier's date is the news."""
    theirs = [state for state in issues if any(link.deal == deal for link in state.links)]
    return tuple(state for state in theirs if deal in state.concerned()) or tuple(theirs)


def heard_by(promise: IssueState, issues: Iterable[IssueState], heard: Iterable[Heard]) -> tuple[Heard, ...]:
    """Return, issue by issue, what deals have heard of a carrier's date: of those that it was agreed for."""
    carrier = promise.subject
    held = promise.fields.get(carried_by(carrier.system).id)
    own = bool(held and held.commitment and not held.commitment.lent)
    on_all = own and held is not None and for_all(promise, held)
    found = []
    for one in heard:
        for state in features(issues, one.deal):
            for name in standing_fields(state, carrier):
                if on_all or state.fields[name].commitment:
                    value = _carried(state.fields[name].standing, one.told.value)
                    found.append(Heard(one.deal, name, replace(one.told, value=value), state.subject))
    return tuple(found)


def heard_of(heard: Iterable[Heard], field: str) -> dict[tuple[Subject, str], Told]:
    """Return what deals have heard of a carrier's date, as that was noted issue by issue."""
    return {(one.deal, field): replace(one.told, value=plain(one.told.value)) for one in heard}


def speaking(issues: Sequence[IssueState], everywhere: bool) -> tuple[Subject, ...]:
    """Return where people hear of a carrier's date: on the issue with most deals, or on each with any."""
    having = [state for state in issues if state.concerned()]
    ordered = sorted(
        having, key=lambda state: (-len(state.concerned()), len(state.subject.id), state.subject.id)
    )
    return tuple(state.subject for state in (ordered if everywhere else ordered[:1]))


# ------------------------------------------------------------ the issues follow


def follow(state: IssueState, carrier: CarrierState) -> tuple[IssueState, tuple[Entry, ...]]:
    """Return what an issue that stands on a carrier knows once it has heard what became of that, and what
    there is to remember of it."""
    promise = carrier.promise or IssueState(carrier.subject)
    held = promise.fields.get(carried_by(state.subject.system).id)
    fields, entries = dict(state.fields), []
    if held:
        everybody = for_all(promise, held)
        for name in standing_fields(state, carrier.subject):
            fields[name] = _followed(state, name, held, everybody)
            agreed, before = fields[name].commitment, state.fields[name].commitment
            if agreed and (before is None or before.signed_at != agreed.signed_at):
                day = agreed.value.day.isoformat() if agreed.value.day else "no date"
                by = agreed.signed_by[-1] if agreed.signed_by else None
                entries.append(Entry(agreed.signed_at, "signed", f"{name}: {day}, with what carries it", by))
    return replace(state, fields=fields), tuple(entries)


def _followed(state: IssueState, name: str, held: FieldState, everybody: bool) -> FieldState:
    mine = state.fields[name]
    standing = _carried(mine.standing, held.standing)
    moved = standing.day != mine.standing.day
    theirs = held.commitment if held.commitment and not held.commitment.lent else None
    commitment, status, agreed = mine.commitment, mine.status, mine.agreed
    if theirs and (commitment is None or theirs.signed_at > commitment.signed_at):
        if (everybody or commitment) and _was_there(state, mine, theirs):
            replaces = commitment.announced if commitment else NOTHING
            value = _carried(mine.standing, theirs.value)
            rescoped = commitment is not None and commitment.rescoped  # to that nobody has said yes again
            if state.words and not rescoped:
                agreed = Agreed(state.words, theirs.signed_at)
            commitment = replace(
                theirs, value=value, replaces=replaces, lent=True, rescoped=rescoped, again=(), scope=""
            )
            status = Status.COMMITTED if value.day else Status.INHERITED
    elif theirs and commitment and commitment.lent and theirs.signed_at == commitment.signed_at:
        commitment = replace(commitment, verified=theirs.verified, tell_at=theirs.tell_at)
    over = mine.status is Status.OVERRIDDEN and not (mine.override or held.override)
    if (moved or over) and commitment == mine.commitment:
        status = Status.PLANNED if held.status is Status.COMMITTED else held.status
        if commitment and commitment.value.day == standing.day:
            status = Status.COMMITTED
    behind = bool(held.commitment and held.commitment.at_risk) and commitment is not None
    if commitment is not None and (behind or mine.behind):
        in_doubt = behind or commitment.value.day != standing.day
        commitment = replace(commitment, at_risk=in_doubt)
    telling = {} if behind and not mine.behind else mine.telling
    if commitment is not None and (commitment.signed_at != _signed_at(mine) or (mine.behind and not behind)):
        rows = {deal: state.told.get((deal, name), Told(commitment.announced)) for deal in state.concerned()}
        telling = {str(deal): row.value for deal, row in rows.items()}  # which the carrier tells
    return replace(
        mine,
        standing=standing,
        status=status,
        commitment=commitment,
        behind=behind,
        telling=telling,
        agreed=agreed,
    )


def _signed_at(mine: FieldState) -> datetime | None:
    return mine.commitment.signed_at if mine.commitment else None


def _was_there(state: IssueState, mine: FieldState, agreed: Commitment) -> bool:
    """Tell whether an issue stood on the carrier, with a deal, when its date was agreed."""
    linked = [link.at for link in state.links if link.deal in state.concerned()]
    came = mine.last_at
    return any(at <= agreed.signed_at for at in linked) and (came is None or came <= agreed.signed_at)


def _carried(carrier: Value, day: Value) -> Value:
    """Return the same carrier with that day."""
    return replace(carrier, day=day.day)
