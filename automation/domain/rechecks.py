"""An agreed date whose scope others have changed: it stays where it is, product is asked whether it still
holds, and until then nobody is to repeat it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

from automation.domain import edits
from automation.domain.agreed_scope import differing, weigh
from automation.domain.changes import without_deals
from automation.domain.commitments import commit
from automation.domain.plan_builder import PlanBuilder
from automation.domain.reasoning import value_words
from automation.domain.yeses import about, counted, lacking, reasons
from automation.model import Agreed, Commitment, Mode, Person, Proposal, ScopeChange, Written, Yes


@dataclass(frozen=True, slots=True)
class Weighed:
    """What one look has found: by field what product is to be asked about that it was not asked before, and
    the fields whose question has ended by itself."""

    asked: Mapping[str, ScopeChange]
    ended: tuple[str, ...] = ()


def weigh_all(builder: PlanBuilder) -> Weighed:
    """Hold what is to be built against what each date was agreed for."""
    asked: dict[str, ScopeChange] = {}
    ended: list[str] = []
    facts = builder.facts
    ours = partial(without_deals, builder.state, mentioned=facts.mentioned)
    for field, commitment in builder.state.commitments().items():
        overridden = builder.field(field).override is not None  # then nobody goes by what was agreed
        if builder.mode is Mode.OBSERVE or overridden or not facts.edits or not _counts(builder, commitment):
            continue
        agreed = _agreed(builder, field, commitment)
        standing = weigh(
            agreed,
            facts.edits,
            edits.present(facts.issue),
            partial(_of_product, builder, commitment.policy),
            differing(builder.scope_words, ours),
        )
        builder.set_field(field, agreed=standing.agreed)
        date = (("date", value_words(commitment.value)),)
        if standing.differs and not commitment.rescoped:
            asked[field] = standing.differs
            builder.record("rescoped", f"{field}: {commitment.value.name}", facts.edits[-1].by)
            builder.why.done("others than product changed what was agreed: product is asked again", *date)
        elif standing.differs:
            builder.why.nothing("product is asked already whether the date still holds", *date)
        elif commitment.rescoped:
            ended.append(field)
            builder.record("scope as agreed", f"{field}: {commitment.value.name}", facts.edits[-1].by)
            builder.why.done("what is to be built is again what was agreed", *date)
        elif standing.agreed != agreed:
            builder.why.done("product's own edit: the date is agreed for what is to be built now", *date)
        if standing.differs or commitment.rescoped:
            _doubt(builder, field, standing.differs is not None)
    return Weighed(asked, tuple(ended))


def agree_again(builder: PlanBuilder, written: Written, field: str, policy: str) -> None:
    """Carry out ``/signoff`` with the date that is agreed already: it is for what is to be built by now."""
    commitment = builder.field(field).commitment
    if commitment is None:
        return
    value, command = commitment.value, written.command
    yeses = tuple(Yes(person, value, builder.at) for person in (*commitment.again, written.author))
    question = Proposal("", field, policy, value, value, None, builder.at, builder.now.date(), yeses=yeses)
    people = counted(builder, question, value, policy)
    why = reasons(builder, question, value, policy)
    yes = yeses[-1]
    if not lacking(builder, question, yes, policy):
        builder.why.done("it is agreed again, for what is to be built now", parts=why)
        commit(builder, field, value, policy, people, None, command.because, dated=command.spelled)
        builder.reply("reply-agreed-again", written, proposal=question)
        return
    if builder.mode is Mode.OBSERVE:
        builder.why.nothing("nothing is kept: the mode is observe")
        return
    builder.set_field(field, commitment=replace(commitment, again=people))
    builder.why.done(
        f"{len(people)} of {builder.policies[policy].people_needed} people have agreed to it again", parts=why
    )
    builder.reply("reply-more-needed", written, proposal=about(builder, question, yes, policy))


def _agreed(builder: PlanBuilder, field: str, commitment: Commitment) -> Agreed:
    """Return what a date was agreed for. Of one that was signed before that was kept, it is what was seen
    last."""
    words = builder.state.words or edits.present(builder.facts.issue)
    return builder.field(field).agreed or Agreed(words, commitment.signed_at)


def _counts(builder: PlanBuilder, commitment: Commitment) -> bool:
    """Tell whether anybody relies on that date still."""
    day = commitment.value.day
    to_come = day is not None and day >= builder.now.date()
    return to_come and builder.facts.issue.open and bool(builder.state.concerned())


def _of_product(builder: PlanBuilder, policy: str, person: Person | None) -> bool:
    mine = builder.facts.rights_of(person).product
    return policy in mine if policy in builder.policies else bool(mine)


def _doubt(builder: PlanBuilder, field: str, rescoped: bool) -> None:
    """Mark a date as to be agreed anew, or as safe again. What was planned to be said of it, and what was
    agreed anew of another scope, counts no more."""
    commitment = builder.field(field).commitment
    if commitment is None:
        return
    asked_at = commitment.asked_at if commitment.rescoped and rescoped else builder.now if rescoped else None
    doubted = replace(commitment, rescoped=rescoped, again=(), asked_at=asked_at)
    builder.set_field(field, commitment=doubted, telling={})
