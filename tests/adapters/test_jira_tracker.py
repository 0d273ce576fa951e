"""Jira as a tracker: against the sandbox as Cloud and as Data Center, and against answers made up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import responses
from responses.matchers import query_param_matcher

from automation.adapters.jira import triggers
from automation.adapters.jira.people import JiraPeople, JiraRights
from automation.adapters.jira.tracker import Jira
from automation.model import NOTHING, Deal, Evidence, Named, Person, Subject, Value
from automation.ports import NoAccess, Refused, Tracker, Unavailable, Unseen, Unwritten
from automation.sandbox import Sandbox, sandbox
from tests.factories import deal
from tests.fakes import FreeGate, Noted
from tests.unit.adapters.payloads import JIRA, REST, REST_2, jira_item, jira_user

MARCH = Value("2027-03-01", date(2027, 3, 1), "2027-03-01")
APRIL = Value("2027-04-15", date(2027, 4, 15), "2027-04-15")
DEAL = Deal(deal("SALES-7"), "Globex: rollout", f"{JIRA}/browse/SALES-7")
PRODUCT = JiraPeople(("product-managers",))
NOBODY = JiraRights()


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2027, 1, 11, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(seconds=1)
        return self.time


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox(Clock()) as box:
        for name in ("anna", "ben", "eve", "handshake"):
            box.jira.add_user(name, name.title())
        box.jira.add_group("product-managers", ["anna"])
        box.jira.add_group("sales", ["ben"])
        box.jira.add_project("PROD", roles={"Developers": ["ben"], "Users": ["product-managers"]})
        box.jira.add_project("DESK", type="service_desk")
        box.jira.add_issue("PROD", "Single sign-on", "Please.", reporter="eve", labels=["login"])
        yield box


class Site:
    """The sandbox, asked as Cloud (``3``) or as Data Center (``2``)."""

    def __init__(self, box: Sandbox, version: str) -> None:
        self.box = box
        self.version = version
        self.people = PRODUCT
        self.rights = NOBODY
        self.overriders = JiraPeople()
        self.pins = Noted()

    def jira(self, account: str = "handshake") -> Jira:
        sign_in = account if self.version == "2" else ("any@acme.example", account)
        return Jira(
            self.box.jira_url,
            sign_in,
            lambda _: self.people,
            lambda: self.rights,
            b"key",
            FreeGate(),
            self.pins,
            overriders=lambda _: self.overriders,
        )

    def person(self, name: str) -> Person:
        user = self.box.jira.user(name)
        return Person("jira", user.key if self.version == "2" else user.account_id, user.display)

    def listed(self, name: str) -> str:
        """Return what rules call somebody."""
        return name if self.version == "2" else self.box.jira.user(name).account_id

    def calls(self) -> list[str]:
        """Return what was asked since the last time."""
        asked = [f"{one.method} {one.path.removeprefix('/rest/api/')}" for one in self.box.requests]
        self.box.requests.clear()
        return asked


@pytest.fixture(params=["3", "2"])
def site(request: pytest.FixtureRequest, box: Sandbox) -> Site:
    return Site(box, request.param)


SUBJECT = Subject("jira", "issue", "PROD-1")


def test_it_is_a_tracker(site: Site) -> None:
    port: Tracker = site.jira()
    assert port.carriers(SUBJECT, "duedate", date(2027, 3, 1)) == (MARCH,)
    assert port.carriers(SUBJECT, "milestone", date(2027, 3, 1)) == ()


# ------------------------------------------------------------ the truth


def test_an_issue_is_read_in_one_call_and_once_in_a_while_as_strangers_would(site: Site) -> None:
    jira = site.jira()
    issue = jira.issue(SUBJECT)
    assert issue is not None
    assert (issue.title, issue.body, issue.labels) == ("Single sign-on", "Please.", ("login",))
    assert (issue.open, issue.public) == (True, False)
    assert issue.url == f"{site.box.jira_url}/browse/PROD-1"
    assert issue.deadlines == {"duedate": NOTHING}
    assert site.calls() == [f"GET {site.version}/issue/PROD-1", f"GET {site.version}/project/PROD"]
    jira.issue(SUBJECT)
    assert site.calls() == [f"GET {site.version}/issue/PROD-1"]


def test_a_project_that_anonymous_people_may_browse_is_public(site: Site) -> None:
    jira = site.jira()
    assert jira.public(SUBJECT) is False
    site.box.jira.set_anonymous("PROD", True)
    assert jira.public(SUBJECT) is True, "whoever sends asks now"
    issue = jira.issue(SUBJECT)
    assert issue is not None and issue.public
    asked = [one.actor for one in site.box.requests if one.path.endswith("/project/PROD")]
    assert set(asked) == {""}, "strangers have no credentials"


def test_a_done_issue_is_closed_and_a_date_is_a_deadline(site: Site) -> None:
    site.box.jira.as_user("eve").transition("PROD-1", "Done")
    site.box.jira.as_user("eve").set_duedate("PROD-1", MARCH.day)
    issue = site.jira().issue(SUBJECT)
    assert issue is not None
    assert (issue.open, issue.deadlines) == (False, {"duedate": MARCH})
    assert issue.deadlines["duedate"].name == "2027-03-01"


def test_an_issue_that_is_not_there_is_unseen_and_its_readers_are_unknown(site: Site) -> None:
    gone = replace(SUBJECT, key="PROD-99")
    with pytest.raises(Unseen):
        site.jira().issue(gone)
    assert site.jira().public(gone) is True


def test_an_issue_of_a_project_that_cannot_be_seen_is_access_that_is_lost(site: Site) -> None:
    site.box.jira.hide("PROD", "handshake")
    jira = site.jira()
    with pytest.raises(NoAccess, match="PROD cannot be seen"):
        jira.issue(SUBJECT)
    with pytest.raises(NoAccess):
        site.jira().post(SUBJECT, "Hello", "k1")
    site.box.jira.hide("PROD")
    assert site.jira().issue(SUBJECT) is not None


def test_a_service_desk_is_public_since_customers_read_along(site: Site) -> None:
    key = site.box.jira.add_issue("DESK", "Help", reporter="eve")
    issue = site.jira().issue(Subject("jira", "issue", key))
    assert issue is not None
    assert issue.public is True
    assert site.jira().public(Subject("jira", "issue", key)) is True
    assert site.jira().public(SUBJECT) is False


def test_what_is_no_key_is_refused_without_asking(site: Site) -> None:
    for key in ("acme/shop#1", "10001", "PROD-0", "../PROD-1", ""):
        with pytest.raises(Refused, match="not an issue of Jira"):
            site.jira().issue(Subject("jira", "issue", key))
    assert site.calls() == []


# ------------------------------------------------------------ comments


def test_a_comment_is_read_with_its_author_and_lines(site: Site) -> None:
    eve = site.box.jira.as_user("eve")
    id = eve.comment("PROD-1", "Hello\n/signoff 2027-03-01")
    comment = site.jira().comment(SUBJECT, id)
    assert comment is not None
    assert (comment.author, comment.author.name) == (site.person("eve"), "Eve")
    assert comment.lines == ("Hello", "/signoff 2027-03-01")
    assert (comment.edited, comment.own) == (False, False)
    eve.edit_comment("PROD-1", id, "/signoff 2027-04-15")
    later = site.jira().comment(SUBJECT, id)
    assert later is not None
    assert later.edited is True


def test_a_comment_of_another_issue_is_not_there(site: Site) -> None:
    other = site.box.jira.add_issue("PROD", "Export", reporter="eve")
    id = site.box.jira.as_user("eve").comment(other, "/signoff")
    for unseen in (id, "99999"):
        with pytest.raises(Unseen):
            site.jira().comment(SUBJECT, unseen)
    assert site.jira().comment(SUBJECT, "1/../2") is None


def test_a_notice_is_posted_found_and_known_as_our_own(site: Site) -> None:
    client = site.jira()
    id = client.post(SUBJECT, "**Due date kept**\n\nPaste `/signoff 2027-03-01`", "k1").id
    assert client.find(SUBJECT, "k1").id == id
    assert client.find(SUBJECT, "k2") is None
    comment = client.comment(SUBJECT, id)
    assert comment is not None
    assert (comment.own, comment.edited, comment.author.name) == (True, False, "Handshake")
    stored = site.box.jira.find_comment("PROD-1", id)
    assert stored.properties["sd.public.comment"] == {"internal": True}


def test_a_mark_on_somebody_elses_comment_is_not_ours(site: Site) -> None:
    client = site.jira()
    id = client.post(SUBJECT, "Due date kept", "k1").id
    mark = site.box.jira.find_comment("PROD-1", id).properties
    copied = site.box.jira.as_user("eve").comment("PROD-1", "/link SALES-7", mark)
    comment = client.comment(SUBJECT, copied)
    assert comment is not None
    assert comment.own is False
    assert client.find(SUBJECT, "k1").id == id


def test_a_comment_of_our_account_without_a_mark_is_a_persons(site: Site) -> None:
    id = site.box.jira.as_user("handshake").comment("PROD-1", "/signoff")
    comment = site.jira().comment(SUBJECT, id)
    assert comment is not None
    assert comment.own is False


@pytest.mark.parametrize("how", ["502 after", "drop before", "drop after", "429"])
def test_jira_is_asked_once_whatever_fails(site: Site, how: str) -> None:
    client = site.jira()
    site.box.fail_next("POST", "/comment", how, retry_after=7)
    with pytest.raises(Unavailable) as raised:
        client.post(SUBJECT, "Due date kept", "k1")
    assert raised.value.retry_after == (7 if how == "429" else None)
    assert len(site.calls()) == 1
    assert (client.find(SUBJECT, "k1") is not None) is ("after" in how)


# ------------------------------------------------------------ history


def changed_by(client: Jira, subject: Subject, field: str, value: Value) -> Evidence | None:
    """Return who last changed a field, if that is the change to ``value``."""
    newest = next(client.moves(subject, field, ()), None)
    fits = newest is not None and newest.new == value and newest.by is not None
    return Evidence(newest.by, newest.at) if fits else None


def test_a_date_is_set_and_cleared_and_history_says_by_whom(site: Site) -> None:
    client = site.jira()
    site.box.jira.as_user("eve").set_duedate("PROD-1", MARCH.day)
    evidence = changed_by(client, SUBJECT, "duedate", MARCH)
    assert evidence is not None
    assert (evidence.actor, evidence.at) == (site.person("eve"), site.box.jira.changelog("PROD-1")[0].created)
    client.set_deadline(SUBJECT, "duedate", APRIL)
    assert site.box.jira.issue("PROD-1").duedate == APRIL.day
    assert changed_by(client, SUBJECT, "duedate", MARCH) is None
    client.set_deadline(SUBJECT, "duedate", NOTHING)
    assert site.box.jira.issue("PROD-1").duedate is None
    cleared = changed_by(client, SUBJECT, "duedate", NOTHING)
    assert cleared is not None
    assert cleared.actor == site.person("handshake")


def test_a_history_says_what_a_date_was_and_became(site: Site) -> None:
    eve = site.box.jira.as_user("eve")
    for day in (MARCH.day, APRIL.day, None):
        eve.set_duedate("PROD-1", day)

    moves = list(site.jira().moves(SUBJECT, "duedate", ()))

    assert [(move.old, move.new) for move in moves] == [(APRIL, NOTHING), (MARCH, APRIL), (NOTHING, MARCH)]
    assert {move.by for move in moves} == {site.person("eve")}
    assert int(moves[0].id) > int(moves[1].id) > int(moves[2].id)


def test_comments_with_commands_are_read_since_a_time_without_those_handled(site: Site) -> None:
    eve = site.box.jira.as_user("eve")
    texts = ("/link SALES-1", "/link SALES-2", "Hello", "/unlink SALES-1")
    _, handled, _, wanted = (eve.comment("PROD-1", text) for text in texts)
    since = site.box.jira.comments("PROD-1")[1].created
    site.calls()

    found = site.jira().comments(SUBJECT, since, (handled,))

    assert [(comment.id, comment.lines, comment.edited) for comment in found] == [
        (wanted, ("/unlink SALES-1",), False)
    ]
    assert len(site.calls()) == 1


def test_a_date_that_came_with_the_issue_has_no_evidence(site: Site) -> None:
    key = site.box.jira.add_issue("PROD", "Export", reporter="eve", due=MARCH.day)
    assert changed_by(site.jira(), replace(SUBJECT, key=key), "duedate", MARCH) is None
    assert changed_by(site.jira(), SUBJECT, "milestone", MARCH) is None


def test_a_long_history_is_read_from_its_end(site: Site) -> None:
    eve = site.box.jira.as_user("eve")
    site.box.jira.as_user("ben").set_duedate("PROD-1", MARCH.day)
    for n in range(250):
        eve.edit("PROD-1", summary=f"Single sign-on {n}")
    site.calls()
    evidence = changed_by(site.jira(), SUBJECT, "duedate", MARCH)
    assert evidence is not None
    assert evidence.actor == site.person("ben")
    # The first page says how long the whole is; then from the end: 151–250, 51–150, and the first again.
    assert len(site.calls()) == (3 if site.version == "3" else 1)
    site.jira().written_by(SUBJECT, "title")
    assert len(site.calls()) == (2 if site.version == "3" else 1)


def test_words_are_those_of_whoever_changed_them_last_or_else_of_the_creator(site: Site) -> None:
    client = site.jira()
    site.box.jira.as_user("ben").edit("PROD-1", summary="SSO")
    title, body = client.written_by(SUBJECT, "title"), client.written_by(SUBJECT, "body")
    assert title is not None
    assert title.actor == site.person("ben")
    assert body == Evidence(site.person("eve"), site.box.jira.issue("PROD-1").created)
    site.box.jira.as_user("anna").edit("PROD-1", description="Please!")
    body = client.written_by(SUBJECT, "body")
    assert body is not None
    assert body.actor == site.person("anna")
    assert client.written_by(replace(SUBJECT, key="PROD-1"), "title") == title


# ------------------------------------------------------------ who may do what


def test_product_is_who_is_in_a_group_or_listed_at_this_moment(site: Site) -> None:
    client, anna, ben = site.jira(), site.person("anna"), site.person("ben")
    assert client.in_product(SUBJECT, anna, "product") is True
    assert client.in_product(SUBJECT, ben, "product") is False
    site.box.jira.set_member("product-managers", "anna", False)
    assert client.in_product(SUBJECT, anna, "product") is False
    site.people = JiraPeople((), (site.listed("ben"),))
    assert client.in_product(SUBJECT, ben, "product") is True
    assert client.in_product(SUBJECT, replace(ben, id="nobody"), "product") is False
    assert client.in_product(SUBJECT, replace(ben, system="github"), "product") is False


def test_a_group_that_was_made_anew_under_the_old_name_has_no_rights(site: Site) -> None:
    """On Data Center it has: groups have nothing but their names there."""
    site.rights = JiraRights(("product-managers",))
    client, anna, ben = site.jira(), site.person("anna"), site.person("ben")
    assert client.in_product(SUBJECT, anna, "product") is True
    site.box.jira.delete_group("product-managers")
    site.box.jira.add_group("product-managers", ["ben"])
    server = site.version == "2"
    assert client.in_product(SUBJECT, ben, "product") is server
    assert client.may_link(SUBJECT, ben) is server
    assert [person.name for person in site.jira().product("product")] == (["Ben"] if server else [])
    pin = site.pins.of(Named("jira", "group", "product-managers"))
    assert pin is not None
    assert pin.sound is server


def test_a_group_keeps_its_rights_under_another_name_on_cloud(site: Site) -> None:
    client, anna = site.jira(), site.person("anna")
    assert client.in_product(SUBJECT, anna, "product") is True
    site.box.jira.rename_group("product-managers", "owners")
    cloud = site.version == "3"
    assert client.in_product(SUBJECT, anna, "product") is cloud
    named, id = Named("jira", "group", "product-managers"), site.box.jira.group("owners").id
    if cloud:
        assert (client.id_of(named), client.name_of(named, id)) == ("", "owners")


def test_a_username_of_data_center_means_whoever_had_it_first(box: Sandbox) -> None:
    site = Site(box, "2")
    site.people = JiraPeople((), ("anna",))
    client, anna = site.jira(), site.person("anna")
    assert client.in_product(SUBJECT, anna, "product") is True
    box.jira.rename_user("anna", "anna2")
    box.jira.add_user("anna", "Somebody else")
    assert client.in_product(SUBJECT, site.person("anna"), "product") is False
    assert client.in_product(SUBJECT, anna, "product") is True
    assert [person.id for person in client.product("product")] == [anna.id]
    named = Named("jira", "user", "anna")
    pin = site.pins.of(named)
    assert pin is not None
    assert (pin.id, pin.found, client.name_of(named, pin.id)) == (anna.id, site.person("anna").id, "anna2")


def test_a_role_is_asked_by_its_id_once_it_is_known(site: Site) -> None:
    site.rights = JiraRights((), ("Developers",))
    client, ben = site.jira(), site.person("ben")
    assert client.may_link(SUBJECT, ben) is True
    site.calls()
    assert client.may_link(SUBJECT, ben) is True
    assert [call for call in site.calls() if "role" in call] == [
        f"GET {site.version}/project/PROD/role/10000"
    ]


def test_a_name_alone_gives_no_right(site: Site) -> None:
    client, eve = site.jira(), site.person("eve")
    site.people = JiraPeople(("product-managers",), (site.listed("anna"),))
    assert client.in_product(SUBJECT, replace(eve, name=site.listed("anna")), "product") is False


def test_a_policy_that_names_nobody_on_jira_asks_nobody(site: Site) -> None:
    site.people = JiraPeople()
    assert site.jira().in_product(SUBJECT, site.person("anna"), "product") is False
    assert site.jira().product("product") == ()
    assert site.jira().may_link(SUBJECT, site.person("anna")) is False
    assert site.calls() == []


def test_product_is_named_listed_people_first_and_at_most_three(site: Site) -> None:
    for name in ("c", "d", "e"):
        site.box.jira.add_user(name, name.upper())
        site.box.jira.set_member("product-managers", name, True)
    site.people = JiraPeople(("nothing", "product-managers"), ("unknown", site.listed("eve")))
    assert [person.name for person in site.jira().product("product")] == ["Eve", "Anna", "C"]
    assert site.jira().product("product")[0] == site.person("eve")


def test_product_may_be_a_minute_old(site: Site) -> None:
    client = site.jira()
    first = client.product("product")
    site.calls()
    assert client.product("product") == first
    assert site.calls() == []


@pytest.mark.parametrize(
    ("rights", "who"),
    [
        (JiraRights(("sales",)), ["ben"]),
        (JiraRights((), ("Developers",)), ["ben"]),
        (JiraRights((), ("Users",)), ["anna"]),
        (JiraRights(("sales",), ("Users",)), ["anna", "ben"]),
        (JiraRights((), ("Administrators", "Unknown", "developers")), []),
        (JiraRights(("nothing",)), []),
    ],
)
def test_who_may_link_is_in_a_group_or_holds_a_role_in_the_project(
    site: Site, rights: JiraRights, who: list[str]
) -> None:
    site.rights = rights
    allowed = [name for name in ("anna", "ben", "eve") if site.jira().may_link(SUBJECT, site.person(name))]
    assert allowed == who


@pytest.mark.parametrize(
    ("people", "who"),
    [
        (JiraPeople(), []),
        (JiraPeople(groups=("sales",)), ["ben"]),
        (JiraPeople(roles=("Developers",)), ["ben"]),
        (JiraPeople(groups=("sales",), roles=("Users",)), ["anna", "ben"]),
        (JiraPeople(roles=("developers",)), []),
    ],
)
def test_who_may_override_is_in_a_group_or_holds_a_role_in_the_project(
    site: Site, people: JiraPeople, who: list[str]
) -> None:
    site.overriders = people
    there, elsewhere = SUBJECT, replace(SUBJECT, key="DESK-1")
    persons = {name: site.person(name) for name in ("anna", "ben", "eve")}
    assert [n for n, one in persons.items() if site.jira().may_override(there, one, "product")] == who
    if not people.groups:
        assert not any(site.jira().may_override(elsewhere, one, "product") for one in persons.values())


def test_whoever_holds_a_role_in_the_project_of_the_issue_is_of_product(site: Site) -> None:
    site.people = JiraPeople(roles=("Developers",))
    client, ben = site.jira(), site.person("ben")
    assert client.in_product(SUBJECT, ben, "product") is True
    assert client.in_product(SUBJECT, site.person("anna"), "product") is False
    assert client.in_product(replace(SUBJECT, key="DESK-1"), ben, "product") is False


def test_a_role_in_another_project_is_no_right_here(site: Site) -> None:
    site.rights = JiraRights((), ("Developers",))
    assert site.jira().may_link(replace(SUBJECT, key="DESK-1"), site.person("ben")) is False
    assert site.jira().may_link(replace(SUBJECT, key="GONE-1"), site.person("ben")) is False


# ------------------------------------------------------------ writing


def test_labels_come_and_go_and_doing_it_twice_changes_nothing(site: Site) -> None:
    client = site.jira()
    for present in (True, True, False, False):
        client.set_label(SUBJECT, "customer-request", present)
        assert ("customer-request" in site.box.jira.issue("PROD-1").labels) is present
    assert "login" in site.box.jira.issue("PROD-1").labels
    with pytest.raises(Refused):
        client.set_label(replace(SUBJECT, key="PROD-99"), "customer-request", False)


def test_a_deal_is_shown_once_and_taken_away_twice(site: Site) -> None:
    client = site.jira()
    client.show_deal(SUBJECT, DEAL, True)
    client.show_deal(SUBJECT, replace(DEAL, name="Globex\n\u202erollout" + "x" * 300), True)
    (link,) = site.box.jira.remote_links("PROD-1")
    assert link.global_id == "handshake:jira:deal:SALES-7"
    assert link.object["url"] == DEAL.url
    assert link.object["summary"] == "Deal SALES-7"
    assert link.object["title"].startswith("Globex rolloutx")
    assert len(link.object["title"]) == 250
    for _ in range(2):
        client.show_deal(SUBJECT, DEAL, False)
        assert site.box.jira.remote_links("PROD-1") == []


def test_no_deal_is_shown_where_customers_read_along(site: Site) -> None:
    key = site.box.jira.add_issue("DESK", "Help", reporter="eve")
    site.jira().show_deal(replace(SUBJECT, key=key), DEAL, True)
    assert site.box.jira.remote_links(key) == []


def test_only_the_due_date_can_be_set(site: Site) -> None:
    with pytest.raises(Refused, match="no milestone"):
        site.jira().set_deadline(SUBJECT, "milestone", MARCH)
    with pytest.raises(Refused, match="was answered 404"):
        site.jira().set_deadline(replace(SUBJECT, key="PROD-99"), "duedate", MARCH)
    assert [call for call in site.calls() if call.startswith("PUT")] == [f"PUT {site.version}/issue/PROD-99"]


def test_what_the_sandbox_sends_is_read_as_triggers(box: Sandbox) -> None:
    box.jira.send_hooks_to("http://127.0.0.1:9/", "secret")
    eve = box.jira.as_user("eve")
    eve.set_duedate("PROD-1", MARCH.day)
    eve.edit("PROD-1", add_labels=("a",))
    id = eve.comment("PROD-1", "/signoff 2027-03-01")
    eve.comment("PROD-1", "Thanks")
    assert box.hooks.drain()
    bodies = [json.loads(delivery.body) for delivery in box.hooks.deliveries]
    found = [one for body in bodies for one in triggers.triggers(body, frozenset({"PROD"}), "SALES").triggers]
    who = Person("jira", box.jira.user("eve").account_id, "Eve")
    subject = Subject("jira", "issue", box.jira.issue("PROD-1").id)
    assert [(one.subject, one.what, one.comment, one.actor) for one in found] == [
        (subject, "issue", "", who),
        (subject, "comment", id, who),
    ]


# ------------------------------------------------------------ answers made up


THREE = Subject("jira", "issue", "PROD-3")


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=True) as mock:
        yield mock


def tracker(version: str = "3", rights: JiraRights = NOBODY, people: JiraPeople = PRODUCT) -> Jira:
    sign_in = "token" if version == "2" else ("ops@acme.example", "token")
    return Jira(
        JIRA,
        sign_in,
        lambda _: people,
        lambda: rights,
        b"key",
        FreeGate(),
        Noted(),
        clock=lambda: 1_800_000_000.0,
    )


def body(key: str = "PROD-3", **fields: Any) -> dict[str, Any]:
    whole = {
        "summary": "SSO",
        "description": None,
        "status": {"statusCategory": {"key": "new"}},
        "duedate": None,
        "labels": [],
        "project": {"key": "PROD", "projectTypeKey": "software"},
    }
    return {"key": key, "fields": {**whole, **fields}}


def entry(item: dict[str, Any], at: str = "2027-01-12T10:00:00.000+0000", **more: Any) -> dict[str, Any]:
    return {"id": "1", "author": jira_user(), "created": at, "items": [item], **more}


def history(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"startAt": 0, "maxResults": 100, "total": len(entries), "values": list(entries)}


def test_an_issue_that_moved_to_another_project_is_the_same_one_by_another_key(
    web: responses.RequestsMock,
) -> None:
    web.get(f"{REST}/issue/PROD-3", json={"id": "10003", **body("HR-9")})
    web.get(f"{REST}/project/HR", status=404)
    known = Subject("jira", "issue", "10003", "PROD-3")
    issue = tracker().issue(known)
    assert issue is not None
    assert issue.subject == known and issue.subject.key == "HR-9"
    assert issue.url.endswith("/browse/HR-9")


def test_a_key_that_leads_to_another_issue_by_now_is_not_taken_for_it(web: responses.RequestsMock) -> None:
    web.get(f"{REST}/issue/PROD-3", json={"id": "10004", **body("PROD-3")})
    assert tracker().issue(Subject("jira", "issue", "10003", "PROD-3")) is None


def test_a_project_that_hides_the_due_date_has_no_deadline(web: responses.RequestsMock) -> None:
    hidden = body()
    del hidden["fields"]["duedate"], hidden["fields"]["labels"], hidden["fields"]["description"]
    web.get(f"{REST}/issue/PROD-3", json=hidden)
    web.get(f"{REST}/project/PROD", status=404)
    issue = tracker().issue(THREE)
    assert issue is not None
    assert (issue.deadlines, issue.labels, issue.body) == ({}, (), "")


@pytest.mark.parametrize("kind", ["service_desk", "customer_service", "something_new", None, 7])
def test_a_project_whose_readers_are_not_known_is_public(web: responses.RequestsMock, kind: object) -> None:
    web.get(f"{REST}/issue/PROD-3", json=body(project={"key": "PROD", "projectTypeKey": kind}))
    assert tracker().public(THREE) is True


@pytest.mark.parametrize(
    ("status", "public"), [(200, True), (302, True), (400, True), (401, False), (403, False), (404, False)]
)
def test_strangers_read_what_is_not_clearly_refused_them(
    web: responses.RequestsMock, status: int, public: bool
) -> None:
    web.get(f"{REST}/issue/PROD-3", json=body())
    web.get(f"{REST}/project/PROD", status=status, json={})
    assert tracker().public(THREE) is public
    assert "Authorization" not in web.calls[-1].request.headers


def test_where_strangers_get_no_answer_it_is_asked_again_later(web: responses.RequestsMock) -> None:
    web.get(f"{REST}/issue/PROD-3", json=body())
    web.get(f"{REST}/project/PROD", status=502)
    with pytest.raises(Unavailable):
        tracker().public(THREE)


def test_a_comment_for_a_role_or_a_group_is_restricted(site: Site) -> None:
    site.box.jira.add_group("everybody", ["ben", "handshake"])
    ben = site.box.jira.as_user("ben")
    for visibility in (None, {"type": "group", "value": "everybody", "identifier": "everybody"}):
        id = ben.comment("PROD-1", "handshake decline", visibility=visibility)
        found = site.jira().comment(SUBJECT, id)
        assert found is not None
        assert found.restricted is (visibility is not None)
    developers = {"type": "role", "value": "Developers", "identifier": "Developers"}
    hidden = ben.comment("PROD-1", "handshake decline", visibility=developers)
    with pytest.raises(Unseen):  # our account is no developer
        site.jira().comment(SUBJECT, hidden)


def test_our_own_comment_gets_other_words_and_keeps_its_mark(site: Site) -> None:
    jira = site.jira()
    id = jira.post(SUBJECT, "For **Borealis**.", "one").id
    theirs = site.box.jira.as_user("ben").comment("PROD-1", "My own words.")
    assert jira.edit(SUBJECT, id, "For somebody.", "one") is True
    writes = len([r for r in site.box.requests if r.method == "PUT"])
    assert jira.edit(SUBJECT, id, "For somebody.", "one") is True
    assert len([r for r in site.box.requests if r.method == "PUT"]) == writes
    found = jira.find(SUBJECT, "one")
    assert found is not None and found.id == id
    assert [jira.edit(SUBJECT, other, "Ha.", "one") for other in (theirs, "99999")] == [False, False]
    assert [c.text for c in site.box.jira.comments("PROD-1")] == ["For somebody.", "My own words."]


def test_a_secured_deal_is_shown_by_its_key_only(site: Site) -> None:
    site.jira().show_deal(SUBJECT, replace(DEAL, secured=True), True)
    [link] = site.box.jira.remote_links("PROD-1")
    assert link.object["title"] == "SALES-7"
    assert "Globex" not in str(link)


@pytest.mark.parametrize("answer", [[], {}, {"key": "PROD-3"}, body(duedate="soon"), body(status={})])
def test_an_answer_that_cannot_be_read_is_unavailable(web: responses.RequestsMock, answer: object) -> None:
    web.get(f"{REST}/issue/PROD-3", json=answer)
    with pytest.raises(Unavailable):
        tracker().issue(THREE)


def test_a_comment_of_nobody_is_none(web: responses.RequestsMock) -> None:
    web.get(f"{REST}/issue/PROD-3/comment/9", json={"id": "9", "author": None, "body": None})
    assert tracker().comment(THREE, "9") is None


@pytest.mark.parametrize(
    ("item", "value"),
    [
        ({"field": "duedate", "fieldId": "duedate", "to": "2027-03-01"}, MARCH),
        ({"field": "duedate", "to": "2027-03-01"}, MARCH),
        ({"field": "duedate", "to": None, "toString": "2027-03-01 00:00:00.0"}, MARCH),
        ({"field": "duedate", "to": None, "toString": None}, NOTHING),
        ({"field": "duedate", "to": "", "toString": ""}, NOTHING),
        ({"field": "duedate", "to": None}, NOTHING),
    ],
)
def test_a_due_date_is_read_from_history_as_it_is_really_written(
    web: responses.RequestsMock, item: dict[str, Any], value: Value
) -> None:
    web.get(f"{REST}/issue/PROD-3/changelog", json=history(entry(item)))
    evidence = changed_by(tracker(), THREE, "duedate", value)
    assert evidence is not None
    assert evidence.actor == Person("jira", "5b10", "Maria")
    assert evidence.at == datetime(2027, 1, 12, 10, tzinfo=UTC)
    assert changed_by(tracker(), THREE, "duedate", APRIL) is None


@pytest.mark.parametrize(
    "latest",
    [
        entry(jira_item("duedate", None, "2027-04-15"), author=jira_user("Eve", "5b11")),
        entry(jira_item("duedate", "2027-03-01", None)),
        entry({"field": "duedate"}),
        entry({"field": "duedate", "to": 7}),
        entry({"field": "duedate", "toString": "2027年3月1日"}),
        entry(jira_item("duedate", None, "2027-03-01"), author=None),
        entry(jira_item("duedate", None, "2027-03-01"), author={"displayName": "Somebody"}),
        entry(jira_item("duedate", None, "2027-03-01"), at="yesterday"),
    ],
)
def test_only_the_latest_change_can_be_evidence_and_only_for_its_value(
    web: responses.RequestsMock, latest: dict[str, Any]
) -> None:
    earlier = entry(jira_item("duedate", None, "2027-03-01"))
    web.get(f"{REST}/issue/PROD-3/changelog", json=history(earlier, latest))
    assert changed_by(tracker(), THREE, "duedate", MARCH) is None


def test_a_field_that_somebody_called_duedate_is_not_the_due_date(web: responses.RequestsMock) -> None:
    item = {"field": "duedate", "fieldId": "customfield_10010", "to": "2027-03-01"}
    web.get(f"{REST}/issue/PROD-3/changelog", json=history(entry(item)))
    assert changed_by(tracker(), THREE, "duedate", MARCH) is None


def test_what_is_older_than_two_thousand_changes_proves_nothing(web: responses.RequestsMock) -> None:
    recent = history(entry(jira_item("labels", "", "a"))) | {"total": 5000}
    oldest = history(entry(jira_item("duedate", None, "2027-03-01"))) | {"total": 5000}
    changelog, first = (
        f"{REST}/issue/PROD-3/changelog",
        query_param_matcher({"startAt": "0"}, strict_match=False),
    )
    web.get(changelog, json=oldest, match=[first])
    web.get(changelog, json=recent)
    assert changed_by(tracker(), THREE, "duedate", MARCH) is None
    assert len(web.calls) == 21


@pytest.mark.parametrize("answer", [{}, {"total": "1", "values": []}, {"total": 1, "values": [{}]}])
def test_a_history_that_cannot_be_read_is_unavailable(web: responses.RequestsMock, answer: object) -> None:
    web.get(f"{REST}/issue/PROD-3/changelog", json=answer)
    with pytest.raises(Unavailable):
        changed_by(tracker(), THREE, "duedate", MARCH)


@pytest.mark.parametrize("newest_first", [True, False])
def test_the_order_of_data_centers_history_does_not_matter(
    web: responses.RequestsMock, newest_first: bool
) -> None:
    def by(key: str, id: str, at: str, to: str) -> dict[str, Any]:
        author = {"key": key, "name": key, "displayName": key}
        return entry({"field": "duedate", "to": to}, at, author=author, id=id)

    entries = [
        by("eve", "9", "2027-01-12T10:00:00.000+0000", "2027-04-15"),
        by("anna", "10", "2027-01-12T10:00:00.000+0000", "2027-03-01"),
    ]
    histories = entries[::-1] if newest_first else entries
    answer = {"key": "PROD-3", "fields": {}, "changelog": {"histories": histories}}
    web.get(f"{REST_2}/issue/PROD-3", json=answer)
    evidence = changed_by(tracker("2"), THREE, "duedate", MARCH)
    assert evidence is not None
    assert evidence.actor.id == "anna"


def test_an_issue_of_nobody_has_words_of_nobody(web: responses.RequestsMock) -> None:
    web.get(f"{REST}/issue/PROD-3/changelog", json=history())
    web.get(f"{REST}/issue/PROD-3", json={"key": "PROD-3", "fields": {"creator": None}})
    assert tracker().written_by(THREE, "body") is None


def test_a_date_that_is_on_no_screen_is_refused_in_words_that_help(web: responses.RequestsMock) -> None:
    said = "Field 'duedate' cannot be set. It is not on the appropriate screen, or unknown."
    web.put(f"{REST}/issue/PROD-3", json={"errorMessages": [], "errors": {"duedate": said}}, status=400)
    with pytest.raises(Refused, match="“Due date” on the edit screen of project PROD"):
        tracker().set_deadline(THREE, "duedate", MARCH)


@pytest.mark.parametrize("kept", [body(duedate="2027-01-31"), body(duedate=None)])
def test_a_date_that_did_not_take_is_noticed(web: responses.RequestsMock, kept: dict[str, Any]) -> None:
    web.put(f"{REST}/issue/PROD-3", status=204)
    web.get(f"{REST}/issue/PROD-3", json=kept)
    with pytest.raises(Unwritten, match="edit screen"):
        tracker().set_deadline(THREE, "duedate", MARCH)
    assert json.loads(web.calls[0].request.body or "") == {"fields": {"duedate": "2027-03-01"}}


def test_a_refusal_for_another_reason_keeps_its_words(web: responses.RequestsMock) -> None:
    web.put(f"{REST}/issue/PROD-3", status=403)
    with pytest.raises(Refused) as raised:
        tracker().set_deadline(THREE, "duedate", MARCH)
    assert "screen" not in str(raised.value)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_roles_that_must_not_be_seen_are_a_no(web: responses.RequestsMock, status: int) -> None:
    web.get(f"{REST}/user/groups", json=[{"name": "everybody"}])
    web.get(f"{REST}/project/PROD/role", status=status)
    if status == 401:
        web.get(f"{REST}/myself", json=jira_user())  # it knows who we are
    rights = JiraRights((), ("Developers",))
    assert tracker(rights=rights).may_link(THREE, Person("jira", "5b10", "Maria")) is False


def test_a_role_is_read_by_its_id_and_never_from_another_address(web: responses.RequestsMock) -> None:
    web.get(f"{REST}/user/groups", json=[])
    web.get(f"{REST}/project/PROD/role", json={"Lead": "https://evil.example/x/10002"})
    actor = {"type": "atlassian-user-role-actor", "actorUser": {"accountId": "5b10"}}
    web.get(f"{REST}/project/PROD/role/10002", json={"actors": [actor]})
    rights = JiraRights((), ("Lead",))
    assert tracker(rights=rights).may_link(THREE, Person("jira", "5b10", "Maria")) is True


def test_without_the_right_to_see_groups_somebody_is_told(web: responses.RequestsMock) -> None:
    web.get(f"{REST}/group/bulk", status=403)
    web.get(f"{REST}/user/groups", status=403)
    with pytest.raises(Refused, match="lacks a right"):
        tracker().in_product(THREE, Person("jira", "5b10", "Maria"), "product")


@pytest.mark.parametrize("status", [500, 429])
def test_rights_that_cannot_be_asked_now_are_asked_later(web: responses.RequestsMock, status: int) -> None:
    web.get(f"{REST}/group/bulk", json={"values": [{"name": "product-managers", "groupId": "g1"}]})
    web.get(f"{REST}/user/groups", status=status)
    with pytest.raises(Unavailable):
        tracker().in_product(THREE, Person("jira", "5b10", "Maria"), "product")


@pytest.mark.parametrize(
    "user",
    [
        {"key": "K1", "name": "anna", "active": False, "groups": {"items": [{"name": "product-managers"}]}},
        {"key": "K2", "name": "anna", "active": True, "groups": {"items": [{"name": "product-managers"}]}},
    ],
)
def test_an_account_that_is_closed_or_another_has_no_rights(
    web: responses.RequestsMock, user: dict[str, Any]
) -> None:
    web.get(f"{REST_2}/user", json=user)
    anna = Person("jira", "K1", "Anna")
    people = JiraPeople(("product-managers",), ("anna",))
    assert tracker("2", people=people).in_product(THREE, anna, "product") is False
    web.get(f"{REST_2}/project/PROD/role", json={"Lead": f"{REST_2}/project/1/role/7"})
    actors = [{"type": "atlassian-user-role-actor"}, {"type": "atlassian-user-role-actor", "name": "anna"}]
    web.get(f"{REST_2}/project/PROD/role/7", json={"actors": actors})
    assert tracker("2", JiraRights((), ("Lead",))).may_link(THREE, anna) is False
