"""Product answers a date by a label: the right of whoever put it on, by the tracker's history, and the label
is taken off again."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.sandbox.places import GitHubIssue
from automation.store import ledger
from tests.end_to_end.answers import committed, said
from tests.end_to_end.conftest import BOT, PEOPLE_NEEDED, REPO, SPRING, SUMMER, Town, both, change
from tests.end_to_end.passing_time import live

YES, NO = "date-agreed", "date-declined"
ANSWERS = f"answers: {{yes: {{label: {YES}}}, no: {{label: {NO}}}}}"
BUILT_IN = {"customer-request", "waiting-for-product"}

tracker = both


@pytest.fixture
def sign_off() -> str:
    return f"{PEOPLE_NEEDED}\n    {ANSWERS}"


def label(town: Town, who: str, name: str) -> None:
    town.clock.forward(seconds=2)
    town.place.label(who, name)
    town.settle()


def answer_labels(town: Town) -> set[str]:
    return town.place.labels() & {YES, NO}


# ------------------------------------------------------------ who may


def test_a_label_of_product_agrees_to_what_waits_and_is_taken_off_again(asked: Town) -> None:
    label(asked, "mona", YES)

    assert committed(asked) == SPRING == asked.place.day()
    assert answer_labels(asked) == set()
    assert asked.waiting() == []
    assert any("agreed" in text for text in asked.on_deal())


def test_a_label_of_product_declines_what_waits(asked: Town) -> None:
    label(asked, "mona", NO)

    assert asked.waiting() == []
    assert committed(asked) is None
    assert asked.place.day() != SPRING
    assert answer_labels(asked) == set()


def test_the_ledger_and_the_decision_tell_which_entry_of_the_history_it_rests_on(asked: Town) -> None:
    label(asked, "mona", YES)

    lines = (line.entry for line in ledger.story(asked.worker_app.database, asked.subject))
    [signed] = [entry for entry in lines if entry.what == "signed"]
    assert signed.by and signed.by.name.lower() == "mona"
    assert signed.move and not (signed.comment or signed.digest), "the id of the entry"


def test_a_label_of_somebody_else_is_taken_off_and_they_hear_who_can(asked: Town) -> None:
    before = len(asked.on_issue())
    assert f"Or label it {YES}" in asked.on_issue()[-1].replace("`", ""), "product reads how"
    label(asked, "lee", YES)

    assert committed(asked) is None
    assert [proposal.value.day for proposal in asked.waiting()] == [SPRING]
    assert answer_labels(asked) == set()
    replies = asked.on_issue()[before:]
    assert len(replies) == 1 and "product" in replies[0] and YES in replies[0]


def test_the_right_is_asked_live(asked: Town) -> None:
    asked.set_product("mona", False)
    label(asked, "mona", YES)

    assert committed(asked) is None
    assert answer_labels(asked) == set()


@pytest.mark.parametrize("sign_off", [f"people_needed: 1\n    askers_may_sign: false\n    {ANSWERS}"])
def test_who_asked_cannot_agree_by_a_label_either(linked: Town) -> None:
    linked.set_product("sam", True)
    linked.comment("sam", f"/ask {SPRING} because the customer moves")
    linked.clock.forward(minutes=1)

    label(linked, "sam", YES)
    assert committed(linked) is None
    assert answer_labels(linked) == set()

    label(linked, "mona", YES)
    assert committed(linked) == SPRING


@pytest.mark.parametrize("sign_off", [f"people_needed: 2\n    {ANSWERS}"])
def test_two_people_are_needed_whether_by_word_or_label(asked: Town) -> None:
    asked.set_product("sam", True)

    label(asked, "mona", YES)
    assert committed(asked) is None
    assert answer_labels(asked) == set()
    label(asked, "mona", YES)
    assert committed(asked) is None, "the same person twice is one"

    label(asked, "sam", YES)
    assert committed(asked) == SPRING


# ------------------------------------------------------------ what it means


def test_a_label_with_nothing_open_says_so_kindly_and_is_taken_off(linked: Town) -> None:
    before = len(linked.on_issue())
    label(linked, "mona", YES)

    assert "Nothing waits" in said(linked, before)
    assert answer_labels(linked) == set()


def test_a_label_before_anything_was_asked_agrees_to_nothing_that_is_asked_later(linked: Town) -> None:
    linked.place.label("mona", YES)
    linked.clock.forward(seconds=2)
    linked.ask("lee", SPRING)
    linked.clock.forward(minutes=20)
    linked.settle()

    assert committed(linked) is None
    assert [proposal.value.day for proposal in linked.waiting()] == [SPRING]
    assert answer_labels(linked) == set()


def test_a_label_where_another_date_was_agreed_to_beside_the_one_asked_lists_them(
    asked: Town, rules: Path
) -> None:
    change(rules, "people_needed: 1", "people_needed: 2")
    asked.clock.forward(seconds=2)
    asked.set_product("sam", True)
    asked.comment("mona", f"/signoff {SUMMER}")
    before = len(asked.on_issue())

    label(asked, "sam", YES)

    reply = said(asked, before)
    assert f"signoff {SPRING}" in reply and f"signoff {SUMMER}" in reply and YES in reply
    assert committed(asked) is None
    assert answer_labels(asked) == set()


@pytest.mark.parametrize("sign_off", [f"people_needed: 1\n    discovery: required\n    {ANSWERS}"])
def test_a_user_has_to_be_heard_first(asked: Town) -> None:
    before = len(asked.on_issue())
    label(asked, "mona", YES)

    assert "a user should be heard first" in said(asked, before)
    assert committed(asked) is None


def test_a_label_of_one_policy_counts_for_that_one_alone(linked: Town, rules: Path) -> None:
    sam = linked.box.jira.user("sam").account_id
    legal = f"  legal:\n    users: {{github: [sam], jira: [{sam}]}}\n"
    change(rules, "sign_off:\n", f"sign_off:\n{legal}")
    deadlines = rules / "deadlines.yaml"
    deadlines.write_text(deadlines.read_text().replace("until: product", "until: [product, legal]"))
    linked.clock.forward(seconds=2)
    linked.ask("lee", SUMMER)
    linked.clock.forward(minutes=1)
    before = len(linked.on_issue())

    label(linked, "sam", YES)  # of legal, whose label this is not
    assert "Only product can answer" in said(linked, before)
    label(linked, "mona", YES)
    assert committed(linked) is None

    linked.comment("sam", f"/signoff {SUMMER}")
    assert committed(linked) == SUMMER


# ------------------------------------------------------------ when it is heard of


def test_a_label_whose_webhook_was_lost_counts_once_it_is_seen(asked: Town) -> None:
    asked.clock.forward(seconds=2)
    asked.box.hooks.hold()
    asked.place.label("mona", YES)
    asked.box.hooks.release(())
    asked.settle()
    assert committed(asked) is None

    asked.clock.forward(minutes=5)
    asked.edit("lee", title="Single sign-on for all")
    asked.settle()

    assert committed(asked) == SPRING
    assert answer_labels(asked) == set()


def test_a_label_that_is_told_of_twice_counts_once(asked: Town) -> None:
    asked.clock.forward(seconds=2)
    asked.box.hooks.hold()
    asked.place.label("mona", NO)
    asked.box.hooks.release((0, 0))
    asked.settle()
    assert asked.waiting() == []
    asked.ask("lee", SPRING)
    asked.clock.forward(minutes=5)
    asked.edit("lee", title="Single sign-on for all")

    assert [proposal.value.day for proposal in asked.waiting()] == [SPRING]


def test_a_label_that_its_own_hand_took_off_before_it_was_read_is_taken_back(asked: Town) -> None:
    asked.clock.forward(seconds=2)
    asked.place.label("mona", YES)
    asked.clock.forward(seconds=2)
    asked.place.unlabel("mona", YES)
    asked.settle()

    assert committed(asked) is None


def test_a_label_that_somebody_else_took_off_before_it_was_read_counts(asked: Town) -> None:
    asked.clock.forward(seconds=2)
    asked.place.label("mona", YES)
    asked.clock.forward(seconds=2)
    asked.place.unlabel("lee", YES)
    asked.settle()

    assert committed(asked) == SPRING


def test_a_label_that_stood_before_the_rules_named_it_agrees_to_nothing(asked: Town, rules: Path) -> None:
    change(rules, ANSWERS, "answers: {}")
    asked.clock.forward(seconds=5)
    asked.worker_app.rules.in_force()
    asked.edit("lee", title="Single sign-on for all")
    asked.place.label("mona", YES)
    asked.clock.forward(minutes=5)
    asked.settle()
    change(rules, "answers: {}", ANSWERS)
    asked.clock.forward(seconds=5)
    asked.edit("lee", title="Single sign-on for everybody")
    asked.clock.forward(minutes=5)
    asked.settle()

    assert committed(asked) is None
    assert answer_labels(asked) == {YES}, "it was put there for another reason"


def test_it_counts_after_a_restart_between_the_label_and_the_look(asked: Town) -> None:
    asked.clock.forward(seconds=2)
    asked.place.label("mona", YES)
    assert asked.box.hooks.drain()
    asked.restart()
    asked.settle()

    assert committed(asked) == SPRING


def test_who_made_the_issue_has_not_put_it_on_where_the_history_lags_behind(asked: Town) -> None:
    asked.box.lag(20, "history")
    label(asked, "mona", YES)
    live(asked, 61)

    assert committed(asked) == SPRING
    assert answer_labels(asked) == set()
    assert "Only product can answer" not in said(asked)


# ------------------------------------------------------------ wars and missing rights


def test_who_puts_it_on_for_ever_is_met_three_times_an_hour(asked: Town) -> None:
    for _ in range(8):
        if YES not in asked.place.labels():
            label(asked, "lee", YES)
    assert answer_labels(asked) == {YES}
    assert said(asked).count("stays here, and is no answer") == 1
    assert said(asked).count("Only product can answer") == 1
    assert committed(asked) is None

    asked.place.unlabel("lee", YES)
    asked.clock.forward(minutes=61)
    label(asked, "mona", YES)
    assert committed(asked) == SPRING
    assert answer_labels(asked) == set()


def test_a_label_that_we_may_not_take_off_counts_once_and_that_is_said_once(asked: Town) -> None:
    asked.box.github.set_role(REPO, BOT, "read")
    asked.box.jira.lock_dates("PROD", "edit")

    label(asked, "mona", NO)
    assert asked.waiting() == []
    asked.box.github.set_role(REPO, BOT, "write")
    asked.clock.forward(minutes=5)
    asked.comment("lee", f"/ask {SUMMER} because the audit is then")

    assert answer_labels(asked) == {NO}
    assert said(asked).count("stays here, and is no answer") == 1
    assert [proposal.value.day for proposal in asked.waiting()] == [SUMMER]


@pytest.mark.parametrize("tracker", ["github"])
def test_a_label_that_was_renamed_into_an_answer_is_none(asked: Town) -> None:
    assert isinstance(asked.place, GitHubIssue)
    asked.clock.forward(seconds=2)
    asked.place.label("mona", "urgent")
    asked.settle()
    asked.clock.forward(seconds=2)
    asked.box.github.as_user("lee").rename_label(REPO, "urgent", YES)
    asked.edit("lee", title="Single sign-on for all")
    for _ in range(6):
        asked.clock.forward(seconds=30)
        asked.settle()

    assert committed(asked) is None
    assert answer_labels(asked) == set(), "who gave the issue that label cannot be told"


# ------------------------------------------------------------ places and costs


@pytest.mark.parametrize("tracker", ["github"])
def test_on_a_public_place_whoever_may_use_no_commands_learns_nothing(asked: Town, rules: Path) -> None:
    asked.box.github.set_private(REPO, False)
    asked.box.github.set_role(REPO, "stranger", "triage")
    change(rules, "may_link: {github: triage", "may_link: {github: maintain")
    asked.clock.forward(seconds=5)
    asked.settle()
    before = len(asked.on_issue())

    for _ in range(5):
        if YES not in asked.place.labels():
            label(asked, "stranger", YES)

    assert said(asked, before) == ""
    assert committed(asked) is None
    assert len([path for method, path in asked.writes() if method == "DELETE" and YES in path]) == 3


def test_other_labels_are_not_looked_at(asked: Town) -> None:
    before = len(asked.box.requests)
    label(asked, "lee", "urgent")

    assert len(asked.box.requests) == before
    assert asked.place.labels() >= {"urgent"}


@pytest.mark.parametrize("sign_off", [PEOPLE_NEEDED])
def test_where_no_policy_names_one_no_label_is_looked_at(asked: Town) -> None:
    before = len(asked.box.requests)
    label(asked, "mona", YES)

    assert len(asked.box.requests) == before
    assert answer_labels(asked) == {YES}


@pytest.mark.uninterrupted
def test_an_answer_by_label_reads_no_more_than_one_by_word(asked: Town) -> None:
    before = len(asked.box.requests)
    label(asked, "mona", YES)
    by_label = [r for r in asked.box.requests[before:] if r.method == "GET" or r.path.endswith("graphql")]
    asked.ask("lee", SUMMER)
    asked.clock.forward(minutes=1)
    before = len(asked.box.requests)
    asked.comment("mona", f"/signoff {SUMMER}")
    by_word = [r for r in asked.box.requests[before:] if r.method == "GET" or r.path.endswith("graphql")]

    assert len(by_label) <= len(by_word) + 1
