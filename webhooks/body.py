"""What a webhook's body has to be: one JSON object or several, to be stored, read again and shown.

https://www.rfc-editor.org/rfc/rfc8259
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

DEEPEST = 200
"""Levels of nesting that a body may have; no source comes near. It is far below what Python itself can
read, so that whatever was stored can be read again, in any thread."""

# An escaped NUL or half of a surrogate pair; only bodies with one are searched value by value.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_REFUSED_TEXT = re.compile("[\0\ud800-\udfff]")


def problem(body: bytes, many: bool = False) -> str:
    """Say what is wrong with ``body`` as a JSON object, or as a list of ``many``, or return an empty text."""
    try:
        value = _JSON.decode(body.decode())
    except UnicodeDecodeError:
        return "is not UTF-8"
    except RecursionError:
        return "is nested too deeply"
    except ValueError:
        return "is not JSON"
    if many and not (isinstance(value, list) and value and all(isinstance(one, dict) for one in value)):
        return "is not a JSON list of objects"
    if not many and not isinstance(value, dict):
        return "is not a JSON object"
    # To count brackets costs next to nothing, and hardly a body has so many that it has to be walked.
    if body.count(b"{") + body.count(b"[") > DEEPEST and _deeper(value, DEEPEST):
        return "is nested too deeply"
    if _SUSPECT.search(body) and any(_REFUSED_TEXT.search(text) for text in _texts(value)):
        return "holds text that is no Unicode text"
    return ""


def _number(written: str) -> float:
    """Read a number as Python does, but no NaN and nothing infinite: JSON has neither."""
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


_JSON = json.JSONDecoder(parse_constant=_number, parse_float=_number)


def _deeper(value: Any, levels: int) -> bool:
    """Tell whether objects and lists are nested more than ``levels`` deep, without recursion."""
    row = [value]
    for _ in range(levels):
        row = [
            inner
            for one in row
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
        if not row:
            return False
    return True


def _texts(value: Any) -> list[str]:
    """Return every text in ``value``, keys too, without recursion."""
    found, left = [], [value]
    while left:
        one = left.pop()
        if isinstance(one, str):
            found.append(one)
        elif isinstance(one, dict):
            left.extend(one)
            left.extend(one.values())
        elif isinstance(one, list):
            left.extend(one)
    return found
