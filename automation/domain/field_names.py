"""What people type for a deadline field: one word that we print and read back, its name in quotation marks,
its name as it stands, or its id."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from automation.domain.fields import REGISTERED
from automation.model import DeadlineField
from automation.text import typed_dates

MOST_WORDS = 8
"""So many words a name without quotation marks may have."""
LONGEST_NAME = 60
"""Characters of the longest word that we print; what is longer goes by its id."""
KEPT = ("none", "because")
"""Words that mean something else where a field could be named."""

_QUOTED = re.compile('["“”„«]([^"“”„«»\r\n]{1,255})["“”»][.,;!]*(?=\\s|$)')
_TOKEN = re.compile(r"\S+")
_ANY_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Named:
    """The field that a text begins with, up to ``end``. ``fields`` are all that could be meant: none where
    nothing here is called ``name``."""

    name: str
    end: int
    fields: tuple[DeadlineField, ...] = ()


def typed(field: DeadlineField, fields: Sequence[DeadlineField]) -> str:
    """Return the word that names ``field`` among ``fields``: letters, digits and hyphens, so that it is plain
    in every markup; its id where its name makes no such word, or none that means only this field."""
    word = "-".join(_words(field.label))
    meant = read(word, fields) if word and len(word) <= LONGEST_NAME else None
    fits = meant is not None and meant.end == len(word) and meant.fields == (field,)
    return word if fits else field.id


def read(text: str, fields: Sequence[DeadlineField]) -> Named | None:
    """Read the field that ``text`` begins with: one of ``fields``, else one that another issue could have.
    Return None where it begins with no field; what stands in quotation marks is meant as one. A date is a
    date, whatever fields are called."""
    quoted = _QUOTED.match(text)
    if quoted:
        return Named(quoted[1].strip(), quoted.end(), _called(quoted[1].strip(), fields))
    for end in reversed(list(_ends(text))):
        name = text[:end].rstrip(".,;!")
        meant = _called(name, fields)
        if meant:
            return Named(name, end, meant)
    return None


def _ends(text: str) -> Iterator[int]:
    """Yield where a name without quotation marks can end: behind each of the first words, before what means
    something else."""
    for number, token in enumerate(_TOKEN.finditer(text)):
        rest = text[token.start() :]
        plain = token[0].rstrip(".,;!").lower()
        if number >= MOST_WORDS or plain in KEPT or typed_dates.read(rest, _ANY_DAY):
            return
        if plain.partition("-")[0] == "because":
            return
        yield token.end()


def _called(name: str, fields: Sequence[DeadlineField]) -> tuple[DeadlineField, ...]:
    """Return the fields that ``name`` can mean: the more exactly it says so, the sooner it does."""
    others = [field for field in REGISTERED.values() if field.id not in {own.id for own in fields}]
    key = _folded(name)
    exactly: Sequence[Callable[[DeadlineField], bool]] = (
        lambda field: field.id.lower() == name.lower(),
        lambda field: " ".join(field.label.split()) == " ".join(name.split()),
        lambda field: key != "" and _folded(field.label) == key,
        lambda field: key != "" and key in map(_folded, (field.id, *field.aliases)),
    )
    for group in (fields, others):
        for fits in exactly:
            found = tuple(field for field in group if fits(field))
            if found:
                return found
    return ()


def _words(name: str) -> Iterable[str]:
    """Return the words of a name in small letters, without all that is neither letter nor digit."""
    return "".join(sign if sign.isalnum() else " " for sign in _small(name)).split()


def _folded(name: str) -> str:
    return "".join(_words(name))


def _small(name: str) -> str:
    """Return a name in small letters, in the form that stays the same when this is done again."""
    once = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    again = unicodedata.normalize("NFKC", once.casefold())
    return once if once == again else again
