"""Messages between subjects are committed with their sender's transaction, in order, each once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.model import CARRIER, CarrierMove, CarrierState, Mode, Place, Plan, Subject, Trigger
from automation.ports import MOST_DEPTH, LeaseLost
from automation.store import queue
from automation.store.inbox import put_reconciles
from automation.store.messages import depth_of
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
def look(database, jobs, states):
    """Take up a look at a subject, and return what commits it; ``depth`` messages led to it."""

    def look_(subject=SPRING_RELEASE, cause="github:1", depth=0):
        payload = {"subject": str(subject), "triggers": "[]", "depth": depth}
        with database.write() as connection:
            queue.put(connection, queue.new("reconcile", payload, cause=cause))
        job = jobs.claim(("reconcile",))

        def commit(after=MOVED, before=KNOWN, messages=NEWS):
            states.commit(jobs, job, before, Plan(after, messages=messages), Mode.ENFORCE, "digest")

        return commit

    return look_


def heard(states) -> list[int]:
    return [trigger.at.minute for trigger in states.begin(ISSUE).heard if trigger.at]


def test_messages_are_looks_with_the_cause_of_their_sender_in_the_order_they_were_sent(
    look, states, jobs
) -> None:
    look()()

    assert states.carrier(SPRING_RELEASE) == replace(MOVED, version=1)
    assert heard(states) == [1, 2]
    job = jobs.claim(("reconcile",))
    assert (job.payload["subject"], job.cause, job.payload["depth"]) == (str(ISSUE), "github:1", 1)


def test_where_somebody_else_was_faster_neither_the_state_nor_a_message_is_there(look, states) -> None:
    first, second = look(), look(cause="github:2")
    first()

    with pytest.raises(LeaseLost):
        second()

    assert heard(states) == [1, 2] and states.carrier(SPRING_RELEASE).version == 1


def test_the_same_message_of_the_same_look_is_put_once(look, states) -> None:
    known = states.carrier(SPRING_RELEASE)
    for commit in (look(), look()):
        commit(known, known)

    assert heard(states) == [1, 2]


def test_subjects_that_answer_each_other_for_ever_are_stopped_where_people_see_it(look, states, jobs) -> None:
    look(depth=MOST_DEPTH)()

    assert heard(states) == [] and jobs.counts() == {"parked": 1}


def test_a_place_hands_on_what_it_hears_at_each_delivery(look, states) -> None:
    place = Place(Subject("github", "place", "acme/shop"))
    for commit in (look(place.subject), look(place.subject, cause="github:2")):
        commit(place, place, (Trigger(ISSUE, "public"),))

    assert [trigger.what for trigger in states.begin(ISSUE).heard] == ["public", "public"]


def test_what_is_folded_counts_as_deep_as_the_deepest(database, jobs) -> None:
    with database.write() as connection:
        put_reconciles(connection, (Trigger(ISSUE, "issue"),), cause="github:a")
        put_reconciles(connection, (Trigger(ISSUE, "carrier"),), cause="github:b", depth=5)

    [job] = jobs.claim_several(("reconcile",), 8)

    assert (depth_of(job), len(job.folded)) == (5, 1)
