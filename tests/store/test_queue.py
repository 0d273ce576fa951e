"""The queue: turns, leases, and one job of an ordering at a time, whoever claims."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Select, select
from sqlalchemy.dialects import sqlite

from automation.ports import KEEP_EVERY, MOST_TRIES, READ_LAG, Job, LeaseLost
from automation.store import claim_queries, queue
from automation.store.claim_queries import FRONT
from automation.store.database import Database
from automation.store.queue import LEASE_SECONDS, Queue
from automation.store.schema import jobs as table
from automation.store.schema import workers

ALL = ("set", "delivery", "reconcile", "tell")


def name(job: Job | None) -> str | None:
    return job and job.payload["name"]


def finish(database: Database, jobs: Queue, job: Job | None) -> None:
    assert job is not None
    with database.write() as connection:
        jobs.done(connection, job)


def errors(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        return [(row.state, row.error) for row in connection.execute(select(table).order_by(table.c.id))]


# ---------------------------------------------------------------- turns


def test_an_empty_queue_gives_nothing(jobs) -> None:
    assert jobs.claim(ALL) is None


def test_a_job_comes_back_as_it_was_put(jobs, put) -> None:
    put("first", kind="tell")

    job = jobs.claim(ALL)

    assert (job.kind, job.payload, job.tries) == ("tell", {"name": "first"}, 1)


def test_a_job_that_was_rolled_back_was_never_there(database, jobs) -> None:
    def put_and_fail() -> None:
        with database.write() as connection:
            queue.put(connection, queue.new("reconcile", {}))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        put_and_fail()

    assert jobs.claim(ALL) is None


def test_deadlines_are_written_first_and_words_said_last_else_the_oldest_goes_first(jobs, put) -> None:
    for order, kind in enumerate(("tell", "reconcile", "delivery", "set", "set")):
        put(f"{kind} {order}", kind=kind)

    claimed = [name(jobs.claim(ALL)) for _ in range(5)]

    assert claimed == ["set 3", "set 4", "delivery 2", "reconcile 1", "tell 0"]


def test_only_the_kinds_asked_for_are_given(jobs, put) -> None:
    put("write", kind="set")
    put("read", kind="reconcile")

    assert name(jobs.claim(("reconcile", "delivery"))) == "read"
    assert jobs.claim(("reconcile", "delivery")) is None


def test_jobs_that_write_to_one_system_are_not_given_for_another(jobs, put) -> None:
    put("to jira", kind="tell", system="jira")
    put("to github", kind="tell", system="github")

    assert name(jobs.claim(("tell",), "github")) == "to github"
    assert jobs.claim(("tell",), "github") is None
    assert jobs.claim(("tell",)) is None
    assert name(jobs.claim(("tell",), "jira")) == "to jira"


def test_a_job_says_which_delivery_it_came_from(jobs, put) -> None:
    put("reconcile", cause="github:d1")

    assert jobs.claim(ALL).cause == "github:d1"


def test_a_job_that_was_put_for_later_goes_by_its_age_once_it_is_due(jobs, put, clock) -> None:
    put("for later", due_at=clock.seconds() + 10)
    put("at once")
    clock.forward(10)

    assert [name(jobs.claim(ALL)), name(jobs.claim(ALL))] == ["for later", "at once"]


def test_a_busy_ordering_with_many_jobs_hides_nobody_else(database, jobs, put) -> None:
    for number in range(FRONT * 2):
        put(f"busy {number}", ordering="issue 12")
    put("elsewhere", ordering="issue 13")
    put("unordered")
    first = jobs.claim(ALL)

    assert [name(jobs.claim(ALL)), name(jobs.claim(ALL))] == ["elsewhere", "unordered"]
    assert jobs.claim(ALL) is None
    put("later", ordering="issue 14")
    assert name(jobs.claim(ALL)) == "later", "what was passed over is not searched again, what is new is"
    finish(database, jobs, first)
    assert name(jobs.claim(ALL)) == "busy 1"


def test_behind_two_busy_orderings_both_go_on_once_they_are_free(database, jobs, put) -> None:
    for number in range(FRONT * 2):
        put(f"first {number}", ordering="issue 12")
    for number in range(FRONT * 2):
        put(f"second {number}", ordering="issue 13")
    first, second = jobs.claim(ALL), jobs.claim(ALL)
    assert [name(first), name(second)] == ["first 0", "second 0"]
    assert jobs.claim(ALL) is None

    finish(database, jobs, first)

    assert name(jobs.claim(ALL)) == "first 1"


def test_a_long_line_is_walked_along_its_index_and_jobs_found_are_looked_up(tmp_path) -> None:
    """For PostgreSQL, whose plans depend on what it knows of the table, see test_postgres.py."""
    database = Database(f"sqlite:///{tmp_path}/plans.db")
    asked = claim_queries.front(False, ("delivery", "reconcile")).params(to="", now=1.0)
    found = claim_queries.free_of(list(range(claim_queries.CHOICE))).params(now=1.0)

    def plan(statement: Select[Any]) -> list[str]:
        rendered = statement.compile(
            dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True, "render_postcompile": True}
        )
        with database.read() as connection:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {rendered}").all()
        return [row.detail for row in rows if "jobs" in row.detail]

    walks = [step for step in plan(asked) if "(state=? AND kind=? AND system=? AND due_at" in step]
    assert len(walks) == 4
    assert all("COVERING INDEX jobs_by_turn" in step for step in walks)
    assert plan(found)[0] == "SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?)"
    database.close()


def test_a_job_waits_until_it_is_due(jobs, put, clock) -> None:
    put("later", due_at=clock.seconds() + 10)

    assert jobs.claim(ALL) is None
    clock.forward(10)
    assert name(jobs.claim(ALL)) == "later"


def test_a_job_that_is_done_is_gone(database, jobs, put, clock) -> None:
    put("once")

    finish(database, jobs, jobs.claim(ALL))

    clock.forward(LEASE_SECONDS * 2)
    assert jobs.claim(ALL) is None
    assert jobs.counts() == {}


# ---------------------------------------------------------------- one of an ordering at a time


def test_while_a_job_runs_the_next_of_its_ordering_waits_and_others_go_on(database, jobs, put) -> None:
    put("first", ordering="issue 12")
    put("second", ordering="issue 12")
    put("elsewhere", ordering="issue 13")

    first = jobs.claim(ALL)

    assert name(jobs.claim(ALL)) == "elsewhere"
    assert jobs.claim(ALL) is None
    finish(database, jobs, first)
    assert name(jobs.claim(ALL)) == "second"


def test_jobs_without_an_ordering_wait_for_nobody(jobs, put) -> None:
    put("first")
    put("second")

    assert [name(jobs.claim(ALL)), name(jobs.claim(ALL))] == ["first", "second"]


def test_jobs_of_different_kinds_share_an_ordering(jobs, put) -> None:
    put("reconcile", ordering="issue 12", kind="reconcile")
    put("say", ordering="issue 12", kind="tell")

    jobs.claim(("reconcile",))

    assert jobs.claim(("tell",)) is None


def test_a_job_that_failed_waits_alone(jobs, put) -> None:
    put("poisonous", ordering="issue 12")
    put("next", ordering="issue 12")

    jobs.retry(jobs.claim(ALL), "it broke", 60)

    assert name(jobs.claim(ALL)) == "next"


def test_a_job_that_failed_comes_again_with_its_tries_counted(database, jobs, put, clock) -> None:
    put("unlucky")
    jobs.retry(jobs.claim(ALL), "it broke", 60)

    assert errors(database) == [("ready", "it broke")]
    assert jobs.claim(ALL) is None
    clock.forward(60)
    assert jobs.claim(ALL).tries == 2


def test_a_job_that_could_not_even_begin_was_not_tried(jobs, put, clock) -> None:
    put("shut out")

    jobs.retry(jobs.claim(ALL), "GitHub asks for a pause", 60, counts=False)

    clock.forward(60)
    assert jobs.claim(ALL).tries == 1


def test_an_error_may_hold_any_character(database, jobs, put) -> None:
    put("odd")

    jobs.retry(jobs.claim(ALL), "before \0 and \ud800 after", 60)

    [(_, error)] = errors(database)
    assert error.startswith("before ") and error.endswith(" after")


def test_a_parked_job_stays_visible_and_never_comes_again(database, jobs, put, clock) -> None:
    put("hopeless", ordering="issue 12")
    put("next", ordering="issue 12")

    hopeless = jobs.claim(ALL)

    with database.write() as connection:
        jobs.park(connection, hopeless, "no such place")

    assert errors(database)[0] == ("parked", "no such place")
    assert name(jobs.claim(ALL)) == "next"
    clock.forward(365 * 24 * 3600)
    assert jobs.claim(ALL) is None
    assert jobs.counts() == {"parked": 1, "running": 1}, "it runs on: nobody has freed it"


@pytest.mark.parametrize("processes", [1, 2])
def test_two_claimers_never_run_two_jobs_of_one_ordering_at_once(
    open_database: Callable[[], Database], clock, put, processes
) -> None:
    """Each thread holds its job for a moment in which the other one may claim whatever it can get."""
    databases = [open_database() for _ in range(processes)]
    queues = [Queue(databases[n % processes], clock.seconds) for n in range(2)]
    orderings, each = ("issue 12", "issue 13", "issue 14"), 10
    for number in range(each):
        for ordering in orderings:
            put(f"{ordering}: {number}", ordering)
    running: Counter[str] = Counter()
    done: list[str] = []
    overlaps: list[str] = []
    guard = threading.Lock()

    def work(database: Database, jobs: Queue) -> None:
        while len(done) < each * len(orderings):
            seen = database.writes
            job = jobs.claim(ALL)
            if job is None:
                database.wait(seen, 0.01)
                continue
            ordering = str(job.payload["name"]).partition(":")[0]
            with guard:
                running[ordering] += 1
                if running[ordering] > 1:
                    overlaps.append(str(job.payload["name"]))
            database.wait(database.writes, 0.002)
            with guard:
                running[ordering] -= 1
                done.append(str(job.payload["name"]))
            finish(database, jobs, job)

    threads = [
        threading.Thread(target=work, args=(databases[n % processes], jobs), daemon=True)
        for n, jobs in enumerate(queues)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert overlaps == []
    for ordering in orderings:
        assert [job for job in done if job.startswith(ordering)] == [
            f"{ordering}: {number}" for number in range(each)
        ]


def test_one_job_goes_to_one_claimer_only(open_database, clock, put) -> None:
    queues = [Queue(open_database(), clock.seconds) for _ in range(4)]
    for number in range(20):
        put(f"job {number}")
    claimed: list[str | None] = []

    def work(jobs: Queue) -> None:
        while (job := jobs.claim(ALL)) is not None:
            claimed.append(name(job))

    threads = [threading.Thread(target=work, args=(jobs,)) for jobs in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(claimed) == sorted(f"job {number}" for number in range(20))


# ---------------------------------------------------------------- several at once


def reconcile(database: Database, subject: str, *comments: str, **more: Any) -> None:
    triggers = [{"comment": comment} for comment in comments]
    with database.write() as connection:
        payload = {"subject": subject, "triggers": json.dumps(triggers)}
        queue.put(connection, queue.new("reconcile", payload, subject, **more))


def comments(job: Job) -> list[str]:
    return [trigger["comment"] for trigger in json.loads(job.payload["triggers"])]


def test_several_are_claimed_in_their_order_one_of_each_ordering(jobs, put) -> None:
    for number in range(3):
        put(f"first {number}", "first")
        put(f"second {number}", "second")
        put(f"alone {number}")

    claimed = jobs.claim_several(ALL, 32)

    assert [name(job) for job in claimed] == ["first 0", "second 0", "alone 0", "alone 1", "alone 2"]


def test_no_more_are_claimed_than_asked_for(jobs, put) -> None:
    for number in range(5):
        put(f"job {number}", f"ordering {number}")

    assert [name(job) for job in jobs.claim_several(ALL, 2)] == ["job 0", "job 1"]


def test_reconciles_of_one_subject_that_wait_are_one_with_all_their_triggers_in_order_and_once(
    database, jobs
) -> None:
    reconcile(database, "one", "1", "2")
    reconcile(database, "other", "7")
    reconcile(database, "one", "2", "3")
    reconcile(database, "one", "4")

    one, other = jobs.claim_several(ALL, 32)
    assert (comments(one), comments(other)) == (["1", "2", "3", "4"], ["7"])
    with database.write() as connection:
        jobs.done(connection, one, other)

    assert jobs.counts() == {}


def test_what_is_for_later_or_has_failed_before_is_no_part_of_it(database, jobs, clock) -> None:
    reconcile(database, "one", "failed")
    jobs.retry(jobs.claim(ALL), "it failed", 0.0)
    reconcile(database, "one", "1")
    reconcile(database, "one", "later", due_at=clock.seconds() + 60)
    reconcile(database, "one", "2")

    [failed] = jobs.claim_several(ALL, 32)
    assert comments(failed) == ["failed"], "it may be what spoils it"
    with database.write() as connection:
        jobs.done(connection, failed)
    [one] = jobs.claim_several(ALL, 32)
    assert comments(one) == ["1", "2"]
    with database.write() as connection:
        jobs.done(connection, one)

    assert jobs.counts() == {"ready": 1}


def test_whoever_lost_one_of_several_ends_none_of_them(database, jobs, other, put, take_over) -> None:
    put("kept", "first")
    put("lost", "second")
    claimed = jobs.claim_several(ALL, 32)
    assert take_over()

    def end() -> None:
        with database.write() as connection:
            jobs.done(connection, *claimed)

    with pytest.raises(LeaseLost):
        end()

    assert sum(jobs.counts().values()) == 2


def test_what_was_claimed_and_not_begun_was_not_tried(jobs, put) -> None:
    put("job", "first")
    jobs.put_back(*jobs.claim_several(ALL, 32))

    assert [job.tries for job in jobs.claim_several(ALL, 32)] == [1]


# ---------------------------------------------------------------- leases


def test_a_job_of_a_dead_owner_is_taken_over_once_its_lease_ended(jobs, other, put, take_over) -> None:
    put("orphan", ordering="issue 12")
    jobs.claim(ALL)
    other.keep()
    assert other.claim(ALL) is None

    taken = take_over()

    assert (name(taken), taken.tries) == ("orphan", 2)


def test_a_dead_machines_work_is_free_within_half_a_minute() -> None:
    assert LEASE_SECONDS + KEEP_EVERY <= 30


def test_what_a_dead_machine_wrote_last_can_be_seen_by_whoever_takes_over() -> None:
    assert LEASE_SECONDS - KEEP_EVERY >= READ_LAG


def test_whoever_lost_a_lease_can_commit_nothing(database, jobs, other, put, take_over) -> None:
    put("contested")
    late = jobs.claim(ALL)
    taken = take_over()

    with pytest.raises(LeaseLost), database.write() as connection:
        jobs.done(connection, late)
    with pytest.raises(LeaseLost), database.write() as connection:
        jobs.park(connection, late, "it broke")
    jobs.retry(late, "it broke", 0)

    assert errors(database) == [("running", "")]
    finish(database, other, taken)


def test_a_lost_lease_takes_back_all_that_was_to_be_committed_with_it(
    database, jobs, other, put, take_over
) -> None:
    put("contested")
    late = jobs.claim(ALL)
    take_over()

    def commit() -> None:
        with database.write() as connection:
            queue.put(connection, queue.new("reconcile", {"name": "consequence"}))
            jobs.done(connection, late)

    with pytest.raises(LeaseLost):
        commit()

    assert other.claim(ALL) is None


def test_a_lease_is_kept_while_its_owner_lives(jobs, other, put, clock) -> None:
    put("slow")
    jobs.claim(ALL)

    for _ in range(5):
        clock.forward(LEASE_SECONDS * 0.9)
        jobs.keep()
        other.keep()

    assert other.claim(ALL) is None


def test_only_ones_own_leases_are_kept(jobs, other, put, clock) -> None:
    put("orphan")
    jobs.claim(ALL)
    clock.forward(LEASE_SECONDS / 2)
    other.keep()

    clock.forward(LEASE_SECONDS / 2 + 1)
    other.keep()

    assert name(other.claim(ALL)) == "orphan"


def test_whoever_takes_over_does_not_run_it_beside_a_later_job_of_its_ordering(
    jobs, other, put, take_over
) -> None:
    put("orphan", ordering="issue 12")
    put("next", ordering="issue 12")
    jobs.claim(ALL)

    assert name(take_over()) == "orphan"
    assert other.claim(ALL) is None


def test_somebody_has_to_be_alive_for_work_to_be_done(jobs, other, clock) -> None:
    assert other.problem() == "no worker is running"

    jobs.keep()
    assert other.problem() is None

    clock.forward(LEASE_SECONDS + 1)
    assert other.problem() == "no worker is running"


def test_whoever_stops_is_no_longer_said_to_be_alive(jobs, other) -> None:
    jobs.keep()
    other.keep()

    jobs.give_back()
    assert other.problem() is None
    other.give_back()

    assert jobs.problem() == "no worker is running"


def test_the_dead_are_forgotten(database, jobs, other, clock) -> None:
    jobs.keep()
    clock.forward(LEASE_SECONDS + 1)

    other.keep()

    with database.read() as connection:
        assert list(connection.scalars(select(workers.c.owner))) == [other.owner]


def test_two_who_come_late_at_once_do_not_stop_each_other(open_database, clock, put) -> None:
    """As after a pause of the server: each sees the other one's leases ended."""
    queues = [Queue(open_database(), clock.seconds) for _ in range(4)]
    for number in range(20):
        put(f"job {number}", f"issue {number}")
    for round in range(20):
        queues[round % 4].claim(ALL)
        queues[round % 4].keep()
    errors: list[BaseException] = []

    def keep(jobs: Queue) -> None:
        try:
            for _ in range(5):
                jobs.keep()
        except BaseException as error:
            errors.append(error)

    clock.forward(LEASE_SECONDS + 1)
    threads = [threading.Thread(target=keep, args=(jobs,)) for jobs in queues]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert errors == []


def test_a_job_that_is_given_back_waits_until_what_it_wrote_can_be_seen(jobs, other, put, clock) -> None:
    put("unfinished", ordering="issue 12")
    jobs.claim(ALL)

    jobs.give_back()

    clock.forward(READ_LAG - 1)
    assert other.claim(ALL) is None
    clock.forward(1)
    assert name(other.claim(ALL)) == "unfinished"


def test_a_job_that_is_given_back_counts_as_tried(jobs, other, put, clock) -> None:
    """What it was writing may have arrived; only a second try looks before it writes."""
    put("unfinished", kind="tell")
    jobs.claim(ALL)

    jobs.give_back()

    clock.forward(READ_LAG)
    assert other.claim(ALL).tries == 2


def test_giving_back_leaves_the_jobs_of_others_alone(database, jobs, other, put, clock) -> None:
    put("mine")
    put("theirs")
    jobs.claim(ALL)
    theirs = other.claim(ALL)

    jobs.give_back()

    finish(database, other, theirs)
    clock.forward(READ_LAG)
    assert name(other.claim(ALL)) == "mine"


def test_jobs_are_counted_by_state(jobs, put, clock) -> None:
    put("running")
    put("waiting", due_at=clock.seconds() + 99)
    put("ready")
    jobs.claim(ALL)

    assert jobs.counts() == {"running": 1, "ready": 2}


def test_somebody_has_to_be_asked_after_eight_tries() -> None:
    assert MOST_TRIES == 8
