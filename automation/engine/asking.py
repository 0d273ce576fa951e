"""Who may do what they did, which deals that is about, and whether they may see these: asked live."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from automation.domain.links import MOST_BY_TEXT
from automation.model import (
    Deal,
    Evidence,
    Issue,
    IssueState,
    News,
    Person,
    Rights,
    Subject,
    Written,
)
from automation.ports import Crm, Tracker

LINKING = ("link", "unlink", "ask", "withdraw")
"""Commands for whoever may link; the others are answers, for product."""


def rights(
    state: IssueState,
    issue: Issue,
    written: tuple[Written, ...],
    credited: Mapping[Subject, Evidence],
    news: News,
    editing: set[Person],
    tracker: Tracker,
    policies: Collection[str],
) -> dict[str, Rights]:
    """Check, live, what each author and actor may do; only what their doing asks for. ``credited``: who
    put deals into the words, or took them out; ``editing``: who wrote these since a date was agreed."""
    linking = {w.author for w in written if w.command.word in LINKING}
    linking |= {evidence.actor for evidence in credited.values()}
    answering = {w.author for w in written if w.command.word not in LINKING}
    acting = editing | {move.by for moves in news.moves.values() for move in moves if move.by is not None}

    def member(person: Person) -> frozenset[str]:
        return frozenset(policy for policy in policies if tracker.in_product(issue.subject, person, policy))

    product = {person: member(person) for person in answering | acting}
    if any(
        product.values()
    ):  # the last yes may be among these, and those before it count only if still of it
        earlier = {person for proposal in state.open_proposals() for person in proposal.people()}
        earlier |= {person for promised in state.commitments().values() for person in promised.again}
        product |= {person: member(person) for person in earlier - product.keys()}
    overriding = {w.author for w in written if w.command.word == "override" and not w.command.near}
    return {
        person.id: Rights(
            may_link=(person in linking or (person in answering and not product[person]))
            and tracker.may_link(issue.subject, person),
            product=product.get(person, frozenset()),
            override=frozenset(
                policy for policy in policies if tracker.may_override(issue.subject, person, policy)
            )
            if person in overriding
            else frozenset(),
        )
        for person in linking | product.keys()
    }


def deals(
    state: IssueState,
    written: tuple[Written, ...],
    credited: Mapping[Subject, Evidence],
    rights: dict[str, Rights],
    news: bool,
    crm: Crm,
) -> dict[Subject, Deal]:
    """Read, in one call, the deals concerned if something is news, and those that allowed people name."""
    named = [w.deal for w in written if w.deal and rights[w.author.id].may_link]
    by_text = [deal for deal, found in credited.items() if rights[found.actor.id].may_link]
    named += [deal for deal in by_text if deal not in state.mentioned]
    concerned = state.concerned() if news or written else ()
    wanted = list(dict.fromkeys([*named, *concerned]))
    return dict(crm.deals(wanted)) if wanted else {}


def unseen(
    state: IssueState,
    written: tuple[Written, ...],
    mentioned: Sequence[Subject],
    credited: Mapping[Subject, Evidence],
    rights: dict[str, Rights],
    deals: Mapping[Subject, Deal],
    crm: Crm,
) -> tuple[frozenset[tuple[str, Subject]], frozenset[str]]:
    """Ask whether those who may link may see the deals they name: a link must not show them one that is
    closed to them. Return what they may not see, and of whom it could not be asked. Only deals that could
    be linked are asked about."""
    linkable = {subject for subject, deal in deals.items() if deal.open}
    naming = {(w.author, w.deal) for w in written if w.command.word == "link" and w.deal}
    fresh = [one for one in mentioned if one in credited and one not in state.mentioned and one in linkable]
    naming |= {(credited[one].actor, one) for one in fresh[:MOST_BY_TEXT]}
    asked = {
        (person.id, deal): crm.may_see(person, deal)
        for person, deal in sorted(naming, key=lambda pair: (pair[0].id, str(pair[1])))
        if deal in linkable and rights[person.id].may_link
    }
    unseen = frozenset(pair for pair, answer in asked.items() if answer is not True)
    return unseen, frozenset(person for (person, _), answer in asked.items() if answer is None)
