"""Why a condition came out as it did: split where it says "and", "or" and "not", each part with its answer.

The structure is that of the checked expression, the words are those that were written: the compiler says
where each operator stands, and what is on both sides of it is a part again.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from automation.model import Answer, Reason
from automation.rulebook.conditions.checks import offsets, path

_JOINTS = {"_&&_": "and", "_||_": "or"}
_JOINED = {"and": "all of these", "or": "one of these", "not": "not"}
_WIDTH = {"_&&_": 2, "_||_": 2, "!_": 1}
_RAW = r"""[rR][bB]?|[bB][rR]"""
_TRIPLE, _SINGLE = r'"""(?:{0})*?"""|\'\'\'(?:{0})*?\'\'\'', r'"(?:{1})*"|\'(?:{2})*\''
_ESCAPING = (r"\\.|[^\\]", r"\\.|[^\\\"]", r"\\.|[^\\']")
_LITERAL = re.compile(
    f"(?:{_RAW})(?:{_TRIPLE}|{_SINGLE})".format(".", '[^"]', "[^']")
    + f"|(?:{_TRIPLE}|{_SINGLE})".format(*_ESCAPING)
    + r"|//[^\n]*",
    re.DOTALL,
)
"""A text in quotes, raw or not, or a comment.
https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax"""
LONGEST_VALUE = 200
MOST_ITEMS = 10
"""Characters of a value that are shown, and items of a list."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a condition: ``joint`` (``and``, ``or``, ``not``) with its ``parts``, or what is compared,
    with the ``names`` of the variables in it, ``size(…)`` where only that counts."""

    text: str
    joint: str = ""
    parts: tuple[Part, ...] = ()
    names: tuple[str, ...] = ()

    def leaves(self) -> Iterator[Part]:
        """Yield the parts that are compared."""
        if not self.joint:
            yield self
        for part in self.parts:
            yield from part.leaves()


def split(checked: Any, text: str) -> Part:
    """Take a checked condition apart. ``text`` is what was written."""
    code = _LITERAL.sub(lambda found: " " * len(found[0]) if found[0][:2] == "//" else found[0], text)
    mask = _LITERAL.sub(lambda found: "x" * len(found[0]), code)
    return _split(checked.expr, offsets(checked), code, mask, 0, len(text))


def explained(part: Part, variables: object, answer: Callable[[str], bool | str]) -> Reason:
    """Return why a condition has its answer. ``answer`` evaluates a part by its text, and returns in words
    why it has none. Parts that are not needed for the answer are answered, too."""
    if not part.joint:
        found = answer(part.text)
        values = tuple((name, shown(seen(variables, name))) for name in part.names)
        if isinstance(found, str):
            return Reason(part.text, Answer.ERROR, (*values, ("error", found)))
        return Reason(part.text, Answer.TRUE if found else Answer.FALSE, values)
    below = tuple(explained(one, variables, answer) for one in part.parts)
    return Reason(_JOINED[part.joint], _joined(part.joint, [one.answer for one in below]), children=below)


def _joined(joint: str, answers: list[Answer]) -> Answer:
    """An error counts only where no other part decides: as CEL has it."""
    if joint == "not":
        return {Answer.TRUE: Answer.FALSE, Answer.FALSE: Answer.TRUE}.get(answers[0], Answer.ERROR)
    decides, else_ = (Answer.FALSE, Answer.TRUE) if joint == "and" else (Answer.TRUE, Answer.FALSE)
    if decides in answers:
        return decides
    return Answer.ERROR if Answer.ERROR in answers else else_


def _split(expression: Any, at: dict[int, int], code: str, mask: str, start: int, end: int) -> Part:
    start, end = _bare(mask, start, end)
    call = expression.call
    if call.function not in _WIDTH or expression.id not in at:
        return Part(code[start:end], names=tuple(dict.fromkeys(_names(expression))))
    here = at[expression.id]
    after = here + _WIDTH[call.function]
    if call.function == "!_":
        return Part("not", "not", (_split(call.args[0], at, code, mask, after, end),))
    joint = _JOINTS[call.function]
    left, right = call.args
    sides = (_split(left, at, code, mask, start, here), _split(right, at, code, mask, after, end))
    # "a && b && c" is one list of three, however the compiler pairs them.
    parts = tuple(one for side in sides for one in (side.parts if side.joint == joint else (side,)))
    return Part(joint, joint, parts)


def _bare(mask: str, start: int, end: int) -> tuple[int, int]:
    """Leave out the white space and the brackets around a part. ``mask`` has nothing else that looks like
    these."""
    while True:
        inner = mask[start:end]
        start += len(inner) - len(inner.lstrip())
        inner = inner.strip()
        end = start + len(inner)
        if not (inner.startswith("(") and _closed(inner) == len(inner) - 1):
            return start, end
        start, end = start + 1, end - 1


def _closed(text: str) -> int:
    """Return where the bracket that a text begins with is closed."""
    depth = 0
    for index, char in enumerate(text):
        depth += (char in "([{") - (char in ")]}")
        if depth == 0:
            return index
    return -1


def _names(expression: Any) -> Iterator[str]:
    """Yield the variables of an expression, the longest dotted names, ``size(…)`` for what is counted."""
    if name := path(expression):
        yield name
        return
    call = expression.call
    if call.function == "size" and len(call.args) == 1 and (counted := path(call.args[0])):
        yield f"size({counted})"
        return
    for kind, value in expression.ListFields():
        if kind.message_type is not None:
            for inner in value if kind.is_repeated else (value,):
                yield from _inner(inner)


def _inner(part: Any) -> Iterator[str]:
    if part.DESCRIPTOR.name == "Expr":
        yield from _names(part)
        return
    # Of a loop only what it goes through: the names within are its own.
    fields = ("range",) if part.DESCRIPTOR.name == "Comprehension" else None
    for kind, value in part.ListFields():
        if kind.message_type is not None and (fields is None or kind.name in fields):
            for inner in value if kind.is_repeated else (value,):
                yield from _inner(inner)


_MISSING = object()


def seen(variables: object, name: str) -> object:
    """Return the value of ``issue.open`` or ``size(issue.deals)``."""
    if name.startswith("size("):
        counted = seen(variables, name[5:-1])
        return len(counted) if isinstance(counted, str | tuple) else counted
    for word in name.split("."):
        variables = getattr(variables, word, _MISSING)
    return variables


def shown(value: object) -> str:
    """Write a value as a condition would, short enough to be kept."""
    if value is _MISSING:
        return "?"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        rest = len(value) - MOST_ITEMS
        items = [shown(item) for item in value[:MOST_ITEMS]]
        return f"[{', '.join([*items, *([f'and {rest} more'] if rest > 0 else [])])}]"
    if dataclasses.is_dataclass(value):
        for name in ("key", "day", "name"):  # whichever it is known by
            if hasattr(value, name):
                return shown(getattr(value, name))
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
    text = text.encode("utf-8", "replace").decode()  # half a character cannot be kept
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
