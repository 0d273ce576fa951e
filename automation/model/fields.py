"""What a deadline field is, whichever tracker has it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeadlineField:
    """A field of an issue that carries a date promise.

    ``id`` is what ``system`` calls it for programs, and ``label`` what people there call it; ``plain`` is
    what it is called to those who do not know that system (empty: the same), ``aliases`` are further words
    that people type for it. ``carrier`` is what carries its date for many issues, so that it has to be there
    (empty: the field holds a plain day). ``several``: it can hold more than one, and promises the earliest.
    ``untraced``: no history tells of it, so that who moved it is known from signed deliveries only.
    ``moment``: it holds a time of day as well, so that its day is one in the zone that the rules name.
    """

    id: str
    system: str
    label: str
    plain: str = ""
    aliases: tuple[str, ...] = ()
    carrier: str = ""
    several: bool = False
    moment: bool = False
    untraced: bool = False
