"""The GitHub stand-in, asked by the real PyGithub and by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from github import GithubException, UnknownObjectException

from automation.sandbox import Refusal

ISSUE = "/repos/acme/shop/issues/1"


def test_a_token_is_the_login_it_acts_as(github):
    assert github("sam").get_user().login == "sam"
    with pytest.raises(GithubException, match="Bad credentials"):
        github("nobody").get_user().login  # noqa: B018


def test_a_comment_is_posted_listed_edited_and_deleted(github, box, clock):
    issue = github("sam").get_repo("acme/shop").get_issue(1)
    comment = issue.create_comment("first")
    clock.tick()
    comment.edit("second")
    assert [c.body for c in issue.get_comments()] == ["second"]
    assert comment.updated_at == clock.time
    assert comment.created_at < clock.time
    comment.delete()
    assert box.github.comments("acme/shop", 1) == []


def test_comments_since_leaves_older_ones_out(github, box, clock):
    sam = box.github.as_user("sam")
    sam.comment("acme/shop", 1, "old")
    since = clock.tick()
    sam.comment("acme/shop", 1, "new")
    issue = github("bot").get_repo("acme/shop").get_issue(1)
    assert [c.body for c in issue.get_comments(since=since)] == ["new"]


def test_only_its_author_and_writers_edit_a_comment(box):
    id = box.github.as_user("pia").comment("acme/shop", 1, "mine")
    with pytest.raises(Refusal) as refused:
        box.github.as_user("sam").edit_comment("acme/shop", id, "no, mine")
    assert refused.value.status == 403
    box.github.as_user("bot").edit_comment("acme/shop", id, "tidied")
    assert box.github.comments("acme/shop", 1)[0].body == "tidied"


@pytest.mark.parametrize("body", ["", " \n", "x" * 65_537])
def test_an_empty_or_endless_comment_is_refused(body, curl):
    assert curl("sam", "POST", f"{ISSUE}/comments", json={"body": body}).status_code == 422


def test_a_milestone_is_set_and_cleared_by_its_number(github, box):
    repo = github("bot").get_repo("acme/shop")
    issue = repo.get_issue(1)
    issue.edit(milestone=repo.get_milestone(1))
    assert issue.milestone.title == "March"
    issue.edit(milestone=None)
    assert issue.milestone is None
    assert box.github.issue("acme/shop", 1).milestone is None


def test_without_push_access_a_milestone_is_dropped_and_the_answer_is_200(curl, box):
    answer = curl("sam", "PATCH", ISSUE, json={"milestone": 1, "labels": ["x"]})
    assert answer.status_code == 200
    assert answer.json()["milestone"] is None
    assert answer.json()["labels"] == []
    assert box.github.events("acme/shop", 1) == []


def test_on_the_site_triage_may_set_a_milestone_and_a_reader_may_not(box):
    box.github.as_user("sam").set_milestone("acme/shop", 1, "March")
    assert box.github.issue("acme/shop", 1).milestone.title == "March"
    box.github.set_role("acme/shop", "sam", "read")
    with pytest.raises(Refusal):
        box.github.as_user("sam").set_milestone("acme/shop", 1, "April")


def test_an_unknown_milestone_is_refused(curl):
    assert curl("bot", "PATCH", ISSUE, json={"milestone": 99}).status_code == 422


def test_history_tells_who_moved_an_issue_and_when(github, box, clock):
    sam = box.github.as_user("sam")
    sam.set_milestone("acme/shop", 1, "March")
    clock.tick()
    sam.set_milestone("acme/shop", 1, "April")
    events = list(github("bot").get_repo("acme/shop").get_issue(1).get_events())
    assert [(e.event, e.raw_data["milestone"]["title"]) for e in events] == [
        ("milestoned", "March"),
        ("demilestoned", "March"),
        ("milestoned", "April"),
    ]
    assert events[-1].actor.login == "sam"
    assert events[-1].created_at == clock.time
    assert [e.id for e in events] == sorted(e.id for e in events)


def test_long_history_comes_in_pages_with_links(github, box, curl):
    for number in range(35):
        box.github.as_user("sam").label("acme/shop", 1, f"label-{number}")
    first = curl("bot", "GET", f"{ISSUE}/events?per_page=20")
    assert len(first.json()) == 20
    rest = curl("bot", "GET", first.links["next"]["url"].removeprefix(box.github_url))
    assert len(rest.json()) == 15
    assert set(rest.links) == {"prev", "first"}
    assert github("bot").get_repo("acme/shop").get_issue(1).get_events().totalCount == 35


def test_links_between_pages_keep_the_rest_of_the_question(curl, box, clock):
    for text in ("one", "two"):
        box.github.as_user("sam").comment("acme/shop", 1, text)
    asked = {"since": "2027-01-04T09:00:00+00:00", "per_page": 1}
    first = curl("bot", "GET", f"{ISSUE}/comments", params=asked)
    second = curl("bot", "GET", first.links["next"]["url"].removeprefix(box.github_url))
    assert [comment["body"] for comment in second.json()] == ["two"]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2027-03-01T12:00:00Z", "2027-03-01T08:00:00Z"),
        ("2027-03-01T07:59:59Z", "2027-02-28T08:00:00Z"),
        ("2027-03-01", "2027-02-28T08:00:00Z"),
        ("2027-07-01T12:00:00Z", "2027-07-01T07:00:00Z"),
    ],
)
def test_a_due_date_is_floored_to_midnight_in_the_pacific_zone(curl, sent, kept):
    answer = curl("bot", "PATCH", "/repos/acme/shop/milestones/1", json={"due_on": sent})
    assert answer.json()["due_on"] == kept


def test_pygithub_makes_a_milestone_and_the_site_moves_it(github, box):
    repo = github("bot").get_repo("acme/shop")
    made = repo.create_milestone("May")
    assert made.due_on is None
    box.github.as_user("pia").edit_milestone("acme/shop", "May", new_title="Mai", due=date(2027, 5, 1))
    again = repo.get_milestone(made.number)
    assert again.title == "Mai"
    assert again.due_on == datetime(2027, 5, 1, 7, tzinfo=UTC)
    box.github.as_user("pia").edit_milestone("acme/shop", "Mai", due=None)
    assert repo.get_milestone(made.number).due_on is None


def test_triage_may_not_move_a_milestone(curl):
    assert curl("sam", "PATCH", "/repos/acme/shop/milestones/1", json={"due_on": None}).status_code == 403


def test_a_new_label_is_made_when_it_is_first_put_on(github, curl):
    issue = github("bot").get_repo("acme/shop").get_issue(1)
    issue.add_to_labels("customer-request")
    issue.add_to_labels("customer-request")
    assert [label.name for label in issue.get_labels()] == ["customer-request"]
    issue.remove_from_labels("customer-request")
    assert curl("bot", "DELETE", f"{ISSUE}/labels/customer-request").status_code == 404


def test_issues_are_listed_by_state_and_milestone(github, box):
    repo = github("bot").get_repo("acme/shop")
    second = repo.create_issue("Export", milestone=repo.get_milestone(1), labels=["csv"])
    assert [i.number for i in repo.get_issues(milestone=repo.get_milestone(1))] == [second.number]
    assert [i.number for i in repo.get_issues(labels=["csv"])] == [second.number]
    second.edit(state="closed")
    assert [i.number for i in repo.get_issues()] == [1]
    assert repo.get_issues(state="all").totalCount == 2


def test_a_private_repository_does_not_exist_for_others(github, box):
    with pytest.raises(UnknownObjectException):
        github("stranger").get_repo("acme/shop")
    box.github.set_private("acme/shop", False)
    assert github("stranger").get_repo("acme/shop").get_issue(1).title == "Single sign-on"


def test_the_owner_of_a_repository_may_everything(box):
    box.github.add_repo("sam/notes", private=True)
    n = box.github.as_user("sam").open_issue("sam/notes", "One")
    box.github.as_user("sam").add_milestone("sam/notes", "May")
    box.github.as_user("sam").set_milestone("sam/notes", n, "May")
    assert box.github.issue("sam/notes", n).milestone.title == "May"


def test_leaving_a_team_and_coming_back_shows_at_once(curl, box):
    path = "/orgs/acme/teams/product/memberships/pia"
    box.github.set_membership("acme", "product", "pia", None)
    assert curl("bot", "GET", path).status_code == 404
    box.github.set_membership("acme", "product", "pia", "pending")
    assert curl("bot", "GET", path).json()["state"] == "pending"


def test_without_credentials_one_may_read_what_is_public_and_write_nothing(curl, box):
    assert curl(None, "GET", "/repos/acme/docs").status_code == 200
    box.github.add_issue("acme/docs", "Typo", author="sam")
    path = "/repos/acme/docs/issues/1/comments"
    assert curl(None, "POST", path, json={"body": "hi"}).status_code == 401


def test_team_membership_says_active_pending_or_404(curl):
    path = "/orgs/acme/teams/product/memberships"
    assert curl("bot", "GET", f"{path}/pia").json()["state"] == "active"
    assert curl("bot", "GET", f"{path}/sam").json()["state"] == "pending"
    assert curl("bot", "GET", f"{path}/stranger").status_code == 404
    members = curl("bot", "GET", "/orgs/acme/teams/product/members").json()
    assert [member["login"] for member in members] == ["pia"]


def test_a_renamed_member_is_found_by_the_new_name_and_keeps_the_id(curl, box):
    before = box.github.user("pia").id
    box.github.rename_user("pia", "pia-new")
    path = "/orgs/acme/teams/product/memberships"
    assert curl("bot", "GET", f"{path}/pia").status_code == 404
    assert curl("bot", "GET", f"{path}/pia-new").json()["state"] == "active"
    assert curl("bot", "GET", "/users/pia-new").json()["id"] == before


@pytest.mark.parametrize(
    ("repo", "login", "permission", "role"),
    [
        ("shop", "sam", "read", "triage"),
        ("shop", "pia", "write", "maintain"),
        ("shop", "bot", "write", "write"),
        ("shop", "stranger", "none", "none"),
        ("docs", "stranger", "read", "read"),
    ],
)
def test_permission_folds_the_roles_it_does_not_know(curl, box, repo, login, permission, role):
    box.github.set_role("acme/docs", "bot", "write")
    answer = curl("bot", "GET", f"/repos/acme/{repo}/collaborators/{login}/permission").json()
    assert (answer["permission"], answer["role_name"]) == (permission, role)


def test_permission_of_nobody_is_404_and_asking_needs_push(curl):
    path = "/repos/acme/shop/collaborators"
    assert curl("bot", "GET", f"{path}/nobody/permission").status_code == 404
    assert curl("sam", "GET", f"{path}/pia/permission").status_code == 403


@pytest.mark.parametrize(
    "query",
    [
        "query($id: ID!) { node(id: $id) { ... on IssueComment { lastEditedAt } } }",
        "query Edited($id:ID!){node(id:$id){...on IssueComment{lastEditedAt}}}",
    ],
)
def test_graphql_tells_when_a_comment_was_edited(github, box, clock, query):
    client = github("bot")
    id = box.github.as_user("sam").comment("acme/shop", 1, "first")
    node = client.get_repo("acme/shop").get_issue(1).get_comment(id).raw_data["node_id"]

    def edited() -> object:
        _, data = client.requester.graphql_query(query, {"id": node})
        return data["data"]["node"]["lastEditedAt"]

    assert edited() is None
    clock.tick()
    box.github.as_user("sam").edit_comment("acme/shop", id, "second")
    assert edited() == "2027-01-04T09:01:00Z"


def test_graphql_takes_the_id_inline_and_hides_what_may_not_be_read(curl, box):
    id = box.github.as_user("sam").comment("acme/shop", 1, "first")
    query = f'{{ node(id: "IC_{id}") {{ ... on IssueComment {{ lastEditedAt }} }} }}'
    seen = curl("bot", "POST", "/graphql", json={"query": query}).json()
    assert seen == {"data": {"node": {"lastEditedAt": None}}}
    hidden = curl("stranger", "POST", "/graphql", json={"query": query}).json()
    assert hidden["errors"][0]["type"] == "NOT_FOUND"


def test_graphql_answers_nothing_else(curl):
    answer = curl("bot", "POST", "/graphql", json={"query": "{ viewer { login } }"})
    assert answer.status_code == 200
    assert "data" not in answer.json()
    assert answer.json()["errors"]


def test_what_is_no_json_is_refused(curl):
    assert curl("sam", "POST", f"{ISSUE}/comments", data="{").status_code == 400
    assert curl("sam", "POST", f"{ISSUE}/comments", json=["body"]).status_code == 400
    assert curl("sam", "POST", f"{ISSUE}/labels", data="{").status_code == 400


@pytest.mark.parametrize("wrong", [{"state": "lost"}, {"title": 5}, {"labels": "x"}, {"milestone": "x"}])
def test_a_value_of_the_wrong_kind_is_refused(curl, wrong):
    assert curl("bot", "PATCH", ISSUE, json=wrong).status_code == 422


def test_issues_and_comments_are_counted_as_they_come_and_go(box, curl):
    def counts():
        repo = curl("bot", "GET", "/repos/acme/shop").json()
        march = curl("bot", "GET", "/repos/acme/shop/milestones/1").json()
        return repo["open_issues"], march["open_issues"], march["closed_issues"]

    pia = box.github.as_user("pia")
    n = box.github.add_issue("acme/shop", "Export", author="sam", milestone="March")
    assert counts() == (2, 1, 0)
    pia.edit_issue("acme/shop", n, state="closed")
    assert counts() == (1, 0, 1)
    pia.set_milestone("acme/shop", n, "April")
    assert counts() == (1, 0, 0)
    ids = [pia.comment("acme/shop", n, text) for text in ("one", "two")]
    pia.delete_comment("acme/shop", ids[0])
    assert curl("bot", "GET", f"/repos/acme/shop/issues/{n}").json()["comments"] == 1
    assert [c.id for c in box.github.comments("acme/shop", n)] == ids[1:]
    assert box.github.comments("acme/shop", 1) == []


def test_a_milestone_is_found_by_its_new_title_only(box):
    pia = box.github.as_user("pia")
    pia.edit_milestone("acme/shop", "March", new_title="Spring")
    assert box.github.milestone("acme/shop", "Spring").number == 1
    with pytest.raises(Refusal):
        box.github.milestone("acme/shop", "March")
    pia.add_milestone("acme/shop", "March")


def test_in_an_archived_repository_nothing_is_written_and_all_is_read(curl, box):
    box.github.set_archived("acme/shop", True)
    writes = [
        ("PATCH", ISSUE, {"milestone": 1}),
        ("POST", f"{ISSUE}/comments", {"body": "hi"}),
        ("POST", f"{ISSUE}/labels", {"labels": ["x"]}),
    ]
    for verb, path, body in writes:
        answer = curl("bot", verb, path, json=body)
        assert (answer.status_code, answer.json()["message"]) == (
            403,
            "Repository was archived so is read-only.",
        )
    assert curl("bot", "GET", ISSUE).status_code == 200
    assert curl("bot", "GET", "/repos/acme/shop").json()["archived"] is True


def test_a_token_that_may_only_read_is_told_so(curl, box):
    box.github.set_read_only("bot", True)
    answer = curl("bot", "PATCH", ISSUE, json={"milestone": 1})
    said = "Resource not accessible by personal access token"
    assert (answer.status_code, answer.json()["message"]) == (403, said)
    box.github.set_read_only("bot", False)
    assert curl("bot", "PATCH", ISSUE, json={"milestone": 1}).status_code == 200


def test_a_milestone_that_is_gone_can_be_set_no_more(curl, box):
    assert curl("bot", "PATCH", ISSUE, json={"milestone": 1}).status_code == 200
    box.github.as_user("pia").delete_milestone("acme/shop", "March")
    assert box.github.issue("acme/shop", 1).milestone is None
    assert curl("bot", "PATCH", ISSUE, json={"milestone": 1}).status_code == 422


HISTORY = """{ repository(owner: "acme", name: "shop") { issue(number: 1) {
  includesCreatedEdit lastEditedAt
  userContentEdits(first: 10) { totalCount nodes { editedAt diff editor { login } } }
  timelineItems(last: 10, itemTypes: [RENAMED_TITLE_EVENT]) {
    nodes { ... on RenamedTitleEvent { previousTitle currentTitle actor { login } } } } } } }"""


def test_graphql_tells_how_words_came_to_be_and_the_first_edit_makes_two_entries(curl, box, clock):
    def asked():
        answer = curl("bot", "POST", "/graphql", json={"query": HISTORY}).json()
        return answer["data"]["repository"]["issue"]

    before, body = asked(), box.github.issue("acme/shop", 1).body
    clock.tick()
    box.github.as_user("pia").edit_issue("acme/shop", 1, title="SSO", body="More")
    box.github.as_user("pia").forget_revision("acme/shop", 1, 1)
    after = asked()

    assert before["userContentEdits"] == {"totalCount": 0, "nodes": []}
    assert before["includesCreatedEdit"] is False and after["includesCreatedEdit"] is True
    assert [edit["diff"] for edit in after["userContentEdits"]["nodes"]] == [None, body]
    assert after["userContentEdits"]["nodes"][0]["editor"] == {"login": "pia"}
    [renamed] = after["timelineItems"]["nodes"]
    assert (renamed["currentTitle"], renamed["actor"]["login"]) == ("SSO", "pia")


def test_a_deleted_milestone_leaves_its_issues_and_its_number_is_not_given_again(curl, box, arrivals):
    pia = box.github.as_user("pia")
    number = pia.add_milestone("acme/shop", "May")
    pia.set_milestone("acme/shop", 1, "May")
    assert box.hooks.drain()
    arrivals.seen.clear()

    assert curl("pia", "DELETE", f"/repos/acme/shop/milestones/{number}").status_code == 204
    assert box.hooks.drain()

    assert box.github.issue("acme/shop", 1).milestone is None
    assert box.github.events("acme/shop", 1)[-1].what == "demilestoned"
    assert arrivals.names() == ["milestone.deleted"]
    assert curl("bot", "GET", f"/repos/acme/shop/milestones/{number}").status_code == 404
    assert pia.add_milestone("acme/shop", "May") == number + 1
