"""A backup of an hour ago is put in place: nothing is said twice, and nobody's date is overwritten."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from automation.store.backup import back_up
from tests.end_to_end.conftest import BODY, SPRING, SUMMER, WINTER, Town

AUTUMN_BODY = f"{BODY}\n- log in by telephone"

pytestmark = pytest.mark.parametrize("tracker", ["github", "jira"])


@dataclass(frozen=True)
class Seen:
    """All that people can see, and how much was written to bring it about."""

    on_issue: tuple[str, ...]
    on_deal: tuple[str, ...]
    labels: frozenset[str]
    day: date | None
    writes: int

    @classmethod
    def of(cls, town: Town) -> Seen:
        labels = frozenset(town.place.labels())
        return cls(
            tuple(town.on_issue()), tuple(town.on_deal()), labels, town.place.day(), len(town.writes())
        )


@pytest.fixture
def back_it_up(town: Town, tmp_path: Path) -> Callable[[], Path]:
    """Copy the database as ``handshake backup`` does."""

    def back_it_up() -> Path:
        copy = tmp_path / "backup.db"
        back_up(f"sqlite:///{tmp_path}/handshake.db", copy)
        return copy

    return back_it_up


def restore(town: Town, copy: Path) -> None:
    """Do what the documentation says: stop, put the copy in place, remove the files beside it, start."""
    town.receiver.close()
    town.worker_app.database.close()
    town.clock.forward(hours=1)
    database = copy.with_name("handshake.db")
    shutil.copy(copy, database)
    for beside in ("-wal", "-shm"):
        database.with_name(f"handshake.db{beside}").unlink(missing_ok=True)
    town.worker_app, town.receiver = town.open_house()
    town.settle()
    town.clock.forward(minutes=30)  # what is told with a delay is told by then
    town.settle()


def send_all_again(town: Town) -> None:
    for delivery in list(town.box.hooks.deliveries):
        town.box.hooks.redeliver(delivery.id)
    town.settle()


def sign_it(town: Town) -> None:
    town.comment("mona", "/signoff 2027-03-01")
    assert town.place.day() == SPRING


def hold_another(town: Town) -> None:
    town.ask("lee", SUMMER)
    assert town.place.day() != SUMMER


def decline_it(town: Town) -> None:
    town.comment("mona", "/decline because the export comes first")


def change_the_scope(town: Town) -> None:
    town.edit("lee", body=AUTUMN_BODY)


def plan_it_oneself(town: Town) -> None:
    town.ask("mona", SUMMER)
    assert town.place.day() == SUMMER
    town.clock.forward(minutes=20)
    town.settle()


def link_another_deal(town: Town) -> None:
    other = town.box.jira.add_issue("SALES", "Cirrus plc", reporter="sam", due=date(2027, 5, 1))
    town.comment("sam", f"/link {other}")


def misuse_a_command(town: Town) -> None:
    town.comment("lee", "/signoff 2027-03-01")


HOURS = {
    "signed": [sign_it],
    "signed, then held": [sign_it, hold_another],
    "held again": [hold_another],
    "declined": [decline_it],
    "scope changed": [change_the_scope],
    "product set another date": [plan_it_oneself],
    "signed, then product moved it": [sign_it, plan_it_oneself],
    "another deal linked": [link_another_deal],
    "a command by whoever may not": [misuse_a_command],
}


@pytest.mark.matrix
@pytest.mark.parametrize("hour", HOURS.values(), ids=HOURS)
def test_what_happened_since_the_backup_stays_as_it_is_and_is_not_said_again(
    asked: Town, back_it_up: Callable[[], Path], hour: list[Callable[[Town], None]]
) -> None:
    copy = back_it_up()
    for happens in hour:
        asked.clock.forward(minutes=5)
        happens(asked)
    before = Seen.of(asked)

    restore(asked, copy)

    assert Seen.of(asked) == before
    send_all_again(asked)
    assert Seen.of(asked) == before


@pytest.mark.matrix
@pytest.mark.parametrize("steps", [0, 2, 3, 5, 7])
def test_a_backup_made_in_the_middle_of_things_repeats_none_of_them(
    linked: Town, back_it_up: Callable[[], Path], steps: int
) -> None:
    """When it is made, words and dates are on their way; they arrived long before it is restored."""
    linked.place.ask("lee", SPRING)
    linked.box.hooks.drain()
    for _ in range(steps):
        linked.worker_app.worker.run_next()
    copy = back_it_up()
    linked.settle()
    sign_it(linked)
    before = Seen.of(linked)

    restore(linked, copy)

    assert Seen.of(linked) == before


def test_afterwards_life_goes_on(asked: Town, back_it_up: Callable[[], Path]) -> None:
    copy = back_it_up()
    sign_it(asked)
    restore(asked, copy)
    before = Seen.of(asked)

    asked.ask("lee", SUMMER)

    assert asked.place.day() == SPRING, "the date that was signed after the backup is held"
    assert len(asked.on_issue()) == len(before.on_issue) + 1
    assert len(asked.on_deal()) == len(before.on_deal) + 1
    asked.comment("mona", "/signoff 2027-04-15")
    assert asked.place.day() == SUMMER
    assert len(asked.on_deal()) == len(before.on_deal) + 2


def test_what_was_linked_after_the_backup_is_linked(asked: Town, back_it_up: Callable[[], Path]) -> None:
    copy = back_it_up()
    link_another_deal(asked)

    restore(asked, copy)

    assert len(asked.worker_app.states.deals_of(asked.worker_app.states.open_proposals()[0][0])) == 2


def test_a_second_start_is_like_any_other(asked: Town, back_it_up: Callable[[], Path]) -> None:
    restore(asked, back_it_up())
    asked.restart()

    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() == SPRING


def test_a_command_written_before_it_has_caught_up_is_carried_out_aloud(
    asked: Town, back_it_up: Callable[[], Path]
) -> None:
    copy = back_it_up()
    asked.receiver.close()
    asked.worker_app.database.close()
    shutil.copy(copy, copy.with_name("handshake.db"))
    for beside in ("-wal", "-shm"):
        copy.with_name(f"handshake.db{beside}").unlink(missing_ok=True)
    asked.clock.forward(hours=1)
    asked.worker_app, asked.receiver = asked.open_house()
    asked.clock.forward(seconds=2)

    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() == SPRING
    assert "agreed" in asked.on_issue()[-1]


def test_a_milestone_of_before_is_not_set_back(town: Town, back_it_up: Callable[[], Path]) -> None:
    """Nobody had linked the issue when the backup was made; it is not even known then."""
    copy = back_it_up()
    town.comment("sam", f"/link {town.deal}")
    town.ask("mona", WINTER)
    before = Seen.of(town)

    restore(town, copy)
    send_all_again(town)

    assert Seen.of(town) == before
