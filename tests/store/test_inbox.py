"""The inbox: what a sender heard yes for is there once, whole, and is worked on."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from automation.model import Delivery, Subject, Trigger
from automation.model.reading import Reading
from automation.ports import LeaseLost
from automation.store import codec
from automation.store.inbox import Inbox
from automation.store.queue import LEASE_SECONDS, Queue
from automation.store.schema import deliveries
from tests.factories import ISSUE, LEE, NOW

ALL = ("delivery", "reconcile")
DELIVERY = Delivery(
    source="github",
    id="72d3162e",
    event="issues",
    body=b'{"action": "milestoned", "bytes": "\x00\xff"}',
    received_at=NOW,
    headers={"x-github-event": "issues", "content-type": "application/json"},
)


@pytest.fixture
def inbox(database) -> Inbox:
    return Inbox(database)


def test_a_delivery_comes_back_byte_for_byte(inbox) -> None:
    assert inbox.accept(DELIVERY) == [True]

    assert inbox.get(("github", "72d3162e"))[0] == DELIVERY


def test_an_accepted_delivery_has_a_job(inbox, jobs) -> None:
    inbox.accept(DELIVERY)

    job = jobs.claim(ALL)
    assert (job.kind, job.payload) == ("delivery", {"source": "github", "id": "72d3162e"})


def test_a_delivery_that_comes_twice_is_worked_on_once(inbox, jobs) -> None:
    inbox.accept(DELIVERY)

    assert inbox.accept(DELIVERY) == [False]
    assert jobs.counts() == {"ready": 1}


def test_a_repeated_delivery_does_not_change_the_first(inbox) -> None:
    inbox.accept(DELIVERY)
    inbox.accept(replace(DELIVERY, body=b"{}"))

    assert inbox.get(("github", "72d3162e"))[0].body == DELIVERY.body


def test_the_same_id_from_another_source_is_another_delivery(inbox, jobs) -> None:
    inbox.accept(DELIVERY)

    assert inbox.accept(replace(DELIVERY, source="jira")) == [True]
    assert jobs.counts() == {"ready": 2}


def test_of_two_that_come_at_once_one_is_new(open_database) -> None:
    inboxes = [Inbox(open_database()) for _ in range(4)]
    answers: list[list[bool]] = []
    threads = [
        threading.Thread(target=lambda inbox: answers.append(inbox.accept(DELIVERY)), args=(inbox,))
        for inbox in inboxes
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(answers) == [[False], [False], [False], [True]]


def test_a_delivery_whose_job_cannot_be_stored_was_not_accepted(database, inbox) -> None:
    """Else the sender's next attempt would count as a repetition, and nobody would work on it."""
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE jobs RENAME TO elsewhere")

    with pytest.raises(SQLAlchemyError):
        inbox.accept(DELIVERY, *of("another"))

    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO jobs")
    assert inbox.accept(*of("another"), DELIVERY) == [True, True]


def of(*ids: str) -> list[Delivery]:
    return [replace(DELIVERY, id=id) for id in ids]


def put(jobs: Queue) -> list[str]:
    found = []
    while (job := jobs.claim(ALL)) is not None:
        found.append(job.payload["id"])
    return found


def test_of_many_each_hears_whether_it_is_new_and_has_a_job_if_so(inbox, jobs) -> None:
    inbox.accept(*of("b"))

    assert inbox.accept(*of("c", "b", "a", "c")) == [True, False, True, False]
    assert sorted(put(jobs)) == ["a", "b", "c"]


def test_of_two_with_one_id_among_many_the_first_is_kept(inbox) -> None:
    inbox.accept(DELIVERY, replace(DELIVERY, body=b"{}"))

    assert inbox.get(("github", "72d3162e"))[0] == DELIVERY


def test_many_that_were_all_seen_before_add_nothing(inbox, jobs) -> None:
    inbox.accept(*of("a", "b"))

    assert inbox.accept(*of("a", "b")) == [False, False]
    assert jobs.counts() == {"ready": 2}


def test_machines_with_the_same_deliveries_do_not_wait_for_each_other_in_a_circle(open_database) -> None:
    ids = [f"{number:03}" for number in range(200)]
    orders = (ids, ids[::-1])
    heard: dict[int, list[bool]] = {}

    def accept(number: int, inbox: Inbox) -> None:
        heard[number] = inbox.accept(*of(*orders[number]))

    threads = [threading.Thread(target=accept, args=(n, Inbox(open_database()))) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(heard[0] + heard[1][::-1]) == 200 * [False] + 200 * [True]


def test_an_unknown_delivery_is_said_to_be_unknown(inbox) -> None:
    with pytest.raises(LookupError, match="no delivery 72d3162e from github"):
        inbox.get(("github", "72d3162e"))


# ---------------------------------------------------------------- read


OTHER = Subject("github", "issue", "acme/shop#13")


@pytest.fixture
def job(inbox, jobs):
    inbox.accept(DELIVERY)
    return jobs.claim(ALL)


def looks(jobs: Queue) -> list[tuple[str, tuple[Trigger, ...]]]:
    found = []
    while (job := jobs.claim(("reconcile",))) is not None:
        found.append((job.payload["subject"], codec.triggers_from_json(job.payload["triggers"])))
    return found


def test_each_subject_is_looked_at_once_with_all_that_points_at_it(inbox, jobs, job) -> None:
    first = Trigger(ISSUE, "milestoned", LEE, NOW)
    second = Trigger(ISSUE, "commented", comment="c1")
    elsewhere = Trigger(OTHER, "milestoned")

    inbox.read(jobs, (job, DELIVERY, Reading.of(first, elsewhere, second)))

    assert looks(jobs) == [(str(ISSUE), (first, second)), (str(OTHER), (elsewhere,))]


def test_looks_of_one_subject_follow_each_other(inbox, jobs, job) -> None:
    inbox.read(jobs, (job, DELIVERY, Reading.of(Trigger(ISSUE, "milestoned"))))
    inbox.accept(replace(DELIVERY, id="the next"))
    inbox.read(jobs, (jobs.claim(ALL), DELIVERY, Reading.of(Trigger(ISSUE, "demilestoned"))))

    assert len(looks(jobs)) == 1


def test_how_it_was_read_is_kept_and_its_job_done(database, inbox, jobs, job, clock) -> None:
    inbox.read(jobs, (job, DELIVERY, Reading.ignored("a ping")))

    with database.read() as connection:
        kept = connection.execute(select(deliveries.c.reading, deliveries.c.reason)).one()
    assert tuple(kept) == ("ignored", "a ping")
    clock.forward(LEASE_SECONDS + 1)
    assert jobs.claim(ALL) is None


def test_whoever_lost_the_job_puts_no_looks(inbox, jobs, job, take_over) -> None:
    assert take_over()

    with pytest.raises(LeaseLost):
        inbox.read(jobs, (job, DELIVERY, Reading.of(Trigger(ISSUE, "milestoned"))))

    assert looks(jobs) == []
