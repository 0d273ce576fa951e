"""The settings that rules files carry, as strict pydantic models: what YAML may say, and what it means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    create_model,
    model_validator,
)

from automation.domain.fields import DUEDATE, REGISTERED, of_issues
from automation.domain.scope_items import HEADINGS, LEFT_OUT, NOISE, ScopeWords, scope_words
from automation.model import Mode, Policy, Subject
from automation.rulebook.events import EVENTS
from automation.rulebook.near_names import did_you_mean, nearest
from automation.text import calendars, zones

_DAYS = re.compile(r"([1-9]\d{0,2}) working days?")
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,60}[A-Za-z0-9])?(?:\[bot\])?")
_KEPT = re.compile(r"([1-9]\d{0,3}) days?")


def _shaped(pattern: str, problem: str) -> tuple[AfterValidator, WithJsonSchema]:
    """Let only text through that has this shape; ``problem`` says what it should look like."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(f"'{text}' {problem}")
        return text

    return AfterValidator(check), WithJsonSchema({"type": "string", "pattern": f"^(?:{pattern})$"})


def _login(name: str) -> str:
    """https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication"""
    if _LOGIN.fullmatch(name):
        return name
    login = name.rstrip("/").rpartition("/")[2].removeprefix("@")
    hint = f"write {login}" if _LOGIN.fullmatch(login) else "it ends the address of their page, github.com/…"
    raise ValueError(f"'{name}' is not a GitHub login; {hint}")


def _account(name: str) -> str:
    """https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-users/"""
    if not name.strip() or "@" in name or " " in name.strip():
        hint = "it ends the address of their profile in Jira, …/people/5b10a2844c20…"
        raise ValueError(f"'{name}' is not a Jira account id; {hint}")
    return name.strip()


def _calendar(name: str) -> str:
    if calendars.known(name):
        return name
    meant = calendars.spellings(name)
    if near := nearest(name, meant):
        hint = f"did you mean {next(code for spelt, code in meant.items() if spelt.lower() == near.lower())}?"
    else:
        hint = "write a country such as DE, or a part of one such as DE-BE"
    raise ValueError(f"'{name}' is not a calendar of public holidays; {hint}")


def _zone(name: str) -> str:
    if name in zones.names():
        return name
    meant = {spelling.lower(): zone for spelling, zone in zones.spellings().items()}
    near = nearest(name, meant)
    hint = f"did you mean {meant[near]}?" if near else "write one such as Europe/Berlin"
    raise ValueError(f"'{name}' is not a time zone; {hint}")


Name = Annotated[str, *_shaped(r"\S(.*\S)?", "is empty or has spaces around it; give it a name")]
Repository = Annotated[
    str, *_shaped(r"[\w-]+/[\w.-]+", "is not a repository; write owner/name, such as acme/shop")
]
Team = Annotated[
    str, *_shaped(r"[\w-]+/[\w.-]+", "is not a team; write organisation/team, such as acme/product")
]
Project = Annotated[
    str, *_shaped(r"[A-Z][A-Z0-9_]+", "is not a Jira project key; write capitals, such as PROD")
]
Login = Annotated[str, AfterValidator(_login), WithJsonSchema({"type": "string", "pattern": _LOGIN.pattern})]
Account = Annotated[
    str, AfterValidator(_account), WithJsonSchema({"type": "string", "pattern": "^[^@\\s]+$"})
]
WorkingDays = Annotated[
    str, *_shaped(_DAYS.pattern, "is not a time to answer; write it like this: 2 working days")
]
Calendar = Annotated[
    str, AfterValidator(_calendar), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}(?:-.+)?$"})
]
Ahead = Annotated[str, *_shaped(_KEPT.pattern, "is not a time before a date; write it like this: 10 days")]
Days = Annotated[str, *_shaped(_KEPT.pattern, "is not a number of days; write it like this: 35 days")]
# YAML has lists only; they are kept as tuples so that nothing can change them afterwards.
Names = Annotated[tuple[Name, ...], Field(strict=False)]


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    lower = [" ".join(name.split()).lower() for name in names]
    twice = next((name for name in names if lower.count(" ".join(name.split()).lower()) > 1), None)
    if twice is not None:
        raise ValueError(f"'{twice}' stands here twice; name each field once")
    return names


def _fields_once(names: tuple[DateName, ...]) -> tuple[DateName, ...]:
    _each_once(tuple(map(str, names)))
    return names


DateNames = Annotated[tuple[Name, ...], Field(strict=False, min_length=1), AfterValidator(_each_once)]


class Strict(BaseModel):
    """A map of a rules file: unknown keys and near-miss types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ProjectDate(Strict):
    """A date field of a GitHub project: the ``project`` by its number, the ``field`` by its name."""

    project: Annotated[int, Field(gt=0)]
    field: Name

    def __str__(self) -> str:
        return f"{self.field} of project {self.project}"


DateName = str | ProjectDate
"""What the rules call a deadline field of GitHub's."""

GitHubDates = Annotated[
    tuple[Name | ProjectDate, ...], Field(strict=False, min_length=1), AfterValidator(_fields_once)
]


class TrackerRules(Strict):
    """A tracker's part. ``MARK`` stands between a place's name and the number of an issue there."""

    MARK: ClassVar[str]

    @property
    def places(self) -> tuple[str, ...]:
        """Return the names of the places looked after."""
        raise NotImplementedError


class GitHubTracker(TrackerRules):
    """GitHub's part. ``repositories``: those looked after, as ``owner/name``."""

    MARK = "#"

    repositories: Annotated[tuple[Repository, ...], Field(strict=False)] = ()

    @property
    def places(self) -> tuple[str, ...]:
        return self.repositories


class JiraTracker(TrackerRules):
    """Jira's part. ``projects``: the keys of those looked after, such as ``PROD``. ``time_zone``: that in
    which a field with date and time promises a day, such as ``Europe/Berlin``; a day that is agreed is set to
    noon there."""

    MARK = "-"

    projects: Annotated[tuple[Project, ...], Field(strict=False)] = ()
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"

    @property
    def places(self) -> tuple[str, ...]:
        return self.projects


class Trackers(Strict):
    """Where issues live. Deliveries about anything else are left alone."""

    github: GitHubTracker = GitHubTracker()
    jira: JiraTracker = JiraTracker()

    def places(self, system: str) -> tuple[str, ...]:
        """Return the places of a system that are looked after; none where no issues live there."""
        rules = getattr(self, system, None)
        return rules.places if isinstance(rules, TrackerRules) else ()

    def all_places(self) -> tuple[str, ...]:
        """Return the places of all systems."""
        return tuple(place for system in type(self).model_fields for place in self.places(system))

    def look_after(self, issue: Subject) -> bool:
        """Tell whether an issue stands in a place that is named, in whatever case."""
        rules = getattr(self, issue.system, None)
        if not isinstance(rules, TrackerRules):
            return False
        place = issue.key.rpartition(rules.MARK)[0]
        return place.lower() in {name.lower() for name in rules.places}


def _deal_system(system: str, info: ValidationInfo) -> str:
    known = (info.context or SHIPPED).crms
    if system in known:
        return system
    titles = " or ".join(f"{title} (system: {name})" for name, title in known.items())
    if system in ("hubspot", "salesforce", "pipedrive"):
        raise ValueError(f"'{system}' is not available yet; for now deals live in {titles}")
    raise ValueError(f"'{system}' is not known; deals live in {titles}")


class Deals(Strict):
    """Where deals live: the issues of one Jira project. ``system``: the kind of system.
    ``project``: the key of the project, such as ``SALES``."""

    system: Annotated[str, AfterValidator(_deal_system), WithJsonSchema({"enum": ["jira"]})]
    project: Project


class DeadlineFields(Strict):
    """The fields that promise dates, by tracker. ``github``: on GitHub ``milestone``, and date fields that an
    organisation made for its issues, by name (``Target date``) or by id (``issue_field_42``), or on one of
    its projects (``{project: 7, field: Ship date}``). ``jira``: on Jira ``duedate``, ``fixVersions`` (the
    earliest version with a release date is the promise), and date fields that people made, by name (``Go-live
    date``) or, where several are called so, by id (``customfield_10071``)."""

    github: GitHubDates = tuple(field.id for field in of_issues("github"))
    jira: DateNames = (DUEDATE.id,)

    @model_validator(mode="after")
    def _not_elsewhere(self) -> Self:
        for system in type(self).model_fields:
            for name in getattr(self, system):
                field = REGISTERED.get(str(name))
                if field is not None and field.own:
                    raise ValueError(f"'{name}' is held together with what stands on it: leave it out")
                if field is not None and field.system != system:
                    raise ValueError(
                        f"'{name}' is not a field of issues there: write it under {field.system}"
                    )
        return self


class MovedDates(Strict):
    """What happens where a milestone's own date moves, and with it the dates of all that stand on it.
    ``comment_on``: the one issue with the most deals (``most_deals``), or each with a deal (``all``)."""

    comment_on: Literal["most_deals", "all"] = "most_deals"


class MayLink(Strict):
    """Who may link deals and ask for dates: a role on the repository, or a Jira group.
    ``github``: this role in the issue's repository, or a higher one. ``jira_groups``: Jira groups, by name.
    ``jira_roles``: roles in the issue's Jira project, by name."""

    github: Literal["triage", "write", "maintain", "admin"] = "triage"
    jira_groups: Names = ()
    jira_roles: Names = ()


def _days(text: str) -> timedelta:
    found = _KEPT.fullmatch(text)
    return timedelta(days=int(found[1]) if found else 0)


class Retention(Strict):
    """How long is kept what is done with. The history of promises is kept for ever. ``deliveries``:
    webhooks as they came, what a mode kept back, and decisions without consequence. ``decisions``: decisions
    of consequence (something was held, told, done, refused, or in error), with what they saw and the rules
    of that time."""

    deliveries: Days = "35 days"
    decisions: Days = "400 days"

    @property
    def span(self) -> timedelta:
        """How old deliveries may become, and decisions without consequence."""
        return _days(self.deliveries)

    @property
    def long_span(self) -> timedelta:
        """How old decisions of consequence may become."""
        return _days(self.decisions)


class Scope(Strict):
    """What of an issue's words is no scope. Case, spaces, hyphens and apostrophes in a list do not count,
    and a list that is given takes the place of the shipped one. ``headings``: headings that only say where
    things stand; to add, rename or remove one changes nothing. ``left_out``: headings below which stands what
    is not to be built. ``noise``: what forms write into a field that was left empty."""

    headings: Names = HEADINGS
    left_out: Names = LEFT_OUT
    noise: Names = NOISE

    @property
    def words(self) -> ScopeWords:
        """These words as the domain compares them."""
        return scope_words(self.headings, self.left_out, self.noise)


MOST_RESTORES_PER_HOUR = 50


class Users(Strict):
    """People by name. ``github``: their GitHub logins. ``jira``: their Jira account ids."""

    github: Annotated[tuple[Login, ...], Field(strict=False)] = ()
    jira: Annotated[tuple[Account, ...], Field(strict=False)] = ()


class MayOverride(Strict):
    """Who may let a date stand without this policy's yes, by `/override`: each time by a command, with a
    reason; as shipped nobody. ``github``: whoever has this role in the issue's repository, or a higher one.
    ``github_teams``: teams whose active members may. ``jira_groups``: Jira groups, by name. ``jira_roles``:
    roles in the issue's Jira project, by name. ``users``: people by name."""

    github: Literal["nobody", "triage", "write", "maintain", "admin"] = "nobody"
    github_teams: Annotated[tuple[Team, ...], Field(strict=False)] = ()
    jira_groups: Names = ()
    jira_roles: Names = ()
    users: Users = Users()


class SignOff(Strict):
    """Whose yes a deadline needs, how many of them, and by when they answer. The name is yours to choose;
    ``hold: {until: <name>}`` uses it. ``github_teams``: teams whose active members count, as
    ``organisation/team``. ``jira_groups``: names of Jira groups whose members count. ``jira_roles``: names of
    roles in the issue's own Jira project whose holders count. ``users``: people by name. ``people_needed``:
    how many of them have to say yes to the same date. ``askers_may_sign``: whether whoever asked for a date
    can be one of them; with ``false`` others have to be. ``answer_within``: by when they should answer;
    Saturdays and Sundays do not count. ``holidays``: the country whose public holidays do not count either,
    or a part of one (``DE``, ``DE-BE``); weekends are those of that country. ``backup``: who is reminded on
    the working day after, once, where they did not; that makes nobody's yes count. ``expires_after``: after
    how many days a wish that nobody answered has ended (``30 days``); empty for never, and one by which an
    agreed date is in doubt never does. ``may_override``: who may let a date stand without their yes.
    ``reconfirm_before``: how long before an agreed date they are asked whether it still holds (``10 days``).
    ``warn_before``: the same for the last time (``3 days``): if nobody answers then, deals are asked not to
    repeat the date. Once a day has passed that is always so. ``discovery``: with ``required`` their yes to a
    date counts only once the issue says the problem in a user's words (`/problem`), and a user who was spoken
    to, with their role (`/user`)."""

    github_teams: Annotated[tuple[Team, ...], Field(strict=False)] = ()
    jira_groups: Names = ()
    jira_roles: Names = ()
    users: Users = Users()
    people_needed: Annotated[int, Field(ge=1)] = 1
    askers_may_sign: bool = True
    answer_within: WorkingDays = "2 working days"
    holidays: Calendar = ""
    reconfirm_before: Ahead = ""
    warn_before: Ahead = ""
    backup: Users = Users()
    expires_after: Days = ""
    discovery: Literal["optional", "required"] = "optional"
    may_override: MayOverride = MayOverride()

    @property
    def whose(self) -> tuple[str, ...]:
        """Whose yes it is, in words."""
        return (
            *(f"the team {team}" for team in self.github_teams),
            *(f"the group {group}" for group in self.jira_groups),
            *(f"the role {role} in the project" for role in self.jira_roles),
            *(f"{login} on GitHub" for login in self.users.github),
            *(f"{account} in Jira" for account in self.users.jira),
        )

    @property
    def working_days(self) -> int:
        """How many working days product has for its answer."""
        found = _DAYS.fullmatch(self.answer_within)
        return int(found[1]) if found else 0

    @property
    def reconfirm_days(self) -> int:
        """How many days before an agreed date they are asked again, 0 for not at all."""
        return _days(self.reconfirm_before).days if self.reconfirm_before else 0

    @property
    def warn_days(self) -> int:
        """How many days before an agreed date they are asked for the last time, 0 for not at all."""
        return _days(self.warn_before).days if self.warn_before else 0

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.whose:
            raise ValueError("this policy names nobody; add github_teams, jira_groups, jira_roles or users")
        return self


def _known_event(name: str) -> str:
    several = [each for each in re.split(r"\s*(?:,|\band\b|\bor\b|\||&|\+|;|\s)\s*", name) if each in EVENTS]
    if len(several) > 1:
        raise ValueError(f"a rule waits for one event; write one rule for {' and one for '.join(several)}")
    if name not in EVENTS:
        hint = did_you_mean(name, EVENTS) or f"; there is {', '.join(EVENTS)}"
        raise ValueError(f"unknown event '{name}'{hint}")
    return name


class RuleText(Strict):
    """When something happens, and a condition holds, then actions follow. ``name``: said to people, and in
    the log. ``when``: the event. ``condition``: what must be true as well; without one the rule always acts.
    ``then``: the actions, each of them a key with its settings."""

    name: Name
    when: Annotated[str, AfterValidator(_known_event), WithJsonSchema({"enum": list(EVENTS)})]
    condition: Annotated[str, Field(alias="if")] = ""
    then: Annotated[list[dict[str, Any]], Field(min_length=1)]


class RulesFile(Strict):
    """All that one file of the folder may say. ``mode``: how far Handshake may go. ``observe`` writes
    nothing, ``tell`` comments and labels, ``enforce`` also sets dates. ``HANDSHAKE_MODE`` overrides it.
    ``most_restores_per_hour``: how many dates are set back within an hour because of one person, or by one
    rule. Further ones wait unsigned until the hour is over or somebody releases them, and people are asked
    once."""

    mode: Annotated[Mode, Field(strict=False)] = Mode.OBSERVE
    trackers: Trackers = Trackers()
    deals: Deals | None = None
    deadline_fields: DeadlineFields = DeadlineFields()
    moved_dates: MovedDates = MovedDates()
    may_link: MayLink = MayLink()
    sign_off: dict[Name, SignOff] = Field(default_factory=dict)
    retention: Retention = Retention()
    scope: Scope = Scope()
    most_restores_per_hour: Annotated[int, Field(ge=1)] = MOST_RESTORES_PER_HOUR
    rules: list[RuleText] = Field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RulesConfig:
    """The settings of all files together."""

    trackers: Trackers
    deals: Deals
    may_link: MayLink = field(default_factory=MayLink)
    sign_off: Mapping[str, SignOff] = field(default_factory=dict)
    retention: Retention = field(default_factory=Retention)
    deadline_fields: DeadlineFields = field(default_factory=DeadlineFields)
    scope: Scope = field(default_factory=Scope)
    moved_dates: MovedDates = field(default_factory=MovedDates)
    most_restores_per_hour: int = MOST_RESTORES_PER_HOUR

    @property
    def policies(self) -> dict[str, Policy]:
        """The sign-off policies, as the domain counts with them."""
        return {
            name: Policy(
                name,
                each.people_needed,
                each.working_days,
                each.whose,
                each.askers_may_sign,
                each.holidays,
                each.reconfirm_days,
                each.warn_days,
                bool(each.backup.github or each.backup.jira),
                _days(each.expires_after).days,
                discovery=each.discovery == "required",
            )
            for name, each in self.sign_off.items()
        }


@dataclass(frozen=True)
class Vocabulary:
    """Which systems rules may speak of: ``trackers``, each with what stands below ``trackers.<name>``, and
    ``crms``, where deals can live, each with what people call it."""

    trackers: Mapping[str, type[TrackerRules]]
    crms: Mapping[str, str]

    @cached_property
    def file(self) -> type[RulesFile]:
        """Return what a file of the folder may say then."""
        further = {
            name: (rules, rules())
            for name, rules in self.trackers.items()
            if name not in Trackers.model_fields
        }
        if not further:
            return RulesFile
        fields: dict[str, Any] = further
        trackers = create_model("Trackers", __base__=Trackers, **fields)
        given: dict[str, Any] = {"trackers": (trackers, trackers())}
        return create_model("RulesFile", __base__=RulesFile, **given)


SHIPPED = Vocabulary({"github": GitHubTracker, "jira": JiraTracker}, {"jira": "Jira"})
"""What the rules speak of that come with Handshake."""
