"""What an issue asks for, item by item, read from its title and its Markdown body.

An item is a paragraph, a list or task item, a table row, a block of code, or a heading that says more
than where things stand ("Google login", but not "Description"). Left out is what asks for nothing:
HTML comments, crossed-out text, ticks, emphasis, the answer GitHub writes into an empty form field,
and the fields that name the deal, what customers call it, and what users said. A link counts by its
words and its address, without the address's tracking; an image by its description and its address.

https://spec.commonmark.org/0.31.2/
https://github.github.com/gfm/#task-list-items-extension-
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

MOST_LINES = 5_000
LONGEST_BODY = 65_536
"""Lines and characters of a body that are read as Markdown; what comes after them is one item.
GitHub lets nobody write more characters, Jira half as many."""

LONGEST_NAME = 100
"""Characters of a heading that can be one of those which only say where things stand."""

_PARSER = MarkdownIt("commonmark", {"maxNesting": 60}).enable("table").disable("reference")
_PARSER.core.ruler.enableOnly(["normalize", "block"])


def _phrases(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(phrase.split()) for phrase in listed.split(";"))


HEADINGS = _phrases(
    """Acceptance criteria; Acceptance criterion; Definition of done; Definition of ready; AC; DoD;
    Description; Summary; Overview; Problem; Motivation; Background; Context; Details; Solution;
    Proposed solution; Proposal; Goal; Goals; User story; User stories; Requirement; Requirements; Scope;
    In scope; Must have; Task; Tasks; Sub-task; Sub-tasks; To-do; To-dos; Note; Notes; Link; Links;
    Resources; References; Screenshot; Screenshots; Mock-up; Mock-ups; Environment; Version;
    Additional context; Additional information; Additional notes; Alternatives; Alternatives considered;
    Steps to reproduce; How to reproduce; Expected behavior; Expected behaviour; Expected result;
    Actual behavior; Actual behaviour; Actual result; Current behavior; Current behaviour; Current result;
    Akzeptanzkriterien; Akzeptanzkriterium; Abnahmekriterien; Abnahmekriterium; Beschreibung;
    Zusammenfassung; Überblick; Übersicht; Hintergrund; Kontext; Lösung; Vorschlag; Lösungsvorschlag; Ziel;
    Ziele; Anforderung; Anforderungen; Umfang; Aufgabe; Aufgaben; Anmerkung; Anmerkungen; Hinweis; Hinweise;
    Bemerkung; Bemerkungen; Umgebung; Schritte; Erwartetes Verhalten; Tatsächliches Verhalten"""
)
"""Headings that only say where things stand."""

LEFT_OUT = _phrases(
    """Out of scope; Not in scope; Beyond scope; Outside scope; Outside of scope; Outside the scope;
    Outside of the scope; Non-goal; Non-goals; Won't do; Won't have; Won't fix; Not included; Later;
    Nice to have; Nice to haves; Optional; Außerhalb des Umfangs; Ausgeschlossen; Später; Nicht enthalten;
    Nicht umfasst; Nicht im Umfang; Nicht Teil davon; Nicht Teil des Umfangs; Nicht-Ziel; Nicht-Ziele"""
)
"""Headings below which stands what is not to be built."""

NOISE = ("No response",)
"""What forms write into a field that was left empty."""

PROBLEMS = _phrases(
    """Problem in the user's words; The problem in the user's words; Problem in a user's words;
    The problem in a user's words; In the user's words; In the user's own words; What the user says;
    Problem in den Worten des Nutzers; Problem in den Worten der Nutzer; In den Worten des Nutzers"""
)
"""Headings below which stands what a user wants solved."""

USERS = _phrases(
    """User who was asked; Users who were asked; User asked; Who was asked; Who asked; Who asked for it;
    User to talk to; Users to talk to; Whom to talk to; Wer gefragt wurde; Wen wir gefragt haben;
    Befragter Nutzer; Befragte Nutzer; Ansprechpartner beim Kunden"""
)
"""Headings below which stands whom at a customer product may talk to."""

_OF_DEALS = re.compile(r"deals?|name for customers", re.IGNORECASE)

_TICK = re.compile(r"\s*(?:\[[ xX]\](?=\s|$)|[☐☑✓✔✅⬜]\ufe0f?)\s*")
_TICKS = re.compile(r"`+")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_STRUCK = re.compile(r"(?<!~)(~{1,2})(?![~\s])[^~]++(?<!\s)\1(?!~)")
_AUTOLINK = re.compile(r"<([A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]*+)>")
_LINK = re.compile(r"!?\[([^\[\]]*+)\]\(\s*+<?([^()\s<>]*+)>?[^()]*+\)")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9-]*+(?=[\s/>])[^<>]*+>")
_EMPHASIS = re.compile(r"(?<!\w)[*_]{1,3}(?=\S)|(?<=\S)[*_]{1,3}(?!\w)")
_TRACKING = re.compile(r"[?&]utm_[a-z]+=[^&#()\s]*+")

# Signs in code and behind a backslash mean themselves: they sit out all other reading in a private area.
_SIGNS = [*range(0x21, 0x30), *range(0x3A, 0x41), *range(0x5B, 0x61), *range(0x7B, 0x7F)]
_SHIELD = {sign: 0xE000 + sign for sign in _SIGNS}
_UNSHIELD = {shielded: sign for sign, shielded in _SHIELD.items()}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was asked for. ``section`` is the heading it stands under, if any; ``left_out``
    says that this heading, or one above it, excludes it ("Out of scope")."""

    text: str
    section: str = ""
    kind: Literal["title", "heading", "text", "code"] = "text"
    left_out: bool = False


@dataclass(frozen=True, slots=True)
class ScopeWords:
    """What of an issue's words asks for nothing: ``headings`` that only say where things stand, headings
    below which stands what is ``left_out``, the ``noise`` of forms, and headings below which stands what
    users said: ``problems``, and who the ``users`` are. Without case, spaces and signs."""

    headings: frozenset[str]
    left_out: frozenset[str]
    noise: frozenset[str]
    problems: frozenset[str]
    users: frozenset[str]


@functools.lru_cache(maxsize=16)
def scope_words(
    headings: tuple[str, ...],
    left_out: tuple[str, ...],
    noise: tuple[str, ...],
    problems: tuple[str, ...] = PROBLEMS,
    users: tuple[str, ...] = USERS,
) -> ScopeWords:
    """Return these words as they are compared."""
    every = (headings, left_out, noise, problems, users)
    return ScopeWords(*(frozenset(filter(None, map(bare, words))) for words in every))


def bare(text: str) -> str:
    """Return letters and digits alone, so that "Sub-tasks" is "subtasks"."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


SHIPPED = scope_words(HEADINGS, LEFT_OUT, NOISE)


@functools.lru_cache(maxsize=32)
def items(title: str, body: str, words: ScopeWords = SHIPPED) -> tuple[Item, ...]:
    """Return what an issue asks for, in order of reading. Never raise, whatever was typed. One pass asks the
    same several times."""
    lines = body[:LONGEST_BODY].split("\n", MOST_LINES)
    read = "\n".join(lines[:MOST_LINES])
    found = [
        Item(_folded(title), kind="title"),
        *_Reading(words).items(_PARSER.parse(read)),
        Item(_folded(body[len(read) :])),
    ]
    return tuple(item for item in found if _says_something(item.text))


class _Reading:
    """One body being read: under which headings it is."""

    def __init__(self, words: ScopeWords) -> None:
        self._words = words
        self._headings: list[tuple[int, str]] = []

    def items(self, tokens: Sequence[Token]) -> Iterator[Item]:
        cells: list[str] | None = None
        level = 0
        for token in tokens:
            if token.type == "heading_open":
                level = int(token.tag[1])
            elif token.type == "heading_close":
                level = 0
            elif token.type == "tr_open":
                cells = []
            elif token.type == "tr_close":
                yield from self._item(" | ".join(filter(None, cells or ())))
                cells = None
            elif token.type in ("fence", "code_block"):
                yield from self._item(_folded(token.content), "code")
            elif token.type == "html_block":
                for line in _plain(token.content, block=True):
                    yield from self._item(line)
            elif token.type == "inline":
                [text] = _plain(token.content)
                if cells is not None:
                    cells.append(text)
                elif level or (token.level == 1 and self._heads(text, token.content)):
                    yield from self._heading(level or 7, text)
                else:
                    yield from self._item(text)

    def _heading(self, level: int, text: str) -> Iterator[Item]:
        while self._headings and self._headings[-1][0] >= level:
            self._headings.pop()
        name = _name(text)
        known = bare(name) in self._words.headings or self._leaves_out(name)
        if not known and not self._asks_for_nothing(name):
            yield from self._item(text, "heading")
        self._headings.append((level, name))

    def _item(self, text: str, kind: Literal["heading", "text", "code"] = "text") -> Iterator[Item]:
        section = self._headings[-1][1] if self._headings else ""
        if not self._asks_for_nothing(section) and bare(text[:LONGEST_NAME]) not in self._words.noise:
            excluding = next((name for _, name in self._headings if self._leaves_out(name)), "")
            yield Item(text, excluding or section, kind, bool(excluding))

    def _asks_for_nothing(self, name: str) -> bool:
        """Tell whether below this stands what is about customers, and not what is to be built for them."""
        of_users = bare(name) in self._words.problems | self._words.users
        return of_users or _OF_DEALS.fullmatch(name) is not None

    def _leaves_out(self, name: str) -> bool:
        return bare(name) in self._words.left_out

    def _heads(self, paragraph: str, written: str) -> bool:
        """Tell whether a paragraph is a heading that was not marked as one (``**Out of scope:**``)."""
        name = _name(paragraph)
        return self._leaves_out(name) or (name != written and bare(name) in self._words.headings)


def _name(heading: str) -> str:
    """Return a heading without the signs around it; nothing for one that is too long to be a name."""
    if len(heading) > LONGEST_NAME:
        return ""
    at = [i for i, letter in enumerate(heading) if letter.isalnum()]
    return heading[at[0] : at[-1] + 1] if at else ""


def _says_something(text: str) -> bool:
    return any(letter.isalnum() for letter in text)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _plain(markdown: str, block: bool = False) -> list[str]:
    """Return Markdown inlines as one line of plain text; a block of HTML as several."""
    text = _without_comments(markdown, block)
    if not block:
        text = _TICK.sub("", text, count=1) if _TICK.match(text) else text
        text = _ESCAPED.sub(_shielded, _with_code_shielded(text))
        text = _LINK.sub(_worded, _AUTOLINK.sub(r"\1", _STRUCK.sub("", text)))
    text = _EMPHASIS.sub("", _TRACKING.sub("", _TAG.sub(" ", text)))
    lines = text.split("\n") if block else [text]
    return [_folded(html.unescape(line).translate(_UNSHIELD)) for line in lines]


def _shielded(match: re.Match[str]) -> str:
    return match[1].translate(_SHIELD)


def _worded(match: re.Match[str]) -> str:
    words, address = match[1].strip(), match[2]
    return f"{words} ({address})" if words and address and words != address else words or address


def _with_code_shielded(text: str) -> str:
    """Take the backticks off code spans, and shield what is in them.

    https://spec.commonmark.org/0.31.2/#code-spans
    """
    runs = list(_TICKS.finditer(text))
    later: dict[str, list[re.Match[str]]] = {}
    for run in reversed(runs):
        later.setdefault(run[0], []).append(run)
    parts: list[str] = []
    at = 0
    for run in runs:
        same = later[run[0]]
        same.pop()
        if run.start() >= at and same:
            parts += [text[at : run.start()], text[run.end() : same[-1].start()].translate(_SHIELD)]
            at = same[-1].end()
    return "".join([*parts, text[at:]])


def _without_comments(text: str, block: bool) -> str:
    """Drop HTML comments. One without an end hides the rest of a block, and inside a line it is text."""
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return "".join([*parts, text[at:start] if block else text[at:]])
        parts.append(text[at:start])
        at = end + 3
    return "".join([*parts, text[at:]])
