"""The fields of a Jira site, and which of them a name in the rules means.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-fields/#api-rest-api-3-field-get
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from automation.adapters.errors import unreadable
from automation.adapters.field_names import AGAIN, LONGEST_LABEL, MINUTES, Misnamed
from automation.adapters.jira.connection import Connection
from automation.adapters.jira.versions import CLOUD
from automation.adapters.shapes import Malformed, at, text, text_or_empty
from automation.domain.fields import folded
from automation.ports.recent import Recent
from automation.text.markdown import clean

RENAME = "Jira Data Center keeps no ids in its history, so give them different names there."
MOST_LISTED = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of fields (``date``) that the rules name under ``setting``: those that it ``fits``. ``other``
    says of one that it does not fit what it is instead."""

    kind: str
    setting: str
    fits: Callable[[object], bool]
    other: Callable[[object], str]


class SiteFields:
    """All fields of a site, remembered for ten minutes."""

    def __init__(self, jira: Connection) -> None:
        self._jira = jira
        self._known: Recent[str, list[object]] = Recent(MINUTES, jira.clock)

    def meant(self, name: str, wanted: Wanted) -> object:
        """Return the field that is called so, by its id or its name. Raise Misnamed, saying what to do, where
        none is that is wanted, or several are."""
        key, every = folded(name), self._known.get("", self._ask)
        same_id = [one for one in every if text_or_empty(one, "id").lower() == key]
        alike = same_id or [one for one in every if key in _names(one)]
        found = [one for one in alike if wanted.fits(one)]
        if len(found) > 1:
            several = f"Jira has {len(found)} {wanted.kind} fields called “{name}”: {_ids(found)}."
            hint = f"Write the id of the one you mean under {wanted.setting} in the rules."
            raise Misnamed(f"{several} {hint}", AGAIN)
        if not found:
            raise Misnamed(_unknown(name, wanted, alike, every), AGAIN)
        label = text_or_empty(found[0], "name")
        twins = [other for other in every if folded(text_or_empty(other, "name")) == folded(label)]
        if self._jira.version != CLOUD and len(twins) > 1:
            # Its history has no ids: what happened to the one could not be told from what did to the other.
            raise Misnamed(f"Jira has {len(twins)} fields called “{label}”: {_ids(twins)}. {RENAME}", AGAIN)
        return found[0]

    def _ask(self) -> list[object]:
        answer = self._jira.call("GET", "field")
        if not isinstance(answer, list):
            raise unreadable("Jira: GET field") from Malformed("a list of fields")
        return [one for one in answer if at(one, "id")]


def _unknown(name: str, wanted: Wanted, alike: Sequence[object], every: Iterable[object]) -> str:
    said = f"“{name}” under {wanted.setting} in the rules is no"
    if alike:
        return f"{said} {wanted.other(alike[0])}"
    there = [
        f"{clean(text_or_empty(one, 'name'), LONGEST_LABEL)} ({text(one, 'id')})"
        for one in every
        if wanted.fits(one)
    ]
    listed = (
        f" {wanted.kind.capitalize()} fields there are: {', '.join(there[:MOST_LISTED])}." if there else ""
    )
    return f"{said} field of Jira's that Handshake's account can see.{listed}"


def _names(one: object) -> set[str]:
    """Return what a field is called: in the account's language, and as it was made."""
    return {folded(text_or_empty(one, key)) for key in ("name", "untranslatedName")} - {""}


def _ids(fields: Iterable[object]) -> str:
    return ", ".join(text(one, "id") for one in fields)
