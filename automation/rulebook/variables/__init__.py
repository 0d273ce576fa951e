"""The variables that conditions (CEL) and messages (Liquid) see: one declaration for both.

Every variable always has a value: a missing text or date is ``""``, a missing number 0.
Days are ISO dates (``2027-03-01``) as text. To add a variable, add a field here, with its
docstring line, and fill it in ``views.py``; type checks, the schema and the reference follow.
"""

from automation.rulebook.variables.facts import (
    ActorVars,
    ChangeVars,
    CommitmentVars,
    DealVars,
    IssueVars,
    MovedVars,
    PersonVars,
    ValueVars,
)
from automation.rulebook.variables.seen import INTERNAL, PRIVATE, Conditions, Message, fields_of
from automation.rulebook.variables.words import (
    AnswerVars,
    ChoiceVars,
    DiscoveryVars,
    PairVars,
    PlanVars,
    ProductVars,
    ProposalVars,
    Reply,
    RuleVars,
    ScopeVars,
    SetbackVars,
)

__all__ = [
    "INTERNAL",
    "PRIVATE",
    "ActorVars",
    "AnswerVars",
    "ChangeVars",
    "ChoiceVars",
    "CommitmentVars",
    "Conditions",
    "DealVars",
    "DiscoveryVars",
    "IssueVars",
    "Message",
    "MovedVars",
    "PairVars",
    "PersonVars",
    "PlanVars",
    "ProductVars",
    "ProposalVars",
    "Reply",
    "RuleVars",
    "ScopeVars",
    "SetbackVars",
    "ValueVars",
    "fields_of",
]
