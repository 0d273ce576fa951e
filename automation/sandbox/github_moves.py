"""What changes its address on the GitHub stand-in: a repository that is renamed, an issue transferred.

https://docs.github.com/en/repositories/creating-and-managing-repositories/renaming-a-repository
https://docs.github.com/en/issues/tracking-your-work-with-issues/administering-issues/transferring-an-issue-to-another-repository
"""

from __future__ import annotations

import dataclasses
import re

from automation.sandbox.github_nouns import Issue, IssueEvent, Milestone, Repo, User
from automation.sandbox.github_shapes import issue_json, repo_json
from automation.sandbox.github_world import GitHubWorld
from automation.sandbox.world import Json, Refusal, locked

_BY_NAME = re.compile(r"/repos/([^/]+)/([^/]+)(/.*)?")
_BY_ID = re.compile(r"/repositories/([0-9]{1,18})(/.*)?")
_ISSUE = re.compile(r"/issues/([0-9]{1,18})(/.*)?")


class Elsewhere(Refusal):
    """What is asked for has another address now."""

    def __init__(self, location: str, reads: bool) -> None:
        super().__init__(301 if reads else 307, "Moved Permanently" if reads else "Temporary Redirect")
        self.location = location


class GitHubMoves(GitHubWorld):
    """The world with its renames and transfers."""

    @locked
    def rename_repo(self, actor: User, repo: str, name: str) -> str:
        """Give a repository another name; its old one leads to it until another repository takes it.
        Return its full name."""
        place = self.readable(repo, actor)
        self._demand(place, actor, "admin")
        old, full = place.name, f"{place.owner.login}/{name}"
        if self.repos.get(full.lower(), place) is not place:
            raise Refusal(422, "Validation Failed", "name")
        del self.repos[repo.lower()]
        self.led_away[repo.lower()] = place
        place.name = name
        self.repos[full.lower()] = place
        self.led_away.pop(full.lower(), None)
        self._say(place, actor, "repository", "renamed", changes={"repository": {"name": {"from": old}}})
        return full

    @locked
    def transfer_issue(self, actor: User, repo: str, n: int, to: str) -> Issue:
        """Move an issue to another repository of the same owner. There it is new in all but what people
        see: it has another id and number, and so have its comments and its history. Labels and a milestone
        go with it where there are such, of the same name and date."""
        place, issue = self._issue(repo, n, actor)
        target = self.writable(to, actor)
        for each in (place, target):
            self._demand(each, actor, "write")
        if target.owner is not place.owner or target is place or (target.private < place.private):
            raise Refusal(422, "Validation Failed", "repository")
        was, left = issue_json(self, place, issue), place
        made = self._arrived(place, issue, target)
        for project in self.projects.values():
            if item := project.item_of(place, n):
                item.repo, item.number = target, made.number
        self._note(target, made, actor, "transferred")
        place.drop_issue(issue)
        del place.versions[n]
        self.transferred[place.id, n] = (target, made.number)
        is_now, there = issue_json(self, target, made), repo_json(self, target)
        self._say(
            left,
            actor,
            "issues",
            "transferred",
            changes={"new_issue": is_now, "new_repository": there},
            issue=was,
        )
        came: Json = {"old_issue": was, "old_repository": repo_json(self, left)}
        self._say(target, actor, "issues", "opened", changes=came, issue=is_now)
        return made

    def where(self, path: str, reader: User | None, reads: bool) -> str:
        """Return the path by names of what a path means. Raise Elsewhere where another path does by now."""
        by_id, by_name = _BY_ID.fullmatch(path), _BY_NAME.fullmatch(path)
        if by_id:
            found = next((repo for repo in self.repos.values() if repo.id == int(by_id[1])), None)
            rest, renamed = by_id[2] or "", False
        elif by_name:
            name = f"{by_name[1]}/{by_name[2]}".lower()
            found, rest = self.repos.get(name) or self.led_away.get(name), by_name[3] or ""
            renamed = name not in self.repos
        else:
            return path
        if found is None or not found.may(reader, "read"):
            return path  # which leads nowhere
        issue = _ISSUE.fullmatch(rest)
        if issue and (found.id, int(issue[1])) in self.transferred:
            target, number = self.transferred[found.id, int(issue[1])]
            if not target.may(reader, "read"):
                raise Refusal(404, "Not Found")
            raise Elsewhere(f"{self.url}/repositories/{target.id}/issues/{number}{issue[2] or ''}", reads)
        if renamed:
            raise Elsewhere(f"{self.url}/repositories/{found.id}{rest}", reads)
        return f"/repos/{found.full_name}{rest}"

    def _arrived(self, place: Repo, issue: Issue, target: Repo) -> Issue:
        """Make in another repository what an issue is there."""
        held = issue.milestone and self._same(target, issue.milestone)
        labels = tuple(name for name in issue.labels if name.lower() in target.labels)
        target.last_issue = max(target.last_issue, len(target.versions)) + 1
        made = dataclasses.replace(
            issue,
            id=self.world.next_id(),
            number=target.last_issue,
            milestone=held,
            labels=labels,
            values=tuple(held for held in issue.values if place.owner is target.owner),
            updated_at=self.now(),
        )
        target.put_issue(made)
        for comment in self.comments(place.full_name, issue.number):
            place.drop_comment(comment)
            target.put_comment(dataclasses.replace(comment, id=self.world.next_id(), issue=made.number))
        for event in self.events(place.full_name, issue.number):
            target.note(_copied(event, self.world.next_id(), made.number))
        return made

    def _same(self, target: Repo, milestone: Milestone) -> Milestone | None:
        found = target.titles.get(milestone.title)
        return found if found and found.due_on == milestone.due_on else None


def _copied(event: IssueEvent, id: int, issue: int) -> IssueEvent:
    return dataclasses.replace(event, id=id, issue=issue)
