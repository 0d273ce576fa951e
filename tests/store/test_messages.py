"""Messages between subjects are committed with their sender's transaction, in order, each once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.model import CARRIER, CarrierMove, CarrierState, Mode, Place, Plan, Subject, Trigger
from automation.ports import MOST_DEPTH, LeaseLost
from automation.store import queue
from automation.store.state import States
from tests.factories import ISSUE, MONA, NOW, SPRING

SPRING_RELEASE = Subject("github", CARRIER, "acme/shop#2")
KNOWN = CarrierState(SPRING_RELEASE)
MOVED = replace(KNOWN, value=SPRING, moves=(CarrierMove(SPRING, NOW, MONA),))
NEWS = tuple(Trigger(ISSUE, CARRIER, at=NOW.replace(minute=minute)) for minute in (1, 2))


@pytest.fixture
def states(database) -> States:
    return States(database)


@pytest.fixture
def send(database, jobs, states):
    """Commit a look at the carrier that tells the issue so much; ``depth`` messages led to it."""

    def send_(after=MOVED, before=KNOWN, messages=NEWS, depth=0, cause="github:1"):
        payload = {"subject": str(SPRING_RELEASE), "triggers": "[]", "depth": depth}
        job = queue.new("reconcile", payload, str(SPRING_RELEASE), cause=cause)
        with database.write() as connection:
            queue.put(connection, job)
        claimed = jobs.claim(("reconcile",))
        states.commit(jobs, claimed, before, Plan(after, messages=messages), Mode.ENFORCE, "digest")

    return send_


def heard(states) -> list[int]:
    return [trigger.at.minute for trigger in states.heard(ISSUE) if trigger.at]


def test_messages_are_looks_with_the_cause_of_their_sender_in_the_order_they_were_sent(
    send, states, jobs
) -> None:
    send()

    assert states.carrier(SPRING_RELEASE) == replace(MOVED, version=1)
    assert heard(states) == [1, 2]
    job = jobs.claim(("reconcile",))
    assert (job.payload["subject"], job.cause, job.payload["depth"]) == (str(ISSUE), "github:1", 1)


def test_where_somebody_else_was_faster_neither_the_state_nor_a_message_is_there(send, states) -> None:
    send()

    with pytest.raises(LeaseLost):
        send(before=KNOWN, cause="github:2")

    assert heard(states) == [1, 2] and states.carrier(SPRING_RELEASE).version == 1


def test_the_same_message_of_the_same_look_is_put_once(send, states) -> None:
    known = states.carrier(SPRING_RELEASE)
    send(after=known, before=known)
    send(after=known, before=known)

    assert heard(states) == [1, 2]


def test_subjects_that_answer_each_other_for_ever_are_stopped_where_people_see_it(send, states, jobs) -> None:
    send(depth=MOST_DEPTH)

    assert heard(states) == [] and jobs.counts() == {"parked": 1}


def test_a_place_hands_on_what_it_hears_at_each_delivery(states, jobs, send) -> None:
    place = Place(Subject("github", "place", "acme/shop"))
    public = (Trigger(ISSUE, "public"),)
    send(after=place, before=place, messages=public, cause="github:1")
    send(after=place, before=place, messages=public, cause="github:2")

    assert [trigger.what for trigger in states.heard(ISSUE)] == ["public", "public"]
