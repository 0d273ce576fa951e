"""A name means whom it meant when it was first asked for, for all threads and machines, and for ever."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from structlog.testing import capture_logs

from automation.model import Named, Pin
from automation.store.pins import LONGEST, Pins

MONA = Named("github", "user", "Mona")
TEAM = Named("github", "team", "acme/product")
STAFF = Named("jira", "group", "staff")
HINT = "; see handshake rules check --live"


@pytest.fixture
def pins(database, clock) -> Pins:
    return Pins(database, clock.seconds)


def test_the_first_id_stays_and_the_last_one_is_noted_beside_it(pins) -> None:
    assert pins.of(MONA) is None
    assert pins.see(MONA, "7") == Pin("7", "7")
    assert pins.see(MONA, "8") == Pin("7", "8")
    assert pins.see(MONA, "") == Pin("7", "")
    assert pins.of(MONA) == Pin("7", "")
    assert pins.see(MONA, "7") == Pin("7", "7")


def test_names_are_told_apart_as_the_other_side_does(pins) -> None:
    pins.see(MONA, "7")
    pins.see(STAFF, "a")

    assert pins.of(Named("github", "user", "mONA")) == Pin("7", "7")
    assert pins.of(Named("github", "team", "Mona")) is None
    assert pins.of(Named("jira", "user", "mona")) is None
    assert pins.of(Named("jira", "group", "Staff")) is None


def test_a_users_name_that_was_nobodys_goes_to_nobody_and_a_teams_to_the_first(pins) -> None:
    pins.see(MONA, "")
    pins.see(TEAM, "")

    assert pins.see(MONA, "8") == Pin("", "8")
    assert pins.see(TEAM, "12/34") == Pin("12/34", "12/34")


def test_a_restart_and_other_machines_find_the_same(pins, open_database, clock) -> None:
    pins.see(MONA, "7")

    assert Pins(open_database(), clock.seconds).see(MONA, "8") == Pin("7", "8")


def test_machines_that_see_a_name_at_once_agree(open_database, clock) -> None:
    machines = [Pins(open_database(), clock.seconds) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        found = threads.map(lambda one: one[1].see(MONA, str(one[0])).id, enumerate(machines))
    assert len(set(found)) == 1


def test_what_is_accepted_counts_from_then_on(pins) -> None:
    pins.see(MONA, "7")
    assert pins.accept(MONA) is False
    pins.see(MONA, "")
    assert pins.accept(MONA) is False, "nobody can be meant"
    pins.see(MONA, "8")

    assert pins.accept(MONA) is True
    assert pins.of(MONA) == Pin("8", "8")
    assert pins.accept(STAFF) is False


def test_a_change_is_logged_once(pins) -> None:
    with capture_logs() as lines:
        for id in ("7", "7", "8", "8", "", "", "7", "7"):
            pins.see(MONA, id)

    told = [(line["log_level"], line.get("text", "")) for line in lines]
    assert told == [
        ("info", ""),
        ("warning", f"it is somebody else's now, who gets no rights by it{HINT}"),
        ("warning", f"it is nobody's now{HINT}"),
        ("info", ""),
    ]


def test_what_is_wrong_is_counted_without_naming_anybody(pins) -> None:
    names = (MONA, TEAM, STAFF, Named("github", "user", "typo"))
    assert pins.problem(names) is None
    for named in names[:3]:
        pins.see(named, "7")
    pins.see(names[3], "")
    assert pins.problem(names) is None, "a name that nobody ever had may stand in the rules"
    pins.see(MONA, "8")
    pins.see(TEAM, "9")
    pins.see(STAFF, "")

    assert pins.problem(names) == f"2 names are somebody else's now, 1 name is nobody's now{HINT}"
    assert pins.problem((STAFF,)) == f"1 name is nobody's now{HINT}"
    assert pins.problem(()) is None


def test_a_name_longer_than_anybody_can_have_is_nobodys(pins) -> None:
    assert pins.see(Named("jira", "group", "x" * (LONGEST + 1)), "7") == Pin("", "")
