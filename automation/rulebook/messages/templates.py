"""Liquid made tame for messages: few tags and filters, each within limits, and encoded output.

Operators write the templates, customers and strangers the data; neither is trusted with more than
words. Work is counted, so that a template that would run for minutes ends in an error at once.
https://jg-rp.github.io/liquid/
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import Any, ClassVar, TextIO

from liquid import BoundTemplate, Environment, RenderContext, StrictUndefined
from liquid.builtin import content, illegal, output
from liquid.builtin.filters import array, misc, string
from liquid.builtin.tags import (
    assign_tag,
    capture_tag,
    comment_tag,
    for_tag,
    if_tag,
    inline_comment_tag,
    unless_tag,
)
from liquid.exceptions import LiquidTypeError, ResourceLimitError
from liquid.output import LimitedStringIO
from liquid.token import Token

from automation.rulebook.messages.filters import PHRASES
from automation.text.safe import Safe

Encode = Callable[[str], str]

LONGEST_TEMPLATE = 6_000
"""Characters of a template file."""

_MOST_WORK = 3_000_000
_LONGEST_TEXT = 100_000
_PRICE_OF_A_LOOK = 20
_PRICE_OF_A_FILTER = 50
_PRICE_OF_A_PRINT = 100


_BLANK = re.compile(r"\s{200}")
_OPENING = re.compile(r"\{[{%]")
_CLOSING = {"{{": "}}", "{%": "%}"}


def unreadable(source: str) -> tuple[int, str] | None:
    """Return the first place that Liquid's lexer would take too long to refuse, and what is wrong there.

    It reads ``{{`` without an end, and long white space in a tag, in a time that grows with the square
    of their length.
    """
    if len(source) > LONGEST_TEMPLATE:
        return 0, f"a message may have at most {LONGEST_TEMPLATE:,} characters"
    blank = _BLANK.search(source)
    if blank:
        return blank.start(), "there is too much white space here"
    starts = [(match.start(), _CLOSING[match[0]]) for match in _OPENING.finditer(source)]
    ends = [start for start, _ in starts[1:]] + [len(source)]
    for (start, closing), end in zip(starts, ends, strict=False):
        if source.find(closing, start + 2, end) < 0:
            return start, f"this {source[start : start + 2]} is never closed; end it with {closing}"
    return None


def render(template: BoundTemplate, view: Mapping[str, object], encode: Encode, today: date) -> str:
    """Render with ``encode`` put to everything that is not Safe. Raise LiquidError or another Exception.

    Where days of several years stand in it, it is rendered once more, with the year at each of them.
    """
    first = Context(template, view, encode, today)
    text = _rendered(template, first)
    if len(first.years) < 2:
        return text
    return _rendered(template, Context(template, view, encode, today, all_years=True))


def _rendered(template: BoundTemplate, context: Context) -> str:
    buffer = LimitedStringIO(limit=template.env.output_stream_limit or 0)
    template.render_with_context(context, buffer)
    return buffer.getvalue()


class Context(RenderContext):
    """One rendering: how to encode, what day it is, whether days are said with their year, and the work that
    may still be done."""

    __slots__ = ("_all_years", "_left", "encode", "today", "years")

    def __init__(
        self,
        template: BoundTemplate,
        view: Mapping[str, object],
        encode: Encode,
        today: date,
        all_years: bool = False,
    ) -> None:
        super().__init__(template, globals=view)
        self.encode = encode
        self.today = today
        self.years: set[int] = set()
        self._all_years = all_years or view.get("dated") is True
        self._left = _MOST_WORK

    def with_year(self, day: date) -> bool:
        """Note that ``day`` is named, and tell whether each day is to be said with its year."""
        self.years.add(day.year)
        return self._all_years

    def work(self, amount: int, token: Token | None = None) -> None:
        """Count ``amount`` characters or items of work. Raise ResourceLimitError when it gets too much."""
        self._left -= amount
        if self._left < 0:
            raise ResourceLimitError("this template does too much work for a message", token=token)

    def get(self, path: list[object], *, token: Token | None, **default: Any) -> object:
        found = super().get(path, token=token, **default)
        self.work(_PRICE_OF_A_LOOK + _size(found), token)
        return found

    def filter(self, name: str, token: Token | None) -> Callable[..., object]:
        function = super().filter(name, token)

        def counted(left: object, *args: object, **kwargs: object) -> object:
            result = function(left, *args, **kwargs)
            self.work(_PRICE_OF_A_FILTER + _size(left) + _size(result), token)
            return result

        return counted

    def printed(self, value: object, token: Token | None = None) -> str:
        """Return ``value`` as it is printed: encoded, unless it is Safe or a whole number."""
        if isinstance(value, Safe):
            return value
        if isinstance(value, str):
            return self.encode(value)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return str(value)
        if isinstance(value, float):
            return self.encode(str(value))
        if isinstance(value, Sequence):
            return ", ".join(self.printed(item, token) for item in value)
        raise LiquidTypeError("this has several parts: name the one to print, like issue.title", token=token)


def _size(value: object) -> int:
    return len(value) if isinstance(value, (str, list, tuple)) else 0


class _OutputNode(output.OutputNode):
    __slots__ = ()

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, Context)  # noqa: S101 - the only context there is here
        value = self.expression.evaluate(context)
        context.work(_PRICE_OF_A_PRINT, self.token)
        return buffer.write(context.printed(value, self.token))


class _Output(output.Output):
    node_class = _OutputNode


class _CaptureNode(capture_tag.CaptureNode):
    """What is captured has been encoded already, so it is Safe."""

    __slots__ = ()

    def _assign(self, context: RenderContext, buf: StringIO) -> None:
        context.assign(self.name, Safe(buf.getvalue()))


class _CaptureTag(capture_tag.CaptureTag):
    node_class = _CaptureNode


def _join(items: object, separator: object = ", ") -> str:
    texts = [str(item) for item in items] if isinstance(items, (list, tuple)) else [str(items)]
    _affordable(sum(map(len, texts)) + len(str(separator)) * len(texts))
    return str(separator).join(texts)


def _replace(text: object, old: object, new: object = "") -> str:
    text, old, new = str(text), str(old), str(new)
    _affordable(len(text) + text.count(old) * len(new))
    return text.replace(old, new)


def _affordable(size: int) -> None:
    if size > _LONGEST_TEXT:
        raise ResourceLimitError("this would make a text too long for a message", token=None)


def _plus(left: object, right: object) -> int:
    if not isinstance(left, int) or not isinstance(right, int):
        raise LiquidTypeError("only whole numbers can be added", token=None)
    return left + right


def _minus(left: object, right: object) -> int:
    return _plus(left, -right if isinstance(right, int) else right)


class MessageEnvironment(Environment):
    """The Liquid of messages. No files, no ranges, no ``case``: what it leaves out could run away."""

    block_nesting_limit: ClassVar[int] = 20
    loop_iteration_limit: ClassVar[int | None] = 200
    local_namespace_limit: ClassVar[int | None] = _LONGEST_TEXT
    output_stream_limit: ClassVar[int | None] = 1_000_000

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, strict_filters=True)

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in (
            content.Literal, _Output, illegal.Illegal, if_tag.IfTag, unless_tag.UnlessTag, for_tag.ForTag,
            for_tag.BreakTag, for_tag.ContinueTag, assign_tag.AssignTag, _CaptureTag, comment_tag.CommentTag,
            inline_comment_tag.InlineCommentTag,
        ):  # fmt: skip
            self.add_tag(tag)
        filters: Iterable[tuple[str, Callable[..., Any]]] = (
            ("append", string.append),
            ("prepend", string.prepend),
            ("capitalize", string.capitalize),
            ("downcase", string.downcase),
            ("upcase", string.upcase),
            ("strip", string.strip),
            ("truncate", string.truncate),
            ("replace", _replace),
            ("first", array.first),
            ("last", array.last),
            ("join", _join),
            ("map", array.map_),
            ("where", array.where),
            ("sort", array.sort),
            ("reverse", array.reverse),
            ("concat", array.concat),
            ("size", misc.size),
            ("default", misc.default),
            ("plus", _plus),
            ("minus", _minus),
            *PHRASES.items(),
        )
        for name, function in filters:
            self.add_filter(name, function)
