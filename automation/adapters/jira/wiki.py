"""Write Jira Data Center's dialect: Markdown becomes wiki markup.

https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa?section=all
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from automation.text.markdown import ZERO_WIDTH_SPACE, backslashed, escape
from automation.text.safe import Safe

_PARSER = MarkdownIt("commonmark")
_MENTION = "mention:"
_USERNAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._@+-]{0,253}[A-Za-z0-9_])?")

_MARKUP = re.compile(r"[-#*_+?^~|%{}\[\]()!@]|\\|&(?=#?\w+;)")
"""What a backslash makes plain; a backslash itself and the & of an entity have to be entities."""
_ENTITIES = {"\\": "&#92;", "&": "&amp;"}
_MEANT = re.compile(r":(?=[^\s\d])|\b(?:h[1-6]|bq)(?=\.)", re.IGNORECASE)
"""What else means something: addresses and smileys, headings and quotes."""
_CODE_END = re.compile(r"\{(?=noformat)", re.IGNORECASE)
_NO_ADDRESS = re.compile(r"[\s|\[\]{}\\]")
_MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_"}


def encode(text: str) -> str:
    """Make text that somebody typed inert: all text that ``from_markdown`` reads becomes plain."""
    return escape(text)


def mention(username: str, name: str) -> Safe:
    """Return the Markdown that ``from_markdown`` makes a mention of: ``[@Anna](<mention:anna>)``.

    Typed text can never take this form; an impossible username gives the name, without a ping.
    """
    if not _USERNAME.fullmatch(username):
        return Safe(encode(name))
    return Safe(f"[{backslashed('@')}{encode(name)}](<{_MENTION}{username}>)")


def from_markdown(markdown: str) -> str:
    """Return ``markdown`` as wiki markup. Raw HTML becomes text, a line break stays one."""
    return "\n\n".join(_blocks(iter(_PARSER.parse(markdown)), ""))


def _blocks(tokens: Iterator[Token], within: str) -> Iterator[str]:
    """Convert blocks up to the end of the enclosing one.

    ``within``: the list's marker (``*#``), ``>`` in a quote, nothing at the top. How deep they nest
    is limited by the parser (``maxNesting``).
    """
    for token in tokens:
        if token.nesting < 0:
            return
        match token.type:
            case "paragraph_open" | "heading_open":
                words = _inlines(next(tokens).children or [])
                next(tokens)
                if token.type == "heading_open" and not within:
                    words = f"{token.tag}. {' '.join(words.split())}"
                yield words
            case "bullet_list_open" | "ordered_list_open":
                marker = within.lstrip(">") + ("*" if token.type == "bullet_list_open" else "#")
                yield "\n".join(_items(tokens, marker))
            case "blockquote_open":
                inside = "\n\n".join(_blocks(tokens, within or ">"))
                # The tag that opens a quote is the one that ends it, so there is none inside another.
                yield inside if within else f"{{quote}}\n{inside}\n{{quote}}"
            case "fence" | "code_block":
                words = _CODE_END.sub(rf"\g<0>{ZERO_WIDTH_SPACE}", token.content.rstrip("\n"))
                yield f"{{noformat}}\n{words}\n{{noformat}}"
            case "hr" if not within:
                yield "----"
            case _ if token.content.strip():
                yield "\n".join(map(_plain, token.content.strip().split("\n")))


def _items(tokens: Iterator[Token], marker: str) -> Iterator[str]:
    for token in tokens:
        if token.nesting < 0:
            return
        # A blank line would end the list.
        first, *more = [block for block in _blocks(tokens, marker) if block] or [""]
        listed = first.startswith(("*", "#")) and first.lstrip("*#")[:1] == " "
        yield "\n".join([*([first] if listed else [f"{marker} {first}".rstrip()]), *more])


def _inlines(tokens: Iterable[Token]) -> str:
    said = ""
    links: list[tuple[str, str]] = []
    for token in tokens:
        match token.type:
            case "softbreak" | "hardbreak":
                said += " " if links else "\n"
            case "link_open":
                links.append((str(token.attrs["href"]), said))
                said = ""
            case "link_close":
                address, before = links.pop()
                said = before + _link(address, said)
            case "code_inline":
                closed = ZERO_WIDTH_SPACE if token.content.endswith("}") else ""
                said += f"{{{{{_plain(token.content)}{closed}}}}}"
            case _:
                said += _MARKS.get(token.type, "") or _plain(token.content)
    return said


def _link(address: str, words: str) -> str:
    if address.startswith(_MENTION):
        return f"[~{address.removeprefix(_MENTION)}]"
    if not address.startswith(("http://", "https://", "mailto:")):
        return words
    safe = _NO_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", address)
    return f"[{words}|{safe}]" if words else f"[{safe}]"


def _plain(text: str) -> str:
    """Make any text plain: no markup, and nothing that Jira links on its own accord, such as keys."""
    text = _MEANT.sub(rf"\g<0>{ZERO_WIDTH_SPACE}", text)
    return _MARKUP.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)
