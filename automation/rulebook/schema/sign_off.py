"""Sign-off policies, as rules files say them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from automation.model import COLUMN, FIELD, LABEL, STATUS, Way, board, titled
from automation.rulebook.schema.values import (
    Account,
    Ahead,
    Calendar,
    Days,
    Label,
    Login,
    Name,
    Names,
    Strict,
    Team,
    WorkingDays,
    days,
    working_days,
)


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


class JiraField(Strict):
    """What a field that people made in Jira is to hold. ``field``: a list of which one is chosen, or a text,
    by name, or by id (``customfield_10042``) where several are called so. ``value``: what is chosen, or
    written there."""

    field: Name
    value: Name

    def __str__(self) -> str:
        return titled(self.value, self.field)


class ProjectStatus(Strict):
    """A status column of a project of the organisation on GitHub. ``project``: its number. ``status``: the
    column, by name."""

    project: Annotated[int, Field(ge=1)]
    status: Name

    @property
    def called(self) -> str:
        """What the project is told by."""
        return board(self.project)

    def __str__(self) -> str:
        return titled(self.status, self.called)


class Answer(Strict):
    """How an answer is given beside words. ``label``: whoever puts this label on the issue means it.
    ``jira_status``: in Jira, whoever gives the issue this status, by a transition or an approval.
    ``jira_field``: in Jira, whoever gives that field this value; it is emptied again, as labels are taken
    off. ``github_project``: on GitHub, whoever moves the issue to this status on that project."""

    label: Label = ""
    jira_status: Name = ""
    jira_field: JiraField | None = None
    github_project: ProjectStatus | None = None

    def ways(self, word: str) -> Iterator[Way]:
        """Yield how it is given, as ways to mean the command ``word``."""
        if self.label:
            yield Way(word, self.label, LABEL)
        if self.jira_status:
            yield Way(word, self.jira_status, STATUS)
        if field := self.jira_field:
            yield Way(word, field.value, FIELD, field.field)
        if project := self.github_project:
            yield Way(word, project.status, COLUMN, project.called)


class Answers(Strict):
    """How they may answer beside `/signoff` and `/decline`, with the same right, by the tracker's own
    history. ``yes``: what means the same as `/signoff` alone: they agree to the date that waits. ``no``: what
    means the same as `/decline` alone."""

    yes: Answer = Answer()
    no: Answer = Answer()

    @property
    def ways(self) -> tuple[Way, ...]:
        """Return what is named, as the domain knows it."""
        return (*self.yes.ways("signoff"), *self.no.ways("decline"))


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
    to, with their role (`/user`). ``answers``: how they may answer beside words."""

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
    answers: Answers = Answers()

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
        return working_days(self.answer_within)

    @property
    def reconfirm_days(self) -> int:
        """How many days before an agreed date they are asked again, 0 for not at all."""
        return days(self.reconfirm_before).days if self.reconfirm_before else 0

    @property
    def warn_days(self) -> int:
        """How many days before an agreed date they are asked for the last time, 0 for not at all."""
        return days(self.warn_before).days if self.warn_before else 0

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not self.whose:
            raise ValueError("this policy names nobody; add github_teams, jira_groups, jira_roles or users")
        return self
