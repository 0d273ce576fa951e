"""Read Jira Data Center's dialect: what wiki markup says, for commands and as text.

https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from automation.text.quotations import Line, above

LONGEST = 65_536
"""Characters that are read; Jira's own limit is half of that."""

_TAG = re.compile(
    r"(?<!\\)\{(code|noformat|quote|panel|expand|info|tip|note|warning|html|section|column|bgcolor|align)"
    r"(?::[^{}\n]*)?\}",
    re.IGNORECASE,
)
_VERBATIM = ("code", "noformat")
_COLOUR = re.compile(r"(?<!\\)\{color(?::[^{}\n]*)?\}", re.IGNORECASE)
_LINK = re.compile(r"(?<!\\)\[(?:((?:\\.|[^\[\]|\n\\])*)\|)?((?:\\.|[^\[\]|\n\\])+)(?:\|[^\[\]|\n]*)?\]")
_KEPT = re.compile(rf"{_LINK.pattern}|https?://[^\s|\[\]{{}}]+")
_EMPHASIS = re.compile(r"(?<![\w\\])([*_+])(?=[^\s])(?!\1)([^\n]{0,500}?[^\s\\])\1(?!\w|\1)")
_MOST_EMPHASIS = 3
"""So many kinds of it may stand in each other."""
_CROSSED_OUT = re.compile(r"(?<![\w\\-])-(?=[^\s-])[^\n]{0,500}?[^\s\\-]-(?![\w-])")
_SHOWN = re.compile(r"(?<!\\)\{|(?<!\\)![^!\s]+!")
"""What no plain line holds: a macro, code, a picture."""
_MONOSPACED = re.compile(r"(?<!\\)\{\{([^\n]{1,500}?)\}\}")
_ESCAPED = re.compile(r"\\([-#*_+?^~|%{}\[\]()!@])")
_NEW_LINE = re.compile(r"(?<!\\)\\\\(?!\\)")
_LISTED = re.compile(r"\s*([*#]+|-)\s+(.*)")
_HEADING = re.compile(r"\s*h([1-6])\.\s*(.*)")
_QUOTED = re.compile(r"\s*bq\.\s*(.*)")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of text and the tags it stands in, the outermost first."""

    within: tuple[str, ...]
    text: str


# ---------------------------------------------------------------- commands


def command_lines(wiki: object, is_us: Callable[[str], bool] = lambda _: False) -> tuple[str, ...]:
    """Return the plain lines of a text, as people read them.

    Left out is what stands in code, quotes, panels, lists, tables or headings, each line with code, a picture
    or crossed-out words, and the mail that is answered. A link counts as its address, emphasis as nothing, a
    mention as its name; one of ourselves, by username or account id, as ``@handshake``.
    """
    return above(list(_lines(wiki, is_us))) if isinstance(wiki, str) else ()


def _lines(wiki: str, is_us: Callable[[str], bool]) -> Iterator[Line]:
    """Yield what people see at the top level, line by line; headers of mail need not be plain."""

    def address(link: re.Match[str]) -> str:
        target = link[2].strip()
        return "@handshake" if target.startswith("~") and is_us(target[1:]) else _address(link)

    text = "".join("\0" if piece.within else piece.text for piece in _pieces(wiki))
    listed = False
    for line in _NEW_LINE.sub("\n", text).split("\n"):
        if not line.strip():
            listed = False
        elif _LISTED.match(line) or _QUOTED.match(line) or line.lstrip().startswith("|"):
            listed = True  # what follows belongs to it, up to an empty line
        else:
            seen = _COLOUR.sub("", line)
            hidden = "\0" in seen or _SHOWN.search(seen) or _CROSSED_OUT.search(seen) or _HEADING.match(line)
            yield Line(_spoken(seen, address), not hidden and not listed)


# ---------------------------------------------------------------- text


def to_markdown(wiki: object) -> str:
    """Return a text as Markdown-like text, to be compared and searched, not to be rendered.

    Emphasis and colours are left out, as they change no requirement; what was typed is not escaped.
    """
    return "\n".join(_written(_pieces(wiki) if isinstance(wiki, str) else iter(()))).strip("\n")


def _written(pieces: Iterator[_Piece]) -> Iterator[str]:
    quoted = False
    for piece in pieces:
        text = piece.text.strip("\n")
        if not text.strip():
            continue
        if quoted:
            yield ""  # else what follows would belong to the quote
        quoted = "quote" in piece.within
        prefix = "> " if quoted else ""
        if piece.within and piece.within[-1] in _VERBATIM:
            fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
            lines = [fence, *text.split("\n"), fence]
        else:
            lines = []
            for line in _NEW_LINE.sub("\n", text).split("\n"):
                lines += [_line(line), *([""] if _QUOTED.fullmatch(line) else [])]
        yield from (f"{prefix}{line}".rstrip() for line in lines)


def _line(line: str) -> str:
    if found := _HEADING.fullmatch(line):
        return f"{'#' * int(found[1])} {_words(found[2])}"
    if found := _QUOTED.fullmatch(line):
        return f"> {_words(found[1])}"
    if found := _LISTED.fullmatch(line):
        marker = "1." if found[1][-1] == "#" else "-"
        return f"{'  ' * (len(found[1]) - 1)}{marker} {_words(found[2])}"
    return _words(line).strip()


def _words(text: str) -> str:
    return _spoken(_MONOSPACED.sub(r"`\1`", _COLOUR.sub("", text)), _linked)


# ---------------------------------------------------------------- markup


def _pieces(wiki: str) -> Iterator[_Piece]:
    """Cut text at the tags that set a part of it apart. What is never closed goes on to the end."""
    wiki = re.sub("[\0\1]", "", wiki[:LONGEST]).replace("\r\n", "\n").replace("\r", "\n")
    within: list[str] = []
    start = 0
    for tag in _TAG.finditer(wiki):
        name = tag[1].lower()
        if within and within[-1] in _VERBATIM and name != within[-1]:
            continue
        yield _Piece(tuple(within), wiki[start : tag.start()])
        start = tag.end()
        if within and within[-1] == name:
            within.pop()
        else:
            within.append(name)
    yield _Piece(tuple(within), wiki[start:])


def _spoken(text: str, said: Callable[[re.Match[str]], str]) -> str:
    """Return what a line says without its emphasis and escapes; addresses stay as they are."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(said(found) if found[0].startswith("[") else found[0])
        return f"\1{len(kept) - 1}\1"

    plain = _CROSSED_OUT.sub(lambda found: f"~~{found[0][1:-1]}~~", _KEPT.sub(keep, text))
    for _ in range(_MOST_EMPHASIS):
        plain = _EMPHASIS.sub(r"\2", plain)
    plain = _ESCAPED.sub(r"\1", plain)
    return re.sub("\1([0-9]+)\1", lambda found: kept[int(found[1])], plain)


def _address(link: re.Match[str]) -> str:
    """Return what a link leads to, or the name of whom it mentions."""
    target = link[2].strip()
    if target.startswith("~"):
        return f"@{target[1:]}"
    return target if target.startswith(("http://", "https://")) else link[0]


def _linked(link: re.Match[str]) -> str:
    target, words = _address(link), _ESCAPED.sub(r"\1", link[1] or "")
    if words in ("", target) or not target.startswith("http") or link[0].endswith("|smart-link]"):
        return target
    return f"[{words}]({target})"
