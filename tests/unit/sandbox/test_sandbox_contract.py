"""The stand-ins' answers and webhooks against the vendors' own descriptions.

Skipped where those descriptions do not lie in a folder ``contracts`` beside the checkout.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from openapi_schema_validator import OAS30Validator, OAS31Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

CHECKOUT = Path(__file__).resolve().parents[3]
DESCRIPTIONS = {path.name: path for path in CHECKOUT.parent.glob("*/contracts/*.json")}

pytestmark = [
    pytest.mark.contract,
    pytest.mark.skipif(
        not {"github.json", "jira-v3.json"} <= DESCRIPTIONS.keys(),
        reason="no folder with contracts/github.json and contracts/jira-v3.json beside the checkout",
    ),
]

KNOWN = {
    # An open issue's reason is null, in the API as in its description's words, not in its list of values.
    "'completed', 'reopened', 'not_planned'",
    # Jira's changelog says null where there is no value; its description knows only texts.
    "None is not of type 'string'",
}


class Description:
    """One vendor's OpenAPI document."""

    def __init__(self, name: str, validator: Any) -> None:
        text = DESCRIPTIONS[name].read_text().replace('"#/components', '"urn:description#/components')
        self.document = json.loads(text)
        resource = Resource.from_contents(self.document, default_specification=DRAFT202012)
        self._registry: Any = Registry().with_resource("urn:description", resource)
        self._validator = validator

    def faults(self, schema: Any, data: Any) -> list[str]:
        errors = self._validator(schema, registry=self._registry).iter_errors(data)
        said = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]
        return [text for text in said if not any(known in text for known in KNOWN)]

    def answer(self, method: str, path: str, status: int) -> Any:
        """Return the schema of an answer, None where it has no body. Fail on an unknown one."""
        fits = [
            known
            for known in self.document["paths"]
            if re.fullmatch(re.sub(r"\{[^}]+\}", "[^/]+", known), path)
            and method.lower() in self.document["paths"][known]
        ]
        best = min(fits, key=lambda known: known.count("{"))
        response = self.document["paths"][best][method.lower()]["responses"][str(status)]
        if "$ref" in response:
            response = self.document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
        return response.get("content", {}).get("application/json", {}).get("schema")


@cache
def of_github() -> Description:
    return Description("github.json", OAS30Validator)


@cache
def of_jira() -> Description:
    return Description("jira-v3.json", OAS31Validator)


REPO = "/repos/acme/shop"
ISSUE = f"{REPO}/issues/1"
COMMENT = f"{REPO}/issues/comments"
DUE = {"due_on": "2027-05-01T12:00:00Z"}

GITHUB = [
    ("GET", "/user", None, 200),
    ("GET", "/users/pia", None, 200),
    ("GET", "/users/nobody", None, 404),
    ("GET", REPO, None, 200),
    ("GET", "/repos/acme/none", None, 404),
    ("GET", ISSUE, None, 200),
    ("GET", f"{REPO}/issues?state=all", None, 200),
    ("POST", f"{REPO}/issues", {"title": "Export", "labels": ["csv"], "milestone": 1}, 201),
    ("PATCH", ISSUE, {"title": "SSO", "labels": ["login"], "milestone": 2}, 200),
    ("PATCH", ISSUE, {"milestone": None}, 200),
    ("PATCH", ISSUE, {"milestone": 99}, 422),
    ("GET", f"{ISSUE}/events", None, 200),
    ("POST", f"{ISSUE}/comments", {"body": "hello"}, 201),
    ("POST", f"{ISSUE}/comments", {"body": ""}, 422),
    ("GET", f"{ISSUE}/comments", None, 200),
    ("POST", f"{ISSUE}/labels", {"labels": ["new"]}, 200),
    ("GET", f"{ISSUE}/labels", None, 200),
    ("GET", f"{REPO}/labels/new", None, 200),
    ("DELETE", f"{ISSUE}/labels/new", None, 200),
    ("POST", f"{REPO}/milestones", {"title": "May", **DUE}, 201),
    ("GET", f"{REPO}/milestones", None, 200),
    ("PATCH", f"{REPO}/milestones/1", DUE, 200),
    ("GET", f"{REPO}/milestones/1", None, 200),
    ("GET", "/orgs/acme/teams/product/memberships/pia", None, 200),
    ("GET", "/orgs/acme/teams/product/members", None, 200),
    ("GET", f"{REPO}/collaborators/sam/permission", None, 200),
    ("GET", f"{REPO}/collaborators/nobody/permission", None, 404),
]


def test_githubs_answers_have_the_documented_shape(curl):
    for method, path, body, status in GITHUB:
        answer = curl("bot", method, path, json=body)
        assert answer.status_code == status, (method, path, answer.text)
        schema = of_github().answer(method, path.partition("?")[0], status)
        assert of_github().faults(schema, answer.json()) == [], (method, path)


def test_a_comment_and_an_event_of_github_have_the_documented_shape(curl, box):
    sam = box.github.as_user("sam")
    sam.set_milestone("acme/shop", 1, "March")
    comment = f"{COMMENT}/{sam.comment('acme/shop', 1, 'hello')}"
    event = f"{REPO}/issues/events/{box.github.events('acme/shop', 1)[0].id}"
    for method, path, body in (
        ("GET", comment, None),
        ("PATCH", comment, {"body": "hi"}),
        ("GET", event, None),
    ):
        answer = curl("bot", method, path, json=body)
        assert of_github().faults(of_github().answer(method, path, 200), answer.json()) == [], path
    assert curl("bot", "DELETE", comment).status_code == 204


def test_githubs_webhooks_have_the_documented_shape(box, arrivals):
    pia = box.github.as_user("pia")
    n = pia.open_issue("acme/shop", "Export")
    pia.edit_issue("acme/shop", n, title="Export as CSV", body="All columns.")
    pia.label("acme/shop", n, "csv")
    pia.unlabel("acme/shop", n, "csv")
    pia.set_milestone("acme/shop", n, "March")
    pia.set_milestone("acme/shop", n, "April")
    comment = pia.comment("acme/shop", n, "one")
    pia.edit_comment("acme/shop", comment, "two")
    pia.delete_comment("acme/shop", comment)
    pia.edit_issue("acme/shop", n, state="closed")
    pia.edit_issue("acme/shop", n, state="open")
    pia.add_milestone("acme/shop", "May")
    pia.edit_milestone("acme/shop", "April", new_title="Later", due=date(2027, 5, 1))
    assert box.hooks.drain()
    assert len(set(arrivals.names())) == 13
    for name, request in zip(arrivals.names(), arrivals.seen, strict=True):
        kind = re.sub(r"[._]", "-", name)
        described = of_github().document["x-webhooks"][kind]["post"]
        schema = described["requestBody"]["content"]["application/json"]["schema"]
        assert of_github().faults(schema, request.get_json()) == [], kind
        wanted = {parameter["name"].lower() for parameter in described["parameters"]}
        assert wanted <= {header.lower() for header, _ in request.headers}


DOC = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "hello"}]}],
}
LINK = {"globalId": "issue=1", "object": {"url": "https://example.com/1", "title": "One"}}
API = "/rest/api/3"
DEAL = f"{API}/issue/SALES-1"


def jira_calls(account: str) -> Iterator[tuple[str, str, Any, int]]:
    yield "GET", f"{API}/serverInfo", None, 200
    yield "GET", f"{API}/myself", None, 200
    yield "GET", DEAL, None, 200
    yield "PUT", DEAL, {"fields": {"duedate": None, "summary": "Deal", "labels": ["a"]}}, 204
    new = {"project": {"key": "PROD"}, "summary": "Export", "issuetype": {"name": "Task"}}
    yield "POST", f"{API}/issue", {"fields": new}, 201
    yield "POST", f"{API}/issue/bulkfetch", {"issueIdsOrKeys": ["SALES-1", "NO-1"]}, 200
    yield "POST", f"{DEAL}/comment", {"body": DOC, "properties": [{"key": "a", "value": 1}]}, 201
    yield "GET", f"{DEAL}/comment?expand=properties", None, 200
    yield "GET", f"{DEAL}/changelog", None, 200
    yield "POST", f"{DEAL}/remotelink", LINK, 201
    yield "POST", f"{DEAL}/remotelink", LINK, 200
    yield "GET", f"{DEAL}/remotelink", None, 200
    yield "GET", f"{DEAL}/remotelink?globalId=issue=1", None, 200
    yield "DELETE", f"{DEAL}/remotelink?globalId=issue=1", None, 204
    yield "GET", f"{API}/user?accountId={account}", None, 200
    yield "GET", f"{API}/user/groups?accountId={account}", None, 200
    yield "GET", f"{API}/group/member?groupname=product-managers", None, 200
    yield "GET", f"{API}/field", None, 200
    yield "GET", f"{API}/search/jql?jql=project=SALES", None, 200
    yield "POST", f"{API}/search/jql", {"jql": "key in (SALES-1)", "fields": ["summary"]}, 200
    yield "GET", f"{API}/project/SALES/role", None, 200
    yield "GET", f"{API}/project/SALES/role/10002", None, 200


def test_jiras_answers_have_the_documented_shape(curl, box):
    for method, path, body, status in jira_calls(box.jira.user("dana").account_id):
        answer = curl("dana", method, path, json=body)
        assert answer.status_code == status, (method, path, answer.text)
        schema = of_jira().answer(method, path.partition("?")[0], status)
        if schema and status != 204:
            assert of_jira().faults(schema, answer.json()) == [], (method, path)
