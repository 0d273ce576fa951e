"""What a good client never does: counted, and refused only where that is asked for."""

from __future__ import annotations

import pytest
import requests

ISSUE, COMMENTS = "/repos/acme/shop/issues/1", "/repos/acme/shop/issues/1/comments"
DEAL = "/rest/api/3/issue/SALES-1"
QUERY = {"query": "query($o: String!) { repository(owner: $o, name: $o) { issue(number: 1) { id } } }"}


@pytest.fixture
def say(curl):
    """Comment on GitHub as somebody."""

    def ask(who="bot"):
        return curl(who, "POST", COMMENTS, json={"body": "hello"})

    return ask


def what(box) -> list[str]:
    return [violation.what for violation in box.violations]


# ---------------------------------------------------------------- how often to write


def test_writes_a_second_apart_are_good(box, clock, say):
    for _ in range(3):
        assert say().status_code == 201
        clock.tick(1)
    assert box.violations == []


def test_two_writes_in_less_than_a_second_are_told_with_who_and_where(box, clock, say):
    say()
    clock.tick(0.9)
    assert say().status_code == 201
    assert box.violations == [
        ("github", "bot", "two writes in less than a second", "POST", COMMENTS),
    ]


def test_credentials_count_each_for_themselves(box, say):
    say("bot")
    say("sam")
    assert box.violations == []


def test_reads_are_no_writes_even_by_post(box, curl):
    for _ in range(3):
        assert curl("bot", "GET", ISSUE).status_code == 200
        assert curl("bot", "POST", "/graphql", json=QUERY | {"variables": {"o": "acme"}}).status_code == 200
        fetched = curl("dana", "POST", "/rest/api/3/issue/bulkfetch", json={"issueIdsOrKeys": ["SALES-1"]})
        assert fetched.status_code == 200
    assert box.violations == []


def test_what_people_do_on_the_site_does_not_count(box, say):
    for _ in range(3):
        box.github.as_user("bot").comment("acme/shop", 1, "hello")
    say()
    assert box.violations == []


def test_more_than_80_writes_in_a_minute_are_too_many(box, clock, curl):
    counted = count(box, clock)
    counted(80, apart=0.7)
    assert set(what(box)) == {"two writes in less than a second"}
    counted(1)
    assert what(box)[-1] == "over 80 writes in a minute"


def test_more_than_500_writes_in_an_hour_are_too_many(box, clock):
    counted = count(box, clock)
    counted(500, apart=2)
    assert box.violations == []
    counted(1, apart=3602 - 500 * 2)
    assert what(box) == ["over 500 writes in an hour"]
    counted(1)
    assert len(box.violations) == 1, "the first two writes are an hour old"


def count(box, clock):
    """Return how to make writes without HTTP: hundreds would take long."""

    def made(times, apart=0.0):
        for _ in range(times):
            box.limits.arrived("github", "bot", "POST", COMMENTS)
            clock.tick(apart)

    return made


def test_a_jira_issue_takes_20_writes_in_2_seconds_whoever_makes_them(box, curl):
    for turn in range(21):
        assert box.violations == []
        curl("dana" if turn % 2 else "ops", "POST", f"{DEAL}/comment", json=jira_says("hello"))
        curl(
            "dana", "POST", "/rest/api/3/issue/PROD-1/comment", json=jira_says("hello")
        ) if turn < 20 else None
    assert box.violations == [
        ("jira", "ops", "over 20 writes to an issue in 2 seconds", "POST", f"{DEAL}/comment")
    ]


def test_a_jira_issue_takes_100_writes_in_30_seconds(box, clock):
    for _ in range(101):
        assert box.violations == []
        box.limits.arrived("jira", "dana", "PUT", DEAL)
        clock.tick(0.2)
    assert what(box) == ["over 100 writes to an issue in 30 seconds"]


def jira_says(text):
    paragraph = {"type": "paragraph", "content": [{"type": "text", "text": text}]}
    return {"body": {"type": "doc", "version": 1, "content": [paragraph]}}


# ---------------------------------------------------------------- when not to ask at all


@pytest.mark.parametrize("how", ["429", "403 limit"])
def test_nothing_is_to_be_asked_before_retry_after_has_passed(box, clock, curl, how):
    box.fail_next("GET", ISSUE, how, retry_after=7)
    curl("bot", "GET", ISSUE)
    clock.tick(6)
    curl("bot", "GET", COMMENTS)
    assert box.violations == [("github", "bot", "asked while cooling", "GET", COMMENTS)]
    clock.tick(1)
    curl("bot", "GET", COMMENTS)
    assert len(box.violations) == 1


def test_without_retry_after_it_is_a_minute(box, clock, curl):
    box.fail_next("GET", DEAL, "429", retry_after=None)
    curl("dana", "GET", DEAL)
    clock.tick(59)
    curl("dana", "GET", DEAL)
    clock.tick(1)
    curl("dana", "GET", DEAL)
    assert box.violations == [("jira", "dana", "asked while cooling", "GET", DEAL)]


def test_one_that_is_limited_does_not_keep_others_from_asking(box, curl):
    box.fail_next("GET", ISSUE, "429", retry_after=7)
    curl("bot", "GET", ISSUE)
    curl("sam", "GET", ISSUE)
    curl("dana", "GET", DEAL)
    assert box.violations == []


def test_a_403_for_want_of_a_right_is_no_limit(box, curl):
    assert curl("sam", "POST", "/repos/acme/shop/milestones", json={"title": "May"}).status_code == 403
    curl("sam", "GET", ISSUE)
    assert box.violations == []


# ---------------------------------------------------------------- refusing


def test_enforced_limits_refuse_the_write_and_say_how_long_to_wait(box, clock, say):
    box.enforce_limits()
    say()
    refused = say()
    assert (refused.status_code, refused.headers["Retry-After"]) == (403, "60")
    assert "secondary rate limit" in refused.json()["message"]
    assert len(box.github.comments("acme/shop", 1)) == 1
    clock.tick(59)
    assert say().status_code == 403, "it is still cooling"
    clock.tick(60)
    assert say().status_code == 201


def test_enforced_limits_let_reads_pass_and_jira_alone(box, curl, say):
    box.enforce_limits()
    say()
    say()
    assert curl("bot", "GET", ISSUE).status_code == 200
    for _ in range(21):
        assert curl("dana", "POST", f"{DEAL}/comment", json=jira_says("hello")).status_code == 201


# ---------------------------------------------------------------- the quota


def left(answer) -> tuple[str, str]:
    return answer.headers["x-ratelimit-limit"], answer.headers["x-ratelimit-remaining"]


def test_github_tells_what_is_left_of_5000_and_jira_does_not(box, curl):
    assert left(curl("bot", "GET", ISSUE)) == ("5000", "4999")
    box.fail_next("GET", ISSUE, "502 before")
    assert left(curl("bot", "GET", ISSUE)) == ("5000", "4998")
    assert left(curl("sam", "GET", ISSUE)) == ("5000", "4999")
    assert "x-ratelimit-limit" not in curl("dana", "GET", DEAL).headers


def test_what_somebody_of_the_same_name_asks_in_jira_leaves_the_quota_alone(box, curl):
    box.jira.add_user("bot")
    assert curl("bot", "GET", DEAL).status_code == 200
    assert left(curl("bot", "GET", ISSUE)) == ("5000", "4999")


def test_the_quota_starts_anew_after_an_hour(box, clock, curl):
    reset = int(curl("bot", "GET", ISSUE).headers["x-ratelimit-reset"])
    assert reset == clock().timestamp() + 3600
    clock.tick(3599)
    assert left(curl("bot", "GET", ISSUE)) == ("5000", "4998")
    clock.tick(1)
    assert left(curl("bot", "GET", ISSUE)) == ("5000", "4999")


def test_what_is_left_can_be_set(box, curl):
    box.github.set_quota("bot", 2)
    assert [left(curl("bot", "GET", ISSUE)) for _ in range(3)] == [
        ("5000", "1"),
        ("5000", "0"),
        ("5000", "0"),
    ]
    box.github.set_quota("bot", 1_000_000)
    assert left(curl("bot", "GET", ISSUE)) == ("1000000", "999999")


def test_with_nothing_left_all_is_refused_until_the_reset(box, clock, curl):
    box.enforce_limits()
    box.github.set_quota("bot", 1)
    assert curl("bot", "GET", ISSUE).status_code == 200
    refused = curl("bot", "GET", ISSUE)
    assert (refused.status_code, left(refused)) == (403, ("5000", "0"))
    assert "Retry-After" not in refused.headers
    assert box.violations == []
    curl("bot", "GET", ISSUE)
    assert what(box) == ["asked while cooling"]
    clock.tick(3600)
    assert curl("bot", "GET", ISSUE).status_code == 200
    assert len(box.violations) == 1


def test_a_known_credential_can_ask_what_is_left_to_it(box) -> None:
    box.github.add_user("sam")
    box.github.set_quota("sam", 17)

    asked = requests.get(f"{box.github_url}/rate_limit", headers={"Authorization": "Bearer sam"}, timeout=5)
    unknown = requests.get(f"{box.github_url}/rate_limit", headers={"Authorization": "Bearer no"}, timeout=5)

    assert asked.json()["rate"]["remaining"] in (16, 17)
    assert unknown.status_code == 401
