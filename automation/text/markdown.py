"""CommonMark, both ways: text made inert for it, and the lines of it that may carry a command.

https://spec.commonmark.org/0.31.2/
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from automation.text.quotations import Line, above

LONGEST_INPUT = 65_536
"""Characters that are read of a comment, which is all that GitHub lets anybody write."""

ZERO_WIDTH_SPACE = "\u200b"
"""Put into text that somebody typed, where it would otherwise mean something; people do not see it."""

_BLANK_LETTERS = str.maketrans("", "", "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
_PUNCTUATION = re.compile(r"[][\\`*_{}()<>#+.!|~=&^$:@-]")
_COMMAND = re.compile(r"(?<!\S)(/|handshake\b)", re.IGNORECASE)

_QUOTES = "\"“”„‟«»‹›‘‚‛’'`´′″〝〞〟ʹʺʻʼʽˮꞌ「」『』《》〈〉﹁﹂﹃﹄＂＇｀｢｣❛❜❝❞❮❯"
_QUOTE = re.compile(rf"(?P<apostrophe>(?<=\w)[’'ʻʼꞌ](?=\w))|[{re.escape(_QUOTES)}]")

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("text_join")
"""It tells what was escaped: that is text, and no command."""
_ENCLOSING = re.compile(
    r"<(/?)(?:details|blockquote|pre|code|samp|del|s|strike|table|ul|ol|dl|template)\b[^>]*>", re.IGNORECASE
)
_FIRST_WORD = re.compile(r"\s*\S*")
_LONGEST_WORD = 100
_TILDE_OPENS = re.compile(r"(?<!\S)[*_]*~(?=[^\s~])")
_TILDE_CLOSES = re.compile(r"(?<=[^\s~])~[*_]*(?!\S)")
_TAG = re.compile(r"<[^<>]*>")
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

    Left out is what stands in code, quotes, lists, tables, headings or HTML, each line with inline code, an
    image, HTML or crossed-out words, each whose first word is escaped, and the mail that is answered. An
    autolink counts as its address, emphasis as nothing.
    """
    return above(list(_lines(_PARSER.parse(markdown[:LONGEST_INPUT]))))


def _lines(tokens: Sequence[Token]) -> Iterator[Line]:
    """Yield what people see outside of quotes, line by line; headers of mail need not be plain."""
    enclosed = quoted = 0
    for token, following in pairwise((*tokens, Token("", "", 0))):
        if token.type == "html_block":
            enclosed = max(0, enclosed + _opened(token.content))
        elif token.type.startswith("blockquote"):
            quoted += token.nesting
        if quoted:
            continue
        if token.type == "html_block":
            yield from (Line(line, False) for line in _TAG.sub(" ", token.content).split("\n"))
        elif token.type == "code_block":
            yield from (Line(line, False) for line in token.content.split("\n"))
        elif token.type == "hr":
            yield Line(token.markup, False)
        elif token.type in ("paragraph_open", "heading_open"):
            # What follows a list belongs to its last item up to an empty line, headers of mail as well.
            plain = token.type == "paragraph_open" and token.level == 0 and not enclosed
            lines = list(_spoken(following.children or ()))
            apart = _apart([line.text for line in lines])
            for number, line in enumerate(lines):
                yield Line(line.text, plain and line.plain and number not in apart)


def _spoken(children: Sequence[Token]) -> Iterator[Line]:
    line, plain, crossed_out, enclosed, address = "", True, 0, 0, False
    for token in children:
        if token.type in ("softbreak", "hardbreak"):
            yield Line(line, plain)
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
        elif token.type in ("text", "text_special"):
            # An escaped slash is no command, nor is a word that was put together of escapes.
            escaped = token.type == "text_special" and len(line) < _LONGEST_WORD
            plain = plain and not (escaped and _FIRST_WORD.fullmatch(line))
            line += "" if address else token.content
        elif token.type not in ("em_open", "em_close", "strong_open", "strong_close"):
            plain = False
        plain = plain and not crossed_out and not enclosed
    yield Line(line, plain)


def _apart(lines: Sequence[str]) -> range:
    """Return the numbers of the lines of a paragraph that GitHub crosses out by single tildes or shows as
    a formula, which CommonMark does not know of.

    https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting
    """
    if any(line.lstrip().startswith("$$") for line in lines):
        return range(len(lines))
    opened = next((number for number, line in enumerate(lines) if _TILDE_OPENS.search(line)), len(lines))
    closed = [number for number, line in enumerate(lines) if _TILDE_CLOSES.search(line)]
    return range(opened, max(closed, default=0) + 1)


def _opened(html: str) -> int:
    """Count the tags that ``html`` leaves open of those that set text apart."""
    return sum(-1 if closing else 1 for closing in _ENCLOSING.findall(_HTML_COMMENT.sub("", html)))
