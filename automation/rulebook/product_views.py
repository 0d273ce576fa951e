"""What messages may know of whom an answer comes from, and of what they want to know before it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from automation.domain import checklist as asked_for
from automation.domain.offers import form
from automation.model import IssueState, Subject
from automation.rulebook.variables import ChoiceVars, DiscoveryVars, ProductVars
from automation.text.safe import Safe


def product_vars(
    names: Sequence[str],
    mention: str,
    group: str,
    needed: int = 0,
    agreed: Sequence[str] = (),
    kept_out: bool = False,
    each: Sequence[str] = (),
    labels: Iterable[str] = (),
    statuses: Iterable[str] = (),
    choices: Iterable[ChoiceVars] = (),
) -> ProductVars:
    """``labels``, ``statuses`` and ``choices`` may be named twice."""
    return ProductVars(
        Safe(mention),
        tuple(names),
        group,
        needed,
        tuple(agreed),
        kept_out,
        tuple(each),
        tuple(dict.fromkeys(labels)),
        tuple(dict.fromkeys(statuses)),
        tuple(dict.fromkeys(choices)),
    )


def discovery_vars(issue: Subject, asked: Sequence[IssueState], needed: bool) -> DiscoveryVars:
    """Return how the checklist is filled on the issues that are ``asked`` for it, one or those that share a
    date. ``issue``: where it is said."""
    missing = asked_for.missing(*asked)
    lacking = (state.lives or state.subject.key for state in asked if asked_for.missing(state))
    return DiscoveryVars(
        needed=needed,
        problem=asked_for.PROBLEM not in missing,
        user=asked_for.USER not in missing,
        lines=tuple(Safe(form(issue, word)) for word in missing),
        issues=tuple(lacking) if len(asked) > 1 else (),
    )
