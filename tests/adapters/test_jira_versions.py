"""Fix versions: read, given and taken by id, offered, and told of by their history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from automation.adapters.jira.tracker import Jira
from automation.model import CARRIER, NOTHING, Subject, Value
from automation.ports import NoAccess, Refused
from automation.sandbox import Sandbox, sandbox
from tests.adapters.conftest import connected

SUBJECT = Subject("jira", "issue", "PROD-1")
FIELD = "fixVersions"
MARCH, APRIL, JUNE = date(2027, 3, 1), date(2027, 4, 15), date(2027, 6, 1)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for name in ("anna", "eve", "handshake"):
            box.jira.add_user(name, name.title())
        for project in ("SIDE", "PROD"):
            box.jira.add_project(project)
            for name, day in {"v2": MARCH, "v3": APRIL, "v9": JUNE, "Backlog": None}.items():
                box.jira.add_version(project, name, day)
        box.jira.add_issue("PROD", "Single sign-on", "Please.", reporter="eve")
        yield box


@pytest.fixture
def tracker(box: Sandbox, version: str) -> Jira:
    return connected(box, version, dates=lambda: ("Fix versions",))


def plan(box: Sandbox, who: str, *names: str) -> None:
    box.jira.as_user(who).set_fix_versions("PROD-1", *names)


def planned(box: Sandbox) -> set[str]:
    return {one.name for one in box.jira.versions_of(box.jira.issue("PROD-1"))}


def ids(box: Sandbox, *names: str, project: str = "PROD") -> list[str]:
    found = {one.name: one.id for one in box.jira.versions_in(box.jira.project(project))}
    return [found[name] for name in names]


def held(tracker: Jira) -> Value:
    issue = tracker.issue(SUBJECT)
    assert issue is not None
    return issue.deadlines[FIELD]


def test_the_earliest_with_a_date_is_promised_whatever_else_an_issue_has(box: Sandbox, tracker: Jira) -> None:
    assert held(tracker) == NOTHING
    plan(box, "eve", "Backlog")
    assert (held(tracker).day, held(tracker).carried) == (None, True)
    plan(box, "eve", "v9", "Backlog", "v3")

    value = held(tracker)

    assert (value.day, value.name, [value.carrier]) == (APRIL, "v3", ids(box, "v3"))
    assert value.carriers() == tuple(sorted(ids(box, "v3", "v9", "Backlog"), key=int))


def test_its_history_tells_who_gave_what_to_what_it_had(box: Sandbox, tracker: Jira) -> None:
    plan(box, "eve", "Backlog")
    plan(box, "anna", "Backlog", "v2")
    plan(box, "eve", "v3", "v9")

    third, second, first = tracker.moves(SUBJECT, FIELD, [held(tracker)])

    assert third.new == held(tracker) and third.old == second.new and second.old == first.new
    assert second.new is not None and second.by is not None and first.old == NOTHING
    assert (second.by.name, second.new.day, second.new.name) == ("Anna", MARCH, "v2")

    box.jira.as_user("eve").delete_version(*ids(box, "v2"))
    assert next(tracker.moves(SUBJECT, FIELD, [held(tracker)])).old is None


def test_it_is_given_and_taken_by_id_and_the_rest_is_left_alone(box: Sandbox, tracker: Jira) -> None:
    plan(box, "eve", "v2")
    before = held(tracker)
    plan(box, "anna", "v3", "Backlog")

    tracker.set_deadline(SUBJECT, FIELD, before)
    assert planned(box) == {"v2", "Backlog"}
    tracker.set_deadline(SUBJECT, FIELD, before)
    tracker.set_deadline(SUBJECT, FIELD, NOTHING)
    assert planned(box) == {"Backlog"}
    writes = [one for one in box.requests if one.method == "PUT"]
    assert len(writes) == 2, "what is there already is not given again"


def test_each_version_ahead_is_offered_in_the_place_of_all_that_are_earlier(
    box: Sandbox, tracker: Jira
) -> None:
    plan(box, "eve", "v2", "v9", "Backlog")
    box.jira.as_user("eve").archive(*ids(box, "v9"))
    box.jira.as_user("eve").release(*ids(box, "v2"))
    box.jira.add_version("PROD", "old", MARCH, released=True)

    offers = tracker.carriers(SUBJECT, FIELD, APRIL)

    assert [value.day for value in offers] == [MARCH, APRIL, JUNE]
    assert set(offers[1].carriers()) == set(ids(box, "v3", "v9", "Backlog"))
    tracker.set_deadline(SUBJECT, FIELD, offers[1])
    assert planned(box) == {"v3", "v9", "Backlog"}


@pytest.mark.parametrize("how", ["another project's", "archived", "deleted"])
def test_a_version_that_nobody_can_give_is_refused_with_the_reason(
    box: Sandbox, tracker: Jira, how: str
) -> None:
    [id] = ids(box, "v2", project="SIDE" if how == "another project's" else "PROD")
    if how == "archived":
        box.jira.as_user("eve").archive(id)
    if how == "deleted":
        box.jira.as_user("eve").delete_version(id)
    value = Value(id, MARCH, "v2", id)

    with pytest.raises(Refused) as refused:
        tracker.set_deadline(SUBJECT, FIELD, value)

    assert "archived, or none of project PROD's any more" in refused.value.hint
    assert tracker.gone(SUBJECT, FIELD, value) is (how != "archived")


def test_a_version_of_a_project_that_cannot_be_seen_is_not_taken_for_deleted(
    box: Sandbox, tracker: Jira
) -> None:
    [id] = ids(box, "v2")
    about = Subject("jira", CARRIER, id, f"PROD#{id}")
    found = tracker.carrier(about)
    assert found is not None and found.value == Value(id, MARCH)

    box.jira.hide("PROD", "handshake")
    with pytest.raises(NoAccess):
        tracker.carrier(about)
    box.jira.hide("PROD")

    box.jira.as_user("eve").delete_version(id)
    assert tracker.carrier(about) is None


def test_what_promises_the_same_in_another_project_goes_by_name_and_day(box: Sandbox, tracker: Jira) -> None:
    [here], [there] = ids(box, "v2"), ids(box, "v2", project="SIDE")
    value = Value(here, MARCH, "v2", here)
    box.jira.add_version("SIDE", "v2 too", MARCH)

    assert tracker.carried(Subject("jira", "issue", "SIDE-1"), FIELD, [value]) == {value: Value(there, MARCH)}
    assert tracker.carried(SUBJECT, FIELD, [value, NOTHING]) == {}


def carrier(box: Sandbox, name: str = "v2") -> Subject:
    [id] = ids(box, name)
    return Subject("jira", CARRIER, id, f"PROD#{id}")


def day_of(tracker: Jira, about: Subject) -> date | None:
    found = tracker.carrier(about)
    assert found is not None
    return found.value.day


@pytest.mark.parametrize("day", [APRIL, None])
def test_a_version_gets_another_date_of_its_own_and_keeps_all_else(
    box: Sandbox, tracker: Jira, day: date | None
) -> None:
    box.jira.set_administrators("PROD", "handshake")
    about, value = carrier(box), Value(APRIL.isoformat(), APRIL) if day else NOTHING
    box.jira.as_user("eve").release(about.id)

    assert tracker.set_deadline(about, "releaseDate", value) is None, "Jira says nowhere when it was"

    made = box.jira.version(about.id)
    assert (made.release_date, made.name, made.released) == (day, "v2", True)
    assert day_of(tracker, about) == day
    assert len([one for one in box.requests if one.method == "PUT"]) == 1


@pytest.mark.parametrize("hidden", [False, True])
def test_who_may_not_administer_the_project_is_told_which_right_is_missing(
    box: Sandbox, tracker: Jira, hidden: bool
) -> None:
    box.jira.set_administrators("PROD", "eve", no_such_version=hidden)

    with pytest.raises(Refused) as refused:
        tracker.set_deadline(carrier(box), "releaseDate", Value(APRIL.isoformat(), APRIL))

    assert "“Administer Projects”" in refused.value.hint and "PROD" in refused.value.hint
    assert day_of(tracker, carrier(box)) == MARCH


def test_a_day_before_its_version_starts_is_refused_as_a_day(box: Sandbox, tracker: Jira) -> None:
    box.jira.set_administrators("PROD", "handshake")
    id = box.jira.add_version("PROD", "late", JUNE, start_date=APRIL)

    with pytest.raises(Refused) as refused:
        tracker.set_deadline(
            Subject("jira", CARRIER, id, f"PROD#{id}"), "releaseDate", Value(MARCH.isoformat(), MARCH)
        )

    assert refused.value.hint == "Jira did not accept that day for the version."


def test_a_version_that_is_gone_when_it_is_written_has_nobody_to_be_told(box: Sandbox, tracker: Jira) -> None:
    box.jira.set_administrators("PROD", "handshake")
    about = carrier(box)
    box.jira.as_user("eve").delete_version(about.id)

    with pytest.raises(Refused) as refused:
        tracker.set_deadline(about, "releaseDate", NOTHING)

    assert refused.value.hint == ""


@pytest.mark.parametrize(("open_to_all", "type"), [(True, "software"), (False, "service_desk"), (False, "")])
def test_who_may_read_of_a_version_is_who_may_read_its_project(
    box: Sandbox, tracker: Jira, open_to_all: bool, type: str
) -> None:
    box.jira.project("PROD").type = type or "software"
    box.jira.set_anonymous("PROD", open_to_all)
    found = tracker.carrier(carrier(box))

    assert found is not None
    assert found.public is tracker.public(carrier(box)) is (open_to_all or type == "service_desk")
    assert found.url.endswith(f"/projects/PROD/versions/{found.value.carrier}")
