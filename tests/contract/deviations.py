"""Where requests, answers and webhooks knowingly differ from the vendors' descriptions, and why.

A deviation that no longer occurs makes a test fail, so that this table stays true.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tests.contract.documents import Fault


@dataclass(frozen=True, slots=True)
class Deviation:
    """``where`` and ``text`` are regular expressions for the faults that it covers, on one ``side``:
    ``request``, ``answer``, ``webhook``, or ``part`` (of a webhook, as our own tests make them up)."""

    name: str
    side: str
    where: str
    text: str
    reason: str

    def covers(self, fault: Fault) -> bool:
        return (
            self.side == fault.side
            and re.fullmatch(self.where, fault.where) is not None
            and re.fullmatch(self.text, fault.text, re.DOTALL) is not None
        )


DEVIATIONS = (
    Deviation(
        name="GraphQL",
        side="request",
        where="POST /graphql",
        text="is not described",
        reason="GitHub describes its GraphQL interface by a schema of its own, not in the OpenAPI document.",
    ),
    Deviation(
        name="a milestone taken off",
        side="request",
        where="PATCH /repos/{owner}/{repo}/issues/{issue_number}",
        text="milestone: None is not valid under any of the given schemas",
        reason="The description's own words say to send null; it stands beside a oneOf that has no null.",
    ),
    Deviation(
        name="a due date taken off",
        side="request",
        where="PATCH /repos/{owner}/{repo}/milestones/{milestone_number}",
        text="due_on: None .*",
        reason="The description names no way to take a due date off; null is what its answers hold then.",
    ),
    Deviation(
        name="a column that held nothing, or holds nothing now",
        side="webhook",
        where="projects-v2-item-edited",
        text="changes/field_value/(from|to): None is not valid under any of the given schemas",
        reason="The description calls both nullable; that stands beside a oneOf that has no null.",
    ),
    Deviation(
        name="no state reason",
        side="answer",
        where="(GET|PATCH|POST) /repos/{owner}/{repo}/issues(/.+)?",
        text=r"((\*|issue)/)?state_reason: None is not one of .*",
        reason="An open issue's is null, as its description says; its list of values leaves null out.",
    ),
    Deviation(
        name="a membership that is not there",
        side="answer",
        where="GET /orgs/{org}/teams/{team_slug}/memberships/{username}",
        text="404 has a body",
        reason="GitHub tells every error in a JSON body, also where the description has none.",
    ),
    Deviation(
        name="as it was",
        side="answer",
        where=r"GET /.+",
        text="ResponseNotFound: Unknown response http status: 304",
        reason="Every GET that is asked with If-None-Match may be answered so; few descriptions list it.",
    ),
    Deviation(
        name="a project, a version, or people, that are not for the asker to see",
        side="answer",
        where="GET /rest/api/3/(project/{projectIdOrKey}|user/viewissue/search|version/{id})",
        text="404 has a body",
        reason="Jira tells every error in a JSON body, also where the description has none.",
    ),
    Deviation(
        name="a version that nobody can give, or that is not for the asker to change",
        side="answer",
        where="PUT /rest/api/3/(issue/{issueIdOrKey}|version/{id})",
        text="40[04] has a body",
        reason="Jira tells every error in a JSON body, also where the description has none.",
    ),
    Deviation(
        name="a release date taken off, or what is none",
        side="request",
        where="PUT /rest/api/3/version/{id}",
        text="releaseDate: .*",
        reason="The description names no way to take a release date off. What is no date has to be refused.",
    ),
    Deviation(
        name="nothing to say after an edit",
        side="answer",
        where="(PUT /rest/api/3/issue/{issueIdOrKey}|DELETE /rest/api/3/issue/{issueIdOrKey}/remotelink)",
        text="MissingData: Missing response data",
        reason="A 204 never has a body (RFC 9110, 15.3.5); the description has an empty schema for it.",
    ),
    Deviation(
        name="Jira's times",
        side="answer",
        where=r"\w+ /rest/api/3/.*",
        text=r".+: '\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000' is not a 'date-time'",
        reason="Jira writes the offset without a colon, in the description's examples too.",
    ),
    Deviation(
        name="a field that was or is empty",
        side="answer",
        where="GET /rest/api/3/issue/{issueIdOrKey}(/changelog)?",
        text=r"(values|changelog/histories)/\*/items/\*/(from|to)(String)?: None "
        r"(for not nullable|is not of type 'string')",
        reason="Jira's history says null where there is no value; the description knows only texts.",
    ),
    Deviation(
        name="what a field is called in no language",
        side="answer",
        where="GET /rest/api/3/field",
        text=r".*Additional properties are not allowed \('untranslatedName' was unexpected\)",
        reason="Jira says it of the fields that people made, in the description's examples too.",
    ),
)


def sorted_out(faults: Iterable[Fault], *sides: str) -> tuple[list[Fault], list[str]]:
    """Return the faults that no deviation covers, and the deviations on ``sides`` that cover none."""
    found = set(faults)
    unknown = [fault for fault in found if not any(known.covers(fault) for known in DEVIATIONS)]
    stale = [
        known.name
        for known in DEVIATIONS
        if known.side in sides and not any(known.covers(fault) for fault in found)
    ]
    return sorted(unknown, key=str), stale
