"""Conditions: CEL, checked against the variables when rules are loaded.

The types come from the dataclasses of ``variables.Conditions``, as protobuf messages, since only those
let the checker find a misspelt field inside a list. The language:
https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from automation.diagnosis import ALWAYS, ExpressionError, Vocabulary, explain, never, type_words
from automation.variables import Conditions

__all__ = ["Binding", "Condition", "ConditionError", "ExpressionError", "Language", "bind", "compile"]

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: dict[type, tuple[_Field.Type.ValueType, cel.Type]] = {
    str: (_Field.TYPE_STRING, cel.Type.STRING),
    int: (_Field.TYPE_INT64, cel.Type.INT),
    float: (_Field.TYPE_DOUBLE, cel.Type.DOUBLE),
    bool: (_Field.TYPE_BOOL, cel.Type.BOOL),
}
_TOO_DEEP = "this condition is nested too deeply; split it into several rules"
LONGEST = 2000
"""Characters of a condition. With ``DEEPEST`` it bounds the memory that doubling text can take."""
DEEPEST = 2
"""How many ``exists``, ``all``, ``map`` or ``filter`` may stand in or after one another."""


class ConditionError(Exception):
    """A condition that was sound when loaded could not be answered for this event."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The variables of one event, ready for any number of conditions."""

    activation: cel.Activation


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition; ``text`` is what was written."""

    text: str
    _program: cel.Expression = field(repr=False, compare=False)

    def evaluate(self, binding: Binding) -> bool:
        """Tell whether the condition holds. Raise ConditionError where it has no answer."""
        try:
            result = self._program.eval(binding.activation)
        except RuntimeError as error:
            # Comprehensions share a budget of 10,000 steps; going over it is raised, not returned.
            if "Iteration budget" in str(error):
                raise ConditionError("this takes more than 10,000 steps for so many values") from error
            raise ConditionError(_cause(str(error))) from error
        value = result.value()
        if result.type() != cel.Type.BOOL or not isinstance(value, bool):
            raise ConditionError(_cause(str(value)))
        return value


def _cause(message: str) -> str:
    """Strip the status code that CEL puts around its messages."""
    return re.sub(r"^[A-Z_]+: | \[[A-Z_]+\]$", "", message)


class Language:
    """CEL with the fields of one dataclass as its variables."""

    def __init__(self, variables: type) -> None:
        self._pool = descriptor_pool.DescriptorPool()
        types = {kind.__name__: kind for kind in _reachable(variables)}
        self._pool.Add(_described(types.values()))
        hints = typing.get_type_hints(variables)
        names = [f.name for f in dataclasses.fields(variables)]
        self._messages = {
            kind: message_factory.GetMessageClass(self._pool.FindMessageTypeByName(_full(kind)))
            for kind in types.values()
            if kind is not variables
        }
        self._env = cel.NewEnv(self._pool, variables={name: _cel_type(hints[name]) for name in names})
        self._vocabulary = Vocabulary(
            {
                name: "" if hints[name] in _SCALARS else _full(_item(hints[name]) or hints[name])
                for name in names
            },
            {_full(kind): tuple(f.name for f in dataclasses.fields(kind)) for kind in types.values()},
        )

    def compile(self, text: str) -> Condition:
        """Check a condition. Raise ExpressionError for the first thing that is wrong in it."""
        if not text.strip():
            raise ExpressionError(1, 1, "this condition is empty; write one, or leave the 'if' out")
        if len(text) > LONGEST:
            raise ExpressionError(
                1, 1, f"this condition is longer than {LONGEST:,} characters; split it into several rules"
            )
        try:
            program = self._env.compile(text)
        except RuntimeError as error:
            raise explain(str(error), text, self._vocabulary) from None
        try:
            checked = _CHECKED.FromString(any_pb2.Any.FromString(program.serialize()).value)
        except DecodeError:
            raise ExpressionError(1, 1, _TOO_DEEP) from None
        _refuse_traps(checked, text)
        if program.return_type() != cel.Type.BOOL:
            kind = type_words(program.return_type().name())
            raise ExpressionError(1, 1, f"a condition must come out true or false; this is {kind}")
        return Condition(text, program)

    def bind(self, values: Any) -> Binding:
        """Make the fields of ``values`` readable for conditions."""
        data = {f.name: self._value(getattr(values, f.name)) for f in dataclasses.fields(values)}
        return Binding(self._env.Activation(data))

    def _value(self, value: Any) -> Any:
        if isinstance(value, str):
            # JSON can carry half a surrogate pair, which protobuf refuses.
            return value.encode("utf-8", "replace").decode()
        if isinstance(value, tuple):
            return [self._value(item) for item in value]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = {f.name: self._value(getattr(value, f.name)) for f in dataclasses.fields(value)}
            return self._messages[type(value)](**fields)
        return value


@functools.cache
def _conditions() -> Language:
    return Language(Conditions)


def compile(text: str) -> Condition:
    """Check a rule's ``if``. Raise ExpressionError for the first thing that is wrong in it."""
    return _conditions().compile(text)


def bind(conditions: Conditions) -> Binding:
    """Make an event's variables readable for conditions; do it once per event."""
    return _conditions().bind(conditions)


# ---------------------------------------------------------------- the types of the variables


def _full(kind: type) -> str:
    return f"handshake.{kind.__name__.removesuffix('Vars')}"


def _item(hint: Any) -> Any:
    """Return what a ``tuple[X, ...]`` holds, or None for another type."""
    return typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None


def _cel_type(hint: Any) -> cel.Type:
    if item := _item(hint):
        return cel.Type.List(_cel_type(item))
    return _SCALARS[hint][1] if hint in _SCALARS else cel.Type(_full(hint))


def _reachable(kind: type) -> Iterator[type]:
    yield kind
    for hint in typing.get_type_hints(kind).values():
        inner = _item(hint) or hint
        if dataclasses.is_dataclass(inner) and isinstance(inner, type):
            yield from _reachable(inner)
        elif inner not in _SCALARS:
            raise TypeError(f"{kind.__name__} has a field of type {inner}, which conditions cannot read")


def _described(kinds: typing.Iterable[type]) -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="handshake.proto", package="handshake", syntax="proto3")
    for kind in kinds:
        message = file.message_type.add(name=_full(kind).partition(".")[2])
        hints = typing.get_type_hints(kind)
        for number, item in enumerate(dataclasses.fields(kind), 1):
            inner = _item(hints[item.name])
            label = _Field.LABEL_REPEATED if inner else _Field.LABEL_OPTIONAL
            one = message.field.add(name=item.name, number=number, label=label)
            if (plain := inner or hints[item.name]) in _SCALARS:
                one.type = _SCALARS[plain][0]
            else:
                one.type, one.type_name = _Field.TYPE_MESSAGE, f".{_full(plain)}"
    return file


# ---------------------------------------------------------------- what the checker lets through


def _checked_message() -> type[Message]:
    """Declare the few parts of a checked expression that are read here.

    Numbers and names: https://github.com/google/cel-spec/blob/master/proto/cel/expr/checked.proto and
    syntax.proto beside it. Everything else in them is skipped.
    """
    file = descriptor_pb2.FileDescriptorProto(name="checked.proto", package="checked", syntax="proto2")
    number, text, flag = _Field.TYPE_INT64, _Field.TYPE_STRING, _Field.TYPE_BOOL
    one, many = _Field.LABEL_OPTIONAL, _Field.LABEL_REPEATED
    parts: dict[str, dict[str, tuple[int, str | _Field.Type.ValueType, _Field.Label.ValueType]]] = {
        "Checked": {"expr": (4, "Expr", one), "source_info": (5, "Source", one)},
        "Source": {"positions": (4, "Position", many)},
        "Position": {"id": (1, number, one), "offset": (2, number, one)},
        "Expr": {
            "id": (2, number, one),
            "constant": (3, "Constant", one),
            "ident": (4, "Ident", one),
            "select": (5, "Select", one),
            "call": (6, "Call", one),
            "list": (7, "List", one),
            "struct": (8, "Struct", one),
            "comprehension": (9, "Comprehension", one),
        },
        "Constant": {"string": (6, text, one)},
        "Ident": {"name": (1, text, one)},
        "Select": {"operand": (1, "Expr", one), "field": (2, text, one), "test_only": (3, flag, one)},
        "Call": {"target": (1, "Expr", one), "function": (2, text, one), "args": (3, "Expr", many)},
        "List": {"elements": (1, "Expr", many)},
        "Struct": {"entries": (2, "Entry", many)},
        "Entry": {"key": (3, "Expr", one), "value": (4, "Expr", one)},
        "Comprehension": {
            "range": (2, "Expr", one),
            "start": (4, "Expr", one),
            "condition": (5, "Expr", one),
            "step": (6, "Expr", one),
            "result": (7, "Expr", one),
        },
    }
    for name, fields in parts.items():
        message = file.message_type.add(name=name)
        for key, (tag, kind, label) in fields.items():
            added = message.field.add(name=key, number=tag, label=label)
            if isinstance(kind, str):
                added.type, added.type_name = _Field.TYPE_MESSAGE, f".checked.{kind}"
            else:
                added.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("checked.Checked"))


_CHECKED: Any = _checked_message()
_REGEX_ENV = cel.NewEnv(variables={"pattern": cel.Type.STRING})
_REGEX = _REGEX_ENV.compile('"".matches(pattern)')


def _expressions(part: Any, depth: int = 0) -> Iterator[tuple[Any, int]]:
    """Yield every expression in ``part``, itself included, and how many loops it stands in."""
    if part.DESCRIPTOR.name == "Expr":
        depth += part.HasField("comprehension")
        yield part, depth
    for kind, value in part.ListFields():
        if kind.message_type is not None:
            for inner in value if kind.is_repeated else (value,):
                yield from _expressions(inner, depth)


def _refuse_traps(checked: Any, text: str) -> None:
    """Raise ExpressionError for ``has()``, too many loops, a comparison that can never hold, and a literal
    pattern that RE2 cannot read."""
    offsets = {position.id: position.offset for position in checked.source_info.positions}
    for expression, depth in _expressions(checked.expr):
        if depth > DEEPEST:
            raise ExpressionError(1, 1, _TOO_DEEP)
        if expression.select.test_only:
            offset = text.rfind("has", 0, offsets.get(expression.id, 0))
            raise _error_at(text, max(offset, 0), f"has() is not needed: {ALWAYS}")
        for constant, problem in _never_so(expression.call):
            raise _error_at(text, offsets.get(constant.id, 0), problem)
        if expression.call.function == "matches" and expression.call.args:
            pattern = expression.call.args[-1]
            if not pattern.constant.HasField("string"):
                continue
            result = _REGEX.eval(data={"pattern": pattern.constant.string})
            if result.type() != cel.Type.BOOL:
                cause = _cause(str(result.value())).removeprefix("invalid regular expression: ")
                syntax = "patterns are RE2: https://github.com/google/re2/wiki/Syntax"
                message = f"this pattern cannot be read: {cause} ({syntax})"
                raise _error_at(text, offsets.get(pattern.id, 0), message)


def _never_so(call: Any) -> Iterator[tuple[Any, str]]:
    """Yield the texts that a variable with few possible values is compared with and never has, and why."""
    if call.function not in ("_==_", "_!=_", "@in") or len(call.args) != 2:
        return
    for one, other in (call.args, reversed(call.args)):
        path = _path(one)
        for constant in other.list.elements if other.HasField("list") else (other,):
            if path and constant.constant.HasField("string"):
                problem = never(path, constant.constant.string)
                if problem:
                    yield constant, problem


def _path(expression: Any) -> str:
    """Return what a dotted name says (``change.kind``), or nothing for another expression."""
    if expression.HasField("ident"):
        return str(expression.ident.name)
    operand = _path(expression.select.operand) if expression.HasField("select") else ""
    return f"{operand}.{expression.select.field}" if operand else ""


def _error_at(text: str, offset: int, message: str) -> ExpressionError:
    before = text[:offset]
    return ExpressionError(before.count("\n") + 1, offset - before.rfind("\n"), message)
