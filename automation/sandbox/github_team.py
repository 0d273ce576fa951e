"""What GitHub's answers about teams look like: https://docs.github.com/en/rest/teams"""

from __future__ import annotations

from automation.sandbox.github_nouns import Team, User
from automation.sandbox.github_shapes import node, org_json, stamp
from automation.sandbox.github_state import GitHubState
from automation.sandbox.world import Json


def team_json(hub: GitHubState, team: Team) -> Json:
    """https://docs.github.com/en/rest/teams/teams#get-a-team-by-name"""
    url = f"{hub.url}/organizations/{team.org.id}/team/{team.id}"
    made = stamp(team.org.created_at)
    return {
        "id": team.id,
        "node_id": node("T", team.id),
        "url": url,
        "html_url": f"{hub.url}/orgs/{team.org.login}/teams/{team.slug}",
        "name": team.slug,
        "slug": team.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": "pull",
        "type": "organization",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "parent": None,
        "members_count": len(team.members),
        "repos_count": 0,
        "created_at": made,
        "updated_at": made,
        "organization": {
            **org_json(hub, team.org),
            "html_url": f"{hub.url}/{team.org.login}",
            "has_organization_projects": True,
            "has_repository_projects": True,
            "public_repos": 0,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "type": "Organization",
            "created_at": made,
            "updated_at": made,
            "archived_at": None,
        },
    }


def membership_json(hub: GitHubState, team: Team, user: User) -> Json:
    url = f"{hub.url}/organizations/{team.org.id}/team/{team.id}/memberships/{user.login}"
    return {"state": team.members[user], "role": "member", "url": url}
