"""What people read when the scope changes, or when a link ends."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from automation.adapters.github.markup import encode
from automation.rulebook.messages.messages import Messages
from automation.rulebook.variables import Message, PairVars, ScopeVars

TODAY = date(2027, 1, 12)

AGREED = {"at_risk": False}
RECHECKED = {"at_risk": True}
NO_DATE = {"committed": "", "at_risk": False}

CHANGE = ScopeVars(
    added=("Passkeys for admins",),
    removed=("Reset by post",),
    changed=(PairVars("Sessions end after 30 days", "Sessions end after 90 days"),),
    title=PairVars("SSO", "Single sign-on"),
)
MUCH = ScopeVars(
    added=tuple(f"wish {n}" for n in range(7)),
    removed=tuple(f"part {n}" for n in range(6)),
    changed=tuple(PairVars(f"{n} seats", f"{n}0 seats") for n in range(9)),
)

Say = Callable[..., str]


@pytest.fixture
def say(shipped: Messages, situation: Callable[..., Message]) -> Say:
    """Return a message as people see it, of a situation and a change of scope."""

    def rendered(name: str, audience: str, scope: ScopeVars = CHANGE, **of: object) -> str:
        view = dataclasses.replace(situation(**of), scope=scope)
        text = shipped.render(name, audience, view, encode=encode, today=TODAY)
        return text.replace("\\", "").replace("\u200b", "")

    return rendered


def every(say: Say, *audiences: str) -> Iterator[str]:
    scopes = (CHANGE, MUCH, dataclasses.replace(CHANGE, title=PairVars()), ScopeVars(title=CHANGE.title))
    for name, audience, scope, dates, public, deals in itertools.product(
        ("scope-changed", "unlinked"),
        audiences,
        scopes,
        (AGREED, RECHECKED, NO_DATE),
        (True, False),
        (0, 1, 4),
    ):
        if (name, audience, public) == ("unlinked", "issue", True):
            continue  # nothing is said there
        yield say(name, audience, scope, **dates, public=public, deals=deals)


def test_they_are_short_and_whole(say: Say) -> None:
    for text in every(say, "issue", "deals"):
        own = [line for line in text.splitlines() if not line.startswith("- ")]
        assert len(" ".join(own).split()) < 75, text
        assert re.match(r"\*\*[^*\n]+\*\*\n\n\S", text), text
        assert not re.search(r"  |\n\n\n| [.,;:]|\(\)| $|^- $", text, re.MULTILINE), text


def test_an_ordinary_change_is_told_in_under_90_words(say: Say) -> None:
    for audience, dates in itertools.product(("issue", "deals"), (AGREED, RECHECKED, NO_DATE)):
        assert len(say("scope-changed", audience, **dates).split()) < 90


def test_what_changed_is_listed_item_by_item(say: Say) -> None:
    issue = say("scope-changed", "issue")
    assert re.findall("^- .+$", issue, re.MULTILINE) == [
        "- Title: SSO → Single sign-on",
        "- Added: Passkeys for admins",
        "- Changed: Sessions end after 30 days → Sessions end after 90 days",
        "- Removed: Reset by post",
    ]
    assert re.findall("^- .+$", say("scope-changed", "deals"), re.MULTILINE) == [
        "- New name: “Single sign-on” (was: “SSO”)",
        "- New: “Passkeys for admins”",
        "- Now: “Sessions end after 90 days” (was: “Sessions end after 30 days”)",
        "- No longer: “Reset by post”",
    ]


def test_much_is_counted_and_not_listed(say: Say) -> None:
    issue, deal = say("scope-changed", "issue", MUCH), say("scope-changed", "deals", MUCH)
    assert [issue.count(word) for word in ("Added", "Removed", "Changed")] == [5, 5, 5]
    assert "- and seven more" in issue
    assert [deal.count(word) for word in ("New:", "No longer:", "Now:")] == [3, 3, 3]
    assert "- and 13 more points" in deal


def test_a_long_item_is_cut(say: Say) -> None:
    assert f"- Added: {'x' * 79}…\n" in say("scope-changed", "issue", ScopeVars(added=("x" * 300,)))


def test_what_was_typed_stays_words(shipped: Messages, situation: Callable[..., Message]) -> None:
    typed = "@anna [x](https://evil.example) #1 <b>\n/signoff 2027-03-01"
    scope = ScopeVars((typed,), (typed,), (PairVars(typed, typed),), PairVars(typed, typed))
    for audience in ("issue", "deals"):
        view = dataclasses.replace(situation(), scope=scope)
        text = shipped.render("scope-changed", audience, view, encode=encode, today=TODAY)
        assert not re.search(r"@anna|\]\(http|#1|<b>|^/signoff", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (AGREED, ["what will be delivered", "1 March stands as agreed.", "It stays planned for early March"]),
        (RECHECKED, ["what will be delivered", "don't repeat it", "We're rechecking the date"]),
        (NO_DATE, ["what is asked for", "please give none", "something is no longer part of it"]),
    ],
)
def test_sales_hears_whether_the_date_stands(say: Say, dates: dict[str, object], expected: list[str]) -> None:
    text = say("scope-changed", "deals", **dates)
    assert [part for part in expected if part not in text] == []


ADDED, REMOVED = ScopeVars(added=CHANGE.added), ScopeVars(removed=CHANGE.removed)
CHANGED = ScopeVars(changed=CHANGE.changed)


@pytest.mark.parametrize(
    ("scope", "heading", "line"),
    [
        (ADDED, "more will be delivered than before", "We've worked out more of ‘Single sign-on’."),
        (REMOVED, "less will be delivered than before", "We've taken something out of ‘Single sign-on’."),
        (CHANGED, "what will be delivered has changed", "We've changed some details of ‘Single sign-on’."),
        (
            ScopeVars(title=CHANGE.title),
            "it has another name now",
            "We have a new name for what you asked for",
        ),
        (
            dataclasses.replace(ADDED, removed=REMOVED.removed),
            "what will be delivered has changed",
            "We've changed ‘Single sign-on’, and something is no longer part of it.",
        ),
    ],
)
def test_what_went_is_not_told_as_progress(say: Say, scope: ScopeVars, heading: str, line: str) -> None:
    text = say("scope-changed", "deals", scope, **AGREED)
    assert text.startswith(f"**“Single sign-on”: {heading}**")
    assert f'customer:** "{line}' in text and "It stays planned for early March." in text
    assert (scope == ADDED) == ("worked out more" in text)


def test_what_is_not_for_customers_is_counted_and_where_that_is_all_there_is_no_line_to_forward(
    say: Say,
) -> None:
    some = say("scope-changed", "deals", dataclasses.replace(ADDED, more_removed=2), **AGREED)
    assert "- and two more points\n" in some and "Two of these are worded for colleagues only" in some
    assert "something is no longer part of it" in some

    none = say("scope-changed", "deals", ScopeVars(more_added=1), **NO_DATE)
    assert "**“Single sign-on”: more is asked for than before**" in none
    assert "One point is worded for colleagues only, so ask product" in none
    assert "customer:**" not in none and "- " not in none

    assert say("scope-changed", "deals", ScopeVars()) == "", "only tags of the title were changed"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (AGREED, ["1 March stands until product releases it", "is planned for early March"]),
        (RECHECKED, ["1 March is still being rechecked", "don't repeat it"]),
        (NO_DATE, ["please give none", "If this is a mistake"]),
    ],
)
def test_a_promise_outlives_its_link(say: Say, dates: dict[str, object], expected: list[str]) -> None:
    text = say("unlinked", "deals", **dates)
    assert text.startswith("**“Single sign-on”: no longer connected to this deal**")
    assert [part for part in expected if part not in text] == []


def test_engineers_hear_whether_dates_go_on_waiting(say: Say) -> None:
    assert "1 March still stands" in say("unlinked", "issue", **AGREED)
    assert "Two deals still count on this" in say("unlinked", "issue", **NO_DATE)
    assert "no longer wait for product" in say("unlinked", "issue", **NO_DATE, deals=0)


def test_sales_gets_a_line_to_forward_wherever_there_is_one_and_no_jargon(say: Say) -> None:
    for text in every(say, "deals"):
        _, _, line = text.partition("**What you can tell the customer:** ")
        nothing_to_forward = "no longer connected" in text and "No date is agreed" in text
        assert re.fullmatch("" if nothing_to_forward else r'"[^"\n]+[.?]"', line), text
        assert not re.search(
            r"scope|milestone|ticket|issue|revert|status|webhook|PROD-7|https?:", text, re.IGNORECASE
        ), text


def test_strangers_read_nothing_of_deals(say: Say) -> None:
    for name, dates in itertools.product(("scope-changed", "unlinked"), (AGREED, RECHECKED, NO_DATE)):
        public, private = (say(name, "issue", **dates, public=public) for public in (True, False))
        assert not re.search(r"\b(deals?|customers?|sales)\b|SALES-\d|rules/", public, re.IGNORECASE)
        assert "eal" in private or (name == "unlinked" and dates is not NO_DATE)
