"""What Jira Cloud's answers look like: https://developer.atlassian.com/cloud/jira/platform/rest/v3/"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, tzinfo

from automation.sandbox import adf
from automation.sandbox.jira_nouns import (
    RESOLUTIONS,
    ROLE_IDS,
    STATUSES,
    Change,
    FixVersion,
    Group,
    JiraComment,
    JiraIssue,
    JiraUser,
    Project,
    RemoteLink,
)
from automation.sandbox.jira_state import JiraState
from automation.sandbox.world import Json

MOST_INLINE = 100
"""Comments, and entries of its history, that come with an issue on Cloud; the rest has to be asked for."""


def stamp(moment: datetime) -> str:
    """Write a time as Jira does, in the zone that it has."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}{moment:%z}"


def millis(site: JiraState) -> int:
    """Return the time of now as webhooks give it."""
    return int(site.world.now().timestamp() * 1000)


def api(site: JiraState) -> str:
    return f"{site.url}/rest/api/3"


def user_json(site: JiraState, user: JiraUser) -> Json:
    avatar = f"{site.url}/avatars/{user.account_id}"
    return {
        "self": f"{api(site)}/user?accountId={user.account_id}",
        "accountId": user.account_id,
        "accountType": "atlassian",
        "emailAddress": user.email,
        "avatarUrls": {f"{size}x{size}": f"{avatar}?size={size}" for size in (16, 24, 32, 48)},
        "displayName": user.display,
        "active": True,
        "timeZone": "Etc/UTC",
    }


def in_hook(site: JiraState, user: JiraUser) -> Json:
    """Webhooks carry no e-mail address."""
    return {key: value for key, value in user_json(site, user).items() if key != "emailAddress"}


def group_json(site: JiraState, group: Group) -> Json:
    url = f"{api(site)}/group?groupId={group.id}"
    return {"name": group.name, "groupId": group.id, "self": url}


def issue_json(
    site: JiraState,
    issue: JiraIssue,
    fields: Collection[str] = ("*all",),
    comments: Sequence[JiraComment] | None = None,
    zone: tzinfo | None = None,
) -> Json:
    """Write an issue with the fields asked for; ``*all`` and ``*navigable`` are all of them. ``comments`` are
    those that whoever asks may read, of which the newest are shown; instants are written in ``zone``, in that
    of the account if none is given."""
    every = {
        "summary": issue.summary,
        "description": issue.description,
        "status": status_json(site, issue.status),
        "duedate": issue.duedate.isoformat() if issue.duedate else None,
        "assignee": user_json(site, issue.assignee) if issue.assignee else None,
        "reporter": user_json(site, issue.reporter),
        "creator": user_json(site, issue.reporter),
        "labels": list(issue.labels),
        "security": level_json(site) if issue.security is not None else None,
        "project": project_json(site, issue.project),
        "issuetype": type_json(site),
        "resolution": resolution_json(site, issue.resolution) if issue.resolution else None,
        "fixVersions": [
            version_json(site, site.releases[id], bare=True)
            for id in issue.fix_versions
            if id in site.releases
        ],
        "created": stamp(issue.created),
        "updated": stamp(issue.updated),
    }
    # A field that is not on the issue's project is not spoken of; an empty one is null.
    for custom in site.fields.values():
        if custom.on(issue.project):
            held = issue.custom.get(custom.id)
            if isinstance(held, datetime):
                every[custom.id] = stamp(held.astimezone(site.zone if zone is None else zone))
            else:
                every[custom.id] = _told(held)
    if "comment" in fields or "*all" in fields:
        every["comment"] = comments_json(site, issue, comments)
    wanted = every.keys() if {"*all", "*navigable"} & set(fields) else fields
    return {
        "expand": "renderedFields,names,schema,operations,editmeta,changelog",
        "id": issue.id,
        "self": f"{api(site)}/issue/{issue.id}",
        "key": issue.key,
        "fields": {
            name: value for name, value in every.items() if name in wanted and f"-{name}" not in fields
        },
    }


def type_json(site: JiraState) -> Json:
    """Write the one type of issues there is."""
    url = f"{api(site)}/issuetype/10001"
    return {"self": url, "id": "10001", "name": "Task", "subtask": False, "hierarchyLevel": 0}


def comments_json(site: JiraState, issue: JiraIssue, found: Sequence[JiraComment] | None) -> Json:
    found = site.shown_comments(issue.key) if found is None else found
    newest = found[-MOST_INLINE:]
    return {
        "self": f"{api(site)}/issue/{issue.id}/comment",
        "startAt": len(found) - len(newest),
        "maxResults": len(newest),
        "total": len(found),
        "comments": [comment_json(site, comment) for comment in newest],
    }


def history_json(site: JiraState, changes: Sequence[Change]) -> Json:
    """Write the history that comes with an issue: its newest part, the newest first.
    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issues/#api-rest-api-3-issue-issueidorkey-get"""
    newest = [change_json(site, change) for change in reversed(changes[-MOST_INLINE:])]
    return {"startAt": 0, "maxResults": len(newest), "total": len(changes), "histories": newest}


def status_json(site: JiraState, name: str) -> Json:
    id, category, number = STATUSES[name]
    return {
        "self": f"{api(site)}/status/{id}",
        "id": id,
        "name": name,
        "description": "",
        "iconUrl": f"{site.url}/images/status.png",
        "statusCategory": {
            "self": f"{api(site)}/statuscategory/{number}",
            "id": number,
            "key": category,
            "colorName": "green" if category == "done" else "blue-gray",
            "name": name,
        },
    }


def resolution_json(site: JiraState, name: str) -> Json:
    id = RESOLUTIONS.get(name, "11000")
    return {"self": f"{api(site)}/resolution/{id}", "id": id, "description": "", "name": name}


def version_json(site: JiraState, version: FixVersion, bare: bool = False) -> Json:
    """Write a version; ``bare``, as it stands among an issue's fields. Without a date it does not speak of
    one. https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-versions/"""
    shape: Json = {
        "self": f"{api(site)}/version/{version.id}",
        "id": version.id,
        "name": version.name,
        "archived": version.archived,
        "released": version.released,
    }
    due = version.release_date
    if due is not None:
        shape["releaseDate"] = due.isoformat()
        if not bare:
            shape["userReleaseDate"] = f"{due.day}/{due:%b/%y}"
            shape["overdue"] = not version.released and due < site.world.now().date()
    return shape if bare else shape | {"projectId": int(version.project)}


def project_json(site: JiraState, project: Project) -> Json:
    return {
        "self": f"{api(site)}/project/{project.id}",
        "id": project.id,
        "key": project.key,
        "name": project.name,
        "projectTypeKey": project.type,
        "simplified": False,
    }


def level_json(site: JiraState) -> Json:
    """Write the one security level there is."""
    return {
        "self": f"{api(site)}/securitylevel/10021",
        "id": "10021",
        "name": "Confidential",
        "description": "",
    }


def comment_json(site: JiraState, comment: JiraComment, properties: bool = False) -> Json:
    answer: Json = {
        "self": f"{api(site)}/issue/{comment.issue}/comment/{comment.id}",
        "id": comment.id,
        "author": user_json(site, comment.author),
        "body": comment.body,
        "updateAuthor": user_json(site, comment.update_author),
        "created": stamp(comment.created),
        "updated": stamp(comment.updated),
        "jsdPublic": comment.properties.get("sd.public.comment") != {"internal": True},
    }
    if comment.visibility is not None:
        answer["visibility"] = comment.visibility
    if properties:
        answer["properties"] = [{"key": key, "value": value} for key, value in comment.properties.items()]
    return answer


def change_json(site: JiraState, change: Change) -> Json:
    return {
        "id": change.id,
        "author": user_json(site, change.author),
        "created": stamp(change.created),
        "items": list(change.items),
    }


def link_json(site: JiraState, link: RemoteLink) -> Json:
    answer: Json = {
        "id": link.id,
        "self": f"{api(site)}/issue/{link.issue}/remotelink/{link.id}",
        "globalId": link.global_id,
        "application": link.application,
        "object": link.object,
    }
    if link.relationship is not None:
        answer["relationship"] = link.relationship
    return answer


def role_json(site: JiraState, project: Project, role: str) -> Json:
    actors = []
    for number, actor in enumerate(project.roles[role], 1):
        kind = "group" if isinstance(actor, Group) else "user"
        shape: Json = {"id": ROLE_IDS[role] * 100 + number, "type": f"atlassian-{kind}-role-actor"}
        if isinstance(actor, Group):
            who = {"name": actor.name, "displayName": actor.name, "groupId": actor.id}
            shape |= {"displayName": actor.name, "name": actor.name, "actorGroup": who}
        else:
            shape |= {"displayName": actor.display, "actorUser": {"accountId": actor.account_id}}
        actors.append(shape)
    id = ROLE_IDS[role]
    url = f"{api(site)}/project/{project.id}/role/{id}"
    return {"self": url, "name": role, "id": id, "description": f"{role} of the project", "actors": actors}


def server_json(site: JiraState) -> Json:
    return {
        "baseUrl": site.url,
        "displayUrl": site.url,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100275,
        "buildDate": "2026-11-01T00:00:00.000+0000",
        "serverTime": stamp(site.world.now()),
        "serverTimeZone": "Etc/UTC",
        "scmInfo": "0" * 40,
        "serverTitle": "Jira",
    }


def issue_in_hook(site: JiraState, issue: JiraIssue) -> Json:
    """Webhooks carry an issue in the shape of the v2 API: words are text, not documents.
    https://developer.atlassian.com/cloud/jira/platform/webhooks/"""
    shape = issue_json(site, issue, ("*navigable",), zone=UTC)
    shape["self"] = f"{site.url}/rest/api/2/{issue.id}"
    fields = shape["fields"]
    fields |= {name: adf.to_text(said) for name, said in fields.items() if _is_document(said)}
    for name, user in (
        ("assignee", issue.assignee),
        ("reporter", issue.reporter),
        ("creator", issue.reporter),
    ):
        fields[name] = in_hook(site, user) if user else None
    return shape


def _is_document(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") == "doc"


def _told(held: date | str | Json | None) -> str | Json | None:
    return held.isoformat() if isinstance(held, date) else held


def comment_in_hook(site: JiraState, comment: JiraComment) -> Json:
    return {
        **comment_json(site, comment),
        "self": f"{site.url}/rest/api/2/issue/{comment.issue}/comment/{comment.id}",
        "author": in_hook(site, comment.author),
        "updateAuthor": in_hook(site, comment.update_author),
        "body": adf.to_wiki(comment.body),
    }
