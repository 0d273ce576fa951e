"""Who may do what on Jira, asked live: members of groups, holders of project roles, listed people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from automation.adapters.errors import Missing, unreadable
from automation.adapters.jira import answers
from automation.adapters.jira.connection import CLOUD, Connection
from automation.adapters.recent import Recent
from automation.adapters.shapes import Malformed, at, many, text, text_or_empty
from automation.model import Person
from automation.ports import Refused

MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class JiraPeople:
    """Who answers for a sign-off policy: names of groups, and people by account id (Cloud) or by
    username (Data Center)."""

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JiraRights:
    """Who may link: names of groups, and names of roles in the issue's project."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Account:
    """A person as rules and roles name them, and their groups now."""

    name: str = ""
    groups: frozenset[str] = frozenset()


class Members:
    """The people of the sign-off policies, and those who may link."""

    def __init__(
        self,
        jira: Connection,
        people: Callable[[str], JiraPeople],
        may_link: Callable[[], JiraRights],
    ) -> None:
        self._jira = jira
        self._people = people
        self._may_link = may_link
        self._known: Recent[tuple[str, JiraPeople], tuple[Person, ...]] = Recent(MINUTE, jira.clock)

    def may_link(self, project: str, person: Person) -> bool:
        """Tell whether ``person`` is in one of the groups, or holds one of the roles in the project."""
        rights = self._may_link()
        if person.system != "jira" or not (rights.groups or rights.roles):
            return False
        account = self._account(person)
        if account.groups & set(rights.groups):
            return True
        return any(self._holds(account, actor) for actor in self._actors(project, rights.roles))

    def in_product(self, person: Person, policy: str) -> bool:
        """Tell whether ``person``, by stable id, is one of the policy's people."""
        if person.system != "jira":
            return False
        people = self._people(policy)
        if self._jira.version == CLOUD and person.id in people.users:
            return True
        if not (people.groups or people.users):
            return False
        account = self._account(person)
        return account.name in people.users or bool(account.groups & set(people.groups))

    def product(self, policy: str) -> Sequence[Person]:
        people = self._people(policy)
        return self._known.get((policy, people), lambda: self._ask_product(people))

    def _account(self, person: Person) -> _Account:
        """Ask for the groups of a person: nobody where there is no such person, or no longer.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/#api-rest-api-3-user-groups-get
        https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-user/
        """
        try:
            if self._jira.version == CLOUD:
                groups = self._jira.call("GET", "user/groups", {"accountId": person.id})
                return _Account(person.id, frozenset(_names({"groups": groups}, "groups")))
            user = self._jira.call("GET", "user", {"key": person.id, "expand": "groups"})
            if at(user, "active") is not True or at(user, "key") != person.id:
                return _Account()
            return _Account(text(user, "name"), frozenset(_names(user, "groups.items")))
        except Missing:
            return _Account()
        except Malformed as error:
            raise unreadable(f"Jira: the groups of {person.id}") from error

    def _actors(self, project: str, roles: Sequence[str]) -> Iterator[object]:
        """Yield the people and groups that hold ``roles``; nobody where our account must not know.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-roles/
        """
        if not roles or not project:
            return
        path = f"project/{project}/role"
        try:
            answer = self._jira.call("GET", path)
            known = answer if isinstance(answer, dict) else {}
            for role in roles:
                # Only the id is taken from the address that Jira gives, never the address.
                id = str(known.get(role, "")).rpartition("/")[2]
                if id.isascii() and id.isdigit():
                    yield from many(self._jira.call("GET", f"{path}/{id}"), "actors")
        except Refused:
            return
        except Malformed as error:
            raise unreadable(f"Jira: GET {path}") from error

    def _holds(self, account: _Account, actor: object) -> bool:
        kind = at(actor, "type")
        if kind == "atlassian-group-role-actor":
            name = text_or_empty(actor, "actorGroup.name") or text_or_empty(actor, "name")
            return name in account.groups
        named = "actorUser.accountId" if self._jira.version == CLOUD else "name"
        return kind == "atlassian-user-role-actor" and text_or_empty(actor, named) == account.name != ""

    def _ask_product(self, people: JiraPeople) -> tuple[Person, ...]:
        """Name up to three people: those listed first, then members of the groups."""
        found: dict[str, Person] = {}
        asked: list[Callable[[], Sequence[object]]] = [
            *(partial(self._user, name) for name in people.users),
            *(partial(self._members, group) for group in people.groups),
        ]
        for ask in asked:
            if len(found) >= 3:
                break
            try:
                for body in ask():
                    who = answers.person({"user": body}, "user", self._jira.version)
                    if at(body, "active") is True:
                        found.setdefault(who.id, who)
            except (Refused, Malformed):
                continue  # a name that cannot be looked up is left out; the notice goes all the same
        return tuple(found.values())[:3]

    def _user(self, name: str) -> Sequence[object]:
        by = "accountId" if self._jira.version == CLOUD else "username"
        return (self._jira.call("GET", "user", {by: name}),)

    def _members(self, group: str) -> Sequence[object]:
        query = {"groupname": group, "maxResults": "3"}
        return many(self._jira.call("GET", "group/member", query), "values")


def _names(body: object, path: str) -> Iterator[str]:
    for one in many(body, path):
        yield text(one, "name")
