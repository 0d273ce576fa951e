"""Failures on order, and the list of what was asked."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
import requests
from github import GithubException
from jira import JIRAError

from automation.sandbox import Asked, Sandbox, sandbox
from automation.sandbox.faults import Failure, Faults
from automation.sandbox.wire import remember

COMMENTS = "/repos/acme/shop/issues/1/comments"


@pytest.mark.parametrize(("how", "made"), [("502 before", 0), ("502 after", 1)])
def test_a_502_comes_before_or_after_the_write(box, github, how, made):
    issue = github("bot").get_repo("acme/shop").get_issue(1)
    box.fail_next("POST", r"/comments$", how)
    with pytest.raises(GithubException) as failed:
        issue.create_comment("hello")
    assert failed.value.status == 502
    assert len(box.github.comments("acme/shop", 1)) == made
    issue.create_comment("again")
    assert len(box.github.comments("acme/shop", 1)) == made + 1


@pytest.mark.parametrize(("how", "made"), [("drop before", 0), ("drop after", 1)])
def test_a_connection_is_dropped_before_or_after_the_write(box, curl, how, made):
    box.fail_next("POST", r"/comments$", how)
    with pytest.raises(requests.ConnectionError):
        curl("bot", "POST", COMMENTS, json={"body": "hello"})
    assert len(box.github.comments("acme/shop", 1)) == made
    assert box.requests[-1][:4] == ("POST", COMMENTS, 0, "bot")
    assert curl("bot", "POST", COMMENTS, json={"body": "again"}).status_code == 201


@pytest.mark.parametrize(("how", "made"), [("timeout before", 0), ("timeout after", 1)])
def test_nobody_answers_before_or_after_the_write(box, how, made):
    box.fail_next("POST", r"/comments$", how, hold=60)
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer bot"
        with pytest.raises(requests.ReadTimeout):
            session.post(box.github_url + COMMENTS, json={"body": "hello"}, timeout=(5, 0.1))
        until = time.monotonic() + 5
        while not box.requests and time.monotonic() < until:  # it may have been busy with something else
            time.sleep(0.01)
        assert len(box.github.comments("acme/shop", 1)) == made
        assert box.requests[-1][:4] == ("POST", COMMENTS, 0, "bot")
        assert session.post(box.github_url + COMMENTS, json={"body": "a"}, timeout=5).status_code == 201


def test_a_connection_that_nobody_answers_is_closed_in_the_end(box, curl):
    box.fail_next("GET", "/user", "timeout before", hold=0.01)
    with pytest.raises(requests.ConnectionError, match="closed connection without response"):
        curl("bot", "GET", "/user")


def test_a_429_need_not_say_how_long(box, curl):
    box.fail_next("GET", "/", "429", times=2, retry_after=None)
    for path in ("/user", "/rest/api/3/myself"):
        answer = curl("bot" if path == "/user" else "dana", "GET", path)
        assert answer.status_code == 429
        assert "Retry-After" not in answer.headers


def test_github_tells_of_its_secondary_limit_by_a_403(box, curl):
    box.fail_next("POST", "/comments", "403 limit", retry_after=7)
    answer = curl("bot", "POST", COMMENTS, json={"body": "hello"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (403, "7")
    assert answer.headers["x-ratelimit-remaining"] != "0"
    assert "You have exceeded a secondary rate limit" in answer.json()["message"]
    assert box.github.comments("acme/shop", 1) == []


def test_credentials_are_refused_as_each_system_does_it(box, curl):
    box.fail_next("GET", "/", "401", times=2)
    hub, site = curl("bot", "GET", "/user"), curl("dana", "GET", "/rest/api/3/myself")
    assert (hub.status_code, hub.json()["message"]) == (401, "Bad credentials")
    assert site.status_code == 401
    unknown = curl("nobody", "GET", "/rest/api/3/myself")
    assert site.json() == unknown.json(), "as without an order"
    assert [asked.actor for asked in box.requests] == ["bot", "dana", ""]


def test_a_token_that_has_run_out_makes_a_stranger_in_jira(box, curl):
    box.fail_next("GET", "/issue/", "stranger")
    box.fail_next("PUT", "/issue/", "stranger")
    box.fail_next("POST", "/bulkfetch", "stranger")
    hidden = curl("dana", "GET", "/rest/api/3/issue/SALES-1")
    edited = curl("dana", "PUT", "/rest/api/3/issue/SALES-1", json={"fields": {"duedate": None}})
    empty = curl("dana", "POST", "/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": ["SALES-1"]})
    assert [answer.status_code for answer in (hidden, edited, empty)] == [404, 404, 200]
    assert empty.json()["issues"] == []
    for answer in (hidden, edited, empty):
        assert answer.headers["X-Seraph-LoginReason"] == "AUTHENTICATED_FAILED"
    assert box.jira.issue("SALES-1").duedate is not None
    assert curl("dana", "GET", "/rest/api/3/issue/SALES-1").status_code == 200


def test_a_stranger_on_github_finds_nothing(box, curl):
    box.fail_next("GET", "/repos/acme/shop", "stranger")
    assert curl("bot", "GET", "/repos/acme/shop").status_code == 404


def test_a_429_says_how_long_to_wait_as_often_as_ordered(box, curl):
    box.fail_next("GET", "/rest/api/3/issue/SALES-1", "429", times=2, retry_after=7)
    for _ in range(2):
        answer = curl("dana", "GET", "/rest/api/3/issue/SALES-1")
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    assert answer.headers["RateLimit-Reason"] == "jira-burst-based"
    assert curl("dana", "GET", "/rest/api/3/issue/SALES-1").status_code == 200


def test_the_jira_client_meets_faults_too(box, jira):
    issue = jira("dana").issue("SALES-1")
    box.fail_next("PUT", "/issue/", "502 after")
    with pytest.raises(JIRAError):
        issue.update(fields={"duedate": "2027-03-01"})
    assert box.jira.issue("SALES-1").duedate.isoformat() == "2027-03-01"


def test_a_fault_waits_for_its_method_and_path(box, curl):
    box.fail_next("DELETE", "/comments", "502 before")
    assert curl("bot", "GET", COMMENTS).status_code == 200
    assert curl("bot", "GET", "/repos/acme/shop").status_code == 200


def test_an_unknown_fault_is_an_error_at_once(box):
    with pytest.raises(ValueError, match="502 before"):
        box.fail_next("GET", "/", "explode")


def test_requests_are_listed_with_status_and_actor(box, curl):
    curl("sam", "GET", "/repos/acme/shop")
    curl("stranger", "GET", "/repos/acme/shop?page=2")
    curl("nobody", "GET", "/user")
    curl("dana", "GET", "/rest/api/3/myself")
    assert [asked[:4] for asked in box.requests] == [
        ("GET", "/repos/acme/shop", 200, "sam"),
        ("GET", "/repos/acme/shop", 404, "stranger"),
        ("GET", "/user", 401, ""),
        ("GET", "/rest/api/3/myself", 200, "dana"),
    ]


def test_requests_are_listed_with_what_was_sent_and_answered(box, curl):
    answer = curl("bot", "POST", f"{COMMENTS}?a=1", json={"body": "hello"})
    asked = box.requests[-1]
    assert (asked.query, asked.sent_as, asked.sent) == ("a=1", "application/json", b'{"body": "hello"}')
    assert (asked.answered_as, asked.answered) == ("application/json", answer.content)


def test_bodies_are_kept_of_the_newest_requests_only():
    log: list[Asked] = []
    for turn in (b"1", b"2", b"3", b"4"):
        remember(log, Asked("POST", COMMENTS, 201, "bot", sent=turn, answered=turn), kept=2)
    assert [asked.status for asked in log] == [201] * 4
    assert [(asked.sent, asked.answered) for asked in log] == [(b"", b"")] * 2 + [(b"3", b"3"), (b"4", b"4")]


def test_a_connection_is_kept_for_the_next_request(box):
    with closing(HTTPConnection(urlsplit(box.github_url).netloc, timeout=5)) as connection:
        sockets = []
        for path, status in (("/repos/acme/docs", 200), ("/nowhere", 404)):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            sockets.append(connection.sock)
            assert answer.status == status
        assert sockets[0] is sockets[1] is not None


def test_a_sandbox_that_was_stopped_answers_nobody_on_old_connections_either():
    made = Sandbox()
    with requests.Session() as session:
        assert session.get(f"{made.github_url}/", timeout=5).status_code == 200
        made.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{made.github_url}/", timeout=5)


def test_stopping_does_not_wait_for_a_timeout_to_pass():
    faults = Faults()
    waiting = threading.Thread(target=faults.hold, args=(Failure("timeout before", hold=60),), daemon=True)
    waiting.start()
    faults.close()
    waiting.join(timeout=10)
    assert not waiting.is_alive()


def test_many_at_once_lose_nothing(box):
    def comment(number: int) -> None:
        with requests.Session() as session:
            for turn in range(5):
                session.post(
                    box.github_url + COMMENTS,
                    json={"body": f"{number}.{turn}"},
                    headers={"Authorization": "Bearer sam"},
                    timeout=10,
                )

    threads = [threading.Thread(target=comment, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    comments = box.github.comments("acme/shop", 1)
    assert len({comment.body for comment in comments}) == 40
    assert len({comment.id for comment in comments}) == 40


def test_two_sandboxes_with_the_same_clock_count_the_same(clock):
    def ids() -> list[object]:
        with sandbox(clock) as made:
            made.github.send_hooks_to("http://127.0.0.1:1/closed", "s")
            user = made.github.add_user("sam")
            made.github.add_repo("acme/shop", roles={"sam": "write"})
            n = made.github.as_user("sam").open_issue("acme/shop", "One")
            made.hooks.drain()
            return [user.id, made.github.issue("acme/shop", n).id, made.hooks.deliveries[0].id]

    assert ids() == ids()


def test_another_start_sends_other_delivery_ids(clock):
    def delivery() -> str:
        with sandbox(clock) as made:
            clock.tick()
            made.github.send_hooks_to("http://127.0.0.1:1/closed", "s")
            made.github.add_user("sam")
            made.github.add_repo("acme/shop")
            made.github.as_user("sam").open_issue("acme/shop", "One")
            made.hooks.drain()
            return made.hooks.deliveries[0].id

    assert delivery() != delivery()
