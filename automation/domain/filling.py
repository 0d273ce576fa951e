"""Follows what an issue itself says for the checklist of discovery, of those who may say so by command."""

from __future__ import annotations

from dataclasses import replace

from automation.domain.checklist import CALLED, PROBLEM, missing
from automation.domain.filled import FIELD
from automation.domain.naming import MOST_PROBLEMS, MOST_USERS, may_say
from automation.domain.plan_builder import PlanBuilder
from automation.model import Command, Contact, Filled, Person, Problem, Written

_THANKS = {PROBLEM: "reply-problem-noted"}


def follow(builder: PlanBuilder) -> None:
    """Take over what has come into the issue, or was changed there, and take back what was taken out. What
    was said by command stays; what somebody else wrote or took out changes nothing."""
    before = {one.place: one for one in builder.state.filled}
    lacked = bool(missing(builder.state))
    taken = [one for one in builder.facts.filled if before.get(one.place) != one and _take(builder, one)]
    known = (replace(one, words="", by=None, at=None) for one in builder.facts.filled if one.digest)
    builder.state = replace(builder.state, filled=tuple(known))
    if taken and lacked and not missing(builder.state):
        _thank(builder, taken[-1])


def _take(builder: PlanBuilder, one: Filled) -> bool:
    """Take one part over, and tell whether it counts."""
    called, where = CALLED[one.word], "a field" if one.via == FIELD else "the text"
    if one.by is None or not may_say(builder, one.by):
        whose = f"{one.by.name}, who" if one.by else "whoever"
        change = "put it into" if one.digest else "took it out of"
        reason = "may not say it here" if one.by else "cannot be told from the history"
        builder.why.refuse(f"{called}: {whose} {change} {where}, {reason}")
        return False
    builder.why.done(f"{called}: {one.by.name} {'put it into' if one.digest else 'took it out of'} {where}")
    _keep(builder, one, one.by)
    builder.record(one.word, one.words or f"no longer in {where}", one.by)
    return True


def _keep(builder: PlanBuilder, one: Filled, by: Person) -> None:
    """Let it stand in the place of what was said there before."""
    state, at = builder.state, one.at or builder.now
    if one.word == PROBLEM:
        others = tuple(known for known in state.problems if known.via != one.via)
        new = (Problem(one.words, by, at, one.via),) if _new(one, [known.words for known in others]) else ()
        builder.state = replace(state, problems=(*others, *new)[-MOST_PROBLEMS:])
    else:
        users = tuple(known for known in state.users if known.via != one.via)
        user = (Contact(one.words, by, at, one.via),) if _new(one, [known.words for known in users]) else ()
        builder.state = replace(state, users=(*users, *user)[-MOST_USERS:])


def _new(one: Filled, known: list[str]) -> bool:
    return bool(one.digest) and one.words not in known


def _thank(builder: PlanBuilder, last: Filled) -> None:
    """Say that the checklist is complete where a date waits for that: whose turn it is could not be known
    otherwise. Where strangers read along nothing is said."""
    policies = (builder.policies.get(asked.policy) for asked in builder.state.open_proposals())
    waits = any(policy is not None and policy.discovery for policy in policies)
    if last.by is None or not waits or builder.facts.issue.public:
        return
    said = Written(Command(last.word), "", last.by, builder.now)
    builder.reply(_THANKS.get(last.word, "reply-user-noted"), said, "filled", last.word, last.digest)
