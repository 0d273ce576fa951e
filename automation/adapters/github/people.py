"""Who may do what on GitHub, asked live: roles in a repository, members of teams, listed people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from automation.adapters.errors import Missing
from automation.adapters.github import answers
from automation.adapters.github.answers import Place, segment
from automation.adapters.github.api import Api
from automation.adapters.recent import Recent
from automation.adapters.shapes import Malformed, at, text_or_empty
from automation.model import Person
from automation.ports import Refused

ROLES = ("read", "triage", "write", "maintain", "admin")
"""https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories"""

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class People:
    """Who answers for a sign-off policy: teams as ``organisation/team-slug``, and logins."""

    github_teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


class Members:
    """The people of the sign-off policies, and those who may link."""

    def __init__(
        self,
        api: Api,
        people: Callable[[str], People],
        may_link_role: Callable[[], str],
        clock: Callable[[], float],
    ) -> None:
        self._api = api
        self._people = people
        self._may_link_role = may_link_role
        self._named: Recent[tuple[str, People], tuple[Person, ...]] = Recent(MINUTE, clock)

    def may_link(self, place: Place, person: Person) -> bool:
        """Tell whether ``person``, by stable id, has at least the configured role in the repository.

        https://docs.github.com/en/rest/collaborators/collaborators#get-repository-permissions-for-a-user
        """
        if person.system != "github":
            return False
        path = f"{place.repo}/collaborators/{segment(person.name)}/permission"
        try:
            answer = self._api.get(path)
        except Missing:
            return False
        if str(at(answer, "user.id")) != person.id:
            return False  # the login changed hands
        role = text_or_empty(answer, "role_name")
        # A custom role has a name of its own; ``permission`` is the standard one it is built on.
        role = role if role in ROLES else text_or_empty(answer, "permission")
        needed = self._may_link_role()
        return role in ROLES and needed in ROLES and ROLES.index(role) >= ROLES.index(needed)

    def in_product(self, person: Person, policy: str) -> bool:
        """Tell whether ``person`` is one of the policy's people. ``person.name`` must be fresh.

        https://docs.github.com/en/rest/teams/members#get-team-membership-for-a-user
        """
        if person.system != "github":
            return False
        people = self._people(policy)
        if person.name.lower() in {login.lower() for login in people.users}:
            return True
        return any(self._in_team(team, person.name) for team in people.github_teams)

    def product(self, policy: str) -> Sequence[Person]:
        people = self._people(policy)
        return self._named.get((policy, people), lambda: self._ask_product(people))

    def _in_team(self, team: str, login: str) -> bool:
        organisation, _, slug = team.partition("/")
        path = f"/orgs/{segment(organisation)}/teams/{segment(slug)}/memberships/{segment(login)}"
        try:
            return at(self._api.get(path), "state") == "active"
        except Missing:
            return False

    def _ask_product(self, people: People) -> tuple[Person, ...]:
        """Name up to three people: those listed first, then members of the teams."""
        found: dict[str, Person] = {}
        asked: list[Callable[[], Sequence[object]]] = [
            *(partial(self._user, login) for login in people.users),
            *(partial(self._members, team) for team in people.github_teams),
        ]
        for ask in asked:
            if len(found) >= 3:
                break
            try:
                for body in ask():
                    who = answers.person({"user": body}, "user")
                    found.setdefault(who.id, who)
            except (Refused, Malformed):
                continue  # a name that cannot be looked up is left out; the notice goes all the same
        return tuple(found.values())[:3]

    def _user(self, login: str) -> Sequence[object]:
        return (self._api.get(f"/users/{segment(login)}"),)

    def _members(self, team: str) -> Sequence[object]:
        organisation, _, slug = team.partition("/")
        path = f"/orgs/{segment(organisation)}/teams/{segment(slug)}/members"
        return self._api.page(path, {"per_page": "3"}).items
