"""Proposals: a date that is asked for, answered by nobody yet, or taken back."""

from __future__ import annotations

from dataclasses import replace

from automation.domain import told
from automation.domain.commitments import (
    MOST_RESTORES,
    confirm,
    lately_set_back,
    truth_of,
)
from automation.domain.fields import diff
from automation.domain.meant import ask_which, carrier, field_of
from automation.domain.offers import (
    has_passed,
    legible,
    settle,
)
from automation.domain.plan_builder import PlanBuilder
from automation.domain.reasoning import value_words
from automation.domain.words_builder import digest
from automation.model import (
    Event,
    FieldState,
    Mode,
    Pending,
    Person,
    Proposal,
    ProposalState,
    Status,
    Subject,
    Value,
    Written,
)
from automation.text.dates import answer_by


def propose(
    builder: PlanBuilder,
    policy: str,
    field: str,
    old: Value,
    value: Value,
    asked_by: Person | None,
    because: str = "",
) -> Proposal:
    """Keep what was asked, for product to answer; of one field only the newest wish waits."""
    earlier = builder.open_proposal(field)
    if earlier and earlier.value == value:
        if because and not earlier.because:  # the same wish, and now we hear why
            earlier = replace(earlier, because=because)
            builder.put_proposal(earlier)
        return earlier
    if earlier:
        builder.put_proposal(replace(earlier, state=ProposalState.SUPERSEDED))
    # What product set itself and still stands is its word, whatever else is asked for meanwhile.
    truth = truth_of(builder, field)
    standing = tuple(yes for yes in earlier.yeses if yes.edited and yes.value == truth) if earlier else ()
    proposal = Proposal(
        id=digest(builder.state.subject.origin, field, builder.state.version, len(builder.state.proposals))[
            :8
        ],
        field=field,
        policy=policy,
        old=old,
        value=value,
        asked_by=asked_by,
        asked_at=builder.at,
        answer_by=answer_by(builder.now.date(), builder.policies[policy]),
        yeses=standing,
        because=because,
    )
    builder.put_proposal(proposal)
    builder.record("asked", f"{field}: {value.day.isoformat() if value.day else 'no date'}", asked_by)
    return proposal


def agreed_to(builder: PlanBuilder, field: str) -> Proposal | None:
    """Return the wish that led to what is agreed, as words about it need it: it can be answered no more."""
    signed = ProposalState.SIGNED
    found = [p for p in builder.state.proposals if p.field == field and p.state is signed]
    return replace(found[-1], id="") if found else None


def hearers(builder: PlanBuilder, field: str, asker: Person | None) -> tuple[Subject, ...] | None:
    """Return the deals that hear of a wish and of its end, None for all."""
    return told.hearers_of_wish(builder.state, field, asker, builder.facts.deals, builder.now.date())


def ask(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/ask <date> because …``: a wish that product answers, without touching the field."""
    written = event.written
    if written is None or not _may_ask(builder, written):
        return
    written = settle(builder, written)
    if has_passed(builder, written, written.command.field, written.command.day):
        return
    field = field_of(builder, written)
    value = carrier(builder, written, field) if field else None
    if value is None:
        return
    if builder.mode is Mode.OBSERVE or not builder.policies:
        why = f"the mode is {builder.mode}" if builder.policies else "the rules have no sign-off policy"
        builder.why.nothing(f"nobody is asked: {why}")
        return
    field_state = builder.field(field)
    if value == field_state.standing and field_state.commitment:
        builder.why.nothing("that date is agreed already")
        builder.reply("reply-nothing-waits", written)
        return
    why = "" if written.restricted else written.command.because
    builder.why.done("it is put to product", ("field", field), ("asked", value_words(value)))
    policy = builder.whose(field, value) or builder.first(builder.policies)
    proposal = propose(builder, policy, field, field_state.standing, value, written.author, why)
    builder.emit(
        Event(
            "deadline.asked",
            builder.now,
            change=diff(field, field_state.standing, value),
            actor=written.author,
            proposal=proposal,
            commitment=field_state.commitment,
            because=written.command.because,
            dated=written.command.spelled,
            deals=hearers(builder, field, written.author),
        )
    )


def withdraw(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/withdraw [field] [because …]``: whoever asked takes the wish back."""
    written = event.written
    if written is None:
        return
    written = settle(builder, written)
    command = written.command
    mine = [p for p in builder.state.open_proposals() if p.asked_by == written.author]
    wanted = [p for p in mine if command.field in ("", p.field)]
    if command.day is not None or command.nothing:
        wanted = [p for p in wanted if p.value.day == command.day]
    counts = not written.edited and not command.problem
    if len(wanted) == 1 and counts:
        builder.why.done("the wish is taken back", ("asked", value_words(wanted[0].value)))
        end(builder, wanted[0], written.author, ProposalState.WITHDRAWN, command.because, command.spelled)
    elif _may_ask(builder, written):
        if wanted:
            ask_which(builder, written, wanted)
        else:
            builder.why.refuse(f"no date waits here that {written.author.name} asked for")
            builder.reply("reply-not-yours", written)


def _may_ask(builder: PlanBuilder, written: Written) -> bool:
    """Tell whether the author may ask here and the words can count; strangers get no reply."""
    if not builder.facts.rights_of(written.author).may_link:
        builder.why.refuse(f"{written.author.name} may not link here, nor ask, by what the tracker answered")
        return False
    builder.why.holds(f"{written.author.name} may link here, and so may ask")
    return legible(builder, written)


def end(
    builder: PlanBuilder,
    asked: Proposal,
    by: Person | None,
    how: ProposalState,
    because: str = "",
    dated: bool = False,
) -> None:
    """End a proposal without its date: what stood is safe again, and set back if need be."""
    field = asked.field
    builder.record(how.value, f"{field}: {asked.value.name or 'no date'}", by)
    if how is ProposalState.WITHDRAWN and by and _goes_on(builder, asked, by):
        return
    hearing = hearers(builder, field, asked.asked_by)
    builder.close_proposal(asked, how)
    override = builder.field(field).override
    if override and (override.by, override.value) == (asked.asked_by, asked.value):
        builder.set_field(field, status=Status.UNSIGNED, override=None)  # whoever overrode takes that back
    field_state = builder.field(field)
    truth = truth_of(builder, field)
    recent = lately_set_back(builder, field)
    # Product's word is worth one more; whoever asks and takes back in turns gets no further than a war.
    allowed = how is ProposalState.DECLINED or len(recent) < MOST_RESTORES
    stood = _stood(builder, asked)
    if stood != field_state.standing or field_state.status is Status.UNSIGNED:
        # It was let through, and counts no more.
        builder.set_field(field, standing=stood, status=_status(field_state, stood))
    builder.put_at_risk(field, False)
    field_state = builder.field(field)
    unsigned = truth != field_state.standing and truth in (*asked.values(), field_state.contested)
    left = unsigned and field_state.pending is None
    if unsigned and field_state.pending is None and allowed:
        key = builder.set_deadline(field, truth, field_state.standing, "restore")
        if key:
            restores = (*recent, builder.now)
            builder.set_field(field, pending=Pending(key, truth), contested=None, restores=restores)
            left = False
    if left:
        builder.set_field(field, contested=truth)
    # Those who were told another date than the one in force hear of that by itself, now or after the undo
    # time; that the date they know stands would be false.
    deals = builder.state.concerned() if hearing is None else hearing
    deals = tuple(deal for deal in deals if told.up_to_date(builder.state, field, deal))
    commitment = builder.field(field).commitment
    if commitment and truth == commitment.value:  # on the issue it is there to be seen
        commitment = replace(commitment, verified=True)
    builder.emit(
        Event(
            f"proposal.{how.value}",
            builder.now,
            change=diff(field, field_state.standing, asked.value),
            actor=by,
            proposal=asked,
            commitment=commitment,
            because=because,
            dated=dated,
            deals=deals,
            left=left,
        )
    )
    if commitment:  # which ends the doubt that they were told of, too
        telling = {**builder.field(field).telling, **dict.fromkeys(map(str, deals), commitment.value)}
        builder.set_field(field, telling=telling)
    confirm(builder, field)


def _status(field_state: FieldState, stood: Value) -> Status:
    """Return by what ``stood`` stands again."""
    if field_state.override and field_state.override.value == stood:
        return Status.OVERRIDDEN
    return Status.COMMITTED if field_state.commitment else Status.INHERITED if stood else Status.EMPTY


def _stood(builder: PlanBuilder, asked: Proposal) -> Value:
    """Return what stands where nobody agreed to what was asked: what stood before, also where that was let
    through. A date that was overridden stands until whoever did that takes it back."""
    field_state = builder.field(asked.field)
    if field_state.override:
        return field_state.override.value
    if field_state.status is not Status.UNSIGNED:
        return field_state.standing
    if field_state.commitment:
        return field_state.commitment.value
    stood = asked.old
    earlier = (p for p in builder.state.proposals if p.field == asked.field and p.id != asked.id)
    for one in sorted(earlier, key=lambda p: p.asked_at, reverse=True):
        if one.value == stood and one.state is not ProposalState.SIGNED:
            stood = one.old
    return stood


def _goes_on(builder: PlanBuilder, asked: Proposal, by: Person) -> bool:
    """Leave product's own edit alone when whoever asked takes the wish back: where nothing is promised it
    plans, else it goes on waiting, as product's wish, for those who have not agreed to it yet. Return
    whether it waits."""
    field, truth = asked.field, truth_of(builder, asked.field)
    own = [yes for yes in asked.yeses if yes.edited and yes.value == truth and yes.by != by]
    field_state = builder.field(field)
    if not own or truth == field_state.standing:
        return False
    if field_state.commitment is None:
        status = Status.PLANNED if truth else Status.EMPTY
        builder.set_field(field, standing=truth, status=status, contested=None)
        return False
    builder.close_proposal(asked, ProposalState.WITHDRAWN)
    again = propose(builder, asked.policy, field, field_state.standing, truth, own[0].by)
    agreed = tuple(yes for yes in asked.yeses if yes.value == truth)
    builder.put_proposal(replace(again, yeses=agreed))
    builder.emit(
        Event(
            "deadline.asked",
            builder.now,
            change=diff(field, field_state.standing, truth),
            actor=own[0].by,
            proposal=replace(again, yeses=agreed),
            commitment=field_state.commitment,
        )
    )
    return True
