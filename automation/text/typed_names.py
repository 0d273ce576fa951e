"""Names as people type them into commands: what customers call something, whom there to talk to, and what
these want solved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

LONGEST_NAME = 60
"""Characters of a name for customers."""
LONGEST_CONTACT = 200
"""Characters that say who somebody is and how to reach them."""
LONGEST_PROBLEM = 500
"""Characters that say what a user wants solved."""

_QUOTES = "\"'“”„«»‘’"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://|\bwww\.|\S@\S|(?<!\w)@\w", re.IGNORECASE)
_COMMAND = re.compile(r"/|handshake\b", re.IGNORECASE)
_TO_FILL_IN = re.compile(r"<.*>")
_APART = re.compile(r"[,;(|]|\s[-–—]\s")
_MOST_DIGITS = 4
"""More than these in one part make it a number by which somebody is reached."""


def name(typed: str) -> tuple[str, str]:
    """Return a name for customers, empty to take it away, and what is wrong with it, if anything."""
    words = " ".join(typed.split())
    said = words.strip(_QUOTES).strip() if words[:1] in _QUOTES else words
    if words and not any(letter.isalnum() for letter in said):
        return "", "There are no words in this name."
    if len(said) > LONGEST_NAME:
        return "", f"A name for customers has at most {LONGEST_NAME} characters; this one has {len(said)}."
    if _ADDRESS.search(said):
        return "", "A name for customers holds no address and mentions nobody."
    if _COMMAND.match(said) or _TO_FILL_IN.fullmatch(said):
        return "", "This does not read like a name for customers."
    return said, ""


def contact(typed: str) -> tuple[str, str]:
    """Return whom product may talk to, in the words that were typed, and what is wrong with them."""
    said = " ".join(typed.split())
    if not any(letter.isalnum() for letter in said) or _TO_FILL_IN.fullmatch(said):
        return "", "Please say who it is, what they do, and how to reach them."
    if len(said) > LONGEST_CONTACT:
        return "", f"Please say it in at most {LONGEST_CONTACT} characters."
    return said, ""


def problem(typed: str) -> tuple[str, str]:
    """Return what a user wants solved, in the words that were typed, and what is wrong with them."""
    said = " ".join(typed.split())
    if not any(letter.isalnum() for letter in said) or _TO_FILL_IN.fullmatch(said):
        return "", "Please say it in the user's own words."
    if len(said) > LONGEST_PROBLEM:
        return "", f"Please say it in at most {LONGEST_PROBLEM} characters."
    return said, ""


def role_named(said: str) -> bool:
    """Tell whether words about somebody say what they do: a second part that is no address, no number and
    nothing to be filled in."""
    return any(map(_is_role, _APART.split(said)[1:]))


def _is_role(part: str) -> bool:
    said = part.strip(" )")
    digits = sum(letter.isdigit() for letter in said)
    reached = _ADDRESS.search(said) or digits > _MOST_DIGITS
    worded = any(letter.isalpha() for letter in said) or said == "…"
    return worded and not reached and not _TO_FILL_IN.fullmatch(said)


READ: Mapping[str, Callable[[str], tuple[str, str]]] = {"name": name, "user": contact, "problem": problem}
"""How the words after a command are read."""
