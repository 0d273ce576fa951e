from __future__ import annotations

import dataclasses
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

import pytest
from allpairspy import AllPairs
from markdown_it import MarkdownIt

from automation.adapters.github.markup import encode
from automation.domain.commands import parse
from automation.rulebook.messages.messages import Messages
from automation.rulebook.variables import ChoiceVars, Message, MovedVars, SetbackVars

pytestmark = pytest.mark.no_cover  # the same lines thousands of times: measuring takes as long again

Situation = Callable[..., Message]
Situations = Callable[..., Iterator[Message]]

TODAY = date(2027, 1, 12)

BOTH_SIDES = {
    "linked",
    "unlinked",
    "scope-changed",
    "date-moved",
    "date-agreed",
    "date-declined",
    "date-withdrawn",
    "date-not-agreed",
    "date-expired",
    "date-overridden",
    "moved",
}
TO_ISSUES = {
    "dropped",
    "date-due",
    "reply-agreed-again",
    "date-held",
    "date-overdue",
    "date-wanted",
    "label-stays",
    "reply-cannot-check",
    "reply-discovery-first",
    "reply-edited",
    "reply-nearly",
    "reply-may-not-override",
    "reply-overridden",
    "reply-override-by-hand",
    "reply-past",
    "reply-problem-noted",
    "reply-said-elsewhere",
    "reply-more-needed",
    "reply-no-carrier",
    "reply-not-product",
    "reply-named",
    "reply-noted",
    "reply-not-yours",
    "reply-nothing-waits",
    "reply-set-it-yourself",
    "reply-unclear",
    "reply-too-many-deals",
    "reply-unknown-deal",
    "reply-unnamed",
    "reply-user-noted",
    "reply-which",
}
TO_DEALS = {"closed", "date-unconfirmed", "date-asked", "reopened"}
NOT_IN_PUBLIC = {("linked", "issue"), ("unlinked", "issue")}
"""What says nothing there: strangers must not learn which deals there are."""

CHANGES = {
    "date-agreed": {"set"},
    "date-due": {"set"},
    "date-unconfirmed": {"set"},
    "date-moved": {"earlier", "later", "cleared", "other"},
}
"""The kinds of change that a message is about, where these are not all."""

CASES = (
    {"kind": "set", "old": "", "committed": "", "at_risk": False},
    {"kind": "set", "old": "", "committed": "2027-02-01", "at_risk": False},
    {"kind": "earlier", "new": "2027-02-01", "at_risk": False},
    {"kind": "later"},
    {"kind": "later", "new": "2027-03-02"},
    {"kind": "later", "committed": "", "at_risk": False},
    {"kind": "cleared", "new": ""},
    {"kind": "cleared", "new": "", "committed": "", "at_risk": False},
    {"kind": "other", "new": "2027-03-01"},
    {"kind": "", "old": "", "new": "", "committed": "", "at_risk": False},
    *(
        {**passed, "question": "1 March 2026 has passed; did you mean 2027?"}
        for passed in (
            {"kind": "earlier", "new": "2026-03-01", "at_risk": False},
            {"kind": "set", "old": "", "new": "2026-03-01", "committed": "", "at_risk": False},
        )
    ),
    {"kind": "later", "committed": "2026-03-01"},
)
"""The kinds of change."""

LINK = re.compile(r"\]\(<[^<>]*>\)")
WITHOUT_A_CHANGE = {"closed", "dropped", "label-stays", "moved", "reopened"}
ENDINGS = {"closed", "dropped", "linked", "unlinked"}
"""The messages that are about closed issues, too."""

NAMES = ("Signing in with the company account on every device", "“Single sign-on”", "what you asked for")
"""What deals call an issue: a name for customers, a title, or neither."""
MISSING = ((), ("problem",), ("problem", "user"), ("user",))
"""What the checklist of discovery asks for."""
CHOICE = ChoiceVars("Product sign-off", "Approved")
WAYS = (
    ((), (), ()),
    (("date-agreed",), (), (CHOICE,)),
    ((), ("Ready to promise",), ()),
    (("date-agreed",), ("Agreed",), (CHOICE, ChoiceVars("Word", "Yes"))),
)
"""Labels, statuses and fields by which product may agree, too."""
RELEASES = ("", "2.4", "Spring release", "v2", "")

NOT_FOR_SALES = re.compile(
    r"webhook|milestone|ticket|\bissue|revert|handshake|github|jira|status|due date|PROD-7|SALES-|/signoff"
    r"|\d{4}-\d\d|https?:|mid-$",
    re.IGNORECASE,
)
NOT_FOR_STRANGERS = re.compile(r"\b(deals?|customers?|sales|CRM|ACME)\b|canary|https?:|rules/")


@functools.cache
def say(shipped: Messages, name: str, audience: str, view: Message) -> str:
    text = shipped.render(name, audience, view, encode=encode, today=TODAY)
    return text.replace("\\", "").replace("\u200b", "")


@pytest.fixture
def situations(situation: Situation, request: pytest.FixtureRequest) -> Situations:
    """Views of a message for all that can be the case: any two things together, with ``--thorough`` any."""
    cells = _every_cell if request.config.getoption("--thorough") else _pairs

    def views(name: str, /, **fixed: object) -> Iterator[Message]:
        kinds = [change for change in CASES if _fits(name, str(change["kind"]))]
        endings = ("", "done", "dropped", "closed") if name in ENDINGS else ("",)
        together = (kinds, (True, False), (True, False), ("@anna", ""), (0, 1, 5), endings)
        alone = (NAMES, ("acme/product", ""), RELEASES, MISSING, WAYS)
        for cell in cells(together, alone):
            yield _view(situation, name, cell, fixed)

    return views


def _pairs(together: Sequence[Sequence[object]], alone: Sequence[Sequence[object]]) -> Iterator[tuple]:
    values = [*together, *alone]
    for places in _paired(*map(len, values)):
        yield tuple(each[place] for each, place in zip(values, places, strict=True))


@functools.cache
def _paired(*sizes: int) -> tuple[tuple[int, ...], ...]:
    """Return where the values stand that go together, worked out once: it takes longer than to render."""
    return tuple(tuple(cell) for cell in AllPairs([range(size) for size in sizes]))


def _every_cell(together: Sequence[Sequence[object]], alone: Sequence[Sequence[object]]) -> Iterator[tuple]:
    """What does not decide anything together goes by turns, lest this take for ever."""
    turns = zip(*(itertools.cycle(each) for each in alone), strict=True)
    return (cell + turn for cell, turn in zip(itertools.product(*together), turns, strict=False))


def _view(situation: Situation, name: str, cell: tuple, fixed: Mapping[str, object]) -> Message:
    change, held, counter, mention, deals, ends, called, group, release, missing, ways = cell
    labels, statuses, choices = ways
    made = situation(
        **{
            **change,
            "held": held,
            "counter": counter,
            "group": group,
            "mention": mention,
            "because": "because" if held else "",
            "deals": deals,
            "name": None if name == "scope-changed" else called,
            "ends": ends,
            "release": release if ends == "done" else "",
            "further": counter,
            "missing": missing,
            "labels": labels,
            "statuses": statuses,
            "choices": choices,
            "ask_user": held,
            "shows": change.get("new", "2027-04-15") if counter else None,
            **fixed,
        }
    )
    unseen = {"gone": held, "found": not held} if counter else {}
    moved = MovedVars("acme/shop#12", "acme/store", away=held, **unseen)
    return replace(made, moved=moved) if name == "moved" else made


def _fits(name: str, kind: str) -> bool:
    if name in CHANGES:
        return kind in CHANGES[name]
    if name in WITHOUT_A_CHANGE:
        return True
    return kind != "" or name.startswith(("linked", "reply-"))


def test_every_message_that_is_sent_is_there(shipped: Messages) -> None:
    assert shipped.names == {(name, "issue") for name in BOTH_SIDES | TO_ISSUES} | {
        (name, "deals") for name in BOTH_SIDES | TO_DEALS
    }


def test_every_message_is_short_and_has_a_title(shipped: Messages, situations: Situations) -> None:
    for name, audience in shipped.names:
        for public in (True, False):
            for view in situations(name, public=public):
                text = say(shipped, name, audience, view)
                if public and (name, audience) in NOT_IN_PUBLIC:
                    assert text == ""
                    continue
                assert len(text.split()) < 90, text
                title, _, rest = text.partition("\n\n")
                assert re.fullmatch(r"\*\*[^*\n]+\*\*", title), text
                assert rest, text
                assert not re.search(
                    r"  |\n\n\n| [.,;:](?!-)|\(\)|\*\*\*|undefined| $|no date no date"
                    r"|(?<!asked )\bfor[.:;,?!]|“”|‘’"
                    r"|\b(by|to|from|than|of|in|until|repeat|using|shows|with)[.:;,?!]",
                    text,
                ), text
                assert not re.search(r"(?:^|[.?!] |\*\*|\")[a-z](?!AML)", _sentences(text)), text


def test_sales_reads_no_keys_and_no_words_of_engineers(shipped: Messages, situations: Situations) -> None:
    for name, audience in shipped.names:
        if audience == "deals":
            for view in situations(name):
                text = say(shipped, name, audience, view)
                # Where the work is now can be told by its address only.
                text = LINK.sub("]", text) if name == "moved" else text
                assert not NOT_FOR_SALES.search(text), text


ANSWERS = {"date-agreed", "date-declined", "date-moved", "date-withdrawn"}
"""What these tell of is over, so that nothing is at risk any more."""
NOTHING_TO_FORWARD = re.compile(r"no longer connected.*(No date is agreed|available all the same)", re.DOTALL)


def test_sales_gets_a_line_to_forward_wherever_there_is_one(
    shipped: Messages, situations: Situations
) -> None:
    for name, audience in shipped.names:
        if audience == "deals":
            for view in situations(name):
                text = say(shipped, name, audience, view)
                _, _, line = text.partition("**What you can tell the customer:** ")
                wanted = "" if NOTHING_TO_FORWARD.search(text) else r'"[^"\n]+[.?]"'
                assert re.fullmatch(wanted, line), text


def test_what_can_be_forwarded_is_for_customers(shipped: Messages, situations: Situations) -> None:
    """It names no person, no deal, nobody's close, and says nothing that was not agreed."""
    for name, audience in shipped.names:
        if audience == "deals":
            for view in situations(name):
                view = _replaced(view, answer=type(view.answer)(by="Canary", counter=view.answer.counter))
                text = say(shipped, name, audience, view)
                _, _, line = text.partition("**What you can tell the customer:** ")
                assert not re.search(r"Canary|Ben|deal|close|product agreed|internal|/user", line), text
                assert "“" not in line, text
                if view.commitment.at_risk and name not in ANSWERS:
                    assert " planned for " not in line, text


def test_no_reason_reaches_a_deal(shipped: Messages, situation: Situation) -> None:
    for name, audience in shipped.names:
        if audience == "deals":
            view = situation("Export")
            secret = type(view.answer)(by="Anna", because="canary", counter=True)
            text = say(shipped, name, audience, _replaced(view, answer=secret))
            assert "canary" not in text


def test_strangers_read_nothing_of_deals(shipped: Messages, situations: Situations) -> None:
    for name, audience in shipped.names:
        if audience == "issue":
            for view in situations(name, public=True):
                text = say(shipped, name, audience, _with_canaries(view))
                assert not NOT_FOR_STRANGERS.search(text), text


def test_on_a_private_issue_the_canaries_would_be_seen(shipped: Messages, situation: Situation) -> None:
    assert "canary" in say(shipped, "linked", "issue", _with_canaries(situation(public=False)))


def test_a_refusal_holds_the_command_to_paste(shipped: Messages, situation: Situation) -> None:
    for public, held in itertools.product((True, False), repeat=2):
        view = situation(public=public, held=held)
        text = shipped.render("date-held", "issue", view, encode=encode, today=TODAY)
        lines = [
            token.children[0].content
            for token in MarkdownIt("commonmark").parse(text)
            if token.children and [child.type for child in token.children] == ["code_inline"]
        ]
        (command,) = parse(lines, "github", TODAY)
        assert (command.word, command.day, command.problem) == ("signoff", date(2027, 4, 15), "")


def test_a_refusal_teaches(shipped: Messages, situation: Situation) -> None:
    text = say(shipped, "date-held", "issue", situation("Anna", mention="@anna", deals=2))
    assert text.startswith("**Due date kept at 1 March; 15 April waits for product**")
    for part in (
        "Two deals rely",
        "@anna",
        "Thursday, 14 January",
        "acme/product",
        "sales has been asked not to",
    ):
        assert part in text
    assert "Rule: dates wait for product (rules/deadlines.yaml:11)" in text


@pytest.mark.parametrize("name", ["date-held", "date-wanted"])
def test_whoever_is_asked_reads_by_what_else_they_may_agree(
    shipped: Messages, situation: Situation, name: str
) -> None:
    ways = {"labels": ("date-agreed",), "statuses": ("Ready", "Agreed"), "choices": (CHOICE,)}
    for question in ("", "1 March 2026 has passed; did you mean 2027?"):
        text = say(shipped, name, "issue", situation(question=question, **ways))
        assert ("Or label it `date-agreed`." in text) is (not question)
        assert ("Or give it the status “Ready” or “Agreed”." in text) is (not question)
        assert ("Or set “Product sign-off” to “Approved”." in text) is (not question)
    assert "Or " not in say(shipped, name, "issue", situation())


def test_a_first_date_is_kept_back_too(shipped: Messages, situation: Situation) -> None:
    view = situation("", kind="set", old="", committed="", at_risk=False)
    text = say(shipped, "date-held", "issue", view)
    assert text.startswith("**Due date stays empty; 15 April waits for product**")


def test_a_date_that_was_let_through_is_called_not_agreed(shipped: Messages, situation: Situation) -> None:
    text = say(shipped, "date-held", "issue", situation(held=False))
    assert text.startswith("**Due date changed to 15 April; product has not agreed yet**")
    assert "saved" not in text


RIGHT = "Handshake's account may not change the milestone here. Give it write access to acme/shop."


@pytest.mark.parametrize("kind", ["refused", "failed", "limit"])
@pytest.mark.parametrize("why", ["restore", "apply"])
def test_a_date_that_could_not_be_set_is_named_on_both_sides_and_the_right_only_on_the_issue(
    shipped: Messages, situations: Situations, kind: str, why: str
) -> None:
    setback = SetbackVars(kind, why, RIGHT if kind == "refused" else "")
    for view in situations("date-not-agreed", setback=setback):
        issue = say(shipped, "date-not-agreed", "issue", view)
        deal = say(shipped, "date-not-agreed", "deals", view)
        assert issue.startswith("**Due date "), issue
        assert "** " not in issue.partition("\n")[2], "nothing is left open or empty"
        assert (RIGHT in issue) is (kind == "refused")
        assert not NOT_FOR_SALES.search(deal), deal
        assert "people are sorting" in deal
        assert len(issue.split()) < 90 > len(deal.split()), issue
        assert not re.search(r"\b(the|use|repeat|to|for)[ .]*$|  |\bshow[s ]*\.", issue, re.MULTILINE), issue


@pytest.mark.parametrize(
    ("view", "issue", "deal"),
    [
        (
            {"kind": "set", "old": "", "committed": "", "at_risk": False},
            ("Due date shows 15 April, but product has not agreed",),
            ("please don't use 15 April", "Please give no date for now."),
        ),
        (
            {"kind": "earlier", "new": "2027-02-01", "at_risk": False},
            ("Due date shows 1 February", "It should show 1 March"),
            ("please don't use 1 February", "1 March still stands."),
        ),
        (
            {"kind": "cleared", "new": ""},
            ("but product has not agreed", "It should show 1 March"),
            ("please give no date", "Please don't repeat 1 March either."),
        ),
        (
            {"kind": "other", "new": "2027-03-01"},
            ("Due date shows Single sign-on",),
            ("1 March is being confirmed again", "the date itself is unchanged"),
        ),
    ],
)
def test_what_shows_and_what_should_is_said_as_dates(
    shipped: Messages,
    situation: Situation,
    view: dict[str, object],
    issue: tuple[str, ...],
    deal: tuple[str, ...],
) -> None:
    seen = situation(setback=SetbackVars("refused", "restore", RIGHT), **view)
    assert all(part in say(shipped, "date-not-agreed", "issue", seen) for part in issue)
    assert all(part in say(shipped, "date-not-agreed", "deals", seen) for part in deal)


def test_a_date_that_product_signed_and_nobody_could_set_is_not_called_unagreed(
    shipped: Messages, situation: Situation
) -> None:
    view = {"kind": "cleared", "old": "2027-03-01", "new": "", "at_risk": False}
    seen = situation(setback=SetbackVars("refused", "apply", RIGHT), **view)
    issue, deal = (say(shipped, "date-not-agreed", audience, seen) for audience in ("issue", "deals"))
    assert "Due date could not be set to 1 March, though product agreed" in issue
    assert "As soon as it shows 1 March, that counts as agreed" in issue
    assert "@anna, please set it by hand" in issue
    assert "please don't use 1 March yet" in deal
    withdrawn = situation(
        setback=SetbackVars("refused", "apply"),
        kind="set",
        old="",
        new="2027-03-01",
        committed="",
        at_risk=False,
    )
    assert "could not be emptied" in say(shipped, "date-not-agreed", "issue", withdrawn)
    assert "please stop using 1 March" in say(shipped, "date-not-agreed", "deals", withdrawn)


@pytest.mark.parametrize(
    ("view", "title", "parts"),
    [
        (
            {"kind": "set", "old": "", "committed": "", "at_risk": False},
            "**“Single sign-on”: 15 April is requested, not agreed**",
            ["Thursday, 14 January", "please give no date", "whom may product call?", "`/user "],
        ),
        ({}, "**“Single sign-on”: 1 March is being rechecked**", ["please don't repeat 1 March"]),
        (
            {"kind": "cleared", "new": "", "committed": "", "at_risk": False},
            "**“Single sign-on”: still no date to give**",
            ["please give no date", "We've passed on your request"],
        ),
        (
            {"kind": "cleared", "new": "", "committed": "2026-03-01"},
            "**The date for “Single sign-on” is being rechecked**",
            ["please give no date"],
        ),
        (
            {"kind": "earlier", "new": "2027-02-01", "at_risk": False},
            "**“Single sign-on”: 1 March still stands**",
            [
                "Another date, 1 February, was asked for, and is not agreed.",
                "‘Single sign-on’ stays planned for early March.",
                "We've asked whether another date is possible.",
            ],
        ),
    ],
)
def test_sales_hears_what_was_asked(
    shipped: Messages, situation: Situation, view: dict[str, object], title: str, parts: list[str]
) -> None:
    text = say(shipped, "date-asked", "deals", situation(**view))
    assert text.startswith(title)
    assert all(part in text for part in parts), text


def test_sales_hears_when_a_date_crosses_the_close_of_the_deal(
    shipped: Messages, situation: Situation
) -> None:
    later = say(shipped, "date-moved", "deals", situation())
    assert later.startswith("**“Single sign-on” moves from 1 March to 15 April**")
    assert "It lands 26 days after this deal's expected close." in later
    assert "now planned for mid-April instead of early March" in later
    earlier = say(shipped, "date-moved", "deals", situation(old="2027-04-15", new="2027-03-01"))
    assert "It now lands before this deal's expected close." in earlier
    unknown = say(shipped, "date-moved", "deals", situation(closes=""))
    assert "expected close" not in unknown


def test_a_move_too_small_for_customers_is_not_told_them(shipped: Messages, situation: Situation) -> None:
    text = say(shipped, "date-moved", "deals", situation(new="2027-03-05"))
    assert 'tell the customer:** "‘Single sign-on’ is still planned for early March."' in text


def test_a_counter_offer_is_told_as_one(shipped: Messages, situation: Situation) -> None:
    view = _replaced(situation(counter=True, new="2027-05-03"), proposal=situation().proposal)
    assert "15 April was asked for. Product offers 3 May" in say(shipped, "date-agreed", "deals", view)
    assert "product offers 3 May instead of 15 April" in say(shipped, "date-agreed", "issue", view)
    assert "15 April was asked for" in say(shipped, "date-moved", "deals", view)
    assert "15 April was asked for" in say(shipped, "date-moved", "issue", view)


def test_after_a_no_the_agreed_date_stands(shipped: Messages, situation: Situation) -> None:
    stands = say(shipped, "date-declined", "deals", situation(at_risk=False))
    assert stands.startswith("**“Single sign-on”: 1 March still stands**\n\n15 April was asked for.")
    assert "You can go on using 1 March." in stands
    assert "stays planned for early March" in stands
    none = say(shipped, "date-declined", "deals", situation(committed="", at_risk=False))
    assert "Please give no date for now." in none
    overridden = say(shipped, "date-declined", "deals", situation())  # another date stands by an override
    assert "stands" not in overridden and "Please give no date for now." in overridden


@pytest.mark.parametrize(
    ("view", "title"),
    [
        ({"at_risk": False}, "agreed for 1 March"),
        ({"at_risk": True}, "the date is being rechecked"),
        ({"committed": "", "at_risk": False}, "planned, not for customers"),
        ({"committed": "", "at_risk": False, "new": ""}, "not planned yet"),
    ],
)
def test_a_linked_deal_hears_the_truth_as_it_stands(
    shipped: Messages, situation: Situation, view: dict[str, object], title: str
) -> None:
    text = say(shipped, "linked", "deals", situation(**view))
    assert text.startswith(f"**“Single sign-on”: {title}**")
    if "agreed" not in title:
        assert "give no date" in text


@pytest.mark.parametrize(
    ("ends", "title"),
    [
        ("done", "available"),
        ("dropped", "will not be built in this form"),
        ("closed", "closed, and nobody has said how it ended"),
    ],
)
@pytest.mark.parametrize("name", ["linked", "closed"])
def test_what_is_closed_is_told_as_what_it_is(
    shipped: Messages, situation: Situation, name: str, ends: str, title: str
) -> None:
    text = say(shipped, name, "deals", situation("Ana", ends=ends, release="2.4", name="what you asked for"))
    assert text.startswith(f"**What you asked for: {title}**")
    assert "planned" not in text
    assert "Ana" in text, "somebody to talk to"
    assert ("(release: “2.4”)" in text) is (ends == "done")
    assert "2.4" not in text.partition("tell the customer")[2], "when it reaches them is for people to say"


def test_a_date_that_comes_earlier_is_good_news(shipped: Messages, situation: Situation) -> None:
    view = situation(kind="earlier", old="2027-03-01", new="2027-02-01", name="Single sign-on")
    text = say(shipped, "date-moved", "deals", view)
    assert text.startswith("**Single sign-on comes earlier: 1 February instead of 1 March**\n\nGood news")
    assert "Please stop" not in text
    assert "brought forward from 1 March to 1 February" in say(shipped, "date-moved", "issue", view)


def test_a_plan_that_stood_before_is_not_called_work(shipped: Messages, situation: Situation) -> None:
    text = say(shipped, "linked", "deals", situation(committed="", at_risk=False))
    assert "working on it" not in text
    assert "We've passed on your request" in text


def test_whom_product_may_call_is_asked_until_somebody_has_said(
    shipped: Messages, situation: Situation
) -> None:
    for view in ({"kind": "set", "old": "", "committed": "", "at_risk": False}, {"at_risk": False}):
        asked = say(shipped, "date-asked", "deals", situation(**view))
        assert "whom may product call? Answer under the request: `/user " in asked
        assert "call" not in say(shipped, "date-asked", "deals", situation(ask_user=False, **view))


def test_nobody_but_who_asked_is_said_to_have_asked(shipped: Messages, situations: Situations) -> None:
    for name, audience in shipped.names:
        if audience == "deals":
            for view in situations(name, name="Single sign-on"):
                text = say(shipped, name, audience, view)
                assert not re.search(r"\byou('ve| have)? (asked|want)", text, re.IGNORECASE), text


def test_where_all_may_read_along_the_deal_is_shown_where(shipped: Messages, situation: Situation) -> None:
    for public in (True, False):
        text = say(shipped, "linked", "deals", situation(public=public))
        assert ("Follow it here: [https://jira.example/7](<https://jira.example/7>)" in text) is public


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ({"kind": "set", "old": "", "deals": 1}, "One deal asked for this, so product confirms its dates"),
        ({"deals": 1}, "One deal relies on this date"),
        ({"kind": "cleared", "new": ""}, "Yours is saved: the date will be removed once product agrees."),
        ({"public": True}, "Product confirms dates here first. Yours is saved and will be set once signed."),
    ],
)
def test_a_refusal_says_what_hangs_on_it_and_what_becomes_of_the_wish(
    shipped: Messages, situation: Situation, view: dict[str, object], said: str
) -> None:
    text = say(shipped, "date-held", "issue", situation(typed="", **view))
    assert said in text
    assert ("set once signed" in text) is (view.get("kind") != "cleared")


@pytest.mark.parametrize("name", ["date-declined", "date-withdrawn"])
def test_what_a_field_still_shows_is_to_be_set_back_by_whoever_asked(
    shipped: Messages, situation: Situation, name: str
) -> None:
    shows = say(shipped, name, "issue", situation(shows="2027-04-15"))
    assert "Due date still shows 15 April. @lee, please set it back to 1 March" in shows
    emptied = situation("", kind="set", old="", shows="2027-04-15", committed="", at_risk=False)
    assert "@lee, please empty it again" in say(shipped, name, "issue", emptied)
    cleared = say(shipped, name, "issue", situation(kind="cleared", new="", shows=""))
    assert "still shows no date. @lee, please set it back to 1 March" in cleared
    assert "still shows" not in say(shipped, name, "issue", situation())


def test_a_further_deal_is_told_shortly(shipped: Messages, situation: Situation) -> None:
    text = say(shipped, "linked", "issue", situation(further=True, deals=3, at_risk=False))
    assert text.startswith("**Another deal counts on this**\n\nThree deals asked for this: ")
    assert "wait for product" not in text
    assert "/signoff" not in text


def test_a_reply_lists_the_lines_that_can_be_pasted(shipped: Messages, situation: Situation) -> None:
    text = say(shipped, "reply-which", "issue", situation())
    assert "`/signoff 2027-03-01`\n\n`/signoff 2027-04-15`" in text
    bare = dataclasses.replace(situation(), reply=dataclasses.replace(situation().reply, choices=()))
    assert "`/link <key or address>`" in say(shipped, "reply-unclear", "issue", bare)


def test_only_who_has_to_act_is_pinged(shipped: Messages, situation: Situation) -> None:
    pinging = {
        name for name, audience in shipped.names if "@anna" in say(shipped, name, audience, situation())
    }
    asking = {
        "date-held",
        "date-wanted",
        "date-not-agreed",
        "date-due",
        "date-overdue",
        "date-overridden",
        "dropped",
    }
    replies = {n for n in TO_ISSUES - {"reply-agreed-again"} if n.startswith("reply-")}
    assert pinging == asking | replies


def _sentences(text: str) -> str:
    """Return the text without what is code, a name as people chose it, or the reason that somebody gave."""
    return re.sub(r"`[^`]*`|^Reason: .*$|anna|mona", "X", text, flags=re.MULTILINE)


def _replaced(view: Message, **changes: object) -> Message:
    return dataclasses.replace(view, **changes)  # type: ignore[arg-type]


def _with_canaries(view: Message) -> Message:
    deal = type(view.deal)(
        "canary-key", "canary ACME", "https://canary.example", True, "2099-09-09", "canary"
    )
    issue = dataclasses.replace(view.issue, deals=(deal,))
    rule = dataclasses.replace(view.rule, where="canary.yaml:1")
    reply = dataclasses.replace(view.reply, text="canary")
    return dataclasses.replace(
        view, deal=deal, issue=issue, rule=rule, reply=reply, left_out=("canary-left-out",)
    )
