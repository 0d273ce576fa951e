"""What the YAML parser says, in the words of those who write rules."""

from __future__ import annotations

DEEPEST = 50
"""Levels of nesting that are read."""

_QUOTE_IT = "put text with quotes, ': ' or ' #' in it below a '|', or in quotes as a whole"
_NEW_KEY = f"a new key should begin here, or the indentation is off; {_QUOTE_IT}"
_SPECIAL = "text cannot begin with this character; put it in quotes"
_SYNTAX = {
    "mapping values are not allowed": f"there is a ':' too many, or the indentation is off; {_QUOTE_IT}",
    "mapping keys are not allowed": f"text that begins with '?' goes in quotes; {_QUOTE_IT}",
    "tab character": "there is a tab here; YAML is indented with spaces",
    "cannot start any token": "there is a tab here; YAML is indented with spaces",
    "did not find expected key": _NEW_KEY,
    "expected <block end>": _NEW_KEY,
    "expected '-' indicator": "this line is indented less than the one it belongs to; move it below 'name'",
    "block sequence entries": "a list begins on a line of its own, below its key; move this '- ' there",
    "could not find expected ':'": "there is no ':' after this key",
    "maximum nesting depth": f"this is nested more than {DEEPEST} deep",
    "',' or '}'": "a '{' is opened here, and neither ',' nor '}' follows where one should",
    "',' or ']'": "a '[' is opened here, and neither ',' nor ']' follows where one should",
    "unexpected end of stream": "a quote is opened here and not closed",
    "unexpected document indicator": "a quote is opened here and not closed",
    "unknown escape": r"in double quotes a backslash is written twice (\\); or use single quotes",
    "hexdecimal number": r"in double quotes a backslash is written twice (\\); or use single quotes",
    "escape code": r"in double quotes a backslash is written twice (\\); or use single quotes",
    "node content": f"a value is missing here, or this sign is too many; {_QUOTE_IT}",
    "alphabetic or numeric character": f"{_SPECIAL}; in a '|' block, indent all lines alike",
    "expected comment or line break": "what stands behind '|' or '>' begins on the next line, indented",
    "indentation indicator": "write '|' alone; the text begins on the next line, indented",
    "document start": f"this cannot stand here, at the top of the file; {_QUOTE_IT}",
    "expected '!'": _SPECIAL,
    "tag": _SPECIAL,
    "whitespace or line break": _SPECIAL,
    "directive": "a line cannot begin with '%'; put it in quotes, or take it out",
    "expected digit": "a line cannot begin with '%'; put it in quotes, or take it out",
    "control characters": "there is an invisible character in this file; take it out",
}
OPENED = ("',' or '}'", "',' or ']'", "end of stream", "document indicator")
"""What is told where it was opened, and not where the end was missed."""


def in_plain_words(problem: str, here: str = "") -> str:
    """Say what is wrong in the words of those who write rules; ``here`` is the character at fault."""
    if "cannot start any token" in problem and here.strip():
        return f"text cannot begin with {here}; put it in quotes"
    for sign, words in _SYNTAX.items():
        if sign in problem:
            return words
    return f"this cannot be read; is the indentation right? {_QUOTE_IT.capitalize()}"
