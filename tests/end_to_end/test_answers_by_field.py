"""Product answers a date in Jira by a field: the right of whoever set it, by the changelog, and it is emptied
again."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.sandbox.jira_field_shapes import option_json
from automation.sandbox.places import JiraIssue
from automation.store import ledger
from tests.end_to_end.answers import committed, look, said, waiting
from tests.end_to_end.conftest import BOT, PEOPLE_NEEDED, SPRING, SUMMER, Town, change
from tests.end_to_end.passing_time import live

FIELD, YES, NO = "customfield_10042", "Approved", "Declined"
NAME = "Product sign-off"
YES_BY, NO_BY = (f"{{jira_field: {{field: {NAME}, value: {value}}}}}" for value in (YES, NO))
BY_NAME = f"answers: {{yes: {YES_BY}, no: {NO_BY}}}"
BY_ID = BY_NAME.replace(NAME, FIELD)


@pytest.fixture
def tracker() -> str:
    return "jira"


@pytest.fixture
def sign_off() -> str:
    return f"{PEOPLE_NEEDED}\n    {BY_NAME}"


@pytest.fixture
def kind() -> str:
    return "option"


@pytest.fixture(autouse=True)
def field(town: Town, kind: str) -> str:
    options = (YES, NO, "Not yet") if kind == "option" else ()
    return town.box.jira.add_field(NAME, kind, ["PROD"], id=FIELD, options=options)


def put(town: Town, who: str, value: str | None, field: str = FIELD) -> None:
    """Set the field, as people do, without waiting for what comes of it."""
    town.clock.forward(seconds=2)
    person = town.box.jira.as_user(who)
    if town.box.jira.fields[field].kind == "option":
        person.choose(town.place.key, field, value)
    else:
        person.write(town.place.key, field, value)


def choose(town: Town, who: str, value: str | None) -> None:
    put(town, who, value)
    town.settle()


def held(town: Town) -> object:
    return town.box.jira.issue(town.place.key).custom.get(FIELD)


def chosen(town: Town) -> str:
    now = held(town)
    return str(now["value"]) if isinstance(now, dict) else ""


def emptied(town: Town) -> int:
    """Return how often we emptied the field."""
    ours = [one for one in town.box.jira.changelog(town.place.key) if one.author.name == BOT]
    return sum(item["fieldId"] == FIELD for one in ours for item in one.items)


# ------------------------------------------------------------ who may


@pytest.mark.parametrize("sign_off", [f"people_needed: 1\n    {one}" for one in (BY_NAME, BY_ID)])
def test_product_agrees_by_the_field_and_it_is_emptied(asked: Town) -> None:
    assert f"Or set “{NAME}” to “{YES}”." in asked.on_issue()[-1], "product reads how, by the field's name"
    choose(asked, "mona", YES)

    assert committed(asked) == SPRING == asked.place.day()
    assert held(asked) is None and asked.waiting() == []
    assert any("agreed" in text for text in asked.on_deal())


@pytest.mark.parametrize("kind", ["string", "textarea"])
def test_a_text_answers_too(asked: Town) -> None:
    choose(asked, "mona", "not approved yet")
    assert committed(asked) is None and held(asked) is not None, "other words are left alone"

    choose(asked, "mona", "approved")
    assert committed(asked) == SPRING
    assert held(asked) is None


def test_product_declines_by_the_field(asked: Town) -> None:
    choose(asked, "mona", NO)

    assert asked.waiting() == [] and committed(asked) is None
    assert asked.place.day() != SPRING
    assert held(asked) is None


def test_the_ledger_tells_which_entry_of_the_history_it_rests_on(asked: Town) -> None:
    choose(asked, "mona", YES)

    entry = next(
        one.id
        for one in asked.box.jira.changelog(asked.place.key)
        if any(item["toString"] == YES for item in one.items)
    )
    lines = (line.entry for line in ledger.story(asked.worker_app.database, asked.subject))
    [signed] = [one for one in lines if one.what == "signed"]
    assert signed.by and signed.by.name == "Mona"
    assert (signed.move, signed.comment, signed.digest) == (entry, "", "")


def test_of_somebody_else_it_is_emptied_and_they_hear_who_can(asked: Town) -> None:
    before = len(asked.on_issue())
    choose(asked, "lee", YES)

    assert committed(asked) is None and waiting(asked) == [SPRING]
    assert held(asked) is None
    [reply] = asked.on_issue()[before:]
    assert "Only product can answer" in reply
    assert f"“{YES}” in “{NAME}” counts only where product sets it" in reply


def test_the_right_is_asked_live(asked: Town) -> None:
    asked.set_product("mona", False)
    choose(asked, "mona", YES)

    assert committed(asked) is None
    assert held(asked) is None


@pytest.mark.parametrize("sign_off", [f"people_needed: 2\n    {BY_NAME}"])
def test_two_people_are_needed_and_the_field_is_there_for_the_second(asked: Town) -> None:
    asked.set_product("sam", True)
    for who in ("mona", "mona"):
        choose(asked, who, YES)
        assert committed(asked) is None and held(asked) is None

    choose(asked, "sam", YES)
    assert committed(asked) == SPRING


# ------------------------------------------------------------ what it means


def test_other_values_mean_nothing_and_stay(asked: Town) -> None:
    before = len(asked.box.requests)
    choose(asked, "mona", "Not yet")

    assert len(asked.box.requests) == before
    assert chosen(asked) == "Not yet"


def test_with_nothing_open_it_says_so_and_is_emptied(linked: Town) -> None:
    before = len(linked.on_issue())
    choose(linked, "mona", YES)

    assert "Nothing waits" in said(linked, before)
    assert held(linked) is None


def test_set_before_anything_was_asked_it_agrees_to_nothing_later(linked: Town) -> None:
    put(linked, "mona", YES)
    linked.clock.forward(seconds=2)
    linked.ask("lee", SPRING)
    look(linked, "Single sign-on for all")

    assert committed(linked) is None and waiting(linked) == [SPRING]
    assert held(linked) is None


def test_what_its_own_hand_took_back_before_it_was_read_is_no_answer(asked: Town) -> None:
    for value in (YES, None, YES, "Not yet"):
        put(asked, "mona", value)
    asked.settle()

    assert committed(asked) is None and waiting(asked) == [SPRING]


def test_what_another_hand_took_away_before_it_was_read_counts(asked: Town) -> None:
    put(asked, "mona", YES)
    put(asked, "lee", NO)
    asked.settle()

    assert committed(asked) == SPRING, "and lee's no is none"
    assert held(asked) is None


def test_what_stood_there_before_the_rules_named_it_agrees_to_nothing(asked: Town, rules: Path) -> None:
    change(rules, BY_NAME, "answers: {}")
    asked.clock.forward(seconds=5)
    asked.worker_app.rules.in_force()
    choose(asked, "mona", YES)
    look(asked, "Single sign-on for all")
    change(rules, "answers: {}", BY_NAME)
    asked.clock.forward(seconds=5)
    look(asked, "Single sign-on for everybody")

    assert committed(asked) is None
    assert chosen(asked) == YES, "it was set for another reason"


def test_a_value_that_an_issue_was_made_with_is_no_answer_to_what_is_asked_later(linked: Town) -> None:
    site = linked.box.jira
    option = option_json(site, site.fields[FIELD], YES)
    linked.place = JiraIssue(linked.box, site.as_user("mona").create("PROD", "Audit log", **{FIELD: option}))
    linked.settle()
    linked.comment("sam", f"/link {linked.deal}")
    linked.ask("lee", SUMMER)
    look(linked, "Audit log for all")

    assert committed(linked) is None and waiting(linked) == [SUMMER]
    assert held(linked) is None


def test_a_field_that_got_the_name_later_is_no_answer(asked: Town) -> None:
    site = asked.box.jira
    other = site.add_field("Legal sign-off", "option", ["PROD"], id="customfield_10043", options=(YES,))
    put(asked, "mona", YES, other)
    asked.settle()
    site.change_field(FIELD, name="Old sign-off")
    site.change_field(other, name=NAME)
    asked.clock.forward(minutes=11)
    look(asked, "Single sign-on for all")
    for _ in range(6):
        asked.clock.forward(seconds=30)
        asked.settle()

    assert committed(asked) is None
    assert site.issue(asked.place.key).custom.get(other) is None, "who set what is called so cannot be told"


@pytest.mark.parametrize("sign_off", [f"{PEOPLE_NEEDED}\n    {BY_ID}"])
def test_a_renamed_field_is_still_the_same_by_its_id(asked: Town) -> None:
    asked.box.jira.change_field(FIELD, name="Word of product")
    choose(asked, "mona", YES)

    assert committed(asked) == SPRING


# ------------------------------------------------------------ when it is heard of


def test_it_counts_once_the_issue_is_seen_where_its_webhook_was_lost(asked: Town) -> None:
    asked.box.hooks.hold()
    put(asked, "mona", YES)
    asked.box.hooks.release(())
    asked.settle()
    assert committed(asked) is None

    look(asked, "Single sign-on for all")
    assert committed(asked) == SPRING
    assert held(asked) is None


def test_told_twice_it_counts_once(asked: Town) -> None:
    asked.box.hooks.hold()
    put(asked, "mona", NO)
    asked.box.hooks.release((0, 0))
    asked.settle()
    assert asked.waiting() == []
    asked.ask("lee", SPRING)
    look(asked, "Single sign-on for all")

    assert waiting(asked) == [SPRING]


@pytest.mark.parametrize("lag", ["history", "fields"])
def test_a_history_or_an_issue_that_lags_behind_is_waited_for(asked: Town, lag: str) -> None:
    asked.box.lag(20, lag)
    choose(asked, "mona", YES)
    live(asked, 61)

    assert committed(asked) == SPRING
    assert held(asked) is None
    assert "Only product" not in said(asked)


def test_it_counts_after_a_restart_between_the_answer_and_the_look(asked: Town) -> None:
    put(asked, "mona", YES)
    assert asked.box.hooks.drain()
    asked.restart()
    asked.settle()

    assert committed(asked) == SPRING
    assert held(asked) is None


# ------------------------------------------------------------ wars and missing rights


def test_who_sets_it_for_ever_is_met_three_times_an_hour(asked: Town) -> None:
    for turn in range(8):
        if held(asked) is None:
            choose(asked, "lee", (YES, NO)[turn % 2])
    assert held(asked) is not None and emptied(asked) == 3
    assert said(asked).count("and is no answer") == 1
    assert said(asked).count("Only product can answer") == 1
    assert committed(asked) is None

    put(asked, "lee", None)
    asked.clock.forward(minutes=61)
    choose(asked, "mona", YES)
    assert committed(asked) == SPRING
    assert held(asked) is None


def test_nobody_is_told_that_it_stays_who_has_emptied_it_meanwhile(asked: Town) -> None:
    site = asked.box.jira
    site.change_field(FIELD, required=True)
    asked.box.out("jira", methods=("POST",), path="/comment$")
    choose(asked, "mona", NO)
    assert held(asked) is not None
    site.change_field(FIELD, required=False)
    put(asked, "lee", None)
    asked.box.back("jira")
    live(asked, 3600)

    assert asked.waiting() == [] and "declined" in said(asked).lower()
    assert "and is no answer" not in said(asked)


@pytest.mark.parametrize(
    ("why", "told"),
    [
        ("edit", "Give it the permission “Edit Issues” in project PROD"),
        ("edit 404", "Give it the permission “Edit Issues” in project PROD"),
        ("archived", "is archived"),
        ("schedule", ""),
        ("required", f"“{NAME}” has to hold something in project PROD"),
    ],
)
def test_where_it_cannot_be_emptied_it_counts_once_and_that_is_said_once(
    asked: Town, why: str, told: str
) -> None:
    site = asked.box.jira
    if why == "required":
        site.change_field(FIELD, required=True)
    else:
        site.lock_dates("PROD", why)
    choose(asked, "mona", NO)
    assert asked.waiting() == []
    site.lock_dates("PROD")
    asked.comment("lee", f"/ask {SUMMER} because the audit is then")
    look(asked, "Single sign-on for all")

    assert waiting(asked) == [SUMMER]
    if why == "schedule":  # that right is for due dates alone
        assert held(asked) is None
        return
    assert chosen(asked) == NO
    assert said(asked).count("and is no answer") == 1
    assert told in said(asked)


def test_what_holds_something_else_by_the_time_it_is_to_be_emptied_is_left(asked: Town) -> None:
    asked.box.jira.lock_dates("PROD", "")
    asked.box.hooks.hold()
    put(asked, "mona", YES)
    asked.box.hooks.release((0,))
    assert asked.box.hooks.drain()
    while committed(asked) is None:
        asked.worker_app.worker.run_next()
    put(asked, "lee", "Not yet")
    asked.settle()

    assert committed(asked) == SPRING
    assert chosen(asked) == "Not yet"


# ------------------------------------------------------------ costs


@pytest.mark.parametrize("sign_off", [PEOPLE_NEEDED])
def test_where_no_policy_names_one_no_field_is_looked_at_or_asked_for(asked: Town) -> None:
    before = len(asked.box.requests)
    choose(asked, "mona", YES)

    assert len(asked.box.requests) == before
    assert chosen(asked) == YES
    assert not any(one.path.endswith("/field") for one in asked.box.requests)


def test_an_answer_by_a_field_reads_no_more_than_one_by_word(asked: Town) -> None:
    choose(asked, "lee", "Not yet")  # which fields there are is known by then
    look(asked, "Single sign-on for all")
    before = len(asked.box.requests)
    choose(asked, "mona", YES)
    by_field = [one for one in asked.box.requests[before:] if one.method == "GET"]
    asked.ask("lee", SUMMER)
    asked.clock.forward(minutes=1)
    before = len(asked.box.requests)
    asked.comment("mona", f"/signoff {SUMMER}")
    by_word = [one for one in asked.box.requests[before:] if one.method == "GET"]

    assert len(by_field) <= len(by_word) + 1
