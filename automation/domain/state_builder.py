"""What is known of a subject, changed step by step while one look at it is carried out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from automation.domain.fields import diff
from automation.model import (
    Change,
    FieldState,
    IssueState,
    Kind,
    Link,
    Policy,
    Proposal,
    ProposalState,
    Status,
    Subject,
    Value,
)


class StateBuilder:
    """The state of one issue, or of one carrier, as it will be. ``rule_for`` says until which policy's word
    the rules would hold a change, empty for none."""

    def __init__(self, state: IssueState, policies: Mapping[str, Policy]) -> None:
        self.state = state
        self._before = state
        self.policies = policies
        self.rule_for: Callable[[Change], str] = lambda change: ""

    def field(self, name: str) -> FieldState:
        return self.state.fields.get(name, FieldState())

    def adopt(self, name: str, field_state: FieldState) -> None:
        """Put a FieldState in place. What stands by an override does so until anything else does."""
        if field_state.override and field_state.status not in (Status.OVERRIDDEN, Status.UNSIGNED):
            field_state = replace(field_state, override=None)
        self.state = replace(self.state, fields={**self.state.fields, name: field_state})

    def set_field(self, name: str, **changes: Any) -> None:
        """Change some attributes of a FieldState."""
        self.adopt(name, replace(self.field(name), **changes))

    def put_at_risk(self, field: str, at_risk: bool = True) -> None:
        """Mark the field's commitment, if it has one, as at risk (or as safe again, which it is not while
        another value stands by an override)."""
        commitment = self.field(field).commitment
        at_risk = at_risk or self.field(field).override is not None
        if commitment is not None:
            self.set_field(field, commitment=replace(commitment, at_risk=at_risk))
        if at_risk:  # words that waited to be sent are withheld now, so they are to be said anew
            self.set_field(field, telling={})

    def linked_before(self) -> bool:
        """Tell whether deals were linked when this look began."""
        return bool(self._before.linked())

    def newly_linked(self) -> set[Subject]:
        """Return the deals that this look has linked."""
        return set(self.state.linked()) - set(self._before.linked())

    def open_proposal(self, field: str) -> Proposal | None:
        return next((p for p in self.state.open_proposals() if p.field == field), None)

    def keeper(self, field: str) -> str:
        """Return the policy of what waits, is agreed or was overridden in a field: no label or rule that is
        changed later takes it from them. Empty where there is none."""
        known = self.field(field)
        found = (self.open_proposal(field), known.commitment, known.override)
        return next((one.policy for one in found if one is not None and one.policy in self.policies), "")

    def first(self, names: Collection[str]) -> str:
        """Return the first of these policies by name, of those that are one by itself; empty for none."""
        return min((name for name in names if not self._several(name)), default="")

    def _several(self, name: str) -> bool:
        return name in self.policies and bool(self.policies[name].parts)

    def whose(self, field: str, value: Value) -> str:
        """Return whose word it takes to give a field this value. Empty where nothing would hold it."""
        if keeper := self.keeper(field):
            return keeper
        known = self.field(field)
        change = diff(field, known.standing, value) or Change(field, Kind.OTHER, known.standing, value)
        return self.rule_for(change)

    def put_proposal(self, proposal: Proposal) -> None:
        """Add a proposal, or replace the one with its id."""
        others = tuple(p for p in self.state.proposals if p.id != proposal.id)
        self.state = replace(self.state, proposals=(*others, proposal))

    def close_proposal(self, proposal: Proposal, state: ProposalState) -> None:
        """End a proposal."""
        self.put_proposal(replace(proposal, state=state))

    def put_link(self, link: Link) -> None:
        """Add a link, or replace the one to its deal."""
        others = tuple(known for known in self.state.links if known.deal != link.deal)
        self.state = replace(self.state, links=(*others, link))

    def handle(self, comment: str, heard: str = "") -> None:
        """Remember that the comment's commands were carried out or answered; ``heard`` knows it again where
        it has another id."""
        if comment not in self.state.handled:
            said = (*self.state.heard, heard) if heard and heard not in self.state.heard else self.state.heard
            self.state = replace(self.state, handled=(*self.state.handled, comment), heard=said)
