"""What people read in a Markdown text and its author meant: the words and addresses that may link a deal.

Left out is what nobody sees (HTML comments, tags, link titles, definitions that nothing uses, what
stands behind a picture) and what is shown but not meant: code, quotes, crossed-out words.

https://spec.commonmark.org/0.31.2/
https://github.github.com/gfm/
"""

from __future__ import annotations

import functools
import html
import re
from collections import Counter
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

LONGEST_INPUT = 65_536
"""Characters that are read of a text, which is all that GitHub lets anybody write."""

LOOKED_AT = 512
"""Texts that are remembered: an issue is soon looked at again, mostly with the same words."""

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_APART = re.compile("blockquote|code|del|kbd|pre|q|s|samp|script|strike|style|template|tt|var")
"""Elements whose text is not shown, not meant, or not the author's own."""
_BREAKING = re.compile("br|dd|details|div|dt|h[1-6]|hr|li|p|summary|table|td|th|tr")
_HTML = re.compile(
    r"<!--(?:.*?(?P<shut>-->)|.*)|<[!?][^<>]*+>?"
    r"|<(?P<closing>/?)(?P<name>[a-z][a-z0-9-]*+)(?:[^<>\"']|\"[^\"<]*+\"|'[^'<]*+')*+>"
    r"|(?P<words>[^<]++|<)",
    re.DOTALL | re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_STRUCK = re.compile(r"(?<![~\w])~(?![~\s])[^~]++(?<!\s)~(?![~\w])")
"""One tilde on either side crosses out as well, on GitHub."""
_GAP = "\ufffc"
"""Stands for what was left out within a line."""
_MARK = "\x1e"
"""Stands before a heading."""


@functools.lru_cache(maxsize=LOOKED_AT)
def visible(markdown: str) -> str:
    """Return the words that count, block by block, and after each block the addresses it links to."""
    reader = _Reader()
    reader.read(_PARSER.parse(markdown[:LONGEST_INPUT]))
    return _COMMENT.sub(_GAP, "\n".join(reader.blocks))


@functools.lru_cache(maxsize=LOOKED_AT)
def sections(markdown: str) -> tuple[tuple[str, str], ...]:
    """Return the headings, each with the words that count below it, up to the next one. An issue form writes
    the label of each field as one, and the answer below it.

    https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
    """
    reader = _Reader()
    reader.read(_PARSER.parse(markdown[:LONGEST_INPUT].replace(_MARK, " ")))
    blocks = list(reader.blocks)
    for start, end in reversed(reader.headings):  # an address in a heading is no answer
        blocks[start:end] = [f"{_MARK}{' '.join(blocks[start].split())}"]
    parts = _COMMENT.sub(_GAP, "\n".join(blocks)).replace(_GAP, " ").split(_MARK)
    found = (part.partition("\n") for part in parts[1:])
    return tuple((heading.strip(), words.strip()) for heading, _, words in found)


class _Reader:
    """Walks over tokens in reading order; HTML may open in one block and close in another."""

    def __init__(self) -> None:
        self.blocks: list[str] = []
        self.headings: list[tuple[int, int]] = []
        """Which of the blocks are headings, each with the addresses it links to."""
        self._apart: Counter[str] = Counter()
        self._quoted = 0
        self._over = False

    def read(self, tokens: Sequence[Token]) -> None:
        heads = False
        for token in tokens:
            if token.type == "heading_open":
                heads = token.level == 0 and not self._hidden()
            elif token.type in ("blockquote_open", "blockquote_close"):
                self._quoted += token.nesting
            elif token.type == "html_block":
                self.blocks.append(self._html(token.content))
            elif token.type == "inline":
                start = len(self.blocks)
                self._block(token.children or ())
                if heads:
                    self.headings.append((start, len(self.blocks)))
                heads = False

    def _block(self, children: Sequence[Token]) -> None:
        words, addresses, struck = "", [], 0
        for token in children:
            if token.type in ("s_open", "s_close"):
                struck += token.nesting
                words += _GAP
            elif token.type == "html_inline":
                words += self._html(token.content)
            elif token.type in ("softbreak", "hardbreak"):
                words += "\n"
            elif struck or self._hidden():
                continue
            elif token.type == "text":
                words += token.content
            elif token.type == "link_open":
                addresses.append(str(token.attrs["href"]))
            elif token.type in ("code_inline", "image"):
                words += _GAP
        self.blocks += [_STRUCK.sub(_GAP, words), *addresses]

    def _html(self, source: str) -> str:
        """Take note of the tags and return the words between them."""
        words = ""
        for part in _HTML.finditer(source):
            if part["words"]:
                words += "" if self._hidden() else html.unescape(part["words"])
            elif part["name"]:
                name = part["name"].lower()
                if _APART.fullmatch(name):
                    self._apart[name] = max(0, self._apart[name] + (-1 if part["closing"] else 1))
                words += "\n" if _BREAKING.fullmatch(name) else ""
            elif part[0].startswith("<!--") and not part["shut"]:
                self._over = True  # for whoever reads the page, nothing comes after it
        return words

    def _hidden(self) -> bool:
        return self._over or self._quoted > 0 or any(self._apart.values())
