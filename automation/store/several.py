"""What is known of many issues at once, as far as it is about a date that they share: by few questions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, select

from automation.model import IssueState, Subject, Told
from automation.store import codec
from automation.store.schema import issues, links, naming, proposals, told
from automation.store.schema import subjects as names

MOST_AT_ONCE = 200
"""Issues that are asked for at once."""
_ISSUES = (
    select(issues, names.c.key.label("called"))
    .select_from(issues.outerjoin(names, names.c.subject == issues.c.subject))
    .where(issues.c.subject.in_(bindparam("subjects", expanding=True)))
    .order_by(issues.c.subject)
)


def load(connection: Connection, subjects: Sequence[Subject]) -> tuple[IssueState, ...]:
    """Return what is known of the dates of issues, their deals, what these were told, what is asked, what
    the issues are called, and what their users said."""
    found: list[IssueState] = []
    for start in range(0, len(subjects), MOST_AT_ONCE):
        found += _some(connection, [str(subject) for subject in subjects[start : start + MOST_AT_ONCE]])
    return tuple(found)


def _some(connection: Connection, keys: Sequence[str]) -> Iterator[IssueState]:
    linked, asked = _rows(connection, links, keys), _rows(connection, proposals, keys)
    named, said = _rows(connection, naming, keys), _rows(connection, told, keys)
    for row in connection.execute(_ISSUES, {"subjects": keys}).all():
        key = row.subject
        subject = Subject.parse(key)
        found = (codec.link.validate_json(one.link_json) for one in linked[key])
        wishes = (codec.proposal.validate_json(one.proposal_json) for one in asked[key])
        yield IssueState(
            subject=replace(subject, key=row.called) if row.called else subject,
            version=row.version,
            fields=codec.fields.validate_json(row.fields_json),
            links=tuple(sorted(found, key=lambda link: link.at)),
            proposals=tuple(sorted(wishes, key=lambda wish: wish.asked_at)),
            words=codec.words.validate_json(row.words_json),
            name=next((one.name for one in named[key]), ""),
            users=next((codec.contacts.validate_json(one.users_json) for one in named[key]), ()),
            problems=next((codec.problems.validate_json(one.problems_json) for one in named[key]), ()),
            told={(Subject.parse(one.deal), one.field): _told(one) for one in said[key]},
            away=bool(row.away),
        )


def _told(row: Row[Any]) -> Told:
    return Told(codec.value.validate_json(row.value_json), bool(row.rechecking))


def _rows(connection: Connection, table: Table, keys: Sequence[str]) -> dict[str, list[Row[Any]]]:
    found = defaultdict[str, list[Row[Any]]](list)
    for row in connection.execute(select(table).where(table.c.subject.in_(keys))):
        found[row.subject].append(row)
    return found
