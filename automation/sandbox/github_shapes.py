"""What GitHub's answers look like: https://docs.github.com/en/rest"""

from __future__ import annotations

from datetime import datetime

from automation.sandbox.github_field_shapes import values_of
from automation.sandbox.github_nouns import (
    ROLES,
    Comment,
    Issue,
    IssueEvent,
    Label,
    Milestone,
    Repo,
    User,
)
from automation.sandbox.github_state import GitHubState
from automation.sandbox.world import Json

FOLDED = {"triage": "read", "maintain": "write"}
"""What ``permission`` says for the roles it does not know."""


def stamp(moment: datetime | None) -> str | None:
    """Write a time as GitHub does."""
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0") if moment else None  # also of the year 1


def node(kind: str, id: int) -> str:
    return f"{kind}_{id}"


def user_json(hub: GitHubState, user: User) -> Json:
    url = f"{hub.url}/users/{user.login}"
    return {
        "login": user.login,
        "id": user.id,
        "node_id": node("O" if user.type == "Organization" else "U", user.id),
        "avatar_url": f"{hub.url}/avatars/{user.id}",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{hub.url}/{user.login}",
        "followers_url": f"{url}/followers",
        "following_url": f"{url}/following{{/other_user}}",
        "gists_url": f"{url}/gists{{/gist_id}}",
        "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{url}/subscriptions",
        "organizations_url": f"{url}/orgs",
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events{{/privacy}}",
        "received_events_url": f"{url}/received_events",
        "type": user.type,
        "site_admin": False,
    }


def profile_json(hub: GitHubState, user: User, private: bool = False) -> Json:
    """The long form of a user; ``private`` as only they see it themselves."""
    nothing = ("company", "location", "email", "hireable", "bio")
    hidden = ("total_private_repos", "owned_private_repos", "collaborators", "private_gists", "disk_usage")
    answer: Json = {
        **user_json(hub, user),
        **dict.fromkeys(nothing),
        **dict.fromkeys(("public_repos", "public_gists", "followers", "following"), 0),
        "name": user.name or None,  # people need not have one
        "blog": "",
        "user_view_type": "private" if private else "public",
        "created_at": stamp(user.created_at),
        "updated_at": stamp(user.created_at),
    }
    if private:
        answer |= {**dict.fromkeys(hidden, 0), "two_factor_authentication": True}
    return answer


def org_json(hub: GitHubState, org: User) -> Json:
    url = f"{hub.url}/orgs/{org.login}"
    return {
        "login": org.login,
        "id": org.id,
        "node_id": node("O", org.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"{hub.url}/avatars/{org.id}",
        "description": None,
    }


# The addresses under a repository, as GitHub names them.
_UNDER = {
    "archive": "/{archive_format}{/ref}",
    "assignees": "/assignees{/user}",
    "blobs": "/git/blobs{/sha}",
    "branches": "/branches{/branch}",
    "collaborators": "/collaborators{/collaborator}",
    "comments": "/comments{/number}",
    "commits": "/commits{/sha}",
    "compare": "/compare/{base}...{head}",
    "contents": "/contents/{+path}",
    "contributors": "/contributors",
    "deployments": "/deployments",
    "downloads": "/downloads",
    "events": "/events",
    "forks": "/forks",
    "git_commits": "/git/commits{/sha}",
    "git_refs": "/git/refs{/sha}",
    "git_tags": "/git/tags{/sha}",
    "hooks": "/hooks",
    "issue_comment": "/issues/comments{/number}",
    "issue_events": "/issues/events{/number}",
    "issues": "/issues{/number}",
    "keys": "/keys{/key_id}",
    "labels": "/labels{/name}",
    "languages": "/languages",
    "merges": "/merges",
    "milestones": "/milestones{/number}",
    "notifications": "/notifications{?since,all,participating}",
    "pulls": "/pulls{/number}",
    "releases": "/releases{/id}",
    "stargazers": "/stargazers",
    "statuses": "/statuses/{sha}",
    "subscribers": "/subscribers",
    "subscription": "/subscription",
    "tags": "/tags",
    "teams": "/teams",
    "trees": "/git/trees{/sha}",
}


def repo_json(hub: GitHubState, repo: Repo, reader: User | None = None) -> Json:
    url = f"{hub.url}/repos/{repo.full_name}"
    html = f"{hub.url}/{repo.full_name}"
    still_open = repo.count("open")
    counts = ("forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size")
    has = ("has_issues", "has_projects", "has_wiki", "has_downloads")
    names = {"read": "pull", "write": "push"}
    answer: Json = {
        **{f"{name}_url": url + path for name, path in _UNDER.items()},
        **dict.fromkeys((*counts, "network_count", "subscribers_count"), 0),
        **dict.fromkeys(has, True),
        **dict.fromkeys(("has_pages", "has_discussions", "fork", "disabled"), False),
        "archived": repo.archived,
        **dict.fromkeys(("description", "homepage", "language", "license", "mirror_url")),
        "id": repo.id,
        "node_id": node("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user_json(hub, repo.owner),
        "private": repo.private,
        "visibility": "private" if repo.private else "public",
        "url": url,
        "html_url": html,
        "clone_url": f"{html}.git",
        "git_url": f"{html}.git",
        "ssh_url": f"git@localhost:{repo.full_name}.git",
        "svn_url": html,
        "default_branch": "main",
        "open_issues": still_open,
        "open_issues_count": still_open,
        "created_at": stamp(repo.created_at),
        "updated_at": stamp(repo.created_at),
        "pushed_at": stamp(repo.created_at),
    }
    if reader:
        answer["permissions"] = {names.get(role, role): repo.may(reader, role) for role in ROLES}
    return answer


def milestone_json(hub: GitHubState, repo: Repo, milestone: Milestone, lags: str = "") -> Json:
    """``lags``: somebody reads it, whom another copy of the data may answer, by the lag of that kind."""
    due_on, updated_at = milestone.due_on, milestone.updated_at
    if lags:
        since, due_on = hub.world.as_shown(milestone.dues, lambda one: one[0], lags)
        if due_on != milestone.due_on:
            updated_at = since
    url = f"{hub.url}/repos/{repo.full_name}/milestones/{milestone.number}"
    return {
        "id": milestone.id,
        "node_id": node("MI", milestone.id),
        "number": milestone.number,
        "title": milestone.title,
        "description": milestone.description,
        "state": milestone.state,
        "due_on": stamp(due_on),
        "creator": user_json(hub, milestone.creator),
        "open_issues": repo.count("open", milestone),
        "closed_issues": repo.count("closed", milestone),
        "created_at": stamp(milestone.created_at),
        "updated_at": stamp(updated_at),
        "closed_at": stamp(milestone.closed_at),
        "url": url,
        "labels_url": f"{url}/labels",
        "html_url": f"{hub.url}/{repo.full_name}/milestone/{milestone.number}",
    }


def label_json(hub: GitHubState, repo: Repo, label: Label) -> Json:
    return {
        "id": label.id,
        "node_id": node("LA", label.id),
        "url": f"{hub.url}/repos/{repo.full_name}/labels/{label.name}",
        "name": label.name,
        "color": label.color,
        "default": False,
        "description": None,
    }


def association(hub: GitHubState, repo: Repo, user: User) -> str:
    """Say how ``user`` stands to ``repo``; for show only, as on GitHub."""
    if user is repo.owner:
        return "OWNER"
    teams = (team for team in hub.teams.values() if team.org is repo.owner)
    if any(team.members.get(user) == "active" for team in teams):
        return "MEMBER"
    return "COLLABORATOR" if user in repo.roles else "NONE"


def issue_json(hub: GitHubState, repo: Repo, issue: Issue, lags: str = "") -> Json:
    repository = f"{hub.url}/repos/{repo.full_name}"
    url = f"{repository}/issues/{issue.number}"
    held = issue.milestone
    return {
        "id": issue.id,
        "node_id": node("I", issue.id),
        "number": issue.number,
        "title": issue.title,
        "body": issue.body or None,
        "user": user_json(hub, issue.author),
        "author_association": association(hub, repo, issue.author),
        "state": issue.state,
        "state_reason": issue.reason,
        "locked": False,
        "active_lock_reason": None,
        "assignee": None,
        "assignees": [],
        "labels": [label_json(hub, repo, repo.labels[name.lower()]) for name in issue.labels],
        "milestone": milestone_json(hub, repo, held, lags) if held else None,
        **values_of(hub, repo, issue),
        "comments": len(repo.comments_of[issue.number]),
        "created_at": stamp(issue.created_at),
        "updated_at": stamp(issue.updated_at),
        "closed_at": stamp(issue.closed_at),
        "reactions": _reactions(url),
        "performed_via_github_app": None,
        "url": url,
        "repository_url": repository,
        "labels_url": f"{url}/labels{{/name}}",
        "comments_url": f"{url}/comments",
        "events_url": f"{url}/events",
        "timeline_url": f"{url}/timeline",
        "html_url": f"{hub.url}/{repo.full_name}/issues/{issue.number}",
    }


def comment_json(hub: GitHubState, repo: Repo, comment: Comment) -> Json:
    issues = f"{hub.url}/repos/{repo.full_name}/issues"
    url = f"{issues}/comments/{comment.id}"
    html = f"{hub.url}/{repo.full_name}/issues/{comment.issue}#issuecomment-{comment.id}"
    return {
        "id": comment.id,
        "node_id": node("IC", comment.id),
        "url": url,
        "html_url": html,
        "issue_url": f"{issues}/{comment.issue}",
        "user": user_json(hub, comment.author),
        "author_association": association(hub, repo, comment.author),
        "body": comment.body,
        "created_at": stamp(comment.created_at),
        "updated_at": stamp(comment.updated_at),
        "performed_via_github_app": None,
        "reactions": _reactions(url),
    }


def event_json(hub: GitHubState, repo: Repo, event: IssueEvent) -> Json:
    answer: Json = {
        "id": event.id,
        "node_id": node("EV", event.id),
        "url": f"{hub.url}/repos/{repo.full_name}/issues/events/{event.id}",
        "actor": user_json(hub, event.actor),
        "event": event.what,
        "commit_id": None,
        "commit_url": None,
        "created_at": stamp(event.created_at),
        "performed_via_github_app": None,
    }
    if event.what in {"milestoned", "demilestoned"}:
        answer["milestone"] = {"title": event.name}
    elif event.what in {"labeled", "unlabeled"}:
        answer["label"] = {"name": event.name, "color": "ededed"}
    elif event.what == "renamed":
        answer["rename"] = {"from": event.renamed_from, "to": event.name}
    return answer


def permission_json(hub: GitHubState, repo: Repo, user: User) -> Json:
    role = repo.role(user) or "none"
    return {
        "permission": FOLDED.get(role, role),
        "role_name": role,
        "user": {**user_json(hub, user), "role_name": role},
    }


def _reactions(url: str) -> Json:
    faces = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{url}/reactions", "total_count": 0, **dict.fromkeys(faces, 0)}
