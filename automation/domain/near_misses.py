"""Lines that are nearly a command: product believes that it has answered, so that silence would be wrong.

Other bots read comments too. Only words close to ours are noticed, or such as stand for them, and nothing
that is the beginning of a path, a name or a longer sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from automation.text import typed_dates

_MEANT = {
    "signoff": "approve approved approves accept accepted accepts agree agreed confirm confirmed sign signed"
    " signs signedoff signsoff lgtm",
    "decline": "declined declines reject rejected rejects refuse refused deny denied",
    "withdraw": "withdrawn retract revoke",
    "ask": "asks asked askfor",
    "link": "links linked lnk linkto",
    "unlink": "unlinks unlinked",
}
_STANDS_FOR = {other: word for word, others in _MEANT.items() for other in others.split()}
_LONG = ("signoff", "decline", "withdraw", "unlink")
_SHORT = ("ask", "link")
"""They are too close to too many others: it takes a date or a deal behind what is nearly one of them."""
_DEAL = re.compile(r"[A-Z][A-Z0-9_]+-[0-9]+|https?://\S+")
_OTHERS = frozenset({"unlike", "recline"})
_SHORTEST, _CLOSE = 5, 80
_LONGEST_DATE = 40
"""Characters in which the date of an ask begins."""

_LINE = re.compile(
    r"(?P<call>//?\s?(?:handshake[:,]?\s+/?)?|handshake[:,]?\s+/?|@\S{0,100}handshake\S{0,100}\s+/?)"
    r"(?P<word>sign(?:ed)?\s+off|[a-z]+(?:[-_][a-z]+){0,3})"
    r"(?P<rest>(?:(?:[\s0-9]|[:,;.!?](?=\s|$|[0-9])|[-_](?=[0-9])).*)?)",
    re.IGNORECASE | re.DOTALL,
)
_MENTION = re.compile(r"@\S")
_MOST_NAMES = 6
"""So many words what a mention shows may have."""


@dataclass(frozen=True, slots=True)
class Near:
    """What a line was meant as. ``doubtful``: with other words than a date behind it, it is prose.
    ``borrowed``: other bots have this word as well, so that it may be meant for them. ``prose``: so it is
    unless a date is all that stands behind it."""

    word: str
    rest: str
    doubtful: bool
    borrowed: bool
    prose: bool = False


def read(line: str, word_for_slash: bool) -> Near | None:
    """Return which command ``line`` nearly is, or None where it is none of ours."""
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    call = match["call"].lower()
    typed = re.sub(r"[-_\s]", "", match["word"].lower())
    rest = match["rest"].lstrip(":,;.!?-_ \t").strip()
    word = _meant(typed) or _nearly_short(typed, rest)
    if not word:
        return None
    named = call.startswith("handshake")
    doubtful = named or (call.startswith("@") and typed != word)
    return Near(word, rest, doubtful, typed in _STANDS_FOR, named and not word_for_slash)


def to_us(line: str) -> str:
    """Return ``line`` as one to us, if it is to somebody and nearly a command."""
    if not _MENTION.match(line):
        return line
    words = line.split(None, _MOST_NAMES)
    lines = (f"@handshake {' '.join(words[start:])}" for start in range(1, len(words)))
    return next((found for found in lines if read(found, False)), line)


def _nearly_short(typed: str, rest: str) -> str:
    """Return the short command whose letters were swapped or doubled, if what it needs stands behind it."""
    once = re.sub(r"(.)\1+", r"\1", typed)
    word = next((word for word in _SHORT if once == word or sorted(typed) == sorted(word)), "")
    fits = _DEAL.fullmatch(rest) if word == "link" else typed_dates.mentions(rest[:_LONGEST_DATE])
    return word if word and fits else ""


def _meant(typed: str) -> str:
    """Return the command that one word means, or nothing."""
    if typed in _LONG or typed in ("ask", "link"):
        return typed
    if typed in _STANDS_FOR:
        return _STANDS_FOR[typed]
    if len(typed) < _SHORTEST or typed in _OTHERS:
        return ""
    near = process.extractOne(typed, _LONG, scorer=fuzz.ratio, score_cutoff=_CLOSE)
    return near[0] if near else ""
