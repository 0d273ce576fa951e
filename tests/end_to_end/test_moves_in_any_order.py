"""Renames, moves, transfers and other spellings, among all else that people do, told in any order or not at
all: no date stands that nobody signed, and nothing is said twice."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from automation.model import Subject
from automation.sandbox.places import GitHubIssue, JiraIssue
from tests.end_to_end.conftest import REPO, SPRING, SUMMER, WINTER, Town
from tests.end_to_end.test_moves import STORE, another_repository, look_after

DAYS = (WINTER, SPRING, SUMMER)
STEPS = 12


@pytest.fixture(params=["github", "jira"])
def tracker(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass
class Walk:
    """One way through it. ``signed`` is what product has agreed to; ``missed`` are the dates that it agreed
    to in a comment of which the delivery may be lost, so that it may be read later, or never."""

    town: Town
    rules: Path
    dice: random.Random
    repos: list[str] = field(default_factory=lambda: [REPO, STORE])
    projects: list[str] = field(default_factory=lambda: ["PROD", "CORE"])
    signed: date | None = None
    missed: set[date] = field(default_factory=set)
    losing: bool = False
    trace: list[str] = field(default_factory=list)

    def act(self, name: str) -> None:
        """Do one thing, and let its deliveries be sent."""
        self.trace.append(name)
        getattr(self, name)()

    def ask(self) -> None:
        self.town.place.ask("lee", self.dice.choice((*DAYS, None)))

    def sign(self) -> None:
        day = self.dice.choice(DAYS)
        self.town.place.comment("mona", f"/signoff {day}")
        if self.losing:
            self.missed.add(day)
        elif self._subject_state().answerable():
            self.signed = day

    def link(self) -> None:
        self.town.place.comment("sam", f"/link {self.town.deal}")

    def unlink(self) -> None:
        self.town.place.comment("sam", f"/unlink {self.town.deal}")

    def rename(self) -> None:
        place, name = self.town.place, f"other-{self.dice.randrange(10**6)}"
        if isinstance(place, GitHubIssue):
            self.town.box.github.set_role(place.repo, "lee", "admin")
            full = self.town.box.github.as_user("lee").rename_repo(place.repo, name)
            self.repos[self.repos.index(place.repo)] = full
            self.town.place = replace(place, repo=full)
        else:
            assert isinstance(place, JiraIssue)
            old, new = place.key.rpartition("-")[0], f"P{self.dice.randrange(10**6)}"
            self.town.box.jira.rename_project(old, new)
            self.projects[self.projects.index(old)] = new
            self.town.place = replace(place, key=place.key.replace(old, new))

    def move(self) -> None:
        place = self.town.place
        if isinstance(place, GitHubIssue):
            to = next(repo for repo in self.repos if repo != place.repo)
            number = self.town.box.github.as_user("lee").transfer_issue(place.repo, place.number, to)
            self.town.place = replace(place, repo=to, number=number)
        else:
            assert isinstance(place, JiraIssue)
            to = next(one for one in self.projects if one != place.key.rpartition("-")[0])
            self.town.place = replace(place, key=self.town.box.jira.as_user("lee").move(place.key, to))

    def respell(self) -> None:
        path = self.rules / "handshake.yaml"
        text = path.read_text()
        for name in ("shop", "store"):
            start = text.lower().index(f"acme/{name}")
            text = text.replace(
                text[start : start + 5 + len(name)], f"acme/{self.dice.choice((name, name.upper()))}"
            )
        path.write_text(text)

    def duplicate(self) -> None:
        for delivery in self.dice.choices(self.town.box.hooks.deliveries[-12:], k=4):
            self.town.box.hooks.redeliver(delivery.id)

    def batch(self) -> None:
        """Let deliveries of several things come in any order, twice or never."""
        hooks = self.town.box.hooks
        hooks.hold()
        self.losing = True
        for name in self.dice.choices(("ask", "sign", "link", "move", "rename", "unlink"), k=3):
            self.act(name)
        places = [n for n in range(len(hooks.held)) if self.dice.random() < 0.8]
        places += [n for n in places if self.dice.random() < 0.3]
        self.dice.shuffle(places)
        hooks.release(places)
        self.losing = False

    def settle(self) -> None:
        self.town.settle()
        for _ in range(5):
            self.town.clock.forward(seconds=20)
            self.town.settle()
        self.town.clock.forward(minutes=25)  # more than three restores in an hour would be no more

    def nudge(self) -> None:
        """Let something happen that is told of: it shows all that was missed."""
        self.town.place.edit("lee", body=f"One login.\n\n- log in {self.dice.randrange(10**9)} times")
        self.settle()

    def _subject_state(self):  # type: ignore[no-untyped-def]
        place, box = self.town.place, self.town.box
        if isinstance(place, GitHubIssue):
            subject = Subject(
                "github", "issue", str(box.github.issue(place.repo, place.number).id), place.key
            )
        else:
            subject = Subject("jira", "issue", box.jira.issue(place.key).id, place.key)
        return self.town.worker_app.states.load(subject)[0]

    def check(self, said: int, told: int) -> None:
        state, day = self._subject_state(), self.town.place.day()
        commitment = next(iter(state.commitments().values()), None)
        agreed = commitment.value.day if commitment else None
        assert agreed == self.signed or agreed in self.missed, self.trace
        self.signed = agreed
        if state.answerable():
            assert day == self.signed, self.trace
        for texts in (self.town.on_issue()[said:], self.town.on_deal()[told:]):
            assert len(set(texts)) == len(texts), (self.trace, texts)
        assert state.lives == self.town.place.key


@pytest.mark.parametrize("seed", range(2))
def test_no_unsigned_date_and_no_doubled_word_whatever_moves_in_between(
    town: Town, rules: Path, tracker: str, seed: int
) -> None:
    look_after(rules, repositories=f"[acme/shop, {STORE}]", projects="[PROD, CORE]")
    another_repository(town)
    town.box.jira.add_project("CORE", "Core")
    town.settle()
    walk = Walk(town, rules, random.Random(seed))
    deeds = ["ask", "ask", "sign", "link", "unlink", "rename", "move", "duplicate", "batch"]
    deeds += ["respell"] if tracker == "github" else []
    for name in ["link", *(walk.dice.choice(deeds) for _ in range(STEPS))]:
        said, told = len(town.on_issue()), len(town.on_deal())
        walk.act(name)
        walk.settle()
        if name in ("batch", "rename"):
            walk.nudge()
        walk.check(said, told)
    assert not town.box.hooks.held
