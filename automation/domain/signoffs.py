"""Sign-offs: product's yes, no, or another date."""

from __future__ import annotations

from automation.domain import discovery
from automation.domain.commitments import carries_another_day, commit, truth_of
from automation.domain.meant import ask_which, carrier, field_of
from automation.domain.offers import has_passed, legible, settle
from automation.domain.plan_builder import PlanBuilder
from automation.domain.proposals import end, propose
from automation.domain.reasoning import not_of, value_words
from automation.domain.rechecks import agree_again
from automation.domain.yeses import about, alone, counted, lacking, policy_of, reasons
from automation.model import (
    NOTHING,
    Answer,
    Event,
    Mode,
    Proposal,
    ProposalState,
    Reason,
    Value,
    Written,
    Yes,
)


def sign(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/signoff [field] [date] [because …]``."""
    written = event.written
    if written is None or not _answerable(builder, written):
        return
    written = settle(builder, written)
    command = written.command
    asked = _bound(builder, written)
    exact = command.day is not None or command.nothing
    if asked is None and not exact:
        ask_which(builder, written)
        return
    if asked is None and has_passed(builder, written, command.field, command.day):
        return
    field = asked.field if asked else field_of(builder, written)
    named_day = command.day if exact or asked is None else asked.value.day
    if not field or has_passed(builder, written, field, named_day):
        return
    value = _value(builder, written, field, asked)
    if value is None:
        return
    policy = policy_of(builder, field, written.author, value)
    if not policy:
        builder.why.refuse(f"{written.author.name} is not of the policy that answers for the {field}")
        whose = builder.whose(field, value)
        builder.reply("reply-not-product", written, "not-product", written.author.id, field, policy=whose)
        return
    field_state = builder.field(field)
    so_already = (
        field_state.commitment.value == value
        if field_state.commitment
        else value == field_state.standing == NOTHING
    )
    agreed_before = asked is None and so_already and field_state.override is None
    questioned = agreed_before and field_state.commitment is not None and field_state.commitment.questioned
    to_be_set = builder.mode is not Mode.ENFORCE and truth_of(builder, field) != value
    if agreed_before and not questioned and not to_be_set:
        builder.why.nothing("nothing waits, and that is agreed already", ("date", value_words(value)))
        builder.reply("reply-nothing-waits", written)
        return
    if discovery.refused(builder, written, field, value, policy):
        return
    if questioned:
        agree_again(builder, written, field, policy)
        return
    yes = Yes(
        written.author,
        value,
        builder.at,
        via=f"{written.mark.kind} {written.mark.title}" if written.mark else "",
    )
    answered = asked.with_yes(yes) if asked else None
    people = counted(builder, answered, value, policy) if answered else alone(builder, yes, policy)
    if lacking(builder, answered, yes, policy) and not agreed_before:
        _wait_for_more(builder, written, yes, answered, policy, field)
        return
    if to_be_set:
        builder.why.refuse(
            f"in mode {builder.mode} dates are not set for people: the yes is kept, and counts once it is set"
        )
        if answered:
            builder.put_proposal(answered)
        builder.reply("reply-set-it-yourself", written)
        return
    builder.why.done(
        "it is agreed", ("date", value_words(value)), parts=_yeses(builder, answered, value, policy)
    )
    commit(builder, field, value, policy, people, answered, command.because, dated=command.spelled)


def _yeses(builder: PlanBuilder, said: Proposal | None, value: Value, policy: str) -> tuple[Reason, ...]:
    """Say whose yes counts for ``value``, and why that of others does not."""
    if said is None:
        return ()
    return reasons(builder, said, value, policy)


def _value(builder: PlanBuilder, written: Written, field: str, asked: Proposal | None) -> Value | None:
    """Return the value that is said yes to: one on the table, or what carries the date. Reply where none."""
    command = written.command
    table = [one for one in asked.values() if not carries_another_day(builder, field, one)] if asked else []
    if asked and command.day is None and not command.nothing:
        if table:
            return table[0]
        builder.reply("reply-no-carrier", written)  # nothing carries what was asked any more
        return None
    same = next((value for value in table if value.day == command.day), None)
    return same if same is not None else carrier(builder, written, field)


def _wait_for_more(
    builder: PlanBuilder, written: Written, yes: Yes, answered: Proposal | None, policy: str, field: str
) -> None:
    """Keep a yes that is not the last one it takes, and say who is still needed. Where nothing was asked, it
    asks for that value."""
    if builder.mode is Mode.OBSERVE:
        builder.why.nothing("nothing is kept: the mode is observe")
        return
    if answered is None:
        old = builder.field(field).standing
        answered = propose(builder, policy, field, old, yes.value, yes.by).with_yes(yes)
    people = counted(builder, answered, yes.value, policy)
    if yes.by not in people:
        builder.why.refuse(
            f"{yes.by.name} asked for that date, and those who ask may not agree (askers_may_sign: false)",
            ("date", value_words(yes.value)),
            parts=_yeses(builder, answered, yes.value, policy),
        )
        builder.reply("reply-more-needed", written, proposal=about(builder, answered, yes, policy))
        return
    builder.put_proposal(answered)
    needed = builder.policies[policy].people_needed
    builder.why.done(
        f"the yes is kept: {len(people)} of {needed} people have said yes to that date",
        ("date", value_words(yes.value)),
        parts=_yeses(builder, answered, yes.value, policy),
    )
    builder.reply("reply-more-needed", written, proposal=about(builder, answered, yes, policy))


def decline(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/decline [field] [because …]``: what stood goes on standing."""
    written = event.written
    if written is None or not _answerable(builder, written):
        return
    written = settle(builder, written)
    asked = _bound(builder, written)
    if asked is None:
        ask_which(builder, written)
        return
    command = written.command
    override = builder.field(asked.field).override
    if override and override.value == asked.value:
        builder.why.refuse(f"it stands by {override.by.name}'s override, which a no does not end")
        builder.reply("reply-overridden", written, proposal=asked)
        return
    builder.why.done("product said no", ("asked", value_words(asked.value)))
    end(builder, asked, written.author, ProposalState.DECLINED, command.because, command.spelled)


def _answers_for(builder: PlanBuilder, written: Written) -> frozenset[str]:
    """Return the policies for which the author may answer by these words; by what they set only for those
    that name it, and those made of these."""
    mine, mark = builder.facts.rights_of(written.author).product, written.mark
    if mark is None:
        return mine
    naming = {
        one.name
        for one in builder.policies.values()
        if not one.parts and one.name in mine and any(way.called == mark.called for way in one.ways)
    }
    return frozenset(one for one in mine if any(each.name in naming for each in builder.policies[one].each))


def _answerable(builder: PlanBuilder, written: Written) -> bool:
    """Tell whether the author may answer here and the words can count; reply kindly where not."""
    rights, mine = builder.facts.rights_of(written.author), _answers_for(builder, written)
    waiting = builder.state.open_proposals()
    needed = {p.policy for p in waiting} or set(builder.policies)
    if not mine & needed:
        builder.why.refuse(
            f"{written.author.name}'s word does not count",
            parts=tuple(
                Reason(f"for {policy}: {not_of(builder.policies[policy].whose)}", Answer.NO)
                for policy in sorted(needed & builder.policies.keys())
            ),
        )
        stays = written.mark is not None and written.mark.stays
        if (rights.may_link or rights.product) and (waiting or not stays):
            about = waiting[-1].id if waiting else ""
            builder.reply("reply-not-product", written, "not-product", written.author.id, about)
        return False
    builder.why.holds(f"{written.author.name} is of {' and '.join(sorted(mine & needed))}")
    return legible(builder, written)


def _bound(builder: PlanBuilder, written: Written) -> Proposal | None:
    """Return the one proposal these words are about.

    A date names it; bare words mean the only open one, if our comment about it was there to be read, and a
    bare yes only where nobody has agreed to another date than the one asked.
    Times are compared by the second, as trackers give no more.
    """
    command = written.command
    product = _answers_for(builder, written)
    waiting = [
        p for p in builder.state.open_proposals() if p.policy in product and command.field in ("", p.field)
    ]
    if command.day is not None or command.nothing:
        same = [p for p in waiting if command.day in {value.day for value in p.values()}]
        waiting = same or waiting
        return waiting[0] if len(waiting) == 1 else None
    shown = [p for p in waiting if p.shown_at and p.shown_at.replace(microsecond=0) <= written.at]
    clear = command.word != "signoff" or all(len(p.values()) == 1 for p in shown)
    return shown[0] if len(shown) == len(waiting) == 1 and clear else None
