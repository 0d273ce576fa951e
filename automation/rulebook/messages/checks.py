"""What can be told of a template without rendering it: names, types, and what strangers may not see."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from liquid import BoundTemplate, RenderContext
from liquid.ast import Node
from liquid.builtin.expressions import (
    BooleanExpression,
    Filter,
    FilteredExpression,
    Path,
    StringLiteral,
)
from liquid.builtin.expressions.logical import (
    EqExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    NeExpression,
)
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.tags.assign_tag import AssignNode
from liquid.builtin.tags.capture_tag import CaptureNode
from liquid.builtin.tags.for_tag import ForNode
from liquid.builtin.tags.if_tag import IfNode
from liquid.builtin.tags.unless_tag import UnlessNode
from liquid.expression import Expression

from automation.rulebook.conditions.explain import never
from automation.rulebook.events import SOMETIMES
from automation.rulebook.near_names import did_you_mean
from automation.rulebook.variables import PRIVATE, Message, fields_of

Place = int
"""An index into the template's text."""

_GUARD = "issue.public"
_FORLOOP = {
    **dict.fromkeys(("length", "index", "index0", "rindex", "rindex0"), int),
    **dict.fromkeys(("first", "last"), bool),
}


@dataclass(frozen=True, slots=True)
class _Name:
    """A name that the template itself made. ``guarded``: only where the issue is private."""

    type: object
    guarded: bool = False


class _Wrong(Exception):
    """A mistake in a path."""


def mistakes(template: BoundTemplate, public: bool) -> list[tuple[Place, str]]:
    """Return what is wrong in ``template``; ``public`` says that strangers may come to read it."""
    check = _Check(template, public)
    for node in template.nodes:
        check.visit(node, {}, not public)
    return sorted(set(check.found))


def needed(template: BoundTemplate) -> frozenset[str]:
    """Return the variables of SOMETIMES that a template uses without asking first whether they are filled."""
    return frozenset(_unasked(template.nodes, RenderContext(template), frozenset()))


def _unasked(nodes: Iterable[Node], static: RenderContext, asked: frozenset[str]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, (IfNode, UnlessNode)):
            yield from _unasked_branches(node, static, asked)
            continue
        yield from {root for one in node.expressions() for root in _roots(one)} & SOMETIMES.keys() - asked
        yield from _unasked(node.children(static, include_partials=False), static, asked)


def _unasked_branches(
    node: IfNode | UnlessNode, static: RenderContext, asked: frozenset[str]
) -> Iterator[str]:
    then, other = _shown_by(node.condition)
    if isinstance(node, UnlessNode):
        then, other = other, then
    yield from _unasked([node.consequence], static, asked | then)
    asked |= other
    for branch in node.alternatives:
        then, other = _shown_by(branch.expression)
        yield from _unasked([branch.block], static, asked | then)
        asked |= other
    if node.default:
        yield from _unasked([node.default], static, asked)


def _shown_by(condition: Expression) -> tuple[frozenset[str], frozenset[str]]:
    """Return which variables are known to be filled where a condition holds, and where it does not."""
    if isinstance(condition, BooleanExpression):
        return _shown_by(condition.expression)
    if isinstance(condition, (LogicalAndExpression, LogicalOrExpression)):
        left, right = _shown_by(condition.left), _shown_by(condition.right)
        if isinstance(condition, LogicalAndExpression):
            return left[0] | right[0], left[1] & right[1]
        return left[0] & right[0], left[1] | right[1]
    roots = frozenset(_roots(condition))
    if isinstance(condition, (EqExpression, NeExpression)):
        empty = any(
            isinstance(one, StringLiteral) and one.value == "" for one in (condition.left, condition.right)
        )
        if isinstance(condition, EqExpression) == empty:
            return frozenset(), roots if empty else frozenset()
        return (roots, frozenset()) if isinstance(condition, EqExpression) or empty else (frozenset(),) * 2
    return roots, frozenset()


def _roots(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Path):
        yield str(expression.path[0])
    for child in expression.children():
        yield from _roots(child)


class _Check:
    def __init__(self, template: BoundTemplate, public: bool) -> None:
        self.found: list[tuple[Place, str]] = []
        self._static = RenderContext(template)
        self._filters = template.env.filters
        self._assigned: dict[str, _Name] = {}

    def visit(self, node: Node, loops: Mapping[str, _Name], guarded: bool) -> None:
        """Check a node and those in it. ``guarded``: it is only reached where the issue is private."""
        for expression in node.expressions():
            self._expression(expression, loops, guarded)
        if isinstance(node, AssignNode):
            self._assigned[str(node.name)] = _Name(self._type_of(node.expression, loops), guarded)
        elif isinstance(node, CaptureNode):
            self._assigned[str(node.name)] = _Name(str, guarded)
        if isinstance(node, ForNode):
            item = _Name(_item(self._type_of(node.expression.iterable, loops)), guarded)
            loops = {**loops, str(node.expression.identifier): item, "forloop": _Name(_FORLOOP, guarded)}
        private = _branches_for_private(node)
        for child in node.children(self._static, include_partials=False):
            self.visit(child, loops, guarded or child in private)

    def _expression(self, expression: Expression, loops: Mapping[str, _Name], guarded: bool) -> None:
        if isinstance(expression, Path):
            self._path(expression, loops, guarded)
        elif isinstance(expression, RangeLiteral):
            self._wrong(expression, "a range like (1..9) cannot be used in messages")
        elif isinstance(expression, FilteredExpression):
            self._filtered(expression, loops)
        elif isinstance(expression, BooleanExpression):
            self._condition(expression.expression, loops)
        for child in expression.children():
            self._expression(child, loops, guarded)

    def _path(self, path: Path, loops: Mapping[str, _Name], guarded: bool) -> None:
        segments: list[object] = list(path.path)
        root = str(segments[0])
        name = loops.get(root) or self._assigned.get(root)
        if not guarded and (name.guarded if name else _private(segments)):
            said = root if name else _dotted(segments)
            self._wrong(
                path, f"'{said}' does not exist on a public issue: use it inside {{% unless issue.public %}}"
            )
        try:
            self._follow(segments, loops)
        except _Wrong as wrong:
            self._wrong(path, str(wrong))

    def _follow(self, segments: list[object], loops: Mapping[str, _Name]) -> object:
        """Return the type that a path leads to; None where that is not known. Raise _Wrong."""
        name = loops.get(str(segments[0])) or self._assigned.get(str(segments[0]))
        if name:
            current, rest, so_far = name.type, segments[1:], str(segments[0])
        else:
            current, rest, so_far = Message, segments, ""
        for segment in rest:
            if isinstance(segment, Path):
                raise _Wrong("a name inside brackets cannot be checked: write it out, like issue.title")
            current = _step(current, segment, so_far, {*loops, *self._assigned} if not so_far else set())
            so_far = f"{so_far}.{segment}" if so_far else str(segment)
        return current

    def _type_of(self, expression: Expression, loops: Mapping[str, _Name]) -> object:
        if isinstance(expression, FilteredExpression):
            return None if expression.filters else self._type_of(expression.left, loops)
        if isinstance(expression, Path):
            try:
                return self._follow(list(expression.path), loops)
            except _Wrong:
                return None
        return None

    def _filtered(self, expression: FilteredExpression, loops: Mapping[str, _Name]) -> None:
        item = _item(self._type_of(expression.left, loops))
        for used in expression.filters or ():
            if used.name not in self._filters:
                hint = did_you_mean(used.name, sorted(self._filters))
                self.found.append((used.token.start_index, f"there is no filter '{used.name}'{hint}"))
            elif used.name in ("map", "where", "sort") and dataclasses.is_dataclass(item):
                self._property(used, item)
            item = item if used.name in ("where", "sort", "reverse") else None

    def _property(self, used: Filter, item: object) -> None:
        first = used.args[0].value if used.args else None
        if isinstance(first, StringLiteral):
            try:
                _step(item, first.value, "", set())
            except _Wrong as wrong:
                self._wrong(first, str(wrong))

    def _condition(self, expression: Expression, loops: Mapping[str, _Name]) -> None:
        """Refuse ``{% if commitment.day %}``: Liquid takes every text for true, also the empty one."""
        if isinstance(expression, (LogicalAndExpression, LogicalOrExpression)):
            self._condition(expression.left, loops)
            self._condition(expression.right, loops)
        elif isinstance(expression, (EqExpression, NeExpression)):
            self._compared(expression.left, expression.right)
            self._compared(expression.right, expression.left)
        elif isinstance(expression, Path):
            kind = self._type_of(expression, loops)
            said = _dotted(list(expression.path))
            if kind is str:
                self._wrong(expression, f'a text counts as true even when it is empty: write {said} != ""')
            elif kind is int:
                self._wrong(expression, f"a number counts as true even when it is 0: write {said} != 0")
            elif typing.get_origin(kind) is tuple:
                self._wrong(expression, f"a list counts as true even when it is empty: write {said}.size > 0")

    def _compared(self, one: Expression, other: Expression) -> None:
        """Refuse ``{% if change.kind == "othr" %}``: of what has few values all are known."""
        if isinstance(one, Path) and isinstance(other, StringLiteral):
            problem = never(_dotted(list(one.path)), other.value)
            if problem:
                self._wrong(other, problem)

    def _wrong(self, expression: Expression, message: str) -> None:
        self.found.append((expression.token.start_index, message))


def _branches_for_private(node: Node) -> list[Node]:
    """Return the branches that are only taken for private issues: the body of
    ``{% unless issue.public %}``, or all of ``{% if issue.public %}`` but the first."""
    if not isinstance(node, (IfNode, UnlessNode)) or not isinstance(node.condition, BooleanExpression):
        return []
    tested = node.condition.expression
    if not isinstance(tested, Path) or _dotted(list(tested.path)) != _GUARD:
        return []
    if isinstance(node, UnlessNode):
        return [node.consequence]
    return [*node.alternatives, *([node.default] if node.default else [])]


def _step(current: object, segment: object, so_far: str, others: set[str]) -> object:
    """Return the type of ``current.segment``; None where it is not known. Raise _Wrong."""
    if current is None:
        return None
    if isinstance(current, dict):
        if segment not in current:
            raise _Wrong(f"'{so_far}' has no '{segment}'")
        return current[segment]
    where = f"'{so_far}' has" if so_far else "there is"
    if isinstance(current, type) and dataclasses.is_dataclass(current):
        fields = fields_of(current)
        if segment not in fields:
            hint = did_you_mean(str(segment), sorted({*fields, *others}))
            raise _Wrong(f"{where} no '{segment}'{hint}")
        return fields[str(segment)]
    if typing.get_origin(current) is tuple:
        if segment == "size":
            return int
        if segment in ("first", "last") or isinstance(segment, int):
            return _item(current)
        raise _Wrong(f"'{so_far}' is a list: use .size, .first, or {{% for one in {so_far} %}}")
    if current is str and segment == "size":
        return int
    raise _Wrong(f"'{so_far}' has no parts, so it has no '{segment}'")


def _item(kind: object) -> object:
    return typing.get_args(kind)[0] if typing.get_origin(kind) is tuple else None


def _dotted(segments: list[object]) -> str:
    return ".".join(str(segment) for segment in segments if not isinstance(segment, (int, Path)))


def _private(segments: list[object]) -> bool:
    said = _dotted(segments) + "."
    return any(said.startswith(f"{path}.") for path in PRIVATE)
