"""Jira Cloud's dialect: Markdown to the Atlassian Document Format (ADF), and ADF to plain text.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from automation.markdown import backslashed, escape
from automation.variables import Safe

Adf = dict[str, Any]

DEEPEST = 40
"""Levels of nesting that are read; what lies deeper is left out."""

_PARSER = MarkdownIt("commonmark")
_MENTION = "mention:"
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_-]{0,127}")
_SPEAKING = {"mention", "emoji", "status", "date"}
_LEFT_OUT = {"code", "strike"}
_BLOCKS = {
    "paragraph", "heading", "codeBlock", "blockquote", "listItem", "bulletList", "orderedList",
    "panel", "expand", "nestedExpand", "tableRow", "taskItem", "decisionItem", "rule",
}  # fmt: skip


def encode(text: str) -> str:
    """Make text that somebody typed inert: ADF has no other markup than what ``to_adf`` reads."""
    return escape(text)


def mention(account_id: str, name: str) -> Safe:
    """Return the Markdown that ``to_adf`` makes a mention of: ``[@Anna](<mention:5b10…>)``.

    Typed text can never take this form, as ``encode`` leaves it no brackets; and the ``link`` filter of
    messages takes http(s) addresses only. An impossible id gives the name, without a ping.
    """
    if not _ACCOUNT.fullmatch(account_id):
        return Safe(encode(name))
    return Safe(f"[{backslashed('@')}{encode(name)}](<{_MENTION}{account_id}>)")


# ---------------------------------------------------------------- Markdown to ADF


def to_adf(markdown: str) -> Adf:
    """Return ``markdown`` as an ADF document. Raw HTML becomes text, a line break stays one."""
    return {"version": 1, "type": "doc", "content": _blocks(iter(_PARSER.parse(markdown)), "doc")}


def _blocks(tokens: Iterator[Token], within: str) -> list[Adf]:
    """Convert blocks up to the end of the enclosing one; ``within`` decides what ADF allows there.

    How deep they nest is limited by the parser (``maxNesting``).
    """
    found: list[Adf] = []
    for token in tokens:
        if token.nesting < 0:
            break
        found.extend(_block(token, tokens, within))
    return found


def _block(token: Token, tokens: Iterator[Token], within: str) -> list[Adf]:
    match token.type:
        case "paragraph_open" | "heading_open":
            content = _inlines(next(tokens).children or [])
            next(tokens)
            if token.type == "paragraph_open" or within != "doc":
                return [{"type": "paragraph", "content": content}]
            return [{"type": "heading", "attrs": {"level": int(token.tag[1])}, "content": content}]
        case "bullet_list_open":
            return [{"type": "bulletList", "content": _items(tokens)}]
        case "ordered_list_open":
            order = {"order": int(token.attrs.get("start", 1))}
            return [{"type": "orderedList", "attrs": order, "content": _items(tokens)}]
        case "blockquote_open":
            content = _blocks(tokens, "quote" if within == "doc" else within)
            quote = {"type": "blockquote", "content": content or [_paragraph("")]}
            return [quote] if within == "doc" else content
        case "fence" | "code_block":
            return [{"type": "codeBlock", "content": _text(token.content.rstrip("\n"), [])}]
        case "hr" if within == "doc":
            return [{"type": "rule"}]
    return [_paragraph(token.content.strip())] if token.content.strip() else []


def _items(tokens: Iterator[Token]) -> list[Adf]:
    items: list[Adf] = []
    for token in tokens:
        if token.nesting < 0:
            break
        content = _blocks(tokens, "item")
        if not content or content[0]["type"] not in ("paragraph", "codeBlock"):
            content.insert(0, _paragraph(""))
        items.append({"type": "listItem", "content": content})
    return items


def _inlines(tokens: Iterable[Token]) -> list[Adf]:
    found: list[Adf] = []
    marks: list[Adf] = []
    whom = ""
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak" if not whom:
                found.append({"type": "hardBreak"})
            case "link_open":
                href = str(token.attrs["href"])
                whom = href.removeprefix(_MENTION) if href.startswith(_MENTION) else ""
                if whom:
                    found.append({"type": "mention", "attrs": {"id": whom, "text": ""}})
                marks.append({"type": "link", "attrs": {"href": href}})
            case "strong_open" | "em_open":
                marks.append({"type": token.type.removesuffix("_open")})
            case "link_close" | "strong_close" | "em_close":
                whom = "" if token.type == "link_close" else whom
                marks.pop()
            case _ if whom:
                found[-1]["attrs"]["text"] += token.content
            case "code_inline":
                # ADF lets code stand together with a link, and with no other mark.
                links = [mark for mark in marks if mark["type"] == "link"]
                found += _text(token.content, [*links, {"type": "code"}])
            case _:
                found += _text(token.content, marks)
    return found


def _paragraph(text: str) -> Adf:
    return {"type": "paragraph", "content": _text(text, [])}


def _text(text: str, marks: list[Adf]) -> list[Adf]:
    """Return a text node, or none: ADF has no empty ones, and no mark twice."""
    if not text:
        return []
    unique = list({mark["type"]: mark for mark in marks}.values())
    return [{"type": "text", "text": text, **({"marks": unique} if unique else {})}]


# ---------------------------------------------------------------- ADF to text


def text_of(adf: object) -> str:
    """Return the plain text of an ADF document, one line a block; of wiki text (API v2) the text itself."""
    if isinstance(adf, str):
        return adf
    lines = "".join(_pieces(adf, 0)).split("\n")
    return "\n".join(line for line in (line.strip() for line in lines) if line)


def _pieces(node: object, depth: int) -> Iterator[str]:
    if not isinstance(node, dict) or depth > DEEPEST:
        return
    own = _said(node)
    if own is not None:
        yield own
        return
    block = node.get("type") in _BLOCKS
    yield "\n" if block else ""
    for child in _children(node):
        yield from _pieces(child, depth + 1)
    yield "\n" if block else ""


def command_lines(adf: object) -> tuple[str, ...]:
    """Return the plain lines of a document's top-level paragraphs, as people read them.

    Left out is what stands in code, quotes, lists, tables, panels or headings, and each line with
    code or crossed-out words. A smart link counts as its address, a mention as its name.
    """
    lines: list[str] = []
    for block in _children(adf):
        if not isinstance(block, dict) or block.get("type") != "paragraph":
            continue
        line, plain = "", True
        for node in (*_children(block), {"type": "hardBreak"}):
            said = _said(node) if isinstance(node, dict) else None
            if said is None or _LEFT_OUT & _marks(node):
                plain = False
                continue
            first, *more = said.split("\n")
            line += first
            for next_line in more:
                if plain and line.strip():
                    lines.append(line.strip())
                line, plain = next_line, True
    return tuple(lines)


def _said(node: Adf) -> str | None:
    """Return what an inline node says, or None if it is no node of text."""
    kind, attrs = node.get("type"), node.get("attrs")
    attrs = attrs if isinstance(attrs, dict) else {}
    if kind == "text":
        return _string(node.get("text"))
    if kind == "hardBreak":
        return "\n"
    if kind in ("inlineCard", "blockCard"):
        return _string(attrs.get("url"))
    if kind in _SPEAKING:
        return _string(attrs.get("text")) or _string(attrs.get("shortName"))
    return None


def _children(node: object) -> list[Any]:
    content = node.get("content") if isinstance(node, dict) else None
    return content if isinstance(content, list) else []


def _marks(node: Adf) -> set[str]:
    marks = node.get("marks")
    found = marks if isinstance(marks, list) else []
    return {str(mark.get("type")) for mark in found if isinstance(mark, dict)}


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""
