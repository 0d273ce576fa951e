"""Comments that can be read only some time after they were written."""

from __future__ import annotations

import pytest

ISSUE = "/repos/acme/shop/issues/1"
NODE = "query($id: ID!) { node(id: $id) { ... on IssueComment { lastEditedAt } } }"


def on_github(curl) -> list[int]:
    return [comment["id"] for comment in curl("bot", "GET", f"{ISSUE}/comments").json()]


def in_jira(curl, version="3", path="comment") -> list[str]:
    body = curl("dana", "GET", f"/rest/api/{version}/issue/SALES-1/{path}?expand=properties").json()
    return [comment["id"] for comment in body["comments"]]


def test_a_comment_on_github_is_listed_once_it_is_old_enough(box, curl, clock):
    box.lag(5)
    made = curl("bot", "POST", f"{ISSUE}/comments", json={"body": "hello"}).json()["id"]
    one = f"/repos/acme/shop/issues/comments/{made}"
    clock.tick(4)
    assert on_github(curl) == []
    assert curl("bot", "GET", one).status_code == 404
    assert node(curl, made)["data"]["node"] is None
    clock.tick(1)
    assert on_github(curl) == [made]
    assert curl("bot", "GET", one).status_code == 200
    assert node(curl, made)["data"]["node"] == {"lastEditedAt": None}


def node(curl, id):
    return curl("bot", "POST", "/graphql", json={"query": NODE, "variables": {"id": f"IC_{id}"}}).json()


@pytest.mark.parametrize("version", ["2", "3"])
def test_a_comment_in_jira_is_listed_once_it_is_old_enough(box, curl, clock, version):
    box.lag(5)
    made = box.jira.as_user("dana").comment("SALES-1", "hello", {"handshake": {"marker": "k1"}})
    one = f"/rest/api/{version}/issue/SALES-1/comment/{made}"
    whole = f"/rest/api/{version}/issue/SALES-1?fields=comment"
    clock.tick(4)
    assert in_jira(curl, version) == []
    assert curl("dana", "GET", one).status_code == 404
    assert curl("dana", "GET", whole).json()["fields"]["comment"]["total"] == 0
    clock.tick(1)
    assert in_jira(curl, version) == [made]
    assert curl("dana", "GET", one).status_code == 200
    assert curl("dana", "GET", whole).json()["fields"]["comment"]["total"] == 1


def test_the_lag_is_exact_to_the_fraction_of_a_second(box, curl, clock):
    box.lag(1)
    clock.tick(0.9)
    made = box.github.as_user("bot").comment("acme/shop", 1, "hello")
    clock.tick(0.9)
    assert on_github(curl) == []
    clock.tick(0.1)
    assert on_github(curl) == [made]


def test_those_who_look_at_the_sandbox_itself_see_all_at_once(box):
    box.lag(5)
    box.github.as_user("bot").comment("acme/shop", 1, "hello")
    box.jira.as_user("dana").comment("SALES-1", "hello")
    assert len(box.github.comments("acme/shop", 1)) == len(box.jira.comments("SALES-1")) == 1


def test_one_who_knows_its_id_can_edit_a_comment_that_cannot_be_read_yet(box, curl):
    box.lag(5)
    hub = box.github.as_user("bot").comment("acme/shop", 1, "hello")
    site = box.jira.as_user("dana").comment("SALES-1", "hello")
    box.github.as_user("bot").edit_comment("acme/shop", hub, "bye")
    box.jira.as_user("dana").edit_comment("SALES-1", site, "bye")
    assert box.github.comments("acme/shop", 1)[0].body == box.jira.comments("SALES-1")[0].text == "bye"


def test_without_a_lag_comments_are_there_at_once(box, curl):
    box.lag(5)
    box.lag(0)
    made = box.github.as_user("bot").comment("acme/shop", 1, "hello")
    assert on_github(curl) == [made]
