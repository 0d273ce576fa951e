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


# ---------------------------------------------------------------- each kind by itself

FIELDS = "/rest/api/3/issue/PROD-1"


def test_an_issue_holds_what_it_held_until_the_lag_is_over(box, curl, clock):
    clock.tick()
    box.lag(5, "fields")
    answer = curl("pia", "PATCH", ISSUE, json={"milestone": 1}).json()
    assert answer["milestone"]["title"] == "March", "a write is answered with what it made"
    edited = curl("dana", "PUT", f"{FIELDS}?returnIssue=true", json={"fields": {"duedate": "2027-03-01"}})
    assert edited.json()["fields"]["duedate"] == "2027-03-01"
    for seconds, title, due in ((4, None, None), (1, "March", "2027-03-01")):
        clock.tick(seconds)
        held = curl("pia", "GET", ISSUE).json()["milestone"]
        assert (held and held["title"]) == title
        assert curl("dana", "GET", FIELDS).json()["fields"]["duedate"] == due


def test_a_history_tells_of_a_change_once_the_lag_is_over(box, curl, clock):
    box.lag(5, "history")
    box.github.as_user("pia").set_milestone("acme/shop", 1, "March")
    box.jira.as_user("dana").edit("PROD-1", summary="SSO")
    for seconds, told in ((4, 0), (1, 1)):
        clock.tick(seconds)
        assert len(curl("pia", "GET", f"{ISSUE}/events").json()) == told
        assert curl("dana", "GET", f"{FIELDS}/changelog").json()["total"] == told


def test_a_new_issue_is_there_once_the_lag_is_over(box, curl, clock):
    box.lag(5, "issue")
    made = box.github.as_user("sam").open_issue("acme/shop", "New")
    key = box.jira.as_user("eve").create("PROD", "New")
    for seconds, status in ((4, 404), (1, 200)):
        clock.tick(seconds)
        assert curl("sam", "GET", f"/repos/acme/shop/issues/{made}").status_code == status
        assert curl("eve", "GET", f"/rest/api/3/issue/{key}").status_code == status


def test_a_milestone_is_listed_once_the_lag_is_over(box, curl, clock):
    box.lag(5, "milestones")
    box.github.as_user("pia").add_milestone("acme/shop", "May")
    for seconds, listed in ((4, False), (1, True)):
        clock.tick(seconds)
        titles = [one["title"] for one in curl("pia", "GET", "/repos/acme/shop/milestones").json()]
        assert ("May" in titles) is listed


@pytest.mark.parametrize("kind", ["list", "comment", "graphql"])
def test_the_ways_to_a_comment_lag_each_by_itself(box, curl, clock, kind):
    box.lag(5, kind)
    made = curl("bot", "POST", f"{ISSUE}/comments", json={"body": "hello"}).json()["id"]
    shown = {
        "list": on_github(curl) == [made],
        "comment": curl("bot", "GET", f"/repos/acme/shop/issues/comments/{made}").status_code == 200,
        "graphql": node(curl, made)["data"]["node"] is not None,
    }
    assert [name for name, seen in shown.items() if not seen] == [kind]


def test_what_can_lag_is_a_short_list(box):
    with pytest.raises(ValueError, match="milestones"):
        box.lag(5, "stars")


def test_a_project_can_be_hidden_from_somebody_and_shown_again(box, curl):
    box.jira.hide("PROD", "dana")
    for path in (FIELDS, f"{FIELDS}/comment", f"{FIELDS}/changelog", "/rest/api/3/project/PROD"):
        assert curl("dana", "GET", path).status_code == 404
        assert curl("eve", "GET", path).status_code == 200
    box.jira.hide("PROD")
    assert curl("dana", "GET", FIELDS).status_code == 200


def test_a_deleted_issue_of_github_is_410_and_one_of_jira_404(box, curl):
    box.github.set_role("acme/shop", "pia", "admin")
    box.github.as_user("pia").delete_issue("acme/shop", 1)
    box.jira.as_user("eve").delete("PROD-1")
    assert curl("pia", "GET", ISSUE).status_code == 410
    assert curl("eve", "GET", FIELDS).status_code == 404


def test_graphql_can_say_that_something_went_wrong_and_no_more(box, curl):
    box.fail_next("POST", "/graphql", "errors")
    answer = curl("bot", "POST", "/graphql", json={"query": NODE, "variables": {"id": "IC_1"}})
    assert (answer.status_code, list(answer.json())) == (200, ["errors"])
    assert "type" not in answer.json()["errors"][0]
