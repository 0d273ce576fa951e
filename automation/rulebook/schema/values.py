"""Single values of a rules file, each with the error that says what it should look like; and its maps."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from automation.rulebook.near_names import nearest
from automation.text import calendars, zones

_WORKING_DAYS = re.compile(r"([1-9]\d{0,2}) working days?")
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,60}[A-Za-z0-9])?(?:\[bot\])?")
_DAYS = re.compile(r"([1-9]\d{0,3}) days?")


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
    str, *_shaped(_WORKING_DAYS.pattern, "is not a time to answer; write it like this: 2 working days")
]
Calendar = Annotated[
    str, AfterValidator(_calendar), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}(?:-.+)?$"})
]
Ahead = Annotated[str, *_shaped(_DAYS.pattern, "is not a time before a date; write it like this: 10 days")]
Days = Annotated[str, *_shaped(_DAYS.pattern, "is not a number of days; write it like this: 35 days")]
Label = Annotated[
    str,
    *_shaped(r"[^\s,](?:[^\n,]{0,48}[^\s,])?", "is not a label; write at most 50 characters, no comma"),
]
# YAML has lists only; they are kept as tuples so that nothing can change them afterwards.
Zone = Annotated[str, AfterValidator(_zone)]
Names = Annotated[tuple[Name, ...], Field(strict=False)]


class Strict(BaseModel):
    """A map of a rules file: unknown keys and near-miss types are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def days(text: str) -> timedelta:
    """Return how long ``35 days`` are."""
    found = _DAYS.fullmatch(text)
    return timedelta(days=int(found[1]) if found else 0)


def working_days(text: str) -> int:
    """Return how many ``2 working days`` are."""
    found = _WORKING_DAYS.fullmatch(text)
    return int(found[1]) if found else 0
