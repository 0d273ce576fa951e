"""Whatever field holds the date, the same happens to it: one story per verdict, over every deadline field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from automation.model import Commitment
from automation.sandbox.github_project_nouns import ProjectField
from automation.sandbox.places import GitHubIssue, JiraIssue
from tests.end_to_end.conftest import BOT, MILESTONES, REPO, SPRING, SUMMER, WINTER, Town
from tests.end_to_end.stages import step
from tests.end_to_end.test_moves import STORE, another_repository, look_after, transfer

GO_LIVE, ROLLOUT, TARGET = "customfield_10077", "customfield_10078", 990_042
SHIP, SPRINT = "PVT_990007.PVTF_990008", "PVT_990007.PVTIF_990009"
JUNE = date(2027, 6, 1)
BERLIN = ZoneInfo("Europe/Berlin")
VERSIONS = {WINTER: "v1", SPRING: "v2", SUMMER: "v3"}
QUICK = ("an issue field by name", "a date on a project", "an iteration", "versions")
"""The fields of ``make test``; milestones and due dates are in every other suite."""


@dataclass(frozen=True)
class Field:
    """A deadline field under test: what the rules and the service call it, how a person sets it in the
    stand-in (no day: clears it), and how its day is read there. ``stand_in`` is what JiraPerson.create calls
    it, and ``write`` makes what it is given there. ``behind`` moves what carries the agreed day, where
    something of its own does. A new field is one more in ``FIELDS``."""

    tracker: str
    rules: str
    id: str
    set: Callable[[Town, str, date | None], None]
    day: Callable[[Town], date | None]
    stand_in: str = ""
    write: Callable[[Town, date], object] = lambda _, day: day
    behind: Callable[[Town, str, date], None] = lambda *_: None

    def create(self, town: Town, who: str, day: date, words: str) -> None:
        """Let a person write an issue that has the date from the start."""
        if isinstance(town.place, GitHubIssue):
            number = town.box.github.as_user(who).open_issue(REPO, "Audit log", words)
            town.place = GitHubIssue(town.box, REPO, number, MILESTONES)
            self.set(town, who, day)
        else:
            made = town.box.jira.as_user(who).create(
                "PROD", "Audit log", words, **{self.stand_in: self.write(town, day)}
            )
            town.place = JiraIssue(town.box, made)


def _ask(town: Town, who: str, day: date | None) -> None:
    town.place.ask(who, day)


def _day(town: Town) -> date | None:
    return town.place.day()


def _set_go_live(town: Town, who: str, day: date | None) -> None:
    town.box.jira.as_user(who).set_date(town.place.key, GO_LIVE, day)


def _go_live(town: Town) -> date | None:
    return town.box.jira.issue(town.place.key).custom.get(GO_LIVE)


def _set_target(town: Town, who: str, day: date | None) -> None:
    repo, number = town.place.key.split("#")
    town.box.github.as_user(who).set_field(repo, int(number), "Target date", day)


def _target(town: Town) -> date | None:
    repo, number = town.place.key.split("#")
    held = town.box.github.issue(repo, int(number)).values
    return next((date.fromisoformat(str(one.value)) for one in held if one.field.id == TARGET), None)


def _issue_field(rules: str) -> Field:
    return Field("github", f"{{github: [{rules}]}}", f"issue_field_{TARGET}", _set_target, _target)


def _early(day: date) -> datetime:
    """In Berlin, when it is still the day before by UTC."""
    return datetime.combine(day, time(0, 30), BERLIN)


def _set_rollout(town: Town, who: str, day: date | None) -> None:
    town.box.jira.as_user(who).set_date(town.place.key, ROLLOUT, day and _early(day))


def _rollout(town: Town) -> date | None:
    moment = town.box.jira.issue(town.place.key).custom.get(ROLLOUT)
    return moment.astimezone(BERLIN).date() if isinstance(moment, datetime) else None


def _set_ship(town: Town, who: str, day: date | None) -> None:
    repo, number = town.place.key.split("#")
    town.box.github.as_user(who).set_project_date("acme", 1, repo, int(number), "Ship date", day)


def _ship(town: Town) -> date | None:
    repo, number = town.place.key.split("#")
    item = town.box.github.project("acme", 1).item_of(town.box.github.repo(repo), int(number))
    held = item.values if item else {}
    return next(
        (date.fromisoformat(value) for field, value in held.items() if field.name == "Ship date"), None
    )


def _sprints(town: Town) -> ProjectField:
    return town.box.github.project_field("acme", 1, "Sprint")


def _set_sprint(town: Town, who: str, day: date | None) -> None:
    """Give the issue the iteration that ends on that day."""
    repo, number = town.place.key.split("#")
    id = next((one.id for one in _sprints(town).iterations if one.end == day), None)
    assert id or day is None
    town.box.github.as_user(who).set_iteration("acme", 1, repo, int(number), "Sprint", id)


def _sprint(town: Town) -> date | None:
    repo, number = town.place.key.split("#")
    item = town.box.github.project("acme", 1).item_of(town.box.github.repo(repo), int(number))
    field = _sprints(town)
    held = field.iteration(item.values.get(field, "")) if item else None
    return held.end if held else None


def _plan(town: Town, who: str, day: date | None) -> None:
    """Give the issue the version of that day, and leave it the one that has none."""
    names = [VERSIONS[day], "Backlog"] if day else ["Backlog"]
    town.box.jira.as_user(who).set_fix_versions(town.place.key, *names)


def earliest(town: Town) -> date | None:
    """Return the day of the earliest version with a date."""
    versions = town.box.jira.versions_of(town.box.jira.issue(town.place.key))
    return min((one.release_date for one in versions if one.release_date), default=None)


def _planned(town: Town) -> date | None:
    versions = town.box.jira.versions_of(town.box.jira.issue(town.place.key))
    if any(one.name == "Backlog" for one in versions):
        assert len(versions) <= 2
    return earliest(town)


def _versions(town: Town, day: date) -> tuple[str, ...]:
    there = town.box.jira.versions_in(town.box.jira.project("PROD"))
    return tuple(one.id for one in there if one.name == VERSIONS[day])


def _move_milestone(town: Town, who: str, day: date) -> None:
    title = next(title for title, due in MILESTONES.items() if due == SPRING)
    town.box.github.as_user(who).edit_milestone(REPO, title, due=day)


def _move_version(town: Town, who: str, day: date) -> None:
    town.box.jira.as_user(who).set_release_date(_versions(town, SPRING)[0], day)


def _jira_date(rules: str) -> Field:
    return Field("jira", f"{{jira: [{rules}]}}", GO_LIVE, _set_go_live, _go_live, GO_LIVE)


FIELDS = {
    "milestone": Field("github", "{github: [milestone]}", "milestone", _ask, _day, behind=_move_milestone),
    "an issue field by name": _issue_field("Target date"),
    "an issue field by id": _issue_field(f"issue_field_{TARGET}"),
    "a date on a project": Field(
        "github", "{github: [{project: 1, field: ship date}]}", SHIP, _set_ship, _ship
    ),
    "an iteration": Field(
        "github", "{github: [{project: 1, iteration: sprint}]}", SPRINT, _set_sprint, _sprint
    ),
    "duedate": Field("jira", "{jira: [duedate]}", "duedate", _ask, _day, "due"),
    "a date by name": _jira_date("Go-live date"),
    "a date by id": _jira_date(GO_LIVE),
    "a date with a time": Field(
        "jira", "{jira: [Rollout]}", ROLLOUT, _set_rollout, _rollout, ROLLOUT, lambda _, day: _early(day)
    ),
    "versions": Field(
        "jira",
        "{jira: [fixVersions]}",
        "fixVersions",
        _plan,
        _planned,
        "fix_versions",
        _versions,
        _move_version,
    ),
}


@pytest.fixture(
    params=[pytest.param(name, marks=[] if name in QUICK else [pytest.mark.thorough]) for name in FIELDS]
)
def field(request: pytest.FixtureRequest) -> Field:
    return FIELDS[request.param]


@pytest.fixture
def tracker(field: Field) -> str:
    return field.tracker


@pytest.fixture
def rules(rules: Path, field: Field) -> Path:
    (rules / "dates.yaml").write_text(f"deadline_fields: {field.rules}\n", "utf-8")
    look_after(rules, repositories=f"[acme/shop, {STORE}]", projects="[PROD, CORE], time_zone: Europe/Berlin")
    return rules


@pytest.fixture
def town(town: Town) -> Town:
    return with_fields(town)


def with_fields(town: Town) -> Town:
    """Let the stand-ins have all these fields, and the versions that carry dates."""
    town.box.jira.add_field("Go-live date", projects=["PROD", "CORE"], id=GO_LIVE)
    town.box.jira.add_field("Rollout", "datetime", id=ROLLOUT)
    town.box.jira.add_project("CORE", "Core")
    town.box.github.add_issue_field("acme", "Effort", "number")
    town.box.github.add_issue_field("acme", "Target date", "date", TARGET)
    board = town.box.github.add_project("acme", "Launch", 990_007)
    town.box.github.add_project_field("acme", board, "Ship date", id=990_008)
    town.box.github.add_project_field("acme", board, "Sprint", "iteration", id=990_009)
    for title, day in MILESTONES.items():
        start = day - timedelta(13)
        town.box.github.add_iteration("acme", board, "Sprint", f"To the {title}", start, 14)
    town.box.jira.zone = ZoneInfo("America/New_York")
    for project in ("CORE", "PROD"):
        town.box.jira.add_version(project, "Backlog")
        for day, name in VERSIONS.items():
            town.box.jira.add_version(project, name, day)
    return town


@pytest.fixture
def change(town: Town, field: Field) -> Callable[[str, date | None], date | None]:
    """Let somebody set the field, and return the day that it shows when all has been done."""

    def change(who: str, day: date | None) -> date | None:
        step(town, lambda: field.set(town, who, day), field.id, who, day)
        return field.day(town)

    return change


Changes = Callable[[str, date | None], date | None]


@pytest.fixture
def held(linked: Town, change: Changes) -> Town:
    """Lee has asked for 1 March by setting the field, and was held."""
    assert change("lee", SPRING) is None
    return linked


@pytest.fixture
def agreed(held: Town, field: Field) -> Town:
    """Product has signed 1 March."""
    held.comment("mona", "/signoff 2027-03-01")
    assert field.day(held) == SPRING and held.waiting() == []
    return held


def test_a_date_that_is_set_is_taken_back_and_proposed(held: Town) -> None:
    assert [proposal.value.day for proposal in held.waiting()] == [SPRING]


def commitment(town: Town, field: Field) -> Commitment:
    found = town.worker_app.states.load(town.subject)[0].fields[field.id].commitment
    assert found is not None
    return found


def move(town: Town) -> None:
    """Lee moves the issue to the other place that the rules name."""
    if isinstance(town.place, GitHubIssue):
        another_repository(town)
        transfer(town)
    else:
        town.place = JiraIssue(town.box, town.box.jira.as_user("lee").move(town.place.key, "CORE"))
    town.settle()


@pytest.mark.parametrize("day", [WINTER, SUMMER, None], ids=["earlier", "later", "cleared"])
def test_an_agreed_date_that_is_changed_is_put_back(agreed: Town, change: Changes, day: date | None) -> None:
    assert change("lee", day) == SPRING
    assert [proposal.value.day for proposal in agreed.waiting()] == [day]


@pytest.mark.parametrize("field", ["milestone", "versions"], indirect=True)
def test_an_agreed_date_that_is_moved_from_behind_is_put_back_there_until_product_agrees(
    agreed: Town, field: Field
) -> None:
    field.behind(agreed, "lee", JUNE)
    agreed.settle()
    assert (field.day(agreed), [one.value.day for one in agreed.waiting()]) == (SPRING, [JUNE])

    agreed.comment("mona", "/signoff")
    assert (field.day(agreed), commitment(agreed, field).value.day) == (JUNE, JUNE)


def test_a_date_that_stood_before_the_link_stands_and_is_asked_about(
    town: Town, field: Field, change: Changes
) -> None:
    change("lee", SPRING)
    town.comment("sam", f"/link {town.deal}")

    assert field.day(town) == SPRING
    assert any("2027-03-01" in said for said in town.on_issue())


def test_a_date_that_an_issue_is_made_with_for_a_deal_is_agreed_only_once_product_says_so(
    town: Town, field: Field, change: Changes
) -> None:
    field.create(town, "lee", SPRING, f"Every change, with its author.\n\nFor {town.deal}.")
    town.settle()

    # An issue's history on GitHub tells of it as of a change; Jira, and a project, as of how the issue was,
    # so that it stood before.
    assert field.day(town) == (
        None if field.tracker == "github" and field.id not in (SHIP, SPRINT) else SPRING
    )
    assert any("2027-03-01" in said for said in town.on_issue())
    assert "give no date" in town.on_deal()[-1] or "not for customers" in town.on_deal()[-1]

    town.comment("mona", "/signoff 2027-03-01")

    assert (field.day(town), commitment(town, field).value.day) == (SPRING, SPRING)
    assert change("lee", SUMMER) == SPRING


def test_an_agreed_date_goes_along_where_its_issue_is_moved_and_is_held_there(
    agreed: Town, field: Field, change: Changes
) -> None:
    move(agreed)

    assert field.day(agreed) == SPRING
    assert change("lee", SUMMER) == SPRING
    assert [proposal.value.day for proposal in agreed.waiting()] == [SUMMER]


def test_a_later_date_puts_the_agreed_one_at_risk_until_product_has_answered(
    agreed: Town, field: Field, change: Changes
) -> None:
    change("lee", SUMMER)
    assert commitment(agreed, field).at_risk
    assert "1 March is being rechecked" in agreed.on_deal()[-1]

    agreed.comment("mona", "/decline the audit comes first")

    assert not commitment(agreed, field).at_risk
    assert field.day(agreed) == SPRING


def test_a_date_that_cannot_be_set_back_is_told_on_both_sides(agreed: Town, change: Changes) -> None:
    if isinstance(agreed.place, GitHubIssue):
        agreed.box.github.set_role(REPO, BOT, "triage")
        agreed.box.github.set_project_role("acme", 1, BOT, "read")
    else:
        agreed.box.jira.lock_dates("PROD", "edit 400")

    assert change("lee", SUMMER) == SUMMER
    assert "product has not agreed" in agreed.on_issue()[-1]
    assert "15 April" in agreed.on_deal()[-1] and "don't use" in agreed.on_deal()[-1]


def test_another_date_of_products_is_applied_instead(held: Town, field: Field) -> None:
    held.comment("mona", "/signoff 2027-04-15")

    assert (field.day(held), held.waiting()) == (SUMMER, [])


def test_a_declined_date_is_not_applied(held: Town, field: Field) -> None:
    held.comment("mona", "/decline the audit comes first")

    assert (field.day(held), held.waiting()) == (None, [])


def test_a_withdrawn_date_is_not_applied(held: Town, field: Field) -> None:
    held.comment("lee", "/withdraw")

    assert (field.day(held), held.waiting()) == (None, [])


def test_products_own_edit_stands(agreed: Town, change: Changes) -> None:
    assert change("mona", SUMMER) == SUMMER
    assert agreed.waiting() == []


def test_a_yes_of_somebody_else_changes_nothing(held: Town, field: Field) -> None:
    held.comment("lee", "/signoff 2027-03-01")

    assert field.day(held) is None and len(held.waiting()) == 1


def test_after_three_restores_in_an_hour_the_field_is_left_alone(agreed: Town, change: Changes) -> None:
    agreed.clock.forward(hours=2)
    shown = []
    for _ in range(4):
        agreed.clock.forward(minutes=2)
        shown.append(change("lee", SUMMER))
        writes = len(agreed.writes())

    assert shown == [SPRING, SPRING, SPRING, SUMMER]
    assert "not agreed" in agreed.on_deal()[-1].lower() and "not agreed" in agreed.on_issue()[-1].lower()
    agreed.settle()
    assert len(agreed.writes()) == writes
