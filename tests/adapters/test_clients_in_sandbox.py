"""The real clients against the sandbox: real HTTP, real state, real faults."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date

import pytest

from automation.adapters.github.client import GitHub
from automation.adapters.github.people import People
from automation.adapters.github.triggers import triggers
from automation.adapters.jira.deals import JiraDeals
from automation.model import NOTHING, Deal, Person, Subject, Value
from automation.ports import NoAccess, Refused, Unavailable, Unseen, Unwritten
from automation.sandbox import Sandbox, sandbox
from tests.factories import deal
from tests.fakes import FreeGate, Noted

REPO = "acme/shop"
PRODUCT = People(github_teams=("acme/product",))
MARCH = date(2027, 3, 1)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for login in ("maria", "ben", "handshake"):
            box.github.add_user(login)
        box.github.add_team("acme", "product", members=("maria",), pending=("ben",))
        roles = {"maria": "write", "ben": "triage", "handshake": "write"}
        box.github.add_repo(REPO, private=True, roles=roles)
        for name, display in (("sam", "Sam Seller"), ("handshake", "Handshake")):
            box.jira.add_user(name, display)
        box.jira.add_project("SALES")
        box.jira.add_project("HR")
        yield box


def github(box: Sandbox, token: str = "handshake", limiter: FreeGate | None = None) -> GitHub:
    return GitHub(
        box.github_url, token, lambda _: PRODUCT, lambda: "triage", b"key", limiter or FreeGate(), Noted()
    )


Deals = Callable[[Sandbox], JiraDeals]


@pytest.fixture(params=["cloud", "data center"])
def deals(request: pytest.FixtureRequest) -> Deals:
    sign_in = "handshake" if request.param == "data center" else ("ops@acme.example", "handshake")
    return lambda box: JiraDeals(box.jira_url, sign_in, "SALES", b"key", FreeGate())


def filed(box: Sandbox, milestone: str | None = None) -> Subject:
    n = box.github.add_issue(REPO, "Single sign-on", author="ben", milestone=milestone, labels=("bug",))
    return Subject("github", "issue", f"{REPO}#{n}")


def number(subject: Subject) -> int:
    return int(subject.key.split("#")[1])


def dated(box: Sandbox, title: str = "v3", day: date = MARCH) -> Value:
    return Value(str(box.github.add_milestone(REPO, title, day)), day, title)


def standing(client: GitHub, subject: Subject) -> Value:
    issue = client.issue(subject)
    assert issue is not None
    return issue.deadlines["milestone"]


def actor(client: GitHub, subject: Subject, value: Value) -> str | None:
    newest = next(client.moves(subject, "milestone", (value,)), None)
    return newest.by.name if newest and newest.new == value and newest.by else None


def somebody(client: GitHub, box: Sandbox, subject: Subject, login: str) -> Person:
    """Return a person as the client knows them, from a comment of theirs."""
    id = box.github.as_user(login).comment(REPO, number(subject), "Hello")
    comment = client.comment(subject, str(id))
    assert comment is not None
    return comment.author


# ------------------------------------------------------------ GitHub


def test_an_issue_is_read_in_two_calls_and_then_in_one(box: Sandbox) -> None:
    three, client = dated(box), github(box)
    subject = filed(box, "v3")
    issue = client.issue(subject)
    assert issue is not None
    assert (issue.title, issue.open, issue.public, issue.labels) == ("Single sign-on", True, False, ("bug",))
    assert issue.deadlines == {"milestone": three}
    client.issue(subject)
    assert [asked.path for asked in box.requests] == [
        f"/repos/{REPO}/issues/1",
        f"/repos/{REPO}",
        f"/repos/{REPO}/issues/1",
    ]
    with pytest.raises(Unseen):
        client.issue(Subject("github", "issue", f"{REPO}#99"))


def test_a_milestone_is_set_moved_and_cleared_and_history_says_by_whom(box: Sandbox) -> None:
    three, four, client = dated(box), dated(box, "v4"), github(box)
    subject = filed(box)
    box.github.as_user("maria").set_milestone(REPO, number(subject), "v3")
    assert actor(client, subject, three) == "maria"
    client.set_deadline(subject, "milestone", four)
    assert standing(client, subject) == four
    assert actor(client, subject, four) == "handshake"
    assert actor(client, subject, three) is None
    client.set_deadline(subject, "milestone", NOTHING)
    assert standing(client, subject) == NOTHING
    assert actor(client, subject, NOTHING) == "handshake"
    assert client.carriers(subject, "milestone", MARCH) == [three, four]


def test_a_history_of_several_pages_is_read_from_its_end(box: Sandbox) -> None:
    three, client = dated(box), github(box)
    subject = filed(box)
    ben = box.github.as_user("ben")
    for _ in range(60):
        ben.label(REPO, number(subject), "noise")
        ben.unlabel(REPO, number(subject), "noise")
    box.github.as_user("maria").set_milestone(REPO, number(subject), "v3")
    assert actor(client, subject, three) == "maria"


def test_a_write_without_the_right_to_is_noticed(box: Sandbox) -> None:
    three, subject = dated(box), filed(box)
    with pytest.raises(Unwritten):
        github(box, "ben").set_deadline(subject, "milestone", three)


def test_a_notice_is_posted_found_and_known_as_our_own(box: Sandbox) -> None:
    client, subject = github(box), filed(box)
    id = client.post(subject, "Due date kept", "k1").id
    assert client.find(subject, "k1").id == id
    assert client.find(subject, "k2") is None
    comment = client.comment(subject, id)
    assert comment is not None
    assert (comment.own, comment.edited, comment.author.name) == (True, False, "handshake")
    words = box.github.comments(REPO, number(subject))[0].body
    copied = client.comment(subject, str(box.github.as_user("ben").comment(REPO, number(subject), words)))
    assert copied is not None
    assert copied.own is False


def test_a_notice_whose_answer_was_lost_is_there_once(box: Sandbox) -> None:
    client, subject = github(box), filed(box)
    box.fail_next("POST", "/comments", "502 after")
    with pytest.raises(Unavailable):
        client.post(subject, "Due date kept", "k1")
    assert client.find(subject, "k1") is not None
    assert len(box.github.comments(REPO, number(subject))) == 1


@pytest.mark.parametrize("how", ["502 before", "drop before", "drop after", "429"])
def test_github_is_asked_once_whatever_fails(box: Sandbox, how: str) -> None:
    client, subject = github(box), filed(box)
    box.fail_next("POST", "/comments", how, retry_after=7)
    with pytest.raises(Unavailable) as raised:
        client.post(subject, "Due date kept", "k1")
    assert raised.value.retry_after == (7 if how == "429" else None)
    assert [asked.method for asked in box.requests] == ["POST"]


def test_a_comment_edited_in_the_second_it_was_written_is_known_as_edited(box: Sandbox) -> None:
    client, subject = github(box), filed(box)
    ben = box.github.as_user("ben")
    id = ben.comment(REPO, number(subject), "/signoff 2027-03-01")
    before = client.comment(subject, str(id))
    assert before is not None
    assert (before.edited, before.lines) == (False, ("/signoff 2027-03-01",))
    ben.edit_comment(REPO, id, "/signoff 2027-04-01")
    after = client.comment(subject, str(id))
    assert after is not None
    assert after.edited is True
    assert client.comment(filed(box), str(id)) is None
    ben.delete_comment(REPO, id)
    with pytest.raises(Unseen):
        client.comment(subject, str(id))


def test_rights_are_those_of_this_moment(box: Sandbox) -> None:
    client, subject = github(box), filed(box)
    maria, ben = (somebody(client, box, subject, login) for login in ("maria", "ben"))
    assert client.in_product(subject, maria, "product") is True
    assert client.in_product(subject, ben, "product") is False
    assert client.may_link(subject, ben) is True
    box.github.set_membership("acme", "product", "maria", None)
    box.github.set_role(REPO, "ben", "read")
    assert client.in_product(subject, maria, "product") is False
    assert client.may_link(subject, ben) is False


def test_product_is_named_by_its_active_members(box: Sandbox) -> None:
    assert [person.name for person in github(box).product("product")] == ["maria"]


def test_labels_come_and_go_and_doing_it_twice_changes_nothing(box: Sandbox) -> None:
    client, subject = github(box), filed(box)
    for present in (True, True, False, False):
        client.set_label(subject, "customer-request", present)
        labels = box.github.issue(REPO, number(subject)).labels
        assert ("customer-request" in labels) is present
    with pytest.raises(Refused):
        client.set_label(Subject("github", "issue", f"{REPO}#99"), "customer-request", False)


def test_every_request_passes_the_gate_once_and_is_noted_by_its_verb(box: Sandbox) -> None:
    limiter, three, subject = FreeGate(), dated(box), filed(box)
    client = github(box, limiter=limiter)
    ben = somebody(client, box, subject, "ben")
    client.issue(subject)
    client.find(subject, client.post(subject, "Due date kept", "k1").id)
    client.set_deadline(subject, "milestone", three)
    client.set_label(subject, "customer-request", False)
    client.written_by(subject, "body")
    client.may_link(subject, ben)
    client.in_product(subject, ben, "product")
    deals = JiraDeals(box.jira_url, "handshake", "SALES", b"key", limiter)
    key = box.jira.add_issue("SALES", "Globex", reporter="sam")
    deals.find(Subject("jira", "deal", key), deals.post(Subject("jira", "deal", key), "Asked", "k1").id)
    deals.deals([deal(key)])
    methods = [asked.method for asked in box.requests]
    assert [verb for verb, *_ in limiter.answers] == methods
    assert len(limiter.entered) == len(methods) > 12
    written = [method for method, (write, _) in zip(methods, limiter.entered, strict=True) if write]
    assert written == ["POST", "PATCH", "DELETE", "POST"]
    assert limiter.entered.count((True, True)) == 1


def test_a_repository_that_turns_public_is_public_at_once(box: Sandbox) -> None:
    client, subject = github(box), filed(box)
    assert client.public(subject) is False
    box.github.set_private(REPO, False)
    assert client.public(subject) is True
    with pytest.raises(NoAccess):
        client.public(Subject("github", "issue", "acme/secret#1"))


def test_what_the_sandbox_sends_is_read_as_triggers(box: Sandbox) -> None:
    dated(box)
    subject, maria = filed(box), box.github.as_user("maria")
    box.github.send_hooks_to("http://127.0.0.1:9/", "secret")
    maria.set_milestone(REPO, number(subject), "v3")
    id = maria.comment(REPO, number(subject), "/signoff 2027-03-01")
    maria.comment(REPO, number(subject), "Thanks")
    assert box.hooks.drain()
    found = []
    for delivery in box.hooks.deliveries:
        event = delivery.headers["X-GitHub-Event"]
        reading = triggers(event, json.loads(delivery.body), frozenset({REPO}))
        found += [
            (one.subject.key, one.what, one.comment, one.actor and one.actor.name) for one in reading.triggers
        ]
    assert sorted(found) == [(subject.key, "comment", str(id), "maria"), (subject.key, "issue", "", "maria")]


# ------------------------------------------------------------ deals in Jira


def test_deals_are_read_with_their_owner_and_close_date(box: Sandbox, deals: Deals) -> None:
    key = box.jira.add_issue("SALES", "Globex", reporter="sam", due=MARCH, assignee="sam", status="Done")
    other = box.jira.add_issue("HR", "Secret", reporter="sam")
    expected = Deal(deal(key), "Globex", f"{box.jira_url}/browse/{key}", False, MARCH, "Sam Seller")
    assert deals(box).deals([deal(key), deal("SALES-99"), deal(other)]) == {deal(key): expected}
    assert deals(box).named(f"{box.jira_url}/browse/{key.lower()}") == deal(key)
    assert len(box.requests) == 1


def test_a_notice_on_a_deal_is_posted_and_found(box: Sandbox, deals: Deals) -> None:
    key = box.jira.add_issue("SALES", "Globex", reporter="sam")
    client, subject = deals(box), Subject("jira", "deal", key)
    id = client.post(subject, "**Asked**, not agreed", "k1").id
    assert client.find(subject, "k1").id == id
    assert client.find(subject, "k2") is None
    with pytest.raises(Refused):
        client.post(Subject("jira", "deal", "SALES-99"), "x", "k1")


@pytest.mark.parametrize("how", ["502 after", "drop before", "drop after", "429"])
def test_jira_is_asked_once_whatever_fails(box: Sandbox, deals: Deals, how: str) -> None:
    key = box.jira.add_issue("SALES", "Globex", reporter="sam")
    client, subject = deals(box), Subject("jira", "deal", key)
    box.fail_next("POST", "/comment", how, retry_after=7)
    with pytest.raises(Unavailable) as raised:
        client.post(subject, "Asked", "k1")
    assert raised.value.retry_after == (7 if how == "429" else None)
    assert [asked.method for asked in box.requests] == ["POST"]
    assert (client.find(subject, "k1") is not None) is ("after" in how)


# ------------------------------------------------------------ who may see what


def test_a_persons_right_to_see_a_deal_is_that_of_this_very_account(box: Sandbox, deals: Deals) -> None:
    site, crm = box.jira, deals(box)
    site.add_user("samuel", "Sam Eller")
    key = site.add_issue("SALES", "Globex", reporter="sam")
    cloud = crm._jira.version == "3"
    sam, samuel = (
        Person("jira", user.account_id if cloud else user.key, user.display)
        for user in (site.user("sam"), site.user("samuel"))
    )
    assert [crm.may_see(who, deal(key)) for who in (sam, samuel)] == [True, True]
    site.set_security(key, ("samuel", "handshake"))
    assert [crm.may_see(who, deal(key)) for who in (sam, samuel)] == [False, True]
    assert [crm.may_see(sam, deal(other)) for other in ("SALES-99", "HR-1")] == [False, False]
    assert crm.may_see(Person("github", "1", "sam"), deal(key)) is True, "Jira does not know them"
    assert crm.deals([deal(key)])[deal(key)].secured


def test_without_the_right_to_browse_people_nothing_can_be_told_of_any_deal(
    box: Sandbox, deals: Deals
) -> None:
    key = box.jira.add_issue("SALES", "Globex", reporter="sam")
    box.jira.without_people.add("handshake")
    crm, sam = deals(box), box.jira.user("sam")
    person = Person("jira", sam.account_id if crm._jira.version == "3" else sam.key, "Sam")
    assert [crm.may_see(person, deal(one)) for one in (key, "SALES-99")] == [None, None]


def test_our_own_comment_on_github_gets_other_words_and_nobody_elses_does(box: Sandbox) -> None:
    client, subject = github(box), filed(box)
    id = client.post(subject, "For Borealis.", "one").id
    theirs = box.github.as_user("maria").comment(REPO, number(subject), "My own words.")
    assert client.edit(subject, id, "For somebody.", "one") is True
    writes = len([r for r in box.requests if r.method == "PATCH"])
    assert client.edit(subject, id, "For somebody.", "one") is True
    assert len([r for r in box.requests if r.method == "PATCH"]) == writes
    assert client.find(subject, "one").id == id
    assert [client.edit(subject, one, "Ha.", "one") for one in (str(theirs), "99999", "x/../1")] == [
        False
    ] * 3
    words = [c.body for c in box.github.comments(REPO, number(subject))]
    assert words[0].startswith("For somebody.")
    assert words[1] == "My own words."
