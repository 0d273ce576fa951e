"""What conditions and messages see, and what of it not everybody."""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Mapping
from dataclasses import dataclass

from automation.rulebook.variables.facts import (
    ActorVars,
    ChangeVars,
    CommitmentVars,
    DealVars,
    IssueVars,
    MovedVars,
    PersonVars,
)
from automation.rulebook.variables.words import (
    AnswerVars,
    DiscoveryVars,
    PlanVars,
    ProductVars,
    ProposalVars,
    Reply,
    RuleVars,
    ScopeVars,
    SetbackVars,
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What ``if`` sees. ``event``: the name of the event. ``commitments``: the dates in force that it is
    about: that of its field, or one for each field where it is about the whole issue. ``commitment`` is the
    earliest of them."""

    event: str = ""
    issue: IssueVars = dataclasses.field(default_factory=IssueVars)
    change: ChangeVars = dataclasses.field(default_factory=ChangeVars)
    actor: ActorVars = dataclasses.field(default_factory=ActorVars)
    commitment: CommitmentVars = dataclasses.field(default_factory=CommitmentVars)
    moved: MovedVars = dataclasses.field(default_factory=MovedVars)
    commitments: tuple[CommitmentVars, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """What a message sees. A public issue's message is rendered from a view without ``deal``,
    ``issue.deals``, ``issue.users``, ``discovery.issues``, ``left_out``, ``moved.was``, ``reply.text`` and
    ``rule.where``: guard those with ``{% unless issue.public %}``.
    The view for deals has no ``answer.because``, no ``issue.users``, no ``discovery``, no
    ``product.mention``, no ``proposal.mention`` and no ``setback.hint``, and its ``issue.title`` is the
    ``issue.name``.
    ``held``: the date was set back, as against left standing. ``deal``: on deals, the one told.
    ``left_out``: deals that the issue's words name beyond those they can link. ``dated``: the date
    was typed in another form than ``2027-03-01``; every day is then said with its year. ``ask_user``: on
    deals, this is the once that it may be asked whom at the customer product may talk to. ``further``: a deal
    was linked to an issue that others were linked to before. ``commitments``: the dates in force that the
    event is about, the earliest first. ``standing``: those of the ``commitments`` that may be used now.
    ``rechecked``: those of the ``commitments`` that are at risk, and have not passed. ``plans``: for a deal
    that is new, the dates that stand and that nobody agreed to; where the scope has changed, the agreed dates
    that product is asked to agree to again."""

    event: str = ""
    issue: IssueVars = dataclasses.field(default_factory=IssueVars)
    change: ChangeVars = dataclasses.field(default_factory=ChangeVars)
    actor: PersonVars = dataclasses.field(default_factory=PersonVars)
    commitment: CommitmentVars = dataclasses.field(default_factory=CommitmentVars)
    proposal: ProposalVars = dataclasses.field(default_factory=ProposalVars)
    product: ProductVars = dataclasses.field(default_factory=ProductVars)
    answer: AnswerVars = dataclasses.field(default_factory=AnswerVars)
    scope: ScopeVars = dataclasses.field(default_factory=ScopeVars)
    moved: MovedVars = dataclasses.field(default_factory=MovedVars)
    setback: SetbackVars = dataclasses.field(default_factory=SetbackVars)
    rule: RuleVars = dataclasses.field(default_factory=RuleVars)
    reply: Reply = dataclasses.field(default_factory=Reply)
    discovery: DiscoveryVars = dataclasses.field(default_factory=DiscoveryVars)
    deal: DealVars = dataclasses.field(default_factory=DealVars)
    held: bool = False
    left_out: tuple[str, ...] = ()
    dated: bool = False
    ask_user: bool = False
    further: bool = False
    commitments: tuple[CommitmentVars, ...] = ()
    standing: tuple[CommitmentVars, ...] = ()
    rechecked: tuple[CommitmentVars, ...] = ()
    plans: tuple[PlanVars, ...] = ()


PRIVATE = frozenset(
    {
        "issue.deals",
        "issue.users",
        "discovery.issues",
        "deal",
        "left_out",
        "moved.was",
        "rule.where",
        "reply.text",
    }
)
"""The paths that a public issue's view does not contain."""
INTERNAL = frozenset(
    {
        "answer.because",
        "issue.users",
        "discovery",
        "product.mention",
        "proposal.mention",
        "setback.hint",
    }
)
"""The paths that the view for deals does not contain: reasons stay inside, nobody there is pinged,
and no deal reads of other customers' people."""


@functools.cache
def fields_of(kind: type) -> Mapping[str, typing.Any]:
    """Return the fields of one of these dataclasses, and the type of each. Python compiles each annotation
    anew whenever it is asked, which was two thirds of the time that loading rules took."""
    return typing.get_type_hints(kind)
