"""The Atlassian Document Format, as far as people write comments in it: from text, to text, to HTML.

https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

Node = Mapping[str, Any]

_BLOCKS = {
    "paragraph": "p",
    "bulletList": "ul",
    "orderedList": "ol",
    "listItem": "li",
    "blockquote": "blockquote",
    "codeBlock": "pre",
    "panel": "aside",
    "taskList": "ul",
    "taskItem": "li",
}
_MARKS = {"strong": "strong", "em": "em", "code": "code", "strike": "s", "underline": "u"}
_WIKI_MARKS = {"strong": "*", "em": "_", "strike": "-", "underline": "+"}
_WIKI_BOXES = {"codeBlock": "noformat", "blockquote": "quote", "panel": "panel"}
_LINES = {"paragraph", "heading", "codeBlock", "taskItem"}


def from_text(text: str) -> dict[str, Any]:
    """Make a document of plain text: a blank line starts a paragraph, another one breaks the line."""
    blocks = [block.split("\n") for block in text.split("\n\n") if block]
    return {
        "type": "doc",
        "version": 1,
        "content": [{"type": "paragraph", "content": list(_broken(lines))} for lines in blocks],
    }


def from_lines(text: str) -> dict[str, Any]:
    """Make a document of one paragraph that ``to_text`` gives back letter for letter."""
    paragraph = {"type": "paragraph", "content": list(_broken(text.split("\n")))}
    return {"type": "doc", "version": 1, "content": [paragraph]}


def is_document(value: object) -> bool:
    """Tell whether ``value`` is a document; Jira's v3 API takes nothing else, and no empty text."""
    return (
        isinstance(value, dict)
        and value.get("type") == "doc"
        and value.get("version") == 1
        and isinstance(value.get("content"), list)
        and all(_is_node(child) for child in value["content"])
    )


def to_text(node: Node) -> str:
    """Return what a document says, a line for each block."""
    kind = node["type"]
    if kind == "text":
        return str(node["text"])
    if kind == "hardBreak":
        return "\n"
    attrs = node.get("attrs", {})
    if kind in {"mention", "inlineCard", "emoji", "status", "date"}:
        return _said(attrs)
    inside = [to_text(child) for child in node.get("content", ())]
    if kind in _LINES:
        return "".join(inside)
    return "\n".join(inside)


def to_wiki(node: Node) -> str:
    """Return a document as wiki markup, as webhooks and the changelog carry it, also from Cloud.
    https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all"""
    kind, attrs = node["type"], node.get("attrs", {})
    if kind == "text":
        return _wiki_marked(str(node["text"]), node.get("marks", ()))
    if kind == "hardBreak":
        return "\n"
    if kind == "inlineCard":
        address = str(attrs.get("url", ""))
        return f"[{address}|{address}|smart-link]"
    if kind == "mention":
        return f"[~accountid:{attrs.get('id', '')}]"
    if kind in {"emoji", "status", "date"}:
        return _said(attrs)
    inside = [to_wiki(child) for child in node.get("content", ())]
    if kind in _WIKI_BOXES:
        box = _WIKI_BOXES[kind]
        return "\n".join([f"{{{box}}}", *inside, f"{{{box}}}"])
    if kind == "heading":
        return f"h{attrs.get('level', 1)}. {''.join(inside)}"
    if kind in {"bulletList", "orderedList"}:
        return "\n".join(f"{'*' if kind == 'bulletList' else '#'} {item}" for item in inside)
    return "".join(inside) if kind in _LINES else "\n".join(inside)


def to_html(node: Node) -> str:
    """Return the document as people see it; what was typed is escaped."""
    kind, attrs = node["type"], node.get("attrs", {})
    if kind == "text":
        return _marked(escape(node["text"]), node.get("marks", ()))
    if kind == "hardBreak":
        return "<br>"
    if kind == "rule":
        return "<hr>"
    if kind == "inlineCard":
        return _link(str(attrs.get("url", "")), escape(str(attrs.get("url", ""))))
    if kind in {"mention", "emoji", "status", "date"}:
        return f"<span class={kind}>{escape(_said(attrs))}</span>"
    inside = "".join(to_html(child) for child in node.get("content", ()))
    if kind == "heading":
        level = int(attrs.get("level", 1))
        return f"<h{level}>{inside}</h{level}>"
    if kind in _BLOCKS:
        box = "" if kind != "taskItem" else "☑ " if attrs.get("state") == "DONE" else "☐ "
        return f"<{_BLOCKS[kind]}>{box}{inside}</{_BLOCKS[kind]}>"
    return inside


def _is_node(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("type"), str):
        return False
    if value["type"] == "text":
        return isinstance(value.get("text"), str) and value["text"] != ""
    inside = value.get("content", [])
    return isinstance(inside, list) and all(_is_node(child) for child in inside)


def _broken(lines: Iterable[str]) -> Iterable[dict[str, Any]]:
    for index, line in enumerate(lines):
        if index:
            yield {"type": "hardBreak"}
        if line:
            yield {"type": "text", "text": line}


def _said(attrs: Mapping[str, Any]) -> str:
    for name in ("text", "url", "shortName", "timestamp", "id"):
        if attrs.get(name):
            return str(attrs[name])
    return ""


def _marked(html: str, marks: Iterable[Node]) -> str:
    for mark in marks:
        if mark["type"] == "link":
            html = _link(str(mark["attrs"].get("href", "")), html)
        elif mark["type"] in _MARKS:
            tag = _MARKS[mark["type"]]
            html = f"<{tag}>{html}</{tag}>"
    return html


def _wiki_marked(text: str, marks: Iterable[Node]) -> str:
    for mark in marks:
        sign = _WIKI_MARKS.get(mark["type"])
        if sign:
            text = f"{sign}{text}{sign}"
        elif mark["type"] == "code":
            text = f"{{{{{text}}}}}"
        elif mark["type"] == "link":
            text = f"[{text}|{mark['attrs'].get('href', '')}]"
    return text


def _link(address: str, html: str) -> str:
    if not address.startswith(("http://", "https://", "mailto:")):
        return html
    return f'<a href="{escape(address)}" rel="nofollow noreferrer">{html}</a>'
