"""What a file of the rules folder may say, and what all of them say together."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, create_model, model_validator

from automation.domain.scope_items import (
    HEADINGS,
    LEFT_OUT,
    NOISE,
    PROBLEMS,
    USERS,
    ScopeWords,
    bare,
    scope_words,
)
from automation.model import COLUMN, FIELD, LABEL, STATUS, Mode, Policy, Way
from automation.rulebook.events import EVENTS
from automation.rulebook.near_names import did_you_mean
from automation.rulebook.schema.deadline_fields import DeadlineFields, MovedDates
from automation.rulebook.schema.places import CRMS, Deals, GitHubTracker, JiraTracker, TrackerRules, Trackers
from automation.rulebook.schema.sign_off import SignOff
from automation.rulebook.schema.values import Days, Name, Names, Strict, days


class MayLink(Strict):
    """Who may link deals and ask for dates: a role on the repository, or a Jira group.
    ``github``: this role in the issue's repository, or a higher one. ``jira_groups``: Jira groups, by name.
    ``jira_roles``: roles in the issue's Jira project, by name."""

    github: Literal["triage", "write", "maintain", "admin"] = "triage"
    jira_groups: Names = ()
    jira_roles: Names = ()


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
        return days(self.deliveries)

    @property
    def long_span(self) -> timedelta:
        """How old decisions of consequence may become."""
        return days(self.decisions)


class Scope(Strict):
    """What of an issue's words is no scope. Case, spaces, hyphens and apostrophes in a list do not count,
    and a list that is given takes the place of the shipped one. ``headings``: headings that only say where
    things stand; to add, rename or remove one changes nothing. ``left_out``: headings below which stands what
    is not to be built. ``noise``: what forms write into a field that was left empty."""

    headings: Names = HEADINGS
    left_out: Names = LEFT_OUT
    noise: Names = NOISE


class JiraAnswers(Strict):
    """Text fields that people made in Jira, by name or, where several are called so, by id
    (``customfield_10071``). ``problem``: the one that says what a user wants solved. ``user``: the one that
    says who was asked, with their role."""

    problem: Name = ""
    user: Name = ""

    @property
    def named(self) -> dict[str, str]:
        """Return the names that are given, by what the field says."""
        return {word: name for word, name in (("problem", self.problem), ("user", self.user)) if name}


class Discovery(Strict):
    """Where an issue itself says what users said: that counts as `/problem` and `/user` do, of those who may
    say these, and is no scope. A form's labels are headings; case, spaces, hyphens and apostrophes in a list
    do not count, and a list that is given takes the place of the shipped one. ``problem``: headings below
    which stands what a user wants solved, in their words. ``user``: headings below which stands a user who
    was asked, with their role. ``jira``: fields of Jira that say the same."""

    problem: Names = PROBLEMS
    user: Names = USERS
    jira: JiraAnswers = JiraAnswers()

    @model_validator(mode="after")
    def _apart(self) -> Self:
        users = {bare(heading) for heading in self.user}
        twice = next((heading for heading in self.problem if bare(heading) in users), None)
        if twice is not None:
            raise ValueError(f"'{twice}' stands under problem and under user; keep one of them")
        if self.jira.problem and self.jira.problem == self.jira.user:
            raise ValueError(f"'{self.jira.user}' is named for the problem and for the user; name two fields")
        return self


MOST_RESTORES_PER_HOUR = 50


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
    discovery: Discovery = Discovery()
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
    discovery: Discovery = field(default_factory=Discovery)
    moved_dates: MovedDates = field(default_factory=MovedDates)
    most_restores_per_hour: int = MOST_RESTORES_PER_HOUR

    @property
    def scope_words(self) -> ScopeWords:
        """What of an issue's words is no scope, as the domain compares it."""
        scope, discovery = self.scope, self.discovery
        return scope_words(scope.headings, scope.left_out, scope.noise, discovery.problem, discovery.user)

    @property
    def ways(self) -> tuple[Way, ...]:
        """How people may answer beside words, each once."""
        return tuple(dict.fromkeys(way for each in self.sign_off.values() for way in each.answers.ways))

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels by which people may answer."""
        return tuple(way.name for way in self.ways if way.kind == LABEL)

    @property
    def statuses(self) -> tuple[str, ...]:
        """The statuses in Jira by which people may answer."""
        return tuple(way.name for way in self.ways if way.kind == STATUS)

    @property
    def choices(self) -> tuple[Way, ...]:
        """What fields in Jira are to hold by which people may answer."""
        return tuple(way for way in self.ways if way.kind == FIELD)

    @property
    def columns(self) -> tuple[Way, ...]:
        """The statuses on projects of GitHub's by which people may answer."""
        return tuple(way for way in self.ways if way.kind == COLUMN)

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
                days(each.expires_after).days,
                discovery=each.discovery == "required",
                ways=each.answers.ways,
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


SHIPPED = Vocabulary({"github": GitHubTracker, "jira": JiraTracker}, CRMS)
"""What the rules speak of that come with Handshake."""
