"""Write Jira Cloud's dialect: Markdown becomes the Atlassian Document Format (ADF).

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from automation.text.markdown import backslashed, escape
from automation.text.safe import Safe

Adf = dict[str, Any]

_PARSER = MarkdownIt("commonmark")
_MENTION = "mention:"
_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_-]{0,127}")


def encode(text: str) -> str:
    """Make text that somebody typed inert: ADF has no other markup than what ``from_markdown`` reads."""
    return escape(text)


def mention(account_id: str, name: str) -> Safe:
    """Return the Markdown that ``from_markdown`` makes a mention of: ``[@Anna](<mention:5b10…>)``.

    Typed text can never take this form, as ``encode`` leaves it no brackets; and the ``link`` filter of
    messages takes http(s) addresses only. An impossible id gives the name, without a ping.
    """
    if not _ACCOUNT.fullmatch(account_id):
        return Safe(encode(name))
    return Safe(f"[{backslashed('@')}{encode(name)}](<{_MENTION}{account_id}>)")


# ---------------------------------------------------------------- Markdown to ADF


def from_markdown(markdown: str) -> Adf:
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
