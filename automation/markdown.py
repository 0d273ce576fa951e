"""CommonMark, both ways: text made inert for it, and the lines of it that may carry a command.

https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST_INPUT = 65_536
"""Characters that are read of a comment, which is all that GitHub lets anybody write."""

ZERO_WIDTH_SPACE = "\u200b"
"""Put into text that somebody typed, where it would otherwise mean something; people do not see it."""

_BLANK_LETTERS = str.maketrans("", "", "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_PUNCTUATION = re.compile(r"[][\\`*_{}()<>#+.!|~=&^$:@-]")
_COMMAND = re.compile(r"(?<!\S)(/|handshake\b)", re.IGNORECASE)

_QUOTES = "\"“”„‟«»‹›‘‚‛’'`´′″〝〞〟ʹʺʻʼʽˮꞌ「」『』《》〈〉﹁﹂﹃﹄＂＇｀｢｣❛❜❝❞❮❯"
_QUOTE = re.compile(rf"(?P<apostrophe>(?<=\w)[’'ʻʼꞌ](?=\w))|[{re.escape(_QUOTES)}]")

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_ENCLOSING = re.compile(
    r"<(/?)(?:details|blockquote|pre|code|samp|del|s|strike|table|ul|ol|dl|template)\b[^>]*>", re.IGNORECASE
)
_HTML_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def clean(text: str, limit: int = 300) -> str:
    """Return ``text`` as one line of at most ``limit`` visible characters.

    Control, bidirectional and zero-width characters are dropped, white space is folded.
    """
    text = text[: limit * 8]
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " if c.isspace() else "" for c in text)
    text = " ".join(text.translate(_BLANK_LETTERS).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def quoted(text: str, limit: int = 150) -> str:
    """Return ``text``, one line of it, in quotation marks, and nothing for nothing. Marks within are left
    out, so that the quotation ends where it ends; an apostrophe stays."""
    words = clean(_QUOTE.sub(lambda found: "'" if found["apostrophe"] else "", text), limit)
    return f"“{words}”" if words else ""


def backslashed(text: str) -> str:
    """Put a backslash before each character of ``text`` that CommonMark or GFM could read as markup."""
    return _PUNCTUATION.sub(r"\\\g<0>", text)


def without_commands(text: str) -> str:
    """Break every word of ``text`` that could begin a command, wherever a line may come to begin."""
    return _COMMAND.sub(rf"\1{ZERO_WIDTH_SPACE}", text)


def escape(text: str, limit: int = 300) -> str:
    """Make text that somebody typed inert in Markdown: one line without markup or command."""
    return backslashed(without_commands(clean(text, limit)))


def code(text: str, limit: int = 300) -> str:
    """Return ``text`` as a code span, whatever it contains; nothing for nothing.

    https://spec.commonmark.org/0.31.2/#code-spans
    """
    text = clean(text, limit)
    if not text:
        return ""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    padding = " " if "`" in (text[0], text[-1]) else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def command_lines(markdown: str) -> tuple[str, ...]:
    """Return the plain lines of top-level paragraphs, as people read them.

    Left out is what stands in code, quotes, lists, tables, headings or HTML, and each line with
    inline code, an image, HTML or crossed-out words. An autolink counts as its address.
    """
    lines: list[str] = []
    tokens = _PARSER.parse(markdown[:LONGEST_INPUT])
    enclosed = 0
    for token, following in pairwise(tokens):
        if token.type == "html_block":
            enclosed = max(0, enclosed + _opened(token.content))
        elif token.type == "paragraph_open" and token.level == 0 and not enclosed:
            lines.extend(_plain_lines(following.children or ()))
    return tuple(lines)


def _plain_lines(children: Sequence[Token]) -> Iterator[str]:
    line, plain, crossed_out, enclosed, address = "", True, 0, 0, False
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            if plain and line.strip():
                yield line.strip()
            line, plain = "", True
        elif token.type == "html_inline":
            enclosed = max(0, enclosed + _opened(token.content))
            plain = False
        elif token.type in ("s_open", "s_close"):
            crossed_out += token.nesting
        elif token.type == "link_open":
            address = token.info == "auto"
            line += str(token.attrs["href"]) if address else ""
        elif token.type == "link_close":
            address = False
        elif token.type == "text":
            line += "" if address else token.content
        elif token.type not in ("em_open", "em_close", "strong_open", "strong_close"):
            plain = False
        plain = plain and not crossed_out and not enclosed
    if plain and line.strip():
        yield line.strip()


def _opened(html: str) -> int:
    """Count the tags that ``html`` leaves open of those that set text apart."""
    return sum(-1 if closing else 1 for closing in _ENCLOSING.findall(_HTML_COMMENT.sub("", html)))
