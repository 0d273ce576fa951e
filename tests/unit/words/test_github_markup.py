from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from automation.adapters.github.markup import encode, find_marker, marker, mention
from automation.domain.commands import heard
from automation.rulebook.messages.messages import Messages
from automation.rulebook.variables import Message
from automation.text.markdown import command_lines
from automation.text.safe import Safe

GFM = MarkdownIt("gfm-like", {"linkify": True})

REFERENCES = re.compile(
    r"""@\w | \#\d | \bGH-\d | \b[0-9a-f]{7,40}\b | www\. | \w+://
    | mailto:\w | xmpp:\w | :[a-z+_-][\w+-]*: | ^/\w""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
"""What GitHub looks for in the text that is left of Markdown."""

PIECES = [
    "@octocat", "@acme/product", "#12", "GH-12", "gh-7", "acme/shop#12", "deadbeef",
    "0123456789abcdef01234567", "acme/shop@deadbeef", "http://evil.example",
    "https://evil.example/a?b#c", "www.evil.example", "ftp://x.y", "me@evil.example",
    "mailto:me@evil.example", "<b>", "<!-- handshake:x -->", "<script>", "[x](http://y)", "![x](y)",
    "[x]: http://y", "`", "```", "**", "__", "~~", "> ", "- ", "1. ", "# ", "| a |", "\n", "\r\n",
    "\n\n", "---", "===", "/signoff 2027-03-01", "/link SALES-7", "\\", "&amp;", "&#64;octocat",
    ":tada:", "$x$", "\u202e", "\u200b", "\0", "javascript:x", "[^1]", "{{ deal.name }}",
    "{% if %}", "<https://evil.example>", "@\u200boctocat", "w\u200bww.evil.example", " ", "a", "(",
    ")",
]  # fmt: skip

TYPED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=8).map("".join)


def shape(markdown: str) -> list[str]:
    """Return everything but the words: kinds of tokens, and where links lead."""

    def walk(tokens: list[Token]) -> list[str]:
        found = []
        for token in tokens:
            if token.children is not None:
                found += walk(token.children)
            elif token.type != "text":
                found.append(f"{token.type} {token.attrs.get('href', '')}")
        return found

    return walk(GFM.parse(markdown))


def words(markdown: str) -> str:
    """Return the text that is neither code nor link, as GitHub's own filters see it."""
    lines = []
    for token in GFM.parse(markdown):
        linked, line = 0, ""
        for child in token.children or ():
            linked += child.nesting if child.type.startswith("link_") else 0
            line += child.content if child.type == "text" and not linked else ""
            line += "\n" if child.type.endswith("break") else ""
        lines.append(line)
    return "\n".join(lines)


@given(TYPED)
@example("/signoff 2027-03-01")
@example("deadbeef" * 5)
def test_typed_text_forms_nothing_on_github(typed: str) -> None:
    assert shape(encode(typed)) in (["paragraph_open ", "paragraph_close "], [])
    assert not REFERENCES.search(words(encode(typed)))


@given(TYPED)
@settings(max_examples=settings().max_examples // 3)
def test_typed_text_changes_nothing_but_words_in_any_message(
    shipped: Messages, situation: Callable[..., Message], typed: str
) -> None:
    for name, audience in shipped.names:
        for public in (False, True):
            text = _render(shipped, name, audience, situation(f"x{typed}", public=public, mention=""))
            plain = _render(shipped, name, audience, situation("x", public=public, mention=""))
            assert shape(text) == shape(plain)
            assert not REFERENCES.search(words(text))


@given(TYPED)
@settings(max_examples=settings().max_examples // 3)
def test_nothing_we_say_is_a_command(
    shipped: Messages, situation: Callable[..., Message], typed: str
) -> None:
    for name, audience in shipped.names:
        assert not heard(command_lines(_render(shipped, name, audience, situation(typed))), "jira")


def test_the_proofs_notice_an_encoder_that_does_nothing(
    shipped: Messages, situation: Callable[..., Message]
) -> None:
    text = shipped.render(
        "linked", "issue", situation("[x](http://y) @me"), encode=str, today=date(2027, 1, 1)
    )
    plain = shipped.render("linked", "issue", situation("x"), encode=str, today=date(2027, 1, 1))
    assert shape(text) != shape(plain)
    for piece in ("@octocat", "#12", "GH-12", "deadbeef", "me@evil.example", ":tada:"):
        assert REFERENCES.search(words(f"a {piece} b")), piece


def test_people_read_what_was_typed() -> None:
    assert words(encode("Fix @me, see #12 at https://x.y (a_b)")).replace("\u200b", "").strip() == (
        "Fix @me, see #12 at https://x.y (a_b)"
    )


@pytest.mark.parametrize("login", ["octocat", "a", "mona-lisa", "anna_acme", "x" * 39])
def test_a_login_is_pinged(login: str) -> None:
    assert mention(login) == f"@{login}"
    assert isinstance(mention(login), Safe)


@pytest.mark.parametrize("login", ["", "acme/product", "a b", "a\n@b", "-a", "a-", "x" * 101, "**"])
def test_what_can_be_no_login_pings_nobody(login: str) -> None:
    assert not REFERENCES.search(words(mention(login)))


def test_a_marker_is_found_again() -> None:
    body = f"Hello\n\n{marker('3f2a:1.x')}"
    assert find_marker(body) == "3f2a:1.x"
    assert find_marker(body.replace("\n", "\r\n")) == "3f2a:1.x"


def test_the_last_marker_counts() -> None:
    assert find_marker(f"{marker('first')}\n\ntext\n\n{marker('last')}\n") == "last"


def test_a_marker_is_not_seen_by_people() -> None:
    assert "".join(GFM.render(marker("abc")).split()) == "<!--handshake:abc-->"
    assert words(marker("abc")).strip() == ""


@pytest.mark.parametrize(
    "body", ["", "x", "quoted: <!-- handshake:a --> here", "<!-- handshake: -->", "    x"]
)
def test_where_no_marker_stands_none_is_found(body: str) -> None:
    assert find_marker(body) is None


@given(TYPED)
def test_typed_text_is_no_marker(typed: str) -> None:
    assert find_marker(encode(typed)) is None


@pytest.mark.parametrize("token", ["", "a b", "a-->b", "a--b", "a\n", "ä", "-a", "a-"])
def test_a_marker_that_would_break_its_comment_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="marker"):
        marker(token)


def _render(messages: Messages, name: str, audience: str, view: Message) -> str:
    return messages.render(name, audience, view, encode=encode, today=date(2027, 1, 12))
