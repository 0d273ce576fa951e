"""Acting as a person does on the GitHub stand-in's site, without HTTP but on the same path."""

from __future__ import annotations

from datetime import date

from automation.sandbox.github_nouns import User, due_on
from automation.sandbox.github_projects import GitHubProjects
from automation.sandbox.world import KEEP, Keep


class GitHub(GitHubProjects):
    """The GitHub stand-in, as the demo and the tests hold it."""

    def as_user(self, login: str) -> GitHubPerson:
        """Act as somebody does on the site."""
        return GitHubPerson(self, self.user(login))


class GitHubPerson:
    """A person at the GitHub stand-in's site; milestones go by title, days are calendar days."""

    def __init__(self, hub: GitHubProjects, user: User) -> None:
        self.hub = hub
        self.user = user

    def open_issue(self, repo: str, title: str, body: str = "") -> int:
        return self.hub.open_issue(self.user, repo, title, body).number

    def edit_issue(
        self,
        repo: str,
        n: int,
        title: str | None = None,
        body: str | None = None,
        state: str | None = None,
        reason: str | None = None,
    ) -> None:
        self.hub.edit_issue(self.user, repo, n, title=title, body=body, state=state, reason=reason)

    def set_milestone(self, repo: str, n: int, title: str | None) -> None:
        self.hub.set_milestone(self.user, repo, n, self.hub.milestone(repo, title) if title else None)

    def set_field(self, repo: str, n: int, name: str, value: date | str | float | None) -> None:
        held = value.isoformat() if isinstance(value, date) else value
        field = self.hub.issue_field(repo.split("/")[0], name)
        self.hub.set_field(self.user, repo, n, field, held)

    def add_to_project(self, org: str, number: int, repo: str, n: int) -> None:
        self.hub.add_to_project(self.user, org, number, repo, n)

    def take_off_project(self, org: str, number: int, repo: str, n: int) -> None:
        self.hub.take_off_project(self.user, org, number, repo, n)

    def set_project_date(self, org: str, number: int, repo: str, n: int, name: str, day: date | None) -> None:
        """Fill a column, as on a project's table; one that shows an issue's field sets that."""
        field = self.hub.project_field(org, number, name)
        if field.shows is not None:
            self.set_field(repo, n, field.shows.name, day)
            return
        item = self.hub.add_to_project(self.user, org, number, repo, n)
        project, written = self.hub.project(org, number), day.isoformat() if day else None
        self.hub.set_project_value(self.user, project, item, field, written)

    def set_iteration(self, org: str, number: int, repo: str, n: int, name: str, id: str | None) -> None:
        """Give an issue on a project an iteration of an iteration field, by its id, or none."""
        item = self.hub.add_to_project(self.user, org, number, repo, n)
        project, field = self.hub.project(org, number), self.hub.project_field(org, number, name)
        self.hub.set_project_value(self.user, project, item, field, id)

    def set_status(
        self, org: str, number: int, repo: str, n: int, status: str | None, by_rule: bool = False
    ) -> None:
        """Move an issue on a project to a status column, by its name; ``by_rule``: a workflow does it."""
        item = self.hub.add_to_project(self.user, org, number, repo, n)
        project, field = self.hub.project(org, number), self.hub.project_field(org, number, "Status")
        chosen = next((id for id, name in field.options.items() if name == status), None)
        self.hub.set_project_value(self.user, project, item, field, chosen, by_rule)

    def set_private(self, repo: str, private: bool) -> None:
        self.hub.change_visibility(self.user, repo, private)

    def archive(self, repo: str, archived: bool = True) -> None:
        self.hub.archive(self.user, repo, archived)

    def label(self, repo: str, n: int, name: str) -> None:
        self.hub.label(self.user, repo, n, name)

    def unlabel(self, repo: str, n: int, name: str) -> None:
        self.hub.unlabel(self.user, repo, n, name)

    def rename_label(self, repo: str, name: str, new: str) -> None:
        self.hub.rename_label(self.user, repo, name, new)

    def comment(self, repo: str, n: int, text: str) -> int:
        return self.hub.comment(self.user, repo, n, text).id

    def edit_comment(self, repo: str, id: int, text: str) -> None:
        self.hub.edit_comment(self.user, repo, id, text)

    def delete_comment(self, repo: str, id: int) -> None:
        self.hub.delete_comment(self.user, repo, id)

    def delete_issue(self, repo: str, n: int) -> None:
        self.hub.delete_issue(self.user, repo, n)

    def add_milestone(self, repo: str, title: str, due: date | None = None) -> int:
        return self.hub.create_milestone(self.user, repo, title, due_on(due) if due else None).number

    def delete_milestone(self, repo: str, title: str) -> None:
        self.hub.delete_milestone(self.user, repo, self.hub.milestone(repo, title).number)

    def rename_repo(self, repo: str, name: str) -> str:
        return self.hub.rename_repo(self.user, repo, name)

    def transfer_issue(self, repo: str, n: int, to: str) -> int:
        return self.hub.transfer_issue(self.user, repo, n, to).number

    def forget_revision(self, repo: str, n: int, index: int) -> None:
        self.hub.forget_revision(self.user, repo, n, index)

    def edit_milestone(
        self,
        repo: str,
        title: str,
        new_title: str | None = None,
        due: date | Keep | None = KEEP,
        state: str | None = None,
    ) -> None:
        moment = due if due is KEEP or due is None else due_on(due)
        number = self.hub.milestone(repo, title).number
        self.hub.change_milestone(self.user, repo, number, title=new_title, due=moment, state=state)
