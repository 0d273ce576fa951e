"""Data Center's wiki markup, written and read."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from automation.adapters.jira.wiki import encode, from_markdown, mention
from automation.adapters.jira.wiki_text import command_lines, to_markdown
from automation.domain.commands import heard
from automation.text.markdown import clean

ZWSP = "\u200b"
PIECES = [
    "[~eve]", "[x|http://y]", "mention:eve", "*", "_", "-", "{{", "}}", "{code}", "{noformat}", "{quote}",
    "\n", "bq. ", "h1. ", "* ", "# ", "||", "!a.png!", "PROD-3", "----", "/signoff 2027-03-01", "\\", "\\\\",
    "&amp;", "&#91;", "http://evil.example", "mailto:a@b.c", ":)", "(y)", "\u202e", "\0", "@eve", "??",
    "^", "~",
    "[", "]", "{", "}", "(", ")", " ", "a", "1", "[@Eve](<mention:eve>)", "`", "**", "<b>",
]  # fmt: skip
TYPED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=8).map("".join)


# ---------------------------------------------------------------- Markdown to wiki markup


@pytest.mark.parametrize(
    ("markdown", "wiki"),
    [
        ("**Due date kept**\n\nThanks", "*Due date kept*\n\nThanks"),
        ("a *b*\nc", "a _b_\nc"),
        ("Paste `/signoff 2027-03-01`", r"Paste {{/signoff 2027\-03\-01}}"),
        ("`{x}`", "{{\\{x\\}\u200b}}"),
        ("[here](https://x.y/a?b=c)", "[here|https://x.y/a?b=c]"),
        ("<https://x.y>", f"[https:{ZWSP}//x.y|https://x.y]"),
        ("[a|b](https://x.y/[|])", r"[a\|b|https://x.y/%5B%7C%5D]"),
        ("[here](ftp://x.y)", "here"),
        ("## Head\n\n### Two", "h2. Head\n\nh3. Two"),
        ("- a\n- b\n  - c\n    1. d", "* a\n* b\n** c\n**# d"),
        ("1. a\n\n   more\n2. b", "# a\nmore\n# b"),
        ("- - a", "** a"),
        ("> a\n>\n> > b", "{quote}\na\n\nb\n{quote}"),
        ("```\n/signoff {noformat}\n```", f"{{noformat}}\n/signoff {{{ZWSP}noformat}}\n{{noformat}}"),
        ("a\n\n---\n\nb", "a\n\n----\n\nb"),
        ("a <b>c</b>\n\n<p>x</p>", "a <b>c</b>\n\n<p>x</p>"),
        ("![alt](https://x.y/z.png)", "alt"),
    ],
)
def test_markdown_becomes_wiki_markup(markdown: str, wiki: str) -> None:
    assert from_markdown(markdown) == wiki


@pytest.mark.parametrize(
    ("typed", "wiki"),
    [
        ("*b* _e_ -d- +i+ ??c?? ^s^ ~t~", r"\*b\* \_e\_ \-d\- \+i\+ \?\?c\?\? \^s\^ \~t\~"),
        ("{code} [x|http://y] !z! @eve", rf"\{{code\}} \[x\|http:{ZWSP}//y\] \!z\! \@eve"),
        ("h1. bq. PROD-3 :D a:b 10:30", rf"h1{ZWSP}. bq{ZWSP}. PROD\-3 :{ZWSP}D a:{ZWSP}b 10:30"),
        (r"C:\x \\y &amp; R&D", rf"C:{ZWSP}&#92;x &#92;&#92;y &amp;amp; R&D"),
    ],
)
def test_what_was_typed_has_no_markup(typed: str, wiki: str) -> None:
    assert from_markdown(encode(typed)) == wiki


def test_somebody_is_mentioned_by_their_username() -> None:
    assert from_markdown(f"{mention('anna.b', 'Anna [x]')} please") == "[~anna.b] please"


@pytest.mark.parametrize("username", ["", "a]b", "a b", "~a", "a|b", "x" * 300, "anna\n"])
def test_an_impossible_username_pings_nobody(username: str) -> None:
    assert from_markdown(mention(username, "Anna")) == "Anna"


@given(TYPED)
def test_typed_text_stays_text(typed: str) -> None:
    wiki = from_markdown(f"a{encode(typed)}")
    assert "\n" not in wiki
    # Every character that could be markup has a backslash before it, and that backslash none.
    assert not re.search(r"(?<!\\)[-#*_+?^~|%{}\[\]()!@](?!92;)", wiki)
    assert "\\\\" not in wiki
    assert not re.search(r":[^\s\d\u200b]|(?:^|\W)(?:h[1-6]|bq)\.", wiki, re.IGNORECASE)
    assert not heard(command_lines(wiki), "jira")


@given(TYPED)
def test_typed_text_is_read_as_it_was_typed(typed: str) -> None:
    said = to_markdown(from_markdown(encode(typed))).replace("&#92;", "\\").replace("&amp;", "&")
    assert said.replace(ZWSP, "") == clean(typed)


def test_the_proof_notices_an_encoder_that_does_nothing() -> None:
    assert from_markdown("a[@Eve](<mention:eve>)") == "a[~eve]"


@given(TYPED)
@example("*" * 3000 + "a" + "*" * 3000)
@example(">" * 3000 + "a")
@example("- " * 3000 + "a")
def test_any_markdown_becomes_text(markdown: str) -> None:
    assert isinstance(from_markdown(markdown), str)


# ---------------------------------------------------------------- wiki markup to lines


@pytest.mark.parametrize(
    ("wiki", "lines"),
    [
        ("Hello\r\n/signoff 2027-03-01\r\nthanks", ("Hello", "/signoff 2027-03-01", "thanks")),
        (r"/signoff 2027\-03\-01", ("/signoff 2027-03-01",)),
        ("*/signoff 2027-03-01*", ("/signoff 2027-03-01",)),
        ("{color:#ff0000}/decline{color}", ("/decline",)),
        (r"thanks \\ /decline", ("thanks", "/decline")),
        ("/link [SALES-7|https://x.y/browse/SALES_7_a|smart-link]", ("/link https://x.y/browse/SALES_7_a",)),
        ("/link [https://x.y/browse/SALES-7]", ("/link https://x.y/browse/SALES-7",)),
        ("/link https://x.y/_a_/SALES-7", ("/link https://x.y/_a_/SALES-7",)),
        ("[~anna] please [see]", ("@anna please [see]",)),
        ("[/signoff|https://x.y]", ("https://x.y",)),
        ("{quote}a{quote}\n/decline", ("/decline",)),
        ("{code}{quote}{code}\n/decline", ("/decline",)),
        ("* item\n\n/decline", ("/decline",)),
        ("h2. Title\n/decline", ("/decline",)),
        ("|a|\n\n/decline", ("/decline",)),
    ],
)
def test_plain_lines_are_read(wiki: str, lines: tuple[str, ...]) -> None:
    assert command_lines(wiki) == lines


@pytest.mark.parametrize(
    "wiki",
    [
        "{code}\n/signoff\n{code}",
        "{code:java|title=x}\n/signoff\n{code}",
        "{noformat}\n/signoff\n{noformat}",
        "{quote}\n/signoff\n{quote}",
        "{panel:title=x}\n/signoff\n{panel}",
        "{quote}{code}{quote}\n/signoff\n{code}{quote}",
        "{quote}\n/signoff",
        "{code}x{code} /signoff",
        "bq. see\n/signoff",
        "* item\n/signoff",
        "# item\n/signoff",
        "- /signoff",
        "|cell|\n/signoff",
        "h1. /signoff",
        "{{/signoff}}",
        "/signoff {{x}}",
        "-/signoff-",
        "/signoff -now-",
        "/signoff !x.png!",
        "[/signoff|https://x.y]",
        " \\{code} /signoff",
    ],
)
def test_what_is_quoted_or_shown_is_no_command(wiki: str) -> None:
    assert not heard(command_lines(wiki), "jira")


# ---------------------------------------------------------------- wiki markup to text


@pytest.mark.parametrize(
    ("wiki", "text"),
    [
        ("h3. Title\n\nOne *two* _three_\nfour", "### Title\n\nOne two three\nfour"),
        ("* a\n** b\n# c\n- d", "- a\n  - b\n1. c\n- d"),
        ("{code:sql}\nSELECT *\n{code}\nafter", "```\nSELECT *\n```\nafter"),
        ("{quote}\na\n\nb\n{quote}", "> a\n>\n> b"),
        ("bq. a", "> a"),
        ("run {{x -y}}", "run `x -y`"),
        ("[see|https://x.y] [https://x.y] [t|https://x.y|smart-link] [~anna]",
         "[see](https://x.y) https://x.y https://x.y @anna"),
        (r"2027\-03\-01 \*plain\*", "2027-03-01 *plain*"),
        ("{panel:title=x}\na\n{panel}\n{color:red}b{color}", "a\nb"),
        ("||a||b||\n|c|d|", "||a||b||\n|c|d|"),
        ("-SALES-7- and SALES-8", "~~SALES-7~~ and SALES-8"),
        ("see https://x.y/-a-/b", "see https://x.y/-a-/b"),
        ("{quote}\na\n{quote}\nb\nbq. c\nd", "> a\n\nb\n> c\n\nd"),
        ("{noformat}\n```\na\n{noformat}", "````\n```\na\n````"),
    ],
)  # fmt: skip
def test_a_text_reads_like_markdown(wiki: str, text: str) -> None:
    assert to_markdown(wiki) == text


def test_what_is_written_reads_the_same() -> None:
    words = "## T\n\na [x](https://x.y)\n\n- b\n  - c\n\n1. d\n\n`e`"
    assert to_markdown(from_markdown(words)) == words


@pytest.mark.parametrize("wiki", [None, 7, [], {}, {"type": "doc"}, ""])
def test_what_is_no_text_says_nothing(wiki: object) -> None:
    assert to_markdown(wiki) == ""
    assert command_lines(wiki) == ()


@pytest.mark.parametrize(
    "piece", ["*a", "_a ", "-a", "[a|", "{{", "{quote}", "{code}", "!a", "[[", "\\", "*"]
)
def test_a_hostile_text_is_read_to_its_end(piece: str) -> None:
    hostile = piece * 12_000
    assert isinstance(to_markdown(hostile), str)
    assert isinstance(command_lines(hostile), tuple)
