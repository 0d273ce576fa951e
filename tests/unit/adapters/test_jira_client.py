from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import requests
import responses
from responses.matchers import query_param_matcher

from automation.adapters.jira.deals import JiraDeals
from automation.model import Deal, Person, Subject
from automation.ports import Crm, NoAccess, Refused, Unavailable
from tests.factories import deal as subject_of
from tests.fakes import FreeGate
from tests.unit.adapters.payloads import JIRA, REST, REST_2, deal, jira_user

SUBJECT = Subject("jira", "deal", "SALES-7")
TOKEN = "canary-token"
COMMENTS = f"{REST}/issue/SALES-7/comment"
COMMENTS_2 = f"{REST_2}/issue/SALES-7/comment"
US = jira_user("Handshake", "557058:us")


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def crm(
    key: bytes = b"secret",
    url: str = f"{JIRA}/",
    sign_in: tuple[str, str] | str = ("ops@acme.example", TOKEN),
) -> JiraDeals:
    return JiraDeals(url, sign_in, "SALES", key, FreeGate(), clock=lambda: 1_800_000_000.0)


def sent(web: responses.RequestsMock, index: int = -1) -> Any:
    return json.loads(web.calls[index].request.body or "")


def test_it_is_a_crm() -> None:
    port: Crm = crm()
    assert port.encode("x") == "x"


# ------------------------------------------------------------ keys


@pytest.mark.parametrize(
    "text",
    [
        "SALES-7",
        " sales-7 ",
        f"{JIRA}/browse/SALES-7",
        "HTTPS://ACME.atlassian.net/browse/sales-7/",
        f"{JIRA}/browse/SALES-7?focusedCommentId=1#comment",
        f"{JIRA}/jira/software/projects/SALES/boards/1?selectedIssue=SALES-7",
        f"{JIRA}/browse/SALES-7?filter=-1&jql=project%20%3D%20SALES",
        f"{JIRA}/projects/SALES/issues/SALES-7",
        f"{JIRA}/projects/SALES/issues/SALES-7?filter=allopenissues",
        f"{JIRA}/jira/software/c/projects/SALES/boards/1/backlog?view=detail&selectedIssue=SALES-7",
        f"{JIRA}/jira/software/c/projects/SALES/issues/SALES-7/?filter=1#x",
        f"{JIRA}/jira/core/projects/SALES/issues/SALES-7",
        f"{JIRA}/jira/core/projects/SALES/board?selectedIssue=SALES-7",
        f"{JIRA}/jira/servicedesk/projects/SALES/queues/custom/1/SALES-7",
        f"{JIRA}/jira/polaris/projects/SALES/ideas/view/12?selectedIssue=SALES-7",
        f"{JIRA}/secure/RapidBoard.jspa?rapidView=1&selectedIssue=SALES-7",
        f"{JIRA}/issues/SALES-7?jql=key%20%3D%20SALES-9",
        f"{JIRA}/browse/SALES-7?selectedIssue=PROD-2",
        f"{JIRA}/browse/PROD-2?selectedIssue=SALES-7",
        f"{JIRA}:443/browse/SALES-7",
        "http://acme.atlassian.net/browse/SALES-7",
        "http://acme.atlassian.net:80/browse/SALES%2D7",
        "acme.atlassian.net/browse/SALES-7",
    ],
)
def test_a_deal_is_known_by_its_key_or_address(text: str) -> None:
    assert crm().named(text) == subject_of("SALES-7")


@pytest.mark.parametrize(
    "text",
    [
        "", "SALES", "SALES-0", "SALES-07", "SALES-7x", "PROD-7", "XSALES-7", "SALES-7 SALES-8", "SALES-٧",
        "ſales-7",
        "https://evil.example/browse/SALES-7", "https://acme.atlassian.net@evil.example/browse/SALES-7",
        "https://acme.atlassian.net:8443/browse/SALES-7", f"{JIRA}/browse/PROD-7",
        f"{JIRA}/wiki/browse/SALES-7",
        f"{JIRA}/browse/PROD-7?selectedIssue=OPS-1", "javascript://acme.atlassian.net/browse/SALES-7",
        f"{JIRA}/browse/SALES-7-something", f"{JIRA}/browse/SALES-7,SALES-8", f"{JIRA}/issues/?jql=SALES-7",
        f"{JIRA}/wiki/spaces/X/pages/1/SALES-7", f"{JIRA}/browse/PRE-SALES-7", f"{JIRA}/browse/X-7#SALES-7",
        f"{JIRA}/x?issue=SALES-7", "https://evil.example\\@acme.atlassian.net/browse/SALES-7",
        "https://acme.atlassian.net.evil.example/browse/SALES-7", "evil.example/browse/SALES-7",
        "https://[/browse/SALES-7", "https://acme.atlassian.net:x/browse/SALES-7", f"{JIRA}/browse/",
    ],
)  # fmt: skip
def test_what_names_no_deal_of_ours_is_none(text: str) -> None:
    assert crm().named(text) is None


def test_a_site_below_a_path_is_known_by_it() -> None:
    site = crm(url="https://acme.example/jira")
    assert site.named("http://ACME.example/jira/projects/SALES/issues/SALES-7") == subject_of("SALES-7")
    assert site.named("https://acme.example/jira/secure/RapidBoard.jspa?selectedIssue=SALES-7") == subject_of(
        "SALES-7"
    )
    assert site.named("https://acme.example/other?selectedIssue=SALES-7") is None
    assert site.named("https://acme.example/jira/browse/SALES-7") == subject_of("SALES-7")
    assert site.named("https://acme.example/browse/SALES-7") is None


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("For SALES-7 and SALES-8, see SALES-7.", ["SALES-7", "SALES-8"]),
        (f"[x]({JIRA}/browse/SALES-7), {JIRA}/browse/SALES-9.", ["SALES-7", "SALES-9"]),
        ("(SALES-7) [SALES-8|https://evil.example/browse/SALES-9]", ["SALES-7", "SALES-8"]),
        ("https://evil.example/browse/SALES-7 sales-8 XSALES-9 SALES-10x SALES-1-2 -SALES-3 SALES-0", []),
        (f"{JIRA}/issues/?selectedIssue=SALES-7 {JIRA}/browse/PROD-1", ["SALES-7"]),
        (f"({JIRA}/projects/SALES/issues/SALES-7?filter=1), {JIRA}/issues/?jql=key=(SALES-8)", ["SALES-7"]),
        (f"acme.atlassian.net/browse/SALES-7 and “{JIRA}/browse/SALES-8”", ["SALES-7", "SALES-8"]),
        ("x@SALES-1.com <joe@mail.SALES-2.com> SALES-3@x.com SALES-4.example.com www.SALES-5.com", []),
        ("PRE-SALES-1 SALES-1-2 SALES-1a SALES-1.5 evil.example/browse/SALES-1 ftp://x.y/SALES-1", []),
        (
            "SALES-1, SALES-2. SALES-3! (SALES-4) SALES-5/SALES-6: SALES-7…",
            [f"SALES-{n}" for n in range(1, 8)],
        ),
        ("", []),
    ],
)
def test_keys_are_found_in_running_text_each_once(text: str, keys: list[str]) -> None:
    assert [one.key for one in crm().named_in(text)] == keys


# ------------------------------------------------------------ deals


def test_deals_are_read_in_one_call(web: responses.RequestsMock) -> None:
    closed = deal("SALES-8", status={"statusCategory": {"key": "done"}}, duedate=None, assignee=None)
    web.post(f"{REST}/issue/bulkfetch", json={"issues": [deal(), closed], "issueErrors": []})
    closed_one = subject_of("SALES-8")
    assert crm().deals([subject_of("SALES-7"), closed_one]) == {
        subject_of("SALES-7"): Deal(
            subject_of("SALES-7"),
            "Globex: rollout",
            f"{JIRA}/browse/SALES-7",
            True,
            date(2027, 3, 20),
            "Sam Seller",
        ),
        subject_of("SALES-8"): Deal(
            subject_of("SALES-8"), "Globex: rollout", f"{JIRA}/browse/SALES-8", False
        ),
    }
    assert sent(web) == {
        "issueIdsOrKeys": ["SALES-7", "SALES-8"],
        "fields": ["summary", "status", "duedate", "assignee", "project", "security"],
    }
    assert len(web.calls) == 1


def test_data_center_is_asked_for_deals_by_a_search_that_leaves_out_unknown_keys(
    web: responses.RequestsMock,
) -> None:
    web.post(f"{REST_2}/search", json={"issues": [deal()]})
    assert list(crm(sign_in=TOKEN).deals([subject_of(key) for key in ("SALES-7", "SALES-8", "HR-1")])) == [
        subject_of("SALES-7")
    ]
    assert sent(web) == {
        "jql": "key in (SALES-7, SALES-8)",
        "validateQuery": False,
        "fields": ["summary", "status", "duedate", "assignee", "project", "security"],
        "maxResults": 100,
    }


def test_only_keys_of_the_project_are_asked_for() -> None:
    assert crm().deals([subject_of("PROD-1"), subject_of("10005"), subject_of("")]) == {}


def test_a_deal_that_moved_to_another_project_is_left_out(web: responses.RequestsMock) -> None:
    stranger = deal("SALES-7", project={"key": "PRIVATE"})
    web.post(f"{REST}/issue/bulkfetch", json={"issues": [deal("HR-1"), stranger]})
    web.get(f"{REST}/project/SALES", json={"key": "SALES"})
    assert crm().deals([subject_of("SALES-7")]) == {}


def test_where_no_deal_can_be_seen_they_are_not_taken_for_unknown(web: responses.RequestsMock) -> None:
    web.post(f"{REST}/issue/bulkfetch", json={"issues": []})
    web.get(f"{REST}/project/SALES", status=404, json={"errorMessages": ["No project could be found"]})
    with pytest.raises(NoAccess):
        crm().deals([subject_of("SALES-7")])


def test_many_deals_are_asked_for_a_hundred_at_a_time(web: responses.RequestsMock) -> None:
    web.post(f"{REST}/issue/bulkfetch", json={"issues": []})
    web.get(f"{REST}/project/SALES", json={"key": "SALES"})
    crm().deals([subject_of(f"SALES-{n}") for n in range(1, 251)])
    assert [len(sent(web, n)["issueIdsOrKeys"]) for n in range(3)] == [100, 100, 50]


@pytest.mark.parametrize(
    "body", [{}, {"issues": [{"key": "SALES-7"}]}, {"issues": [deal(duedate="soon")]}, []]
)
def test_an_answer_that_cannot_be_read_is_unavailable(web: responses.RequestsMock, body: object) -> None:
    web.post(f"{REST}/issue/bulkfetch", json=body)
    with pytest.raises(Unavailable):
        crm().deals([subject_of("SALES-7")])


@pytest.mark.parametrize(
    "body", [{}, {"comments": [{"properties": None}]}, {"comments": [{"properties": [7]}]}]
)
def test_comments_in_another_shape_are_no_notice_of_ours(web: responses.RequestsMock, body: object) -> None:
    web.get(COMMENTS, json=body)
    if body:
        assert crm().find(SUBJECT, "k1") is None
    else:
        with pytest.raises(Unavailable):
            crm().find(SUBJECT, "k1")


# ------------------------------------------------------------ notices


def test_a_notice_is_an_adf_document_marked_by_a_property_and_kept_inside(
    web: responses.RequestsMock,
) -> None:
    web.post(COMMENTS, json={"id": "10100"}, status=201)
    assert crm().post(SUBJECT, "**Asked**", "k1").id == "10100"
    body = sent(web)
    assert (body["body"]["type"], body["body"]["version"]) == ("doc", 1)
    mark, internal = body["properties"]
    assert mark["key"] == "handshake"
    assert set(mark["value"]) == {"marker", "hmac"}
    assert internal == {"key": "sd.public.comment", "value": {"internal": True}}
    assert "k1" not in json.dumps(body)


def test_a_notice_on_data_center_is_wiki_text_with_the_same_mark(web: responses.RequestsMock) -> None:
    web.post(COMMENTS_2, json={"id": "10100"}, status=201)
    assert crm(sign_in=TOKEN).post(SUBJECT, "**Asked**: `x-y`", "k1").id == "10100"
    body = sent(web)
    assert body["body"] == r"*Asked*: {{x\-y}}"
    assert [one["key"] for one in body["properties"]] == ["handshake", "sd.public.comment"]


def test_a_notice_is_found_by_its_property(web: responses.RequestsMock) -> None:
    web.post(COMMENTS, json={"id": "10100"}, status=201)
    crm().post(SUBJECT, "Asked", "k1")
    found = [{"id": "10101"}, {"id": "10100", "author": US, "properties": sent(web)["properties"]}]
    query = {"expand": "properties", "orderBy": "-created", "maxResults": "100"}
    web.get(f"{REST}/myself", json=US)
    web.get(COMMENTS, json={"comments": found}, match=[query_param_matcher(query)])
    assert crm().find(SUBJECT, "k1").id == "10100"
    assert crm().find(SUBJECT, "k2") is None
    assert crm(key=b"another").find(SUBJECT, "k1") is None


def test_a_property_copied_from_another_deal_is_not_ours(web: responses.RequestsMock) -> None:
    other = Subject("jira", "deal", "SALES-8")
    web.post(f"{REST}/issue/SALES-8/comment", json={"id": "1"}, status=201)
    crm().post(other, "Asked", "k1")
    web.get(COMMENTS, json={"comments": [{"id": "2", "properties": sent(web)["properties"]}]})
    assert crm().find(SUBJECT, "k1") is None


@pytest.mark.parametrize("author", [jira_user("Eve", "5b11"), None, {}])
def test_a_property_copied_by_somebody_else_is_not_ours(web: responses.RequestsMock, author: object) -> None:
    web.post(COMMENTS, json={"id": "10100"}, status=201)
    crm().post(SUBJECT, "Asked", "k1")
    copied = {"id": "2", "author": author, "properties": sent(web)["properties"]}
    web.get(COMMENTS, json={"comments": [copied]})
    if author:
        web.get(f"{REST}/myself", json=US)
    assert crm().find(SUBJECT, "k1") is None


def test_a_very_long_notice_is_cut(web: responses.RequestsMock) -> None:
    web.post(COMMENTS, json={"id": "10100"}, status=201)
    crm().post(SUBJECT, "x" * 40_000, "k1")
    assert sent(web)["body"]["content"][0]["content"][0]["text"] == "x" * 29_999 + "…"


def test_people_of_jira_are_mentioned_and_others_only_named() -> None:
    assert "5b10" in crm().mention(Person("jira", "5b10", "Anna"))
    assert crm().mention(Person("github", "7", "maria")) == "maria"


def test_people_of_data_center_are_mentioned_by_the_username_they_have_now(
    web: responses.RequestsMock,
) -> None:
    query = query_param_matcher({"key": "JIRAUSER10100"})
    web.get(f"{REST_2}/user", json={"key": "JIRAUSER10100", "name": "anna"}, match=[query])
    client, anna = crm(sign_in=TOKEN), Person("jira", "JIRAUSER10100", "Anna [x]")
    web.post(COMMENTS_2, json={"id": "1"}, status=201)
    for _ in range(2):
        client.post(SUBJECT, f"{client.mention(anna)} please", "k1")
        assert sent(web)["body"] == "[~anna] please"
    assert len(web.calls) == 3
    assert client.mention(Person("github", "7", "maria")) == "maria"


def test_somebody_who_cannot_be_looked_up_is_only_named(web: responses.RequestsMock) -> None:
    web.get(f"{REST_2}/user", status=404)
    assert crm(sign_in=TOKEN).mention(Person("jira", "gone", "Anna")) == "Anna"


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 502},
        {"status": 503, "headers": {"Retry-After": "1"}},
        {"body": requests.ConnectionError()},
        {"body": requests.ReadTimeout()},
        {"json": {}, "status": 201},
        {"body": "<html>", "status": 201},
    ],
)
def test_a_post_whose_end_is_unclear_was_sent_once(
    web: responses.RequestsMock, failure: dict[str, Any]
) -> None:
    asked = web.post(COMMENTS, **failure)
    with pytest.raises(Unavailable):
        crm().post(SUBJECT, "Asked", "k1")
    assert asked.call_count == 1


# ------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (403, "", "JIRA_API_TOKEN may do"),
        (404, '{"errorMessages":["Issue does not exist"],"errors":{}}', "Issue does not exist"),
        (400, '{"errorMessages":[],"errors":{"comment":"Comment body is not valid!"}}', "body is not valid"),
    ],
)
def test_a_no_is_refused_in_words_that_help(
    web: responses.RequestsMock, status: int, body: str, words: str
) -> None:
    web.post(COMMENTS, status=status, body=body)
    if status == 404:
        web.get(f"{REST}/project/SALES", json={"key": "SALES"})
    with pytest.raises(Refused, match=words) as raised:
        crm().post(SUBJECT, "Asked", "k1")
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("body", ['"a message"', "[1]", "7", "{"])
def test_an_odd_error_answer_is_an_error_all_the_same(web: responses.RequestsMock, body: str) -> None:
    web.get(COMMENTS, status=400, body=body)
    with pytest.raises((Refused, Unavailable)):
        crm().find(SUBJECT, "k1")


def test_a_redirect_is_not_followed_with_the_token(web: responses.RequestsMock) -> None:
    web.post(COMMENTS, status=302, headers={"Location": "https://evil.example/login"})
    with pytest.raises(Refused, match="JIRA_URL"):
        crm().post(SUBJECT, "Asked", "k1")
    assert len(web.calls) == 1


@pytest.mark.parametrize(
    ("sign_in", "header", "comments"),
    [
        (
            ("ops@acme.example", TOKEN),
            f"Basic {base64.b64encode(f'ops@acme.example:{TOKEN}'.encode()).decode()}",
            COMMENTS,
        ),
        (TOKEN, f"Bearer {TOKEN}", COMMENTS_2),
    ],
)
def test_the_account_signs_in_to_cloud_or_to_data_center(
    web: responses.RequestsMock, sign_in: tuple[str, str] | str, header: str, comments: str
) -> None:
    web.get(comments, json={"comments": []})
    assert crm(sign_in=sign_in).find(SUBJECT, "k1") is None
    assert web.calls[0].request.headers["Authorization"] == header


def test_the_key_of_marks_must_not_be_empty() -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        crm(key=b"")
