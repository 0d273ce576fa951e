"""Each number moves when the thing happens, on all machines together, and tells of nobody."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update
from werkzeug.test import Client, TestResponse

from automation.engine.reconcile import Reconciler
from automation.model.reading import Answer, Reading
from automation.ports import Closed, Unauthorized
from automation.store import figures, queue, schema
from automation.store.counters import LONGEST, STEPS, Counters
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.queue import LEASE_SECONDS, Queue
from automation.store.rate_limiter import RateLimiters
from tests.fakes import Clock
from tests.sources import SCHEMES, edge_settings, sign
from webhooks.app import create_app
from webhooks.receiver import Dropped

SECRET = "a long random text"
BODY = b'{"action": "opened", "repository": {"full_name": "acme/shop"}}'
GUIDE = Path(__file__).parents[2] / "docs" / "operations.md"
Numbers = dict[str, float]
"""By name and labels, as Prometheus writes them, labels in the order of the alphabet."""


@pytest.fixture
def clock() -> Clock:
    """Near the machine's own, by which jobs are put."""
    return Clock(datetime.fromtimestamp(time.time(), UTC))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/handshake.db")
    yield database
    database.close()


@pytest.fixture
def counters(database: Database) -> Counters:
    return Counters(database)


@pytest.fixture
def jobs(database: Database, clock: Clock) -> Queue:
    return Queue(database, clock.seconds)


@pytest.fixture
def limiters(database: Database, counters: Counters, clock: Clock) -> RateLimiters:
    return RateLimiters(database, clock.seconds, counters)


@pytest.fixture
def client(
    database: Database, counters: Counters, jobs: Queue, limiters: RateLimiters, clock: Clock
) -> Client:
    def ruled_out(_source: str, event: str) -> Dropped | None:
        return Dropped.PING if event == "ping" else None

    return Client(
        create_app(
            edge_settings({"github": (SECRET,)}),
            Inbox(database),
            {"database": database.problem, "worker": jobs.problem, "credentials": limiters.problem},
            lambda: figures.read(database, clock.seconds()),
            ruled_out,
            counters.add,
        )
    )


@pytest.fixture
def numbers(client: Client, counters: Counters) -> Callable[[], Numbers]:
    """Write down what was counted, and scrape."""

    def scrape() -> Numbers:
        counters.flush()
        return parsed(client.get("/metrics"))

    return scrape


def parsed(answer: TestResponse) -> Numbers:
    assert answer.status_code == 200
    found: Numbers = {}
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items()))
            key = f"{sample.name}{{{labels}}}" if labels else sample.name
            assert key not in found, "a series is told once"
            found[key] = sample.value
    return found


def post(client: Client, source: str = "github", secret: str = SECRET, **changed: str) -> TestResponse:
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": changed.get("event", "issues"),
        "X-GitHub-Delivery": changed.get("id", "one"),
        "X-Hub-Signature-256": sign(SCHEMES["github"], secret, BODY),
    }
    return client.post(f"/webhooks/{source}", data=BODY, headers=headers)


# ---------------------------------------------------------------- before anything happens


def test_what_waits_is_told_from_the_start(client) -> None:
    assert parsed(client.get("/metrics")) == {
        'handshake_jobs{state="ready"}': 0,
        'handshake_jobs{state="running"}': 0,
        'handshake_jobs{state="parked"}': 0,
        "handshake_oldest_job_age_seconds": 0,
        "handshake_workers": 0,
        **{f'handshake_restore_seconds_bucket{{le="{step}.0"}}': 0 for step in STEPS},
        'handshake_restore_seconds_bucket{le="+Inf"}': 0,
        "handshake_restore_seconds_count": 0,
        "handshake_restore_seconds_sum": 0,
    }


def test_it_is_text_for_prometheus(client) -> None:
    assert client.get("/metrics").content_type.startswith("text/plain; version=")


def test_what_has_not_happened_yet_can_be_told_too(counters, numbers) -> None:
    counters.add("not stored", "github", "", by=0)

    assert numbers()['handshake_not_stored_total{source="github"}'] == 0


# ---------------------------------------------------------------- what came in


def test_a_delivery_is_received_once_and_repeated_after_that(client, numbers) -> None:
    for _ in range(3):
        assert post(client).status_code == 202

    found = numbers()
    assert found['handshake_received_total{source="github"}'] == 1
    assert found['handshake_repeated_total{source="github"}'] == 2


def test_a_delivery_that_is_not_genuine_is_refused_with_its_reason(client, numbers) -> None:
    post(client, secret="a guess")

    assert numbers()['handshake_refused_total{reason="signature",source="github"}'] == 1


def test_the_word_of_a_stranger_is_no_label(client, numbers) -> None:
    assert post(client, source="Borealis").status_code == 404

    assert numbers()['handshake_refused_total{reason="source",source=""}'] == 1


def test_a_ping_is_dropped(client, numbers) -> None:
    post(client, event="ping")

    found = numbers()
    assert found['handshake_dropped_total{reason="ping",source="github"}'] == 1
    assert 'handshake_received_total{source="github"}' not in found


def test_what_could_not_be_stored_is_counted_once_the_database_is_well_again(
    client, database, numbers
) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE deliveries RENAME TO gone")
    assert post(client).status_code == 503

    assert numbers()['handshake_not_stored_total{source="github"}'] == 1


def test_what_all_receivers_counted_is_added_up(database, counters, numbers) -> None:
    other = Counters(database)
    counters.add("received", "github", "")
    other.add("received", "github", "", by=2)
    other.flush()

    assert numbers()['handshake_received_total{source="github"}'] == 3


# ---------------------------------------------------------------- what came of it


@pytest.mark.parametrize("reading", Answer)
def test_a_delivery_counts_by_how_it_was_read(client, database, jobs, counters, numbers, reading) -> None:
    unused: dict[str, Any] = dict.fromkeys(("states", "trackers", "passes", "rules", "clock", "preview"))
    readers = {"github": lambda _event, _body: Reading(reading)}
    engine = Reconciler(jobs, Inbox(database), readers=readers, counters=counters, **unused)
    post(client)

    engine.deliver(jobs.claim(("delivery",)))

    assert numbers()[f'handshake_read_total{{reading="{reading}",source="github"}}'] == 1


def test_a_name_of_a_rule_is_a_label_however_odd_it_is(counters, numbers) -> None:
    odd = 'dates\t"wait" \\ for\nproduct'
    for name in (odd, "x" * 1000):
        counters.add("decisions", name, "fired")

    assert [key for key in numbers() if key.startswith("handshake_rule_evaluations_total")] == [
        f'handshake_rule_evaluations_total{{outcome="fired",rule="{name}"}}'
        for name in (odd.replace("\t", " "), "x" * LONGEST)
    ]


def test_a_restore_counts_in_every_step_that_it_did_not_exceed(counters, numbers) -> None:
    for seconds in (1.5, 2, 7, 10_000, -1):
        counters.took("restore", seconds)

    found = numbers()
    told = {
        step: found[f'handshake_restore_seconds_bucket{{le="{step}"}}']
        for step in ("1.0", "2.0", "5.0", "10.0", "900.0", "+Inf")
    }
    assert told == {"1.0": 1, "2.0": 3, "5.0": 3, "10.0": 4, "900.0": 4, "+Inf": 5}
    assert found["handshake_restore_seconds_count"] == 5
    assert found["handshake_restore_seconds_sum"] == 1.5 + 2 + 7 + 10_000


# ---------------------------------------------------------------- what waits


def put(database: Database, name: str, put_at: float, due_at: float = 0.0) -> None:
    with database.write() as connection:
        queue.put(connection, queue.new("reconcile", {}, name, due_at))
        mine = schema.jobs.c.ordering == name
        connection.execute(update(schema.jobs).where(mine).values(put_at=put_at))


def park(database: Database, jobs: Queue) -> None:
    job = jobs.claim(("reconcile",))
    with database.write() as connection:
        jobs.park(connection, job, "no such milestone")


def test_jobs_are_counted_by_their_state(database, jobs, clock, numbers) -> None:
    for name in ("parked", "running", "ready", "ready too"):
        put(database, name, clock.seconds())
    park(database, jobs)
    jobs.claim(("reconcile",))

    found = numbers()
    told = {state: found[f'handshake_jobs{{state="{state}"}}'] for state in ("ready", "running", "parked")}
    assert told == {"ready": 2, "running": 1, "parked": 1}


def test_the_oldest_job_is_the_one_that_has_been_due_the_longest(database, clock, numbers) -> None:
    now = clock.seconds()
    put(database, "put off, and due again", now - 500, due_at=now - 20)
    put(database, "put a while ago", now - 30)
    put(database, "put just now", now - 1)
    put(database, "not due before tomorrow", now - 900, due_at=now + 86_400)

    assert numbers()["handshake_oldest_job_age_seconds"] == pytest.approx(30)


def test_a_job_that_was_put_off_is_due_since_its_time_came(database, clock, numbers) -> None:
    put(database, "put off", clock.seconds() - 500, due_at=clock.seconds() - 20)

    assert numbers()["handshake_oldest_job_age_seconds"] == pytest.approx(20)


def test_what_is_not_due_yet_is_not_old(database, clock, numbers) -> None:
    put(database, "not due before tomorrow", clock.seconds() - 900, due_at=clock.seconds() + 86_400)

    assert numbers()["handshake_oldest_job_age_seconds"] == 0


def test_what_is_parked_is_not_old_but_what_is_being_done_is(database, jobs, clock, numbers) -> None:
    put(database, "parked", clock.seconds() - 900)
    park(database, jobs)
    put(database, "running", clock.seconds() - 60)
    jobs.claim(("reconcile",))

    assert numbers()["handshake_oldest_job_age_seconds"] == pytest.approx(60)


def test_workers_count_while_they_are_alive(database, jobs, clock, numbers) -> None:
    jobs.keep()
    Queue(database, clock.seconds).keep()
    assert numbers()["handshake_workers"] == 2

    clock.forward(LEASE_SECONDS + 1)
    assert numbers()["handshake_workers"] == 0


# ---------------------------------------------------------------- the systems outside


def test_calls_are_counted_by_system_method_and_status(limiters, numbers) -> None:
    for status in (200, 200, 404):
        limiters.to("jira").answered("GET", status)

    found = numbers()
    assert found['handshake_upstream_calls_total{method="GET",status="200",system="jira"}'] == 2
    assert found['handshake_upstream_calls_total{method="GET",status="404",system="jira"}'] == 1


def test_the_quota_is_what_was_said_last(limiters, numbers) -> None:
    for left in (4_900, 4_899):
        limiters.to("github").answered("GET", 200, left)

    assert numbers()['handshake_upstream_quota_left{system="github"}'] == 4_899


def test_a_system_is_open_once_it_answered_and_while_it_asks_for_no_pause(limiters, clock, numbers) -> None:
    limiter, is_open = limiters.to("github"), 'handshake_system_open{system="github"}'
    limiter.answered("GET", 200)
    assert numbers()[is_open] == 1

    limiter.shut(Closed("GitHub asked for a pause", 60))
    assert numbers()[is_open] == 0

    clock.forward(61)
    assert numbers()[is_open] == 1


def test_a_system_that_refused_our_credentials_is_shut_until_it_accepts_them(
    limiters, clock, numbers
) -> None:
    limiter, is_open = limiters.to("jira"), 'handshake_system_open{system="jira"}'
    limiter.shut(Unauthorized("Jira does not accept JIRA_API_TOKEN", 60))
    clock.forward(61)
    assert numbers()[is_open] == 0

    limiter.enter()
    limiter.answered("GET", 200)
    assert numbers()[is_open] == 1


# ---------------------------------------------------------------- what must not happen


def test_a_database_that_cannot_be_read_is_no_fault_but_a_sentence(client, database, tmp_path) -> None:
    database.close()
    for path in tmp_path.glob("handshake.db*"):
        path.write_bytes(b"flipped bytes " * 1000)

    answer = client.get("/metrics")

    assert (answer.status_code, answer.mimetype) == (503, "application/json")
    assert answer.json == {
        "error": "The figures cannot be read just now. Please see /readyz for what is wrong."
    }


def test_numbers_and_health_tell_nothing_of_anybody(client, database, jobs, limiters, numbers) -> None:
    canaries = ("Borealis", "SALES-7", "mona", "acme", "secret-host")
    body = json.dumps({"issue": {"title": "Borealis"}, "deal": "SALES-7", "sender": "mona", "repo": "acme"})
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "Borealis",
        "X-GitHub-Delivery": "SALES-7",
        "X-GitHub-Hook-ID": "mona",
        "X-Hub-Signature-256": sign(SCHEMES["github"], SECRET, body.encode()),
    }
    assert client.post("/webhooks/github", data=body, headers=headers).status_code == 202
    headers["X-Hub-Signature-256"] = "sha256=Borealis"
    for source in ("github", "SALES-7", "mona"):
        client.post(f"/webhooks/{source}?who=mona", data=body, headers=headers)
    put(database, "jira:issue:SALES-7", 0.0)
    jobs.claim(("delivery",))
    job = jobs.claim(("reconcile",))
    with database.write() as connection:
        jobs.park(connection, job, "Jira: GET issue/SALES-7 of Borealis, asked by mona")
    limiters.to("jira").shut(Unauthorized("https://secret-host/rest/api/3/issue/SALES-7 said 401", 60))
    numbers()

    told = client.get("/metrics").text + client.get("/readyz").text
    assert "handshake_jobs" in told and "credentials" in told
    assert [word for word in canaries if word.lower() in told.lower()] == []


# ---------------------------------------------------------------- the guide


def everything(counters: Counters, limiters: RateLimiters, numbers: Callable[[], Numbers]) -> set[str]:
    """Return the names of all series, as Prometheus keeps them."""
    for name in ("received", "repeated", "not stored", "overrides"):
        counters.add(name, "github", "")
    for name in ("refused", "dropped", "read", "reconciles", "decisions", "effects"):
        counters.add(name, "github", "a word")
    limiters.to("github").answered("GET", 200, 5_000)
    return {key.partition("{")[0] for key in numbers()}


def test_the_guide_lists_every_number(counters, limiters, numbers) -> None:
    listed = set(re.findall(r"^\| `(handshake_\w+)", GUIDE.read_text(), re.MULTILINE))

    told = {name for name in everything(counters, limiters, numbers) if not name.endswith(("_count", "_sum"))}
    assert listed == {name.removesuffix("_bucket") for name in told}


def test_the_alerts_of_the_guide_ask_for_numbers_that_there_are(counters, limiters, numbers) -> None:
    [text] = re.findall(r"```yml\n(groups:.*?)```", GUIDE.read_text(), re.DOTALL)
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]

    asked = {name for rule in rules for name in re.findall(r"handshake_\w+", rule["expr"])}
    assert len(rules) >= 3
    assert asked <= everything(counters, limiters, numbers)
