"""What must be true in the end, in the database and on the sandbox; each check returns what is wrong."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Engine, NullPool, create_engine, func, select, text
from sqlalchemy.engine import make_url

from automation.sandbox import Sandbox
from automation.sandbox.jira_nouns import document
from automation.store.schema import deliveries, effects, jobs
from tests.crash.processes import BOT
from tests.crash.stories import REPO, Story
from tests.crash.workload import Crowd


@dataclass(frozen=True)
class Standing:
    """The jobs that are left, by state; ``due`` are those to be done now, and those to be tried again.
    What is scheduled for later has not been tried."""

    due: int
    running: int
    parked: int

    @property
    def at_rest(self) -> bool:
        return not self.due and not self.running


class Books:
    """The service's database, read by somebody else, who opens it anew each time and never writes:
    a crash must find it as the service left it."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._engine = _reader(url)

    def standing(self) -> Standing:
        count = select(func.count()).select_from(jobs)
        with self._engine.connect() as connection:
            due = count.where(jobs.c.state == "ready", _unfinished())
            return Standing(
                connection.scalar(due) or 0,
                connection.scalar(count.where(jobs.c.state == "running")) or 0,
                connection.scalar(count.where(jobs.c.state == "parked")) or 0,
            )

    def owners(self) -> set[str]:
        """Return who holds jobs."""
        with self._engine.connect() as connection:
            return set(connection.scalars(select(jobs.c.owner).where(jobs.c.state == "running")))

    def lost(self, acknowledged: Collection[tuple[str, str]]) -> list[str]:
        """Name what was acknowledged and is not stored, or stored and not read."""
        columns = deliveries.c.source, deliveries.c.id, deliveries.c.reading
        with self._engine.connect() as connection:
            read = {(row.source, row.id): row.reading for row in connection.execute(select(*columns))}
        lost = [f"acknowledged and lost: {source} {id}" for source, id in set(acknowledged) - set(read)]
        unread = [f"never read: {source} {id}" for (source, id), reading in read.items() if not reading]
        return lost + unread

    def stored(self, among: Collection[tuple[str, str]]) -> list[str]:
        """Name those that are stored though they must not be."""
        with self._engine.connect() as connection:
            known = {(row.source, row.id) for row in connection.execute(select(deliveries))}
        return [f"stored though not genuine: {source} {id}" for source, id in known & set(among)]

    def left_over(self) -> list[str]:
        """Name jobs that are neither done nor scheduled, and effects that were given up."""
        columns = jobs.c.kind, jobs.c.state, jobs.c.error
        unfinished = (jobs.c.state != "ready") | _unfinished()
        with self._engine.connect() as connection:
            left = [
                f"{row.state} {row.kind}: {row.error}"
                for row in connection.execute(select(*columns).where(unfinished))
            ]
            given_up = select(effects.c.subject, effects.c.text).where(effects.c.state == "given up")
            left += [f"given up on {row.subject}: {row.text}" for row in connection.execute(given_up)]
        return left

    def damage(self) -> list[str]:
        """https://www.sqlite.org/pragma.html#pragma_integrity_check"""
        if self._engine.dialect.name != "sqlite":
            return []
        with self._engine.connect() as connection:
            whole = [str(row[0]) for row in connection.execute(text("PRAGMA integrity_check"))]
            astray = connection.execute(text("PRAGMA foreign_key_check")).all()
        return [*(line for line in whole if line != "ok"), *(f"no parent: {row}" for row in astray)]


def _unfinished() -> ColumnElement[bool]:
    return (jobs.c.due_at <= time.time()) | (jobs.c.tries > 0)


def _reader(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return create_engine(f"sqlite:///file:{parsed.database}?mode=ro&uri=true", poolclass=NullPool)
    return create_engine(parsed.set(drivername="postgresql+psycopg"), poolclass=NullPool)


def of_stories(stories: Sequence[Story]) -> list[str]:
    """Name what people did not get to see, saw twice, or see otherwise than it must end."""
    found = []
    for story in stories:
        name = f"{story.place.key} ({story.script})"
        if story.done < len(story.steps):
            found.append(f"{name}: came to step {story.done} of {len(story.steps)} only")
        found += [f"{name}: {problem}" for problem in story.missing()]
    return found


def overwritten(box: Sandbox, stories: Sequence[Story], crowd: Crowd) -> list[str]:
    """Name what people wrote and is not there any more, and what was written where nothing concerns us."""
    found = [f"{story.place.key} was rewritten" for story in stories if not _as_written(box, story)]
    for n, body in crowd.github.items():
        issue = box.github.issue(REPO, n)
        if issue.body != body or set(issue.labels) != {"bug"} or issue.milestone:
            found.append(f"{REPO}#{n} was changed")
        if any(comment.author.login == BOT for comment in box.github.comments(REPO, n)):
            found.append(f"{REPO}#{n} was commented")
    for key, body in crowd.jira.items():
        asked = box.jira.issue(key)
        if asked.description != document(body) or set(asked.labels) != {"bug"} or asked.duedate:
            found.append(f"{key} was changed")
        if any(comment.author.name == BOT for comment in box.jira.comments(key)):
            found.append(f"{key} was commented")
    return found


def _as_written(box: Sandbox, story: Story) -> bool:
    repo, _, number = story.place.key.partition("#")
    if number:
        return box.github.issue(repo, int(number)).body == story.body
    return box.jira.issue(repo).description == document(story.body)
