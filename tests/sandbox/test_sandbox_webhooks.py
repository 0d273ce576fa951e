"""The webhooks of both stand-ins."""

from __future__ import annotations

import hashlib
import hmac
from datetime import date

import pytest

from automation.sandbox import adf

SECRET = b"It's a Secret to Everybody"


def signature(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def test_nothing_is_sent_before_somebody_subscribes(box):
    box.github.as_user("sam").comment("acme/shop", 1, "hello")
    assert box.hooks.drain()
    assert box.hooks.deliveries == []


def test_github_signs_the_bytes_and_names_the_event(box, arrivals):
    id = box.github.as_user("sam").comment("acme/shop", 1, "schön")
    assert box.hooks.drain()
    (request,) = arrivals.seen
    assert request.headers["X-Hub-Signature-256"] == signature(request.data)
    assert request.headers["X-GitHub-Event"] == "issue_comment"
    assert request.headers["X-GitHub-Hook-ID"]
    assert request.headers["X-GitHub-Delivery"] == box.hooks.deliveries[0].id
    assert request.headers["User-Agent"].startswith("GitHub-Hookshot/")
    body = request.get_json()
    assert (body["action"], body["comment"]["id"], body["sender"]["login"]) == ("created", id, "sam")
    assert body["repository"]["full_name"] == "acme/shop"
    assert body["organization"]["login"] == "acme"


def test_moving_an_issue_says_demilestoned_with_the_old_then_milestoned_with_the_new(box, arrivals):
    sam = box.github.as_user("sam")
    sam.set_milestone("acme/shop", 1, "March")
    sam.set_milestone("acme/shop", 1, "April")
    assert box.hooks.drain()
    assert arrivals.names() == ["issues.milestoned", "issues.demilestoned", "issues.milestoned"]
    titles = [request.get_json()["milestone"]["title"] for request in arrivals.seen]
    assert titles == ["March", "March", "April"]


def test_each_change_on_github_has_its_event(box, arrivals):
    pia = box.github.as_user("pia")
    n = pia.open_issue("acme/shop", "Export")
    pia.edit_issue("acme/shop", n, title="Export as CSV", body="All columns.")
    pia.label("acme/shop", n, "csv")
    pia.unlabel("acme/shop", n, "csv")
    id = pia.comment("acme/shop", n, "one")
    pia.edit_comment("acme/shop", id, "two")
    pia.delete_comment("acme/shop", id)
    pia.edit_issue("acme/shop", n, state="closed")
    pia.add_milestone("acme/shop", "May")
    pia.edit_milestone("acme/shop", "April", due=date(2027, 5, 1))
    assert box.hooks.drain()
    assert arrivals.names() == [
        "issues.opened",
        "issues.edited",
        "issues.labeled",
        "issues.unlabeled",
        "issue_comment.created",
        "issue_comment.edited",
        "issue_comment.deleted",
        "issues.closed",
        "milestone.created",
        "milestone.edited",
    ]
    bodies = [request.get_json() for request in arrivals.seen]
    assert bodies[1]["changes"] == {"title": {"from": "Export"}, "body": {"from": ""}}
    assert bodies[5]["changes"] == {"body": {"from": "one"}}
    assert bodies[9]["changes"] == {"due_on": {"from": "2027-04-15T07:00:00Z"}}


def test_a_change_through_the_api_and_one_on_the_site_send_the_same(box, arrivals, curl):
    curl("bot", "PATCH", "/repos/acme/shop/issues/1", json={"milestone": 1})
    curl("bot", "PATCH", "/repos/acme/shop/issues/1", json={"milestone": None})
    box.github.as_user("bot").set_milestone("acme/shop", 1, "March")
    assert box.hooks.drain()
    by_api, _, on_site = (request.get_json() for request in arrivals.seen)
    assert by_api == on_site


def test_jira_signs_its_own_way_and_tells_old_and_new(box, arrivals):
    box.jira.as_user("eve").set_duedate("SALES-1", date(2027, 3, 1))
    assert box.hooks.drain()
    (request,) = arrivals.seen
    assert request.headers["X-Hub-Signature"] == signature(request.data)
    assert request.headers["X-Atlassian-Webhook-Identifier"] == box.hooks.deliveries[0].id
    assert request.headers["X-Atlassian-Webhook-Flow"] == "Primary"
    body = request.get_json()
    assert (body["webhookEvent"], body["issue"]["key"]) == ("jira:issue_updated", "SALES-1")
    assert body["user"]["accountId"] == box.jira.user("eve").account_id
    assert "emailAddress" not in body["user"]
    (item,) = body["changelog"]["items"]
    assert (item["fieldId"], item["from"], item["to"]) == ("duedate", "2027-01-31", "2027-03-01")


def test_each_change_in_jira_has_its_event_and_words_are_text(box, arrivals):
    eve = box.jira.as_user("eve")
    key = eve.create("PROD", "Export", "All columns.")
    eve.edit(key, summary="Export as CSV", description="Some columns.", add_labels=("csv",))
    id = eve.comment(key, "one\ntwo")
    eve.edit_comment(key, id, "three")
    assert box.hooks.drain()
    assert arrivals.names() == [
        "jira:issue_created",
        "jira:issue_updated",
        "comment_created",
        "comment_updated",
    ]
    bodies = [request.get_json() for request in arrivals.seen]
    assert bodies[0]["issue"]["fields"]["description"] == "All columns."
    assert [item["field"] for item in bodies[1]["changelog"]["items"]] == ["summary", "description", "labels"]
    assert bodies[2]["comment"]["body"] == "one\ntwo"
    assert bodies[3]["issue"]["key"] == key


def test_a_refused_delivery_is_kept_and_not_tried_again(box, arrivals):
    arrivals.status = 503
    box.jira.as_user("eve").set_duedate("SALES-1", None)
    assert box.hooks.drain()
    assert [delivery.status for delivery in box.hooks.deliveries] == [503]
    assert len(arrivals.seen) == 1


def test_a_redelivery_has_the_same_id_and_the_same_bytes(box, arrivals):
    box.github.as_user("sam").comment("acme/shop", 1, "hello")
    assert box.hooks.drain()
    box.hooks.redeliver(box.hooks.deliveries[0].id)
    assert box.hooks.drain()
    first, second = arrivals.seen
    assert first.headers["X-GitHub-Delivery"] == second.headers["X-GitHub-Delivery"]
    assert first.data == second.data


def test_what_found_nobody_can_be_redelivered_once_somebody_is_there(box, arrivals):
    there = f"http://{arrivals_address(box, arrivals)}/hooks"
    box.github.send_hooks_to("http://127.0.0.1:1/closed", "other")
    box.github.as_user("sam").comment("acme/shop", 1, "hello")
    assert box.hooks.drain()
    assert box.hooks.deliveries[-1].status == 0
    box.github.send_hooks_to(there, SECRET.decode())
    box.hooks.redeliver(box.hooks.deliveries[-1].id)
    assert box.hooks.drain()
    assert arrivals.seen[-1].headers["X-Hub-Signature-256"] == signature(arrivals.seen[-1].data)


def arrivals_address(box, arrivals) -> str:
    """Learn the address from a first delivery."""
    box.github.as_user("sam").comment("acme/shop", 1, "first")
    assert box.hooks.drain()
    return arrivals.seen[-1].host


# ---------------------------------------------------------------- out of order


def comments(box, *texts):
    for text in texts:
        box.github.as_user("sam").comment("acme/shop", 1, text)


def arrived(arrivals) -> list[str]:
    return [request.get_json()["comment"]["body"] for request in arrivals.seen]


def test_webhooks_are_held_until_they_are_released(box, arrivals):
    box.hooks.hold()
    comments(box, "one", "two")
    assert box.hooks.drain()
    assert (arrivals.seen, box.hooks.deliveries, len(box.hooks.held)) == ([], [], 2)
    box.hooks.release()
    assert box.hooks.drain()
    assert (arrived(arrivals), box.hooks.held) == (["one", "two"], [])


def test_after_a_release_nothing_is_held_any_longer(box, arrivals):
    box.hooks.hold()
    comments(box, "one")
    box.hooks.release()
    comments(box, "two")
    assert box.hooks.drain()
    assert arrived(arrivals) == ["one", "two"]


def test_they_can_be_released_in_any_order_doubled_and_lost(box, arrivals):
    box.hooks.hold()
    comments(box, "one", "two", "three")
    ids = [delivery.id for delivery in box.hooks.held]
    box.hooks.release([2, 0, 0])
    assert box.hooks.drain()
    assert arrived(arrivals) == ["three", "one", "one"]
    made = [(delivery.id, delivery.status, bool(delivery.url)) for delivery in box.hooks.deliveries]
    assert made == [
        (ids[1], 0, False),
        (ids[2], 202, True),
        (ids[0], 202, True),
        (ids[0], 202, True),
    ]


def test_a_lost_one_can_be_redelivered(box, arrivals):
    box.hooks.hold()
    comments(box, "one")
    box.hooks.release([])
    assert box.hooks.drain()
    assert arrivals.seen == []
    box.hooks.redeliver(box.hooks.deliveries[0].id)
    assert box.hooks.drain()
    assert arrived(arrivals) == ["one"]
    assert arrivals.seen[0].headers["X-Hub-Signature-256"] == signature(arrivals.seen[0].data)


def test_an_unknown_delivery_cannot_be_redelivered(box):
    with pytest.raises(LookupError):
        box.hooks.redeliver("unknown")


def test_a_webhook_carries_wiki_markup_also_where_the_comment_is_a_document() -> None:
    def text(words: str, *marks: str) -> dict[str, object]:
        return {"type": "text", "text": words, "marks": [{"type": mark} for mark in marks]}

    blocks = [
        {
            "type": "paragraph",
            "content": [text("/signoff", "strong"), text(" 1 May", "em"), text("x", "code")],
        },
        {"type": "blockquote", "content": [{"type": "paragraph", "content": [text("quoted")]}]},
        {"type": "paragraph", "content": [{"type": "mention", "attrs": {"id": "5b10", "text": "@Mona"}}]},
    ]
    assert adf.to_wiki({"type": "doc", "content": blocks}) == (
        "*/signoff*_ 1 May_{{x}}\n{quote}\nquoted\n{quote}\n[~accountid:5b10]"
    )
