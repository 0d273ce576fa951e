"""What pydantic says about a rules file, in plain words and with the path it is about."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from automation.rulebook.near_names import did_you_mean, nearest
from automation.rulebook.yaml.source import Keys


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong at ``path``; ``at_key`` says that the key itself is meant."""

    path: Keys
    message: str
    at_key: bool = False


def check(
    model: type[BaseModel], data: Any, name: str = "", context: object = None
) -> tuple[Any, list[Complaint]]:
    """Return ``data`` as ``model``, or None and everything that is wrong with it.

    ``name`` is the key that ``data`` stands under, if any; ``context`` is for the model's own checks.
    """
    try:
        return model.model_validate(data, context=context), []
    except ValidationError as error:
        return None, list(_complaints(model, data, error, name))


def _complaints(model: type[BaseModel], data: Any, error: ValidationError, name: str) -> Iterator[Complaint]:
    located = [(_existing(data, each["loc"]), each) for each in error.errors(include_url=False)]
    misspelt = {
        (path[:-1], hint)
        for path, each in located
        if each["type"] == "extra_forbidden" and (hint := nearest(str(path[-1]), _known(model, path[:-1])))
    }
    # Of the branches of "one or the other" the one whose own check said no was what was meant.
    shaped = {path for path, each in located if each["type"] == "value_error"}
    told: set[Keys] = set()
    for path, each in located:
        if each["type"] == "missing":
            key = str(each["loc"][-1])
            # "unknown key 'whem'; did you mean 'when'?" has said it already.
            if (path, key) not in misspelt:
                yield Complaint(path, f"missing '{key}'")
        elif each["type"] == "extra_forbidden":
            yield Complaint(path, _unknown_key(str(path[-1]), _known(model, path[:-1])), at_key=True)
        elif path in shaped and each["type"] != "value_error":
            continue
        elif "[key]" in each["loc"]:
            yield Complaint(path, _words(path, each, name), at_key=True)
        elif path not in told and not any(deeper[: len(path)] == path != deeper for deeper, _ in located):
            # Of the branches of "one or several" the one that got further is what was meant.
            told.add(path)
            yield Complaint(path, _words(path, each, name))


def _existing(data: Any, loc: tuple[int | str, ...]) -> Keys:
    """Return the part of ``loc`` that is a path in ``data``, without pydantic's own labels."""
    path: Keys = ()
    for part in loc:
        inside = isinstance(data, dict) and part in data
        if inside or (isinstance(data, list) and isinstance(part, int)):
            path, data = (*path, part), data[part]
    return path


def _known(model: type[BaseModel], path: Keys) -> list[str]:
    """Return the keys that the map at ``path`` can have."""
    hint: Any = model
    for part in path:
        if isinstance(hint, type) and issubclass(hint, BaseModel):
            fields = {field.alias or name: field.annotation for name, field in hint.model_fields.items()}
            hint = fields.get(str(part))
        else:
            hint = (typing.get_args(hint) or (None,))[-1]
        if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
            hint = next((kind for kind in typing.get_args(hint) if kind is not type(None)), None)
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return [field.alias or name for name, field in hint.model_fields.items()]
    return []


def _unknown_key(key: str, known: list[str]) -> str:
    hint = did_you_mean(key, known) or (f"; there is {', '.join(known)}" if known else "")
    return f"unknown key '{key}'{hint}"


def _words(path: Keys, error: Mapping[str, Any], above: str) -> str:
    name = next((str(part) for part in reversed(path) if isinstance(part, str)), above)
    who = f"an item of '{name}'" if path and isinstance(path[-1], int) else f"'{name}'"
    given, kind = error["input"], error["type"]
    if kind == "value_error":
        return str(error["ctx"]["error"])
    if given is None:
        return f"{who} is empty; fill it in or take the line out"
    if kind == "string_type":
        if name == "if" and isinstance(given, bool):
            return "a condition is text; to act every time, leave the 'if' out"
        if name == "when" and isinstance(given, list):
            return "a rule waits for one event; write one rule for each of them"
        simple = str(given).lower() if isinstance(given, bool) else str(given)
        return f"{who} must be text" + ("" if isinstance(given, dict | list) else f'; in quotes: "{simple}"')
    if kind in ("enum", "literal_error"):
        expected = str(error["ctx"]["expected"])
        hint = did_you_mean(str(given), re.findall("'(.*?)'", expected))
        return f"{who} must be {expected}{hint}"
    if kind in ("list_type", "tuple_type") and name == "then":
        return "each action under 'then' begins with '- ', such as - hold: {until: product}"
    if kind in ("list_type", "tuple_type"):
        return f"{who} must be a list, such as [one, two]"
    if kind == "dict_type" and name == "then":
        return f"'{given}' is no action yet; give it its settings, such as - hold: {{until: product}}"
    if kind == "model_type" and name == "hold" and isinstance(given, str):
        return f"say for whose answer it waits: hold: {{until: {given}}}"
    if kind in ("dict_type", "model_type") and isinstance(given, str) and re.search(r"\w:\S", given):
        return "a space is missing behind a ':' here, such as in 'name: dates'"
    if kind in ("dict_type", "model_type"):
        return f"{who} must be a map, such as {{key: value}}"
    if kind == "int_type":
        return f"{who} must be a whole number"
    if kind == "greater_than_equal":
        return f"{who} must be {error['ctx']['ge']} or more"
    if kind == "too_short":
        return f"{who} must not be empty"
    return f"{who} is not right: {error['msg']}"
