"""What has another address on the stand-ins answers as GitHub and Jira answer."""

from __future__ import annotations

import json
from datetime import date

import requests

from automation.sandbox import Sandbox


def _hub(box: Sandbox) -> None:
    box.github.add_user("lee")
    box.github.add_repo("acme/shop", private=True, roles={"lee": "admin"})
    box.github.add_repo("acme/store", private=True, roles={"lee": "admin"})


def _get(box: Sandbox, path: str) -> requests.Response:
    url = path if path.startswith("http") else f"{box.github_url}{path}"
    return requests.get(url, headers={"Authorization": "token lee"}, timeout=5, allow_redirects=False)


def test_the_old_name_of_a_repository_leads_to_it_until_another_takes_it(box: Sandbox) -> None:
    _hub(box)
    number = box.github.add_issue("acme/shop", "One", author="lee")
    id = box.github.issue("acme/shop", number).id
    box.github.as_user("lee").rename_repo("acme/shop", "market")
    answer = _get(box, f"/repos/acme/shop/issues/{number}")
    assert answer.status_code == 301
    there = _get(box, answer.headers["Location"]).json()
    assert there["id"] == id and there["repository_url"].endswith("/repos/acme/market")
    box.github.add_repo("acme/shop", private=True, roles={"lee": "admin"})
    assert _get(box, f"/repos/acme/shop/issues/{number}").status_code == 404


def test_a_transferred_issue_is_another_with_other_comments_and_its_old_address_leads_there(
    box: Sandbox,
) -> None:
    _hub(box)
    hub = box.github
    for repo, titles in (("acme/shop", ("Spring", "Summer")), ("acme/store", ("Autumn", "Spring"))):
        for title in titles:
            hub.add_milestone(repo, title, date(2027, 3, 1))
    number = hub.add_issue("acme/shop", "One", author="lee", milestone="Spring", labels=("customer-request",))
    old, said = (
        hub.issue("acme/shop", number),
        hub.as_user("lee").comment("acme/shop", number, "/link SALES-1"),
    )
    new = hub.as_user("lee").transfer_issue("acme/shop", number, "acme/store")
    answer = _get(box, f"/repos/acme/shop/issues/{number}")
    assert answer.status_code == 301
    there = _get(box, answer.headers["Location"]).json()
    assert there["id"] != old.id and there["number"] == new and there["labels"] == []
    assert there["milestone"]["title"] == "Spring" and there["milestone"]["number"] == 2
    assert there["created_at"] == f"{old.created_at:%Y-%m-%dT%H:%M:%SZ}"
    comments = _get(box, f"/repos/acme/store/issues/{new}/comments").json()
    assert [one["body"] for one in comments] == ["/link SALES-1"] and comments[0]["id"] != said
    assert _get(box, f"/repos/acme/shop/issues/comments/{said}").status_code == 404


def test_a_transfer_is_told_in_both_repositories(box: Sandbox) -> None:
    _hub(box)
    box.github.send_hooks_to("http://127.0.0.1:9/nobody", "secret")
    number = box.github.add_issue("acme/shop", "One", author="lee")
    box.hooks.hold()
    box.github.as_user("lee").transfer_issue("acme/shop", number, "acme/store")
    told = [json.loads(one.body) for one in box.hooks.held]
    assert [one["action"] for one in told] == ["transferred", "opened"]
    assert told[0]["changes"]["new_issue"]["id"] == told[1]["issue"]["id"]
    assert told[1]["changes"]["old_issue"]["id"] == told[0]["issue"]["id"]
    assert told[0]["changes"]["new_repository"]["full_name"] == told[1]["repository"]["full_name"]


def test_an_issue_that_moves_in_jira_keeps_its_id_and_its_old_key_leads_to_it(box: Sandbox) -> None:
    site = box.jira
    site.add_user("lee")
    for project in ("PROD", "OTHER"):
        site.add_project(project)
    key = site.add_issue("PROD", "One", reporter="lee")
    id = site.issue(key).id
    moved = site.as_user("lee").move(key, "OTHER")
    assert moved == "OTHER-1" and site.issue(key).key == moved and site.issue(key).id == id
    items = site.changelog(moved)[-1].items
    assert [(item["field"], item["toString"]) for item in items] == [("project", "OTHER"), ("Key", moved)]
    site.rename_project("OTHER", "ELSE")
    assert site.issue(key).key == "ELSE-1" and site.project("OTHER").key == "ELSE"
