from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from automation.domain.commands import heard
from automation.text.markdown import LONGEST_INPUT, clean, code, command_lines, escape, quoted

NASTY = st.text(
    st.one_of(st.sampled_from("\\`*_{}[]()<>#+-.!|~=&^$:@/ \t\n\r\u200b\u202e\0\u2028"), st.characters())
)


@given(NASTY)
@example("![x](javascript:x)")
@example("<!-- x -->")
@example("- [ ] x")
@example("a\\")
@example("&amp;&#47;")
@example("***a***")
def test_typed_text_stays_text(typed: str) -> None:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"Before {escape(typed)}")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {child.type for child in tokens[1].children or ()} == {"text"}


@given(st.text(st.one_of(st.sampled_from("\"'“”‘’„«»`´ʼ″＂ ab.\u200b"), st.characters())))
@example("Agreed”: we deliver “it")
@example("Agreed’ is planned. ‘It")
@example("\u200b’\u200b")
def test_a_quotation_ends_where_it_ends(typed: str) -> None:
    said = quoted(typed)
    assert said == "" or (said[0], said[-1]) == ("“", "”")
    assert not set(said[1:-1]) & set('"“”‘’„‟«»‹›`´ʼ″＂＇')
    assert all(words.isalnum() or words.endswith("_") for words in _beside_apostrophes(said[1:-1]))
    assert len(said) <= 152


def _beside_apostrophes(text: str) -> list[str]:
    at = [place for place, letter in enumerate(text) if letter == "'"]
    return [text[place + step] for place in at for step in (-1, 1)]


def test_an_apostrophe_stays() -> None:
    assert quoted("Don’t lose \"it\", it's O'Neil's") == "“Don't lose it, it's O'Neil's”"
    assert quoted("  ") == ""


@given(NASTY)
def test_typed_text_stays_text_at_the_start_of_a_line_too(typed: str) -> None:
    tokens = (
        MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(f"x\n{escape(typed)}\n---- | -")
    )
    assert {child.type for child in tokens[1].children or ()} <= {"text", "softbreak"}
    assert tokens[0].type == "paragraph_open"


@given(NASTY)
def test_what_people_read_is_what_was_typed(typed: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"x{escape(typed)}")
    shown = "".join(child.content for child in tokens[1].children or ()).replace("\u200b", "")
    assert shown == "x" + clean(typed)


@given(NASTY)
@example("/signoff 2027-03-01")
@example("\n/signoff 2027-03-01")
@example("\\/signoff")
def test_typed_text_forms_no_command(typed: str) -> None:
    assert not heard(command_lines(escape(typed)), "jira")


@given(NASTY)
def test_a_code_span_holds_whatever_is_put_into_it(typed: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"a {code(typed)} b")
    kinds = [child.type for child in tokens[1].children or ()]
    assert kinds == (["text", "code_inline", "text"] if clean(typed) else ["text"])


def test_text_is_one_line_without_tricks() -> None:
    assert clean(" a\r\n\tb\u200b\u202ec\u2066\0\ufeff\ud800d\u3164 \u2028e ") == "a bcd e"


def test_long_text_ends_in_an_ellipsis() -> None:
    assert clean("word " * 100, 11) == "word word…"
    assert len(clean("x" * 10_000)) == 300


def test_accents_and_other_scripts_are_left_alone() -> None:
    assert escape("Übergröße für Zoë – 日本語 🎉") == "Übergröße für Zoë – 日本語 🎉"


def test_a_plain_line_may_be_a_command() -> None:
    assert command_lines("  /signoff 2027-03-01 \n/link X-1  \nthanks & *bye*\n\nlast") == (
        "/signoff 2027-03-01",
        "/link X-1",
        "thanks & bye",
        "last",
    )


@pytest.mark.parametrize(
    "markdown",
    [
        "> /signoff",
        "    /signoff",
        "```\n/signoff\n```",
        "~~~\n/signoff",
        "- /signoff",
        "1. /signoff",
        "# /signoff",
        "/signoff\n---",
        "`/signoff`",
        "/signoff `x`",
        "<!-- \n/signoff\n-->",
        "x <!--\n/signoff\n-->",
        "<!--\n\n/signoff\n\n-->",
        "<div>\n/signoff\n</div>",
        "<details>\n\n/signoff\n\n</details>",
        "</details>\n\n<details>\n\n/signoff\n\n</details>",
        "x <del>\n/signoff\n</del>",
        "~~/signoff~~",
        "~~x\n/signoff\nx~~",
        "<b>/signoff</b>",
        "/signoff ![](http://x)",
        "x | y\n--|--\n/signoff | z",
        "[/signoff]: http://x",
        "",
    ],
)
def test_what_is_quoted_or_shown_is_no_command(markdown: str) -> None:
    assert not [line for line in command_lines(markdown) if "/signoff" in line]


def test_what_follows_hidden_parts_counts_again() -> None:
    assert command_lines("<details>\n\nlog\n\n</details>\n\n/signoff") == ("/signoff",)
    assert command_lines("`x`\n/signoff") == ("/signoff",)


def test_a_word_in_angle_brackets_hides_nothing_below_it() -> None:
    assert command_lines("We use Map<String>\n\n/signoff") == ("/signoff",)


def test_an_autolink_counts_as_its_address() -> None:
    assert command_lines("/link <https://crm.example/deal/7>") == ("/link https://crm.example/deal/7",)
    assert command_lines("/link https://crm.example/deal/7") == ("/link https://crm.example/deal/7",)


def test_entities_and_backslashes_are_read_as_people_see_them() -> None:
    assert command_lines("/link A\\-1 &amp; B") == ("/link A-1 & B",)


def test_only_as_much_is_read_as_a_tracker_lets_people_write() -> None:
    assert command_lines("x" * LONGEST_INPUT + "\n\n/signoff") == ("x" * LONGEST_INPUT,)
