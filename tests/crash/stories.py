"""What people do on issues that deals hang on, and what they must read and find in the end."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from automation.sandbox import Sandbox
from automation.sandbox.places import GitHubIssue, JiraIssue, Place
from tests.crash.processes import BOT

REPO, PROJECT, DEALS = "acme/shop", "PROD", "SALES"
WINTER, SPRING, SUMMER = (date.today() + timedelta(days=days) for days in (60, 90, 130))
MILESTONES = {"Winter release": WINTER, "Spring release": SPRING, "Summer release": SUMMER}
BODY = "One login for all tools.\n\n- log in with the company account\n- log out everywhere"
LINKED, WAITING = frozenset({"customer-request"}), frozenset({"customer-request", "waiting-for-product"})


def people(box: Sandbox) -> None:
    """Let people, a repository and projects be there."""
    for name in ("lee", "sam", "mona", "stranger", BOT):
        box.github.add_user(name)
        box.jira.add_user(name)
    roles = {"sam": "triage", "lee": "write", "mona": "write", "stranger": "read", BOT: "maintain"}
    box.github.add_repo(REPO, private=True, roles=roles)
    box.github.add_team("acme", "product", members=("mona",))
    for title, due in MILESTONES.items():
        box.github.add_milestone(REPO, title, due)
    box.jira.add_group("staff", ("lee", "sam", "mona"))
    box.jira.add_group("product-managers", ("mona",))
    box.jira.add_project(DEALS)
    box.jira.add_project(PROJECT)
    box.github.set_quota(BOT, 1_000_000)


def said(day: date) -> str:
    """Match a day, with its year or without it."""
    return rf"\b{day.day} {day:%B}(?: {day:%Y})?"


@dataclass(frozen=True)
class Step:
    """What somebody does; then what the issue and the deal are told (patterns), and how the issue stands.

    ``sure`` is False where the outcome hangs on which of two came first: the next step does not wait,
    and of the words only that none is said twice is certain. ``hasty``: the next step does not wait either,
    so that of several seen at once only the last is told; how the issue stands in the end is certain.
    """

    do: Callable[[Story], object]
    on_issue: tuple[str, ...] = ()
    on_deal: tuple[str, ...] = ()
    day: date | None = None
    labels: frozenset[str] = LINKED
    sure: bool = True
    hasty: bool = False


def _ask(day: date) -> Callable[[Story], object]:
    return lambda story: story.place.ask("lee", day)


def _write(who: str, text: str) -> Callable[[Story], object]:
    return lambda story: story.place.comment(who, text)


LINK = Step(
    lambda story: story.place.comment("sam", f"/link {story.deal}"),
    ("Dates here now wait for product",),
    ("not planned yet",),
)
ASK = Step(
    _ask(SPRING),
    (rf"stays empty; .*{said(SPRING)}.* waits for product",),
    (f"{said(SPRING)} .*is requested, not agreed",),
    labels=WAITING,
)
SIGN = Step(
    _write("mona", f"/signoff {SPRING}"),
    (rf"{said(SPRING)}.* is agreed|agreed for {said(SPRING)}|agreed.*{said(SPRING)}",),
    (f"agreed for {said(SPRING)}",),
    SPRING,
)
REWRITE = Step(
    lambda story: story.edit(f"{BODY}\n- keep guests out"),
    ("What is to be built has changed",),
    ("more will be delivered than before",),
    SPRING,
)
DECLINE = Step(
    _write("mona", "/decline because the export comes first"),
    (f"{said(SPRING)} declined",),
    ("not possible",),
)
ASK_AGAIN = Step(
    _ask(SUMMER),
    (rf"stays empty; .*{said(SUMMER)}.* waits for product",),
    (f"{said(SUMMER)} .*is requested, not agreed",),
    labels=WAITING,
)
SLIP = Step(
    _ask(SUMMER),
    (rf"kept at .*{said(SPRING)}.* waits for product",),
    (f"{said(SPRING)} is being rechecked",),
    SPRING,
    WAITING,
)
MOVE = Step(
    _write("mona", f"/signoff {SUMMER}"),
    (f"moved from .*{said(SPRING)}.* to .*{said(SUMMER)}",),
    (f"moves from {said(SPRING)} to {said(SUMMER)}",),
    SUMMER,
)
WISH = Step(_ask(SPRING), ASK.on_issue, ASK.on_deal, sure=False)
OWN_EDIT = Step(
    lambda story: story.place.ask("mona", SUMMER),
    (f"{said(SUMMER)}",),  # told after the undo time, if that ends in time
    (f"{said(SUMMER)}",),
    SUMMER,
    sure=False,
)

HASTE = tuple(
    step
    for day in (SPRING, SUMMER)
    for step in (
        Step(
            _write("lee", f"/ask {day} because the customer moves"),
            (f"{said(day)} is asked for, not agreed",),
            (f"{said(day)} .*is requested, not agreed",),
            labels=WAITING,
            hasty=True,
        ),
        Step(
            _write("mona", f"/decline {day} because the export comes first"),
            (f"{said(day)} declined",),
            (f"{said(day)} is not possible",),
            hasty=True,
        ),
    )
)

SCRIPTS = {
    "signed, then rewritten": (LINK, ASK, SIGN, REWRITE),
    "declined, then asked again": (LINK, ASK, DECLINE, ASK_AGAIN),
    "signed, then moved": (LINK, ASK, SIGN, SLIP, MOVE),
    "answered by product's own edit": (LINK, WISH, OWN_EDIT),
    "asked and answered in haste": (LINK, *HASTE),
}


@dataclass
class Story:
    """One issue, the deal that hangs on it, and what has happened so far."""

    place: Place
    deal_place: Place
    script: str
    pause: float
    """Seconds between a wish and product's own edit, which thus lands before, in or after a restore."""
    done: int = 0
    body: str = BODY
    _not_before: float = field(default=0.0, repr=False)

    @property
    def deal(self) -> str:
        return self.deal_place.key

    @property
    def steps(self) -> tuple[Step, ...]:
        return SCRIPTS[self.script]

    def edit(self, body: str) -> None:
        self.body = body
        self.place.edit("lee", body=body)

    def go_on(self) -> None:
        """Take the next step, if people can read what came of the last one. Nobody waits for a label."""
        if self.done == len(self.steps) or time.monotonic() < self._not_before or self._waits():
            return
        step = self.steps[self.done]
        step.do(self)
        self.done += 1
        # Trackers give times by the second, and nobody does two things within one.
        self._not_before = time.monotonic() + (1.0 if step.sure else max(1.0, self.pause))

    def _waits(self) -> bool:
        if not self.done:
            return False
        last = self.steps[self.done - 1]
        return last.sure and not last.hasty and (self.place.day() != last.day or bool(self._unsaid()))

    def told(self) -> tuple[list[str], list[str]]:
        """Return what Handshake has written on the issue and on the deal."""
        return _by_us(self.place), _by_us(self.deal_place)

    def missing(self) -> list[str]:
        """Say what is not as it must be after the steps taken so far: all of them, or nothing is missing."""
        found, taken = self._unsaid(), self.steps[: self.done]
        if taken and not self._stands(taken[-1]):
            found.append(f"stands at {self.place.day()} with {sorted(self.place.labels())}")
        return found

    def _unsaid(self) -> list[str]:
        taken = self.steps[: self.done]
        found = []
        for where, texts, wanted in zip(("issue", "deal"), self.told(), _wanted(taken), strict=True):
            found += [f"{where}: {problem}" for problem in _compare(texts, wanted)]
        return found

    def _stands(self, last: Step) -> bool:
        labels = self.place.labels() == last.labels or not last.sure
        return labels and self.place.day() == last.day


def _wanted(steps: tuple[Step, ...]) -> tuple[list[tuple[str, bool]], list[tuple[str, bool]]]:
    return (
        [(pattern, step.sure and not step.hasty) for step in steps for pattern in step.on_issue],
        [(pattern, step.sure and not step.hasty) for step in steps for pattern in step.on_deal],
    )


def _compare(texts: list[str], wanted: list[tuple[str, bool]]) -> Iterator[str]:
    """Match what was written with what must be, one to one."""
    left = list(texts)
    for pattern, sure in wanted:
        found = next((text for text in left if re.search(pattern, text.partition("\n")[0])), None)
        if found is not None:
            left.remove(found)
        elif sure:
            yield f"missing {pattern!r}"
    for text in left:
        how = "doubled" if texts.count(text) > 1 else "unexpected"
        yield f"{how} {text.partition(chr(10))[0]!r}"


def _by_us(place: Place) -> list[str]:
    texts = [comment.text for comment in place.said() if comment.author == BOT]
    return [re.sub(r"[\\*\u200b]", "", text).strip() for text in texts]


def tell(box: Sandbox, counts: tuple[int, int], chance: random.Random) -> list[Story]:
    """Make issues with a deal each: so many on GitHub and on Jira, of all scripts in turn."""
    made: list[Story] = []
    for system, count in zip(("github", "jira"), counts, strict=True):
        for number in range(count):
            title = f"Single sign-on {len(made) + 1}"
            deal = JiraIssue(box, box.jira.add_issue(DEALS, f"Deal {len(made) + 1}", reporter="sam"))
            place: Place
            if system == "github":
                issue = box.github.add_issue(REPO, title, BODY, author="lee")
                place = GitHubIssue(box, REPO, issue, MILESTONES)
            else:
                place = JiraIssue(box, box.jira.add_issue(PROJECT, title, BODY, reporter="lee"))
            script = list(SCRIPTS)[(number + 2 * (system == "github")) % len(SCRIPTS)]
            made.append(Story(place, deal, script, chance.uniform(0, 6)))
    chance.shuffle(made)
    return made
