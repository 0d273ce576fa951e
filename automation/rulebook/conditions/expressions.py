"""Conditions: CEL, checked against the variables when rules are loaded.

The types come from the dataclasses of ``variables.Conditions``, as protobuf messages, since only those
let the checker find a misspelt field inside a list. The language:
https://github.com/google/cel-spec/blob/master/doc/langdef.md
"""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cel_expr_python import cel
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError

from automation.model import Reason
from automation.rulebook.conditions.checks import checked_of, refuse_traps
from automation.rulebook.conditions.explain import ExpressionError, Vocabulary, cause, explain, type_words
from automation.rulebook.conditions.parts import Part, explained, split
from automation.rulebook.variables import Conditions

__all__ = ["Binding", "Condition", "ConditionError", "ExpressionError", "Language", "bind", "compile"]

_Field = descriptor_pb2.FieldDescriptorProto
_SCALARS: dict[type, tuple[_Field.Type.ValueType, cel.Type]] = {
    str: (_Field.TYPE_STRING, cel.Type.STRING),
    int: (_Field.TYPE_INT64, cel.Type.INT),
    float: (_Field.TYPE_DOUBLE, cel.Type.DOUBLE),
    bool: (_Field.TYPE_BOOL, cel.Type.BOOL),
}
LONGEST = 2000
"""Characters of a condition. With ``DEEPEST`` it bounds the memory that doubling text can take."""

MOST_PARTS = 512
"""Conditions, and parts of them, that are kept ready to be explained."""


class ConditionError(Exception):
    """A condition that was sound when loaded could not be answered for this event."""


@dataclass(frozen=True, slots=True)
class Binding:
    """The variables of one event, ready for any number of conditions. ``values``: as they were given."""

    activation: cel.Activation
    values: object = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A checked condition; ``text`` is what was written."""

    text: str
    _program: cel.Expression = field(repr=False, compare=False)
    _language: Language = field(repr=False, compare=False)

    def evaluate(self, binding: Binding) -> bool:
        """Tell whether the condition holds. Raise ConditionError where it has no answer."""
        try:
            result = self._program.eval(binding.activation)
        except RuntimeError as error:
            # Comprehensions share a budget of 10,000 steps; going over it is raised, not returned.
            if "Iteration budget" in str(error):
                raise ConditionError("this takes more than 10,000 steps for so many values") from error
            raise ConditionError(cause(str(error))) from error
        value = result.value()
        if result.type() != cel.Type.BOOL or not isinstance(value, bool):
            raise ConditionError(cause(str(value)))
        return value

    def explain(self, binding: Binding) -> Reason:
        """Return why the condition has its answer: its parts, each with the values that it saw. It costs
        some times an evaluation, the first time also the compiling of each part."""

        def answer(text: str) -> bool | str:
            try:
                return self._language.part(text).evaluate(binding)
            except ConditionError as error:
                return str(error)

        return explained(self._language.parts(self.text), binding.values, answer)


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
        refuse_traps(program, text)
        if program.return_type() != cel.Type.BOOL:
            kind = type_words(program.return_type().name())
            raise ExpressionError(1, 1, f"a condition must come out true or false; this is {kind}")
        return Condition(text, program, self)

    @functools.lru_cache(maxsize=MOST_PARTS)  # noqa: B019 - there is one language, and it stays
    def part(self, text: str) -> Condition:
        """Return a part of a sound condition as a condition of its own."""
        return Condition(text, self._env.compile(text), self)

    @functools.lru_cache(maxsize=MOST_PARTS)  # noqa: B019
    def parts(self, text: str) -> Part:
        """Take a sound condition apart. One whose parts are none by themselves is its only part."""
        try:
            whole = split(checked_of(self._env.compile(text)), text)
            for part in whole.leaves():
                self.part(part.text)
        except (DecodeError, RuntimeError):
            return Part(text)
        return whole

    def bind(self, values: Any) -> Binding:
        """Make the fields of ``values`` readable for conditions."""
        data = {f.name: self._value(getattr(values, f.name)) for f in dataclasses.fields(values)}
        return Binding(self._env.Activation(data), values)

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
