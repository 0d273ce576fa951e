"""Bodies as GitHub and Jira send them, with only what is read of them; made to be bent."""

from __future__ import annotations

from typing import Any

API = "https://api.github.com:443"
REPO = f"{API}/repos/acme/shop"
ISSUE = f"{REPO}/issues/12"
JIRA = "https://acme.atlassian.net"
REST = f"{JIRA}/rest/api/3"
REST_2 = f"{JIRA}/rest/api/2"


def user(login: str = "maria", id: int = 7, **more: Any) -> dict[str, Any]:
    return {"login": login, "id": id, "type": "User", **more}


def milestone(number: int = 3, due_on: str | None = "2027-03-01T08:00:00Z", **more: Any) -> dict[str, Any]:
    return {
        "id": 300 + number,
        "node_id": f"MI_{number}",
        "number": number,
        "title": f"v{number}",
        "due_on": due_on,
        "state": "open",
        **more,
    }


def issue(number: int = 12, **more: Any) -> dict[str, Any]:
    return {
        "url": f"https://api.github.com/repos/acme/shop/issues/{number}",
        "html_url": f"https://github.com/acme/shop/issues/{number}",
        "id": 1000 + number,
        "number": number,
        "title": "Single sign-on",
        "body": None,
        "state": "open",
        "labels": [{"name": "customer-request"}],
        "milestone": milestone(),
        "created_at": "2027-01-10T09:00:00Z",
        "updated_at": "2027-01-12T10:00:00Z",
        **more,
    }


def comment(body: str | None = "/signoff 2027-03-01", id: int = 991, **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "node_id": "IC_991",
        "body": body,
        "user": user(),
        "issue_url": "https://api.github.com/repos/acme/shop/issues/12",
        "created_at": "2027-01-12T11:00:00Z",
        "updated_at": "2027-01-12T11:00:00Z",
        **more,
    }


def repository(**more: Any) -> dict[str, Any]:
    return {"full_name": "acme/shop", "private": True, **more}


def issue_event(action: str, **more: Any) -> dict[str, Any]:
    return {"action": action, "issue": issue(), "repository": repository(), "sender": user(), **more}


def comment_event(action: str = "created", body: str | None = "/signoff 2027-03-01") -> dict[str, Any]:
    return issue_event(action, comment=comment(body))


def history(event: str, title: str, actor: Any = None, at: str = "2027-01-12T10:00:00Z") -> dict[str, Any]:
    return {
        "event": event,
        "actor": user() if actor is None else actor,
        "created_at": at,
        "milestone": {"title": title},
    }


def deal(key: str = "SALES-7", **fields: Any) -> dict[str, Any]:
    return {
        "key": key,
        "fields": {
            "summary": "Globex: rollout",
            "status": {"statusCategory": {"key": "indeterminate"}},
            "duedate": "2027-03-20",
            "assignee": {"displayName": "Sam Seller"},
            "project": {"key": key.split("-")[0]},
            **fields,
        },
    }


def jira_user(name: str = "Maria", account: str = "5b10", **more: Any) -> dict[str, Any]:
    return {"accountId": account, "accountType": "atlassian", "displayName": name, "active": True, **more}


def jira_change(**items: Any) -> dict[str, Any]:
    """A changelog: ``duedate=(from, to)``."""
    return {"id": "10124", "items": [jira_item(field, *sides) for field, sides in items.items()]}


def jira_item(field: str, old: str | None, new: str | None) -> dict[str, Any]:
    return {
        "field": field,
        "fieldId": field,
        "fieldtype": "jira",
        "from": old,
        "fromString": old and f"{old} 00:00:00.0",
        "to": new,
        "toString": new and f"{new} 00:00:00.0",
    }


def jira_event(event: str = "jira:issue_updated", key: str = "PROD-3", **more: Any) -> dict[str, Any]:
    return {
        "timestamp": 1_799_748_000_000,
        "webhookEvent": event,
        "user": jira_user(),
        "issue": {"id": "10007", "key": key, "fields": {"project": {"key": key.rpartition("-")[0]}}},
        **more,
    }


def jira_comment(body: Any = "/signoff 2027-03-01", **more: Any) -> dict[str, Any]:
    return {"id": "991", "author": jira_user(), "body": body, **more}
