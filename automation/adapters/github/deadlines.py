"""The deadline fields of GitHub's issues: each read, written and told of by history as it declares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from automation.adapters.errors import Missing, Rejected
from automation.adapters.field_names import AGAIN, Misnamed
from automation.adapters.github import answers, columns, graph, projects
from automation.adapters.github.api import Api
from automation.adapters.github.comments import HOUR, Comments
from automation.adapters.github.dates import PROJECTS, DateFields, Field
from automation.adapters.github.due_dates import DueDate
from automation.adapters.github.graph_errors import Undefined
from automation.adapters.github.issue_fields import VALUES, OfIssue, path_of
from automation.adapters.github.milestones import OfMilestone
from automation.adapters.github.place import Place
from automation.adapters.github.projects import OfProject
from automation.adapters.shapes import at, text_or_empty
from automation.model import CARRIER, Carrier, Issue, Move, Subject, Value, Way, board_number
from automation.ports import Refused, Unseen
from automation.ports.recent import Recent
from automation.rulebook.schema import DateName

FIELDS, STATUSES = "fields", "statuses"
"""What GraphQL's schema may not have."""
NOT_TOLD = "This GitHub server does not tell who moved an issue on a project, so that no move is an answer."


class Deadlines(Comments):
    """The part of the ``Tracker`` port that is about deadlines. ``dates`` (what the rules call them),
    ``owners`` (of the repositories in the rules), ``labels`` and ``columns`` (by which people may answer) are
    asked at each use."""

    def __init__(
        self,
        api: Api,
        marker_key: bytes,
        clock: Callable[[], float],
        dates: Callable[[], Sequence[DateName]],
        owners: Callable[[], Collection[str]],
        labels: Callable[[], Collection[str]],
        columns: Callable[[], Collection[Way]],
    ) -> None:
        super().__init__(api, marker_key, clock)
        self._dates = DateFields(api, dates, owners, clock)
        self._owners = owners
        self._labels = labels
        self._columns = columns
        self._unknown: Recent[str, bool] = Recent(HOUR, clock)

    def issue(self, subject: Subject) -> Issue | None:
        raise NotImplementedError

    def carrier(self, subject: Subject) -> Carrier | None:
        raise NotImplementedError

    # ------------------------------------------------------------ the truth

    def fields(self, place: Place) -> Mapping[str, Field]:
        """Return the deadline fields of a place's issues, by id."""
        return self._dates.of(place.owner)

    def ask(self, place: Place, whole: bool, edits: bool) -> object:
        """Ask GraphQL for an issue, with the values of its fields in it: in one question, where its schema
        has them, else in two. A schema without them refuses the whole question, so that it is not asked so
        again for an hour; so with who moved it on projects."""
        asked = {**place.named, "whole": whole, "edits": edits}
        made, statuses = self._any(place, OfIssue), bool(self._columns())
        boards, marks = self._any(place, OfProject), statuses or bool(self._labels())
        known = {part for part, want in ((FIELDS, made), (STATUSES, statuses)) if want} - self._unheard_of()
        fewer = [{part} for part in sorted(known)] if len(known) > 1 else []
        for parts in (known, *fewer, set[str]()):
            question = graph.issue_question(FIELDS in parts, boards, marks, STATUSES in parts)
            try:
                answer = self._noted(place, self._api.graphql(question, asked))
            except Refused as error:
                # Where a project may not be seen, the whole question is refused, too.
                for_projects = STATUSES in parts and not isinstance(error, Missing)
                if not parts or not (for_projects or isinstance(error, Undefined)):
                    raise
                continue
            for part in known - parts:
                self._unknown.put(part, True)
            return graph.with_values(answer, self.values(place)) if made and FIELDS not in parts else answer
        raise AssertionError("the question without either is refused, or answered")

    def _unheard_of(self) -> set[str]:
        """Return what GraphQL's schema does not have, as far as is known."""
        return {part for part in (FIELDS, STATUSES) if self._unknown.known(part)}

    def _noted(self, place: Place, answer: object) -> object:
        """Note by which ids an issue lies on projects, so that a write need not ask for them."""
        for item in projects.on(answer):
            project, id = text_or_empty(item, "project.id"), text_or_empty(item, "id")
            if project and id:
                self._dates.items.put((place.key, project), id)
        return answer

    def knows_fields(self) -> bool:
        """Tell whether GraphQL's schema has the fields that people make, as far as is known."""
        return FIELDS not in self._unheard_of()

    def knows_statuses(self) -> bool:
        """Tell whether GraphQL's schema tells who moved an issue on projects, as far as is known."""
        return STATUSES not in self._unheard_of()

    def _whole(self, place: Place, issue: object) -> object:
        """Return an issue with the values of the fields that people made, where there are such."""
        if not isinstance(issue, dict):
            return issue
        found: dict[str, object] = {}
        if VALUES not in issue and self._any(place, OfIssue):
            found[VALUES] = self.values(place)
        if self._any(place, OfProject):
            found[projects.ITEMS] = self._items(place)
        return {**issue, **found}

    def _items(self, place: Place) -> object:
        """Ask for an issue's items on projects. Raise Unseen where GraphQL does not know the issue yet, and
        Misnamed where it may not tell of projects."""
        try:
            return projects.on(self._noted(place, self._api.graphql(projects.ISSUE, place.named)))
        except Missing as error:
            raise Unseen(f"the projects of {place.key} cannot be read") from error
        except Refused as error:
            may_not = f"GitHub does not let Handshake's account see what lies on projects: {error}."
            raise Misnamed(f"{may_not} {PROJECTS}", AGAIN) from error

    def values(self, place: Place) -> object:
        """https://docs.github.com/en/rest/issues/issue-field-values#list-issue-field-values-for-an-issue"""
        try:
            return self._api.get(path_of(place))
        except Missing as error:
            raise Unseen(f"the fields of {place.key} cannot be read") from error

    def _any(self, place: Place, kind: type[Field]) -> bool:
        return any(isinstance(field, kind) for field in self.fields(place).values())

    # ------------------------------------------------------------ what was, and what could be

    def moves(self, subject: Subject, field: str, known: Sequence[Value]) -> Iterator[Move]:
        """Yield the changes of a field. Of those that people made for issues GraphQL alone knows the history:
        where its schema does not have them, nobody is known to have moved one."""
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        with self._inside(place):
            match declared:
                case OfMilestone():
                    events = self._api.newest_first(f"{place.issue}/events")
                    yield from declared.moves(place, events, known)
                case OfIssue() if self.knows_fields():
                    yield from declared.moves(place, self.history(place), known)

    def history(self, place: Place, timeline: object = None) -> Iterator[object]:
        """Yield the steps of an issue's history, newest first, and ask for older ones only when wanted.
        ``timeline`` is the newest part, where it is known."""
        made = self._any(place, OfIssue) and self.knows_fields()
        if timeline is None:
            timeline = self._earlier(place, None, made)
        yield from graph.events(timeline)
        while before := graph.earlier(timeline):
            timeline = self._earlier(place, before, made)
            yield from graph.events(timeline)

    def _earlier(self, place: Place, before: str | None, made: bool) -> object:
        answer = self._api.graphql(graph.earlier_question(made), {**place.named, "before": before})
        return at(answer, "repository.issue.timelineItems")

    def carried(self, subject: Subject, field: str, values: Collection[Value]) -> Mapping[Value, Value]:
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        return declared.carried(place, values) if declared else {}

    def gone(self, subject: Subject, field: str, value: Value) -> bool:
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        return declared is not None and declared.gone(place, value)

    def carriers(self, subject: Subject, field: str, day: date) -> Sequence[Value]:
        place = Place.of(subject)
        declared = self.fields(place).get(field)
        return declared.carriers(place, day) if declared else ()

    def misnamed_fields(self) -> Mapping[str, str]:
        return {**self._dates.wrong(), **self._wrong_columns()}

    def _wrong_columns(self) -> Mapping[str, str]:
        """Ask only where the rules name some."""
        ways = self._columns()
        if not ways:
            return {}
        if at(self._api.graphql(columns.KNOWN, {}), "__type") is None:
            return {way.title: NOT_TOLD for way in ways}
        boards = {
            owner: {way.field: self._dates.project(owner, board_number(way.field))[1] for way in ways}
            for owner in self._owners()
        }
        return columns.wrong(ways, boards)

    # ------------------------------------------------------------ writing

    def set_deadline(self, subject: Subject, field: str, value: Value) -> datetime | None:
        place = Place.of(subject)
        own = subject.kind == CARRIER
        declared = DueDate(self._api) if own else self.fields(place).get(field)
        if declared is None:
            raise Refused(f"GitHub has no {field} {value.ref} to set")
        try:
            with self._inside(place):
                return declared.write(place, value)
        except Rejected as error:
            raise Refused(str(error), self._why_not(subject, declared, value, error)) from error

    def _why_not(self, subject: Subject, field: Field | DueDate, value: Value, error: Rejected) -> str:
        """Say to people why a date could not be set. What GitHub may not write to is "not there", too,
        so a 404 is a missing right where the issue can be read."""
        place = Place.of(subject)
        if "archived" in error.said.lower():
            return f"The repository {place.repository} is archived: nobody can change anything in it."
        if error.status in (401, 403) or (isinstance(error, Missing) and self._reads(subject)):
            return answers.no_right(place, field.called)
        return field.why_not(place, value, error) or (
            "" if isinstance(error, Missing) else "GitHub did not accept the change."
        )

    def _reads(self, subject: Subject) -> bool:
        found = self.carrier(subject) if subject.kind == CARRIER else self.issue(subject)
        return found is not None
