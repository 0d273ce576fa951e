"""Whatever people and programs write, it is read without a fault, and in good time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation import commands, markdown, scope_items
from automation.adapters.jira import adf, adf_text, wiki, wiki_text
from tests.fuzz.bending import ANYTHING, TEXT, bent, deep
from tests.fuzz.test_fuzz_readers import DOCUMENT

SIGNS = st.sampled_from(
    [
        *"\n\r\t \\/`*_+-~<>[](){}|!#&;:=^@%\"'",
        *(
            "```",
            "~~~",
            "<!--",
            "-->",
            "<a ",
            "</a>",
            "<details>",
            "&#0;",
            "](",
            "![",
            "||",
            "\n\n",
            "    ",
            "\u2028",
        ),
        *(
            "{code}",
            "{noformat}",
            "{quote}",
            "{color:red}",
            "{color}",
            "{{",
            "}}",
            "\\\\",
            "h1. ",
            "bq. ",
            "|smart-link]",
        ),
        *(
            "/signoff",
            "handshake signoff ",
            "/link ",
            "because",
            "2027-03-01",
            "2027-99-99",
            "none",
            "- [ ] ",
            "1. ",
        ),
        *("http://a.b/", "SALES-7", "Out of scope", "\0", "\1", "\x01", "\ufeff", "\ue02a", "é", "😀"),
    ]
)
MARKUP = st.lists(SIGNS | st.text(max_size=5), max_size=40).map("".join)

READERS: dict[str, Callable[[str], Any]] = {
    "lines of Markdown": markdown.command_lines,
    "lines of wiki markup": wiki_text.command_lines,
    "wiki markup": wiki_text.to_markdown,
    "items of scope": lambda text: scope_items.items(text, text),
    "to wiki markup": wiki.from_markdown,
    "to ADF": adf.from_markdown,
}


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@given(text=MARKUP)
def test_any_text_is_read(reader: Callable[[str], Any], text: str) -> None:
    reader(text)


@pytest.mark.parametrize("reader", [markdown.command_lines, wiki_text.command_lines])
@given(text=MARKUP)
def test_a_line_that_may_be_a_command_is_one_line_with_something_in_it(
    reader: Callable[[str], tuple[str, ...]], text: str
) -> None:
    for line in reader(text):
        assert line == line.strip() != ""
        assert "\n" not in line


@given(document=bent([DOCUMENT]) | ANYTHING)
def test_any_document_is_read(document: object) -> None:
    for line in adf_text.command_lines(document):
        assert line == line.strip() != ""
    assert isinstance(adf_text.to_markdown(document), str)
    assert wiki_text.to_markdown(document) == "" or isinstance(document, str)


@pytest.mark.parametrize(
    "kind", ["paragraph", "bulletList", "blockquote", "table", "listItem", "taskList", "x"]
)
def test_a_document_without_a_bottom_is_read(kind: str) -> None:
    nested: Any = {"type": "text", "text": "/signoff"}
    for _ in range(5000):
        nested = {"type": kind, "content": [nested]}
    assert adf_text.command_lines({"content": [nested]}) == ()
    assert isinstance(adf_text.to_markdown({"content": [nested]}), str)
    assert adf_text.to_markdown(deep("x", 5000, "content")) == ""


@given(lines=st.lists(TEXT | MARKUP, max_size=5))
def test_any_line_is_a_command_of_ours_or_none(lines: list[str]) -> None:
    for command in commands.parse(lines):
        assert command.word in commands.GRAMMAR
        assert "\n" not in command.deal
        assert not (command.problem and command.day)


WORDS = st.sampled_from(
    [
        "2027-03-01",
        "2027-02-30",
        "none",
        "because",
        "milestone",
        "duedate",
        "SALES-7",
        "<x>",
        "…",
        "٢٠٢٧-٠٣-٠١",
    ]
)


@given(
    start=st.sampled_from(["/", "handshake ", "HANDSHAKE\t"]),
    word=st.sampled_from(sorted(commands.GRAMMAR)),
    rest=st.lists(WORDS | TEXT, max_size=6),
)
def test_a_command_says_what_it_asks_for_or_what_is_wrong(start: str, word: str, rest: list[str]) -> None:
    line = " ".join([start + word, *rest])
    found = commands.parse([line])
    if len(line) > commands.LONGEST_LINE:
        assert found == []
        return
    [command] = found
    assert command.word == word
    if word in ("link", "unlink") and not command.problem:
        assert command.deal and command.deal.split() == [command.deal]
    if command.day:
        assert command.day.isoformat() in line
