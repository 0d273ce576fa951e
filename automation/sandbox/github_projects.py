"""Projects of organisations on the GitHub stand-in: boards with fields of their own for the issues on them.

https://docs.github.com/en/issues/planning-and-tracking-with-projects/understanding-fields
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from automation.sandbox.github_fields import GitHubFields
from automation.sandbox.github_nouns import IssueEvent, IssueField, Repo, User
from automation.sandbox.github_project_nouns import Iteration, Project, ProjectField, ProjectItem
from automation.sandbox.github_project_shapes import item_json, iteration_in_hook
from automation.sandbox.github_shapes import org_json, user_json
from automation.sandbox.world import Json, Refusal, locked


class GitHubProjects(GitHubFields):
    """Projects by their owner and number. A field of an organisation's issues can be shown as a column: that
    shows what the issue holds, and is written through the issue only."""

    @locked
    def add_project(self, org: str, title: str, id: int | None = None) -> int:
        owner = self._owner(org)
        number = 1 + max((number for who, number in self.projects if who is owner), default=0)
        made = Project(id or self.world.next_id(), number, owner, title, self.now())
        self.projects[owner, number] = made
        return number

    @locked
    def set_project_role(self, org: str, number: int, login: str, role: str | None) -> None:
        """Let somebody ``write`` to a project, ``read`` it, or neither; everybody may write at first."""
        self.project(org, number).roles[self.user(login)] = role

    @locked
    def add_project_field(
        self,
        org: str,
        number: int,
        name: str,
        data_type: str = "date",
        shows: IssueField | None = None,
        id: int | None = None,
        options: Iterable[str] = (),
    ) -> ProjectField:
        """Make a column; ``options`` are the names of what can be chosen in one of ``single_select``."""
        project = self.project(org, number)
        if any(field.name.lower() == name.lower() for field in project.fields):
            raise Refusal(422, "Validation Failed", "name")
        kind = shows.data_type if shows else data_type
        listed = {f"{self.world.next_id():08x}": option for option in options}
        made = ProjectField(id or self.world.next_id(), name, kind, shows, options=listed)
        project.fields.append(made)
        return made

    @locked
    def add_iteration(
        self, org: str, number: int, name: str, title: str, start: date, duration: int = 14
    ) -> str:
        """Add one to an iteration field. Return its id."""
        made = Iteration(f"{self.world.next_id():08x}", title, start, duration)
        self.project_field(org, number, name).iterations.append(made)
        return made.id

    @locked
    def edit_iteration(self, org: str, number: int, name: str, id: str, start: date, duration: int) -> None:
        """Give an iteration other days, in the project's settings: no webhook tells of that.
        https://docs.github.com/en/issues/planning-and-tracking-with-projects/understanding-fields/about-iteration-fields
        """
        held = self.project_field(org, number, name).iteration(id)
        if held is None:
            raise Refusal(404, "Not Found")
        held.start, held.duration = start, duration

    @locked
    def delete_iteration(self, org: str, number: int, name: str, id: str) -> None:
        """Take an iteration away, and with it what issues held of it."""
        project, column = self.project(org, number), self.project_field(org, number, name)
        column.iterations = [one for one in column.iterations if one.id != id]
        for item in project.items.values():
            if item.values.get(column) == id:
                item.put(column, None, self.now())

    @locked
    def rename_project_field(self, org: str, number: int, name: str, new: str) -> None:
        self.project_field(org, number, name).name = new

    @locked
    def add_to_project(self, actor: User, org: str, number: int, repo: str, n: int) -> ProjectItem:
        """Put an issue on a project; twice is once."""
        project = self._writable(org, number, actor)
        place = self.readable(repo, actor)
        self.issue_seen(place, n)
        found = project.item_of(place, n)
        if found is None:
            found = ProjectItem(self.world.next_id(), place, n, self.now())
            project.items[found.id] = found
            self._told(project, found, actor, "created")
        return found

    @locked
    def take_off_project(self, actor: User, org: str, number: int, repo: str, n: int) -> None:
        """Take an issue off a project, with all that it held there."""
        project = self._writable(org, number, actor)
        item = project.item_of(self.readable(repo, actor), n)
        if item is None:
            raise Refusal(404, "Not Found")
        del project.items[item.id]
        self._told(project, item, actor, "deleted")

    @locked
    def set_project_value(
        self,
        actor: User,
        project: Project,
        item: ProjectItem,
        field: ProjectField,
        value: str | None,
        automated: bool = False,
    ) -> None:
        """Set or clear what an item holds in a field of its project. Of one that shows an issue's field,
        nothing but that can be set. ``automated``: a workflow of the project does it."""
        self._may_write(project, actor)
        if field.shows is not None:
            raise Refusal(422, "The field is an issue field: set it on the issue")
        if value is not None and field.data_type == "date":
            try:
                date.fromisoformat(value)
            except ValueError:
                raise Refusal(422, "Validation Failed", "value") from None
        if value is not None and field.data_type == "iteration" and field.iteration(value) is None:
            raise Refusal(422, "The iteration Id does not belong to the field")
        if value is not None and field.data_type == "single_select" and value not in field.options:
            raise Refusal(422, "The single select option Id does not belong to the field")
        old = item.values.get(field)
        if value == old:
            return
        item.put(field, value, self.now())
        if field.is_status:
            now, before = (field.options.get(one or "", "") for one in (value, old))
            what, n, id = "project_v2_item_status_changed", item.number, self.world.next_id()
            item.repo.note(
                IssueEvent(
                    id,
                    n,
                    actor,
                    what,
                    self.now(),
                    now,
                    before,
                    project=project.node,
                    automated=automated,
                )
            )
        change: Json = {
            "field_node_id": field.node,
            "field_type": field.data_type,
            "field_name": field.name,
            "project_number": project.number,
            "from": self._told_value(field, old),
            "to": self._told_value(field, value),
        }
        self._told(project, item, actor, "edited", changes={"field_value": change})

    def project(self, org: str, number: int) -> Project:
        try:
            return self.projects[self._owner(org), number]
        except KeyError:
            raise Refusal(404, "Not Found") from None

    def project_field(self, org: str, number: int, name: str) -> ProjectField:
        for field in self.project(org, number).fields:
            if field.name.lower() == name.lower():
                return field
        raise Refusal(404, "Not Found")

    def projects_with(self, repo: Repo, n: int) -> list[tuple[Project, ProjectItem]]:
        """Return the projects that an issue is on, each with its item there."""
        found = ((project, project.item_of(repo, n)) for project in self.projects.values())
        return [(project, item) for project, item in found if item is not None]

    def _told_value(self, field: ProjectField, value: str | None) -> Json | str | None:
        """A day is told with a time, as midnight, an iteration with its days, one of a list with its name."""
        if value and field.data_type == "single_select":
            return {"id": value, "name": field.options[value], "color": "GRAY", "description": ""}
        if value and field.data_type == "iteration":
            held = field.iteration(value)
            return iteration_in_hook(held, self.now().date()) if held else None
        return f"{value}T00:00:00+00:00" if value and field.data_type == "date" else value

    def _writable(self, org: str, number: int, actor: User) -> Project:
        project = self.project(org, number)
        self._may_write(project, actor)
        return project

    def _may_write(self, project: Project, actor: User) -> None:
        if not project.may(actor, "read"):
            raise Refusal(404, "Not Found")
        if not project.may(actor, "write"):
            raise Refusal(403, "Resource not accessible by personal access token")

    def _told(self, project: Project, item: ProjectItem, actor: User, action: str, **more: Json) -> None:
        """Tell it by the organisation's webhook: of no repository, no number and no title."""
        payload: Json = {
            "action": action,
            **more,
            "projects_v2_item": item_json(self, project, item),
            "organization": org_json(self, project.owner),
            "sender": user_json(self, actor),
        }
        about = {
            "X-GitHub-Hook-Installation-Target-ID": str(project.owner.id),
            "X-GitHub-Hook-Installation-Target-Type": "organization",
        }
        self.hooks.send("github", "projects_v2_item", payload, about)
