"""Who may do what on Jira, asked live: members of groups, holders of project roles, listed people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from automation.adapters.errors import Missing, unreadable
from automation.adapters.jira import answers
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.versions import CLOUD
from automation.adapters.pinned import Held, Pinned
from automation.adapters.shapes import Malformed, at, many, text, text_or_empty
from automation.model import Named, Person
from automation.ports import Pins, Refused
from automation.ports.recent import Recent

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class JiraPeople:
    """Who answers for a sign-off policy, or may do without its answer: names of groups, people by account id
    (Cloud) or by username (Data Center), and names of roles in the issue's project."""

    groups: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def named(self) -> tuple[Named, ...]:
        return (*(Named("jira", "user", user) for user in self.users), *_groups(self.groups))


@dataclass(frozen=True, slots=True)
class JiraRights:
    """Who may link: names of groups, and names of roles in the issue's project."""

    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Account:
    """A person as roles name them, and their groups now: names, each with its id (Data Center: its name)."""

    name: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)


class Members:
    """The people of the sign-off policies, and those who may link."""

    def __init__(
        self,
        jira: Connection,
        people: Callable[[str], JiraPeople],
        overriders: Callable[[str], JiraPeople],
        backups: Callable[[str], JiraPeople],
        may_link: Callable[[], JiraRights],
        pins: Pins,
    ) -> None:
        self._jira = jira
        self._people = people
        self._overriders = overriders
        self._backups = backups
        self._may_link = may_link
        self._pinned = Pinned(pins, self.id_of, jira.clock)
        self._known: Recent[tuple[str, JiraPeople], tuple[Person, ...]] = Recent(HOUR, jira.clock)

    def may_link(self, project: str, person: Person) -> bool:
        """Tell whether ``person`` is in one of the groups, or holds one of the roles in the project."""
        rights = self._may_link()
        if person.system != "jira" or not (rights.groups or rights.roles):
            return False
        held = self._pinned.ids(_groups(rights.groups))
        account = self._account(person)
        if self._in_group(account, held):
            return True
        actors = self._actors(project, rights.roles)
        return any(self._holds(account, actor) for actor in actors) or held.no()

    def in_product(self, project: str, person: Person, policy: str) -> bool:
        """Tell whether ``person``, by stable id, is one of the policy's people."""
        return self._is_one_of(self._people(policy), project, person)

    def may_override(self, project: str, person: Person, policy: str) -> bool:
        """Tell whether ``person``, by stable id, may let a date stand without the policy's yes."""
        return self._is_one_of(self._overriders(policy), project, person)

    def _is_one_of(self, people: JiraPeople, project: str, person: Person) -> bool:
        """Tell whether ``person``, by stable id, is one of ``people``, whose names, groups and roles are
        known by the ids that they were pinned to."""
        if person.system != "jira":
            return False
        if self._jira.version == CLOUD and person.id in people.users:
            return True
        if not (people.groups or people.users or people.roles):
            return False
        held = self._held(people)
        account = self._account(person)
        if account.name:
            users = [named for named in held.ids if named.kind == "user"]
            theirs = {named for named in users if named.name.lower() == account.name.lower()}
            # Theirs by name and not by id, or the other way round: operations should know.
            self._pinned.look(theirs ^ {named for named in users if held.ids[named] == person.id}, held)
        if (account.name and person.id in held.of("user")) or self._in_group(account, held):
            return True
        actors = self._actors(project, people.roles)
        return any(self._holds(account, actor) for actor in actors) or held.no()

    def product(self, policy: str) -> Sequence[Person]:
        return self._some(policy, self._people(policy))

    def backup(self, policy: str) -> Sequence[Person]:
        return self._some(policy, self._backups(policy))

    def _some(self, policy: str, people: JiraPeople) -> Sequence[Person]:
        return self._known.get((policy, people), lambda: self._ask_product(people))

    def _held(self, people: JiraPeople) -> Held:
        """Return whom names mean; Cloud's account ids mean themselves, and are not asked for."""
        named = people.named()
        if self._jira.version == CLOUD:
            named = tuple(one for one in named if one.kind != "user")
        return self._pinned.ids(named)

    def _account(self, person: Person) -> _Account:
        """Ask for the groups of a person: nobody where there is no such person, or no longer.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/#api-rest-api-3-user-groups-get
        https://developer.atlassian.com/server/jira/platform/rest/v10000/api-group-user/
        """
        try:
            if self._jira.version == CLOUD:
                groups = self._jira.call("GET", "user/groups", {"accountId": person.id})
                return _Account(person.id, _by_name({"groups": groups}, "groups", "groupId"))
            user = self._jira.call("GET", "user", {"key": person.id, "expand": "groups"})
            if at(user, "active") is not True or at(user, "key") != person.id:
                return _Account()
            return _Account(text(user, "name"), _by_name(user, "groups.items", "name"))
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
        held = self._pinned.ids(Named("jira", "role", f"{project}/{role}") for role in roles)
        for id in held.of("role"):
            try:
                yield from many(self._jira.call("GET", f"{path}/{id}"), "actors")
            except Refused:
                continue
            except Malformed as error:
                raise unreadable(f"Jira: GET {path}") from error

    def id_of(self, named: Named) -> str:
        """Return whose a name is now. A group of Data Center has no id but its name, and only
        administrators may ask for one: so it is not asked for.

        https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-groups/#api-rest-api-3-group-bulk-get
        """
        try:
            if named.kind == "role":
                return self._role(*named.name.split("/", 1))
            if named.kind == "group":
                return self._group("groupName", named.name, "name", "groupId")
            by, id = ("accountId", "accountId") if self._jira.version == CLOUD else ("username", "key")
            return text(self._jira.call("GET", "user", {by: named.name}), id)
        except Missing:
            return ""
        except Malformed as error:
            raise unreadable(f"Jira: the {named.kind} {named.name}") from error

    def name_of(self, named: Named, id: str) -> str:
        """Return what somebody of that id is called now, as rules name them; empty where they are gone."""
        try:
            if named.kind == "role":
                roles = self._roles(named.name.partition("/")[0])
                return next((name for name, one in roles.items() if one == id), "")
            if named.kind == "group":
                return self._group("groupId", id, "groupId", "name")
            by, name = ("accountId", "accountId") if self._jira.version == CLOUD else ("key", "name")
            return text(self._jira.call("GET", "user", {by: id}), name)
        except Missing:
            return ""
        except Malformed as error:
            raise unreadable(f"Jira: the {named.kind} {named.name}") from error

    def _role(self, project: str, role: str) -> str:
        return self._roles(project).get(role, "")

    def _roles(self, project: str) -> Mapping[str, str]:
        """Return the roles of a project, each with its id."""
        answer = self._jira.call("GET", f"project/{project}/role")
        known = answer if isinstance(answer, dict) else {}
        # Only the id is taken from the address that Jira gives, never the address.
        ids = {str(name): str(url).rpartition("/")[2] for name, url in known.items()}
        return {name: id for name, id in ids.items() if id.isascii() and id.isdigit()}

    def _group(self, by: str, value: str, same: str, wanted: str) -> str:
        """Find a group by its name or its id, and return the other one of both."""
        if self._jira.version != CLOUD:
            return value
        found = many(self._jira.call("GET", "group/bulk", {by: value}), "values")
        return next((text_or_empty(one, wanted) for one in found if at(one, same) == value), "")

    def _in_group(self, account: _Account, held: Held) -> bool:
        """Tell whether somebody is in one of the groups that were meant."""
        for named in held.ids:
            if named.kind == "group" and account.groups.get(named.name):
                self._pinned.seen(named, account.groups[named.name])
        return not set(held.of("group")).isdisjoint(account.groups.values())

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
        held = self._held(people)
        users = people.users if self._jira.version == CLOUD else held.of("user")
        asked: list[Callable[[], Sequence[object]]] = [
            *(partial(self._user, id) for id in users),
            *(partial(self._members, group) for group in held.of("group")),
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

    def _user(self, id: str) -> Sequence[object]:
        by = "accountId" if self._jira.version == CLOUD else "key"
        return (self._jira.call("GET", "user", {by: id}),)

    def _members(self, group: str) -> Sequence[object]:
        by = "groupId" if self._jira.version == CLOUD else "groupname"
        return many(self._jira.call("GET", "group/member", {by: group, "maxResults": "3"}), "values")


def _groups(names: Sequence[str]) -> Iterator[Named]:
    for name in names:
        yield Named("jira", "group", name)


def _by_name(body: object, path: str, id: str) -> Mapping[str, str]:
    return {text(one, "name"): text_or_empty(one, id) for one in many(body, path)}
