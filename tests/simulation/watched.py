"""A town in which all that people do, and all that is written, is watched: what product has said yes to and
when, who may let a date stand, and what may stand for want of anybody who holds it."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from automation.model import FieldState
from automation.store.deliveries import Desk
from tests.end_to_end.conftest import (
    PEOPLE_NEEDED,
    SPRING,
    SUMMER,
    WINTER,
    Town,
    a_town,
    change,
    let_leads_override,
    shipped_rules,
)
from tests.end_to_end.passing_time import live
from tests.end_to_end.test_answers_by_label import ANSWERS
from tests.end_to_end.test_every_field import Field, with_fields
from tests.end_to_end.test_moves import STORE, look_after

DATES = st.sampled_from((WINTER, SPRING, SUMMER, None))
REST = 300
MOST_RESTORES = 3
HOUR = timedelta(minutes=50)
"""Within which the caps are counted: what was planned an hour apart may be written a little less apart."""
WRITES = ("POST", "PATCH", "PUT", "DELETE")


class Watched(RuleBasedStateMachine):
    """``yeses`` are the days that product has said yes to, ``said`` the same with the second of it,
    ``overrides`` those that somebody let stand without it, ``before`` those that stood while nobody held
    them: unlinked, or in another mode."""

    def __init__(self, field: Field) -> None:
        super().__init__()
        self.field = field
        self.open = ExitStack()
        self.yeses: set[date | None] = set()
        self.said: set[tuple[date | None, datetime]] = set()
        self.overrides: set[date | None] = set()
        self.before: set[date | None] = {None}
        self.of_product, self.linked, self.mode = True, False, "enforce"
        self.elsewhere = self.moved_behind = self.switched = False
        self.setter = ""
        self.written: list[tuple[datetime, str]] = []
        self.answered: list[datetime] = []
        self.counted: set[tuple[str, object, datetime]] = set()

    @initialize(inherited=DATES, cap=st.sampled_from((2, 50)))
    def start(self, inherited: date | None, cap: int) -> None:
        self.cap = cap
        folder = Path(self.open.enter_context(TemporaryDirectory()))
        self.rules = shipped_rules(folder)
        (self.rules / "dates.yaml").write_text(f"deadline_fields: {self.field.rules}\n")
        (self.rules / "cap.yaml").write_text(f"most_restores_per_hour: {cap}\n")
        look_after(
            self.rules,
            repositories=f"[acme/shop, {STORE}]",
            projects="[PROD, CORE], time_zone: Europe/Berlin",
        )
        change(self.rules, PEOPLE_NEEDED, f"{PEOPLE_NEEDED}\n    {ANSWERS}")
        self._put_in_force("enforce")
        made = a_town(self.rules, self.field.tracker, f"sqlite:///{folder}/handshake.db", None)
        self.town: Town = with_fields(self.open.enter_context(made))
        let_leads_override(self.town, self.rules)
        self.field.set(self.town, "lee", inherited)
        self.before.add(inherited)
        self._go(REST)
        self._links()

    # ------------------------------------------------------------ how it is done

    def _links(self) -> None:
        self.before.add(self._day())
        self.linked = True
        self._says("sam", f"/link {self.town.deal}")

    def _is_agreed(self, day: date) -> bool:
        """Let product agree to a date that is held, long after all that went before, and all come to rest.
        Tell whether it stands: what carried that day may have been moved."""
        town = self.town
        town.box.hooks.release()
        self._go(REST)
        if self.mode != "enforce":
            self._switches("enforce")
        self._joins(True)
        if not self.linked:
            self._links()
        town.clock.forward(hours=3)
        self._agrees(day)
        self._says("mona", f"/signoff {day}")
        known = self._known()
        agreed = known.commitment.value.day if known.commitment and not known.override else None
        return agreed == day == self._day()

    def _joins(self, member: bool) -> None:
        self.of_product = member
        self.town.set_product("mona", member)

    def _switches(self, mode: str) -> None:
        self.switched = self.switched or mode != self.mode
        self._put_in_force(mode)
        self.town.clock.forward(seconds=2)

    def _says(self, who: str, words: str, steps: int = REST) -> str:
        id = self.town.place.comment(who, words)
        self._go(steps)
        return id

    def _sets(self, who: str, day: date | None, steps: int) -> None:
        self.field.set(self.town, who, day)
        self.setter = who
        if who == "mona":
            self._agrees(self._day())
        self._free()
        self._go(steps)

    def _agrees(self, day: date | None) -> None:
        """Product says yes. It counts where whoever says so is of product when that is looked at."""
        self._answers()
        self.yeses.add(day)
        self.said.add((day, self.town.clock.now.replace(microsecond=0)))

    def _agrees_to_what_waits(self) -> None:
        self._answers()  # also where by now nothing is known to wait
        agreed = self._known().commitment
        for day in [one.day for p in self.town.waiting() for one in p.values()]:
            self._agrees(day)
        if agreed:
            self._agrees(agreed.value.day)

    def _answers(self) -> None:
        """Whatever product, an asker or somebody who may do without it says is worth a write of ours."""
        self.answered.append(self.town.clock.now)

    def _free(self) -> None:
        """Note what stands while nobody holds it."""
        if not self.linked or self.mode != "enforce":
            self.before.add(self._day())

    def _put_in_force(self, mode: str) -> None:
        path = self.rules / "handshake.yaml"
        path.write_text(path.read_text().replace(f"\nmode: {self._written_mode()}\n", f"\nmode: {mode}\n"))
        if hasattr(self, "town"):
            self.before.add(self._day())
        self.mode = mode

    def _written_mode(self) -> str:
        lines = (self.rules / "handshake.yaml").read_text().splitlines()
        return next(line.split()[1] for line in lines if line.startswith("mode: "))

    def _day(self) -> date | None:
        return self.field.day(self.town)

    def _known(self) -> FieldState:
        state, _ = self.town.worker_app.states.load(self.town.subject)
        return state.fields.get(self.field.id, FieldState())

    def _go(self, steps: int) -> None:
        """Let what was sent arrive, and do so much of the work; what is done is looked at after each step."""
        for _ in range(steps):
            assert self.town.box.hooks.drain(), "the webhooks did not get through"
            before, known = self._day(), self._known()
            worked = self.town.worker_app.worker.run_next()
            self._check(before, known)
            if not worked and self.town.box.hooks.drain():
                return
            self.town.clock.forward(seconds=1)
        assert steps < REST, "it does not come to rest"

    # ------------------------------------------------------------ what holds

    def _check(self, before: date | None, known: FieldState) -> None:
        """Nobody but the service has acted since ``before`` was the day, and ``known`` what it knew."""
        now, by_now = self._day(), self._known()
        signed, standing = by_now.commitment, by_now.override
        if signed and signed != known.commitment and self._new("signed", signed.value.day, signed.signed_at):
            yes = (signed.value.day, signed.signed_at.replace(microsecond=0))
            assert yes in self.said, "product has not said yes to it then"
            assert self.of_product, "whoever said yes had left"
            assert {one.name.lower() for one in signed.signed_by} == {"mona"}
        if standing and self._new("override", standing.value.day, standing.at):
            assert standing.value.day in self.overrides, "nobody let it stand"
            assert standing.by.name.lower() == "vera", "they may not"
        if now == before:
            return
        assert self.mode == "enforce", "nothing is written in another mode"
        assert now in self.yeses | self.overrides | self.before, "it has no live yes, and no override"
        agreed = known.override or known.commitment
        assert agreed is None or before != agreed.value.day or now != known.standing.day, "a restore of a yes"
        self.written.append((self.town.clock.now, self.setter))
        self._count()

    def _new(self, what: str, day: date | None, at: datetime) -> bool:
        key = (what, day, at)
        fresh = key not in self.counted
        self.counted.add(key)
        return fresh

    def _count(self) -> None:
        """At most three restores of a field an hour, and at most as many as the rules allow to one person;
        each answer may be worth one more write."""
        since = self.town.clock.now - HOUR
        fields = 2 if self.moved_behind else 1
        answers = sum(at > since - HOUR for at in self.answered)
        lately = [who for at, who in self.written if at > since]
        assert len(lately) <= MOST_RESTORES * fields + answers, "that is a war"
        assert lately.count(self.setter) <= self.cap + answers, "somebody has more set back than they may"

    def teardown(self) -> None:
        try:
            if hasattr(self, "town"):
                self._ends_well()
        finally:
            self.open.close()

    def _ends_well(self) -> None:
        town = self.town
        town.box.hooks.release()
        self._go(REST)
        if self.mode != "enforce":
            self._put_in_force("enforce")
        town.clock.forward(minutes=70)
        town.place.edit("sam", title="Single sign-on for all")  # whoever looks finds what was lost
        self._go(REST)
        live(town, 2 * 3600)
        known, shows = self._known(), self._day()
        assert known.pending is None
        assert not [task for item in Desk(town.worker_app.database).parked() for task in item.parked]
        stands = [one.day for one in (known.standing, known.contested) if one is not None]
        assert shows in stands or known.paused or known.behind, "what shows is neither agreed nor contested"
        if known.commitment and not known.override and not self.switched:
            assert known.standing.day == known.commitment.value.day
