"""What people read in each situation, sent through the whole pipeline: kept as texts to be read aloud.

``HANDSHAKE_GOLDEN=write make test`` writes them anew; read what the diff shows before it is committed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from automation.model import Mode
from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import BODY, BOT, REPO, SPRING, SUMMER, WINTER, Town, both

GOLDEN = Path(__file__).parent / "golden"
WRITES = os.environ.get("HANDSHAKE_GOLDEN") == "write"

TITLE = "[URGENT] feat(auth): SAML broken for Delta Bank - they threaten to leave!!"
ITEM = "- [ ] Remove the hack for Delta (they pay 400k)"
CANARIES = re.compile(r"urgent|feat\(|delta|threaten|hack|400", re.IGNORECASE)
NOT_FOR_SALES = re.compile(
    r"webhook|milestone|ticket|revert|github|jira|/signoff|/decline|\d{4}-\d\d-\d\d", re.IGNORECASE
)
BROKEN = re.compile(r"\{\{|\{%|\}\}|%\}|“”|‘’|\(\)| ,| \.|None|undefined|\n{3}")
LONGEST = 900
"""Characters of one message, as a person sees it."""


Step = Callable[[Town], object]


def signed(town: Town) -> None:
    town.ask("lee", SPRING)
    town.comment("mona", "/signoff 2027-03-01")


def undo_time_ends(town: Town) -> None:
    town.clock.forward(minutes=20)
    town.settle()


def rescoped(town: Town) -> None:
    signed(town)
    town.edit("lee", body=BODY.replace("log out everywhere", "log out after 30 days"))
    town.clock.forward(minutes=5)


def day_comes(day: date) -> Step:
    """Let a day come, with what is due on the way."""

    def step(town: Town) -> None:
        for ahead in (10, 3, 1, 0):
            town.clock.now = max(
                town.clock.now, datetime(day.year, day.month, day.day, 8, tzinfo=UTC) - timedelta(ahead)
            )
            town.settle()

    return step


def moved(town: Town, day: date | None) -> None:
    signed(town)
    town.ask("mona", day)
    undo_time_ends(town)


def second_deal(town: Town, owner: str = "sam") -> str:
    due = date(2027, 6, 1)
    deal = town.box.jira.add_issue("SALES", "Echo Foods", reporter=owner, assignee=owner, due=due)
    town.comment("sam", f"/link {deal}")
    return deal


def linked_when_done(town: Town) -> None:
    town.comment("sam", f"/unlink {town.deal}")
    town.place.close("lee")
    town.settle()
    town.comment("sam", f"/link {town.deal}")


def closed(town: Town, done: bool = True) -> None:
    signed(town)
    town.place.close("lee", done)
    town.settle()


def reopened(town: Town) -> None:
    closed(town)
    town.place.reopen("lee")
    town.settle()


def restore_refused(town: Town) -> None:
    if isinstance(town.place, GitHubIssue):
        town.box.github.set_role(REPO, BOT, "triage")
    else:
        town.box.jira.lock_dates("PROD", "schedule")
    town.ask("lee", SPRING)


def names_of_others(town: Town) -> None:
    """The title and an item name another customer, and neither deal reads so."""
    town.place.edit("lee", title=TITLE, body=f"- [ ] Log in with SAML\n{ITEM}\n")
    town.settle()
    signed(town)


def ask(who: str, day: date | None) -> Step:
    return lambda town: town.ask(who, day)


def say(who: str, words: str) -> Step:
    return lambda town: town.comment(who, words)


def due(day: date | None) -> Step:
    """Lee gives the milestone of 1 March another date of its own."""

    def step(town: Town) -> None:
        town.box.github.as_user("lee").edit_milestone(REPO, "Spring release", due=day)
        town.settle()

    return step


def milestone_deleted(town: Town) -> None:
    town.box.github.as_user("lee").delete_milestone(REPO, "Spring release")
    town.settle()


SITUATIONS: dict[str, tuple[Step, ...]] = {
    "linked without a date": (),
    "asked by an engineer": (ask("lee", SPRING),),
    "asked by sales": (say("sam", "/ask 2027-03-01 because they sign in March"),),
    "asked by the owner of another deal": (
        lambda town: second_deal(town, "lee"),
        say("lee", "/ask 2027-03-01"),
    ),
    "first date agreed": (signed,),
    "moved earlier": (lambda town: moved(town, WINTER),),
    "moved later": (lambda town: moved(town, SUMMER),),
    "cleared by product": (lambda town: moved(town, None),),
    "asked for a day that has passed": (say("sam", "/ask 2026-03-01"),),
    "asked for a day a year from now": (say("sam", "/ask 2028-03-01"),),
    "asked beside an agreed date": (signed, say("sam", "/ask 2027-01-31 because their audit is in February")),
    "agreed date at risk": (signed, ask("lee", SUMMER)),
    "answered with another date": (ask("lee", SPRING), say("mona", "/signoff 2027-04-15")),
    "declined": (ask("lee", SPRING), say("mona", "/decline the team is on the audit until then")),
    "withdrawn": (say("sam", "/ask 2027-03-01"), say("sam", "/withdraw")),
    "undone in the undo time": (signed, ask("mona", SUMMER), ask("lee", None), undo_time_ends),
    "second deal of an agreed date": (signed, second_deal),
    "linked when done": (linked_when_done,),
    "closed as done": (closed,),
    "closed as not planned": (lambda town: closed(town, False),),
    "reopened": (reopened,),
    "restore refused": (restore_refused,),
    "the limit of restores": tuple(ask("lee", day) for day in (SPRING, SUMMER, SPRING, SUMMER)),
    "no longer connected": (signed, lambda town: town.comment("sam", f"/unlink {town.deal}")),
    "what was agreed is changed by an engineer": (rescoped,),
    "what was agreed is changed, and agreed again": (rescoped, say("mona", "/signoff 2027-03-01")),
    "what was agreed is changed back": (rescoped, lambda town: town.edit("lee", body=BODY)),
    "the day of an agreed date is near": (signed, day_comes(date(2027, 2, 26))),
    "nobody confirms an agreed date in time": (lambda town: moved(town, SUMMER), day_comes(SUMMER)),
    "an agreed date has passed": (signed, day_comes(date(2027, 3, 2))),
    "named for customers": (say("mona", "/name Company login"), signed),
    "words that name others": (names_of_others,),
}
ON_MILESTONES: dict[str, tuple[Step, ...]] = {
    "the milestone moved": (signed, due(SUMMER)),
    "the milestone moved, earlier": (signed, due(date(2027, 2, 1))),
    "the milestone lost its date": (signed, due(None)),
    "the milestone moved, nothing agreed": (ask("mona", SPRING), due(SUMMER)),
    "the milestone moved back": (signed, due(SUMMER), due(SPRING)),
    "the milestone moved, declined": (signed, due(SUMMER), say("mona", "/decline the date is promised")),
    "the milestone was deleted": (signed, milestone_deleted),
}
OTHER_YEARS = {
    ("github", "asked for a day that has passed"),
    ("jira", "asked for a day that has passed"),
    ("jira", "asked for a day a year from now"),
}
"""Where each day is said with its year. On GitHub no milestone is due a year from now."""


tracker = both


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_people_read(linked: Town, tracker: str, situation: str) -> None:
    for step in SITUATIONS[situation]:
        step(linked)
    compare(linked, f"{tracker}/{situation}")
    if (tracker, situation) in OTHER_YEARS:
        texts = [text for _, text in written(linked)]
        assert any("1 March 20" in text for text in texts)
        assert not any(re.search("1 March(?! 20)", text) for text in texts)


@pytest.mark.parametrize("tracker", ["github"])
@pytest.mark.parametrize("situation", ON_MILESTONES)
def test_what_people_read_of_a_milestone(linked: Town, situation: str) -> None:
    for step in ON_MILESTONES[situation]:
        step(linked)
    compare(linked, f"github/{situation}")


@pytest.mark.parametrize("tracker", ["github"])
def test_what_strangers_and_deals_read_of_a_public_issue(linked: Town) -> None:
    linked.box.github.set_private(REPO, False)
    linked.settle()
    signed(linked)
    compare(linked, "github/public")


class TestTell:
    """Nothing is set back: what a field still shows is said."""

    @pytest.fixture
    def mode(self) -> Mode:
        return Mode.TELL

    def test_what_people_read(self, linked: Town, tracker: str) -> None:
        linked.ask("lee", SPRING)
        linked.comment("mona", "/decline the team is on the audit until then")
        compare(linked, f"{tracker}/tell mode, declined")


def compare(town: Town, name: str) -> None:
    """Read all that was written as a person would, and compare it with what is kept."""
    texts = list(written(town))
    for side, text in texts:
        readable(side, text)
    read = "\n\n".join(f"----- {side}\n\n{text}" for side, text in texts) + "\n"
    path = GOLDEN / f"{name}.md"
    if WRITES:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(read, "utf-8")
    assert read == path.read_text("utf-8")


def written(town: Town) -> Iterator[tuple[str, str]]:
    """Yield (where, text) of each comment, as it is seen."""
    for text in town.on_issue():
        yield "on the issue", seen(town, text)
    for issue in [key for key in town.box.jira.issues if key.startswith("SALES-")]:
        for text in replace(town, deal=issue).on_deal():
            yield f"on the deal {issue}", seen(town, text)


def seen(town: Town, text: str) -> str:
    """Return the text without what makes words inert, and without what differs from run to run."""
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    for url, name in ((town.box.github_url, "github"), (town.box.jira_url, "jira")):
        text = text.replace(url.rstrip("/"), f"https://{name}.example.com")
    return text.replace("\\", "").replace("\u200b", "").strip()


def readable(side: str, text: str) -> None:
    """What holds of every message that anybody reads."""
    assert not BROKEN.search(text), text
    assert len(text) <= LONGEST, text
    if "deal" in side:
        words = re.sub(r"https?://\S+", "", text)
        assert not CANARIES.search(words), text
        assert not NOT_FOR_SALES.search(words), text
        forwarded = re.findall(r"tell the customer:\W*(.+)", text)
        assert len(forwarded) <= 1, text
        for line in forwarded:
            assert not re.search(r"handshake|@|https?:|SALES-|PROD-|#\d", line, re.IGNORECASE), text
