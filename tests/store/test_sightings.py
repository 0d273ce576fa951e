"""What a pass saw is stored once, by its consequence, and a decision is made again from it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from automation.engine.plan import replay
from automation.engine.replay import comes_out_the_same
from automation.model import (
    NOTHING,
    Decision,
    Event,
    Facts,
    IssueState,
    Mode,
    Move,
    Outcome,
    Pending,
    Plan,
    Receipt,
    Rights,
    Sighting,
    Status,
    Told,
    Words,
    Yes,
)
from automation.model.outside import Evidence, History
from automation.ports import Job, LeaseLost
from automation.rulebook.rulebook import Rulebook, load, load_text
from automation.store import queue, sightings
from automation.store.decisions import Diary
from automation.store.queue import Queue
from automation.store.schema import decisions, passes, rulebooks
from automation.store.state import States
from tests.factories import (
    DEAL,
    ISSUE,
    LEE,
    MONA,
    NOW,
    OMAR,
    RIGHTS,
    SAM,
    SPRING,
    STRANGER,
    SUMMER,
    WINTER,
    commitment,
    deal,
    facts,
    issue,
    proposal,
    sighting,
    state,
    wrote,
)
from tests.fakes import Clock

BEGINNING = datetime.min.replace(tzinfo=NOW.tzinfo)
SHIPPED = load(Path("rules"))
QUIET = Decision("a rule", "rules/x.yaml:3", Event("deadline.changed", NOW), Outcome.QUIET)


def kept(database, plan: Plan, seen: Sighting) -> None:
    with database.write() as connection:
        sightings.keep(connection, plan, seen)


def rows(database, table) -> list:
    with database.read() as connection:
        return connection.execute(select(table)).all()


def seen_by(before: IssueState, now: Facts, rules: Rulebook = SHIPPED, **changes) -> Sighting:
    return sighting(before, now, rules=rules.text, **changes)


# ---------------------------------------------------------------- once, and by consequence


def test_the_pass_is_stored_once_however_many_rules_met_it(database) -> None:
    seen = seen_by(state(WINTER), facts(SPRING, wrote(LEE, "signoff", day=SPRING.day), by=LEE))
    made = replay(seen, SHIPPED)
    assert len(made.decisions) > 1

    kept(database, made, seen)

    assert len(rows(database, passes)) == 1
    assert len(rows(database, decisions)) == len(made.decisions)
    assert not any("Borealis" in row.decision_json for row in rows(database, decisions)), "by reference"


def test_rules_are_stored_once_for_all_that_was_decided_by_them(database) -> None:
    seen = seen_by(state(WINTER), facts(SPRING, by=LEE))
    for _ in range(3):
        kept(database, replay(seen, SHIPPED), seen)

    [row] = rows(database, rulebooks)
    assert row.digest == SHIPPED.digest
    assert json.loads(row.text_json)["files"]["deadlines.yaml"] == Path("rules/deadlines.yaml").read_text()


def test_rules_of_a_pass_that_was_never_committed_are_stored_with_the_next(database) -> None:
    clock = Clock()
    jobs, states = Queue(database, clock.seconds), States(database)
    before, _ = states.load(ISSUE)
    seen = seen_by(state(WINTER), facts(SPRING, by=LEE))
    made = replay(seen, SHIPPED)

    def commit(job: Job) -> None:
        states.commit(jobs, job, before, made, "enforce", SHIPPED.digest, seen=seen)

    with pytest.raises(LeaseLost):
        commit(Job(7, "reconcile", {}, 1, ""))
    assert rows(database, rulebooks) == []

    with database.write() as connection:
        queue.put(connection, queue.new("reconcile", {}))
    commit(jobs.claim(("reconcile",)))

    assert [row.digest for row in rows(database, rulebooks)] == [SHIPPED.digest]


def test_what_decided_nothing_leaves_no_row(database) -> None:
    seen = seen_by(state(WINTER), facts(WINTER))

    kept(database, replay(seen, SHIPPED), seen)
    # No deal is linked, so the date is nobody's business: it is counted, and that is all.
    unlinked = seen_by(state(WINTER, linked=False), facts(SPRING, by=LEE))
    assert [one.outcome for one in replay(unlinked, SHIPPED).decisions] == [Outcome.QUIET]
    kept(database, replay(unlinked, SHIPPED), unlinked)

    assert not any(rows(database, table) for table in (passes, decisions, rulebooks))


@pytest.mark.parametrize("outcome", list(Outcome))
def test_how_long_it_is_kept_follows_from_what_it_came_to(outcome) -> None:
    plan = Plan(state(), decisions=(QUIET, replace(QUIET, outcome=outcome)))

    assert sightings.worth(plan) == ("short" if outcome is Outcome.QUIET else "long")


# ---------------------------------------------------------------- bounded


def test_one_decision_with_all_that_it_saw_takes_a_few_kilobytes(database) -> None:
    """Measured: 2.3 KB for what is seen, 0.4 KB for the events, 0.4 KB for each decision."""
    seen = seen_by(state(WINTER, commitment=commitment()), facts(SPRING, by=LEE))
    kept(database, replay(seen, SHIPPED), seen)

    [row] = rows(database, passes)
    assert len(row.seen_json) < 4_000 and len(row.events_json) < 1_500
    assert all(len(one.decision_json) < 2_000 for one in rows(database, decisions))


def test_what_is_too_large_to_be_kept_leaves_the_decision_all_the_same(database) -> None:
    huge = replace(issue(SPRING), body="x" * sightings.LARGEST)
    seen = seen_by(state(WINTER), facts(SPRING, by=LEE, issue=huge))
    kept(database, replay(seen, SHIPPED), seen)

    shown = Diary(database).show(1)
    assert shown is not None and shown.decision.outcome is Outcome.FIRED
    assert shown.seen is None and comes_out_the_same(shown.decision, shown.seen) is None


def test_half_a_character_in_a_title_keeps_nobody_from_deciding(database) -> None:
    odd = replace(issue(SPRING), title="Half a smile \ud83d")
    rule = "rules: [{name: odd, when: deadline.changed, if: issue.title != '', then: [{label: {add: x}}]}]"
    rules = load_text(replace(SHIPPED.text, files={**SHIPPED.text.files, "odd.yaml": rule}))
    seen = seen_by(state(WINTER), facts(SPRING, by=LEE, issue=odd), rules)

    kept(database, replay(seen, rules), seen)

    assert len(Diary(database).passes(1)[0][0].decisions) == 2


# ---------------------------------------------------------------- again


STATES = (
    IssueState(ISSUE),
    state(linked=False),
    state(WINTER),
    state(WINTER, proposals=(proposal(SPRING, WINTER),)),
    state(
        WINTER, proposals=(proposal(SPRING, WINTER, yeses=(Yes(OMAR, SUMMER, NOW), Yes(SAM, SPRING, NOW))),)
    ),
    state(WINTER, status=Status.COMMITTED, commitment=commitment()),
    state(NOTHING, pending=Pending("e1", SPRING), restores=(NOW,) * 3),
    replace(
        state(WINTER, last="1", last_at=NOW, wrote=(SPRING,), contested=SUMMER),
        words=Words("Single sign-on", "- log in"),
        told={(DEAL.subject, "milestone"): Told(WINTER, True)},
        labels={"customer-request": True},
        standing="open",
    ),
)
WRITTEN = tuple(
    wrote(who, word, comment=f"c{number}", **command)
    for number, (who, word, command) in enumerate(
        [
            (MONA, "signoff", {"day": SPRING.day, "because": "“yes” & no"}),
            (MONA, "signoff", {}),
            (LEE, "signoff", {"edited": True}),
            (SAM, "link", {"deal": DEAL.key}),
            (SAM, "unlink", {"deal": DEAL.key}),
            (LEE, "ask", {"day": SUMMER.day}),
            (LEE, "withdraw", {}),
            (MONA, "decline", {"because": "not now"}),
            (STRANGER, "name", {"text": "x"}),
            (MONA, "signoff", {"near": "/signof", "problem": "?"}),
        ]
    )
)
MOVES = {
    "milestone": History(
        (Move("7", NOW - timedelta(hours=1), LEE, WINTER, SUMMER), Move("8", NOW, None, SUMMER, SPRING)),
        "8",
        NOW,
    )
}


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(STATES),
    st.sampled_from((NOTHING, WINTER, SPRING, SUMMER)),
    st.lists(st.sampled_from(WRITTEN), max_size=3, unique_by=lambda written: written.comment),
    st.sampled_from((None, LEE, MONA)),
    st.sampled_from(Mode),
    st.sampled_from((BEGINNING, NOW - timedelta(minutes=30))),
    st.booleans(),
)
def test_what_is_stored_and_read_again_is_decided_as_it_was(
    before, shows, written, by, mode, since, moved
) -> None:
    now = facts(
        shows,
        *written,
        by=by,
        rights={**RIGHTS, STRANGER.id: Rights()},
        history=MOVES if moved else {},
        mentioned=(deal("SALES-8"),) if moved else (),
        credits={deal("SALES-8"): Evidence(SAM, NOW)} if moved else {},
        unseen=frozenset({(SAM.id, deal("SALES-8"))}),
    )
    receipts = {"e1": Receipt(False, "403", "a right")}
    seen = seen_by(before, now, receipts=receipts, mode=mode, since=since)
    made = replay(seen, SHIPPED)

    again = sightings.parse(sightings.dump(seen), SHIPPED.text)

    assert again == seen and again.state.told == seen.state.told
    assert replay(again, load_again()) == made


_AGAIN: list[Rulebook] = []


def load_again() -> Rulebook:
    """Read the shipped rules from their stored text, once."""
    if not _AGAIN:
        _AGAIN.append(load_text(SHIPPED.text))
    return _AGAIN[0]


def test_rules_read_from_their_stored_text_are_the_same_rules(tmp_path) -> None:
    again = load_again()

    assert (again.digest, again.rules) == (SHIPPED.digest, SHIPPED.rules)


def test_text_that_would_lead_out_of_the_folder_is_refused() -> None:
    for files in ({"../evil.yaml": ""}, {"/etc/evil": ""}, {"messages/../../evil": ""}):
        with pytest.raises(ValueError, match="is no file of a rules folder"):
            load_text(replace(SHIPPED.text, files=files))
    with pytest.raises(ValueError, match="is no name of a folder"):
        load_text(replace(SHIPPED.text, folder="../.."))


def test_a_stored_decision_comes_out_the_same_and_another_does_not(database) -> None:
    seen = seen_by(state(WINTER), facts(SPRING, by=LEE))
    kept(database, replay(seen, SHIPPED), seen)

    shown = Diary(database).show(1)

    assert shown is not None and shown.decision == replay(seen, SHIPPED).decisions[0]
    assert comes_out_the_same(shown.decision, shown.seen) is True
    assert comes_out_the_same(replace(shown.decision, outcome=Outcome.QUIET), shown.seen) is False


def test_there_is_nothing_to_show_where_nothing_is_kept(database) -> None:
    assert Diary(database).show(7) is None
