from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.adapters.jira import wiki, wiki_text
from automation.adapters.jira.adf import encode, from_markdown, mention
from automation.adapters.jira.adf_text import command_lines, to_markdown
from automation.domain.commands import heard
from automation.rulebook.messages.messages import Messages
from automation.rulebook.variables import Message
from automation.text.markdown import clean
from automation.text.safe import Safe

PIECES = [
    "[@Eve](<mention:5b10>)", "@eve", "[x](http://y)", "mention:5b10", "**", "_", "`", "```", "<b>",
    "{code}", "\n", "> ", "- ", "1. ", "# ", "---", "/signoff 2027-03-01", "\\", "&amp;",
    "http://evil.example", "\u202e", "\0", "~~", "(", ")", "]", "<mention:5b10>", " ", "a",
]  # fmt: skip
TYPED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=8).map("".join)

INLINE = {"text", "hardBreak", "mention"}
ALLOWED = {
    "doc": {"paragraph", "heading", "blockquote", "bulletList", "orderedList", "codeBlock", "rule"},
    "blockquote": {"paragraph", "bulletList", "orderedList", "codeBlock"},
    "listItem": {"paragraph", "bulletList", "orderedList", "codeBlock"},
    "bulletList": {"listItem"},
    "orderedList": {"listItem"},
    "paragraph": INLINE,
    "heading": INLINE,
    "codeBlock": {"text"},
}
"""What may stand in what: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/"""


def nodes(adf: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield adf
    for child in adf.get("content", ()):
        yield from nodes(child)


def shape(adf: dict[str, Any]) -> list[tuple[str, str]]:
    """Return everything but the words."""
    return [
        (node["type"], str(node.get("marks")) + str(node.get("attrs")))
        for node in nodes(adf)
        if node["type"] != "text" or "marks" in node
    ]


def assert_valid(adf: dict[str, Any]) -> None:
    for node in nodes(adf):
        for child in node.get("content", ()):
            assert child["type"] in ALLOWED[node["type"]]
        if node["type"] == "text":
            assert node["text"]
            kinds = [mark["type"] for mark in node.get("marks", ())]
            assert len(kinds) == len(set(kinds))
            assert "code" not in kinds or set(kinds) <= {"code", "link"}
        if node["type"] == "listItem":
            assert node["content"][0]["type"] in {"paragraph", "codeBlock"}
        if node["type"] in {"blockquote", "bulletList", "orderedList"}:
            assert node["content"]


def doc(*blocks: dict[str, Any]) -> dict[str, Any]:
    return {"version": 1, "type": "doc", "content": list(blocks)}


def paragraph(*inline: dict[str, Any] | str) -> dict[str, Any]:
    content = [{"type": "text", "text": piece} if isinstance(piece, str) else piece for piece in inline]
    return {"type": "paragraph", "content": content}


def marked(text: str, kind: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": [{"type": kind}]}


BREAK = {"type": "hardBreak"}


# ---------------------------------------------------------------- Markdown to ADF


def test_a_message_becomes_a_document() -> None:
    assert from_markdown("**Due date kept**\n\nPaste `/signoff`\n[here](https://x.y)") == doc(
        paragraph(marked("Due date kept", "strong")),
        paragraph(
            "Paste ",
            marked("/signoff", "code"),
            BREAK,
            {
                "type": "text",
                "text": "here",
                "marks": [{"type": "link", "attrs": {"href": "https://x.y"}}],
            },
        ),
    )


def test_blocks_become_blocks() -> None:
    adf = from_markdown("## T\n\n> q\n\n- a\n- *b*\n\n3. c\n\n```\nd\n```\n\n---\n")
    assert [node["type"] for node in adf["content"]] == [
        "heading", "blockquote", "bulletList", "orderedList", "codeBlock", "rule",
    ]  # fmt: skip
    assert adf["content"][0]["attrs"] == {"level": 2}
    assert adf["content"][3]["attrs"] == {"order": 3}
    assert_valid(adf)


def test_html_becomes_text() -> None:
    adf = from_markdown("a <b>c</b>\n\n<script>x</script>")
    assert to_markdown(adf) == "a <b>c</b>\n\n<script>x</script>"
    assert {node["type"] for node in nodes(adf)} == {"doc", "paragraph", "text"}


@given(TYPED)
@example("> # a\n> - > b\n> ---\n")
@example("- # a\n- > b\n- ---\n- \n- ```\n  x\n  ```")
@example("[`a` *b* **_c_ `d`** ![e](f)](http://x)")
@example("[a\nb](<mention:5b10>)")
@example("*" * 3000 + "a" + "*" * 3000)
@example(">" * 3000 + "a")
@example("- " * 3000 + "a")
def test_any_markdown_becomes_a_valid_document(markdown: str) -> None:
    assert_valid(from_markdown(markdown))


def test_a_mention_becomes_a_mention() -> None:
    adf = from_markdown(f"{mention('5b10a2844c20165700ede21g', 'Anna [x]')} please")
    pinged = {"type": "mention", "attrs": {"id": "5b10a2844c20165700ede21g", "text": "@Anna [x]"}}
    assert adf == doc(paragraph(pinged, " please"))


def test_an_impossible_account_pings_nobody() -> None:
    assert mention("5b10> [x](<mention:evil", "Anna") == "Anna"
    assert isinstance(mention("", "Anna"), Safe)


@given(TYPED)
def test_typed_text_stays_text(typed: str) -> None:
    assert shape(from_markdown(f"a{encode(typed)}")) == shape(from_markdown("a"))
    assert to_markdown(from_markdown(encode(typed))).replace("\u200b", "") == clean(typed)


@given(TYPED)
@settings(max_examples=settings().max_examples // 3)
def test_typed_text_changes_nothing_but_words_in_any_message(
    shipped: Messages, situation: Callable[..., Message], typed: str
) -> None:
    ping = mention("5b10", "Anna")
    for name, audience in shipped.names:
        hostile = from_markdown(_render(shipped, name, audience, situation(f"x{typed}", mention=ping)))
        plain = from_markdown(_render(shipped, name, audience, situation("x", mention=ping)))
        assert shape(hostile) == shape(plain)
        assert not heard(command_lines(hostile), "jira")


def skeleton(text: str) -> list[str]:
    """Return everything of wiki markup but the words."""
    return re.findall(
        r"(?<!\\)[-#*_+?^~|%{}\[\]()!@]|\n|\bh\d\.", text.replace("&#92;", "").replace("&amp;", "")
    )


@given(TYPED)
@settings(max_examples=settings().max_examples // 3)
def test_typed_text_changes_nothing_but_words_in_wiki_markup_too(
    shipped: Messages, situation: Callable[..., Message], typed: str
) -> None:
    ping = wiki.mention("anna", "Anna")
    for name, audience in shipped.names:
        hostile = wiki.from_markdown(_render(shipped, name, audience, situation(f"x{typed}", mention=ping)))
        plain = wiki.from_markdown(_render(shipped, name, audience, situation("x", mention=ping)))
        assert skeleton(hostile) == skeleton(plain)
        assert not heard(wiki_text.command_lines(hostile), "jira")


def test_the_proof_notices_an_encoder_that_does_nothing() -> None:
    assert skeleton(wiki.from_markdown("a[@Eve](<mention:eve>)")) != skeleton("a")
    assert shape(from_markdown("a[@Eve](<mention:5b10>)")) != shape(from_markdown("a"))


# ---------------------------------------------------------------- ADF to text


def item(*content: dict[str, Any], kind: str = "listItem", **attrs: str) -> dict[str, Any]:
    return {"type": kind, "attrs": attrs, "content": list(content)}


def listed(kind: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"type": kind, "content": list(items)}


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (paragraph("a ", marked("x", "strong"), BREAK, "c"), "a x\nc"),
        ({"type": "heading", "attrs": {"level": 3}, "content": [{"type": "text", "text": "T"}]}, "### T"),
        (listed("bulletList", item(paragraph("a")), item(paragraph("b"))), "- a\n- b"),
        (listed("orderedList", item(paragraph("a")), item(paragraph("b"))), "1. a\n2. b"),
        (
            listed("bulletList", item(paragraph("a"), listed("bulletList", item(paragraph("b"))))),
            "- a\n  - b",
        ),
        (
            listed(
                "taskList",
                item({"type": "text", "text": "a"}, kind="taskItem", state="TODO"),
                item({"type": "text", "text": "b"}, kind="taskItem", state="DONE"),
                listed("taskList", item({"type": "text", "text": "c"}, kind="taskItem", state="TODO")),
            ),
            "- [ ] a\n- [x] b\n  - [ ] c",
        ),
        ({"type": "codeBlock", "content": [{"type": "text", "text": "a\nb"}]}, "```\na\nb\n```"),
        ({"type": "blockquote", "content": [paragraph("a"), paragraph("b")]}, "> a\n>\n> b"),
        ({"type": "codeBlock", "content": [{"type": "text", "text": "```\na"}]}, "````\n```\na\n````"),
        (paragraph(marked(" a ", "strike"), marked("b", "strike"), " c"), " ~~a b~~ c"),
        (paragraph(marked("a`b", "code")), "``a`b``"),
        ({"type": "panel", "content": [paragraph("a"), paragraph("b")]}, "a\n\nb"),
        ({"type": "rule"}, "---"),
        (
            listed("table", listed("tableRow", item(paragraph("a"), kind="tableCell"),
                                   item(paragraph("b"), kind="tableCell"))),
            "| a | b |",
        ),
        (paragraph("run ", marked("x", "code")), "run `x`"),
        (
            paragraph({"type": "text", "text": "here",
                       "marks": [{"type": "link", "attrs": {"href": "https://x.y"}}]}),
            "[here](https://x.y)",
        ),
        (paragraph({"type": "inlineCard", "attrs": {"url": "https://x.y"}}), "https://x.y"),
        ({"type": "somethingNew", "content": [paragraph("a")]}, "a"),
    ],
)  # fmt: skip
def test_a_document_reads_like_markdown(block: dict[str, Any], text: str) -> None:
    assert to_markdown(doc(block)) == text


def test_blocks_are_parted_by_empty_lines() -> None:
    assert to_markdown(doc(paragraph("a"), paragraph(), paragraph("b"))) == "a\n\nb"


def test_what_is_written_reads_the_same() -> None:
    words = "## T\n\na [x](https://x.y)\n\n- b\n  - c\n\n1. d\n2. e\n\n> f\n\n```\ng\n```\n\n---"
    assert to_markdown(from_markdown(words)) == words


@pytest.mark.parametrize(
    "adf",
    [None, 7, [], {}, "h1. Hello", {"content": 7}, {"content": [7, None, {"type": 3}]},
     doc(listed("bulletList", 7, None)), doc({"type": "heading", "attrs": {"level": "x"}})],
)  # fmt: skip
def test_what_is_no_document_says_nothing(adf: object) -> None:
    assert to_markdown(adf).strip("# ") == ""
    assert command_lines(adf) == ()


@pytest.mark.parametrize("kind", ["blockquote", "bulletList", "listItem", "taskList", "panel"])
def test_a_bottomless_document_ends(kind: str) -> None:
    adf: dict[str, Any] = paragraph("deep")
    for _ in range(50_000):
        adf = {"type": kind, "content": [adf]}
    assert "deep" not in to_markdown(doc(paragraph("top"), adf))
    assert command_lines(doc(adf, paragraph("top"))) == ("top",)


def test_a_smart_link_counts_as_its_address() -> None:
    card = {"type": "inlineCard", "attrs": {"url": "https://acme.atlassian.net/browse/SALES-7"}}
    assert command_lines(doc(paragraph("/link ", card, " "))) == (
        "/link https://acme.atlassian.net/browse/SALES-7",
    )


def test_a_line_break_ends_a_command() -> None:
    assert command_lines(doc(paragraph("/signoff 2027-03-01", BREAK, "thanks"))) == (
        "/signoff 2027-03-01",
        "thanks",
    )


def test_a_mention_and_an_emoji_count_as_their_text() -> None:
    anna = {"type": "mention", "attrs": {"id": "5b10", "text": "@Anna"}}
    smile = {"type": "emoji", "attrs": {"shortName": ":smile:", "text": "😄"}}
    assert command_lines(doc(paragraph("thanks ", anna, " ", smile))) == ("thanks @Anna 😄",)


@pytest.mark.parametrize(
    "block",
    [
        {"type": "codeBlock", "content": [{"type": "text", "text": "/signoff"}]},
        {"type": "blockquote", "content": [paragraph("/signoff")]},
        {"type": "panel", "content": [paragraph("/signoff")]},
        {"type": "bulletList", "content": [{"type": "listItem", "content": [paragraph("/signoff")]}]},
        {"type": "heading", "content": [{"type": "text", "text": "/signoff"}]},
        {"type": "expand", "content": [paragraph("/signoff")]},
        paragraph(marked("/signoff", "code")),
        paragraph(marked("/signoff", "strike")),
        paragraph("/signoff ", marked("x", "code")),
        paragraph("/signoff ", {"type": "mediaInline", "attrs": {}}),
    ],
)
def test_what_is_quoted_or_shown_is_no_command(block: dict[str, Any]) -> None:
    assert command_lines(doc(block)) == ()


def test_a_line_with_code_spares_the_next() -> None:
    assert command_lines(doc(paragraph(marked("x", "code"), BREAK, "/signoff"))) == ("/signoff",)


def _render(messages: Messages, name: str, audience: str, view: Message) -> str:
    return messages.render(name, audience, view, encode=encode, today=date(2027, 1, 12))
