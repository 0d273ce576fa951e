"""What the CEL checker says, in the words of those who write rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from automation.rulebook.events import CLOSED
from automation.rulebook.near_names import did_you_mean

FUNCTIONS = (
    "size", "contains", "startsWith", "endsWith", "matches", "exists", "exists_one", "all", "map", "filter",
    "int", "double", "string", "bool", "timestamp", "duration",
)  # fmt: skip
"""What a misspelt function may have meant."""

ALWAYS = 'every variable always has a value; compare with "" or 0, or use size(...)'

_LOCATED = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_FIELD = re.compile(r"undefined field '(.*)' not found in struct '(.*)'")
_NAME = re.compile(r"undeclared reference to '(.*)' \(in container '.*'\)")
_OVERLOAD = re.compile(r"found no matching overload for '(.*)' applied to '\((.*)\)'")
_SELECT = re.compile(r"expression of type '(.*)' cannot be the operand of a select operation")
_OTHER_LANGUAGES = {
    "and": "&&", "or": "||", "not": "!", "=": "==", "===": "==", "<>": "!=", "&": "&&", "|": "||",
    "True": "true", "False": "false", "None": '""', "null": '""', "nil": '""',
}  # fmt: skip


_DAY_OF = re.compile(r"\.(?:day|closes)\b")
_COUNTING = ("size", "length", "count", "len")
_ONE_OF = ("deal", "label")
"""What there are several of, each with its list in ``issue``."""


class ExpressionError(Exception):
    """A condition that cannot be used. ``line`` and ``column`` count from 1, in the condition's text."""

    def __init__(self, line: int, column: int, message: str) -> None:
        super().__init__(message)
        self.line, self.column, self.message = line, column, message


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a condition can name: ``variables`` with their types, and the ``fields`` of message types."""

    variables: Mapping[str, str]
    fields: Mapping[str, tuple[str, ...]]


def never(path: str, value: str) -> str:
    """Say what is wrong with comparing the variable ``path`` with ``value``, or nothing."""
    known = CLOSED.get(path)
    if known is None or value in known:
        return ""
    there_is = ", ".join(f'"{one}"' for one in known if one)
    return f'{path} is never "{value}"{did_you_mean(value, known) or "; there is " + there_is}'


def type_words(name: str) -> str:
    """Return what people call a CEL type: ``INT`` or ``int`` is ``a whole number``."""
    plain = {
        "int": "a whole number",
        "uint": "a whole number",
        "double": "a decimal number",
        "string": "text",
        "bool": "a true/false value",
        "null_type": "null",
        "dyn": "a value of no fixed kind",
    }
    if name.lower() in plain:
        return plain[name.lower()]
    if name.lower().startswith("list"):
        return "a list"
    word = name.rpartition(".")[2].lower()
    return f"{'an' if word[:1] in 'aeiou' else 'a'} {word}"


def cause(message: str) -> str:
    """Strip the status code that CEL puts around its messages."""
    return re.sub(r"^[A-Z_]+: | \[[A-Z_]+\]$", "", message)


def explain(problem: str, text: str, vocabulary: Vocabulary) -> ExpressionError:
    """Turn the checker's ``problem`` with ``text`` into an error that says what to write."""
    found = _LOCATED.search(problem)
    if "recursion" in problem:
        return ExpressionError(1, 1, "this condition is nested too deeply; split it into several rules")
    if found is None:
        return ExpressionError(1, 1, problem.removesuffix(" [INVALID_ARGUMENT]"))
    line, column = max(1, int(found[1])), max(1, int(found[2]))
    rows = text.split("\n")
    before, after = rows[line - 1][: column - 1], rows[line - 1][column - 1 :]
    message = found[3].removesuffix(" [INVALID_ARGUMENT]")
    if match := _FIELD.fullmatch(message):
        words = _unknown_field(match[1], match[2], vocabulary)
        # The checker points at the dot; people look for the word.
        return ExpressionError(line, column + 1, words)
    if match := _NAME.fullmatch(message):
        word = match[1].partition(".")[0]
        if after.startswith("("):
            # The checker points at the bracket; people look for the word.
            column -= len(match[1])
            owner = _owner(before.removesuffix(match[1]).removesuffix("."))
            return ExpressionError(line, max(column, 1), _unknown_function(match[1], owner))
        start = rows[line - 1].rfind(word, 0, column - 1 + len(word))
        rest = rows[line - 1][max(start, 0) + len(word) :]
        return ExpressionError(line, max(start, 0) + 1, _unknown_name(word, rest, vocabulary))
    if match := _OVERLOAD.fullmatch(message):
        said = _no_overload(match[1], _split(match[2]), before, after, vocabulary)
        return ExpressionError(line, column, said)
    if match := _SELECT.fullmatch(message):
        name = re.match(r"\.\s*(\w+)", after)
        return ExpressionError(line, column, _not_selectable(match[1], name[1] if name else "it", before))
    return ExpressionError(line, column, _syntax(message, before, after))


def _unknown_field(word: str, struct: str, vocabulary: Vocabulary) -> str:
    known = vocabulary.fields.get(struct, ())
    hint = did_you_mean(word, known) or f"; it has {', '.join(known)}"
    return f"unknown field '{word}' in {struct.rpartition('.')[2].lower()}{hint}"


def _owner(before: str) -> str:
    """Return the dotted name that ``before`` ends with (``issue.deals``), or nothing."""
    found = re.search(r"[A-Za-z_][\w.]*$", before)
    return found[0] if found else ""


def _unknown_name(word: str, after: str, vocabulary: Vocabulary) -> str:
    if word in _OTHER_LANGUAGES:
        return f"unknown name '{word}'; write {_OTHER_LANGUAGES[word]}"
    if word in _ONE_OF:
        field = re.match(r"\.(\w+)", after)
        asked = f"{word}.{field[1]}" if field else f'{word} == "…"'
        return f"an issue can have several {word}s; write issue.{word}s.exists({word}, {asked} …)"
    if hint := did_you_mean(word, vocabulary.variables):
        return f"unknown name '{word}'{hint}"
    for variable, struct in vocabulary.variables.items():
        if word in vocabulary.fields.get(struct, ()):
            return f"unknown name '{word}'; did you mean '{variable}.{word}'?"
    known = ", ".join(vocabulary.variables)
    return f"unknown name '{word}'; there is {known}, and text goes in quotes: \"{word}\""


def _unknown_function(name: str, owner: str) -> str:
    if name in _COUNTING and (owner or name != "size"):
        return f"for how many there are, or how long a text is, write size({owner or '...'})"
    if name in ("startsWith", "endsWith", "contains"):
        return f"'{name}' is written after a text: issue.title.{name}(\"...\")"
    if name in FUNCTIONS:
        return f"'{name}' is not used like this; look at what it is given"
    if name == "has":
        return f"has() is not needed: {ALWAYS}"
    return f"unknown function '{name}'{did_you_mean(name, FUNCTIONS) or '; there is ' + ', '.join(FUNCTIONS)}"


def _split(types: str) -> list[str]:
    """Split ``list(a), map(b, c)`` at its outer commas."""
    return [part.strip() for part in re.findall(r"(?:[^,(]|\([^)]*\))+", types)]


def _no_overload(name: str, types: list[str], before: str, after: str, vocabulary: Vocabulary) -> str:
    words = [type_words(kind) for kind in types]
    operator = name.strip("_").replace("@", "")
    if name == "_?_:_":
        return "'?' needs true or false before it, and two values of one kind after it"
    if name in ("_&&_", "_||_", "!_"):
        wrong = next(word for word, kind in zip(words, types, strict=True) if kind != "bool")
        return f"'{operator}' needs true or false, and this is {wrong}"
    if name == "@in" and types[1] == "string":
        return "'in' looks into a list; for text write text.contains(\"...\")"
    if name == "contains" and types[0].startswith("list"):
        return "'contains' looks into text; for a list write \"...\" in list"
    if name == "_[_]":
        return f"{words[0]} cannot be read with [...]; write a dot and the name of a field"
    if len(types) == 2 and not name[0].isalpha():
        for kind, owner in zip(
            types, (_owner(before.rstrip()), _beginning(after[len(operator) :])), strict=True
        ):
            for field in ("day", "name", "key") if owner else ():
                if field in vocabulary.fields.get(kind, ()):
                    return f"'{owner}' has several parts; name the one to compare, such as {owner}.{field}"
        return _mixed(operator, types, words, before, after)
    return f"'{operator}' does not work on {' and '.join(words)}"


def _beginning(after: str) -> str:
    found = re.match(r"\s*([A-Za-z_][\w.]*)", after)
    return found[1] if found else ""


def _mixed(operator: str, types: list[str], words: list[str], before: str, after: str) -> str:
    left = re.search(r"(?<![\w.])(\d+)\s*$", before)
    right = re.match(rf"{re.escape(operator)}\s*(-?\d+)(?![\w.])", after)
    if sorted(types) == ["double", "int"]:
        literal = right if types[1] == "int" else left
        if literal:
            rather = f"write {literal[1]}.0 rather than {literal[1]}"
            return f"a decimal number and a whole one do not mix; {rather}"
        return "a decimal number and a whole one do not mix; wrap the whole one as double(...)"
    date = re.match(rf"{re.escape(operator)}\s*(\d{{4}}-\d\d?-\d\d?)", after)
    date = date or re.search(r"(\d{4}-\d\d?-\d\d?)\s*$", before)
    if date and "string" in types:
        return f'a date is text here, so it goes in quotes: "{date[1]}"'
    if sorted(types) == ["int", "string"] and _DAY_OF.search(before + after):
        hint = 'a day is written in quotes: "2027-03-01"'
        return f"'{operator}' does not work between text and a number; {hint}"
    if "null_type" in types:
        return f"there is no null: {ALWAYS}"
    counting = {"a list", "a whole number"} == set(words)
    hint = "; for how many there are write size(...)" if counting else ""
    return f"'{operator}' does not work between {words[0]} and {words[1]}{hint}"


def _not_selectable(struct: str, name: str, before: str) -> str:
    if name in _COUNTING:
        owner = _owner(before) or "..."
        return f"for how many there are, or how long a text is, write size({owner})"
    if struct.startswith("list("):
        return f"this is a list: ask about its items with .exists(x, x.{name} == ...) or .all(...)"
    return f"{type_words(struct)} has no field '{name}'"


def _syntax(message: str, before: str, after: str) -> str:
    if "<EOF>' expecting" in message or "at '<EOF>'" in message:
        return "the condition ends too early; is a ')' or a value missing?"
    if after and after[0] in "“”„‘’«»":
        return f'write straight quotes ("), not {after[0]}'
    if re.match(r"""["'].*\\""", after):
        return r"in quotes a backslash is written twice, or write r before the quote: r" '"\\d"'
    if re.match(r"""["'][^"']*$""", after):
        return "a quote is opened here and not closed"
    # The token at fault, or the one before it: "not issue.open" fails at "issue", "x === y" at its last "=".
    here = re.match(r"\w+|[^\w\s]", after)
    around = re.search(r"([=<>&|]+|\w+)\s*$", before)
    candidates = [here[0] if here else "", around[1] if around else ""]
    if here and around and not here[0].isalnum():
        candidates.insert(0, around[1] + here[0])
    for word in candidates:
        if word in _OTHER_LANGUAGES:
            return f"'{word}' is not used here; write {_OTHER_LANGUAGES[word]}"
    for word in candidates:
        if word.lower() in ("and", "or", "not"):
            return f"'{word}' is not used here; write {_OTHER_LANGUAGES[word.lower()]}"
    if after[:1] == "$" or after[:2] == "{{":
        return "a name is written as it is, without ${...} or {{...}}: issue.open"
    if message.startswith("Syntax error"):
        return f"this cannot be read from '{after[:20]}' on" if after else "this cannot be read"
    return message
