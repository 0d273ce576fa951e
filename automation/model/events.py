"""What happened, as rules can react to it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from automation.model.answers import Choice
from automation.model.commitments import Commitment
from automation.model.facts import Written
from automation.model.people import Person
from automation.model.promises import Change, ScopeChange, Setback
from automation.model.proposals import Proposal
from automation.model.subjects import Subject

COMMITTED = "deadline.committed"
"""The name of the event that lets people hear of an agreed date."""
DUE = "deadline.due"
"""The name of the event that the day of an agreed date is near, or has passed, so that product is asked."""
UNCONFIRMED = "deadline.unconfirmed"
"""The name of the event that product did not say so in time, so that deals are asked not to repeat it."""
OVERRIDDEN = "deadline.overridden"
"""The name of the event that a date stands without product's word, by somebody's who may do that."""
OVERDUE = "proposal.overdue"
"""The name of the event that product has not answered in time."""


@dataclass(frozen=True, slots=True)
class Event:
    """A change, or a decision's consequence, that rules can react to.

    ``name`` is what a rule's ``when`` says (``deadline.changed``); names that start with ``command.``
    or ``tracker.`` are built in and not for rules. ``done_at`` is when somebody did it, by the tracker's
    clock; ``at`` is when we saw it. ``dated``: its dates are said with their year. ``deals`` are the only
    ones to hear of it, None where it concerns all; ``aside``: it is for them alone, and no news to the issue.
    ``further``: other deals were linked before. ``left``: the field shows what product said no to, and only
    people can set it back. ``standing`` and ``release`` are the issue's, where that is what changed;
    ``lived`` is the key it had, where it has another now, and ``away`` says that it is out of reach there.
    ``found``: it was not to be seen for a while, and is again.
    ``commitments`` are those in force, by field, where it is about the whole issue and not one field;
    ``plans`` says, as changes from nothing, which dates stand without a commitment for a deal that is new, or
    which product is asked to agree to again.
    ``gone``: what carried the date was deleted, or the issue itself cannot be seen any more. ``policy``:
    whose word a date takes, where nothing of it was asked or agreed yet. ``move`` is the id of the entry of
    the tracker's history that tells of it.
    ``invites``: this is the once that the issue asks for what its checklist lacks. ``choice``: what could
    not be taken back again, a label or what a field holds.
    """

    name: str
    at: datetime
    change: Change | None = None
    actor: Person | None = None
    deal: Subject | None = None
    proposal: Proposal | None = None
    commitment: Commitment | None = None
    because: str = ""
    written: Written | None = None
    choices: tuple[str, ...] = ()
    scope: ScopeChange | None = None
    done_at: datetime | None = None
    setback: Setback | None = None
    dated: bool = False
    deals: tuple[Subject, ...] | None = None
    aside: bool = False
    further: bool = False
    left: bool = False
    standing: str = ""
    release: str = ""
    lived: str = ""
    away: bool = False
    commitments: Mapping[str, Commitment] = dataclasses.field(default_factory=dict)
    plans: tuple[Change, ...] = ()
    gone: bool = False
    policy: str = ""
    move: str = ""
    found: bool = False
    invites: bool = False
    choice: Choice | None = None
