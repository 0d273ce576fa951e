"""Print docs/rules.md: what rules may say, made from the code itself. Run it with ``make docs``."""

from __future__ import annotations

import dataclasses
import re
import sys
import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from automation.domain.commands import GRAMMAR
from automation.domain.field_names import typed
from automation.domain.fields import REGISTERED, date_field
from automation.rulebook.actions import ACTIONS
from automation.rulebook.actions.comment import Comment
from automation.rulebook.conditions.expressions import compile as compile_condition
from automation.rulebook.events import EVENTS
from automation.rulebook.messages.filters import PHRASES
from automation.rulebook.messages.messages import AUDIENCES
from automation.rulebook.messages.templates import MessageEnvironment
from automation.rulebook.rulebook import load
from automation.rulebook.schema import ProjectDate, RulesFile
from automation.rulebook.variables import INTERNAL, PRIVATE, Conditions, Message

RULES = Path(__file__).parents[1] / "rules"

OPENING = """\
# Rules reference

*Made from the code by `make docs`. To change a line here, change the docstring it comes from.*

Rules are YAML files in `rules/`. All files directly in that folder count together. A rule's name may stand
in one place only, and so may a setting; the parts of `trackers` and of `sign_off` may be spread over files.
A change counts within a second, without a restart. Where it has a mistake, the last good rules stay in force
and the log says so. Check before you save, and in CI:

```sh
.venv/bin/handshake rules check
```

It names every mistake at once, each with `file:line:column`. It also takes a folder, and `--json`. How to
change the words is in [messages](messages.md).

The YAML is strict: unknown keys, keys given twice, anchors, aliases and tags are mistakes. `on`, `off`, `yes`
and `no` are words, not true or false. A file may have 1 MB.
"""

CONDITIONS = """\
## Conditions: `if`

A condition is one expression in [CEL](https://github.com/google/cel-spec/blob/master/doc/langdef.md) over
the [variables](#variables) below. It is checked when the rules are loaded: a misspelt variable, or a text
compared with a number, is a mistake with its place. Every variable always has a value (a missing text or day
is `""`, a missing number `0`), so `has()` is not needed. Days are text like `2027-03-01`, and compare as
they should.
"""

EXAMPLES = (
    ("size(issue.deals) > 0", "a deal hangs on the issue"),
    ("issue.deals.exists(deal, deal.closes < change.new.day)", "it lands after a deal's expected close"),
    ('change.kind == "later" && change.days > 14', "it moves by more than two weeks"),
    ('!("internal" in issue.labels)', "the issue does not have that label"),
    ('issue.key.startsWith("acme/shop#")', "it is an issue of that repository"),
    ("!actor.product", "whoever did it cannot sign off"),
)

AFTER_CONDITIONS = """
A condition that cannot be answered for an event puts its rule in error for that event: the log says so, and
its actions do not happen. The other rules go on.
"""

VARIABLES = """\
## Variables

`[]` stands for each item of a list: `issue.deals.exists(deal, deal.open)` in a condition,
`{% for deal in issue.deals %}` in a message.
"""

COMMANDS = """\
## Commands

Whole lines of a comment on an issue; a line in bold or italics is one too. What stands in code, lists,
quotes, an edited comment or the mail that a comment answers does not count, and an escaped slash is none. In
Jira, whose editor opens a menu on a slash, `handshake signoff …` works too; on GitHub that is prose. Commands
are built in; rules react to what they lead to.

Dates are read where they can mean one day only: `2027-03-01`, `2027/3/1`, `1 May`, `May 1, 2027`. Without its
year a date is the one that is asked for, else the next such day, and the answer says the year. A day that has
passed is asked about. After `/decline` and `/withdraw`, words without a date are the reason, also without
`because`. After `/signoff` nothing but a date is read: “/signoff, but only if …” signs nothing. Who may use
commands and nearly writes one (`/sign-off`) is told which one is meant.
"""

FIELDS = """\
### Which date is meant

Where an issue has several dates, a command names its field: by its name as one word (`go-live-date`), by its
name as it is, best in quotation marks (`"Go-live date"`), or by its id. Lines that we print do so. Without a
field, a date that can be about several is asked back, and a bare answer lists what waits. A name that would
mean something else (another field, a date, `none`, `because`) is not read; its field goes by the id.
"""

MESSAGES = """\
## Messages that are shipped

`rules/messages/<name>.issue.liquid` is read on the issue, `<name>.deals.liquid` on the deals. Those that are
*built in* are said without a rule: keep the files, and change their words as you like.
"""

_MOST_LISTED = 10
"""Values of a default that are all shown."""

_FIELD = re.compile(r"``(\w+)``(:?)")


def page() -> str:
    """Return the whole page."""
    rules = (_settings(), _events(), _conditions(), _actions(), _variables())
    return "\n".join((OPENING, *rules, _filters(), _commands(), _messages()))


# ---------------------------------------------------------------- what stands in docstrings


def described(kind: type) -> dict[str, str]:
    """Return what the docstring of ``kind`` says of its fields, each after its name in double backticks."""
    words = {}
    text = _folded(kind.__doc__)
    found = _mentions(kind)
    for match, end in zip(found, [*(m.start() for m in found[1:]), len(text)], strict=False):
        # A colon introduces; without one, a later mention in passing must not replace what was said.
        if match[2] or match[1] not in words:
            words[match[1]] = text[match.end() : end].strip(" .,;").removesuffix(" and")
    return words


def summary(kind: type) -> str:
    """Return what the docstring says before it speaks of fields."""
    found = _mentions(kind)
    text = _folded(kind.__doc__)
    return text[: found[0].start()].strip() if found else text


def _mentions(kind: type) -> list[re.Match[str]]:
    names = typing.get_type_hints(kind)
    return [match for match in _FIELD.finditer(_folded(kind.__doc__)) if match[1] in names]


def _folded(text: str | None) -> str:
    return " ".join((text or "").split())


def _md(text: str) -> str:
    return text.replace("``", "`")


def _code(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (headings, ["---"] * len(headings), *rows)
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


# ---------------------------------------------------------------- settings


def _settings() -> str:
    top, parts, rules = [], [], ""
    for name, path, inner in _inside(RulesFile):
        if inner is None:
            top.append((RulesFile, name, path))
        elif name == "rules":
            rules = f"## Rules\n\n{_md(summary(inner))}\n\n{_leaves(_below(inner, ''))}"
        else:
            parts.append(f"### `{name}`\n\n{_md(summary(inner))}\n\n{_leaves(_below(inner, f'{path}.'))}")
    return "\n".join(("## Settings\n", _leaves(top), *parts, rules))


def _below(model: type[BaseModel], before: str) -> Iterator[tuple[type[BaseModel], str, str]]:
    for name, path, inner in _inside(model):
        if inner is None:
            yield model, name, f"{before}{path}"
        else:
            yield from _below(inner, f"{before}{path}.")


def _inside(model: type[BaseModel]) -> Iterator[tuple[str, str, type[BaseModel] | None]]:
    """Yield each field as (name, path as people write it, the model it holds if it holds one)."""
    for name, info in model.model_fields.items():
        inner, more = _held(info.annotation)
        yield name, f"{info.alias or name}{more}", inner


def _held(hint: Any) -> tuple[type[BaseModel] | None, str]:
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint, ""
    if origin in (typing.Union, types.UnionType):
        return next((found for each in inside if (found := _held(each))[0]), (None, ""))
    held = _held(inside[-1])[0] if origin in (dict, list) else None
    return held, ".<name>" if held and origin is dict else ""


def _leaves(rows: Iterable[tuple[type[BaseModel], str, str]]) -> str:
    cells = []
    for model, name, path in rows:
        whole = model.model_json_schema()
        schema = whole["properties"][model.model_fields[name].alias or name]
        said = _md(described(model).get(name, ""))
        cells.append((f"`{path}`", _kind(schema, whole.get("$defs", {})), _default(schema), said))
    return _table(("Key", "Holds", "Default", "What it means"), cells)


def _default(schema: Mapping[str, Any]) -> str:
    if "default" not in schema:
        return "*needed*"
    default = schema["default"]
    if isinstance(default, list) and len(default) > _MOST_LISTED:
        return f"{len(default)} words, as shipped: `{default[0]}`, `{default[1]}` …"
    return f"`{default}`" if default not in ("", [], None) else "none"


ONE_LINE = {ProjectDate.__name__: "{project: …, field or iteration: …}"}
"""Maps that stand in a list, as people write them."""


def _kind(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> str:
    """Say what values a schema lets through, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"`{ONE_LINE[name]}`" if name in ONE_LINE else _kind(defs[name], defs)
    if "enum" in schema:
        return _code(schema["enum"])
    if "anyOf" in schema:
        return ", or ".join(_kind(each, defs) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema['items'], defs)}"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false", "object": "action"}
    return words[schema["type"]] + (f" from {schema['minimum']}" if "minimum" in schema else "")


# ---------------------------------------------------------------- what rules are made of


def _events() -> str:
    rows = ((f"`{name}`", words) for name, words in EVENTS.items())
    return "## Events: `when`\n\n" + _table(("Event", "Happens when"), rows)


def _conditions() -> str:
    for text, _ in EXAMPLES:
        compile_condition(text)  # a wrong example must not get into the page
    rows = ((f"`{text}`", words) for text, words in EXAMPLES)
    return f"{CONDITIONS}\n{_table(('Condition', 'True where'), rows)}{AFTER_CONDITIONS}"


def _actions() -> str:
    parts = ["## Actions: `then`\n\nActions run in the order they are written.\n"]
    for name, action in ACTIONS.items():
        does = _folded(sys.modules[action.__module__].__doc__).removeprefix(f"``{name}``: ")
        goes = _code(sorted(action.events)) if action.events else "every event"
        parts.append(f"### `{name}`\n\n{_md(does[:1].upper() + does[1:])} Goes with {goes}.\n")
        parts.append(f"{_md(_folded(action.__doc__))}\n")
        keys = action.model_json_schema()["properties"].items()
        rows = ((f"`{key}`", _kind(schema, {}), _default(schema)) for key, schema in keys)
        parts.append(_table(("Key", "Holds", "Default"), rows))
    return "\n".join(parts)


def _variables() -> str:
    conditions, messages = dict(_walk(Conditions)), dict(_walk(Message))
    rows = []
    for path, (kind, words) in {**messages, **conditions}.items():
        where = ("yes" if path in conditions else "", _readers(path) if path in messages else "")
        rows.append((f"`{path}`", kind, *where, _md(words)))
    return f"{VARIABLES}\n{_table(('Variable', 'Holds', 'In `if`', 'In messages', 'What it is'), rows)}"


def _readers(path: str) -> str:
    """Say which messages see this variable."""

    def among(paths: Iterable[str]) -> bool:
        return any(path == each or path.startswith((f"{each}.", f"{each}[]")) for each in paths)

    return "not on public issues" if among(PRIVATE) else "on issues only" if among(INTERNAL) else "yes"


def _walk(kind: type, before: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield (path, (what it holds, words)) for every variable below ``kind``."""
    words = described(kind)
    for name, hint in typing.get_type_hints(kind).items():
        item = typing.get_args(hint)[0] if typing.get_origin(hint) is tuple else None
        inner, said = item or hint, words.get(name, "")
        if dataclasses.is_dataclass(inner):
            if item:
                yield f"{before}{name}", ("list", said)
            yield from _walk(typing.cast(type, inner), f"{before}{name}{'[]' if item else ''}.")
        else:
            holds = {str: "text", int: "whole number", bool: "true or false"}[inner]
            yield f"{before}{name}", (f"list of {holds}" if item else holds, said)


def _filters() -> str:
    environment = MessageEnvironment()
    plain = [name for name in environment.filters if name not in PHRASES]
    tags = [name for name in environment.tags if name not in ("content", "output", "illegal")]
    rows = []
    for name, function in PHRASES.items():
        example, _, result = _folded(function.__doc__).removeprefix("``").rstrip(".").partition("``: ")
        rows.append((f"`{name}`", f"`{example}`", _md(result)))
    return (
        f"## Filters and tags of messages\n\n{_table(('Filter', 'Written', 'Gives'), rows)}\n"
        f"Also, as in [Liquid](https://shopify.github.io/liquid/): {_code(plain)}.\nTags: {_code(tags)}.\n"
    )


def _commands() -> str:
    rows = ((f"`{each.usage}`", each.who, each.does, f"`{each.example}`") for each in GRAMMAR.values())
    commands = _table(("Command", "Who may", "What it does", "Example"), rows)
    return f"{COMMANDS}\n{commands}\n{FIELDS}\n{_fields()}"


def _fields() -> str:
    mine = date_field("customfield_…", "jira", "Go-live date")
    every = (*REGISTERED.values(), mine)
    rows = (
        (
            one.label if one is not mine else "a date field of your own",
            one.system,
            f"`{one.id}`",
            f"`{typed(one, every)}`",
            f"a {one.carrier} with a date"
            if one.carrier
            else "a day, or a day and a time"
            if one is mine
            else "a day",
        )
        for one in every
    )
    return _table(("Field", "Of", "Id", "In commands", "Holds"), rows)


def _messages() -> str:
    rulebook = load(RULES)
    said: dict[str, list[str]] = {}
    for rule in rulebook.rules:
        for action in rule.actions:
            if isinstance(action, Comment):
                said.setdefault(action.message, []).append(rule.name)
    names = rulebook.messages.names
    rows = []
    for name in sorted({name for name, _ in names}):
        readers = " and ".join(audience for audience in AUDIENCES if (name, audience) in names)
        rows.append((f"`{name}`", readers, "; ".join(said.get(name, ["*built in*"]))))
    return f"{MESSAGES}\n{_table(('Message', 'For', 'Said by the rule'), rows)}"


if __name__ == "__main__":
    sys.stdout.write(page())
