"""What a condition may do beyond being of the right types: no traps, few loops, and nothing that never holds.

It is read from the checked expression that the CEL compiler gives, as protobuf.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cel_expr_python import cel
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.message import DecodeError, Message

from automation.rulebook.conditions.explain import ALWAYS, ExpressionError, cause, never

_Field = descriptor_pb2.FieldDescriptorProto
_TOO_DEEP = "this condition is nested too deeply; split it into several rules"
DEEPEST = 2
"""How many ``exists``, ``all``, ``map`` or ``filter`` may stand in or after one another."""


def refuse_traps(program: cel.Expression, text: str) -> None:
    """Raise ExpressionError for ``has()``, too many loops, a comparison that can never hold, and a literal
    pattern that RE2 cannot read."""
    try:
        checked = checked_of(program)
    except DecodeError:
        raise ExpressionError(1, 1, _TOO_DEEP) from None
    _refuse(checked, text)


def checked_of(program: cel.Expression) -> Any:
    """Return the checked expression that the compiler made. Raise DecodeError where it is too deep."""
    return _CHECKED.FromString(any_pb2.Any.FromString(program.serialize()).value)


def offsets(checked: Any) -> dict[int, int]:
    """Return where in the text each expression stands, by its id: an operator, or the name of a function's
    bracket."""
    return {position.id: position.offset for position in checked.source_info.positions}


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


def _refuse(checked: Any, text: str) -> None:
    places = offsets(checked)
    for expression, depth in _expressions(checked.expr):
        if depth > DEEPEST:
            raise ExpressionError(1, 1, _TOO_DEEP)
        if expression.select.test_only:
            offset = text.rfind("has", 0, places.get(expression.id, 0))
            raise _error_at(text, max(offset, 0), f"has() is not needed: {ALWAYS}")
        for constant, problem in _never_so(expression.call):
            raise _error_at(text, places.get(constant.id, 0), problem)
        if expression.call.function == "matches" and expression.call.args:
            pattern = expression.call.args[-1]
            if not pattern.constant.HasField("string"):
                continue
            result = _REGEX.eval(data={"pattern": pattern.constant.string})
            if result.type() != cel.Type.BOOL:
                why = cause(str(result.value())).removeprefix("invalid regular expression: ")
                syntax = "patterns are RE2: https://github.com/google/re2/wiki/Syntax"
                message = f"this pattern cannot be read: {why} ({syntax})"
                raise _error_at(text, places.get(pattern.id, 0), message)


def _never_so(call: Any) -> Iterator[tuple[Any, str]]:
    """Yield the texts that a variable with few possible values is compared with and never has, and why."""
    if call.function not in ("_==_", "_!=_", "@in") or len(call.args) != 2:
        return
    for one, other in (call.args, reversed(call.args)):
        dotted = path(one)
        for constant in other.list.elements if other.HasField("list") else (other,):
            if dotted and constant.constant.HasField("string"):
                problem = never(dotted, constant.constant.string)
                if problem:
                    yield constant, problem


def path(expression: Any) -> str:
    """Return what a dotted name says (``change.kind``), or nothing for another expression."""
    if expression.HasField("ident"):
        return str(expression.ident.name)
    operand = path(expression.select.operand) if expression.HasField("select") else ""
    return f"{operand}.{expression.select.field}" if operand else ""


def _error_at(text: str, offset: int, message: str) -> ExpressionError:
    before = text[:offset]
    return ExpressionError(before.count("\n") + 1, offset - before.rfind("\n"), message)
