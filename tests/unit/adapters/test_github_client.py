from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
import responses
from github import Auth
from responses.matchers import query_param_matcher

from automation.adapters.github.client import GitHub
from automation.adapters.github.comments import LONGEST_COMMENT
from automation.adapters.github.people import People
from automation.model import NOTHING, Evidence, Located, Named, Person, Pin, Subject, Value
from automation.ports import NoAccess, Refused, Tracker, Unavailable, Unseen, Unwritten
from tests.fakes import FreeGate, Noted
from tests.unit.adapters.payloads import (
    API,
    ISSUE,
    REPO,
    comment,
    history,
    issue,
    milestone,
    repository,
    user,
)

SUBJECT = Subject("github", "issue", "acme/shop#12")
MARIA = Person("github", "7", "maria")
TOKEN = "ghp_canary"
V3 = Value("3", date(2027, 3, 1), "v3")


class Clock:
    now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def tracker(
    people: People | None = None,
    role: str = "triage",
    clock: Callable[[], float] | None = None,
    auth: str | Callable[[], Auth.Auth] = TOKEN,
    key: bytes = b"secret",
    pins: Noted | None = None,
    overriders: People | None = None,
) -> GitHub:
    return GitHub(
        "https://api.github.com",
        auth,
        lambda policy: people or People(),
        lambda: role,
        key,
        FreeGate(),
        pins or Noted(),
        clock=clock or Clock(),
        overriders=lambda policy: overriders or People(),
    )


def sent(web: responses.RequestsMock, index: int = -1) -> Any:
    return json.loads(web.calls[index].request.body or "")


def test_it_is_a_tracker() -> None:
    port: Tracker = tracker()
    assert port.encode("x") == "x"


# ------------------------------------------------------------ issues


def test_an_issue_is_read_with_its_milestone(web: responses.RequestsMock) -> None:
    web.get(ISSUE, json=issue(body="Please"))
    web.get(REPO, json=repository())
    found = tracker().issue(SUBJECT)
    assert found is not None
    assert (found.title, found.body, found.open, found.public) == ("Single sign-on", "Please", True, False)
    assert found.labels == ("customer-request",)
    assert found.deadlines == {"milestone": V3}
    assert found.url == "https://github.com/acme/shop/issues/12"


def test_an_issue_without_a_milestone_has_the_field_all_the_same(web: responses.RequestsMock) -> None:
    web.get(ISSUE, json=issue(milestone=None))
    web.get(REPO, json=repository())
    found = tracker().issue(SUBJECT)
    assert found is not None
    assert found.deadlines == {"milestone": NOTHING}


def test_an_answer_that_does_not_speak_of_the_milestone_is_not_an_empty_one(
    web: responses.RequestsMock,
) -> None:
    body = issue()
    del body["milestone"]
    web.get(ISSUE, json=body)
    web.get(REPO, json=repository())
    with pytest.raises(Unavailable):
        tracker().issue(SUBJECT)


@pytest.mark.parametrize(
    "due_on", ["2027-03-01T08:00:00Z", "2027-03-01T07:00:00Z", "2027-03-01T00:00:00Z", "2027-03-01T12:00:00Z"]
)
def test_a_due_date_is_the_same_day_in_every_form_that_github_has(
    web: responses.RequestsMock, due_on: str
) -> None:
    web.get(ISSUE, json=issue(milestone=milestone(due_on=due_on)))
    web.get(REPO, json=repository())
    found = tracker().issue(SUBJECT)
    assert found is not None
    assert found.deadlines["milestone"].day == date(2027, 3, 1)


def test_a_milestone_without_a_due_date_promises_no_day(web: responses.RequestsMock) -> None:
    web.get(ISSUE, json=issue(milestone=milestone(due_on=None)))
    web.get(REPO, json=repository())
    found = tracker().issue(SUBJECT)
    assert found is not None
    assert found.deadlines["milestone"] == Value("3")


def test_an_issue_that_is_gone_for_good_is_none(web: responses.RequestsMock) -> None:
    web.get(ISSUE, status=410, json={"message": "This issue was deleted"})
    assert tracker().issue(SUBJECT) is None


def test_an_issue_that_is_not_there_is_unseen_where_its_repository_is(web: responses.RequestsMock) -> None:
    web.get(ISSUE, status=404, json={"message": "Not Found"})
    web.get(REPO, json=repository())
    with pytest.raises(Unseen):
        tracker().issue(SUBJECT)


@pytest.mark.parametrize("status", [404, 403, 451])
def test_where_the_repository_cannot_be_seen_either_it_is_access_that_is_lost(
    web: responses.RequestsMock, status: int
) -> None:
    web.get(ISSUE, status=404, json={"message": "Not Found"})
    web.get(REPO, status=status, json={"message": "no"})
    with pytest.raises(NoAccess, match="acme/shop cannot be seen"):
        tracker().issue(SUBJECT)


def test_what_must_not_be_read_is_access_that_is_lost(web: responses.RequestsMock) -> None:
    web.get(ISSUE, status=403, json={"message": "Resource not accessible by integration"})
    with pytest.raises(NoAccess):
        tracker().issue(SUBJECT)


def test_a_lost_repository_is_asked_with_growing_waits_until_it_is_back(web: responses.RequestsMock) -> None:
    clock = Clock()
    issues = web.get(ISSUE, status=404, json={"message": "Not Found"})
    web.get(REPO, status=404, json={"message": "Not Found"})
    github, waits = tracker(clock=clock), []
    for _ in range(12):
        with pytest.raises(NoAccess) as lost:
            github.issue(SUBJECT)
        with pytest.raises(NoAccess):
            github.post(SUBJECT, "Hello", "k1")  # nothing is asked while it waits
        waits.append(lost.value.retry_after)
        clock.now += waits[-1]
    assert waits == [5.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0, 600.0, 600.0, 600.0]
    assert issues.call_count == 12
    web.replace(responses.GET, ISSUE, json=issue())
    web.replace(responses.GET, REPO, json=repository())
    assert github.issue(SUBJECT) is not None
    web.replace(responses.GET, ISSUE, status=404)
    web.replace(responses.GET, REPO, status=404)
    with pytest.raises(NoAccess) as lost:
        github.issue(SUBJECT)
    assert lost.value.retry_after == 5.0


def test_words_for_a_repository_that_cannot_be_seen_wait(web: responses.RequestsMock) -> None:
    web.post(f"{ISSUE}/comments", status=404, json={"message": "Not Found"})
    web.get(REPO, status=404, json={"message": "Not Found"})
    with pytest.raises(NoAccess):
        tracker().post(SUBJECT, "Hello", "k1")


def test_a_pull_request_is_no_issue(web: responses.RequestsMock) -> None:
    web.get(ISSUE, json=issue(pull_request={"url": "x"}))
    assert tracker().issue(SUBJECT) is None


KNOWN = Subject("github", "issue", "1012", "acme/shop#12")


def leads_to(web: responses.RequestsMock, path: str, **found: Any) -> None:
    """Let the issue's address lead to another one of the same server, where ``found`` is."""
    web.get(ISSUE, status=301, headers={"Location": f"https://api.github.com{path}"}, json={})
    there = f"{API}/repos/{found.pop('repository')}"
    web.get(f"{API}{path}", json=issue(repository_url=there, **found))
    web.get(there, json=repository())


def test_an_issue_of_a_renamed_repository_is_the_same_one_by_another_key(web: responses.RequestsMock) -> None:
    leads_to(web, "/repositories/98/issues/12", repository="acme/store", id=1012, number=12)
    found = tracker().issue(KNOWN)
    assert found is not None
    assert found.subject == KNOWN and found.subject.key == "acme/store#12"
    assert found.place == Located("98", "acme/store")


def test_a_transferred_issue_is_found_as_the_other_one_that_it_is(web: responses.RequestsMock) -> None:
    leads_to(web, "/repositories/99/issues/1", repository="acme/store", id=2001, number=1)
    found = tracker().issue(KNOWN)
    assert found is not None
    assert found.subject == Subject("github", "issue", "2001")
    assert found.subject.key == "acme/store#1"


@pytest.mark.parametrize(
    "to", ["https://evil.example/repositories/99/issues/1", "https://api.github.com/user", ""]
)
def test_no_redirect_is_followed_but_to_a_repository_of_this_server(
    web: responses.RequestsMock, to: str
) -> None:
    web.get(ISSUE, status=301, headers={"Location": to} if to else {}, json={})
    with pytest.raises(NoAccess):
        tracker().issue(KNOWN)


def test_an_address_that_is_another_issues_by_now_is_not_taken_for_it(web: responses.RequestsMock) -> None:
    web.get(ISSUE, json=issue(id=77))
    with pytest.raises(Unseen, match="another issue"):
        tracker().issue(KNOWN)


def test_a_milestone_elsewhere_is_that_of_the_same_name_and_day_else_of_the_same_day(
    web: responses.RequestsMock,
) -> None:
    def there(number: int, title: str, due: str | None) -> dict[str, Any]:
        return {"number": number, "title": title, "due_on": due}

    listed = [
        there(7, "Q1", "2027-03-01T08:00:00Z"),
        there(8, "v2", "2027-03-01T08:00:00Z"),
        there(9, "v3", None),
    ]
    web.get(f"{REPO}/milestones", json=listed)
    day, other = date(2027, 3, 1), date(2027, 5, 1)
    values = [Value("1", day, "v2"), Value("2", day, "gone"), Value("3", other, "v2"), Value("4", None, "v3")]
    found = tracker().carried(KNOWN, "milestone", values)
    assert [found[value].ref for value in values] == ["8", "7", "0", "9"]


@pytest.mark.parametrize("key", ["acme/shop", "../user#1", "acme/..#1", "acme/shop#0", "a/b/c#1", "SALES-7"])
def test_a_key_that_is_no_issue_asks_nobody(key: str) -> None:
    with pytest.raises(Refused):
        tracker().issue(Subject("github", "issue", key))


# ------------------------------------------------------------ visibility


def test_visibility_is_remembered_for_a_minute_of_reads(web: responses.RequestsMock) -> None:
    clock = Clock()
    web.get(ISSUE, json=issue())
    asked = web.get(REPO, json=repository())
    github = tracker(clock=clock)
    github.issue(SUBJECT)
    github.issue(SUBJECT)
    assert asked.call_count == 1
    clock.now += 61
    github.issue(SUBJECT)
    assert asked.call_count == 2


def test_public_is_always_asked_afresh_and_heard_by_reads(web: responses.RequestsMock) -> None:
    web.get(ISSUE, json=issue())
    web.get(REPO, json=repository(private=True))
    web.get(REPO, json=repository(private=False))
    github = tracker()
    assert github.public(SUBJECT) is False
    assert github.public(SUBJECT) is True
    found = github.issue(SUBJECT)
    assert found is not None
    assert found.public is True


@pytest.mark.parametrize(
    "answer", [{"status": 301}, {"status": 403, "json": {"message": "no"}}, {"json": {}}]
)
def test_unknown_visibility_is_public(web: responses.RequestsMock, answer: dict[str, Any]) -> None:
    web.get(REPO, **answer)
    assert tracker().public(SUBJECT) is True


def test_visibility_that_cannot_be_asked_now_is_asked_again_later(web: responses.RequestsMock) -> None:
    web.get(REPO, status=502)
    with pytest.raises(Unavailable):
        tracker().public(SUBJECT)


# ------------------------------------------------------------ comments


UNEDITED = {"data": {"node": {"lastEditedAt": None}}}


def stands(web: responses.RequestsMock, body: dict[str, Any]) -> None:
    """Let GitHub know a comment that was never edited."""
    web.get(f"{REPO}/issues/comments/991", json=body)
    web.post(f"{API}/graphql", json=UNEDITED)


def test_a_comment_is_read_with_its_command_lines(web: responses.RequestsMock) -> None:
    stands(web, comment("/signoff 2027-03-01\n\n`/decline`"))
    found = tracker().comment(SUBJECT, "991")
    assert found is not None
    assert (found.id, found.author, found.edited, found.own) == ("991", MARIA, False, False)
    assert found.written_at == datetime(2027, 1, 12, 11, tzinfo=UTC)
    assert "/signoff 2027-03-01" in found.lines
    assert "/decline" not in found.lines


def test_a_comment_of_another_issue_is_none(web: responses.RequestsMock) -> None:
    elsewhere = comment(issue_url="https://api.github.com/repos/acme/shop/issues/112")
    web.get(f"{REPO}/issues/comments/991", json=elsewhere)
    assert tracker().comment(SUBJECT, "991") is None


def test_a_comment_that_is_not_there_is_unseen(web: responses.RequestsMock) -> None:
    web.get(f"{REPO}/issues/comments/991", status=404)
    web.get(REPO, json=repository())
    with pytest.raises(Unseen):
        tracker().comment(SUBJECT, "991")


def test_a_comment_of_a_deleted_account_is_none(web: responses.RequestsMock) -> None:
    web.get(f"{REPO}/issues/comments/991", json=comment(user=None))
    assert tracker().comment(SUBJECT, "991") is None


@pytest.mark.parametrize("id", ["", "../../../user", "9 9", "-1"])
def test_what_is_no_comment_id_asks_nobody(id: str) -> None:
    assert tracker().comment(SUBJECT, id) is None


@pytest.mark.parametrize(
    ("answer", "edited"),
    [
        (UNEDITED, False),
        ({"data": {"node": {"lastEditedAt": "2027-01-12T12:00:00Z"}}}, True),
        ({"data": {"node": {}}}, True),
        ({"errors": [{"type": "FORBIDDEN", "message": "no"}], "data": {"node": None}}, True),
    ],
)
def test_a_comment_counts_as_edited_unless_github_says_that_its_words_were_not(
    web: responses.RequestsMock, answer: dict[str, Any], edited: bool
) -> None:
    web.get(f"{REPO}/issues/comments/991", json=comment())
    web.post(f"{API}/graphql", json=answer)
    found = tracker().comment(SUBJECT, "991")
    assert found is not None
    assert found.edited is edited
    assert sent(web)["variables"] == {"id": "IC_991"}


def test_a_comment_whose_edits_github_may_not_tell_counts_as_edited(web: responses.RequestsMock) -> None:
    web.get(f"{REPO}/issues/comments/991", json=comment())
    web.post(f"{API}/graphql", status=403, json={"message": "Forbidden"})
    found = tracker().comment(SUBJECT, "991")
    assert found is not None
    assert found.edited is True


@pytest.mark.parametrize(
    "answer",
    [
        {"data": {"node": None}},
        {"errors": [{"type": "NOT_FOUND", "message": "no"}], "data": {"node": None}},
    ],
)
def test_a_comment_that_graphql_does_not_know_yet_is_unseen(
    web: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    web.get(f"{REPO}/issues/comments/991", json=comment())
    web.post(f"{API}/graphql", json=answer)
    web.get(f"{ISSUE}/comments", json=[comment(body="/decline")])
    with pytest.raises(Unseen):
        tracker().comment(SUBJECT, "991")
    assert tracker().comments(SUBJECT, datetime(2027, 1, 1, tzinfo=UTC), ()) == []


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 502},
        {"json": {}},
        {"json": {"errors": [{"message": "Something went wrong while executing your query."}]}},
        {"json": {"errors": [{"type": "INTERNAL", "message": "x"}, {"type": "NOT_FOUND", "message": "y"}]}},
        {"json": {"errors": "?"}},
        {"json": {"errors": [{"type": "RATE_LIMITED", "message": "later"}]}},
    ],
)
def test_when_github_cannot_say_now_whether_it_was_edited_we_ask_again(
    web: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    web.get(f"{REPO}/issues/comments/991", json=comment())
    web.post(f"{API}/graphql", **answer)
    with pytest.raises(Unavailable):
        tracker().comment(SUBJECT, "991")


def test_a_comment_that_cannot_be_read_is_unavailable(web: responses.RequestsMock) -> None:
    web.get(f"{REPO}/issues/comments/991", json=comment(created_at="yesterday"))
    with pytest.raises(Unavailable):
        tracker().comment(SUBJECT, "991")


# ------------------------------------------------------------ our own notices


def posted(
    web: responses.RequestsMock, github: GitHub, subject: Subject = SUBJECT, marker: str = "k1"
) -> str:
    """Post a notice and return the body that GitHub got."""
    web.post(re.compile(rf"{API}/repos/.*/comments"), json=comment(id=55), status=201)
    github.post(subject, "Due date kept", marker)
    return str(sent(web)["body"])


def test_a_notice_is_posted_with_its_mark_and_found_by_it(web: responses.RequestsMock) -> None:
    github = tracker()
    body = posted(web, github)
    assert body.startswith("Due date kept\n\n<!-- ")
    assert "k1" not in body
    web.get(f"{ISSUE}/comments", json=[comment("hello", 54), comment(body, 55)])
    web.get(f"{API}/user", json=user())
    assert github.find(SUBJECT, "k1").id == "55"
    assert github.find(SUBJECT, "k2") is None


def test_our_notices_are_looked_for_among_the_comments_of_a_week(web: responses.RequestsMock) -> None:
    query = {"since": "2027-01-08T08:00:00Z", "per_page": "100"}
    web.get(f"{ISSUE}/comments", json=[], match=[query_param_matcher(query)])
    assert tracker().find(SUBJECT, "k1") is None


def test_a_notice_on_a_later_page_is_found(web: responses.RequestsMock) -> None:
    github = tracker()
    body = posted(web, github)
    next = f'<{API}/repositories/1/issues/12/comments?page=2&per_page=100>; rel="next"'
    first = {"since": "2027-01-08T08:00:00Z", "per_page": "100"}
    web.get(
        f"{ISSUE}/comments", json=[comment("x")], headers={"Link": next}, match=[query_param_matcher(first)]
    )
    web.get(
        f"{ISSUE}/comments", json=[comment(body, 55)], match=[query_param_matcher({**first, "page": "2"})]
    )
    web.get(f"{API}/user", json=user())
    assert github.find(SUBJECT, "k1").id == "55"


def test_a_mark_pasted_by_a_stranger_is_not_ours(web: responses.RequestsMock) -> None:
    github = tracker()
    body = posted(web, github)
    web.get(f"{ISSUE}/comments", json=[comment(body, 56, user=user("mallory", 66))])
    web.get(f"{API}/user", json=user())
    assert github.find(SUBJECT, "k1") is None


def test_an_app_that_cannot_ask_who_it_is_knows_its_own_by_the_mark(web: responses.RequestsMock) -> None:
    github = tracker()
    body = posted(web, github)
    web.get(f"{ISSUE}/comments", json=[comment(body, 55, user=user("handshake[bot]", 70))])
    web.get(f"{API}/user", status=403, json={"message": "Resource not accessible by integration"})
    assert github.find(SUBJECT, "k1").id == "55"


@pytest.mark.parametrize(
    ("subject", "key", "own"),
    [
        (SUBJECT, b"secret", True),
        (Subject("github", "issue", "ACME/Shop#12"), b"secret", True),
        (Subject("github", "issue", "acme/shop#13"), b"secret", False),
        (SUBJECT, b"another", False),
    ],
)
def test_a_mark_is_bound_to_its_issue_and_key(
    web: responses.RequestsMock, subject: Subject, key: bytes, own: bool
) -> None:
    body = posted(web, tracker(key=key), subject)
    stands(web, comment(body))
    if own:
        web.get(f"{API}/user", json=user())
    found = tracker().comment(SUBJECT, "991")
    assert found is not None
    assert found.own is own


def test_our_own_words_by_another_author_are_not_own(web: responses.RequestsMock) -> None:
    github = tracker()
    stands(web, comment(posted(web, github), user=user("mallory", 66)))
    web.get(f"{API}/user", json=user())
    found = github.comment(SUBJECT, "991")
    assert found is not None
    assert found.own is False


def test_a_notice_that_is_too_long_is_cut_and_keeps_its_mark(web: responses.RequestsMock) -> None:
    github = tracker()
    web.post(f"{ISSUE}/comments", json=comment(id=55), status=201)
    assert github.post(SUBJECT, "x" * 70_000, "k1").id == "55"
    body = sent(web)["body"]
    assert len(body) == LONGEST_COMMENT
    web.get(f"{ISSUE}/comments", json=[comment(body, 55)])
    web.get(f"{API}/user", json=user())
    assert github.find(SUBJECT, "k1").id == "55"


def test_a_notice_is_not_sent_after_an_issue_that_moved(web: responses.RequestsMock) -> None:
    web.post(f"{ISSUE}/comments", status=301, headers={"Location": f"{API}/repositories/9/issues/1/comments"})
    with pytest.raises(Refused):
        tracker().post(SUBJECT, "x", "k1")


@pytest.mark.parametrize(
    "failure", [{"status": 502}, {"body": requests.Timeout()}, {"body": "<html>", "status": 201}]
)
def test_a_post_whose_end_is_unclear_was_sent_once(
    web: responses.RequestsMock, failure: dict[str, Any]
) -> None:
    asked = web.post(f"{ISSUE}/comments", **failure)
    with pytest.raises(Unavailable):
        tracker().post(SUBJECT, "x", "k1")
    assert asked.call_count == 1


# ------------------------------------------------------------ evidence

EVENTS = f"{ISSUE}/events"
AT = datetime(2027, 1, 12, 10, tzinfo=UTC)
EARLIER = "2027-01-11T10:00:00Z"
LATER = "2027-01-13T10:00:00Z"
CLEARED = history("demilestoned", "v3")
MALLORY = user("mallory", 66)


TITLES = tuple(Value(n, None, f"v{n}") for n in ("2", "3", "4"))


def changed_by(client: GitHub, subject: Subject, field: str, value: Value) -> Evidence | None:
    """Return who last changed a field, if that is the change to ``value``."""
    newest = next(client.moves(subject, field, (value, *TITLES)), None)
    fits = newest is not None and newest.new == value and newest.by is not None
    return Evidence(newest.by, newest.at) if fits else None


@pytest.mark.parametrize(
    ("events", "value", "actor"),
    [
        ([history("milestoned", "v3")], V3, MARIA),
        ([history("milestoned", "v3"), history("labeled", "")], V3, MARIA),
        ([history("milestoned", "v2", MALLORY, EARLIER), history("milestoned", "v3")], V3, MARIA),
        ([history("demilestoned", "v2"), history("milestoned", "v3")], V3, MARIA),
        ([history("milestoned", "v3"), history("demilestoned", "v2")], V3, MARIA),
        ([history("milestoned", "v3", MALLORY, EARLIER), CLEARED], NOTHING, MARIA),
        ([history("milestoned", "v3"), history("milestoned", "v4", MALLORY, LATER)], V3, None),
        ([history("demilestoned", "v2"), history("milestoned", "v3")], NOTHING, None),
        ([history("milestoned", "v3"), history("demilestoned", "v2")], NOTHING, None),
        ([history("milestoned", "v3"), history("demilestoned", "v3")], V3, None),
        ([history("milestoned", "v3"), history("demilestoned", "v3")], NOTHING, MARIA),
        ([history("milestoned", "v3"), history("demilestoned", "v2", MALLORY)], V3, None),
        ([history("milestoned", "v3") | {"actor": None}], V3, None),
        ([], V3, None),
        ([], NOTHING, None),
    ],
    ids=[
        "set", "set, then labelled", "set over another's", "moved", "moved, events the other way round",
        "cleared", "history is ahead", "clearing is not in it yet",
        "clearing is not in it yet, the other way round",
        "set and cleared in one second, and set again", "set and cleared in one second",
        "two people in one second", "by a deleted account", "no history, set", "no history, empty",
    ],
)  # fmt: skip
def test_who_set_a_milestone_is_read_from_the_end_of_the_history(
    web: responses.RequestsMock, events: list[Any], value: Value, actor: Person | None
) -> None:
    web.get(EVENTS, json=events)
    found = changed_by(tracker(), SUBJECT, "milestone", value)
    assert found == (Evidence(actor, AT) if actor else None)


def test_a_long_history_is_read_from_its_last_page(web: responses.RequestsMock) -> None:
    last = f'<{EVENTS}?page=2&per_page=100>; rel="next", <{EVENTS}?page=3&per_page=100>; rel="last"'
    first = {"per_page": "100"}
    web.get(
        EVENTS, json=[history("milestoned", "v1")], headers={"Link": last}, match=[query_param_matcher(first)]
    )
    older = [history("milestoned", "v2", at="2027-01-11T10:00:00Z"), history("milestoned", "v3")]
    web.get(EVENTS, json=[history("closed", "")], match=[query_param_matcher({**first, "page": "3"})])
    web.get(EVENTS, json=older, match=[query_param_matcher({**first, "page": "2"})])
    assert changed_by(tracker(), SUBJECT, "milestone", V3) == Evidence(MARIA, AT)
    assert len(web.calls) == 3


def test_a_history_gives_values_and_looks_up_only_titles_that_are_not_known(
    web: responses.RequestsMock,
) -> None:
    events = [
        history("milestoned", "gone", at=EARLIER) | {"id": 1},
        history("demilestoned", "gone") | {"id": 2},
        history("milestoned", "v2") | {"id": 3},
        history("demilestoned", "v2", MALLORY, LATER) | {"id": 4},
        history("milestoned", "v3", MALLORY, LATER) | {"id": 5},
    ]
    web.get(EVENTS, json=events)
    closed = {"number": 2, "title": "v2", "due_on": "2027-01-31T08:00:00Z", "state": "closed"}
    asked = web.get(f"{API}/repos/acme/shop/milestones", json=[closed])

    newest, older, first = tracker().moves(SUBJECT, "milestone", (V3,))

    assert (newest.id, newest.old, newest.new) == ("5", Value("2", date(2027, 1, 31)), V3)
    assert (older.id, older.old, older.new) == ("3", None, newest.old), "it has another name by now"
    assert (first.old, first.new) == (NOTHING, None)
    assert asked.call_count == 1


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("seconds", "moves"), [(0, 1), (1, 1), (5, 1), (6, 2)])
def test_a_move_told_in_two_is_one_where_they_lie_close_together(
    web: responses.RequestsMock, seconds: int, moves: int, backwards: bool
) -> None:
    later = f"2027-01-12T10:00:{seconds:02}Z"
    told = [history("demilestoned", "v2") | {"id": 8}, history("milestoned", "v3", at=later) | {"id": 9}]
    if backwards:
        told = [history("milestoned", "v3") | {"id": 8}, history("demilestoned", "v2", at=later) | {"id": 9}]
    web.get(EVENTS, json=told)

    found = list(tracker().moves(SUBJECT, "milestone", (V3, *TITLES)))

    assert len(found) == (moves if not backwards else len(found))
    if moves == 1:
        [move] = found
        assert (move.old, move.new, move.id, move.also) == (
            TITLES[0],
            V3,
            *(("8", "9") if backwards else ("9", "8")),
        )


@pytest.mark.parametrize(("holds", "seen"), [(V3, ["7"]), (NOTHING, ["8", "7"]), (TITLES[0], ["8", "7"])])
def test_half_of_a_move_is_nobodys_clearing(
    web: responses.RequestsMock, holds: Value, seen: list[str]
) -> None:
    """Out of v2: while the issue has v3, what is missing is on its way."""
    web.get(
        EVENTS,
        json=[history("milestoned", "v2", at=EARLIER) | {"id": 7}, history("demilestoned", "v2") | {"id": 8}],
    )

    found = tracker().moves(SUBJECT, "milestone", (holds, *TITLES, V3))

    assert [move.id for move in found] == seen


def test_a_history_of_known_titles_is_read_in_one_call(web: responses.RequestsMock) -> None:
    web.get(EVENTS, json=[history("demilestoned", "v2"), history("milestoned", "v3")])
    [move] = tracker().moves(SUBJECT, "milestone", (V3, *TITLES))
    assert (move.old, move.new, move.at) == (TITLES[0], V3, AT)
    assert len(web.calls) == 1


# ------------------------------------------------------------ comments since


def test_comments_with_commands_are_read_in_one_call_and_asked_about_one_by_one(
    web: responses.RequestsMock,
) -> None:
    ghost = comment("/link SALES-1", 3) | {"user": None}
    old = comment("/link SALES-1", 4) | {"created_at": "2027-01-01T00:00:00Z"}
    listed = [comment("Hello", 1), comment("/link SALES-1", 2), ghost, old, comment("/decline", 5), {"id": 6}]
    query = query_param_matcher({"since": "2027-01-12T10:00:00Z", "per_page": "100"})
    web.get(f"{ISSUE}/comments", json=listed, match=[query])
    web.post(f"{API}/graphql", json=UNEDITED)

    [found] = tracker().comments(SUBJECT, AT, ("2",))

    assert (found.id, found.lines, found.edited, found.author) == ("5", ("/decline",), False, MARIA)
    assert len(web.calls) == 2


# ------------------------------------------------------------ rights


@pytest.mark.parametrize(
    ("role_name", "permission", "needed", "may"),
    [
        ("triage", "read", "triage", True),
        ("read", "read", "triage", False),
        ("maintain", "write", "maintain", True),
        ("write", "write", "maintain", False),
        ("admin", "admin", "triage", True),
        ("security champion", "write", "triage", True),
        ("security champion", "read", "triage", False),
        ("none", "none", "read", False),
        ("", "", "read", False),
        ("admin", "admin", "owner", False),
    ],
)
def test_who_may_link_is_ranked_by_role(
    web: responses.RequestsMock, role_name: str, permission: str, needed: str, may: bool
) -> None:
    answer = {"role_name": role_name, "permission": permission, "user": user()}
    web.get(f"{REPO}/collaborators/maria/permission", json=answer)
    assert tracker(role=needed).may_link(SUBJECT, MARIA) is may


@pytest.mark.parametrize(("role_name", "may"), [("admin", True), ("maintain", False)])
def test_who_may_override_by_role_holds_it_in_the_repository(
    web: responses.RequestsMock, role_name: str, may: bool
) -> None:
    answer = {"role_name": role_name, "permission": role_name, "user": user()}
    web.get(f"{REPO}/collaborators/maria/permission", json=answer)
    assert tracker(overriders=People(role="admin")).may_override(SUBJECT, MARIA, "product") is may


def test_where_the_rules_name_nobody_nobody_may_override_and_nobody_is_asked() -> None:
    assert tracker(People(users=("maria",))).may_override(SUBJECT, MARIA, "product") is False


def test_somebody_who_took_over_a_login_may_not_link(web: responses.RequestsMock) -> None:
    answer = {"role_name": "admin", "permission": "admin", "user": user("maria", 8)}
    web.get(f"{REPO}/collaborators/maria/permission", json=answer)
    assert tracker().may_link(SUBJECT, MARIA) is False


def test_a_stranger_may_not_link(web: responses.RequestsMock) -> None:
    web.get(f"{REPO}/collaborators/maria/permission", status=404)
    assert tracker().may_link(SUBJECT, MARIA) is False


def test_somebody_of_another_system_may_do_nothing_here() -> None:
    anna = Person("jira", "7", "maria")
    github = tracker(People(users=("maria",)))
    assert github.may_link(SUBJECT, anna) is False
    assert github.in_product(SUBJECT, anna, "product") is False


PRODUCT = {"id": 34, "slug": "product", "organization": {"id": 12, "login": "acme"}}
BOARD = {"id": 35, "slug": "board", "organization": {"id": 12, "login": "acme"}}
BY_ID = f"{API}/organizations/12/team/34"
TEAM = f"{BY_ID}/memberships/maria"


def known(web: responses.RequestsMock) -> None:
    """Let the team and Maria be found, each by what outlives its name."""
    web.get(f"{API}/orgs/acme/teams/product", json=PRODUCT)
    web.get(f"{API}/user/7", json=user())


@pytest.mark.parametrize(
    ("answer", "member"),
    [
        ({"json": {"state": "active"}}, True),
        ({"json": {"state": "pending"}}, False),
        ({"json": {}}, False),
        ({"status": 404}, False),
    ],
)
def test_only_active_members_of_the_team_are_product(
    web: responses.RequestsMock, answer: dict[str, Any], member: bool
) -> None:
    known(web)
    web.get(TEAM, **answer)
    assert tracker(People(github_teams=("acme/product",))).in_product(SUBJECT, MARIA, "product") is member


def test_any_of_several_teams_will_do(web: responses.RequestsMock) -> None:
    known(web)
    web.get(f"{API}/orgs/acme/teams/board", json=BOARD)
    web.get(f"{API}/organizations/12/team/35/memberships/maria", status=404)
    web.get(TEAM, json={"state": "active"})
    teams = People(github_teams=("acme/board", "acme/product"))
    assert tracker(teams).in_product(SUBJECT, MARIA, "product") is True


@pytest.mark.parametrize("answer", [{"status": 500}, {"body": requests.Timeout()}])
def test_membership_that_cannot_be_asked_now_is_never_a_yes(
    web: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    known(web)
    web.get(TEAM, **answer)
    with pytest.raises(Unavailable):
        tracker(People(github_teams=("acme/product",))).in_product(SUBJECT, MARIA, "product")


@pytest.mark.parametrize(
    "answer", [{"status": 500}, {"status": 403}, {"json": {}}, {"body": requests.Timeout()}]
)
@pytest.mark.parametrize("people", [People(("acme/product",)), People(users=("maria",))])
def test_a_name_that_cannot_be_asked_for_now_is_never_a_yes(
    web: responses.RequestsMock, people: People, answer: dict[str, Any]
) -> None:
    web.get(re.compile(f"{API}/(users/maria|orgs/acme/teams/product)"), **answer)
    with pytest.raises((Unavailable, Refused)):
        tracker(people).in_product(SUBJECT, MARIA, "product")


def test_a_name_that_may_not_be_asked_for_takes_no_right_from_others(web: responses.RequestsMock) -> None:
    web.get(f"{API}/orgs/acme/teams/product", status=403)
    web.get(f"{API}/users/maria", json=user())
    assert tracker(People(("acme/product",), ("maria",))).in_product(SUBJECT, MARIA, "product") is True


def test_a_listed_person_is_asked_for_once_and_known_by_id_from_then_on(web: responses.RequestsMock) -> None:
    asked = web.get(f"{API}/users/Maria", json=user())
    github = tracker(People(users=("Maria",)))
    assert github.in_product(SUBJECT, MARIA, "product") is True
    assert github.in_product(SUBJECT, MARIA, "product") is True
    assert github.in_product(SUBJECT, Person("github", "9", "sam"), "product") is False
    assert asked.call_count == 1
    assert github.in_product(SUBJECT, Person("github", "8", "maria"), "product") is False
    assert github.in_product(SUBJECT, Person("github", "7", "someone-new"), "product") is True


def test_a_login_that_nobody_had_is_not_given_to_whoever_takes_it(web: responses.RequestsMock) -> None:
    pins = Noted()
    web.get(f"{API}/users/maria", status=404)
    github = tracker(People(users=("maria",)), pins=pins)
    assert github.in_product(SUBJECT, Person("github", "9", "sam"), "product") is False
    web.upsert(responses.GET, f"{API}/users/maria", json=user())
    assert github.in_product(SUBJECT, MARIA, "product") is False
    assert pins.of(Named("github", "user", "MARIA")) == Pin("", "7"), "but it is noted, to be told"


def test_members_are_asked_for_by_the_login_that_somebody_has_now(web: responses.RequestsMock) -> None:
    web.get(f"{API}/orgs/acme/teams/product", json=PRODUCT)
    web.get(f"{API}/user/7", json=user("maria-2", 7))
    web.get(f"{BY_ID}/memberships/maria-2", json={"state": "active"})
    assert tracker(People(("acme/product",))).in_product(SUBJECT, MARIA, "product") is True


def test_an_account_that_is_gone_has_no_rights(web: responses.RequestsMock) -> None:
    web.get(f"{API}/orgs/acme/teams/product", json=PRODUCT)
    web.get(f"{API}/user/7", status=404)
    assert tracker(People(("acme/product",))).in_product(SUBJECT, MARIA, "product") is False


def test_up_to_three_people_are_named_the_listed_ones_first(web: responses.RequestsMock) -> None:
    clock = Clock()
    web.get(f"{API}/users/maria", json=user())
    web.get(f"{API}/users/gone", status=404)
    known(web)
    members = [user("maria", 7), user("ben", 8), user("cleo", 9)]
    team = web.get(f"{BY_ID}/members", json=members)
    github = tracker(People(("acme/product",), ("maria", "gone")), clock=clock)
    assert [person.name for person in github.product("product")] == ["maria", "ben", "cleo"]
    assert [person.name for person in github.product("product")] == ["maria", "ben", "cleo"]
    assert team.call_count == 1
    clock.now += 3601
    github.product("product")
    assert team.call_count == 2


def test_no_more_people_are_asked_for_than_named(web: responses.RequestsMock) -> None:
    for id, login in enumerate(("ann", "ben", "cleo", "dora"), 1):
        web.get(f"{API}/users/{login}", json=user(login, id))
    web.get(f"{API}/orgs/acme/teams/product", json=PRODUCT)
    for id, login in enumerate(("ann", "ben", "cleo-2"), 1):
        web.get(f"{API}/user/{id}", json=user(login, id))
    people = People(("acme/product",), ("ann", "ben", "cleo", "dora"))
    named = tracker(people).product("product")
    assert [(person.id, person.name) for person in named] == [("1", "ann"), ("2", "ben"), ("3", "cleo-2")]


def test_people_of_github_are_mentioned_and_others_only_named() -> None:
    assert tracker().mention(MARIA) == "@maria"
    assert tracker().mention(Person("jira", "5b10", "Anna")) == "Anna"


# ------------------------------------------------------------ writing


def test_the_open_milestones_are_offered_first_by_number(web: responses.RequestsMock) -> None:
    query = {"state": "open", "sort": "due_on", "per_page": "100"}
    found = [milestone(9), milestone(3), milestone(4, due_on=None)]
    web.get(f"{REPO}/milestones", json=found, match=[query_param_matcher(query)])
    day = date(2027, 3, 1)
    assert tracker().carriers(SUBJECT, "milestone", day) == [Value("3", day), Value("4"), Value("9", day)]


@pytest.mark.parametrize(("value", "number"), [(V3, 3), (NOTHING, None)])
def test_a_milestone_is_set_by_number_and_cleared_by_null(
    web: responses.RequestsMock, value: Value, number: int | None
) -> None:
    web.patch(ISSUE, json=issue(milestone=milestone(3) if number else None))
    tracker().set_deadline(SUBJECT, "milestone", value)
    assert sent(web) == {"milestone": number}


@pytest.mark.parametrize(("value", "kept"), [(V3, None), (V3, milestone(4)), (NOTHING, milestone(4))])
def test_a_write_that_did_not_take_is_noticed(
    web: responses.RequestsMock, value: Value, kept: dict[str, Any] | None
) -> None:
    web.patch(ISSUE, json=issue(milestone=kept))
    with pytest.raises(Unwritten, match="right to write"):
        tracker().set_deadline(SUBJECT, "milestone", value)


@pytest.mark.parametrize("due_on", ["2027-06-01T07:00:00Z", None])
def test_a_milestone_that_has_another_date_by_now_is_no_success(
    web: responses.RequestsMock, due_on: str | None
) -> None:
    web.patch(ISSUE, json=issue(milestone=milestone(3, due_on)))
    with pytest.raises(Unwritten, match="by now") as refused:
        tracker().set_deadline(SUBJECT, "milestone", V3)
    assert "has another date by now" in refused.value.hint


def test_a_milestone_is_read_with_its_own_date_and_one_that_was_deleted_is_gone(
    web: responses.RequestsMock,
) -> None:
    at = f"{REPO}/milestones/3"
    web.get(at, json=milestone(3, updated_at="2027-01-12T09:00:00Z"))
    found = tracker().carrier(Subject("github", "carrier", f"{SUBJECT.key.partition('#')[0]}#3"))
    assert found is not None and found.value == V3

    web.replace(responses.GET, at, status=404, json={"message": "Not Found"})
    web.get(REPO, json=repository())
    assert tracker().carrier(Subject("github", "carrier", f"{SUBJECT.key.partition('#')[0]}#3")) is None


@pytest.mark.parametrize(
    "answer", [{"json": {}}, {"json": []}, {"body": ""}, {"body": "<html>"}, {"status": 503}]
)
def test_a_write_with_an_answer_that_proves_nothing_is_unclear(
    web: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    asked = web.patch(ISSUE, **answer)
    with pytest.raises(Unavailable):
        tracker().set_deadline(SUBJECT, "milestone", NOTHING)
    assert asked.call_count == 1


@pytest.mark.parametrize(("field", "value"), [("duedate", V3), ("milestone", Value("v3"))])
def test_a_field_or_value_that_github_has_not_is_refused(field: str, value: Value) -> None:
    with pytest.raises(Refused):
        tracker().set_deadline(SUBJECT, field, value)
    assert changed_by(tracker(), SUBJECT, "duedate", value) is None
    assert tracker().carriers(SUBJECT, "duedate", date(2027, 3, 1)) == ()


def test_a_label_is_added(web: responses.RequestsMock) -> None:
    web.post(f"{ISSUE}/labels", json=[{"name": "customer-request"}])
    tracker().set_label(SUBJECT, "customer-request", True)
    assert sent(web) == {"labels": ["customer-request"]}


def test_a_label_is_removed_by_its_escaped_name(web: responses.RequestsMock) -> None:
    web.delete(f"{ISSUE}/labels/at%2Frisk", json=[])
    tracker().set_label(SUBJECT, "at/risk", False)


def test_a_label_that_is_gone_already_is_no_error(web: responses.RequestsMock) -> None:
    web.delete(f"{ISSUE}/labels/x", status=404, json={"message": "Label does not exist"})
    web.get(ISSUE, json=issue())
    tracker().set_label(SUBJECT, "x", False)


def test_a_label_of_an_issue_that_is_gone_is_refused(web: responses.RequestsMock) -> None:
    web.delete(f"{ISSUE}/labels/x", status=404, json={"message": "Not Found"})
    web.get(ISSUE, status=404, json={"message": "Not Found"})
    web.get(REPO, json=repository())
    with pytest.raises(Refused):
        tracker().set_label(SUBJECT, "x", False)


# ------------------------------------------------------------ errors


@pytest.mark.parametrize(
    "error", [requests.ConnectionError(TOKEN), requests.Timeout(), requests.exceptions.ChunkedEncodingError()]
)
def test_no_answer_is_unavailable_and_says_nothing_of_the_request(
    web: responses.RequestsMock, error: Exception
) -> None:
    asked = web.get(ISSUE, body=error)
    with pytest.raises(Unavailable) as raised:
        tracker().issue(SUBJECT)
    assert TOKEN not in str(raised.value)
    assert asked.call_count == 1


@pytest.mark.parametrize("body", ["{", "<html>", "[1]", '"x"', "null"])
def test_an_answer_that_cannot_be_read_is_unavailable(web: responses.RequestsMock, body: str) -> None:
    web.get(ISSUE, body=body)
    web.add(responses.GET, REPO, json=repository())
    web.assert_all_requests_are_fired = False
    with pytest.raises(Unavailable):
        tracker().issue(SUBJECT)


@pytest.mark.parametrize(("status", "hint"), [(403, "what the token may do"), (422, "Validation Failed")])
def test_a_no_is_refused_in_words_that_help(web: responses.RequestsMock, status: int, hint: str) -> None:
    web.patch(ISSUE, status=status, json={"message": "Validation Failed"})
    with pytest.raises(Refused, match=hint) as raised:
        tracker().set_deadline(SUBJECT, "milestone", V3)
    assert "PATCH /repos/acme/shop/issues/12" in str(raised.value)
    assert TOKEN not in str(raised.value)


def test_bodies_do_not_reach_the_log_at_debug(
    web: responses.RequestsMock, caplog: pytest.LogCaptureFixture
) -> None:
    github = tracker()
    stands(web, comment("Globex-canary"))
    with caplog.at_level("DEBUG"), caplog.at_level("DEBUG", logger="github"):
        github.comment(SUBJECT, "991")
    assert "canary" not in caplog.text


def test_each_thread_has_its_own_client() -> None:
    made: list[Auth.Auth] = []

    def sign_in() -> Auth.Auth:
        made.append(Auth.Token(TOKEN))
        return made[-1]

    with responses.RequestsMock() as web:
        web.get(REPO, json=repository())
        github = tracker(auth=sign_in)
        for _ in range(2):
            with ThreadPoolExecutor(max_workers=1) as threads:
                assert [threads.submit(github.public, SUBJECT).result() for _ in range(2)] == [False, False]
    assert len(made) == 2
