"""What GitHub's answers about issue fields look like.

https://docs.github.com/en/rest/orgs/issue-fields
https://docs.github.com/en/rest/issues/issue-field-values
"""

from __future__ import annotations

from automation.sandbox.github_nouns import FieldValue, Issue, IssueField, Repo
from automation.sandbox.github_state import GitHubState
from automation.sandbox.world import Json


def field_json(field: IssueField) -> Json:
    return {
        "id": field.id,
        "node_id": f"IF_{field.id}",
        "name": field.name,
        "description": None,
        "data_type": field.data_type,
        "options": None,
        "created_at": f"{field.created_at:%Y-%m-%dT%H:%M:%SZ}",
    }


def value_json(held: FieldValue) -> Json:
    """A value by its own node id; the field's id is a number only, as on GitHub."""
    return {
        "issue_field_id": held.field.id,
        "issue_field_name": held.field.name,
        "node_id": f"IFV_{held.id}",
        "data_type": held.field.data_type,
        "value": held.value,
    }


def values_of(hub: GitHubState, repo: Repo, issue: Issue) -> Json:
    """Return what an issue's answer tells of its fields: nothing where the organisation has none."""
    if repo.owner not in hub.issue_fields:
        return {}
    return {"issue_field_values": [value_json(held) for held in issue.values]}
