"""Which fields promise dates, as rules files name them, and what happens where these move by themselves."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from automation.domain.fields import DUEDATE, REGISTERED, folded, of_issues
from automation.rulebook.schema.values import Name, Strict


def _each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    told = Counter(map(folded, names))
    twice = next((name for name in names if told[folded(name)] > 1), None)
    if twice is not None:
        raise ValueError(f"'{twice}' stands here twice; name each field once")
    return names


def _fields_once(names: tuple[DateName, ...]) -> tuple[DateName, ...]:
    _each_once(tuple(map(str, names)))
    return names


DateNames = Annotated[tuple[Name, ...], Field(strict=False, min_length=1), AfterValidator(_each_once)]


class ProjectDate(Strict):
    """A field of a GitHub project: the ``project`` by its number, and by its name a ``field`` that holds a
    date, or one that holds an ``iteration``, whose last day is the promise."""

    project: Annotated[int, Field(gt=0)]
    field: Name | None = None
    iteration: Name | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.field is None) == (self.iteration is None):
            raise ValueError("name one of its fields: a date by 'field', or an 'iteration'")
        return self

    @property
    def name(self) -> str:
        """What the field is called."""
        return self.field or self.iteration or ""

    @property
    def kind(self) -> str:
        """What the field holds, as GitHub calls it."""
        return "date" if self.iteration is None else "iteration"

    def __str__(self) -> str:
        return f"{self.name} of project {self.project}"


DateName = str | ProjectDate
"""What the rules call a deadline field of GitHub's."""

GitHubDates = Annotated[
    tuple[Name | ProjectDate, ...], Field(strict=False, min_length=1), AfterValidator(_fields_once)
]


class DeadlineFields(Strict):
    """The fields that promise dates, by tracker. ``github``: on GitHub ``milestone``, and date fields that an
    organisation made for its issues, by name (``Target date``) or by id (``issue_field_42``), or on one of
    its projects (``{project: 7, field: Ship date}``; of ``{project: 7, iteration: Sprint}`` the last day of
    an iteration is the promise). ``jira``: on Jira ``duedate``, ``fixVersions`` (the earliest version with a
    release date is the promise), and date fields that people made, by name (``Go-live date``) or, where
    several are called so, by id (``customfield_10071``)."""

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
    """What happens where the own date of a milestone or a version moves, and with it the dates of all that
    stand on it. ``comment_on``: the one issue with the most deals (``most_deals``), or each with a deal
    (``all``)."""

    comment_on: Literal["most_deals", "all"] = "most_deals"
