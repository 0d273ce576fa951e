"""Whatever people do, in whatever order, on whichever field: a date that shows stood before anybody looked,
or product agreed to it, or somebody who may has overridden; and the last of these is what stands."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.end_to_end.conftest import REPO, SPRING, SUMMER, WINTER, Town, a_town, shipped_rules
from tests.end_to_end.test_every_field import FIELDS, move, with_fields
from tests.end_to_end.test_moves import STORE, look_after
from tests.simulation.village import QUIET

GUARDED = {
    "github": ("milestone", "an issue field by name"),
    "jira": ("duedate", "a date by name", "a date with a time", "versions"),
}
NAMES = {
    "milestone": "milestone",
    "an issue field by name": "Target date",
    "duedate": "duedate",
    "a date by name": "Go-live date",
    "a date with a time": "Rollout",
    "versions": "fixVersions",
}
"""What people call the fields in commands."""
DAYS = st.sampled_from((WINTER, SPRING, SUMMER))
DAY_OR_NONE = st.sampled_from((WINTER, SPRING, SUMMER, None))
PLACE = st.integers(0, 3)
WORDS = ("and an audit log", "and log out everywhere", "and nothing else")


class SideDoors(RuleBasedStateMachine):
    """``stands`` is what each field has to show by what people did who may: told by the acts alone."""

    tracker = ""

    @initialize(before=st.booleans(), day=DAYS)
    def start(self, before: bool, day: date) -> None:
        self.opened = ExitStack()
        folder = Path(self.opened.enter_context(TemporaryDirectory()))
        rules = shipped_rules(folder)
        named = ", ".join(NAMES[name] for name in GUARDED[self.tracker])
        (rules / "dates.yaml").write_text(f"deadline_fields: {{{self.tracker}: [{named}]}}\n", "utf-8")
        look_after(
            rules, repositories=f"[acme/shop, {STORE}]", projects="[PROD, CORE], time_zone: Europe/Berlin"
        )
        let_vera_override(rules)
        self.town = with_fields(
            self.opened.enter_context(a_town(rules, self.tracker, f"sqlite:///{folder}/handshake.db"))
        )
        leads(self.town)
        self.fields = {name: FIELDS[name] for name in GUARDED[self.tracker]}
        self.stands: dict[str, date | None] = dict.fromkeys(self.fields)
        self.moved = False
        if before:
            for name in self.fields:
                self._sets("lee", name, day)
                self.stands[name] = day
        self._says("sam", f"/link {self.town.deal}")

    # ------------------------------------------------------------ what people do

    @rule(at=PLACE, day=DAY_OR_NONE)
    def somebody_sets_a_date(self, at: int, day: date | None) -> None:
        self._sets("lee", self._field(at), day)

    @rule(at=PLACE, day=DAYS)
    def somebody_asks(self, at: int, day: date) -> None:
        self._says("lee", f"/ask {NAMES[self._field(at)]} {day} because we need it")

    @rule(at=PLACE, day=DAYS)
    def product_agrees(self, at: int, day: date) -> None:
        name = self._field(at)
        self._says("mona", f"/signoff {NAMES[name]} {day}")
        self.stands[name] = day

    @rule(at=PLACE, day=DAYS)
    def product_sets_a_date(self, at: int, day: date) -> None:
        name = self._field(at)
        self._sets("mona", name, day)
        self.stands[name] = day

    @rule(at=PLACE, wish=DAY_OR_NONE, day=DAYS, backwards=st.booleans(), twice=st.booleans())
    def webhooks_of_a_wish_and_a_yes_come_in_any_order(
        self, at: int, wish: date | None, day: date, backwards: bool, twice: bool
    ) -> None:
        name = self._field(at)
        self.town.box.hooks.hold()
        self.fields[name].set(self.town, "lee", wish)
        self.town.place.comment("mona", f"/signoff {NAMES[name]} {day}")
        self.stands[name] = day
        places = range(len(self.town.box.hooks.held))
        order = list(reversed(places) if backwards else places)
        self.town.box.hooks.release(order * 2 if twice else order)
        self._rests()

    @rule(at=PLACE)
    def product_declines(self, at: int) -> None:
        self._says("mona", f"/decline {NAMES[self._field(at)]} because the audit comes first")

    @rule(at=PLACE, day=DAYS)
    def somebody_else_signs(self, at: int, day: date) -> None:
        self._says("lee", f"/signoff {NAMES[self._field(at)]} {day}")

    @rule(at=PLACE, day=DAYS)
    def whoever_has_left_product_signs(self, at: int, day: date) -> None:
        self.town.set_product("mona", False)
        self._says("mona", f"/signoff {NAMES[self._field(at)]} {day}")
        self.town.set_product("mona", True)

    @rule(at=PLACE, day=DAYS)
    def a_comment_is_edited_into_a_yes(self, at: int, day: date) -> None:
        id = self.town.comment("mona", "Let me think.")
        self.town.place.edit_comment("mona", id, f"/signoff {NAMES[self._field(at)]} {day}")
        self._rests()

    @rule(at=PLACE, day=DAYS)
    def vera_overrides(self, at: int, day: date) -> None:
        name = self._field(at)
        self._says("vera", f"/override {NAMES[name]} {day} because the contract says so")
        self.stands[name] = day

    @rule(at=PLACE, day=DAYS)
    def somebody_else_overrides(self, at: int, day: date) -> None:
        self._says("lee", f"/override {NAMES[self._field(at)]} {day} because I say so")

    @rule()
    def somebody_takes_back(self) -> None:
        self._says("lee", "/withdraw")

    @rule(words=st.sampled_from(WORDS), who=st.sampled_from(("lee", "mona")))
    def somebody_rewrites_what_is_asked_for(self, words: str, who: str) -> None:
        self.town.place.edit(who, body=f"One login for all tools.\n\n- log in\n- {words}")
        self._rests()

    @rule()
    def sales_unlinks_and_links_again(self) -> None:
        self._says("sam", f"/unlink {self.town.deal}")
        self._says("sam", f"/link {self.town.deal}")

    @precondition(lambda self: not self.moved and None not in self.stands.values())
    @rule()
    def the_issue_moves(self) -> None:
        self.moved = True
        move(self.town)
        if self.tracker == "github":
            self.town.box.github.set_role(STORE, "vera", "write")
        self._rests()

    @rule()
    def the_service_dies_and_comes_back(self) -> None:
        self.town.restart()
        self._rests()

    # ------------------------------------------------------------ how the world is

    def _field(self, at: int) -> str:
        return tuple(self.fields)[at % len(self.fields)]

    def _sets(self, who: str, name: str, day: date | None) -> None:
        self.fields[name].set(self.town, who, day)
        self._rests()

    def _says(self, who: str, text: str) -> None:
        self.town.place.comment(who, text)
        self._rests()

    def _rests(self) -> None:
        """Let all be done; an hour later, so that no field reaches its limit of restores."""
        self.town.settle()
        self.town.clock.forward(minutes=61)
        self.town.settle()

    @invariant()
    def what_shows_is_what_may(self) -> None:
        if hasattr(self, "town"):
            shown = {name: field.day(self.town) for name, field in self.fields.items()}
            assert shown == self.stands

    @invariant()
    def nothing_is_left_behind(self) -> None:
        if hasattr(self, "town"):
            assert self.town.worker_app.queue.counts().get("parked", 0) == 0

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.close()


def leads(town: Town) -> None:
    """Let there be Vera, who leads."""
    town.box.github.add_user("vera")
    town.box.github.set_role(REPO, "vera", "write")
    town.box.github.add_team("acme", "leads", members=("vera",))
    town.box.jira.add_user("vera", "Vera")
    town.box.jira.add_group("leads", ("vera",))


def let_vera_override(rules: Path) -> None:
    path = rules / "handshake.yaml"
    may = "may_override: {github_teams: [acme/leads], jira_groups: [leads]}"
    path.write_text(path.read_text().replace("people_needed: 1", may))


class OnGitHub(SideDoors):
    tracker = "github"


class OnJira(SideDoors):
    tracker = "jira"


def test_each_of_several_dates_goes_along_as_what_it_is_where_the_issue_moves() -> None:
    """A version is another one there, while a day is the same everywhere."""
    story = OnJira()
    story.start(before=False, day=SPRING)
    for at in range(4):
        story.product_agrees(at, SPRING)
    story.the_issue_moves()
    story.what_shows_is_what_may()
    for at in range(4):
        story.somebody_sets_a_date(at, SUMMER)
    story.what_shows_is_what_may()
    story.nothing_is_left_behind()
    story.teardown()


SOME = settings(max_examples=2, stateful_step_count=8, **QUIET)
MANY = settings(max_examples=25, stateful_step_count=14, **QUIET)


class TestSomeOnGitHub(OnGitHub.TestCase):  # type: ignore[name-defined, misc]
    settings = SOME


class TestSomeOnJira(OnJira.TestCase):  # type: ignore[name-defined, misc]
    settings = SOME


@pytest.mark.simulation
class TestManyOnGitHub(OnGitHub.TestCase):  # type: ignore[name-defined, misc]
    settings = MANY


@pytest.mark.simulation
class TestManyOnJira(OnJira.TestCase):  # type: ignore[name-defined, misc]
    settings = MANY
