"""The checks after a crash find what they are there to find."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from automation.model import Delivery
from automation.sandbox import Sandbox, sandbox
from automation.store.database import Database
from automation.store.inbox import Inbox
from tests.crash import checks, stories, workload
from tests.crash.checks import Books
from tests.crash.processes import BOT
from tests.crash.stories import Story


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        stories.people(box)
        yield box


@pytest.fixture
def story(box: Sandbox) -> Story:
    """Sam has linked the deal, and Handshake has told both sides."""
    [made] = stories.tell(box, (0, 1), random.Random(1))
    made.go_on()
    made.place.comment(BOT, "Dates here now wait for product\n\nThere is no date yet.")
    made.deal_place.comment(BOT, "Single sign-on 1: not planned yet")
    box.jira.as_user(BOT).edit(made.place.key, add_labels=("customer-request",))
    return made


@pytest.fixture
def books(tmp_path: Path) -> Books:
    """A database that holds one delivery, which nobody has read."""
    url = f"sqlite:///{tmp_path}/handshake.db"
    with closing(Database(url)) as database:
        Inbox(database).accept(Delivery("github", "stored", "issues", b"{}", datetime.now(UTC), {}))
    return Books(url)


def test_a_story_that_was_told_well_misses_nothing(story: Story) -> None:
    assert story.missing() == []


def test_a_doubled_comment_is_found(story: Story) -> None:
    story.deal_place.comment(BOT, "Single sign-on 1: not planned yet")

    assert story.missing() == ["deal: doubled 'Single sign-on 1: not planned yet'"]


def test_a_comment_that_nobody_expects_is_found(story: Story) -> None:
    story.place.comment(BOT, "Something else")

    assert story.missing() == ["issue: unexpected 'Something else'"]


def test_a_missing_comment_is_found(story: Story) -> None:
    story.place.ask("lee", stories.SPRING)
    story.done = 2

    assert [line.partition(" ")[0] for line in story.missing()] == ["issue:", "deal:", "stands"]


def test_an_overwritten_edit_is_found(box: Sandbox, story: Story) -> None:
    crowd = workload.crowd(box, (1, 1))
    assert checks.overwritten(box, [story], crowd) == []

    story.place.edit(BOT, body="Something else")
    [number] = crowd.github
    box.github.as_user(BOT).comment(stories.REPO, number, "Hello.")

    assert len(checks.overwritten(box, [story], crowd)) == 2


def test_a_lost_delivery_and_an_unread_one_are_found(books: Books) -> None:
    assert books.lost({("github", "gone")}) == [
        "acknowledged and lost: github gone",
        "never read: github stored",
    ]


def test_a_forged_delivery_that_was_stored_is_found(books: Books) -> None:
    assert books.stored({("github", "stored"), ("github", "other")}) == [
        "stored though not genuine: github stored"
    ]


def test_a_job_that_is_left_is_found(books: Books) -> None:
    assert not books.standing().at_rest
    assert books.left_over() == ["ready delivery: "]


def test_an_intact_file_has_no_damage(books: Books) -> None:
    assert books.damage() == []
