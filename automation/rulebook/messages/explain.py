"""What the Liquid parser says of a message, in the words of those who write messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from automation.rulebook.messages.filters import PHRASES

_TAG = re.compile(r"\{%-?\s*(\w+|#)(.*?)-?%\}", re.DOTALL)
_HANGING = re.compile(r"(?<!\S)(and|or|contains|[=!<>]=|[<>|])\s*-?[%}]\}")
_PAIRED = frozenset({"if", "unless", "for", "capture", "comment"})
_TAGS = "if, elsif, else, unless, for, assign, capture and comment"
_OTHER_LANGUAGES = {
    "&&": "and", "&": "and", "||": "or", "=": "==", "===": "==", "<>": "!=", "then": "", ":": "",
}  # fmt: skip
_RATHER = {
    "elseif": "write {% elsif … %}",
    "elif": "write {% elsif … %}",
    "set": "write {% assign … = … %}",
    "let": "write {% assign … = … %}",
    "var": "write {% assign … = … %}",
    "case": "write {% if … %} and {% elsif … %}",
    "when": "write {% if … %} and {% elsif … %}",
    "include": "a message cannot take in other files",
    "render": "a message cannot take in other files",
    "import": "a message cannot take in other files",
}
_EXAMPLES = {
    "append": '{{ issue.title | append: "!" }}',
    "prepend": '{{ issue.title | prepend: "About " }}',
    "replace": '{{ issue.title | replace: "old", "new" }}',
    "map": '{{ issue.deals | map: "name" }}',
    "where": '{{ issue.deals | where: "open", true }}',
    "concat": "{{ scope.added | concat: scope.removed }}",
    "plus": "{{ change.days | plus: 1 }}",
    "minus": "{{ change.days | minus: 1 }}",
    "truncate": '{{ issue.title | truncate: 80, "…" }}',
    "join": '{{ issue.labels | join: ", " }}',
}
_CLEARER = {"index out of range": "this list can be empty: ask for its size first"}


@dataclass(frozen=True, slots=True)
class _Tag:
    name: str
    rest: str
    start: int
    """Where its name begins, in the template's text."""


def explain(message: str, source: str, at: int) -> tuple[int, str]:
    """Return where in ``source`` people should look, and what to write there.

    ``message`` is the parser's, about the place ``at``.
    """
    if message in _CLEARER:
        return at, _CLEARER[message]
    if re.match(r"expected tag end\w+, found end of expression", message):
        for tag in _unclosed(source):
            return tag.start, f"this {{% {tag.name} %}} is never closed; end it with {{% end{tag.name} %}}"
    if found := re.match(r"unexpected tag '(.*)'", message):
        return at, _unexpected(found[1], source, at)
    if found := re.match(r"(\w+): .*(?:missing|takes|expected) .*argument", message):
        return at, _arguments(found[1])
    if message.endswith("found end of expression") and (hanging := _HANGING.search(source)):
        return hanging.start(), f"something is missing after this '{hanging[1]}'"
    if "not supported between" in message and "'int'" in message:
        return at, 'text and a number cannot be compared; a day is written in quotes: "2027-03-01"'
    return at, _expression(message, source, at)


def overlooked(source: str) -> Iterator[tuple[int, str]]:
    """Yield what the parser passes over in silence: ``{% else if … %}`` is to it a plain ``else``."""
    for tag in _tags(source):
        if tag.name == "else" and tag.rest.strip():
            yield tag.start, "what stands behind 'else' is not read; write {% elsif … %}"


def _tags(source: str) -> Iterator[_Tag]:
    for match in _TAG.finditer(source):
        yield _Tag(match[1], match[2], match.start(1))


def _unclosed(source: str, before: int | None = None) -> list[_Tag]:
    """Return the tags that are open at the end, or ``before`` a place, the innermost first."""
    opened: list[_Tag] = []
    for tag in _tags(source):
        if before is not None and tag.start >= before:
            break
        if tag.name in _PAIRED:
            opened.append(tag)
        elif opened and tag.name == f"end{opened[-1].name}":
            opened.pop()
    return opened[::-1]


def _unexpected(name: str, source: str, at: int) -> str:
    opened = _unclosed(source, at)
    if name in _RATHER:
        return f"there is no tag '{name}'; {_RATHER[name]}"
    if name == "end" or (name.startswith("end") and opened):
        if opened:
            return f"this should end the '{opened[0].name}' before it; write {{% end{opened[0].name} %}}"
        return "nothing is open here that this could end; take it out"
    if name.startswith("end") or name in ("else", "elsif"):
        return f"there is no {{% if %}} before this {{% {name} %}}"
    return f"there is no tag '{name}'; there is {_TAGS}"


def _arguments(name: str) -> str:
    documented = re.search(r"\{\{.*?\}\}", (PHRASES[name].__doc__ or "") if name in PHRASES else "")
    example = documented[0] if documented else _EXAMPLES.get(name, "")
    return f"'{name}' needs other settings than these" + (f", like this: {example}" if example else "")


def _expression(message: str, source: str, at: int) -> str:
    after, before = source[at:], source[:at]
    if date := re.search(r"(\d{4}-\d\d?-\d\d?)", before[-8:] + after[:10]):
        return f'a date is text here, so it goes in quotes: "{date[1]}"'
    if after.startswith("!") or "not operator" in message:
        return "there is no 'not' here; write {% unless … %}, or compare: issue.open == false"
    if "parentheses" in message:
        return "brackets are not used here; put one {% if %} into another"
    if re.match(r"in\b", after):
        return 'write it the other way round: issue.labels contains "…"'
    if re.match(r"(if|unless|for|assign|capture|else|elsif|end\w*)\b", after) and before.rstrip(
        " -"
    ).endswith("{{"):
        return "this is a tag, and tags stand in {% … %}"
    sign = re.match(r"(&&|\|\||===|<>|=(?!=)|&|then\b|:)", after)
    if sign:
        rather = _OTHER_LANGUAGES[sign[1]]
        return f"'{sign[1]}' is not used here; " + (f"write {rather}" if rather else "leave it out")
    if message.endswith("found end of expression"):
        return "something is missing at the end of this: a name, a value or a quote?"
    word = re.match(r"\S{1,20}", after)
    if message.startswith("expected") and word:
        return f"this cannot be read from '{word[0]}' on"
    return message
