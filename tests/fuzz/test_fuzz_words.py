"""Whatever people and programs write, it is read without a fault, and in good time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.adapters.github import triggers as of_github
from automation.adapters.jira import adf, adf_text, wiki, wiki_text
from automation.adapters.jira import triggers as of_jira
from automation.domain import commands, scope_items
from automation.model.reading import Answer
from automation.sandbox import adf as editor
from automation.text import markdown
from tests.fuzz.bending import ANYTHING, TEXT, bent, deep
from tests.fuzz.test_fuzz_readers import DOCUMENT
from tests.unit.adapters.payloads import comment_event, jira_comment, jira_event

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

TODAY = date(2027, 1, 12)

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
    for system in ("github", "jira"):
        found = commands.parse(lines, system, TODAY)
        assert bool(found) == commands.heard(lines, system)
        assert commands.heard(lines, system, anybody=True) or not found
    for command in found:
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
    found = commands.parse([line], "jira", TODAY)
    if len(line) > commands.LONGEST_LINE:
        assert found == []
        return
    [command] = found
    assert command.word == word
    if word in ("link", "unlink") and not command.problem:
        assert command.deal and command.deal.split() == [command.deal]
    if command.day and not command.spelled:
        assert command.day.isoformat() in line


# ---------------------------------------------------------------- at once or never

COMMANDS = st.sampled_from(
    [
        *(
            "/signoff 2027-03-01",
            "/decline",
            "/link SALES-7",
            "/sign-off",
            "/approve",
            "/sign_off 1 May",
            "/ signoff",
        ),
        *(
            "handshake signoff",
            "handshake sign off 1 May",
            "handshake sign off, please",
            "@x signoff",
            "/close",
        ),
    ]
)
WRAPS = [
    "{}",
    "**{}**",
    "*{}*",
    "_{}_",
    "*_{}_*",
    "\\{}",
    "> {}",
    "`{}`",
    "~~{}~~",
    "~{}~",
    "- {}",
    "  {}",
    "\u00a0{}",
]
WRAPS += [
    "{{{{{}}}}}",
    "{{quote}}{}{{quote}}",
    "{{color:red}}{}{{color}}",
    "bq. {}",
    "-{}-",
    "+{}+",
    "{{*}}{}{{*}}",
]
WRAPS += [
    "&#47;{}",
    "<b>{}</b>",
    "<!-- {} -->",
    "[{}](http://x.y)",
    "[{}|http://x.y]",
    "x\\\\{}",
    "||{}||",
    "h1. {}",
]
HEADERS = [
    "-----Original Message-----",
    "On 1 Jan 2027 x wrote:",
    "From: x\nSent: y",
    "Thanks",
    "",
    "x @y:",
    "$$",
]
WRITTEN = st.lists(
    st.builds(str.format, st.sampled_from(WRAPS), COMMANDS) | st.sampled_from(HEADERS) | MARKUP, max_size=5
).flatmap(lambda lines: st.sampled_from(["\n", "\n\n", "\r\n"]).map(lambda gap: gap.join(lines)))


@given(text=WRITTEN)
def test_on_github_what_wakes_us_is_what_the_catch_up_reads(text: str) -> None:
    lines = markdown.command_lines(text)
    woken = of_github.triggers("issue_comment", comment_event(body=text), frozenset({"acme/shop"}))
    heard = commands.heard(lines, "github")

    assert heard == bool(commands.parse(lines, "github", TODAY))
    assert woken.answer is Answer.TRIGGERS or not heard
    if not any(line.startswith("@") for line in lines):
        assert (woken.answer is Answer.TRIGGERS) == heard


def woken_in_jira(words: object) -> bool:
    body = jira_event("comment_created", comment=jira_comment(words))
    return of_jira.triggers(body, frozenset({"PROD"}), "SALES").answer is Answer.TRIGGERS


@given(text=WRITTEN)
def test_in_jira_all_that_the_catch_up_would_read_wakes_us(text: str) -> None:
    lines = wiki_text.command_lines(text)

    assert commands.heard(lines, "jira") == bool(commands.parse(lines, "jira", TODAY))
    assert woken_in_jira(text) or not commands.heard(lines, "jira")


MARKED = st.builds(
    lambda text, marks: {
        "type": "text",
        "text": text,
        "marks": [{"type": mark, "attrs": {}} for mark in marks],
    },
    COMMANDS | st.sampled_from(["/", "sign", "off", "\\", "&#47;", "handshake ", " 1 May", "x", " "]),
    st.lists(
        st.sampled_from(["strong", "em", "code", "strike", "underline", "link"]), max_size=2, unique=True
    ),
)
NODES = MARKED | st.sampled_from(
    [
        {"type": "hardBreak"},
        {"type": "mention", "attrs": {"id": "5b10", "text": "@The Bot"}},
        {"type": "date", "attrs": {"timestamp": "1798761600000"}},
        {"type": "emoji", "attrs": {"shortName": ":x:"}},
    ]
)
BLOCKS = st.builds(
    lambda kind, nodes: {"type": kind, "content": nodes},
    st.sampled_from(["paragraph", "paragraph", "heading", "codeBlock"]),
    st.lists(NODES, max_size=4),
)


@given(blocks=st.lists(BLOCKS, max_size=3))
def test_in_jira_it_wakes_us_however_the_webhook_writes_the_document(blocks: list[dict[str, Any]]) -> None:
    document = {"type": "doc", "version": 1, "content": blocks}
    if commands.heard(adf_text.command_lines(document, lambda _: True), "jira"):
        assert woken_in_jira(document)
        assert woken_in_jira(editor.to_wiki(document))


@given(day=st.dates(TODAY), form=st.sampled_from(["{:%Y-%m-%d}", "{0:%d} {0:%B} {0:%Y}", "{:%B %d, %Y}"]))
def test_a_date_node_is_the_date_that_it_shows(day: date, form: str) -> None:
    """Jira's editor makes a date of what is typed behind two slashes."""
    millis = (day - date(1970, 1, 1)).days * 86_400_000
    node = {"type": "date", "attrs": {"timestamp": str(millis)}}
    words = {"type": "text", "text": "handshake signoff "}
    as_node = adf_text.command_lines({"content": [{"type": "paragraph", "content": [words, node]}]})
    [typed] = commands.parse([f"/signoff {form.format(day)}"], "jira", TODAY)
    [command] = commands.parse(as_node, "jira", TODAY)

    assert command.day == typed.day == day
