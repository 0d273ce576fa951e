"""Nouns with sensible defaults, so that a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from automation.domain import changes
from automation.model import (
    NOTHING,
    Command,
    Commitment,
    Deal,
    Effect,
    Event,
    Evidence,
    Facts,
    FieldState,
    Intent,
    Issue,
    IssueState,
    Link,
    Mode,
    Person,
    Proposal,
    Rights,
    RulesText,
    Say,
    SetDeadline,
    Sighting,
    Status,
    Subject,
    Value,
    Written,
)

NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
ISSUE = Subject("github", "issue", "acme/shop#12")


def deal(key: str) -> Subject:
    """Return which deal is meant by a key of the one CRM that most tests know."""
    return Subject("jira", "deal", key)


DEAL = Deal(
    deal("SALES-7"),
    "Borealis Ltd, 300 seats",
    "https://jira.example/browse/SALES-7",
    closes=date(2027, 3, 20),
)

LEE = Person("github", "101", "lee")
SAM = Person("github", "102", "sam")
MONA = Person("github", "103", "mona")
OMAR = Person("github", "104", "omar")
STRANGER = Person("github", "666", "stranger")

RIGHTS = {
    LEE.id: Rights(may_link=True),
    SAM.id: Rights(may_link=True),
    MONA.id: Rights(may_link=True, product=frozenset({"product"})),
    OMAR.id: Rights(may_link=True, product=frozenset({"product"})),
}

WINTER = Value("1", date(2027, 1, 31), "Winter release")
SPRING = Value("2", date(2027, 3, 1), "Spring release")
SUMMER = Value("3", date(2027, 4, 15), "Summer release")
UNDATED = Value("9", None, "Some day")


def issue(milestone: Value = NOTHING, **changes: Any) -> Issue:
    known = Issue(
        subject=ISSUE,
        url="https://github.example/acme/shop/issues/12",
        title="Single sign-on",
        body="One login for all.",
        open=True,
        public=False,
        labels=(),
        deadlines={"milestone": milestone},
    )
    return replace(known, **changes)


def facts(milestone: Value = NOTHING, *written: Written, by: Person | None = None, **changes: Any) -> Facts:
    """Facts where the tracker holds ``milestone``, last set ``by`` somebody."""
    known = Facts(
        issue=issue(milestone),
        written=written,
        rights=RIGHTS,
        evidence={"milestone": Evidence(by, NOW)} if by else {},
        deals={DEAL.subject: DEAL},
        carriers={"milestone": (WINTER, SPRING, SUMMER)},
    )
    return replace(known, **changes)


def looked(before: IssueState, seen: Facts) -> Facts:
    """Say of facts what is news in them, as the reading of them does."""
    news = changes.news(before, seen.issue, seen.mentioned)
    return replace(seen, news=replace(news, moves=changes.moves_of_others(before, seen.history)))


def state(
    standing: Value = NOTHING, *, linked: bool = True, proposals: tuple[Proposal, ...] = (), **field: Any
) -> IssueState:
    status = Status.INHERITED if standing else Status.EMPTY
    known = FieldState(standing=standing, status=status)
    return IssueState(
        subject=ISSUE,
        version=5,
        fields={"milestone": replace(known, **field)},
        links=(Link(DEAL.subject, SAM, NOW - timedelta(days=3)),) if linked else (),
        proposals=proposals,
    )


def commitment(value: Value = WINTER, **changes: Any) -> Commitment:
    known = Commitment(value, "product", (MONA,), NOW - timedelta(days=2), verified=True)
    return replace(known, **changes)


def proposal(value: Value = SPRING, old: Value = NOTHING, **changes: Any) -> Proposal:
    known = Proposal(
        id="p1",
        field="milestone",
        policy="product",
        old=old,
        value=value,
        asked_by=LEE,
        asked_at=NOW - timedelta(hours=2),
        answer_by=date(2027, 1, 14),
        shown_at=NOW - timedelta(hours=1),
    )
    return replace(known, **changes)


def wrote(author: Person, word: str, comment: str = "c1", **command: Any) -> Written:
    edited, at = command.pop("edited", False), command.pop("at", NOW)
    named = command.get("deal", "")
    meant = deal(named) if named.startswith("SALES-") else None
    return Written(Command(word, **command), comment, author, at, edited, deal=meant)


def say(message: str = "date-held", name: str = "deadline.changed", **event: Any) -> Say:
    return Say(message, Event(name, NOW, **event), "a rule", "rules/deadlines.yaml:12")


RULES = RulesText("rules", "digest", {"rules.yaml": "mode: enforce"})


def sighting(state: IssueState, facts: Facts, **changes: Any) -> Sighting:
    """What a pass saw: by default in mode enforce, with nothing under way."""
    since = datetime.min.replace(tzinfo=UTC)
    return replace(Sighting(state, {}, facts, Mode.ENFORCE, NOW, since, RULES), **changes)


def effect(intent: Intent | None = None, key: str = "e1", **changes: Any) -> Effect:
    """An effect on the issue, by default one that sets the spring release back to nothing."""
    known = Effect(key, ISSUE, ISSUE, intent or SetDeadline("milestone", SPRING, NOTHING, "restore"))
    return replace(known, **changes)
