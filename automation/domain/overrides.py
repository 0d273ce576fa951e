"""Break glass: somebody who may lets a date stand that product has not agreed to. It is said on both sides,
and product goes on being asked; its ordinary yes ends that state."""

from __future__ import annotations

from dataclasses import replace

from automation.domain.commitments import truth_of
from automation.domain.fields import diff
from automation.domain.meant import carrier, field_of
from automation.domain.offers import has_passed, legible, settle
from automation.domain.plan_builder import PlanBuilder
from automation.domain.proposals import propose
from automation.domain.reasoning import value_words
from automation.model import (
    OVERRIDDEN,
    Answer,
    Change,
    Event,
    Kind,
    Mode,
    Override,
    Pending,
    Proposal,
    ProposalState,
    Reason,
    Status,
    Value,
    Written,
)

OVERRODE = "overridden"
"""What the ledger says of it."""


def override(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/override [field] <date> because …``."""
    written = event.written
    if written is None or not _may(builder, written):
        return
    written = settle(builder, written)
    if has_passed(builder, written, written.command.field, written.command.day):
        return
    field = field_of(builder, written)
    value = carrier(builder, written, field) if field else None
    if value is None:
        return
    policy = _policy(builder, field, written, value)
    if not policy:
        return
    if builder.mode is Mode.OBSERVE:
        builder.why.nothing(f"nothing is overridden: the mode is {builder.mode}")
        return
    if _stands(builder, field, value):
        builder.why.nothing("that date stands already", ("date", value_words(value)))
        builder.reply("reply-nothing-waits", written)
        return
    if builder.mode is not Mode.ENFORCE and truth_of(builder, field) != value:
        builder.why.refuse(f"in mode {builder.mode} dates are not set for people: it has to be set first")
        builder.reply("reply-override-by-hand", written)
        return
    _let_stand(builder, written, field, value, policy)


def confirm(builder: PlanBuilder, field: str) -> None:
    """Note that the tracker holds what was overridden, and let rules hear of it, once."""
    known = builder.field(field)
    standing = known.override
    if standing is None or standing.verified or truth_of(builder, field) != standing.value:
        return
    builder.set_field(field, override=replace(standing, verified=True))
    old, new = standing.replaces, standing.value
    builder.emit(
        Event(
            OVERRIDDEN,
            builder.now,
            change=diff(field, old, new) or Change(field, Kind.OTHER, old, new),
            actor=standing.by,
            proposal=builder.open_proposal(field),
            commitment=known.commitment,
            because=standing.because,
            dated=standing.dated,
        )
    )


def _may(builder: PlanBuilder, written: Written) -> bool:
    """Tell whether the author may do this here and the words can count; reply kindly where not, and to
    strangers nothing."""
    rights = builder.facts.rights_of(written.author)
    allowed = rights.override & builder.policies.keys()
    if allowed:
        whose = " and ".join(sorted(allowed))
        builder.why.holds(f"{written.author.name} may let a date stand without {whose}, asked just now")
        return legible(builder, written)
    builder.why.refuse(
        f"{written.author.name} may not let a date stand without product",
        parts=tuple(
            Reason(f"not in may_override of {policy}, by what the tracker answered", Answer.NO)
            for policy in sorted(builder.policies)
        ),
    )
    if rights.product or rights.may_link:
        builder.reply("reply-may-not-override", written, "may-not-override", written.author.id)
    return False


def _policy(builder: PlanBuilder, field: str, written: Written, value: Value) -> str:
    """Return whose word is done without: that which the date takes, or the first that the author may do
    without where it takes none. Refuse where they may not."""
    allowed = builder.facts.rights_of(written.author).override & builder.policies.keys()
    takes = builder.whose(field, value)
    if not takes or takes in allowed:
        return takes or builder.first(allowed)
    builder.why.refuse(f"it takes the word of {takes}, whose may_override does not name them")
    builder.reply("reply-may-not-override", written, "may-not-override", written.author.id, policy=takes)
    return ""


def _stands(builder: PlanBuilder, field: str, value: Value) -> bool:
    """Tell whether a value stands already, agreed or by an override."""
    known = builder.field(field)
    if known.override:
        return known.override.value == value
    agreed = known.commitment is not None and known.commitment.value == value
    return agreed and known.standing == truth_of(builder, field) == value


def _let_stand(builder: PlanBuilder, written: Written, field: str, value: Value, policy: str) -> None:
    known, truth = builder.field(field), truth_of(builder, field)
    earlier = known.override.replaces if known.override else known.standing
    command = written.command
    because = "" if written.restricted else command.because
    builder.why.done("it stands, unsigned", ("date", value_words(value)), ("because", because))
    key = "" if truth == value else builder.set_deadline(field, truth, value, "override")
    asked = _asked(builder, written, field, value, policy, because)
    builder.set_field(
        field,
        standing=value,
        status=Status.OVERRIDDEN,
        override=Override(value, policy, written.author, builder.at, because, earlier, dated=command.spelled),
        contested=None,
        pending=Pending(key, truth) if key else None,
    )
    builder.put_at_risk(field)
    reason = f" because {because}" if because else ""
    builder.record(OVERRODE, f"{field}: {value.name or 'no date'}{reason}", written.author)
    builder.why.note("product goes on being asked", ("by", asked.answer_by.isoformat()))
    if truth == value:
        confirm(builder, field)


def _asked(
    builder: PlanBuilder, written: Written, field: str, value: Value, policy: str, because: str
) -> Proposal:
    """Keep it as what is asked of product, by whoever let it stand; yeses to it go on counting."""
    before = builder.open_proposal(field)
    same = before if before and before.value == value else None
    if same:
        builder.close_proposal(same, ProposalState.SUPERSEDED)
    asked = propose(builder, policy, field, builder.field(field).standing, value, written.author, because)
    if same:
        asked = replace(asked, yeses=same.yeses, signers=same.signers)
        builder.put_proposal(asked)
    return asked
