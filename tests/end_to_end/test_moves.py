"""Whatever an issue or its place is called by now: what was linked, asked, agreed and said goes with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from automation.sandbox.places import GitHubIssue, JiraIssue, Place
from automation.store.deliveries import Desk
from automation.store.open_proposals import out_of_reach
from tests.end_to_end.conftest import BOT, MILESTONES, REPO, SPRING, SUMMER, Town

STORE = "acme/store"


@pytest.fixture
def agreed(asked: Town) -> Town:
    """Product has agreed to 1 March."""
    asked.comment("mona", "/signoff 2027-03-01")
    return asked


def look_after(rules: Path, **places: str) -> None:
    """Let the rules name these places, as in ``repositories="[acme/shop]"``."""
    path = rules / "handshake.yaml"
    text = path.read_text()
    for kind, named in places.items():
        before = {"repositories": "[acme/shop]", "projects": "[PROD]"}[kind]
        text = text.replace(f"{kind}: {before}", f"{kind}: {named}")
    path.write_text(text)


def another_repository(town: Town, repo: str = STORE, milestones: dict[str, date] | None = None) -> None:
    roles = {"sam": "triage", "lee": "write", "mona": "write", BOT: "maintain"}
    town.box.github.add_repo(repo, private=True, roles=roles)
    town.box.github.add_milestone(repo, "Of its own", date(2027, 9, 1))  # so that numbers differ
    for title, due in (MILESTONES if milestones is None else milestones).items():
        town.box.github.add_milestone(repo, title, due)


def transfer(town: Town, to: str = STORE) -> None:
    number = town.box.github.as_user("lee").transfer_issue(REPO, town.number, to)
    town.place = in_repository(town.place, to, number)


def in_repository(place: Place, repo: str, number: int | None = None) -> Place:
    assert isinstance(place, GitHubIssue)
    return replace(place, repo=repo, number=number or place.number)


def moved(texts: list[str]) -> list[str]:
    return [text for text in texts if "Now in" in text or "new home" in text or "Moved to" in text]


def doubled(texts: list[str]) -> list[str]:
    return [text for text in set(texts) if texts.count(text) > 1]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0,), (1,), (0, 1, 0, 1)])
def test_a_transferred_issue_keeps_what_was_agreed_and_holds_the_next_date(
    agreed: Town, rules: Path, order: tuple[int, ...]
) -> None:
    look_after(rules, repositories=f"[acme/shop, {STORE}]")
    another_repository(agreed)
    agreed.settle()
    before = len(agreed.on_issue()), len(agreed.on_deal())
    agreed.box.hooks.hold()
    transfer(agreed)
    agreed.box.hooks.release(order)
    agreed.settle()
    assert agreed.place.day() == SPRING
    said, told = agreed.on_issue()[before[0] :], agreed.on_deal()[before[1] :]
    assert len(said) == len(moved(said)) == 1 and f"Now in {STORE}" in said[0]
    assert len(told) == len(moved(told)) == 1 and "1 March stands as agreed" in told[0]
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SPRING
    assert len(agreed.waiting()) == 1
    agreed.comment("mona", "/signoff 2027-04-15")
    assert agreed.place.day() == SUMMER
    assert not doubled(agreed.on_issue()) and not doubled(agreed.on_deal())


def test_deliveries_that_come_before_anybody_tells_of_the_transfer_find_the_issue_all_the_same(
    agreed: Town, rules: Path
) -> None:
    look_after(rules, repositories=f"[acme/shop, {STORE}]")
    another_repository(agreed)
    agreed.settle()
    before = len(agreed.on_issue()), len(agreed.on_deal())
    agreed.box.hooks.hold()
    transfer(agreed)
    agreed.place.ask("lee", SUMMER)
    places = range(2, len(agreed.box.hooks.held))  # what tells of the transfer is lost
    agreed.box.hooks.release(list(places))
    agreed.settle()
    assert agreed.place.day() == SPRING
    assert len(agreed.waiting()) == 1
    said, told = agreed.on_issue()[before[0] :], agreed.on_deal()[before[1] :]
    assert len(moved(said)) == len(moved(told)) == 1
    assert len(said) == len(told) == 2


def test_a_transfer_that_drops_the_milestone_is_a_cleared_date(agreed: Town, rules: Path) -> None:
    look_after(rules, repositories=f"[acme/shop, {STORE}]")
    another_repository(agreed, milestones={})
    agreed.settle()
    transfer(agreed)
    agreed.settle()
    for _ in range(6):  # its history does not tell where the milestone went, and is waited for
        agreed.clock.forward(seconds=20)
        agreed.settle()
    assert len(moved(agreed.on_issue())) == len(moved(agreed.on_deal())) == 1
    states = agreed.worker_app.states
    [waiting] = agreed.waiting()
    assert not waiting.value and waiting.old.day == SPRING
    [(subject, _)] = states.open_proposals()
    commitment = states.load(subject)[0].commitments()["milestone"]
    assert commitment is not None and commitment.value.day == SPRING and commitment.at_risk


def test_words_on_their_way_are_said_once_where_the_issue_is_now(linked: Town, rules: Path) -> None:
    look_after(rules, repositories=f"[acme/shop, {STORE}]")
    another_repository(linked)
    linked.settle()
    linked.place.ask("lee", SPRING)
    assert linked.box.hooks.drain()
    for _ in range(3):  # read and decided, and little more
        linked.worker_app.worker.run_next(words=False)
    transfer(linked)
    linked.settle()
    linked.clock.forward(minutes=5)
    linked.settle()
    assert linked.place.day() is None
    assert len(linked.waiting()) == 1
    assert not doubled(linked.on_issue()) and not doubled(linked.on_deal())
    assert sum("waits for product" in text for text in linked.on_issue()) == 1
    linked.comment("mona", "/signoff 2027-03-01")
    assert linked.place.day() == SPRING


@pytest.mark.parametrize("told", [True, False], ids=["told", "lost"])
def test_a_renamed_repository_is_the_same_under_the_name_in_the_rules(agreed: Town, told: bool) -> None:
    before = len(agreed.on_issue()), len(agreed.on_deal())
    agreed.box.hooks.hold()
    agreed.box.github.set_role(REPO, "lee", "admin")
    agreed.box.github.as_user("lee").rename_repo(REPO, "market")
    agreed.box.hooks.release(None if told else [])
    agreed.place = in_repository(agreed.place, "acme/market")
    agreed.settle()
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SPRING
    assert len(agreed.waiting()) == 1
    said, told_ = agreed.on_issue()[before[0] :], agreed.on_deal()[before[1] :]
    assert len(moved(said)) == len(moved(told_)) == 1 and "Now in acme/market" in moved(said)[0]
    assert len(said) == len(told_) == 2
    new = agreed.box.github.add_issue("acme/market", "Another", author="lee")
    agreed.place = in_repository(agreed.place, "acme/market", new)
    agreed.comment("sam", f"/link {agreed.deal}")
    assert "customer-request" in agreed.place.labels()


def test_another_spelling_in_the_rules_learns_nothing_anew(agreed: Town, rules: Path) -> None:
    before = agreed.on_issue(), agreed.on_deal()
    look_after(rules, repositories="[Acme/SHOP]")
    agreed.settle()
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SPRING
    agreed.edit("lee", title="Single sign-on for all")
    assert len(agreed.waiting()) == 1
    assert not moved(agreed.on_issue()) and not moved(agreed.on_deal())
    assert agreed.on_issue()[: len(before[0])] == before[0]
    assert not doubled(agreed.on_issue()) and not doubled(agreed.on_deal())


def test_an_issue_that_leaves_the_rules_reach_is_told_once_kept_and_taken_up_again(
    agreed: Town, rules: Path
) -> None:
    another_repository(agreed)
    before = len(agreed.on_issue()), len(agreed.on_deal())
    transfer(agreed)
    agreed.settle()
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SUMMER  # nobody guards it there
    said, told = agreed.on_issue()[before[0] :], agreed.on_deal()[before[1] :]
    assert len(said) == len(told) == 1
    assert f"Moved to {STORE}, where dates are not looked after" in said[0]
    [lost] = out_of_reach(agreed.worker_app.database)
    assert (lost.subject.key, lost.day) == (agreed.place.key, SPRING)
    assert "1 March was agreed, and nobody has taken that back" in told[0]
    look_after(rules, repositories=f"[acme/shop, {STORE}]")
    agreed.clock.forward(seconds=5)
    agreed.edit("lee", title="Single sign-on for all")
    assert agreed.place.day() == SPRING
    assert len(agreed.waiting()) == 1
    assert not out_of_reach(agreed.worker_app.database)


@pytest.mark.parametrize("tracker", ["jira"])
@pytest.mark.parametrize("told", [True, False], ids=["told", "lost"])
def test_an_issue_that_moves_to_another_project_keeps_all(agreed: Town, rules: Path, told: bool) -> None:
    look_after(rules, projects="[PROD, CORE]")
    agreed.box.jira.add_project("CORE", "Core")
    agreed.settle()
    before = len(agreed.on_issue()), len(agreed.on_deal())
    agreed.box.hooks.hold()
    agreed.place = JiraIssue(agreed.box, agreed.box.jira.as_user("lee").move(agreed.place.key, "CORE"))
    agreed.box.hooks.release(None if told else [])
    agreed.settle()
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SPRING
    said, told_ = agreed.on_issue()[before[0] :], agreed.on_deal()[before[1] :]
    assert len(moved(said)) == len(moved(told_)) == 1 and "Now in CORE" in moved(said)[0]
    assert len(said) == len(told_) == 2
    agreed.comment("mona", "/signoff 2027-04-15")
    assert agreed.place.day() == SUMMER


@pytest.mark.parametrize("tracker", ["jira"])
def test_a_project_with_another_key_is_the_same_under_that_in_the_rules(agreed: Town) -> None:
    agreed.box.jira.rename_project("PROD", "GOODS")
    agreed.place = JiraIssue(agreed.box, agreed.place.key.replace("PROD", "GOODS"))
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SPRING
    assert len(moved(agreed.on_issue())) == len(moved(agreed.on_deal())) == 1


@pytest.mark.parametrize("tracker", ["jira"])
def test_an_issue_that_moves_to_a_project_out_of_reach_is_told_once_and_kept(agreed: Town) -> None:
    agreed.box.jira.add_project("ELSE", "Elsewhere")
    before = len(agreed.on_issue()), len(agreed.on_deal())
    agreed.place = JiraIssue(agreed.box, agreed.box.jira.as_user("lee").move(agreed.place.key, "ELSE"))
    agreed.settle()
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() == SUMMER
    said, told = agreed.on_issue()[before[0] :], agreed.on_deal()[before[1] :]
    assert len(said) == len(told) == 1 and "Moved to ELSE" in said[0]


def test_a_transfer_to_where_we_may_not_look_parks_nothing_and_loses_nothing(agreed: Town) -> None:
    agreed.box.github.add_repo("acme/secret", private=True, roles={"lee": "write"})
    before = len(agreed.on_deal())
    transfer(agreed, "acme/secret")
    for _ in range(20):
        agreed.settle()
        agreed.clock.forward(seconds=30)
    assert agreed.worker_app.queue.counts().get("parked", 0) == 0
    [lost] = agreed.on_deal()[before:]
    assert "out of sight" in lost and "1 March was agreed, and nobody has taken that back" in lost
    agreed.box.github.set_role("acme/secret", BOT, "maintain")
    number = agreed.box.github.as_user("lee").transfer_issue("acme/secret", agreed.number, REPO)
    agreed.place = in_repository(agreed.place, REPO, number)
    agreed.settle()
    agreed.ask("lee", SUMMER)
    assert agreed.place.day() in (SPRING, None)
    assert len(agreed.waiting()) == 1


@pytest.mark.parametrize("tracker", ["jira"])
def test_an_issue_that_cannot_be_seen_for_a_while_is_told_of_and_taken_up_again(agreed: Town) -> None:
    jira = agreed.box.jira
    jira.add_project("ELSE", "Elsewhere")
    jira.hide("ELSE", BOT)
    before = len(agreed.on_issue()), len(agreed.on_deal())
    hidden = jira.as_user("lee").move(agreed.place.key, "ELSE")
    for _ in range(20):
        agreed.settle()
        agreed.clock.forward(seconds=30)
    [lost] = agreed.on_deal()[before[1] :]
    assert "out of sight" in lost and "1 March was agreed, and nobody has taken that back" in lost

    jira.as_user("lee").set_date(hidden, "duedate", SUMMER)
    agreed.place = JiraIssue(agreed.box, jira.as_user("lee").move(hidden, "PROD"))
    for _ in range(4):
        agreed.settle()
        agreed.clock.forward(seconds=30)

    assert agreed.place.day() == SPRING, "what happened meanwhile is held"
    assert len(agreed.waiting()) == 1
    back = [text for text in agreed.on_deal()[before[1] + 1 :] if "in sight again" in text]
    assert len(back) == 1
    assert ["In sight again" in text for text in agreed.on_issue()[before[0] :]].count(True) == 1


@pytest.mark.parametrize("tracker", ["github", "jira"])
def test_a_deleted_issue_is_told_to_its_deals_once(agreed: Town) -> None:
    before = len(agreed.on_deal())
    if isinstance(agreed.place, JiraIssue):
        agreed.box.jira.as_user("lee").delete(agreed.place.key)
    else:
        agreed.box.github.set_role(REPO, "lee", "admin")
        agreed.box.github.as_user("lee").delete_issue(REPO, agreed.number)
    for _ in range(4):
        agreed.settle()
        agreed.clock.forward(minutes=1)

    [told] = agreed.on_deal()[before:]
    assert "it was deleted, or moved" in told and "1 March was agreed" in told
    assert agreed.worker_app.queue.counts().get("parked", 0) == 0


def test_an_issue_that_comes_from_where_nobody_looked_is_as_any_other(town: Town) -> None:
    another_repository(town)
    number = town.box.github.add_issue(STORE, "Audit log", author="lee")
    number = town.box.github.as_user("lee").transfer_issue(STORE, number, REPO)
    town.place = in_repository(town.place, REPO, number)
    town.settle()
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SPRING)
    assert town.place.day() is None
    assert town.worker_app.queue.counts().get("parked", 0) == 0


def renamed(town: Town, rules: Path) -> None:
    town.box.github.set_role(REPO, "lee", "admin")
    town.box.github.as_user("lee").rename_repo(REPO, "market")
    town.place = in_repository(town.place, "acme/market")


def transferred(town: Town, rules: Path) -> None:
    transfer(town)


def moved_on_jira(town: Town, rules: Path) -> None:
    town.place = JiraIssue(town.box, town.box.jira.as_user("lee").move(town.place.key, "CORE"))


@pytest.mark.parametrize("told", [True, False], ids=["told", "lost"])
@pytest.mark.parametrize(
    ("tracker", "goes"),
    [("github", renamed), ("github", transferred), ("jira", moved_on_jira)],
    ids=["rename", "transfer", "move"],
)
def test_a_notice_whose_answer_was_lost_is_found_again_where_the_issue_is_now(
    linked: Town, rules: Path, goes: Callable[[Town, Path], None], told: bool
) -> None:
    """Its mark is all that tells it from one that was never said."""
    look_after(rules, repositories=f"[acme/shop, {STORE}]", projects="[PROD, CORE]")
    another_repository(linked)
    linked.box.jira.add_project("CORE", "Core")
    linked.settle()
    number = linked.place.key.rpartition("#")[2]
    linked.box.fail_next("POST", rf"/issues?/{number}/comments?$", "drop after")
    linked.place.ask("lee", SPRING)
    while len(asks(linked)) == 0:
        assert linked.box.hooks.drain() and linked.worker_app.worker.run_next()
    lost = [item for item in Desk(linked.worker_app.database).undone("", 100)[0] if item.tasks[0].effect]
    assert lost, "nobody heard that it was said"

    linked.box.hooks.hold()
    goes(linked, rules)
    linked.box.hooks.release(None if told else [])
    for _ in range(3):
        linked.settle()
        linked.clock.forward(minutes=5)

    assert len(asks(linked)) == 1
    assert not doubled(linked.on_issue()) and not doubled(linked.on_deal())
    assert Desk(linked.worker_app.database).undone("", 100)[0] == []
    linked.comment("mona", "/signoff 2027-03-01")
    assert linked.place.day() == SPRING


def asks(town: Town) -> list[str]:
    """Return the notices that say that the date waits for product."""
    return [text for text in town.on_issue() if "waits for product" in text]
