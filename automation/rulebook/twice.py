"""What may stand once only in a rules folder: the name of a rule, and a setting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from automation.rulebook.diagnostics import Diagnostic
from automation.rulebook.yaml.source import Keys, Source

SPREAD = ("trackers", "sign_off", "deadline_fields")
"""The settings whose keys may stand in several files."""


def given_twice(sources: Sequence[Source]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for every setting and rule name that stands in a second place."""
    first: dict[tuple[str, Keys], tuple[Source, Keys]] = {}
    for source in sources:
        for kind, name, path in _named(source):
            there, other = first.setdefault((kind, name), (source, path))
            if (there, other) != (source, path):
                place, before = source.key(path), f"{there.name}:{there.key(other).line}"
                if kind == "rule":
                    message = f"a rule named '{name[0]}' stands in {before}; give this one another name"
                else:
                    message = f"'{'.'.join(map(str, name))}' stands in {before}; keep one of them"
                yield source.diagnostic(place, message)


def _named(source: Source) -> Iterator[tuple[str, Keys, Keys]]:
    """Yield what may exist only once: its kind, its name, and its path in this file."""
    for key, value in source.data.items():
        if key in SPREAD and isinstance(value, dict):
            for inner in value:
                yield "setting", (key, inner), (key, inner)
        elif key != "rules":
            yield "setting", (key,), (key,)
    for index, rule in enumerate(raw_rules(source)):
        if isinstance(rule, dict) and isinstance(rule.get("name"), str):
            yield "rule", (rule["name"],), ("rules", index, "name")


def raw_rules(source: Source) -> list[object]:
    """Return the rules of a file as they are written; none for what is no list."""
    rules = source.data.get("rules")
    return rules if isinstance(rules, list) else []
