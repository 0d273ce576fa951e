"""The desk: what is not done, why, another try that repeats nothing, and an end to what cannot be helped."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from automation.domain.snapshot import collect_receipts
from automation.model import Delivery, Effect, IssueState, Pending, Plan, Receipt, SetLabel, Trigger
from automation.model.reading import Reading
from automation.ports import DONE, GIVEN_UP, READ_LAG, Ending, Job
from automation.store import queue
from automation.store.deliveries import Desk, Item, NotFound
from automation.store.inbox import Inbox
from automation.store.outbox import Outbox, add_effects
from automation.store.schema import effects
from automation.store.state import States
from tests.factories import ISSUE, NOW, SPRING, effect, say, state

WRITES = ("set", "tell")
A, B = "72d3162e-cc78-11e3-81ab-4c9367dc0958", "72d3162e-ffff-11e3-81ab-4c9367dc0958"


OURS = Reading.of(Trigger(ISSUE, "labeled"))
TWO = Reading.of(*OURS.triggers, Trigger(replace(ISSUE, id="acme/shop#13", key="acme/shop#13"), "labeled"))


@pytest.fixture
def desk(database) -> Desk:
    return Desk(database)


@pytest.fixture
def inbox(database) -> Inbox:
    return Inbox(database)


@pytest.fixture
def outbox(database, clock) -> Outbox:
    return Outbox(database, clock.seconds)


@pytest.fixture
def receive(inbox):
    """Store a delivery, one second after the one before."""
    received = 0

    def receive(id: str = A, source: str = "github") -> None:
        nonlocal received
        received += 1
        at = NOW + timedelta(seconds=received)
        inbox.accept(Delivery(source, id, "issues", b'{"a": 1}', at, {"x-github-event": "issues"}))

    return receive


@pytest.fixture
def read(inbox, jobs):
    """Read the delivery that waits longest, as one about our issue or as nothing."""

    def read(reading: Reading = OURS) -> None:
        job = jobs.claim(("delivery",))
        source, id = job.payload["source"], job.payload["id"]
        inbox.read(jobs, (job, *inbox.get((source, id)), reading))

    return read


@pytest.fixture
def park(database, jobs):
    """Claim the next job of a kind, and set it aside."""

    def park(*kinds: str, error: str = "it cannot be") -> Job:
        job = jobs.claim(kinds)
        with database.write() as connection:
            jobs.park(connection, job, error)
        return job

    return park


@pytest.fixture
def intend(database):
    """Intend effects, because of the delivery A."""

    def intend(*planned: Effect) -> None:
        with database.write() as connection:
            add_effects(connection, planned, f"github:{A}")

    return intend


def states_of(database) -> dict[str, str]:
    with database.read() as connection:
        return {row.key: row.state for row in connection.execute(select(effects.c.key, effects.c.state))}


def names(items: tuple[list[Item], int]) -> list[str]:
    return [item.name for item in items[0]]


# ---------------------------------------------------------------- what there is


def test_a_delivery_is_undone_until_all_its_jobs_are(desk, receive, read, jobs, database) -> None:
    receive()
    assert desk.find(A).state == "waiting"

    read()
    [look] = desk.find(A).tasks
    assert (look.kind, look.state, look.subject) == ("reconcile", "waiting", str(ISSUE))

    job = jobs.claim(("reconcile",))
    assert desk.find(A).state == "running"

    with database.write() as connection:
        jobs.done(connection, job)
    assert desk.find(A).state == "done"
    assert desk.undone("", 9) == ([], 0)


def test_all_that_follows_from_a_delivery_belongs_to_it(desk, receive, read, jobs, database) -> None:
    receive()
    read()
    job = jobs.claim(("reconcile",))
    plan = Plan(state(), effects=(effect(),))

    States(database).commit(jobs, job, IssueState(ISSUE), plan, "enforce", "digest")

    [task] = desk.find(A).tasks
    assert (task.kind, task.effect) == ("set", "e1")
    assert desk.effect(task) == effect()


def test_what_is_parked_comes_first_then_the_newest(desk, receive, park) -> None:
    receive("old")
    park("delivery")
    receive("newer")
    receive("newest")

    assert names(desk.undone("", 9)) == ["github:old", "github:newest", "github:newer"]
    assert [item.name for item in desk.parked()] == ["github:old"]


def test_a_limit_cuts_off_what_is_least_pressing_and_says_so(desk, receive, park) -> None:
    receive("old")
    park("delivery")
    receive("newer")
    receive("newest")

    items, total = desk.undone("", 2)

    assert ([item.id for item in items], total) == (["old", "newest"], 3)


def test_a_source_can_be_chosen(desk, receive) -> None:
    receive("1", source="jira")
    receive("2")

    assert names(desk.undone("jira", 9)) == ["jira:1"]
    assert names(desk.all("github", 9)) == ["github:2"]


def test_what_is_done_can_be_had_too_with_how_it_was_read(desk, receive, read) -> None:
    receive("1")
    read(Reading.ignored("nothing that is followed has changed"))
    receive("2")

    items, total = desk.all("", 9)

    assert (total, [item.id for item in items]) == (2, ["2", "1"])
    assert (items[1].state, items[1].reading) == ("done", "ignored")
    assert items[1].reason == "nothing that is followed has changed"


def test_a_parked_job_that_no_delivery_led_to_is_there_by_its_number(desk, put, park) -> None:
    put("a look at night")
    job = park("reconcile", error="gone")

    [item] = desk.undone("", 9)[0]

    assert (item.name, item.state, item.source) == (f"job-{job.id}", "parked", "")
    assert desk.find(item.id) == item
    assert desk.parked() == [item]
    assert desk.undone("github", 9) == ([], 0)


def test_a_job_that_waits_and_that_no_delivery_led_to_is_not_listed(desk, put) -> None:
    put("a look at night")

    assert desk.undone("", 9) == ([], 0)


def test_the_body_is_there_as_it_came(desk, receive) -> None:
    receive()

    assert desk.body(desk.find(A)) == b'{"a": 1}'


# ---------------------------------------------------------------- ids


@pytest.mark.parametrize("id", [A, A[:9], A[:13], f"github:{A}", f"github:{A[:9]}"])
def test_a_beginning_of_an_id_is_enough(desk, receive, id) -> None:
    receive(A)
    receive("another")

    assert desk.find(id).id == A


@pytest.mark.parametrize("id", ["", "nothing", "%", "_", "job-999", "job-99999999999999999999", "jira:72d"])
def test_an_unknown_id_is_said_to_be_so(desk, receive, id) -> None:
    receive(A)

    with pytest.raises(NotFound, match=f"There is no delivery '{id}'. To see"):
        desk.find(id)


def test_a_beginning_that_two_share_is_not_guessed_at(desk, receive) -> None:
    receive(A)
    receive(B)

    with pytest.raises(NotFound, match="More than one delivery begins with '72d3162e'"):
        desk.find("72d3162e")


def test_a_whole_id_is_meant_even_where_it_begins_another(desk, receive) -> None:
    receive("1")
    receive("12")

    assert desk.find("1").id == "1"


def test_one_id_from_two_sources_is_told_apart_by_its_source(desk, receive) -> None:
    receive("1")
    receive("1", source="jira")

    with pytest.raises(NotFound, match="More than one"):
        desk.find("1")
    assert desk.find("jira:1").source == "jira"


# ---------------------------------------------------------------- another try


def test_a_parked_delivery_is_tried_again_from_the_beginning(desk, receive, park, jobs) -> None:
    receive()
    park("delivery")

    assert desk.retry(desk.find(A)) == 1

    job = jobs.claim(("delivery",))
    assert (job.tries, job.payload["id"]) == (1, A)


def test_only_what_is_parked_is_tried_again(desk, receive, read, park, jobs) -> None:
    receive()
    read(TWO)
    park("reconcile")
    running = jobs.claim(("reconcile",))

    assert desk.retry(desk.find(A)) == 1

    assert {task.state for task in desk.find(A).tasks} == {"waiting", "running"}
    assert running.id in {task.id for task in desk.find(A).tasks if task.state == "running"}


def test_a_delivery_with_nothing_parked_is_read_again(desk, receive, read, jobs) -> None:
    receive()
    read(Reading.ignored("nothing"))

    assert desk.retry(desk.find(A)) == 0

    assert jobs.claim(("delivery",)).payload == {"source": "github", "id": A}


def test_a_delivery_that_waits_to_be_read_is_not_read_twice(desk, receive, jobs) -> None:
    receive()

    desk.retry(desk.find(A))

    assert jobs.counts() == {"ready": 1}


def test_a_serving_process_hears_of_it_at_once(desk, receive, park, open_database) -> None:
    receive()
    park("delivery")
    serving = open_database()
    before = serving.writes
    serving.watch(lambda: True)
    serving.wait(before, 60.0)  # it listens by now
    seen = serving.writes

    desk.retry(desk.find(A))

    serving.wait(seen, 60.0)
    assert serving.writes > seen


def test_what_was_parked_when_it_was_looked_at_may_be_gone_by_now(desk, receive, park) -> None:
    receive()
    park("delivery")
    seen = desk.find(A)
    Desk(desk._database).retry(seen)

    assert desk.retry(seen) == 0
    assert desk.drop(seen) == 0
    assert desk.find(A).state == "waiting"


# ---------------------------------------------------------------- another try at a write


words = effect(say(), key="words")
restore = effect(key="restore")
label = effect(SetLabel("waiting", True), key="label", after="restore")


def give_up(outbox, jobs, database, error: str = "no right to do so") -> None:
    outbox.end(jobs, jobs.claim(WRITES, "github"), Ending(GIVEN_UP, error))


def test_words_that_were_given_up_are_looked_for_before_they_are_said(
    desk, receive, intend, outbox, jobs, database, clock
) -> None:
    receive()
    intend(words)
    give_up(outbox, jobs, database)

    assert desk.retry(desk.find(A)) == 1

    assert states_of(database) == {"words": "ready"}
    clock.forward(READ_LAG)
    assert jobs.claim(WRITES, "github").tries > 1, "as after any other failure"


def test_they_are_not_looked_for_before_they_can_be_seen(
    desk, receive, intend, outbox, jobs, database, clock
) -> None:
    receive()
    intend(words)
    give_up(outbox, jobs, database)

    desk.retry(desk.find(A))

    clock.forward(READ_LAG - 1)
    assert jobs.claim(WRITES, "github") is None
    clock.forward(1)
    assert jobs.claim(WRITES, "github") is not None


def test_what_was_cancelled_with_a_write_waits_for_it_again(
    desk, receive, intend, outbox, jobs, database, clock
) -> None:
    receive()
    intend(restore, label)
    give_up(outbox, jobs, database)
    assert states_of(database) == {"restore": "given up", "label": "cancelled"}

    desk.retry(desk.find(A))
    assert states_of(database) == {"restore": "ready", "label": "waiting"}

    clock.forward(READ_LAG)
    outbox.end(jobs, jobs.claim(WRITES, "github"), Ending(DONE))
    assert states_of(database) == {"restore": "done", "label": "ready"}


@pytest.fixture
def commit(database, jobs):
    def commit(after: IssueState) -> None:
        with database.write() as connection:
            queue.put(connection, queue.new("reconcile", {}, "another order"))
        States(database).commit(
            jobs, jobs.claim(("reconcile",)), IssueState(ISSUE), Plan(after), "enforce", "digest"
        )

    return commit


def given_up(pending: Pending | None = None, **field) -> IssueState:
    return replace(state(pending=pending, **field), version=0)


UNDER_WAY = Pending("restore", SPRING)


def test_a_date_whose_write_was_given_up_is_under_way_again(
    desk, receive, intend, outbox, jobs, database, commit
) -> None:
    """What the tracker holds was noted as contested, so that without this nobody would write it."""
    receive()
    commit(given_up(contested=SPRING))
    intend(restore)
    give_up(outbox, jobs, database)

    desk.retry(desk.find(A))

    known, receipts = States(database).load(ISSUE)
    assert known.fields["milestone"].pending == UNDER_WAY
    assert known.fields["milestone"].contested is None
    assert (known.version, receipts) == (2, {}), "a look that is under way has to begin anew"


def test_a_date_whose_end_nobody_has_noted_yet_is_simply_under_way(
    desk, receive, intend, outbox, jobs, database, commit
) -> None:
    receive()
    commit(given_up(pending=UNDER_WAY))
    intend(restore)
    give_up(outbox, jobs, database)
    assert States(database).load(ISSUE)[1] == {"restore": Receipt(False, "no right to do so")}

    desk.retry(desk.find(A))

    known, receipts = States(database).load(ISSUE)
    assert (known.fields["milestone"].pending, receipts) == (UNDER_WAY, {})
    assert collect_receipts(known, receipts) == (known, {})


@pytest.mark.parametrize(
    "since",
    [
        given_up(pending=Pending("another", SPRING), contested=SPRING),
        given_up(standing=SPRING, contested=SPRING),
        given_up(contested=None),
    ],
    ids=["another write is under way", "another date stands by now", "it is contested no longer"],
)
def test_what_was_decided_since_is_left_as_it_is(
    desk, receive, intend, outbox, jobs, database, commit, since
) -> None:
    receive()
    commit(since)
    intend(restore)
    give_up(outbox, jobs, database)
    before, _ = States(database).load(ISSUE)

    desk.retry(desk.find(A))

    assert States(database).load(ISSUE)[0] == before


def test_a_write_that_can_no_longer_be_read_can_be_tried_again_all_the_same(
    desk, receive, intend, outbox, jobs, database
) -> None:
    receive()
    intend(restore)
    give_up(outbox, jobs, database)
    with database.write() as connection:
        connection.execute(update(effects).values(effect_json="{"))

    assert desk.retry(desk.find(A)) == 1
    assert desk.effect(desk.find(A).tasks[0]) is None


# ---------------------------------------------------------------- an end


def test_what_is_dropped_is_gone_and_what_waits_goes_on(desk, receive, read, park, jobs) -> None:
    receive()
    read(TWO)
    park("reconcile")

    assert desk.drop(desk.find(A)) == 1

    [task] = desk.find(A).tasks
    assert task.state == "waiting"
    assert desk.drop(desk.find(A)) == 0


def test_a_delivery_whose_reading_was_dropped_can_still_be_read_again(desk, receive, park, jobs) -> None:
    receive()
    park("delivery")
    desk.drop(desk.find(A))

    desk.retry(desk.find(A))

    assert jobs.claim(("delivery",)) is not None
