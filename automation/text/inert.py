"""Text from outside, made harmless where a terminal or the reader of a log would obey it.

A display name may hold escape sequences (to a terminal U+009B is one, too), characters that turn the
direction of what follows, or the end of a line, behind which it could pass for a line of ours.
"""

from __future__ import annotations

import json
import unicodedata

_JOINERS = "\u200c\u200d"
"""Invisible, but emoji and names in Persian or Hindi need them, and nothing obeys them."""
_OBEYED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Controls, formats (with them all that concern direction), halves of characters, ends of lines and
paragraphs. https://www.unicode.org/reports/tr44/#General_Category_Values"""


def line(text: str) -> str:
    """Return ``text`` as one line, with what would be obeyed written out: ``\\u001b[2J``."""
    return text if text.isprintable() else "".join(map(_inert, text))


def lines(text: str) -> str:
    """The same for a text whose ends of lines are meant."""
    return "\n".join(map(line, text.split("\n")))


def _inert(char: str) -> str:
    if char.isprintable() or char in _JOINERS or unicodedata.category(char) not in _OBEYED:
        return char
    return json.dumps(char)[1:-1] if char != "\x7f" else "\\u007f"
