"""Read Jira Cloud's dialect: what the Atlassian Document Format (ADF) says, for commands and as text.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from automation.text.quotations import Line, above

Adf = dict[str, Any]

DEEPEST = 40
"""Levels of nesting that are read; what lies deeper is left out."""

_SPEAKING = {"mention", "emoji", "status"}
_LEFT_OUT = {"code", "strike"}
_CORE = re.compile(r"\A(\s*)(.*?)(\s*)\Z", re.DOTALL)


# ---------------------------------------------------------------- commands


def command_lines(adf: object, is_us: Callable[[str], bool] = lambda _: False) -> tuple[str, ...]:
    """Return the plain lines of a document's top-level paragraphs, as people read them.

    Left out is what stands in code, quotes, lists, tables, panels or headings, each line with code or
    crossed-out words, and the mail that is answered. A smart link counts as its address, a date as its ISO
    form, a mention as its name; one of ourselves, by account id, as ``@handshake``.
    """
    return above(list(_lines(adf, is_us)))


def _lines(adf: object, is_us: Callable[[str], bool]) -> Iterator[Line]:
    """Yield what people see at the top level, line by line; headers of mail need not be plain."""
    for block in _children(adf):
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "rule":
            yield Line("---", False)
        if kind not in ("paragraph", "heading"):
            continue
        line, plain = "", kind == "paragraph"
        for node in (*_children(block), {"type": "hardBreak"}):
            said = _said(node) if isinstance(node, dict) else None
            if said is None:
                plain = False
                continue
            plain = plain and not _LEFT_OUT & _marks(node).keys()
            if node.get("type") == "mention" and is_us(_string(_attrs(node).get("id"))):
                said = "@handshake"
            first, *more = said.split("\n")
            line += first
            for next_line in more:
                yield Line(line, plain)
                line, plain = next_line, kind == "paragraph" and not _LEFT_OUT & _marks(node).keys()


# ---------------------------------------------------------------- text


def to_markdown(adf: object) -> str:
    """Return a document as Markdown-like text, to be compared and searched, not to be rendered.

    Emphasis and colours are left out, as they change no requirement; what was typed is not escaped.
    """
    return "\n\n".join(_blocks(_children(adf), 0))


def _blocks(nodes: Iterable[object], depth: int) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, dict) and depth <= DEEPEST:
            yield from (block for block in _block(node, depth) if block.strip())


def _block(node: Adf, depth: int) -> Iterator[str]:
    kind, attrs, inside = node.get("type"), _attrs(node), _children(node)
    if kind == "paragraph":
        yield _inline(inside)
    elif kind == "heading":
        level = attrs.get("level")
        yield f"{'#' * (level if isinstance(level, int) and 0 < level < 7 else 1)} {_one_line(inside)}"
    elif kind == "codeBlock":
        said = _inline(inside)
        fence = _fence(said, 3)
        yield f"{fence}\n{said}\n{fence}"
    elif kind == "blockquote":
        yield _behind("> ", "> ", "\n\n".join(_blocks(inside, depth + 1)))
    elif kind in ("bulletList", "orderedList", "taskList", "decisionList"):
        yield "\n".join(_items(node, depth + 1))
    elif kind == "table":
        yield "\n".join(_row(row, depth + 1) for row in inside)
    elif kind == "rule":
        yield "---"
    elif _said(node) is not None:
        yield _inline([node])
    else:
        yield from _blocks(inside, depth + 1)


def _items(found: Adf, depth: int) -> Iterator[str]:
    """Write the items of a list, one a line; what stands below an item is indented."""
    if depth > DEEPEST:
        return
    for number, item in enumerate(_children(found), 1):
        if not isinstance(item, dict):
            continue
        if item.get("type") == "taskList":
            yield from (f"  {line}" for line in _items(item, depth + 1))
            continue
        marker = f"{number}. " if found.get("type") == "orderedList" else "- "
        if item.get("type") in ("taskItem", "decisionItem"):
            words = _inline(_children(item))
        else:
            words = "\n".join(_blocks(_children(item), depth + 1))
        if item.get("type") in ("taskItem", "blockTaskItem"):
            marker += "[x] " if _attrs(item).get("state") == "DONE" else "[ ] "
        yield _behind(marker, "   " if marker[0] != "-" else "  ", words)


def _row(row: object, depth: int) -> str:
    cells = (" ".join(" ".join(_blocks(_children(cell), depth + 1)).split()) for cell in _children(row))
    return f"| {' | '.join(cells)} |"


def _inline(nodes: Iterable[object]) -> str:
    """Write what stands in a line. Crossed-out words stay so, as they ask for nothing."""
    said = ""
    pieces = (node for node in nodes if isinstance(node, dict))
    for struck, together in groupby(pieces, lambda node: "strike" in _marks(node)):
        words = "".join(map(_piece, together))
        said += _CORE.sub(r"\1~~\2~~\3", words) if struck and words.strip() else words
    return said


def _one_line(nodes: Iterable[object]) -> str:
    return " ".join(_inline(nodes).split())


def _piece(node: Adf) -> str:
    said, marks = _said(node) or "", _marks(node)
    if said and "code" in marks:
        fence = _fence(said, 1)
        said = f"{fence}{said}{fence}"
    address = _string(_attrs(marks.get("link", {})).get("href"))
    return f"[{said}]({address})" if address and said != address else said


def _fence(code: str, least: int) -> str:
    """Return the backticks around code, more than stand in it."""
    return "`" * max(least, 1 + max(map(len, re.findall("`+", code)), default=0))


def _behind(first: str, others: str, text: str) -> str:
    """Put ``first`` before the first line of ``text`` and ``others`` before the rest."""
    head, *more = text.split("\n")
    return "\n".join([first + head, *(f"{others}{line}".rstrip() for line in more)])


# ---------------------------------------------------------------- nodes


def _said(node: Adf) -> str | None:
    """Return what an inline node says, or None if it is no node of text."""
    kind, attrs = _string(node.get("type")), _attrs(node)
    if kind == "text":
        return _string(node.get("text"))
    if kind == "hardBreak":
        return "\n"
    if kind in ("inlineCard", "blockCard", "embedCard"):
        return _string(attrs.get("url"))
    if kind == "date":
        return _day(attrs.get("timestamp"))
    if kind in _SPEAKING:
        said = _string(attrs.get("text")) or _string(attrs.get("shortName"))
        return said or ("@" if kind == "mention" else "□")
    return None


def _day(timestamp: object) -> str:
    """Return the day of a date node, whose time is in milliseconds since 1970, as text."""
    try:
        day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(str(timestamp)))
    except (OverflowError, ValueError):
        return "□"
    return day.date().isoformat()


def _children(node: object) -> list[Any]:
    content = node.get("content") if isinstance(node, dict) else None
    return content if isinstance(content, list) else []


def _attrs(node: Adf) -> Adf:
    attrs = node.get("attrs")
    return attrs if isinstance(attrs, dict) else {}


def _marks(node: Adf) -> dict[str, Adf]:
    marks = node.get("marks")
    found = marks if isinstance(marks, list) else []
    return {str(mark.get("type")): mark for mark in found if isinstance(mark, dict)}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
