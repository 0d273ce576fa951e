"""Strict YAML that remembers where everything stands.

Plain values follow the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema):
``on``, ``off``, ``yes`` and ``no`` stay words, a date stays text, ``0o17`` is octal. What makes a file
hard to read or expensive to load is refused: anchors, aliases, merge keys, tags, keys given twice,
keys that are not text, several documents, control characters, deep nesting, large files.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from automation.rulebook.diagnostics import Diagnostic, RulesError
from automation.rulebook.yaml.words import DEEPEST, OPENED, in_plain_words

MAX_BYTES = 1_000_000
MAX_VALUES = 50_000
MAX_FINDINGS = 20

Keys = tuple[str | int, ...]

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Control characters, the line breaks that only YAML 1.1 knows (they would shift line numbers),
# characters that turn the direction of text around (they make a rule look unlike what it does),
# halves of surrogate pairs.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_INT = re.compile(r"[-+]?[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)
_WORDS: Mapping[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Position:
    """A position in a file. ``line`` and ``column`` count from 1, columns in characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class _Spot:
    key: Position
    value: Position
    style: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """What a file says (``data``) and where. A path is the keys and list positions that lead to a value;
    one that does not exist means the nearest value around it."""

    name: str
    data: dict[str, Any]
    lines: tuple[str, ...] = field(repr=False)
    spots: Mapping[Keys, _Spot] = field(repr=False)

    def _nearest(self, path: Keys) -> _Spot:
        while path not in self.spots:
            path = path[:-1]
        return self.spots[path]

    def key(self, path: Keys) -> Position:
        """Return where the key of ``path`` begins (for an item of a list: the item)."""
        return self._nearest(path).key

    def value(self, path: Keys) -> Position:
        """Return where the value at ``path`` begins."""
        return self._nearest(path).value

    def within(self, path: Keys, line: int, column: int) -> Position:
        """Return where line and column (from 1) of the text at ``path`` stand in the file.

        Exact for ``|`` blocks and for what has no escape or fold before it; else the text's beginning.
        """
        spot = self._nearest(path)
        text = self.data_at(path)
        parts = text.split("\n") if isinstance(text, str) else []
        if not 1 <= line <= len(parts):
            return spot.value
        if spot.style == "|":
            row = spot.value.line + line
            shown = self.lines[row - 1] if row <= len(self.lines) else ""
            if shown.endswith(parts[line - 1]):
                return Position(row, len(shown) - len(parts[line - 1]) + column)
        elif spot.style != ">" and line == 1:
            start = spot.value.column - 1 + len(spot.style)
            if self.lines[spot.value.line - 1].startswith(parts[0][: column - 1], start):
                return Position(spot.value.line, start + column)
        return spot.value

    def data_at(self, path: Keys) -> Any:
        """Return the value at ``path``; raise KeyError or IndexError where there is none."""
        found: Any = self.data
        for part in path:
            found = found[part]
        return found

    def given(self, path: Keys) -> Any:
        """Return the value at ``path``; None where there is none."""
        try:
            return self.data_at(path)
        except (KeyError, IndexError, TypeError):
            return None

    def diagnostic(self, place: Position, message: str) -> Diagnostic:
        """Return ``message`` as a diagnostic in this file."""
        return Diagnostic(self.name, place.line, place.column, message)


def load(text: str, name: str) -> Source:
    """Read one YAML mapping. ``name`` is what diagnostics call the file.

    Raise RulesError with what is wrong; a syntax error hides what follows it.
    """
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise RulesError([Diagnostic(name, 1, 1, "this file is larger than 1 MB; split it into several")])
    text = text.removeprefix("\ufeff")
    if bad := _UNSEEN.search(text):
        before = text[: bad.start()]
        message = f"there is an invisible character here (U+{ord(bad[0]):04X}); take it out"
        place = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise RulesError([Diagnostic(name, *place, message)])
    reader = _Reader(name)
    try:
        reader.read(text)
    except yaml.MarkedYAMLError as error:
        opened = error.context_mark and any(sign in str(error.problem) for sign in OPENED)
        mark = error.context_mark if opened else error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        lines = text.splitlines()
        here = lines[mark.line][mark.column : mark.column + 1] if mark and mark.line < len(lines) else ""
        problem = error.problem or error.context or str(error)
        reader.diagnostics.append(Diagnostic(name, *place, in_plain_words(problem, here)))
    except yaml.YAMLError as error:
        reader.diagnostics.append(Diagnostic(name, 1, 1, in_plain_words(str(error))))
    except _Stopped:
        pass
    if reader.diagnostics:
        raise RulesError(reader.diagnostics)
    return Source(name, reader.data, tuple(text.splitlines()), reader.spots)


class _Stopped(Exception):
    """Reading on would only repeat or hide what was found."""


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet. ``key`` waits for its value."""

    into: dict[str, Any] | list[Any]
    path: Keys
    key: tuple[str, Position] | None = None


class _Reader:
    """Builds plain data from parser events: no recursion, and it can stop at the first bomb."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.data: dict[str, Any] = {}
        self.spots: dict[Keys, _Spot] = {(): _Spot(Position(1, 1), Position(1, 1))}
        self.diagnostics: list[Diagnostic] = []
        self._open: list[_Open] = []
        self._documents = 0

    def read(self, text: str) -> None:
        for event in yaml.parse(text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent):
                self._documents += 1
                if self._documents > 1:
                    self._stop(event, "a second document begins here ('---'); give it its own file")
            elif isinstance(event, yaml.CollectionEndEvent):
                self._open.pop()
            elif isinstance(event, yaml.NodeEvent):
                self._node(event)

    def _say(self, event: yaml.Event, message: str) -> None:
        place = _place(event)
        self.diagnostics.append(Diagnostic(self.name, place.line, place.column, message))
        if len(self.diagnostics) >= MAX_FINDINGS:
            raise _Stopped

    def _stop(self, event: yaml.Event, message: str) -> None:
        self._say(event, message)
        raise _Stopped

    def _node(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._stop(event, f"aliases (*{event.anchor}) are not used here; write it out, or quote the text")
        if event.anchor is not None:
            self._say(event, f"anchors (&{event.anchor}) are not used here; take it out, or quote the text")
        if getattr(event, "tag", None) is not None:
            self._say(event, "tags ('!') are not used here; put text that begins with '!' in quotes")
        if len(self.spots) > MAX_VALUES:
            self._stop(event, f"this file has more than {MAX_VALUES:,} values; split it into several")
        if isinstance(event, yaml.ScalarEvent):
            plain = not event.style and event.tag is None
            value = self._scalar(event) if plain else self._text(event)
            if self._open and isinstance(self._open[-1].into, dict) and self._open[-1].key is None:
                self._key(event, value, plain)
            else:
                self._put(event, value, event.style or "")
            return
        if self._open and isinstance(self._open[-1].into, dict) and self._open[-1].key is None:
            self._stop(event, "a key must be text")
        if len(self._open) >= DEEPEST:
            self._stop(event, f"this is nested more than {DEEPEST} deep")
        into: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._open.append(_Open(into, self._put(event, into, "")))

    def _key(self, event: yaml.ScalarEvent, value: Any, plain: bool) -> None:
        if plain and value == "<<":
            self._say(event, "merge keys ('<<') are not used here; write the keys out")
        elif not isinstance(value, str):
            self._say(event, f'a key must be text; put it in quotes: "{event.value}"')
        key, here = str(event.value), self._open[-1]
        if key in here.into:
            first = self.spots[*here.path, key].key
            self._say(event, f"'{key}' stands twice here, first in line {first.line}; keep one")
        here.key = key, _place(event)

    def _put(self, event: yaml.Event, value: Any, style: str) -> Keys:
        """Store ``value`` where it belongs and return its path."""
        place = _place(event)
        if not self._open:
            if value is None:
                return ()
            if not isinstance(value, dict):
                self._stop(event, "a rules file has keys at its top, such as 'rules:'")
            self.data = value
            self.spots[()] = _Spot(place, place)
            return ()
        here = self._open[-1]
        if isinstance(here.into, list):
            path = (*here.path, len(here.into))
            here.into.append(value)
            self.spots[path] = _Spot(place, place, style)
        else:
            assert here.key is not None  # noqa: S101 - _node stores a key before its value
            path = (*here.path, here.key[0])
            here.into[here.key[0]] = value
            self.spots[path] = _Spot(here.key[1], place, style)
            here.key = None
        return path

    def _text(self, event: yaml.ScalarEvent) -> str:
        value = str(event.value)
        if bad := _UNSEEN.search(value):
            self._say(event, f"this text has an invisible character in it (U+{ord(bad[0]):04X}); take it out")
        return value

    def _scalar(self, event: yaml.ScalarEvent) -> Any:
        """Return what a plain value means by the YAML 1.2 core schema."""
        value = str(event.value)
        if value in _WORDS:
            return _WORDS[value]
        if len(value) > 40 or not (value[0] in "+-." or value[0].isdigit()):
            if _INT.fullmatch(value):
                self._say(event, "this number is too long; put it in quotes if it is text")
            return value
        if _INT.fullmatch(value):
            return int(value)
        if _OCTAL.fullmatch(value):
            return int(value[2:], 8)
        if _HEX.fullmatch(value):
            return int(value, 16)
        if _FLOAT.fullmatch(value):
            return float(value.lower().replace(".inf", "inf").replace(".nan", "nan"))
        return value


def _place(event: yaml.Event) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
