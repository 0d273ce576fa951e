"""Who may do what on GitHub, asked live: roles in a repository, members of teams, listed people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from automation.adapters.errors import Missing, unreadable
from automation.adapters.github import answers
from automation.adapters.github.api import Api
from automation.adapters.github.place import Place, segment
from automation.adapters.pinned import Pinned
from automation.adapters.shapes import Malformed, at, number, text, text_or_empty
from automation.model import Named, Person
from automation.ports import Pins, Refused, Unavailable
from automation.ports.recent import Recent
from automation.text.markdown import clean

HOUR = 3600.0
LONGEST_NAME = 80
"""Characters that are said of somebody's name; GitHub lets people call themselves anything."""
ROLES = ("read", "triage", "write", "maintain", "admin")
"""https://docs.github.com/en/organizations/managing-user-access-to-your-organizations-repositories"""


@dataclass(frozen=True, slots=True)
class People:
    """Who answers for a sign-off policy, or may do without its answer: teams as ``organisation/team-slug``,
    logins, and whoever has at least the ``role`` in the issue's repository (empty: nobody by that)."""

    github_teams: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    role: str = ""

    def named(self) -> tuple[Named, ...]:
        users = (Named("github", "user", login) for login in self.users)
        return (*users, *(Named("github", "team", team) for team in self.github_teams))


class Members:
    """The people of the sign-off policies, and those who may link."""

    def __init__(
        self,
        api: Api,
        people: Callable[[str], People],
        overriders: Callable[[str], People],
        backups: Callable[[str], People],
        may_link_role: Callable[[], str],
        pins: Pins,
        clock: Callable[[], float],
    ) -> None:
        self._api = api
        self._people = people
        self._overriders = overriders
        self._backups = backups
        self._may_link_role = may_link_role
        self._pinned = Pinned(pins, self.id_of, clock)
        self._named: Recent[tuple[str, People], tuple[Person, ...]] = Recent(HOUR, clock)
        self._called: Recent[str, str] = Recent(HOUR, clock)

    def may_link(self, place: Place, person: Person) -> bool:
        """Tell whether ``person``, by stable id, has at least the configured role in the repository."""
        return self._has_role(place, person, self._may_link_role())

    def may_override(self, place: Place, person: Person, policy: str) -> bool:
        """Tell whether ``person``, by stable id, may let a date stand without the policy's yes."""
        people = self._overriders(policy)
        if people.role and self._has_role(place, person, people.role):
            return True
        return bool(people.github_teams or people.users) and self._is_one_of(people, person)

    def _has_role(self, place: Place, person: Person, needed: str) -> bool:
        """Tell whether ``person``, by stable id, has at least the ``needed`` role in the repository.

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
        return role in ROLES and needed in ROLES and ROLES.index(role) >= ROLES.index(needed)

    def in_product(self, person: Person, policy: str, fresh: bool = False) -> bool:
        """Tell whether ``person``, by stable id, is one of the policy's people."""
        return self._is_one_of(self._people(policy), person, fresh)

    def _is_one_of(self, people: People, person: Person, fresh: bool = False) -> bool:
        """Tell whether ``person``, by stable id, is one of ``people``, of whom users and teams are known by
        the ids that their names were pinned to.

        Memberships can be asked for by login only, and whose the login in hand is may have changed since it
        was read; so the person's login of now is asked for first, unless it is ``fresh``: told together with
        the id in this very pass.
        """
        if person.system != "github":
            return False
        named = people.named()
        held = self._pinned.ids(named)
        users = [one for one in named if one.kind == "user"]
        theirs = {one for one in users if one.name.lower() == person.name.lower()}
        # Theirs by name and not by id, or the other way round: operations should know.
        self._pinned.look(theirs ^ {one for one in users if held.ids.get(one) == person.id}, held)
        if person.id in held.of("user"):
            return True
        teams = held.of("team")
        login = person.name if fresh else self._login(person.id) if teams else ""
        if login and any(self._in_team(team, login) for team in teams):
            return True
        self._pinned.look_hourly((one for one in named if one.kind == "team"), held)
        return held.no()

    def product(self, policy: str) -> Sequence[Person]:
        return self._some(policy, self._people(policy))

    def backup(self, policy: str) -> Sequence[Person]:
        return self._some(policy, self._backups(policy))

    def _some(self, policy: str, people: People) -> Sequence[Person]:
        return self._named.get((policy, people), lambda: self._ask_product(people))

    def called(self, person: Person) -> str:
        """Return somebody's display name, which they need not have, else their login.

        https://docs.github.com/en/rest/users/users#get-a-user-using-their-id
        """
        if person.system != "github":
            return person.name
        try:
            return self._called.get(person.id, lambda: self._ask_name(person)) or person.name
        except Unavailable:
            return person.name

    def note_name(self, person: Person, name: str) -> None:
        """Note somebody's display name, as an answer to something else told it."""
        self._called.put(person.id, clean(name, LONGEST_NAME))

    def _ask_name(self, person: Person) -> str:
        """Ask for somebody's display name, and empty is that there is none, or none for us."""
        try:
            return _display_name(self._profile(person.id))
        except Refused:
            return ""

    def id_of(self, named: Named) -> str:
        """Return whose a name is now: a user's id, or those of a team and its organisation (``12/34``).

        https://docs.github.com/en/rest/users/users#get-a-user
        https://docs.github.com/en/rest/teams/teams#get-a-team-by-name
        """
        self._pinned.asked(named)
        organisation, _, slug = named.name.partition("/")
        team = f"/orgs/{segment(organisation)}/teams/{segment(slug)}"
        path = team if named.kind == "team" else f"/users/{segment(named.name)}"
        try:
            answer = self._api.get(path)
            id = number(answer, "id")
            return f"{number(answer, 'organization.id')}/{id}" if named.kind == "team" else str(id)
        except Missing:
            return ""
        except Malformed as error:
            raise unreadable(f"GitHub: GET {path}") from error

    def name_of(self, named: Named, id: str) -> str:
        """Return what a user or a team is called now, empty where there is none of that id any more."""
        if named.kind == "user":
            return self._login(id)
        try:
            answer = self._api.get(_team(id))
            return f"{text(answer, 'organization.login')}/{text(answer, 'slug')}"
        except Missing:
            return ""
        except Malformed as error:
            raise unreadable(f"GitHub: GET {_team(id)}") from error

    def _login(self, id: str) -> str:
        """https://docs.github.com/en/rest/users/users#get-a-user-using-their-id"""
        try:
            return answers.person({"user": self._profile(id)}, "user").name
        except Missing:
            return ""
        except Malformed as error:
            raise unreadable(f"GitHub: GET /user/{segment(id)}") from error

    def _in_team(self, team: str, login: str) -> bool:
        """https://docs.github.com/en/rest/teams/members#get-team-membership-for-a-user"""
        try:
            return at(self._api.get(f"{_team(team)}/memberships/{segment(login)}"), "state") == "active"
        except Missing:
            return False

    def _ask_product(self, people: People) -> tuple[Person, ...]:
        """Name up to three people: those listed first, then members of the teams."""
        found: dict[str, Person] = {}
        held = self._pinned.ids(people.named())
        asked: list[Callable[[], Sequence[object]]] = [
            *(partial(self._user, id) for id in held.of("user")),
            *(partial(self._members, team) for team in held.of("team")),
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

    def _user(self, id: str) -> Sequence[object]:
        return (self._profile(id),)

    def _profile(self, id: str) -> object:
        body = self._api.get(f"/user/{segment(id)}")
        self._called.put(id, _display_name(body))  # so it need not be asked for to name somebody
        return body

    def _members(self, team: str) -> Sequence[object]:
        return self._api.page(f"{_team(team)}/members", {"per_page": "3"}).items


def _display_name(body: object) -> str:
    return clean(text_or_empty(body, "name"), LONGEST_NAME)


def _team(id: str) -> str:
    """Return the address of a team by its ids, which outlive its name."""
    organisation, _, team = id.partition("/")
    return f"/organizations/{segment(organisation)}/team/{segment(team)}"
