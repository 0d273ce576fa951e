"""Read Jira's webhooks: which issue to look at, and who caused it. Pure.

https://developer.atlassian.com/cloud/jira/platform/webhooks/
https://developer.atlassian.com/server/jira/platform/webhooks/
A payload is a hint. It can make us look, it can never make us do more than the truth allows.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from automation.adapters.jira import adf_text, wiki_text
from automation.adapters.jira.answers import person_or_none, project_of
from automation.adapters.jira.changed_fields import DUE, answers_by, is_deadline, is_of, names_of, not_yet
from automation.adapters.jira.deadlines import read
from automation.adapters.jira.releases import NAMES as VERSIONS
from automation.adapters.jira.releases import release
from automation.adapters.jira.versions import CLOUD, DATA_CENTER
from automation.adapters.shapes import Malformed, at, epoch_millis, instant_or_none, many, text, text_or_empty
from automation.domain.commands import LONGEST_LINE, heard
from automation.domain.fields import DUEDATE, FIX_VERSIONS, date_field, folded
from automation.model import CARRIER, KnownPlaces, Located, Person, Subject, Trigger, Way
from automation.model.reading import Reading
from automation.text.markdown import clean

FOLLOWED = frozenset({"summary", "description", "status", "resolution"})
"""The fields whose change makes us look, beside the deadline fields."""
NAMES = {
    name.lower(): field.id.lower()
    for field in (DUEDATE, FIX_VERSIONS)
    for name in (field.label, *field.aliases)
}
"""What people call fields that go by their id in a payload."""

LOOK = frozenset({"jira:issue_created", "jira:issue_updated", "jira:issue_deleted"})
OLD = frozenset({"comment_updated", "comment_deleted", "issue_comment_edited", "issue_comment_deleted"})
"""What happens to a comment later: only words as first written can be a command."""

MOVED = frozenset({"project", "key"})
"""What changes when an issue moves to another project."""

GONE = frozenset({"comment_deleted", "issue_comment_deleted"})
PARTS = {"summary": "title", "description": "body", **dict.fromkeys(VERSIONS, FIX_VERSIONS.id)}

VERSION = "jira:version_"
NOT_YET = ("issuelink_",)
"""Beginnings of the events that move a link on Jira but are not handled so far."""

_NEW_LINE = re.compile(r"\r|\n|\\\\")
_MENTION = re.compile(r"\[~([^\[\]|\n]{1,200})\]")
_LINK = re.compile(r"\[([^\[\]|\n]{1,500})(?:\|[^\[\]\n]{0,2000})?\]")
_MARKUP = re.compile(r"\{[a-z*_+^~-][^{}\n]{0,100}\}|\{[*_+^~-]\}|[*_+^~?\\\0\1]", re.IGNORECASE)
"""What may stand in a line without being seen. Nothing here looks beyond its line: else a comment of empty
lines would keep the whole process busy."""


NOWHERE = KnownPlaces()


def triggers(
    body: Mapping[str, object],
    projects: frozenset[str],
    deals_project: str,
    known: KnownPlaces = NOWHERE,
    dates: Collection[str] = DUE,
    texts: Collection[str] = (),
    ways: Collection[Way] = (),
) -> Reading:
    """Read one delivery. ``projects`` are the keys of the configured ones, ``known`` what those are called
    by now, ``deals_project`` is the key of the one that holds the deals, ``dates`` what the rules call the
    deadline fields, and ``texts`` the fields for what users said: their ids, or names; ``ways`` how
    people may answer beside words. Never raises for what a body holds."""
    named = frozenset(NAMES.get(name.lower(), name.lower()) for name in dates)
    ours = _Projects(projects, deals_project, known)
    event = text_or_empty(body, "webhookEvent") or text_or_empty(body, "issue_event_type_name")
    if event.startswith("issue_") and event not in OLD:
        event = "jira:issue_created" if event == "issue_created" else "jira:issue_updated"
    if event in OLD and (event not in GONE or at(body, "issue") is None):
        return Reading.ignored("a comment that was changed or removed gives no command")
    if event.startswith(NOT_YET):
        return Reading.unsupported(f"{clean(event, 100)} is not handled yet")
    try:
        if event.startswith(VERSION):
            return _of_version(event.removeprefix(VERSION), body, ours, named)
        if event in LOOK:
            answers = frozenset(map(folded, texts))
            return replace(_of_issue(event, body, ours, named, answers, ways), place=_place(body))
        if event == "comment_created" or event in GONE:
            what = "gone" if event in GONE else "comment"
            return replace(_of_comment(body, ours, what), place=_place(body))
    except Malformed as error:
        return Reading.malformed(f"{event}: {error}")
    if not event:
        return Reading.malformed("webhookEvent is missing or not what it should be")
    return Reading.unsupported(f"events named {clean(event, 100)} are not handled")


@dataclass(frozen=True, slots=True)
class _Projects:
    """Those in the rules, that of the deals, and what is known of their keys."""

    configured: frozenset[str]
    deals: str
    known: KnownPlaces


def _of_issue(
    event: str,
    body: Mapping[str, object],
    projects: _Projects,
    dates: frozenset[str],
    texts: frozenset[str],
    ways: Collection[Way],
) -> Reading:
    subject = _subject(body, projects)
    if isinstance(subject, Reading):
        return subject
    found = []
    if event == "jira:issue_deleted":
        return Reading.of(Trigger(subject, "gone", _actor(body, "user"), _when(body)))
    items = _items(body) if event == "jira:issue_updated" else None
    if event != "jira:issue_updated" or _followed(body, items, dates, texts):
        updated = instant_or_none(body, "issue.fields.updated")
        changed = ("title", "body") if event == "jira:issue_created" else _changed(body, dates)
        actor = _actor(body, "user")
        shows = _shown(body, items)
        found.append(
            Trigger(subject, "issue", actor, _when(body), updated=updated, changed=changed, shows=shows)
        )
    if any(answers_by(item, ways) for item in items or ()):
        updated = instant_or_none(body, "issue.fields.updated")
        found.append(Trigger(subject, "label", _actor(body, "user"), _when(body), updated=updated))
    # Data Center reports a new comment like this too, alone or together with an edit.
    if at(body, "comment") is not None and text_or_empty(body, "issue_event_type_name") not in OLD:
        found += _commands(body, subject)
    if found:
        return Reading.of(*found)
    later = not_yet(items or [])
    return Reading.unsupported(later) if later else Reading.ignored("nothing that is followed has changed")


def _of_version(what: str, body: Mapping[str, object], projects: _Projects, dates: frozenset[str]) -> Reading:
    """A version that gets another release date takes its issues along, and one that is deleted, or merged
    into another, leaves them: no delivery about an issue says so, and nothing who did it.
    https://developer.atlassian.com/cloud/jira/platform/webhooks/"""
    if FIX_VERSIONS.id.lower() not in dates:
        return Reading.unsupported("fix versions are not among deadline_fields in the rules: not handled yet")
    if what in ("created", "moved"):
        return Reading.ignored("nothing stands on a version by its being made, or by its place among others")
    version = release(at(body, "version"))
    project = str(at(body, "version.projectId") or "")
    key = f"{projects.known.names.get(project, project).upper()}#{version.id}"
    subject, when = Subject("jira", CARRIER, version.id, key), _when(body)
    if what == "deleted":
        return Reading.of(Trigger(subject, "gone", None, when))
    return Reading.of(Trigger(subject, "moved", None, when, changed=("releaseDate",), held=version.value))


def _of_comment(body: Mapping[str, object], projects: _Projects, what: str) -> Reading:
    if at(body, "issue") is None:
        # Whether it is there is documented nowhere. An issue that is known by its number only would be
        # another subject than the same issue known by its key, so it is said, and not guessed.
        return Reading.unsupported(
            "this comment event does not say of which issue; in Jira's webhook settings, tick "
            "“Issue: updated” as well, which reports new comments together with their issue"
        )
    subject = _subject(body, projects)
    if isinstance(subject, Reading):
        return subject
    found = [replace(trigger, what=what) for trigger in _commands(body, subject)]
    return Reading.of(*found) if found else Reading.ignored("a comment without a command")


def _subject(body: Mapping[str, object], projects: _Projects) -> Subject | Reading:
    """Return the issue, or why it is none of ours. One that is elsewhere may have been ours, and is looked
    for then: an issue that moves keeps its id."""
    key = text(body, "issue.key").upper()
    place = _place(body)
    if not place:
        raise Malformed("issue.key")
    subject = Subject("jira", "issue", text(body, "issue.id"), key)
    if projects.known.named(place, projects.configured):
        return subject
    moved = Trigger(subject, "moved", _actor(body, "user"), _when(body))
    if place.name == projects.deals:
        return replace(
            Reading.ignored("about a deal: deals are read when they are needed"), triggers=(moved,)
        )
    now = projects.known.taken_from(place, projects.configured)
    meant = f"in the rules means the project that is called {now} now" if now else ""
    return Reading.refused(
        f"{place.name[:200]} {meant or 'is not among the Jira projects in the rules'}", moved
    )


def _place(body: Mapping[str, object]) -> Located | None:
    """Return the project; its id is not said in each delivery."""
    project = project_of(text_or_empty(body, "issue.key").upper())
    return Located(text_or_empty(body, "issue.fields.project.id"), project) if project else None


def _items(body: Mapping[str, object]) -> list[object] | None:
    """Return what an event says has changed; None where it does not say, which is no fault."""
    return None if at(body, "changelog.items") is None else many(body, "changelog.items")


def _followed(
    body: Mapping[str, object], items: list[object] | None, dates: frozenset[str], texts: frozenset[str]
) -> bool:
    """Tell whether a followed field changed. Where it is not said what changed, we look."""
    if not items:
        return at(body, "comment") is None  # an event that is about a comment says so
    fields = {name for item in items for name in names_of(item)[:1]}
    if fields & (FOLLOWED | MOVED) or not all(map(names_of, items)):
        return True
    return any(is_deadline(item, dates) or any(is_of(item, one) for one in texts) for item in items)


def _changed(body: Mapping[str, object], dates: frozenset[str]) -> tuple[str, ...]:
    """Return what the changelog says was changed, of what is followed, by its id."""
    found = at(body, "changelog.items")
    items = found if isinstance(found, list) else []
    names = {name for item in items for name in names_of(item)[:1]} & FOLLOWED
    names |= {names_of(item)[0] for item in items if names_of(item) and is_deadline(item, dates)}
    return tuple(PARTS.get(name, name) for name in sorted(names))


def _commands(body: Mapping[str, object], subject: Subject) -> list[Trigger]:
    """Return a trigger for the comment if a line of it may be a command."""
    written = at(body, "comment.body")
    # Webhooks carry wiki text, also from Cloud, whose API tells better how it was written.
    lines = _seen(written) if isinstance(written, str) else adf_text.command_lines(written, lambda _: True)
    if not heard(lines, "jira", anybody=True):
        return []
    comment = text(body, "comment.id")
    return [Trigger(subject, "comment", _actor(body, "comment.author"), _when(body), comment)]


def _seen(wiki: str) -> Iterator[str]:
    """Yield what may be seen of each line: more lines than will turn out to be commands, never fewer."""
    for line in _NEW_LINE.split(wiki[: 4 * wiki_text.LONGEST]):
        yield _MARKUP.sub("", _LINK.sub(r"\1", _MENTION.sub("@x", line))).strip()[:LONGEST_LINE]


def _shown(body: Mapping[str, object], items: list[object] | None) -> str | None:
    """Return what the issue holds, in a delivery, in the deadline field of whose change it tells; None where
    it tells of others as well, or names the field by no id."""
    ids = {PARTS.get(name, name) for item in items or () for name in names_of(item)[:1]}
    id = ids.pop() if len(ids) == 1 else ""
    field = next((one for one in (DUEDATE, FIX_VERSIONS) if one.id == id), None)
    if id.startswith("customfield_"):
        field = date_field(id, DUEDATE.system, id, moment="T" in text_or_empty(body, f"issue.fields.{id}"))
    try:
        held = read(at(body, "issue"), [field], UTC).get(id) if field else None
    except Malformed:
        return None
    return held.ref if held is not None else None


def _actor(body: Mapping[str, object], path: str) -> Person | None:
    """Return who caused the delivery; a hint too, so its absence is no fault."""
    return person_or_none(body, path, CLOUD) or person_or_none(body, path, DATA_CENTER)


def _when(body: Mapping[str, object]) -> datetime | None:
    """Read the time of an event: milliseconds since 1970."""
    return epoch_millis(body, "timestamp")
