"""The outbox: each intended write once, in its order, with a receipt that says how it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from automation.domain.moved_carriers import plain
from automation.model import (
    CARRIER,
    COMMITTED,
    CarrierState,
    Effect,
    FieldState,
    Heard,
    IssueState,
    SetDeadline,
    SetLabel,
    Subject,
    Told,
    Trigger,
    Value,
)
from automation.ports import DONE, GIVEN_UP, MOVED_ON, Ending, Job, LeaseLost
from automation.store import carrier_rows, codec, issue_rows
from automation.store.echoes import Echoes
from automation.store.outbox import Outbox, add_effects
from automation.store.queue import Queue
from automation.store.schema import effects, issues
from automation.store.schema import jobs as job_table
from automation.store.state import States
from tests.factories import DEAL, ISSUE, NOW, SPRING, SUMMER, WINTER, effect, proposal, say

WRITES = ("set", "tell"), "github"


@pytest.fixture
def outbox(database, clock) -> Outbox:
    return Outbox(database, clock.seconds)


@pytest.fixture
def add(database):
    def add(*planned: Effect) -> None:
        with database.write() as connection:
            add_effects(connection, planned, "github:d1")

    return add


def keys(jobs: Queue) -> list[tuple[str, str]]:
    """Claim and finish nothing: say what could be claimed one after the other."""
    found = []
    while (job := jobs.claim(*WRITES)) is not None:
        found.append((job.kind, job.payload["effect"]))
    return found


def receipt(database, key: str) -> tuple[str, str, float]:
    with database.read() as connection:
        row = connection.execute(select(effects).where(effects.c.key == key)).one()
    return row.state, row.text, row.ended_at


def looks(jobs: Queue) -> list[Trigger]:
    job: Job | None = jobs.claim(("reconcile",))
    return list(codec.triggers_from_json(job.payload["triggers"])) if job else []


restore = effect(key="restore")
label = effect(SetLabel("waiting", True), key="label", after="restore")
words = effect(say(proposal=proposal()), key="words", after="restore")


@pytest.mark.parametrize("planned", [restore, label, words])
def test_an_effect_comes_back_as_it_was_planned(outbox, add, planned) -> None:
    add(planned)

    assert outbox.get(planned.key) == planned


def test_an_unknown_effect_is_said_to_be_unknown(outbox) -> None:
    with pytest.raises(LookupError, match="no effect e1"):
        outbox.get("e1")


def test_writes_of_deadlines_go_before_words(add, jobs, database) -> None:
    add(effect(say(), key="words"), effect(key="restore"))

    first = jobs.claim(*WRITES)

    assert (first.kind, first.payload) == ("set", {"effect": "restore"})


def test_the_writes_about_one_issue_follow_each_other(add, jobs) -> None:
    add(effect(key="restore"), effect(say(), key="words"))

    assert keys(jobs) == [("set", "restore")]


def test_an_effect_that_is_planned_twice_is_done_once(add, jobs) -> None:
    add(restore)
    add(restore)

    assert jobs.counts() == {"ready": 1}


def test_an_effect_that_ended_is_not_begun_again(outbox, add, jobs) -> None:
    add(restore)
    outbox.end(jobs, jobs.claim(*WRITES), Ending(DONE))

    add(restore)

    assert keys(jobs) == []


def test_what_waits_is_not_begun(add, jobs) -> None:
    add(restore, label, words)

    assert keys(jobs) == [("set", "restore")]
    assert jobs.counts() == {"running": 1}


def test_what_waited_is_freed_by_the_receipt(database, outbox, add, jobs, clock) -> None:
    add(restore, label, words)

    outbox.end(jobs, jobs.claim(*WRITES), Ending(DONE, "restore: "))

    assert receipt(database, "restore") == ("done", "restore: ", NOW.timestamp())
    first = jobs.claim(("tell",), "github")
    outbox.end(jobs, first, Ending(DONE))
    second = jobs.claim(("tell",), "github")
    assert {first.payload["effect"], second.payload["effect"]} == {"label", "words"}


@pytest.mark.parametrize("how", [MOVED_ON, GIVEN_UP])
def test_what_waited_for_a_write_that_did_not_happen_is_cancelled(database, outbox, add, jobs, how) -> None:
    add(restore, label, words)

    outbox.end(jobs, jobs.claim(*WRITES), Ending(how, "somebody was quicker"))

    assert receipt(database, "restore")[:2] == (how, "somebody was quicker")
    assert [receipt(database, key)[0] for key in ("label", "words")] == ["cancelled", "cancelled"]
    assert keys(jobs) == []


def test_what_waits_for_another_effect_goes_on_waiting(database, outbox, add, jobs) -> None:
    add(restore, effect(say(), key="others", after="another"))

    outbox.end(jobs, jobs.claim(*WRITES), Ending(DONE))

    assert receipt(database, "others")[0] == "waiting"


@pytest.mark.parametrize("how", [DONE, MOVED_ON, GIVEN_UP])
def test_after_a_deadline_was_written_the_issue_is_looked_at_again(outbox, add, jobs, how) -> None:
    add(restore)

    outbox.end(jobs, jobs.claim(*WRITES), Ending(how))

    assert looks(jobs) == [Trigger(ISSUE, "receipt")]


def test_words_and_labels_need_no_look(outbox, add, jobs) -> None:
    add(effect(say(), key="words"), effect(SetLabel("waiting", True), key="label"))

    outbox.end(jobs, jobs.claim(*WRITES), Ending(DONE))
    outbox.end(jobs, jobs.claim(*WRITES), Ending(DONE))

    assert looks(jobs) == []


def test_what_was_given_up_stays_visible(database, outbox, add, jobs) -> None:
    add(effect(say(), key="words", target=ISSUE))

    outbox.end(jobs, jobs.claim(*WRITES), Ending(GIVEN_UP, "no such deal"))

    with database.read() as connection:
        row = connection.execute(select(job_table)).one()
    assert (row.state, row.error) == ("parked", "no such deal")


@pytest.mark.parametrize("how", [DONE, MOVED_ON, GIVEN_UP])
def test_whoever_lost_the_job_writes_no_receipt(database, outbox, add, jobs, take_over, how) -> None:
    add(restore, words)
    late = jobs.claim(*WRITES)
    assert take_over(*WRITES)

    with pytest.raises(LeaseLost):
        outbox.end(jobs, late, Ending(how, "too late"))

    assert receipt(database, "restore") == ("ready", "", 0.0)
    assert receipt(database, "words")[0] == "waiting"
    assert looks(jobs) == []


def test_an_effect_that_can_no_longer_be_read_ends_too(database, outbox, add, jobs) -> None:
    add(restore, words)
    with database.write() as connection:
        connection.execute(update(effects).where(effects.c.key == "restore").values(effect_json="{"))

    outbox.end(jobs, jobs.claim(*WRITES), Ending(GIVEN_UP, "cannot be read"))

    assert receipt(database, "restore")[:2] == ("given up", "cannot be read")
    assert receipt(database, "words")[0] == "cancelled"
    assert looks(jobs) == [Trigger(ISSUE, "receipt")]


def test_an_effect_on_a_deal_is_ordered_with_its_issue(add, jobs) -> None:
    deal = DEAL.subject
    add(effect(say(), key="on the deal", target=deal), effect(key="restore"))

    assert keys(jobs) == [("set", "restore")]


def test_an_effect_is_kept_with_the_values_it_was_decided_on(outbox, add) -> None:
    moved = say(proposal=proposal(old=WINTER))
    add(effect(moved, key="words"))

    assert outbox.get("words").intent.event.proposal.old == WINTER


# ---------------------------------------------------------------- what a deal was told

ON_DEAL = effect(say("date-moved", COMMITTED), key="words", target=DEAL.subject)
DEAL_WRITES = ("tell",), "jira"


def heard(value: Value, rechecking: bool = False) -> tuple[Heard, ...]:
    return (Heard(DEAL.subject, "milestone", Told(value, rechecking)),)


@pytest.fixture
def told(database, open_database):
    """Say what is known of what the deal was told, of an issue that is known."""
    with database.write() as connection:
        values = {"fields_json": "{}", "handled_json": "[]", "words_json": "null", "mentioned_json": "[]"}
        connection.execute(issues.insert().values(subject=str(ISSUE), version=1, **values))
    return lambda: States(database).load(ISSUE)[0].told.get((DEAL.subject, "milestone"))


def test_what_a_deal_was_told_is_known_with_the_receipt_and_never_before(add, jobs, outbox, told) -> None:
    add(ON_DEAL)
    job = jobs.claim(*DEAL_WRITES)
    before = told()

    outbox.end(jobs, job, Ending(DONE, "c1", heard=heard(SPRING, True)))

    assert before is None
    assert told() == Told(SPRING, True)


def test_words_that_arrived_earlier_and_are_heard_of_later_change_nothing(
    add, jobs, outbox, told, clock
) -> None:
    add(replace(ON_DEAL, key="first"), replace(ON_DEAL, key="second"))
    first = jobs.claim(*DEAL_WRITES)
    sent_at = clock()
    clock.forward(10)
    outbox.end(jobs, first, Ending(DONE, "c2", heard=heard(SUMMER), at=clock()))
    clock.forward(10)
    second = jobs.claim(*DEAL_WRITES)
    outbox.end(jobs, second, Ending(DONE, "c1", heard=heard(SPRING), at=sent_at))

    assert told() == Told(SUMMER)


def test_words_that_were_withheld_are_put_again_by_the_same_key_and_the_issue_is_looked_at(
    add, jobs, outbox, told
) -> None:
    add(ON_DEAL)
    outbox.end(jobs, jobs.claim(*DEAL_WRITES), Ending(MOVED_ON, "at risk", again=True))
    add(ON_DEAL, ON_DEAL)
    again = jobs.claim(*DEAL_WRITES)
    outbox.end(jobs, again, Ending(DONE, "c1", heard=heard(SPRING)))
    add(ON_DEAL)

    assert jobs.claim(*DEAL_WRITES) is None
    assert [trigger.what for trigger in looks(jobs)] == ["receipt"]
    assert told() == Told(SPRING)


def test_what_is_about_to_be_said_is_known_until_the_receipt(add, jobs, outbox, database) -> None:
    states = States(database)
    add(ON_DEAL)
    job = jobs.claim(*DEAL_WRITES)

    states.words.begin("words", heard(WINTER))
    states.words.begin("words", heard(SPRING))
    begun = states.words.begun("words")
    outbox.end(jobs, job, Ending(DONE, "c1", heard=begun))

    assert begun == heard(SPRING)
    assert states.words.begun("words") == ()


def test_words_to_the_same_deal_that_were_begun_without_a_receipt_are_known(
    add, jobs, outbox, database, clock
) -> None:
    elsewhere = replace(ON_DEAL, key="elsewhere", target=Subject("jira", "deal", "SALES-8"))
    add(replace(ON_DEAL, key="first"), elsewhere, replace(ON_DEAL, key="second"))
    states = States(database)
    before = states.words.unheard(replace(ON_DEAL, key="second"))

    for _ in range(2):
        jobs.retry(jobs.claim(*DEAL_WRITES), "no answer", 600.0)
    second = jobs.claim(*DEAL_WRITES)

    assert before == ()
    assert second.payload["effect"] == "second"
    assert [effect.key for effect in states.words.unheard(outbox.get("second"))] == ["first"]
    clock.forward(601)
    outbox.end(jobs, second, Ending(DONE, "c2"))
    outbox.end(jobs, jobs.claim(*DEAL_WRITES), Ending(DONE, "c1"))
    assert states.words.unheard(outbox.get("second")) == ()


# ---------------------------------------------------------------- what we wrote is told to us


@pytest.mark.parametrize(
    ("told", "ours"),
    [
        ({}, True),
        ({"shows": SUMMER.ref}, False),
        ({"shows": None}, False),
        ({"updated": NOW + timedelta(seconds=1)}, False),
        ({"changed": ("title",)}, False),
        ({"what": "comment", "comment": "7"}, False),
    ],
)
def test_a_delivery_is_our_own_echo_if_it_tells_what_the_receipt_does_and_nothing_else(
    outbox, database, jobs, add, told, ours
) -> None:
    echoes = Echoes(database)
    add(effect(SetDeadline("milestone", expect=SPRING, value=WINTER, why="restore"), key="restore"))
    echo = Trigger(ISSUE, "issue", updated=NOW, changed=("milestone",), shows=WINTER.ref)
    assert not echoes.is_ours(echo), "nobody can tell before the receipt is there"

    outbox.end(jobs, jobs.claim(*WRITES), Ending(DONE, at=NOW, updated=NOW))

    assert echoes.is_ours(replace(echo, **told)) is ours


SEVEN = Subject("github", CARRIER, "7")
JUNE = date(2027, 6, 1)


@pytest.mark.parametrize(
    ("told", "standing", "contested", "ours"),
    [
        ({}, WINTER.day, None, True),
        ({"day": JUNE}, WINTER.day, None, False),
        ({"name": "another"}, WINTER.day, None, False),
        ({}, JUNE, None, False),
        ({}, WINTER.day, JUNE, False),
    ],
    ids=["as written", "another day", "another name", "another day stands", "another day was left"],
)
def test_of_what_says_not_when_it_was_changed_our_echo_is_what_we_wrote_last_and_what_stands(
    outbox, database, jobs, add, told, standing, contested, ours
) -> None:
    echoes, value = Echoes(database), replace(WINTER, name="v7")
    wrote = SetDeadline("releaseDate", expect=plain(SPRING), value=plain(WINTER), why="restore")
    add(replace(effect(wrote, key="restore"), issue=SEVEN, target=SEVEN))
    day = Value("", contested) if contested else None
    stands = FieldState(standing=Value("", standing), contested=day)
    with database.write() as connection:
        carrier_rows.save(connection, CarrierState(SEVEN), CarrierState(SEVEN, value=value))
        issue_rows.save(connection, IssueState(SEVEN), IssueState(SEVEN, fields={"releaseDate": stands}))
    echo = Trigger(SEVEN, "moved", at=NOW, changed=("releaseDate",), held=replace(value, **told))
    assert not echoes.is_ours(echo)

    outbox.end(jobs, jobs.claim(*WRITES), Ending(DONE))

    assert echoes.is_ours(echo) is ours
