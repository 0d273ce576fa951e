"""Whose turn it is to answer a date that waits, by the rules alone: who is in a team is not asked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from automation.model import JOINED, Person, Proposal
from automation.rulebook.schema import SignOff


@dataclass(frozen=True, slots=True)
class Turn:
    """Who can still answer: the ``names`` by which the rules name them, each with its system (``github``,
    ``octocat``), and how many ``yeses`` are missing. ``agreed`` are those whose yes counts."""

    names: tuple[tuple[str, str], ...]
    yeses: int
    agreed: tuple[Person, ...]

    def is_for(self, me: str) -> bool:
        """Tell whether somebody who is named so (``github:octocat``) can answer."""
        return me.strip().lower() in {f"{system}:{name}".lower() for system, name in self.names}


def turn_of(proposal: Proposal, askers: Collection[Person], policies: Mapping[str, SignOff]) -> Turn:
    """Say whose turn it is. ``askers`` are those who asked for that date. Where the rules have its policy no
    more, anybody whom they name can answer."""
    each = [policies[name] for name in proposal.policy.split(JOINED) if name in policies]
    each = [policies[proposal.policy]] if proposal.policy in policies else each
    out = askers if each and not any(policy.askers_may_sign for policy in each) else ()
    agreed = tuple(person for person in proposal.agreed(proposal.value) if person not in out)
    done = {(person.system, one.lower()) for person in (*agreed, *out) for one in (person.id, person.name)}
    named = names_in(each or policies.values())
    left = tuple((system, name) for system, name in named if (system, name.lower()) not in done)
    needed = sum(policy.people_needed for policy in each) or 1
    return Turn(left, max(0, needed - len(agreed)), agreed)


def names_in(policies: Iterable[SignOff]) -> tuple[tuple[str, str], ...]:
    """Return whom policies name, each name with its system: people, teams and groups."""
    found = [
        name
        for policy in policies
        for name in (
            *(("github", login) for login in policy.users.github),
            *(("jira", account) for account in policy.users.jira),
            *(("github", team) for team in policy.github_teams),
            *(("jira", group) for group in policy.jira_groups),
            *(("jira", role) for role in policy.jira_roles),
        )
    ]
    return tuple(dict.fromkeys(found))
