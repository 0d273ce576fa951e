"""Health, the front page, and what all answers have in common."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from automation.store.database import CLOCKS_DIFFER, Database
from webhooks import health


def broken() -> str | None:
    raise OSError("/secret/place/handshake.db")


def test_livez_says_ok_whatever_the_checks_say(make_app) -> None:
    answer = make_app(checks={"database": broken}).test_client().get("/livez")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok", "text/plain")


def test_readyz_is_ready_when_all_checks_are_well(make_app) -> None:
    answer = make_app(checks={"database": lambda: None, "rules": lambda: None}).test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"ready": True, "checks": {"database": "ok", "rules": "ok"}, "details": {}}


def test_readyz_gives_the_reason_when_one_is_not(make_app) -> None:
    checks = {"database": lambda: None, "rules": lambda: "rules/deadlines.yaml has errors"}
    answer = make_app(checks=checks).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "ready": False,
        "checks": {"database": "ok", "rules": "rules/deadlines.yaml has errors"},
        "details": {},
    }


def test_a_check_that_breaks_is_not_ready_and_tells_strangers_nothing(make_app) -> None:
    answer = make_app(checks={"database": broken}).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "failed (OSError)"}


def test_what_operations_should_look_at_is_told_and_makes_nothing_unready() -> None:
    app = Flask(__name__)
    details = {"github": lambda: "no answer since 09:00", "jira": lambda: None}
    app.register_blueprint(health.create_blueprint({"database": lambda: None}, details))

    answer = app.test_client().get("/readyz")

    assert answer.status_code == 200
    assert answer.json == {
        "ready": True,
        "checks": {"database": "ok"},
        "details": {"github": "no answer since 09:00"},
    }


def test_checks_are_asked_anew_each_time(make_app) -> None:
    reasons = iter(["still starting", None])
    client = make_app(checks={"worker": lambda: next(reasons)}).test_client()
    assert [client.get("/readyz").status_code for _ in range(2)] == [503, 200]


def test_the_log_says_what_strangers_are_not_told(make_app) -> None:
    with capture_logs() as lines:
        make_app(checks={"database": broken}).test_client().get("/readyz")
    assert [line["error"] for line in lines] == ["OSError: /secret/place/handshake.db"]


# ---------------------------------------------------------------- checks that hang


class Hanging:
    """A check that answers once it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.gone_on = threading.Event()

    def __call__(self) -> str | None:
        self.asked += 1
        self.gone_on.wait()
        return None


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    check = Hanging()
    yield check
    check.gone_on.set()


def hurried(checks: health.Checks) -> FlaskClient:
    """Return a client of an application that does not wait long."""
    app = Flask(__name__)
    app.register_blueprint(health.create_blueprint(checks, patience=0.05))
    return app.test_client()


def test_a_check_that_hangs_is_not_waited_for(hanging) -> None:
    answer = hurried({"database": hanging, "worker": lambda: None}).get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "no answer within 0.05 seconds", "worker": "ok"}


def test_many_probes_of_a_check_that_hangs_take_one_thread(hanging) -> None:
    client = hurried({"hanging": hanging})

    assert [client.get("/readyz").status_code for _ in range(5)] == [503] * 5

    assert hanging.asked == 1
    assert [thread.name for thread in threading.enumerate()].count("hanging") == 1


def test_a_check_that_goes_on_is_ready_again(hanging, make_app) -> None:
    client = hurried({"database": hanging})
    assert client.get("/readyz").status_code == 503

    hanging.gone_on.set()

    assert until(lambda: client.get("/readyz").status_code == 200)


def until(holds: Callable[[], bool]) -> bool:
    return any(holds() for _ in range(100))


# ---------------------------------------------------------------- what the database says


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/handshake.db")
    yield database
    database.close()


def test_a_locked_database_is_not_waited_for(database, tmp_path) -> None:
    client = hurried({"database": database.problem})
    with contextlib.closing(sqlite3.connect(tmp_path / "handshake.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = client.get("/readyz")
        other.execute("ROLLBACK")

    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "no answer within 0.05 seconds"}
    assert until(lambda: client.get("/readyz").status_code == 200)


def test_of_a_database_that_cannot_be_written_strangers_hear_the_kind_of_error_only(
    database, tmp_path
) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE meta RENAME TO secret_place")

    with capture_logs() as lines:
        answer = database.problem()

    assert answer == "it cannot be written (SQLITE_ERROR); the log says more"
    assert [line["error"] for line in lines] == ["no such table: meta"]


def test_a_probe_writes_and_wakes_nobody(database, tmp_path) -> None:
    before = database.writes
    with contextlib.closing(sqlite3.connect(tmp_path / "handshake.db")) as other:
        (version,) = other.execute("PRAGMA data_version").fetchone()
        assert database.problem() is None
        assert other.execute("PRAGMA data_version").fetchone() != (version,)
    assert database.writes == before


@pytest.mark.parametrize("seconds", [0, CLOCKS_DIFFER - 2, 2 - CLOCKS_DIFFER])
def test_clocks_may_differ_a_little(database, seconds) -> None:
    assert database.clock_problem(lambda: time.time() + seconds) is None


@pytest.mark.parametrize(("seconds", "way"), [(3600, "ahead of"), (-3600, "behind")])
def test_a_clock_that_is_wrong_is_told_with_what_to_do(database, seconds, way) -> None:
    told = database.clock_problem(lambda: time.time() + seconds)

    assert f"seconds {way} the database's; set both by the same time servers (NTP)" in told


# ---------------------------------------------------------------- the rest


def test_the_front_page_says_what_this_is_and_where_to_go(make_app) -> None:
    answer = make_app().test_client().get("/")
    assert answer.mimetype == "text/html"
    for words in ("This is Handshake", "/webhooks/github", "/webhooks/jira", "/livez", "/readyz"):
        assert words in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("POST", "/livez", 405), ("DELETE", "/", 405), ("GET", "/broken", 500)],
)
def test_errors_are_one_sentence_in_json(make_app, method, path, status) -> None:
    app = make_app()
    app.add_url_rule("/broken", view_func=broken)
    answer = app.test_client().open(path, method=method)
    assert answer.status_code == status
    assert answer.mimetype == "application/json"
    assert list(answer.json) == ["error"]
    assert "secret" not in answer.text
    assert "Please" in answer.json["error"]


@pytest.mark.parametrize("path", ["/", "/livez", "/readyz", "/nowhere", "/webhooks/github"])
def test_no_answer_sets_a_cookie_or_lets_its_type_be_guessed(make_app, path) -> None:
    answer = make_app().test_client().get(path)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
