"""The variables that conditions (CEL) and messages (Liquid) see: one declaration for both.

Every variable always has a value: a missing text or date is ``""``, a missing number 0.
Days are ISO dates (``2027-03-01``) as text. To add a variable, add a field here, with its
docstring line, and fill it in ``views.py``; type checks, the schema and the reference follow.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


class Safe(str):
    """Text that Handshake made itself and that a sink may print as it stands.

    Every other text is treated as typed by somebody, and is encoded when it is printed.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class DealVars:
    """A linked deal. ``closes``: its expected close date. ``owner``: the salesperson's name."""

    key: str = ""
    name: str = ""
    url: str = ""
    open: bool = False
    closes: str = ""
    owner: str = ""


@dataclass(frozen=True, slots=True)
class IssueVars:
    """The issue. ``system``: ``github`` or ``jira``. ``deals``: those linked to it."""

    key: str = ""
    system: str = ""
    title: str = ""
    url: str = ""
    open: bool = False
    public: bool = True
    labels: tuple[str, ...] = ()
    deals: tuple[DealVars, ...] = ()


@dataclass(frozen=True, slots=True)
class ValueVars:
    """What a deadline field holds: ``day`` the date it promises, ``name`` what people call it."""

    day: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChangeVars:
    """How a deadline changed. ``kind``: ``set``, ``earlier``, ``later``, ``cleared`` or ``other``.
    ``days``: new minus old. ``label``: what people call the field (``Milestone``)."""

    field: str = ""
    label: str = ""
    kind: str = ""
    old: ValueVars = dataclasses.field(default_factory=ValueVars)
    new: ValueVars = dataclasses.field(default_factory=ValueVars)
    days: int = 0


@dataclass(frozen=True, slots=True)
class ActorVars:
    """Who did it. ``product``: whether they may sign off, checked live."""

    name: str = ""
    product: bool = False


@dataclass(frozen=True, slots=True)
class CommitmentVars:
    """The date in force under a sign-off. ``at_risk``: somebody asked for a later date or cleared it."""

    day: str = ""
    name: str = ""
    at_risk: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """What ``if`` sees. ``event``: the name of the event."""

    event: str = ""
    issue: IssueVars = dataclasses.field(default_factory=IssueVars)
    change: ChangeVars = dataclasses.field(default_factory=ChangeVars)
    actor: ActorVars = dataclasses.field(default_factory=ActorVars)
    commitment: CommitmentVars = dataclasses.field(default_factory=CommitmentVars)


@dataclass(frozen=True, slots=True)
class ProposalVars:
    """What was asked. ``answer_by``: the day product should have answered by.
    ``command``: what product can paste, the date in it; where nothing was asked, it signs the date
    that stands."""

    day: str = ""
    name: str = ""
    asked_by: str = ""
    answer_by: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class ProductVars:
    """Whom the answer comes from. ``mention`` pings one person; ``people`` are up to three names;
    ``group`` names the team, or is empty."""

    mention: str = ""
    people: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class RuleVars:
    """The rule that says this. ``where``: ``file:line``; not on public issues."""

    name: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class AnswerVars:
    """Product's answer. ``by``: who gave it, ``because``: the reason (internal: not on deals),
    ``counter``: product agreed to another date than the one asked."""

    by: str = ""
    because: str = ""
    counter: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """For answers to a command: ``to`` pings its author, ``text`` is what was typed,
    ``problem`` what could not be read, ``example`` a line that works, ``choices`` dates on offer."""

    to: str = ""
    text: str = ""
    problem: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a message sees. A public issue's message is rendered from a view without ``deal``,
    ``issue.deals`` and ``rule.where``: guard those with ``{% unless issue.public %}``.
    ``held``: the date was set back, as against left standing. ``deal``: on deals, the one told."""

    event: str = ""
    issue: IssueVars = dataclasses.field(default_factory=IssueVars)
    change: ChangeVars = dataclasses.field(default_factory=ChangeVars)
    actor: ActorVars = dataclasses.field(default_factory=ActorVars)
    commitment: CommitmentVars = dataclasses.field(default_factory=CommitmentVars)
    proposal: ProposalVars = dataclasses.field(default_factory=ProposalVars)
    product: ProductVars = dataclasses.field(default_factory=ProductVars)
    answer: AnswerVars = dataclasses.field(default_factory=AnswerVars)
    rule: RuleVars = dataclasses.field(default_factory=RuleVars)
    reply: Reply = dataclasses.field(default_factory=Reply)
    deal: DealVars = dataclasses.field(default_factory=DealVars)
    held: bool = False


PRIVATE = frozenset({"issue.deals", "deal", "rule.where"})
"""The paths that a public issue's view does not contain."""
