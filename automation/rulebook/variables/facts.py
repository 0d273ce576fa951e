"""Variables for what is: issues, deals, dates, people."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DealVars:
    """A linked deal. ``key``: what its system calls it (``SALES-7``). ``name``: what people call it.
    ``url``: its page. ``open``: neither won nor lost yet. ``closes``: its expected close date.
    ``owner``: the salesperson's name. ``system``: where it lives."""

    key: str = ""
    name: str = ""
    url: str = ""
    open: bool = False
    closes: str = ""
    owner: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class IssueVars:
    """The issue. ``key``: what its tracker calls it (``acme/shop#12``). ``system``: ``github`` or ``jira``.
    ``place``: the repository (``acme/shop``) or project (``PROD``) where it is.
    ``title``: its title; to deals, what customers may call it. ``url``: its page. ``open``: not closed.
    ``public``: strangers can read it; unknown counts as public. ``labels``: their names. ``deals``: the
    deals linked to it. ``name``: what customers may call it: what ``/name`` said, else the title in quotation
    marks, as it is somebody's word and not ours, or, where that is not for customers, the words “what you
    asked for”.
    ``users``: whom at customers product may talk to.
    ``outcome``: how one that is closed ended, ``done`` or ``dropped``, empty where that is not known.
    ``release``: what it came with, empty where that is not known or not for all to read.
    ``features``: the same name by itself; several names where the news is of a date that several issues
    stand on. Title and deals are those of the milestone then."""

    key: str = ""
    system: str = ""
    title: str = ""
    url: str = ""
    open: bool = False
    public: bool = True
    labels: tuple[str, ...] = ()
    deals: tuple[DealVars, ...] = ()
    name: str = ""
    users: tuple[str, ...] = ()
    outcome: str = ""
    release: str = ""
    features: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class ValueVars:
    """What a deadline field holds. ``day``: the date it promises. ``name``: what people call it."""

    day: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChangeVars:
    """How a deadline changed. ``kind``: ``set``, ``earlier``, ``later``, ``cleared``, or ``other`` (the same
    date on another milestone). ``days``: new minus old, 0 where one is missing. ``field``: the field's
    id, as in ``deadline_fields``. ``label``: what people call the field (``Due date``).
    ``which``: that name within a sentence, empty where the issue has no other date. ``left``: the field
    still shows ``shows``, which was declined or taken back, and only people can set it back to ``old``.
    ``gone``: what carried ``old`` was deleted and cannot be set again."""

    field: str = ""
    label: str = ""
    kind: str = ""
    old: ValueVars = dataclasses.field(default_factory=ValueVars)
    new: ValueVars = dataclasses.field(default_factory=ValueVars)
    days: int = 0
    left: bool = False
    shows: ValueVars = dataclasses.field(default_factory=ValueVars)
    which: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ActorVars:
    """Who did it. ``name``: in messages their name, in conditions what the tracker calls them (on GitHub
    their login), empty where that cannot be told.
    ``product``: whether they may sign off, checked live."""

    name: str = ""
    product: bool = False


@dataclass(frozen=True, slots=True)
class PersonVars:
    """Who did it. ``name``: their name, or their login where the tracker knows none."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentVars:
    """The date in force under a sign-off, all empty where there is none. ``day``: that date.
    ``name``: what people call it. ``at_risk``: somebody asked for a later date or cleared it, or others than
    product changed what is to be built. To a deal it is the date that this deal was told last, at risk also
    where a newer one is in force of which it is not told yet. ``field``: the id of its field. ``label``: what
    people call the field. ``which``: that name within a sentence, empty where the issue has no other date."""

    day: str = ""
    name: str = ""
    at_risk: bool = False
    field: str = ""
    label: str = ""
    which: str = ""


@dataclass(frozen=True, slots=True)
class MovedVars:
    """Where an issue was before that has another address now. ``was``: what its tracker called it there.
    ``place``: the repository or project where it is now. ``away``: the rules do not name that one, so that
    dates there are not looked after. ``gone``: it was deleted, or is where Handshake's account sees nothing.
    ``found``: that was so for a while, and is no more."""

    was: str = ""
    place: str = ""
    away: bool = False
    gone: bool = False
    found: bool = False
