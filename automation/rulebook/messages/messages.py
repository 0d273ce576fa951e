"""Messages: Liquid templates that operators own, rendered for one audience.

A message is a file ``messages/<name>.<audience>.liquid``. Privacy is structural: a public issue's
message is rendered from a view that does not contain what is private, so that a leak is an error.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from liquid import BoundTemplate
from liquid.exceptions import LiquidError

from automation.rulebook.diagnostics import Diagnostic
from automation.rulebook.messages.checks import mistakes, needed
from automation.rulebook.messages.explain import explain, overlooked
from automation.rulebook.messages.templates import Encode, MessageEnvironment, render, unreadable
from automation.rulebook.variables import INTERNAL, PRIVATE, Message, fields_of

AUDIENCES = ("issue", "deals")

BUILT_IN = frozenset(
    {
        ("date-not-agreed", "deals"),
        *(
            (name, "issue")
            for name in (
                "date-not-agreed",
                "label-stays",
                "reply-agreed-again",
                "reply-cannot-check",
                "reply-discovery-first",
                "reply-edited",
                "reply-may-not-override",
                "reply-more-needed",
                "reply-named",
                "reply-nearly",
                "reply-no-carrier",
                "reply-not-product",
                "reply-not-yours",
                "reply-noted",
                "reply-nothing-waits",
                "reply-overridden",
                "reply-override-by-hand",
                "reply-past",
                "reply-problem-noted",
                "reply-said-elsewhere",
                "reply-set-it-yourself",
                "reply-too-many-deals",
                "reply-unclear",
                "reply-unknown-deal",
                "reply-unnamed",
                "reply-user-noted",
                "reply-which",
            )
        ),
    }
)
"""The messages that no rule names: Handshake sends them by itself, so they have to be there."""

LONGEST_MESSAGE = 60_000
"""Characters of a message; GitHub refuses a comment of more than 65,536."""

CUT = "*(The rest was left out, as this message became too long.)*"

WITHHELD = "*(What was said here is not for the public.)*"
"""What a notice says, once strangers can read it, that says nothing to them."""

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ENVIRONMENT = MessageEnvironment()
_Result = typing.TypeVar("_Result")


class MessageError(Exception):
    """A message that could not be rendered, and where its template is at fault."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(str(diagnostic))


@dataclasses.dataclass(frozen=True, slots=True)
class _Template:
    """``needs`` are the variables that it takes for granted, and that only some events fill."""

    file: str
    source: str
    parsed: BoundTemplate
    needs: frozenset[str] = frozenset()


class Messages:
    """The messages of a rules folder. One in which something was found is never rendered."""

    def __init__(self, messages: Mapping[tuple[str, str], _Template | Diagnostic], folder: str) -> None:
        self._messages = dict(messages)
        self._folder = folder

    @classmethod
    def load(cls, folder: Path, shown: str) -> tuple[Messages, tuple[Diagnostic, ...]]:
        """Read ``folder``/messages and check each template. ``shown`` is how diagnostics call the folder."""
        shown = f"{shown.rstrip('/')}/messages"
        messages: dict[tuple[str, str], _Template | Diagnostic] = {}
        diagnostics: list[Diagnostic] = []
        for path in sorted((folder / "messages").glob("*.liquid")):
            file = f"{shown}/{path.name}"
            name, _, audience = path.name.removesuffix(".liquid").rpartition(".")
            if not _NAME.fullmatch(name) or audience not in AUDIENCES:
                diagnostics.append(Diagnostic(file, 1, 1, _misnamed(name, audience)))
                continue
            read = _read(path, file, audience)
            if isinstance(read, _Template):
                messages[name, audience] = read
            else:
                messages[name, audience] = read[0]
                diagnostics.extend(read)
        # A folder with none of them holds dates all the same; one that lacks some has lost them.
        for name, audience in sorted(BUILT_IN - messages.keys()) if BUILT_IN & messages.keys() else ():
            missing = "this file is missing, and Handshake sends it by itself; take it from the shipped rules"
            diagnostics.append(Diagnostic(f"{shown}/{name}.{audience}.liquid", 1, 1, missing))
        return cls(messages, shown), tuple(diagnostics)

    @property
    def names(self) -> frozenset[tuple[str, str]]:
        """The messages there are, as (name, audience), those with diagnostics too."""
        return frozenset(self._messages)

    def needs(self, name: str, audience: str) -> frozenset[str]:
        """Return what a message takes for granted of that which only some events fill."""
        template = self._messages.get((name, audience))
        return template.needs if isinstance(template, _Template) else frozenset()

    def render(self, name: str, audience: str, view: Message, *, encode: Encode, today: date) -> str:
        """Return the Markdown of a message. ``encode`` makes typed text inert in its sink.

        ``today`` decides which dates are said with their year.
        Raise MessageError, also for a message that does not exist.
        """
        missing = Diagnostic(f"{self._folder}/{name}.{audience}.liquid", 1, 1, "there is no such file")
        template = self._messages.get((name, audience), missing)
        if isinstance(template, Diagnostic):
            raise MessageError(template)
        return _render(template, audience, view, encode, today)


def _misnamed(name: str, audience: str) -> str:
    if audience not in AUDIENCES and _NAME.fullmatch(name):
        return f"there is no audience '{audience}': it is 'issue' or 'deals'"
    return "name it <name>.issue.liquid or <name>.deals.liquid, the name in small letters, digits and hyphens"


def _read(path: Path, file: str, audience: str) -> _Template | list[Diagnostic]:
    """Return a template that is sound, or what is wrong with it."""
    try:
        if not path.is_file():  # reading a pipe would not end
            return [Diagnostic(file, 1, 1, "this is not a file; remove it or rename it")]
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return [Diagnostic(file, 1, 1, "this cannot be read as UTF-8 text")]
    template, found = _parse(source, audience)
    if template is None or found:
        return [dataclasses.replace(diagnostic, file=file) for diagnostic in found]
    return dataclasses.replace(template, file=file)


@functools.lru_cache(maxsize=500)
def _parse(source: str, audience: str) -> tuple[_Template | None, Sequence[Diagnostic]]:
    """Parse and check a template, and return what is wrong with it; they name no file yet.
    Remembered, since of a folder that is read anew one message has changed, or none."""
    wrong = unreadable(source)
    if wrong:
        at, message = wrong
        return None, [Diagnostic("", *_position(source, at), message)]
    try:
        parsed = _guarded("", source, lambda: _ENVIRONMENT.from_string(source))
        template = _Template("", source, parsed, needed(parsed))
        return template, _check(template, audience)
    except MessageError as error:
        return None, [error.diagnostic]


def _check(template: _Template, audience: str) -> list[Diagnostic]:
    """Find what can be told from the text; then, if that is sound, what only rendering shows."""
    public = audience == "issue"
    found = _guarded(template.file, template.source, lambda: mistakes(template.parsed, public))
    found += overlooked(template.source)
    if found:
        return [Diagnostic(template.file, *_position(template.source, at), message) for at, message in found]
    diagnostics: dict[Diagnostic, None] = {}
    for view in _samples(public):
        try:
            _render(template, audience, view, str, date(2027, 1, 1))
        except MessageError as error:
            diagnostics[error.diagnostic] = None
    return list(diagnostics)


def _render(template: _Template, audience: str, view: Message, encode: Encode, today: date) -> str:
    seen = _seen(view)
    strangers = PRIVATE if view.issue.public else frozenset()
    for path in strangers if audience == "issue" else INTERNAL:
        *parents, last = path.split(".")
        holder = seen
        for parent in parents:
            holder = holder[parent]
        del holder[last]
    if audience == "deals":
        seen["issue"]["title"] = seen["issue"]["name"]
    text = _guarded(template.file, template.source, lambda: render(template.parsed, seen, encode, today))
    return _tidied(text)


def _seen(value: Any) -> Any:
    """Return what Liquid sees of a view: mappings, lists, texts, numbers and booleans."""
    if isinstance(value, tuple):
        return [_seen(item) for item in value]
    names = _names(value.__class__)
    return {name: _seen(getattr(value, name)) for name in names} if names else value


@functools.cache
def _names(kind: type) -> tuple[str, ...]:
    """Return the names of a view's fields, none for what is no view."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def _guarded(file: str, source: str, work: Callable[[], _Result]) -> _Result:
    """Do ``work`` and turn whatever a template can make go wrong in it into a MessageError."""
    try:
        return work()
    except LiquidError as error:
        at = error.token.start_index if error.token else 0
        at = at if at >= 0 else len(source.rstrip())
        cause = error.__cause__
        message = "this is nested too deeply" if isinstance(cause, RecursionError) else str(error.message)
        at, message = explain(message, source, at)
        raise MessageError(Diagnostic(file, *_position(source, at), message)) from None
    except RecursionError:
        raise MessageError(Diagnostic(file, 1, 1, "this is nested too deeply")) from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise MessageError(Diagnostic(file, 1, 1, f"this cannot be rendered: {error}")) from None


def _position(source: str, at: int) -> tuple[int, int]:
    before = source[:at]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _tidied(text: str) -> str:
    """Strip ``text``, fold blank lines, and cut it between paragraphs where it is too long for a comment."""
    text = re.sub(r"\n[ \t]*(?:\n[ \t]*)+\n?", "\n\n", text.strip()).strip()
    if len(text) <= LONGEST_MESSAGE:
        return text
    kept = text[: LONGEST_MESSAGE - len(CUT) - 2]
    end = kept.rfind("\n\n")
    return f"{kept[:end]}\n\n{CUT}" if end > 0 else CUT


@functools.cache
def _samples(public: bool) -> Sequence[Message]:
    """Return views to try a template on: with everything and with nothing, public and private."""
    samples = []
    for full in (True, False):
        view: Message = _sample(Message, full)
        for visible in (True, False) if public else (False,):
            samples.append(dataclasses.replace(view, issue=dataclasses.replace(view.issue, public=visible)))
    return samples


def _sample(kind: Any, full: bool) -> Any:
    if dataclasses.is_dataclass(kind):
        fields = fields_of(typing.cast(type, kind))
        return typing.cast(Any, kind)(**{name: _sample(hint, full) for name, hint in fields.items()})
    if typing.get_origin(kind) is tuple:
        return (_sample(typing.get_args(kind)[0], full),) if full else ()
    return {str: "2027-03-01" if full else "", int: 3 if full else 0, bool: full}[kind]
