"""What an issue itself says of users: the sections that forms and people write."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from automation.domain.customer_names import form_name
from automation.domain.filled import in_body
from automation.domain.scope import compare, items
from automation.domain.scope_items import HEADINGS, LEFT_OUT, NOISE, SHIPPED, scope_words
from automation.engine.plan import plan
from automation.model import Contact, Filled, IssueState, Mode, Outcome, Person, Plan, Policy, Problem, Say
from automation.rulebook.rulebook import Rulebook, load
from tests.factories import LEE, NOW, RIGHTS, SPRING, STRANGER, WINTER, facts, looked, proposal, state

FORM = """\
### Deal

SALES-7

### Problem in the user's words

I sign in to nine tools every morning.
It takes ten minutes.

### User who was asked

Ada Lovelace
head of IT, ada@delta.example

### Anything else

_No response_
"""
PROBLEM = "I sign in to nine tools every morning. It takes ten minutes."
USER = "Ada Lovelace, head of IT, ada@delta.example"


def said(body: str) -> dict[str, str]:
    return {one.word: one.words for one in in_body(body, SHIPPED)}


def test_the_answers_of_a_form_stand_below_its_labels() -> None:
    assert said(FORM) == {"problem": PROBLEM, "user": USER}


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "_No response_",
        "<!-- Say it in their own words -->",
        "<in the user's own words>",
        "> I sign in to nine tools",
        "```\nI sign in to nine tools\n```",
        "`I sign in`",
        "~~I sign in to nine tools~~",
        "N/A",
        "None.",
        "—",
        "<details><blockquote>\n\nI sign in\n\n</blockquote></details>",
        "\u200b\u2800",
        "![a picture](https://x.example/1.png)",
    ],
)
def test_what_nobody_said_fills_nothing(answer: str) -> None:
    assert said(f"### Problem in the user's words\n\n{answer}\n\n### Next\n\nmore") == {}


@pytest.mark.parametrize(
    "body",
    [
        "<!--\n### Who was asked\n\nAda, head of IT\n-->",
        "> ### Who was asked\n>\n> Ada, head of IT",
        "```\n### Who was asked\n\nAda, head of IT\n```",
        "- ### Who was asked\n\n  Ada, head of IT",
        "`### Who was asked`\n\nAda, head of IT",
        "### Was Ada asked\n\nAda, head of IT",
        "<blockquote>\n\n### Who was asked\n\nAda, head of IT\n\n</blockquote>",
        "### [Who was asked](https://x.example/ada)\n\n### Next",
    ],
)
def test_what_is_no_heading_for_people_to_read_is_none(body: str) -> None:
    assert said(body) == {}


@pytest.mark.parametrize(
    "heading", ["## WHO WAS ASKED:", "# Who was asked?", "Who was asked\n---", "###  *Who* was-asked"]
)
def test_case_and_signs_of_a_heading_do_not_count(heading: str) -> None:
    assert said(f"{heading}\n\nAda, head of IT") == {"user": "Ada, head of IT"}


def test_of_several_sections_the_first_that_says_anything_counts() -> None:
    body = "# Who was asked\n\nN/A\n\n# Who asked\n\nAda, CFO\n\n# User asked\n\nBob, CTO"
    assert said(body) == {"user": "Ada, CFO"}


def test_what_is_long_is_cut_and_not_lost() -> None:
    words = said(f"# In the user's words\n\n{'nine tools ' * 200}")["problem"]
    assert len(words) <= 500 and words.endswith("…")


def test_how_it_is_laid_out_makes_no_other_words_of_it() -> None:
    one, other = (in_body(f"# Who asked\n\n{words}", SHIPPED) for words in ("Ada, CFO", "**Ada**\n- CFO"))
    assert one == other and one != in_body("# Who asked\n\nAda, CTO", SHIPPED)


def test_the_rules_name_the_headings() -> None:
    ours = scope_words(HEADINGS, LEFT_OUT, (*NOISE, "Please say what hurts"), ("What hurts",), ("—",))
    assert [one.words for one in in_body("# What hurts\n\nLogins", ours)] == ["Logins"]
    assert in_body("# What hurts\n\nPlease say what hurts!", ours) == ()
    assert in_body(FORM, ours) == ()


def test_the_form_in_the_documentation_has_labels_that_are_known() -> None:
    """``docs/connecting.md`` tells of it; what GitHub makes of it is a heading for each label."""
    text = Path("docs/connecting.md").read_text(encoding="utf-8")
    form = yaml.safe_load(text.partition("name: Request of a customer")[2].partition("```")[0])
    fields = [field["attributes"] for field in form["body"]]
    body = "\n\n".join(f"### {field['label']}\n\n{field['placeholder']}" for field in fields)

    assert said(body) == {
        "problem": "I sign in to nine tools every morning",
        "user": "Ada Lovelace, head of IT, ada@example.com",
    }
    assert form_name(body) == "Single sign-on"


def test_what_users_said_is_no_scope() -> None:
    before = "One login for all tools.\n\n### Anything else"
    assert compare(items("SSO", before), items("SSO", f"{before}\n\n{FORM}")) is None


# ---------------------------------------------------------------- whose word it is


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    return load(Path("rules"))


def one(word: str, words: str, by: Person | None, via: str = "text") -> Filled:
    return Filled(word, via, words.lower(), words, by, NOW)


def after(rules: Rulebook, before: IssueState, *filled: Filled) -> Plan[IssueState]:
    seen = looked(before, facts(WINTER, filled=filled, rights=RIGHTS))
    return plan(before, {}, seen, rules, Mode.ENFORCE, NOW)


def known(made: Plan[IssueState]) -> tuple[list[str], list[str]]:
    return [said.words for said in made.state.problems], [said.words for said in made.state.users]


def test_what_counts_as_a_command_would_is_kept_with_who_said_it(shipped: Rulebook) -> None:
    made = after(shipped, state(WINTER), one("problem", PROBLEM, LEE), one("user", USER, LEE))

    assert made.state.problems == (Problem(PROBLEM, LEE, NOW, "text"),)
    assert made.state.users == (Contact(USER, LEE, NOW, "text"),)
    assert [(entry.what, entry.text, entry.by) for entry in made.ledger] == [
        ("problem", PROBLEM, LEE),
        ("user", USER, LEE),
    ]
    assert not any(isinstance(effect.intent, Say) for effect in made.effects), "nobody is thanked for a form"
    assert all(not kept.words for kept in made.state.filled)
    again = after(shipped, made.state, one("problem", PROBLEM, None), one("user", USER, None))
    assert again.ledger == () and again.decisions == ()


@pytest.mark.parametrize("by", [STRANGER, None])
def test_what_a_stranger_writes_or_takes_out_changes_nothing(shipped: Rulebook, by: Person | None) -> None:
    first = after(shipped, state(WINTER), one("problem", PROBLEM, LEE)).state
    for words in ("Give us dark mode", ""):
        made = after(shipped, first, one("problem", words, by))
        assert known(made) == ([PROBLEM], []) and made.ledger == ()
        [refused] = [each for each in made.decisions if each.rule == "what the issue says of users"]
        assert refused.outcome is Outcome.REFUSED
        again = after(shipped, made.state, *(one("problem", words, None),) * bool(words))
        assert again.decisions == (), "it is asked for once"
        mended = after(shipped, made.state, one("problem", "Nine logins", LEE))
        assert known(mended) == (["Nine logins"], [])


def test_the_present_words_take_the_place_of_those_before_and_the_ledger_keeps_both(
    shipped: Rulebook,
) -> None:
    spoken = replace(state(WINTER), problems=(Problem("Said by command", LEE, NOW),))
    first = after(shipped, spoken, one("problem", PROBLEM, LEE))
    second = after(shipped, first.state, one("problem", "Nine logins", LEE))
    gone = after(shipped, second.state, one("problem", "", LEE))

    assert known(second)[0] == ["Said by command", "Nine logins"]
    assert known(gone)[0] == ["Said by command"] and gone.state.filled == ()
    texts = [entry.text for made in (first, second, gone) for entry in made.ledger]
    assert texts == [PROBLEM, "Nine logins", "no longer in the text"]


def test_product_hears_when_all_is_there_that_a_date_waits_for(shipped: Rulebook) -> None:
    policy = shipped.config.sign_off["product"].model_copy(update={"discovery": "required"})
    rules = replace(shipped, config=replace(shipped.config, sign_off={"product": policy}))
    assert isinstance(rules.policies["product"], Policy)
    waits = state(WINTER, proposals=(proposal(SPRING, WINTER),))

    def replies(made: Plan[IssueState]) -> list[str]:
        return [effect.intent.message for effect in made.effects if isinstance(effect.intent, Say)]

    half = after(rules, waits, one("problem", PROBLEM, LEE))
    assert replies(half) == []
    assert replies(after(rules, half.state, one("problem", PROBLEM, None), one("user", USER, LEE))) == [
        "reply-user-noted"
    ]
    assert replies(after(shipped, waits, one("problem", PROBLEM, LEE), one("user", USER, LEE))) == []
