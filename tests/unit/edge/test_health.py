"""Health, the front page, and what all answers have in common."""

from __future__ import annotations

import pytest


def broken() -> str | None:
    raise OSError("/secret/place/handshake.db")


def test_livez_says_ok_whatever_the_checks_say(make_app) -> None:
    answer = make_app(checks={"database": broken}).test_client().get("/livez")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok", "text/plain")


def test_readyz_is_ready_when_all_checks_are_well(make_app) -> None:
    answer = make_app(checks={"database": lambda: None, "rules": lambda: None}).test_client().get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"ready": True, "checks": {"database": "ok", "rules": "ok"}}


def test_readyz_gives_the_reason_when_one_is_not(make_app) -> None:
    checks = {"database": lambda: None, "rules": lambda: "rules/deadlines.yaml has errors"}
    answer = make_app(checks=checks).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "ready": False,
        "checks": {"database": "ok", "rules": "rules/deadlines.yaml has errors"},
    }


def test_a_check_that_breaks_is_not_ready_and_tells_strangers_nothing(make_app) -> None:
    answer = make_app(checks={"database": broken}).test_client().get("/readyz")
    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": "failed (OSError)"}


def test_checks_are_asked_anew_each_time(make_app) -> None:
    reasons = iter(["still starting", None])
    client = make_app(checks={"worker": lambda: next(reasons)}).test_client()
    assert [client.get("/readyz").status_code for _ in range(2)] == [503, 200]


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
