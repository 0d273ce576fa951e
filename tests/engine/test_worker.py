"""The worker: every job is seen through, tried again, or set aside where people can see it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, event, func, insert, select, update
from structlog.testing import capture_logs

from automation.engine import worker as worker_module
from automation.engine.credentials import Credentials
from automation.engine.performing import Performing
from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.reconcile import Reconciler
from automation.engine.rendering import Rendering
from automation.engine.worker import (
    DECIDERS,
    FIRST_WAIT,
    LONGEST_WAIT,
    MOST_UNANSWERED,
    OUTAGE_WAIT,
    Worker,
    backoff,
)
from automation.model import (
    Answer,
    Comment,
    Delivery,
    Effect,
    Issue,
    IssueState,
    Mode,
    Outcome,
    Pending,
    SetDeadline,
    Subject,
    Trigger,
)
from automation.model.reading import Reading
from automation.ports import READ_LAG, Closed, Refused, Unauthorized, Unavailable, Unwritten
from automation.rulebook.live import LiveRules
from automation.store import queue
from automation.store.counters import Counters
from automation.store.database import Database
from automation.store.decisions import Diary
from automation.store.inbox import Inbox, put_reconciles
from automation.store.outbox import Outbox
from automation.store.queue import LEASE_SECONDS, Queue
from automation.store.rate_limiter import RateLimiters
from automation.store.schema import counters as counter_table
from automation.store.schema import decisions, passes, writes
from automation.store.schema import effects as effect_table
from automation.store.schema import jobs as job_table
from tests.factories import DEAL, ISSUE, MONA, NOW, SPRING, WINTER, effect, proposal, say, state
from tests.fakes import FakeTracker
from tests.sources import BUDGETS

OTHER = Subject("github", "issue", "acme/shop#13")
DECIDING = ("delivery", "reconcile")
EFFECTS = ("set", "tell")
POISON = b'{"poison": true}'


def read(_event: str, body: object) -> Reading:
    if body == {"poison": True}:
        raise ValueError("nobody thought of this")
    number = body.get("number", 12) if isinstance(body, dict) else 12
    return Reading.of(Trigger(Subject("github", "issue", f"acme/shop#{number}"), "milestoned"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/handshake.db"
    return str(request.getfixturevalue("postgres_url"))


class OneOfEach(FakeTracker):
    """A tracker with one issue of each name: what is asked for is what it answers with."""

    def issue(self, subject: Subject) -> Issue | None:
        held = super().issue(subject)
        return held and replace(held, subject=subject)


@pytest.fixture
def tracker() -> FakeTracker:
    return OneOfEach()


@pytest.fixture
def inbox(database) -> Inbox:
    return Inbox(database)


@pytest.fixture
def counters(database) -> Counters:
    return Counters(database)


@pytest.fixture
def limiters(database, clock, counters) -> RateLimiters:
    """RateLimiters where no write waits for the last one."""
    return RateLimiters(database, clock.seconds, counters, 0.0, clock.forward, BUDGETS)


@pytest.fixture
def worker(database, jobs, states, inbox, tracker, crm, folder, message, clock, counters, limiters) -> Worker:
    """A worker whose waits have no jitter: 5 seconds, 10, 20 and so on."""
    message("Hello.")
    seconds = count()  # a second passes between any two looks at the rules
    rules = LiveRules(folder, Mode.ENFORCE, lambda _: None, lambda: NOW + timedelta(seconds=next(seconds)))
    trackers = {"github": tracker, "jira": FakeTracker()}
    rendering = Rendering(trackers, crm, rules.rulebook, states.known_names, clock)
    preview = Preview(rendering, trackers)
    passes = Readers(trackers, crm, states.words.ready, clock.seconds)
    engine = Reconciler(
        jobs, inbox, states, {"github": read}, trackers, passes, rules, clock, counters, preview
    )
    return Worker(
        database,
        jobs,
        Outbox(database, clock.seconds),
        {"delivery": engine.deliver, "reconcile": engine.reconcile},
        Performing(states, passes, rules.in_force, rendering),
        [limiters.to("github"), limiters.to("jira")],
        counters,
        Credentials({"github": tracker.check}, limiters),
        lambda: 0.5,
    )


@pytest.fixture
def deliver(inbox):
    def deliver(id: str = "d1", body: bytes = b"{}", source: str = "github") -> None:
        inbox.accept(Delivery(source, id, "issues", body, NOW))

    return deliver


@pytest.fixture
def look(database):
    """Ask for a look at an issue."""

    def look(subject: Subject = ISSUE) -> None:
        with database.write() as connection:
            put_reconciles(connection, (Trigger(subject, "milestoned"),))

    return look


@pytest.fixture
def plan(know):
    """Plan effects, as a look at the issue would."""

    def plan(*effects: Effect, known: IssueState | None = None) -> None:
        know(known or state(), effects=effects)

    return plan


@pytest.fixture
def all_jobs(database):
    def all_jobs() -> list[tuple[str, str, str]]:
        with database.read() as connection:
            rows = connection.execute(select(job_table).order_by(job_table.c.id))
            return [(row.kind, row.state, row.error) for row in rows]

    return all_jobs


@pytest.fixture
def receipt(database):
    def receipt(key: str) -> tuple[str, str]:
        with database.read() as connection:
            row = connection.execute(select(effect_table).where(effect_table.c.key == key)).one()
        return row.state, row.text

    return receipt


def run_all(worker: Worker) -> int:
    """Do all that is due, and count it."""
    done = 0
    while worker.run_next():
        done += 1
    return done


# ---------------------------------------------------------------- seen through


def test_with_nothing_to_do_nothing_is_done(worker) -> None:
    assert worker.run_next() is False


def test_a_delivery_leads_to_a_look_and_both_are_done(worker, deliver, states, tracker, all_jobs) -> None:
    tracker.hold("milestone", SPRING)
    deliver()

    assert run_all(worker) == 2
    assert all_jobs() == []
    assert states.load(ISSUE)[0].fields["milestone"].standing == SPRING


def test_a_look_at_an_issue_that_is_gone_is_done(worker, look, tracker, states, all_jobs) -> None:
    tracker.truth = None
    look()

    run_all(worker)

    assert all_jobs() == []
    assert states.load(ISSUE)[0] == IssueState(ISSUE)


def test_an_effect_is_performed_and_has_its_receipt(worker, plan, receipt, tracker) -> None:
    plan(effect(say(), key="words"))

    run_all(worker)

    assert receipt("words") == ("done", "note-1")


def test_words_wait_for_the_write_beside_them(worker, plan, tracker) -> None:
    tracker.hold("milestone", SPRING)
    restore = SetDeadline("milestone", SPRING, WINTER, "restore")
    plan(
        effect(say(), key="words", after="restore"),
        effect(restore, key="restore"),
        known=state(WINTER, pending=Pending("restore", SPRING)),
    )

    run_all(worker)

    assert [name for name in tracker.asked if name in ("post", "set_deadline")] == ["set_deadline", "post"]


# ---------------------------------------------------------------- tried again


def test_what_could_not_be_done_now_is_done_later(worker, look, tracker, clock, all_jobs) -> None:
    tracker.fail("issue", Unavailable("GitHub: 502"))
    look()

    assert worker.run_next() is True
    assert all_jobs() == [("reconcile", "ready", "GitHub: 502")]
    clock.forward(FIRST_WAIT - 0.1)
    assert worker.run_next() is False
    clock.forward(0.1)
    assert worker.run_next() is True
    assert all_jobs() == []


def test_each_wait_is_twice_the_last(worker, look, tracker, clock) -> None:
    tracker.fail("issue", *[Unavailable("502")] * 3)
    look()
    worker.run_next()

    waits = []
    for _ in range(3):
        waited = 0.0
        while not worker.run_next():
            clock.forward(1)
            waited += 1
        waits.append(waited)

    assert waits == [5, 10, 20]


@pytest.mark.parametrize(("asked", "waits"), [(120.0, 120.0), (2.0, FIRST_WAIT)])
def test_the_other_side_can_ask_for_a_longer_wait(worker, look, tracker, clock, asked, waits) -> None:
    tracker.fail("issue", Unavailable("GitHub: 429", retry_after=asked))
    look()
    worker.run_next()

    clock.forward(waits - 0.1)
    assert worker.run_next() is False
    clock.forward(0.1)
    assert worker.run_next() is True


def test_an_effect_is_not_tried_again_before_what_it_wrote_can_be_seen(
    worker, plan, tracker, clock, receipt
) -> None:
    tracker.fail("post", Unavailable("connection lost"), after=True)
    plan(effect(say(), key="words"))
    worker.run_next()

    clock.forward(READ_LAG - 0.1)
    assert worker.run_next() is False
    clock.forward(0.1)
    assert worker.run_next() is True
    assert receipt("words") == ("done", "found-words")


@pytest.mark.parametrize("closed", [Closed, Unauthorized])
def test_what_was_not_let_through_was_not_tried(
    worker, plan, tracker, clock, receipt, all_jobs, closed
) -> None:
    tracker.fail("post", *[closed("GitHub asks for a pause", 30)] * 20)
    plan(effect(say(), key="words"))

    for _ in range(20):
        assert worker.run_next() is True
        assert all_jobs() == [("tell", "ready", "GitHub asks for a pause")]
        clock.forward(29.9)
        assert worker.run_next() is False
        clock.forward(0.1)
    assert worker.run_next() is True

    assert receipt("words") == ("done", "note-1")
    assert "find" not in tracker.asked, "it was its first try, so there was nothing to look for"


def test_a_look_that_was_not_let_through_was_not_tried(worker, look, tracker, clock, all_jobs) -> None:
    tracker.fail("issue", *[Closed("GitHub asks for a pause")] * 20)
    look()

    for _ in range(20):
        assert worker.run_next() is True
        clock.forward(FIRST_WAIT)
    assert worker.run_next() is True

    assert all_jobs() == []


# ---------------------------------------------------------------- limits


def test_a_system_that_is_shut_does_not_stop_the_other(
    worker, message, plan, limiters, clock, receipt
) -> None:
    message("Hello.", "deals", "date-asked")
    limiters.to("github").shut(Closed("GitHub asks for a pause", 600))
    on_deal = DEAL.subject
    plan(
        effect(say(), key="on the issue"),
        effect(say("date-asked"), key="on the deal", target=on_deal),
    )

    run_all(worker)
    assert (receipt("on the issue")[0], receipt("on the deal")[0]) == ("ready", "done")
    clock.forward(600)
    run_all(worker)
    assert receipt("on the issue")[0] == "done"


def test_when_words_have_used_up_their_hour_deadlines_still_go_out(
    worker, plan, database, limiters, tracker, clock, receipt
) -> None:
    with database.write() as connection:
        connection.execute(insert(writes), [{"system": "github", "at": clock.seconds() - 60}] * 400)
    tracker.hold("milestone", SPRING)
    plan(
        effect(say(), key="words"),
        effect(SetDeadline("milestone", SPRING, WINTER, "restore"), key="restore"),
        known=state(WINTER, pending=Pending("restore", SPRING)),
    )

    run_all(worker)
    assert (receipt("restore")[0], receipt("words")[0]) == ("done", "ready")
    clock.forward(3600)
    run_all(worker)
    assert receipt("words")[0] == "done"


def run_to_the_end(worker: Worker, clock) -> int:
    tries = 0
    for _ in range(40):
        tries += run_all(worker)
        clock.forward(LONGEST_WAIT * 2)
    return tries


def test_after_eight_tries_a_job_is_set_aside_with_its_error(worker, look, tracker, clock, all_jobs) -> None:
    tracker.fail("issue", *[ValueError("nobody thought of this")] * 100)
    look()

    assert run_to_the_end(worker, clock) == 8
    assert all_jobs() == [("reconcile", "parked", "ValueError: nobody thought of this (tried 8 times)")]


def test_what_gets_no_answer_while_all_else_does_is_tried_for_a_day(
    worker, look, tracker, clock, all_jobs
) -> None:
    tracker.fail("issue", *[Unavailable("GitHub: 502", in_a_row=1)] * 500)
    look()

    begun = clock()
    for _ in range(400):
        if not run_all(worker) and all_jobs()[0][1] == "parked":
            break
        clock.forward(OUTAGE_WAIT)

    assert clock() - begun > timedelta(hours=24)
    assert all_jobs() == [("reconcile", "parked", f"GitHub: 502 (tried {MOST_UNANSWERED} times)")]


def test_while_a_system_answers_nobody_nothing_is_set_aside_for_it(
    worker, plan, look, tracker, clock, all_jobs, receipt
) -> None:
    silent = [Unavailable("GitHub: 502", in_a_row=n) for n in range(2, 32)]
    tracker.fail("post", *silent)
    plan(effect(say(), key="words"))

    tries = run_to_the_end(worker, clock)

    assert tries == 31
    assert (receipt("words")[0], all_jobs()) == ("done", [])
    assert tracker.asked.count("find") == 30, "each may have arrived all the same, so it is looked for first"


def test_it_is_tried_again_within_minutes_however_long_that_lasts(worker, look, tracker, clock) -> None:
    tracker.fail("issue", *[Unavailable("GitHub: 502", in_a_row=n) for n in range(2, 5000)])
    look()

    for _ in range(20):
        assert worker.run_next() is True
        clock.forward(300)


def test_an_effect_that_is_set_aside_has_its_receipt_too(
    worker, plan, tracker, clock, all_jobs, receipt
) -> None:
    tracker.fail("post", *[ValueError("nobody thought of this")] * 100)
    plan(effect(say(), key="words"), effect(say(), key="more", after="words"))

    assert run_to_the_end(worker, clock) == 8
    error = "ValueError: nobody thought of this (tried 8 times)"
    assert all_jobs() == [("tell", "parked", error)]
    assert receipt("words") == ("given up", error)
    assert receipt("more") == ("cancelled", "")


def test_a_notice_whose_answer_was_lost_is_there_once(worker, plan, tracker, clock, receipt) -> None:
    tracker.fail("post", Unavailable("connection lost"), after=True)
    plan(effect(say(), key="words"))

    run_to_the_end(worker, clock)

    assert receipt("words") == ("done", "found-words")
    assert len(tracker.posted) == 1


# ---------------------------------------------------------------- set aside


def test_what_was_refused_is_set_aside_at_once(worker, look, tracker, all_jobs) -> None:
    tracker.fail("issue", Refused("GitHub: 403, the App may not read issues"))
    look()

    assert run_all(worker) == 1
    assert all_jobs() == [("reconcile", "parked", "GitHub: 403, the App may not read issues")]


def test_a_look_with_nothing_to_do_is_counted_and_leaves_no_row(
    worker, database, counters, know, look
) -> None:
    know(state())
    for _ in range(3):
        look()
        run_all(worker)
    counters.flush()

    with database.read() as connection:
        counted = {(row.name, row.labels): row.value for row in connection.execute(select(counter_table))}
        kept = [connection.scalar(select(func.count()).select_from(t)) for t in (passes, decisions)]
    assert counted["reconciles", "github\tnothing"] == 3
    assert kept == [0, 0]


@pytest.mark.parametrize("asked", ["issue", "in_product"])
def test_what_was_refused_leaves_a_decision_that_says_whose_word_it_was_about(
    worker, database, tracker, know, asked
) -> None:
    """Why was my /signoff not counted? The tracker would not say whether it may be."""
    know(state(WINTER, proposals=(proposal(SPRING, WINTER),)))
    tracker.written["c1"] = Comment("c1", MONA, NOW, edited=False, lines=("/signoff 2027-03-01",))
    tracker.fail(asked, Refused("GitHub: 403, the App may not read members"))
    with database.write() as connection:
        put_reconciles(connection, (Trigger(ISSUE, "comment", comment="c1", at=NOW),))

    run_all(worker)

    [[look], _] = Diary(database).passes(1)
    [(_, decision)] = look.decisions
    [why] = decision.reasons
    assert (decision.outcome, why.answer) == (Outcome.ERROR, Answer.ERROR)
    assert why.values == (("error", "GitHub: 403, the App may not read members"),)
    assert why.children[0].values == (("comment", "c1"),)


def test_a_date_that_does_not_take_is_given_up_and_nobody_is_told_it_was_set_back(
    worker, plan, tracker, states, receipt
) -> None:
    tracker.hold("milestone", SPRING)
    tracker.fail("set_deadline", Unwritten("the milestone did not take"))
    plan(
        effect(SetDeadline("milestone", SPRING, WINTER, "restore"), key="restore"),
        effect(say(), key="words", after="restore"),
        known=state(WINTER, pending=Pending("restore", SPRING)),
    )

    assert worker.run_next()

    assert receipt("restore") == ("given up", "the milestone did not take")
    assert receipt("words") == ("cancelled", "")
    assert tracker.posted == {}


def test_the_issue_is_looked_at_again_once_a_write_was_given_up(worker, plan, tracker, states) -> None:
    tracker.hold("milestone", SPRING)
    tracker.fail("set_deadline", Unwritten("the milestone did not take"))
    plan(
        effect(SetDeadline("milestone", SPRING, WINTER, "restore"), key="restore"),
        known=state(WINTER, pending=Pending("restore", SPRING)),
    )

    assert worker.run_next() and worker.run_next()

    known = states.load(ISSUE)[0].fields["milestone"]
    assert (known.pending, known.contested) == (None, SPRING)


def test_what_is_set_aside_is_logged_as_an_error(worker, look, tracker) -> None:
    tracker.fail("issue", Refused("GitHub: 403"))
    look()

    with capture_logs() as lines:
        run_all(worker)

    [parked] = [line for line in lines if line["event"] == "parked"]
    assert (parked["log_level"], parked["kind"], parked["error"]) == ("error", "reconcile", "GitHub: 403")


# ---------------------------------------------------------------- poison


def test_a_poisonous_delivery_stops_no_other(worker, deliver, tracker, clock, all_jobs) -> None:
    deliver("poison", POISON)
    for number in range(20):
        deliver(f"good {number}")

    run_all(worker)
    assert [job[0] for job in all_jobs()] == ["delivery"], "only the poisonous one is left"
    run_to_the_end(worker, clock)

    assert all_jobs() == [("delivery", "parked", "ValueError: nobody thought of this (tried 8 times)")]
    assert tracker.asked.count("issue") == 1, "what was news of the issue meanwhile is seen at one look"


def test_one_of_many_that_are_seen_to_at_once_spoils_nothing_for_the_others(
    worker, deliver, states, tracker, all_jobs
) -> None:
    tracker.hold("milestone", SPRING)
    tracker.fail("issue", RuntimeError("nobody thought of this"))
    for number in range(100, 110):
        deliver(f"good {number}", b'{"number": %d}' % number)
    deliver("poison", POISON)

    while worker.decide_next(32):
        pass

    assert sorted(all_jobs()) == [
        ("delivery", "ready", "ValueError: nobody thought of this"),
        ("reconcile", "ready", "RuntimeError: nobody thought of this"),
    ]
    known = [Subject("github", "issue", f"acme/shop#{number}") for number in range(100, 110)]
    assert sum("milestone" in states.load(subject)[0].fields for subject in known) == 9


def test_reconciles_that_fold_are_each_there_still_where_that_one_fails(
    worker, look, tracker, clock, all_jobs
) -> None:
    tracker.fail("issue", RuntimeError("nobody thought of this"))
    look()
    look()

    worker.run_next()

    assert all_jobs() == [
        ("reconcile", "ready", "RuntimeError: nobody thought of this"),
        ("reconcile", "ready", ""),
    ]
    worker.run_next()
    assert all_jobs() == [("reconcile", "ready", "RuntimeError: nobody thought of this")]
    clock.forward(FIRST_WAIT)
    worker.run_next()
    assert all_jobs() == []


MOST_STATEMENTS = 6
"""Of a delivery and of the pass that it leads to, where nothing is new, with their share of what is done for
many at once."""


def test_a_delivery_that_brings_nothing_new_costs_few_statements(worker, deliver, tracker, all_jobs) -> None:
    def deliver_all(name: str) -> int:
        for number in range(64):
            deliver(f"{name} {number}", b'{"number": %d}' % number)
        asked = []
        listener = ("after_cursor_execute", lambda *about: asked.append(about[2]))
        event.listen(Engine, *listener)
        try:
            while worker.decide_next(32):
                pass
        finally:
            event.remove(Engine, *listener)
        assert all_jobs() == []
        return len(asked)

    tracker.hold("milestone", SPRING)
    deliver_all("first")

    assert deliver_all("second") <= MOST_STATEMENTS * 64


@pytest.mark.parametrize(
    ("body", "source", "error"),
    [(b"no JSON", "github", "JSONDecodeError"), (b"{}", "pigeon", "KeyError: 'pigeon'")],
)
def test_a_delivery_nobody_can_read_is_set_aside(
    worker, deliver, clock, all_jobs, body, source, error
) -> None:
    deliver("odd", body, source)

    run_to_the_end(worker, clock)

    [(kind, how, text)] = all_jobs()
    assert (kind, how) == ("delivery", "parked")
    assert text.startswith(error)


def test_later_jobs_of_the_same_subject_go_on_while_a_poisonous_one_waits(
    worker, look, tracker, states, all_jobs
) -> None:
    tracker.fail("issue", RuntimeError("nobody thought of this"))
    tracker.hold("milestone", SPRING)
    look()
    look()

    run_all(worker)

    assert all_jobs() == [("reconcile", "ready", "RuntimeError: nobody thought of this")]
    assert states.load(ISSUE)[0].fields["milestone"].standing == SPRING


def test_an_effect_that_can_no_longer_be_read_is_set_aside_and_stops_no_other(
    worker, plan, database, tracker, clock, all_jobs, receipt
) -> None:
    plan(effect(say(), key="unreadable"), effect(say(), key="words"))
    with database.write() as connection:
        broken = update(effect_table).where(effect_table.c.key == "unreadable")
        connection.execute(broken.values(effect_json='{"key": "unreadable"}'))

    run_all(worker)
    assert receipt("words")[0] == "done"
    run_to_the_end(worker, clock)

    [(kind, how, _)] = all_jobs()
    assert (kind, how) == ("tell", "parked")
    assert receipt("unreadable")[0] == "given up"


def test_a_job_without_its_effect_is_set_aside(worker, database, clock, all_jobs) -> None:
    with database.write() as connection:
        queue.put(connection, queue.new("tell", {"effect": "nowhere"}, system="github"))

    run_to_the_end(worker, clock)

    assert all_jobs() == [("tell", "parked", "LookupError: no effect nowhere (tried 8 times)")]


def test_a_subject_of_a_system_that_is_no_longer_there_is_set_aside(worker, look, clock, all_jobs) -> None:
    look(Subject("pigeon", "issue", "7"))

    run_to_the_end(worker, clock)

    assert all_jobs() == [("reconcile", "parked", "KeyError: 'pigeon' (tried 8 times)")]


# ---------------------------------------------------------------- taken over


@pytest.fixture
def other(database, clock) -> Queue:
    """The queue of another process."""
    return Queue(database, clock.seconds)


def taken_over(clock, other: Queue) -> Callable[[], None]:
    """Let so much time pass that somebody else takes the job over."""

    def meanwhile() -> None:
        clock.forward(LEASE_SECONDS + 1)
        other.keep()
        assert other.claim(DECIDING) or other.claim(EFFECTS, "github")

    return meanwhile


@pytest.mark.parametrize(
    "failure", [None, Refused("403"), Unavailable("502"), RuntimeError("nobody thought of this")]
)
def test_whoever_lost_a_look_commits_nothing_and_raises_nothing(
    worker, look, tracker, states, clock, other, all_jobs, failure
) -> None:
    tracker.hold("milestone", SPRING)
    tracker.meanwhile["issue"] = taken_over(clock, other)
    if failure:
        tracker.fail("issue", failure)
    look()

    assert worker.run_next() is True
    assert states.load(ISSUE)[0] == IssueState(ISSUE)
    assert all_jobs() == [("reconcile", "running", "")], "it is the other's now"


@pytest.mark.parametrize("failure", [None, Refused("403"), Unavailable("502")])
def test_whoever_lost_an_effect_writes_no_receipt(
    worker, plan, tracker, clock, other, all_jobs, receipt, failure
) -> None:
    plan(effect(say(), key="words"))
    tracker.meanwhile["post"] = taken_over(clock, other)
    if failure:
        tracker.fail("post", failure)

    assert worker.run_next() is True
    assert receipt("words") == ("ready", "")
    assert all_jobs() == [("tell", "running", "")]


def test_a_look_that_somebody_was_quicker_with_is_made_anew_at_once(
    worker, look, tracker, know, states, all_jobs
) -> None:
    known = state(WINTER, linked=False)
    know(known)

    def somebody_commits() -> None:
        tracker.meanwhile.clear()
        know(replace(known, handled=("c9",)))

    tracker.meanwhile["issue"] = somebody_commits
    tracker.hold("milestone", SPRING)
    look()

    assert run_all(worker) == 2
    loaded = states.load(ISSUE)[0]
    assert (loaded.handled, loaded.fields["milestone"].standing) == (("c9",), SPRING)
    assert all_jobs() == []


# ---------------------------------------------------------------- waiting


@given(st.integers(1, 1000), st.floats(0, 1))
def test_a_wait_doubles_up_to_ten_minutes_give_or_take_a_quarter(tries, chance) -> None:
    full = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 50))

    assert 0.75 * full <= backoff(tries, None, chance) <= 1.25 * full


@given(st.integers(1, 1000), st.floats(0, 86_400), st.floats(0, 1))
def test_a_wait_is_never_shorter_than_asked_for(tries, asked, chance) -> None:
    assert backoff(tries, asked, chance) == max(asked, backoff(tries, None, chance))


# ---------------------------------------------------------------- threads


@pytest.fixture
def running(worker) -> Iterator[Worker]:
    worker.start()
    yield worker
    worker.stop(20)


def finished(database, jobs) -> bool:
    """Wait until no job is left."""
    for _ in range(200):
        seen = database.writes
        if not jobs.counts():
            return True
        database.wait(seen, 0.1)
    return False


OF_THE_DATABASE = {"watch", "listen", "announce"}
"""Threads that end with it."""


def our_threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.daemon}


def test_a_worker_that_does_not_run_says_so(worker) -> None:
    assert worker.problem() == "the worker has stopped"


def test_threads_start_work_and_stop(worker, database, jobs, deliver) -> None:
    before = our_threads()

    worker.start()
    performers, keeper, prover, watcher = 2, 1, 1, 1
    assert len(our_threads() - before) == DECIDERS + performers + keeper + prover + watcher
    assert worker.problem() is None
    deliver()
    assert finished(database, jobs)
    worker.stop(20)

    assert {thread.name for thread in our_threads() - before} <= OF_THE_DATABASE
    assert worker.problem() == "the worker has stopped"


def test_effects_are_performed_while_all_deciders_are_busy(
    running, database, jobs, plan, look, tracker, receipt
) -> None:
    go_on, reading = threading.Event(), threading.Semaphore(0)

    def wait() -> None:
        if threading.current_thread() is not threading.main_thread():
            reading.release()
            assert go_on.wait(20)

    posted = threading.Event()
    tracker.meanwhile["issue"] = wait
    for number in range(DECIDERS):
        look(Subject("github", "issue", f"acme/shop#{100 + number}"))
    for _ in range(DECIDERS):
        assert reading.acquire(timeout=20)
    tracker.meanwhile["issue"] = lambda: None
    tracker.meanwhile["post"] = posted.set

    plan(effect(say(), key="words"))

    assert posted.wait(20)
    go_on.set()
    assert finished(database, jobs)
    assert receipt("words")[0] == "done"


def test_a_worker_that_is_stopped_gives_back_what_it_could_not_finish(
    worker, database, jobs, look, tracker, states, clock
) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        reading.set()
        assert go_on.wait(20)

    tracker.hold("milestone", SPRING)
    tracker.meanwhile["issue"] = hang
    look()
    worker.start()
    assert reading.wait(20)
    threads = [thread for thread in our_threads() if thread.name not in OF_THE_DATABASE]

    worker.stop(0.05)

    clock.forward(READ_LAG)
    other = Queue(database, clock.seconds)
    taken = other.claim(DECIDING)
    assert taken is not None
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert states.load(ISSUE)[0] == IssueState(ISSUE), "what came too late was not committed"
    with database.write() as connection:
        other.done(connection, taken)


def test_what_was_claimed_and_not_begun_is_free_at_once_when_the_worker_stops(
    monkeypatch, worker, database, look, tracker, clock
) -> None:
    monkeypatch.setattr(worker_module, "AT_HAND", 60.0)
    reading, go_on = threading.Semaphore(0), threading.Event()

    def hang() -> None:
        reading.release()
        assert go_on.wait(20)

    tracker.meanwhile["issue"] = hang
    for number in range(DECIDERS + 2):
        look(Subject("github", "issue", f"acme/shop#{number}"))
    worker.start()
    for _ in range(DECIDERS):
        assert reading.acquire(timeout=20)
    threads = [thread for thread in our_threads() if thread.name not in OF_THE_DATABASE]

    worker.stop(0.05)

    other = Queue(database, clock.seconds)
    assert [job.tries for job in other.claim_several(DECIDING, 32)] == [1, 1]
    clock.forward(READ_LAG)
    assert [job.tries for job in other.claim_several(DECIDING, 32)] == [2] * DECIDERS
    go_on.set()
    for thread in threads:
        thread.join(20)


def test_a_database_that_cannot_be_used_for_a_while_ends_no_thread(running, database, jobs, deliver) -> None:
    def rename(old: str, new: str) -> None:
        with database.write() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")

    with capture_logs() as lines:
        rename("jobs", "elsewhere")
        for _ in range(2000):
            if any(line["event"] == "worker" for line in lines):
                break
            database.wait(database.writes, 0.01)
        rename("elsewhere", "jobs")
    assert any("jobs" in line["error"] for line in lines if line["event"] == "worker")
    deliver()

    assert finished(database, jobs)
    assert running.problem() is None


def eventually(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 20
    while not true() and time.monotonic() < until:
        time.sleep(0.005)
    return true()


def lease_of(database: Database) -> float:
    with database.read() as connection:
        return connection.scalars(select(job_table.c.lease_until)).one()


def test_the_lease_of_a_slow_job_is_kept(monkeypatch, worker, database, look, tracker, clock, other) -> None:
    monkeypatch.setattr(worker_module, "KEEP_EVERY", 0.01)
    reading, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        reading.set()
        assert go_on.wait(20)

    tracker.meanwhile["issue"] = hang
    look()
    worker.start()
    assert reading.wait(20)

    for _ in range(4):
        clock.forward(LEASE_SECONDS * 0.8)
        assert eventually(lambda: lease_of(database) > clock.seconds() + LEASE_SECONDS / 2)
        other.keep()

    assert other.claim(DECIDING) is None
    go_on.set()
    worker.stop(20)


def test_a_database_that_is_gone_keeps_nobody_from_stopping(worker, monkeypatch) -> None:
    def gone(self: object) -> None:
        raise OSError("the file was removed")

    monkeypatch.setattr(Queue, "give_back", gone)
    with capture_logs() as lines:
        worker.start()
        worker.stop(10)

    assert any("the file was removed" in line.get("error", "") for line in lines)
