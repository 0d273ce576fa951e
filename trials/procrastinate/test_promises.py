"""The promises of the queue, asked of ours and of Procrastinate alike, on one server.

Procrastinate tells the time by the server's now(); letting time pass means to move its rows back.
"""

from __future__ import annotations

import threading
import time
from collections import Counter

import procrastinate_queue as theirs
import psycopg
import pytest
from sqlalchemy import text

from automation.store import queue as ours
from automation.store.database import Database
from automation.store.queue import LEASE_SECONDS, READ_LAG, LeaseLost, Queue
from tests import postgres_server

ALL = ("set", "delivery", "look", "tell")


@pytest.fixture(scope="session")
def server():
    with postgres_server.server() as server:
        yield server


class Ours:
    def __init__(self, url):
        self.url, self.opened, self.ahead = url, [], 0.0

    def open(self):
        self.opened.append(Database(self.url))
        return self.opened[-1]

    def now(self):
        return time.time() + self.ahead

    def queue(self):
        return Queue(self.open(), self.now)

    def put(self, connection, name, ordering="", kind="look", due_at=0.0, **more):
        ours.put(connection, kind, {"name": name}, ordering, due_at, **more)

    def forward(self, seconds):
        self.ahead += seconds

    def error(self, database):
        with database.read() as connection:
            return connection.scalar(text("SELECT error FROM jobs"))


class Theirs(Ours):
    def __init__(self, url):
        super().__init__(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        theirs.create(self.open())

    def queue(self):
        return theirs.ProcrastinateQueue(self.open(), self.now)

    def put(self, connection, name, ordering="", kind="look", due_at=0.0, **more):
        theirs.put(connection, kind, {"name": name}, ordering, due_at, **more)

    def forward(self, seconds):
        with self.opened[0].write() as connection:
            for table, column in (("jobs", "scheduled_at"), ("workers", "last_heartbeat")):
                connection.execute(
                    text(f"UPDATE procrastinate_{table} SET {column} = {column} - make_interval(secs => {seconds})")
                )

    def error(self, database):
        with database.read() as connection:
            return connection.scalar(text("SELECT args->>'error' FROM procrastinate_jobs"))


@pytest.fixture(params=[Ours, Theirs], ids=["ours", "procrastinate"])
def kind(request, server):
    server.empty()
    made = request.param(server.url)
    yield made
    for database in made.opened:
        database.close()


@pytest.fixture
def database(kind):
    return kind.open()


@pytest.fixture
def jobs(kind):
    return kind.queue()


@pytest.fixture
def other(kind):
    return kind.queue()


@pytest.fixture
def put(kind, database):
    def put(name, *args, **more):
        with database.write() as connection:
            kind.put(connection, name, *args, **more)

    return put


def name(job):
    return job and job.payload["name"]


def finish(database, jobs, job):
    with database.write() as connection:
        jobs.done(connection, job)


def test_an_empty_queue_gives_nothing(jobs):
    assert jobs.claim(ALL) is None


def test_a_job_comes_back_as_it_was_put(jobs, put):
    put("first", kind="tell", system="github", cause="github:d1")
    job = jobs.claim(("tell",), "github")
    assert (job.kind, job.payload, job.tries, job.cause) == ("tell", {"name": "first"}, 1, "github:d1")


def test_a_job_commits_with_the_callers_transaction_or_not_at_all(kind, database, jobs):
    with pytest.raises(RuntimeError), database.write() as connection:
        kind.put(connection, "never")
        raise RuntimeError
    assert jobs.claim(ALL) is None


def test_deadlines_first_words_last_else_the_oldest(jobs, put):
    for order, kind in enumerate(("tell", "look", "delivery", "set", "set")):
        put(f"{kind} {order}", kind=kind)
    assert [name(jobs.claim(ALL)) for _ in range(5)] == ["set 3", "set 4", "delivery 2", "look 1", "tell 0"]


def test_only_the_kinds_and_the_system_asked_for(jobs, put):
    put("a", kind="tell", system="jira")
    put("b", kind="tell", system="github")
    assert name(jobs.claim(("tell",), "github")) == "b"
    assert jobs.claim(("set", "tell"), "github") is None


def test_a_job_waits_until_it_is_due(kind, jobs, put):
    put("later", due_at=kind.now() + 60)
    assert jobs.claim(ALL) is None
    kind.forward(60)
    assert name(jobs.claim(ALL)) == "later"


def test_what_is_done_is_gone(database, jobs, put):
    put("once")
    finish(database, jobs, jobs.claim(ALL))
    assert jobs.claim(ALL) is None
    assert jobs.counts() == {}


def test_one_of_an_ordering_at_a_time_and_others_go_on(database, jobs, put):
    put("first", "issue 12")
    put("second", "issue 12")
    put("elsewhere", "issue 13")
    first = jobs.claim(ALL)
    assert name(jobs.claim(ALL)) == "elsewhere"
    assert jobs.claim(ALL) is None
    finish(database, jobs, first)
    assert name(jobs.claim(ALL)) == "second"


def test_kinds_share_an_ordering(jobs, put):
    put("look", "issue 12")
    put("say", "issue 12", "tell")
    jobs.claim(("look",))
    assert jobs.claim(("tell",)) is None


def test_a_failed_job_waits_alone(jobs, put):
    put("poisonous", "issue 12")
    put("next", "issue 12")
    jobs.retry(jobs.claim(ALL), "it broke", 60)
    assert name(jobs.claim(ALL)) == "next"


def test_a_reminder_put_for_next_month_holds_up_nobody(kind, jobs, put):
    put("remind product", "issue 12", due_at=kind.now() + 30 * 86400)
    put("a comment", "issue 12")
    assert name(jobs.claim(ALL)) == "a comment"


def test_words_that_wait_for_their_system_do_not_hold_up_a_look_at_their_issue(jobs, put):
    put("words", "issue 12", "tell", system="github")
    put("look", "issue 12", "look")
    put("restore", "issue 12", "set", system="github")
    assert name(jobs.claim(("look",))) == "look"


def test_a_failed_job_comes_again_with_its_tries_counted(kind, jobs, put):
    put("unlucky")
    jobs.retry(jobs.claim(ALL), "it broke", 60)
    assert jobs.claim(ALL) is None
    kind.forward(60)
    assert jobs.claim(ALL).tries == 2


def test_what_could_not_begin_was_not_tried(kind, jobs, put):
    put("shut out")
    jobs.retry(jobs.claim(ALL), "a pause", 60, counts=False)
    kind.forward(60)
    assert jobs.claim(ALL).tries == 1


def test_a_parked_job_stays_with_its_error_and_the_next_goes_on(kind, database, jobs, put):
    put("hopeless", "issue 12")
    job = jobs.claim(ALL)
    with database.write() as connection:
        jobs.park(connection, job, "no such place")
    assert kind.error(database) == "no such place"
    put("next", "issue 12")
    assert name(jobs.claim(ALL)) == "next"
    assert jobs.counts() == {"parked": 1, "running": 1}


def test_two_claimers_never_run_two_of_an_ordering(kind, database, put):
    running, overlaps, done, guard = Counter(), [], [], threading.Lock()
    for number in range(10):
        for ordering in ("12", "13", "14"):
            put(f"{ordering}: {number}", ordering)

    def work(jobs, own):
        until = time.monotonic() + 30
        while len(done) < 30 and time.monotonic() < until:
            job = jobs.claim(ALL)
            if job is None:
                time.sleep(0.002)
                continue
            ordering = name(job)[:2]
            with guard:
                running[ordering] += 1
                overlaps.extend([name(job)] * (running[ordering] > 1))
            time.sleep(0.002)
            with guard:
                running[ordering] -= 1
                done.append(name(job))
            finish(own, jobs, job)

    threads = [threading.Thread(target=work, args=(kind.queue(), kind.open())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert overlaps == []
    for ordering in ("12", "13", "14"):
        assert [job for job in done if job[:2] == ordering] == [f"{ordering}: {n}" for n in range(10)]


def test_a_dead_owners_job_is_taken_over(kind, jobs, other, put):
    put("orphan", "issue 12")
    jobs.claim(ALL)
    other.keep()
    assert other.claim(ALL) is None
    kind.forward(LEASE_SECONDS + 1)
    other.keep()
    taken = other.claim(ALL)
    assert (name(taken), taken.tries) == ("orphan", 2)


def test_whoever_lost_a_lease_commits_nothing(kind, database, jobs, other, put):
    put("contested")
    late = jobs.claim(ALL)
    kind.forward(LEASE_SECONDS + 1)
    other.keep()
    taken = other.claim(ALL)
    with pytest.raises(LeaseLost), database.write() as connection:
        kind.put(connection, "consequence")
        jobs.done(connection, late)
    with pytest.raises(LeaseLost), database.write() as connection:
        jobs.park(connection, late, "it broke")
    jobs.retry(late, "it broke", 0)
    assert other.claim(ALL) is None
    finish(database, other, taken)


def test_a_lease_is_kept_while_its_owner_lives(kind, jobs, other, put):
    put("slow")
    jobs.claim(ALL)
    for _ in range(5):
        kind.forward(LEASE_SECONDS * 0.9)
        jobs.keep()
        other.keep()
    assert other.claim(ALL) is None


def test_what_is_given_back_waits_for_the_read_lag_and_counts(kind, jobs, other, put):
    put("unfinished", "issue 12")
    jobs.claim(ALL)
    jobs.give_back()
    assert other.claim(ALL) is None
    kind.forward(READ_LAG + 1)
    assert other.claim(ALL).tries == 2


def test_somebody_has_to_be_alive(kind, jobs, other):
    jobs.keep()
    assert other.problem() is None
    kind.forward(LEASE_SECONDS + 1)
    assert other.problem() == "no worker is running"
