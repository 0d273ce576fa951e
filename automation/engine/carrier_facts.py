"""Re-reads the truth for one look at a carrier: its date, who moved it, and what answers it on its issues."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from types import MappingProxyType

from automation.domain.commands import ANSWERING
from automation.domain.moved_carriers import ANSWER, as_issue, speaking
from automation.engine import marks
from automation.engine.spoken import commands_in
from automation.model import (
    Carrier,
    CarrierState,
    Command,
    DeadlineField,
    Evidence,
    Facts,
    Gap,
    IssueState,
    News,
    Person,
    Rights,
    Subject,
    Trigger,
    Value,
    Written,
    is_mark,
)
from automation.ports import Crm, Tracker, Unseen


def read(
    promise: IssueState,
    carrier: CarrierState,
    truth: Carrier,
    standing: Sequence[IssueState],
    everywhere: bool,
    triggers: Sequence[Trigger],
    tracker: Tracker,
    crm: Crm,
    policies: Collection[str],
    ways: marks.Ways = MappingProxyType({}),
) -> Facts:
    """Return the facts for one look. ``promise`` is what is known of the carrier's date with what the issues
    ``standing`` on it say of it, ``everywhere`` whether all of them are spoken on, ``ways`` how people may
    answer beside words. Raise Unavailable or Refused."""
    subject = promise.subject
    issue = as_issue(subject, truth)
    (field, shows), *_ = issue.deadlines.items()
    written, unread = _written(promise, triggers, tracker, crm, issue.fields, ways)
    last = carrier.moves[-1] if carrier.moves else None
    evidence = {field: Evidence(last.by, last.at)} if last and last.by else {}
    held = promise.fields.get(field)
    news = held is not None and shows not in (held.standing, held.contested)
    movers = [last.by] if news and last and last.by else []
    owed = held is not None and held.commitment is not None and not held.commitment.verified
    concerned = promise.concerned() if news or written or owed else ()
    return Facts(
        issue=issue,
        written=written,
        rights=_rights(promise, written, movers, tracker, policies),
        evidence=evidence,
        deals=dict(crm.deals(concerned)) if concerned else {},
        carriers={field: tuple(_day(one) for one in written if one.command.day)},
        places=speaking(standing, everywhere),
        gaps=tuple(unread),
        news=News(reworded=promise.words is not None and promise.words.title != issue.title),
    )


def _day(written: Written) -> Value:
    day = written.command.day
    return Value(day.isoformat(), day, day.isoformat()) if day else Value()


def _written(
    promise: IssueState,
    triggers: Iterable[Trigger],
    tracker: Tracker,
    crm: Crm,
    fields: Sequence[DeadlineField],
    ways: marks.Ways,
) -> tuple[tuple[Written, ...], list[Gap]]:
    """Read the comments and labels that answer here, each where it stands, and say which cannot be read."""
    found: list[Written] = []
    unread: list[Gap] = []
    for trigger in dict.fromkeys(one for one in triggers if one.what == ANSWER and one.comment):
        if trigger.on is None or trigger.comment in promise.handled:
            continue
        try:
            if is_mark(trigger.comment):
                by_label = marks.answered(trigger.on, trigger.comment, ways, tracker)
                found += [by_label] if by_label else []
                continue
            comment = tracker.comment(trigger.on, trigger.comment)
        except Unseen:
            unread.append(Gap(f"{_called(trigger)} on {trigger.on.key}", trigger, trigger.at))
            continue
        if comment is None or comment.own:
            continue
        said = commands_in(comment, trigger.on, fields, crm)
        found += [one for one in said if _for_carrier(one.command, fields)]
    return tuple(sorted(found, key=lambda one: (one.at, len(one.id), one.id))), unread


def _called(trigger: Trigger) -> str:
    return trigger.comment if is_mark(trigger.comment) else f"comment {trigger.comment}"


def _for_carrier(command: Command, fields: Sequence[DeadlineField]) -> bool:
    """Tell whether a command can be about the carrier: others of the same comment are the issue's."""
    own = {field.id for field in fields}
    if command.word == "ask":
        return command.field in own
    return command.word in ANSWERING and command.field in ("", *own)


def _rights(
    promise: IssueState,
    written: Sequence[Written],
    movers: Iterable[Person],
    tracker: Tracker,
    policies: Collection[str],
) -> dict[str, Rights]:
    """Check, live, what those who moved it or answered may do; and of whom others' yes depends."""
    where = {one.author: one.issue for one in written}

    def product(person: Person) -> frozenset[str]:
        return frozenset(one for one in policies if tracker.in_product(promise.subject, person, one))

    member = {person: product(person) for person in (*where, *movers)}
    if any(member.values()):
        earlier = {person for proposal in promise.open_proposals() for person in proposal.people()}
        member |= {person: product(person) for person in earlier - member.keys()}
    overriding = {one.author for one in written if one.command.word == "override" and not one.command.near}

    def override(person: Person, issue: Subject | None) -> frozenset[str]:
        if issue is None or person not in overriding:
            return frozenset()
        return frozenset(one for one in policies if tracker.may_override(issue, person, one))

    return {
        person.id: Rights(
            may_link=_may_link(tracker, where.get(person), person),
            product=product_of,
            override=override(person, where.get(person)),
        )
        for person, product_of in member.items()
    }


def _may_link(tracker: Tracker, issue: Subject | None, person: Person) -> bool:
    return issue is not None and tracker.may_link(issue, person)
