"""The clients at the limiter: what is asked of it before each call, and what it is told of each answer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import requests
import responses
from github import Auth

from automation.adapters.errors import Missing
from automation.adapters.github.client import GitHub
from automation.adapters.github.people import People
from automation.adapters.jira.deals import JiraDeals
from automation.adapters.jira.people import JiraPeople, JiraRights
from automation.adapters.jira.tracker import Jira
from automation.model import NOTHING, Deal, Person, Subject, Value
from automation.ports import Closed, NoAccess, Refused, Unauthorized, Unavailable
from tests.factories import deal
from tests.fakes import FreeGate, Noted
from tests.unit.adapters.payloads import API, ISSUE, JIRA, REPO, REST, comment, issue, repository, user

Headers = dict[str, str]
Ask = Callable[[FreeGate], object]

NOW = 1_800_000_000.0
ISSUE_12 = Subject("github", "issue", "acme/shop#12")
PROD_3 = Subject("jira", "issue", "PROD-3")
SALES_7 = Subject("jira", "deal", "SALES-7")
MARIA = Person("github", "7", "maria")
ANNA = Person("jira", "5b10", "Anna")
DEAL = Deal(deal("SALES-7"), "Globex: rollout", f"{JIRA}/browse/SALES-7")
MARCH = Value("2027-03-01", date(2027, 3, 1), "2027-03-01")
JANUARY = datetime(2027, 1, 1, tzinfo=UTC)
V3 = Value("3", date(2027, 3, 1), "v3")
CLOUD, DATA_CENTER = ("ops@acme.example", "canary-token"), "canary-token"
ANY = re.compile(".*")


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield mock


def github(
    limiter: FreeGate,
    auth: str | Callable[[], Auth.Auth] = "canary-token",
    clock: Callable[[], float] | None = None,
) -> GitHub:
    people = People(("acme/product",))
    return GitHub(
        "https://api.github.com",
        auth,
        lambda _: people,
        lambda: "triage",
        b"key",
        limiter,
        Noted(),
        clock=clock or Clock(),
    )


def jira(limiter: FreeGate, sign_in: tuple[str, str] | str = CLOUD) -> Jira:
    people, rights = JiraPeople(("product-managers",)), JiraRights(("sales",), ("Developers",))
    return Jira(JIRA, sign_in, lambda _: people, lambda: rights, b"key", limiter, Noted(), clock=Clock())


def deals(limiter: FreeGate, sign_in: tuple[str, str] | str = CLOUD) -> JiraDeals:
    return JiraDeals(JIRA, sign_in, "SALES", b"key", limiter, clock=Clock())


def app() -> Auth.Auth:
    return Auth.AppInstallationAuth(Auth.AppAuth(1, sign_func=lambda claims: "jwt"), 5)


def github_post(limiter: FreeGate) -> object:
    return github(limiter).post(ISSUE_12, "Asked", "k1")


def jira_post(limiter: FreeGate) -> object:
    return jira(limiter).post(PROD_3, "Asked", "k1")


# ------------------------------------------------------------ before each call

ASKED: dict[str, Ask] = {
    "github issue": lambda limiter: github(limiter).issue(ISSUE_12),
    "github public": lambda limiter: github(limiter).public(ISSUE_12),
    "github comment": lambda limiter: github(limiter).comment(ISSUE_12, "991"),
    "github comments": lambda limiter: github(limiter).comments(ISSUE_12, JANUARY, ()),
    "github moves": lambda limiter: list(github(limiter).moves(ISSUE_12, "milestone", ())),
    "github title": lambda limiter: github(limiter).written_by(ISSUE_12, "title"),
    "github body": lambda limiter: github(limiter).written_by(ISSUE_12, "body"),
    "github wordings": lambda limiter: github(limiter).wordings(ISSUE_12),
    "github gone": lambda limiter: github(limiter).gone(ISSUE_12, "milestone", V3),
    "github carriers": lambda limiter: github(limiter).carriers(ISSUE_12, "milestone", date(2027, 3, 1)),
    "github may_link": lambda limiter: github(limiter).may_link(ISSUE_12, MARIA),
    "github in_product": lambda limiter: github(limiter).in_product(ISSUE_12, MARIA, "product"),
    "github product": lambda limiter: github(limiter).product("product"),
    "github post": github_post,
    "github find": lambda limiter: github(limiter).find(ISSUE_12, "k1"),
    "github deadline": lambda limiter: github(limiter).set_deadline(ISSUE_12, "milestone", V3),
    "github label": lambda limiter: github(limiter).set_label(ISSUE_12, "x", True),
    "github label off": lambda limiter: github(limiter).set_label(ISSUE_12, "x", False),
    "github check": lambda limiter: github(limiter).check(),
    "github app": lambda limiter: github(limiter, app).issue(ISSUE_12),
    "jira issue": lambda limiter: jira(limiter).issue(PROD_3),
    "jira public": lambda limiter: jira(limiter).public(PROD_3),
    "jira comment": lambda limiter: jira(limiter).comment(PROD_3, "991"),
    "jira comments": lambda limiter: jira(limiter).comments(PROD_3, JANUARY, ()),
    "jira moves": lambda limiter: list(jira(limiter).moves(PROD_3, "duedate", ())),
    "jira title": lambda limiter: jira(limiter).written_by(PROD_3, "title"),
    "jira wordings": lambda limiter: jira(limiter).wordings(PROD_3),
    "jira may_link": lambda limiter: jira(limiter).may_link(PROD_3, ANNA),
    "jira in_product": lambda limiter: jira(limiter).in_product(PROD_3, ANNA, "product"),
    "jira product": lambda limiter: jira(limiter).product("product"),
    "jira mention": lambda limiter: jira(limiter, DATA_CENTER).mention(ANNA),
    "jira post": jira_post,
    "jira find": lambda limiter: jira(limiter).find(PROD_3, "k1"),
    "jira deadline": lambda limiter: jira(limiter).set_deadline(PROD_3, "duedate", MARCH),
    "jira label": lambda limiter: jira(limiter).set_label(PROD_3, "x", True),
    "jira deal": lambda limiter: jira(limiter).show_deal(PROD_3, DEAL, True),
    "jira deal off": lambda limiter: jira(limiter).show_deal(PROD_3, DEAL, False),
    "jira check": lambda limiter: jira(limiter).check(),
    "deals": lambda limiter: deals(limiter).deals([DEAL.subject]),
    "deals of data center": lambda limiter: deals(limiter, DATA_CENTER).deals([DEAL.subject]),
    "deals post": lambda limiter: deals(limiter).post(SALES_7, "Asked", "k1"),
    "deals find": lambda limiter: deals(limiter).find(SALES_7, "k1"),
    "deals check": lambda limiter: deals(limiter).check(),
}


@pytest.mark.parametrize("ask", ASKED.values(), ids=ASKED.keys())
def test_nothing_is_asked_while_the_gate_is_shut(web: responses.RequestsMock, ask: Ask) -> None:
    limiter = FreeGate(closed=Closed("waiting", 17.0))
    with pytest.raises(Closed) as raised:
        ask(limiter)
    assert raised.value is limiter.closed
    assert len(web.calls) == 0
    assert (limiter.answers, limiter.shut_by) == ([], [])


URGENT = {"github deadline", "jira deadline"}
WORDS = {"github post", "github label", "github label off", "jira post", "jira label", "jira deal off"}
WORDS |= {"deals post"}


@pytest.mark.parametrize("name", ASKED)
def test_writes_are_told_from_reads_and_only_deadlines_are_urgent(
    web: responses.RequestsMock, name: str
) -> None:
    """Also the reads that are POSTs: GraphQL, bulkfetch, Data Center's search, an App's token."""
    limiter = FreeGate()
    for verb in (responses.GET, responses.POST, responses.PUT, responses.PATCH, responses.DELETE):
        web.add(verb, ANY, status=500)
    with pytest.raises(Unavailable):
        ASKED[name](limiter)
    assert limiter.entered == [(name in URGENT | WORDS, name in URGENT)]
    assert len(web.calls) == 1


def test_a_deal_is_shown_by_reading_twice_and_writing_once(web: responses.RequestsMock) -> None:
    limiter = FreeGate()
    body = {"key": "PROD-3", "fields": {"project": {"projectTypeKey": "software"}}}
    web.get(f"{REST}/issue/PROD-3", json=body)
    web.get(f"{REST}/project/PROD", status=404)
    web.post(f"{REST}/issue/PROD-3/remotelink", json={"id": 1}, status=201)
    jira(limiter).show_deal(PROD_3, DEAL, True)
    assert limiter.entered == [(False, False), (False, False), (True, False)]


def test_a_due_date_is_written_urgently_and_read_again_as_anything_else(
    web: responses.RequestsMock,
) -> None:
    limiter = FreeGate()
    web.put(f"{REST}/issue/PROD-3", status=204)
    web.get(f"{REST}/issue/PROD-3", json={"key": "PROD-3", "fields": {"duedate": None}})
    jira(limiter).set_deadline(PROD_3, "duedate", NOTHING)
    assert limiter.entered == [(True, True), (False, False)]
    assert limiter.answers == [("PUT", 204, None, 0.0), ("GET", 200, None, 0.0)]


# ------------------------------------------------------------ after each answer


def test_every_call_to_github_is_counted_with_what_is_left(web: responses.RequestsMock) -> None:
    limiter = FreeGate()
    limits = {"x-ratelimit-remaining": "17", "x-ratelimit-reset": "1800000120"}
    web.get(ISSUE, json=issue(), headers=limits)
    web.get(REPO, json=repository())
    github(limiter).issue(ISSUE_12)
    assert limiter.answers == [("GET", 200, 17, 120.0), ("GET", 200, None, 0.0)]
    assert limiter.shut_by == []


def test_what_is_left_of_graphql_is_not_taken_for_what_is_left(web: responses.RequestsMock) -> None:
    limiter = FreeGate()
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000120"}
    web.get(f"{REPO}/issues/comments/991", json=comment())
    web.post(f"{API}/graphql", json={"data": {"node": {"lastEditedAt": None}}}, headers=spent)
    github(limiter).comment(ISSUE_12, "991")
    assert [(verb, quota) for verb, _, quota, _ in limiter.answers] == [("GET", None), ("POST", None)]


def test_what_github_leaves_to_strangers_is_not_taken_for_what_is_left(web: responses.RequestsMock) -> None:
    limiter = FreeGate()
    spent = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800003600"}
    web.get(ISSUE, status=401, json={"message": "Bad credentials"}, headers=spent)
    with pytest.raises(Unauthorized):
        github(limiter).issue(ISSUE_12)
    assert limiter.answers[0][:3] == ("GET", 401, None)
    assert [closed.retry_after for closed in limiter.shut_by] == [60.0]


@pytest.mark.parametrize("post", [github_post, jira_post])
@pytest.mark.parametrize("failure", [requests.ConnectionError(), requests.ReadTimeout()])
def test_no_answer_is_unclear_and_shuts_nothing(
    web: responses.RequestsMock, post: Ask, failure: Exception
) -> None:
    limiter = FreeGate()
    web.post(ANY, body=failure)
    with pytest.raises(Unavailable) as raised:
        post(limiter)
    assert not isinstance(raised.value, Closed)
    assert (len(limiter.entered), limiter.answers, limiter.shut_by) == (1, [], [])


# ------------------------------------------------------------ limits


def raised_by(ask: Ask, limiter: FreeGate) -> Closed:
    """Return what was raised, having seen that the limiter was shut by just that."""
    with pytest.raises(Closed) as raised:
        ask(limiter)
    assert limiter.shut_by == [raised.value]
    return raised.value


@pytest.mark.parametrize(
    ("status", "headers", "message", "wait"),
    [
        (429, {"Retry-After": "30"}, "slow down", 30.0),
        (429, {"Retry-After": "0"}, "slow down", 1.0),
        (429, {}, "slow down", 60.0),
        (429, {"Retry-After": "Fri, 15 Jan 2027 08:00:45 GMT"}, "", 45.0),
        (429, {"Retry-After": "rubbish"}, "", 60.0),
        (429, {"Retry-After": "999999999"}, "", 86_400.0),
        (403, {"Retry-After": "17"}, "", 17.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000120"}, "", 120.0),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "17"}, "", 1.0),
        (403, {"x-ratelimit-remaining": "0"}, "", 60.0),
        (403, {"x-ratelimit-remaining": "9"}, "You have exceeded a secondary rate limit.", 60.0),
    ],
)
def test_a_limit_of_github_shuts_the_gate_for_as_long_as_it_says(
    web: responses.RequestsMock, status: int, headers: Headers, message: str, wait: float
) -> None:
    limiter = FreeGate()
    web.post(ANY, status=status, headers=headers, json={"message": message})
    closed = raised_by(github_post, limiter)
    assert type(closed) is Closed
    assert closed.retry_after == wait
    assert [answer[:2] for answer in limiter.answers] == [("POST", status)]
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    "error",
    [
        {"type": "RATE_LIMITED", "message": "API rate limit exceeded"},
        {"type": "RATE_LIMIT", "code": "graphql_rate_limit"},
        {"message": "You have exceeded a secondary rate limit."},
    ],
)
@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({}, 60.0),
        ({"Retry-After": "9"}, 9.0),
        ({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1800000120"}, 120.0),
    ],
)
def test_a_limit_of_graphql_shuts_the_gate_though_it_was_answered_200(
    web: responses.RequestsMock, error: Headers, headers: Headers, wait: float
) -> None:
    web.post(f"{API}/graphql", json={"errors": [error], "data": None}, headers=headers)
    closed = raised_by(lambda limiter: github(limiter).written_by(ISSUE_12, "body"), FreeGate())
    assert closed.retry_after == wait


def test_a_name_that_looks_like_a_limit_is_none(web: responses.RequestsMock) -> None:
    limiter = FreeGate()
    error = {"type": "NOT_FOUND", "message": "Could not resolve to 'acme/RATE_LIMITED'."}
    web.post(f"{API}/graphql", json={"errors": [error], "data": None})
    with pytest.raises(Refused):
        github(limiter).written_by(ISSUE_12, "body")
    assert limiter.shut_by == []


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "1847", "RateLimit-Reason": "jira-quota-global-based"}, 1847.0),
        ({"Retry-After": "2", "RateLimit-Reason": "jira-burst-based"}, 2.0),
        ({"Retry-After": "200000", "RateLimit-Reason": "jira-quota-tenant-based"}, 86_400.0),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:45 GMT"}, 45.0),
        ({"Retry-After": "0", "X-RateLimit-Remaining": "0"}, 1.0),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "2027-01-15T08:00Z"}, 60.0),
        ({}, 60.0),
    ],
)
@pytest.mark.parametrize("body", ['{"errorMessages": ["slow down"]}', '"slow down"', "<html>", ""])
def test_a_limit_of_jira_shuts_the_gate_for_as_long_as_it_says(
    web: responses.RequestsMock, headers: Headers, wait: float, body: str
) -> None:
    limiter = FreeGate()
    web.post(ANY, status=429, headers=headers, body=body)
    closed = raised_by(jira_post, limiter)
    assert type(closed) is Closed
    assert closed.retry_after == wait
    assert limiter.answers == [("POST", 429, None, 0.0)]
    assert len(web.calls) == 1


@pytest.mark.parametrize("post", [github_post, jira_post])
@pytest.mark.parametrize(
    ("status", "headers", "wait"),
    [(503, {"Retry-After": "5"}, 5.0), (503, {}, None), (502, {}, None), (408, {}, None)],
)
def test_a_server_in_trouble_is_unclear_and_shuts_nothing(
    web: responses.RequestsMock, post: Ask, status: int, headers: Headers, wait: float | None
) -> None:
    limiter = FreeGate()
    web.post(ANY, status=status, headers=headers)
    with pytest.raises(Unavailable) as raised:
        post(limiter)
    assert not isinstance(raised.value, Closed)
    assert (raised.value.retry_after, limiter.shut_by) == (wait, [])
    assert limiter.answers == [("POST", status, None, 0.0)]


# ------------------------------------------------------------ credentials

SSO = {"X-GitHub-SSO": "required; url=https://github.com/orgs/acme/sso"}
FAILED = {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"}
DENIED = {"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"}
CAPTCHA = {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://acme.example/login"}


@pytest.mark.parametrize(
    ("status", "headers", "message"),
    [
        (401, {}, "Bad credentials"),
        (401, {"Retry-After": "9"}, ""),
        (403, {}, "Bad credentials"),
        (403, {}, "Maximum number of login attempts exceeded. Please try again later."),
        (403, {"x-ratelimit-remaining": "0"}, "Maximum number of login attempts exceeded."),
        (403, {}, "Sorry. Your account was suspended."),
        (403, {}, "the `acme` organization has an IP allow list enabled"),
        (403, SSO, "Resource protected by organization SAML enforcement."),
    ],
)
@pytest.mark.parametrize("ask", [github_post, ASKED["github in_product"], ASKED["github may_link"]])
def test_credentials_that_github_does_not_accept_shut_the_gate_and_are_no_answer(
    web: responses.RequestsMock, status: int, headers: Headers, message: str, ask: Ask
) -> None:
    for verb in (responses.GET, responses.POST):
        web.add(verb, ANY, status=status, headers=headers, json={"message": message})
    problem = raised_by(ask, FreeGate())
    assert isinstance(problem, Unauthorized)
    assert problem.retry_after == 60.0
    assert "GITHUB_TOKEN" in str(problem) and "canary" not in str(problem)


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (401, {}),
        (401, FAILED),
        (403, CAPTCHA),
        (403, DENIED),
        (404, FAILED),
        (302, FAILED | {"Location": f"{JIRA}/login"}),
        (200, FAILED),
    ],
)
@pytest.mark.parametrize("ask", [jira_post, ASKED["jira in_product"], ASKED["jira issue"], ASKED["deals"]])
def test_credentials_that_jira_does_not_accept_shut_the_gate_and_are_no_answer(
    web: responses.RequestsMock, status: int, headers: Headers, ask: Ask
) -> None:
    for verb in (responses.GET, responses.POST):
        web.add(verb, ANY, status=status, headers=headers, json={"issues": [], "errorMessages": ["no"]})
    problem = raised_by(ask, FreeGate())
    assert isinstance(problem, Unauthorized)
    assert problem.retry_after == 60.0
    assert "JIRA_API_TOKEN" in str(problem) and "canary" not in str(problem)


def test_a_401_for_one_thing_only_is_a_no_and_shuts_nothing(web: responses.RequestsMock) -> None:
    """Jira answers so where the account may not see a project's roles."""
    limiter = FreeGate()
    web.get(f"{REST}/issue/PROD-3", status=401)
    web.get(f"{REST}/myself", json={"accountId": "5b10"})
    with pytest.raises(NoAccess, match="lacks a right"):
        jira(limiter).issue(PROD_3)
    assert [answer[1] for answer in limiter.answers] == [401, 200]
    assert (len(limiter.entered), limiter.shut_by) == (2, [])


@pytest.mark.parametrize("answer", [{"status": 502}, {"body": requests.ReadTimeout()}])
def test_a_401_is_no_answer_while_it_cannot_be_told_whether_jira_knows_us(
    web: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    web.get(f"{REST}/user/groups", status=401)
    web.get(f"{REST}/myself", **answer)
    with pytest.raises(Unavailable):
        jira(FreeGate()).in_product(PROD_3, ANNA, "product")


def test_data_center_names_its_own_setting(web: responses.RequestsMock) -> None:
    web.get(ANY, status=401)
    problem = raised_by(lambda limiter: jira(limiter, DATA_CENTER).issue(PROD_3), FreeGate())
    assert "Check JIRA_TOKEN" in str(problem)


@pytest.mark.parametrize("post", [github_post, jira_post])
@pytest.mark.parametrize(
    ("status", "headers"),
    [(403, {}), (403, {"X-Seraph-LoginReason": "OK"}), (404, {}), (410, {}), (422, {}), (400, {})],
)
def test_a_no_to_one_thing_shuts_nothing(
    web: responses.RequestsMock, post: Ask, status: int, headers: Headers
) -> None:
    limiter = FreeGate()
    web.post(ANY, status=status, headers=headers, json={"message": "Resource not accessible by integration"})
    web.get(ANY, json={"key": "PROD"})
    with pytest.raises(Refused) as raised:
        post(limiter)
    assert isinstance(raised.value, Missing) is (status in (404, 410))
    assert limiter.shut_by == []
    assert limiter.answers[0] == ("POST", status, None, 0.0)


# ------------------------------------------------------------ Apps

TOKENS = f"{API}/app/installations/5/access_tokens"
TOKEN = {"token": "ghs_canary", "expires_at": "2099-01-01T00:00:00Z"}


def test_the_token_of_an_app_passes_the_gate_and_serves_fifty_minutes(web: responses.RequestsMock) -> None:
    limiter, clock = FreeGate(), Clock()
    tokens = web.post(TOKENS, json=TOKEN, status=201)
    web.get(REPO, json=repository())
    client = github(limiter, app, clock)
    client.public(ISSUE_12)
    client.public(ISSUE_12)
    assert limiter.entered == [(False, False)] * 3
    assert [answer[:2] for answer in limiter.answers] == [("POST", 201), ("GET", 200), ("GET", 200)]
    assert "ghs_canary" in web.calls[-1].request.headers["Authorization"]
    clock.now += 3001
    client.public(ISSUE_12)
    assert tokens.call_count == 2


def test_an_app_that_is_not_accepted_asks_for_another_token(web: responses.RequestsMock) -> None:
    tokens = web.post(TOKENS, json=TOKEN, status=201)
    web.get(REPO, status=401, json={"message": "Bad credentials"})
    web.get(REPO, json=repository())
    client = github(FreeGate(), app)
    with pytest.raises(Unauthorized):
        client.public(ISSUE_12)
    assert client.public(ISSUE_12) is False
    assert tokens.call_count == 2


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (401, "A JSON web token could not be decoded"),
        (403, "This installation has been suspended"),
        (403, "Forbidden"),
        (404, "Not Found"),
        (422, "Unprocessable"),
    ],
)
def test_an_app_that_gets_no_token_is_not_accepted_and_its_issues_are_not_taken_for_gone(
    web: responses.RequestsMock, status: int, message: str
) -> None:
    limiter = FreeGate()
    web.post(TOKENS, status=status, json={"message": message})
    problem = raised_by(lambda limiter: github(limiter, app).issue(ISSUE_12), limiter)
    assert isinstance(problem, Unauthorized)
    assert problem.retry_after == 60.0
    assert str(problem).count("GITHUB_APP_INSTALLATION_ID") == 1
    assert limiter.answers == [("POST", status, None, 0.0)]


def test_an_app_with_a_broken_key_is_not_accepted() -> None:
    limiter = FreeGate()
    broken = Auth.AppInstallationAuth(Auth.AppAuth(1, "no key"), 5)
    problem = raised_by(lambda limiter: github(limiter, lambda: broken).issue(ISSUE_12), limiter)
    assert isinstance(problem, Unauthorized)
    assert "GITHUB_APP_PRIVATE_KEY" in str(problem)
    assert limiter.answers == []


def test_a_limit_on_tokens_is_a_limit(web: responses.RequestsMock) -> None:
    web.post(TOKENS, status=429, headers={"Retry-After": "7"}, json={"message": "slow down"})
    closed = raised_by(lambda limiter: github(limiter, app).issue(ISSUE_12), FreeGate())
    assert (type(closed), closed.retry_after) == (Closed, 7.0)


@pytest.mark.parametrize("answer", [{"status": 502}, {"body": requests.ConnectionError()}])
def test_an_app_whose_token_cannot_be_had_now_waits(
    web: responses.RequestsMock, answer: dict[str, Any]
) -> None:
    limiter = FreeGate()
    web.post(TOKENS, **answer)
    with pytest.raises(Unavailable) as raised:
        github(limiter, app).issue(ISSUE_12)
    assert not isinstance(raised.value, Closed)
    assert limiter.shut_by == []


# ------------------------------------------------------------ asking whether we are accepted


def test_credentials_of_github_are_proved_by_asking_for_limits(web: responses.RequestsMock) -> None:
    web.get(f"{API}/rate_limit", json={})
    github(FreeGate()).check()
    assert len(web.calls) == 1


def test_credentials_of_a_server_without_limits_are_proved_by_asking_for_its_features(
    web: responses.RequestsMock,
) -> None:
    limiter = FreeGate()
    web.get(f"{API}/rate_limit", status=404, json={"message": "Rate limiting is not enabled."})
    web.get(f"{API}/meta", json={})
    github(limiter).check()
    assert [answer[1] for answer in limiter.answers] == [404, 200]


@pytest.mark.parametrize("status", [301, 404])
def test_an_address_that_is_not_githubs_proves_nothing(web: responses.RequestsMock, status: int) -> None:
    web.get(ANY, status=status, json={}, headers={"Location": "https://evil.example/"})
    with pytest.raises(Refused):
        github(FreeGate()).check()


@pytest.mark.parametrize("check", [ASKED["jira check"], ASKED["deals check"]])
def test_credentials_of_jira_are_proved_by_asking_who_we_are(web: responses.RequestsMock, check: Ask) -> None:
    web.get(f"{REST}/myself", json={"accountId": "5b10"})
    check(FreeGate())
    assert len(web.calls) == 1


@pytest.mark.parametrize("check", [ASKED["github check"], ASKED["jira check"], ASKED["deals check"]])
@pytest.mark.parametrize(("status", "kind"), [(401, Unauthorized), (503, Unavailable), (403, Refused)])
def test_a_check_that_does_not_succeed_says_why(
    web: responses.RequestsMock, check: Ask, status: int, kind: type[Exception]
) -> None:
    web.get(ANY, status=status)
    with pytest.raises(kind):
        check(FreeGate())


def test_a_401_to_who_we_are_is_not_remembered_as_an_app_that_cannot_know(
    web: responses.RequestsMock,
) -> None:
    client = github(FreeGate())
    web.post(f"{ISSUE}/comments", json=comment(id=55), status=201)
    client.post(ISSUE_12, "Asked", "k1")
    body = json.loads(web.calls[0].request.body or "")["body"]
    web.get(f"{ISSUE}/comments", json=[comment(body, 55, user=user("mallory", 66))])
    web.get(f"{API}/user", status=401, json={"message": "Bad credentials"})
    web.get(f"{API}/user", json=user())
    with pytest.raises(Unauthorized):
        client.find(ISSUE_12, "k1")
    assert client.find(ISSUE_12, "k1") is None


# ------------------------------------------------------------ limits in other words

HURRIED: list[tuple[int, dict[str, Any]]] = [
    (422, {"message": "Validation Failed", "errors": [{"message": "was submitted too quickly"}]}),
    (422, {"message": "Validation Failed", "errors": [{"resource": "Issue", "code": "abuse"}]}),
    (422, {"message": "Validation Failed", "errors": ["was submitted too quickly"]}),
    (403, {"message": "You have triggered an abuse detection mechanism."}),
    (403, {"message": "You have exceeded a secondary rate limit."}),
    (
        403,
        {"message": "Forbidden", "documentation_url": "https://developer.github.com/v3/#abuse-rate-limits"},
    ),
    (
        403,
        {"message": "No", "documentation_url": "https://docs.github.com/rest/x#about-secondary-rate-limits"},
    ),
]


@pytest.mark.parametrize(("status", "answer"), HURRIED)
def test_whatever_words_github_has_for_a_limit_it_is_waited_for(
    web: responses.RequestsMock, status: int, answer: dict[str, Any]
) -> None:
    limiter = FreeGate()
    web.post(ANY, status=status, json=answer)
    with pytest.raises(Closed) as raised:
        github_post(limiter)
    assert not isinstance(raised.value, Unauthorized)
    assert raised.value.retry_after == 60.0
    assert limiter.shut_by == [raised.value]


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (422, {"message": "Validation Failed", "errors": [{"field": "milestone", "code": "invalid"}]}),
        (403, {"message": "Resource not accessible by integration"}),
        (403, {"message": "Repository was archived so is read-only.", "documentation_url": "https://docs.github.com/rest/issues/issues"}),
        (404, {"message": "Rate limiting is not enabled."}),
    ],
)  # fmt: skip
def test_a_no_that_is_no_limit_stays_a_no(
    web: responses.RequestsMock, status: int, answer: dict[str, Any]
) -> None:
    limiter = FreeGate()
    web.post(ANY, status=status, json=answer)
    web.get(REPO, json=repository())
    with pytest.raises(Refused):
        github_post(limiter)
    assert limiter.shut_by == []


def test_what_is_wrong_with_which_field_is_said(web: responses.RequestsMock) -> None:
    web.post(ANY, status=422, json={"message": "Failed", "errors": [{"field": "body", "code": "too_long"}]})
    with pytest.raises(Refused, match="Failed, body: too_long"):
        github_post(FreeGate())


@pytest.mark.parametrize(
    "error",
    [
        {"type": "RATE_LIMITED", "message": "x"},
        {"message": "API rate limit exceeded for user ID 7."},
        {"message": "was submitted too quickly"},
        {"message": "You have exceeded a secondary rate limit."},
    ],
)
def test_graphql_has_its_own_words_for_a_limit(web: responses.RequestsMock, error: dict[str, str]) -> None:
    web.post(ANY, json={"data": None, "errors": [error]})
    with pytest.raises(Closed):
        github(FreeGate()).written_by(ISSUE_12, "body")


@pytest.mark.parametrize("system", ["github", "jira"])
@pytest.mark.parametrize(
    "answer", [{"status": 502}, {"body": requests.ReadTimeout()}, {"body": requests.ConnectionError()},
               {"status": 200, "body": "<h1>Down for maintenance</h1>"}],
)  # fmt: skip
def test_the_gate_hears_of_calls_without_an_answer(
    web: responses.RequestsMock, system: str, answer: dict[str, Any]
) -> None:
    limiter = FreeGate()
    web.get(ANY, **answer)
    with pytest.raises(Unavailable):
        (github(limiter).issue(ISSUE_12) if system == "github" else jira(limiter).issue(PROD_3))
    assert len(limiter.silent) == 1
    assert [status for _, status, *_ in limiter.answers] == ([502] if answer.get("status") == 502 else [])


@pytest.mark.parametrize("system", ["github", "jira"])
def test_a_place_that_cannot_be_seen_stops_no_system_for_a_404_is_an_answer(
    web: responses.RequestsMock, system: str
) -> None:
    limiter = FreeGate()
    web.get(ANY, status=404)
    with pytest.raises(NoAccess):
        (github(limiter).issue(ISSUE_12) if system == "github" else jira(limiter).issue(PROD_3))
    assert [status for _, status, *_ in limiter.answers] == [404, 404]
    assert (limiter.shut_by, limiter.silent) == ([], [])


def test_an_error_of_graphql_is_an_answer_and_so_counts_as_a_try(web: responses.RequestsMock) -> None:
    limiter = FreeGate()
    web.post(ANY, json={"errors": [{"message": "Something went wrong while executing your query."}]})
    with pytest.raises(Unavailable) as raised:
        github(limiter).written_by(ISSUE_12, "body")
    assert not isinstance(raised.value, Closed)
    assert raised.value.in_a_row == 0
    assert (limiter.shut_by, limiter.silent) == ([], [])
