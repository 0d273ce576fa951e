"""What GitHub's answers about projects look like.

https://docs.github.com/en/rest/projects/projects
https://docs.github.com/en/rest/projects/fields
"""

from __future__ import annotations

from datetime import date

from automation.sandbox.github_project_nouns import Iteration, Project, ProjectField, ProjectItem
from automation.sandbox.github_shapes import node, stamp, user_json
from automation.sandbox.github_state import GitHubState
from automation.sandbox.world import Json


def project_json(hub: GitHubState, project: Project) -> Json:
    owner = user_json(hub, project.owner)
    return {
        "id": project.id,
        "node_id": project.node,
        "owner": owner,
        "creator": owner,
        "title": project.title,
        "description": None,
        "public": False,
        "closed_at": None,
        "created_at": stamp(project.created_at),
        "updated_at": stamp(project.created_at),
        "number": project.number,
        "short_description": None,
        "deleted_at": None,
        "deleted_by": None,
    }


def project_field_json(hub: GitHubState, project: Project, field: ProjectField) -> Json:
    shown: Json = {"issue_field_id": field.shows.id} if field.shows else {}
    if field.data_type == "iteration":
        today = hub.now().date()
        shown["configuration"] = {
            "start_day": 1,
            "duration": 14,
            "iterations": [iteration_json(one, today) for one in field.iterations],
        }
    if field.data_type == "single_select":
        shown["options"] = [
            {
                "id": id,
                "name": {"raw": name, "html": name},
                "description": {"raw": "", "html": ""},
                "color": "GRAY",
            }
            for id, name in field.options.items()
        ]
    return {
        "id": field.id,
        "node_id": field.node,
        "project_url": f"{hub.url}/orgs/{project.owner.login}/projectsV2/{project.number}",
        "name": field.name,
        "data_type": field.data_type,
        "created_at": stamp(project.created_at),
        "updated_at": stamp(project.created_at),
        **shown,
    }


def iteration_json(iteration: Iteration, today: date) -> Json:
    return {
        "id": iteration.id,
        "title": {"raw": iteration.title, "html": iteration.title},
        "start_date": iteration.start.isoformat(),
        "duration": iteration.duration,
        "completed": iteration.end < today,
    }


def iteration_in_hook(iteration: Iteration, today: date) -> Json:
    return {**iteration_json(iteration, today), "title": iteration.title, "title_html": iteration.title}


def item_json(hub: GitHubState, project: Project, item: ProjectItem) -> Json:
    return {
        "id": item.id,
        "node_id": item.node,
        "project_node_id": project.node,
        "content_node_id": node("I", item.repo.issues[item.number].id),
        "content_type": "Issue",
        "creator": user_json(hub, project.owner),
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.updated_at),
        "archived_at": None,
    }
