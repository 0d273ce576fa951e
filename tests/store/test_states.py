"""What is known of an issue: loaded whole, and committed against the version it was made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from automation.domain.publicity import key_for, take_back
from automation.model import (
    FIELD,
    NOTHING,
    PLACE,
    Decision,
    Entry,
    Event,
    IssueState,
    Link,
    Mode,
    Outcome,
    Pending,
    Place,
    Plan,
    ProposalState,
    Reason,
    Receipt,
    Redact,
    SetDeadline,
    SetLabel,
    ShowDeal,
    Sighting,
    Status,
    Subject,
    TakenOff,
    Trigger,
    Value,
    Way,
)
from automation.ports import DONE, GIVEN_UP, IN_PUBLIC, MOVED_ON, SHOWN, Ending, LeaseLost
from automation.store import codec
from automation.store.decisions import Diary
from automation.store.outbox import Outbox
from automation.store.schema import decisions, effects, ledger
from automation.store.state import States
from automation.store.words import taken_back
from tests.factories import (
    DEAL,
    ISSUE,
    LEE,
    MONA,
    NOW,
    SAM,
    SPRING,
    SUMMER,
    UNDATED,
    WINTER,
    commitment,
    deal,
    effect,
    facts,
    issue,
    proposal,
    say,
    sighting,
    state,
)

OTHER = Subject("github", "issue", "acme/shop#13")
FIRST = IssueState(ISSUE)
ON_DEAL = DEAL.subject


@pytest.fixture
def states(database) -> States:
    return States(database)


@pytest.fixture
def commit(states, jobs, put):
    """Commit a plan as one look does: with a job of its own."""

    def commit(
        plan: Plan | IssueState, before: IssueState | None = None, seen: Sighting | None = None
    ) -> IssueState:
        plan = plan if isinstance(plan, Plan) else Plan(plan)
        subject = plan.state.subject
        put("reconcile", ordering=str(subject))
        job = jobs.claim(("reconcile",))
        known = states.load(subject)[0] if before is None else before
        states.commit(jobs, job, known, plan, "enforce", "digest", seen=seen)
        return states.load(subject)[0]

    return commit


@pytest.fixture
def perform(database, jobs, clock):
    """End the next effect that is due."""

    def perform(how: str = DONE, text: str = "", system: str = "github", at: datetime | None = None) -> None:
        Outbox(database, clock.seconds).end(
            jobs, jobs.claim(("set", "tell"), system), Ending(how, text, at=at)
        )

    return perform


def rows(database, table) -> list:
    with database.read() as connection:
        return connection.execute(select(table)).all()


# ---------------------------------------------------------------- loaded as it was committed


def test_an_issue_nobody_looked_at_is_empty(states) -> None:
    assert states.load(ISSUE) == (IssueState(ISSUE), {})


@pytest.mark.parametrize(
    "known",
    [
        state(WINTER),
        state(UNDATED, linked=False),
        state(SPRING, status=Status.COMMITTED, commitment=commitment(SPRING, at_risk=True, because="so")),
        state(NOTHING, pending=Pending("e1", SPRING), restores=(NOW, NOW), contested=SUMMER),
        state(proposals=(proposal(signers=(MONA,)), proposal(SUMMER, id="p2", asked_by=None))),
        replace(state(), handled=("c1", "c2")),
        replace(state(), standing="dropped"),
    ],
    ids=["dated", "unlinked", "committed", "under way", "asked", "answered", "ended"],
)
def test_what_is_committed_is_loaded_again(commit, known) -> None:
    loaded = commit(known)

    assert replace(loaded, version=known.version) == replace(
        known, proposals=tuple(replace(p, shown_at=None) for p in known.proposals)
    )


def test_names_of_people_and_milestones_come_back_too(commit) -> None:
    loaded = commit(state(SPRING, proposals=(proposal(SUMMER),)))

    [asked] = loaded.proposals
    assert asked.asked_by.name == "lee"
    assert asked.value.name == "Summer release"
    assert loaded.fields["milestone"].standing.name == "Spring release"


def test_each_commit_that_changes_something_counts(commit) -> None:
    assert commit(state(WINTER)).version == 1
    assert commit(state(SPRING)).version == 2


def test_a_look_that_finds_nothing_new_changes_nothing(commit) -> None:
    known = commit(state(WINTER))

    assert commit(known).version == 1


def test_a_milestone_that_was_renamed_is_known_by_its_new_name(commit) -> None:
    """A name alone is no change of a value, but people should read the one that is used now."""
    commit(state(WINTER))

    loaded = commit(replace(state(replace(WINTER, name="Frost release")), version=1))

    assert loaded.fields["milestone"].standing.name == "Frost release"


def test_issues_do_not_share_anything(commit, states) -> None:
    commit(state(WINTER, proposals=(proposal(),)))

    assert states.load(OTHER) == (IssueState(OTHER), {})


def test_links_and_proposals_are_added_to_those_there_are(commit) -> None:
    known = commit(state(WINTER, proposals=(proposal(),)))
    more = replace(
        known,
        links=(*known.links, Link(deal("SALES-8"), LEE, NOW)),
        proposals=(*known.proposals, proposal(SUMMER, id="p2", asked_at=NOW)),
    )

    loaded = commit(more)

    assert [link.deal for link in loaded.links] == [DEAL.subject, deal("SALES-8")]
    assert [p.id for p in loaded.proposals] == ["p1", "p2"]


def test_a_proposal_that_was_answered_is_not_kept_as_a_second_one(commit) -> None:
    known = commit(state(WINTER, proposals=(proposal(),)))
    answered = replace(known.proposals[0], state=ProposalState.SIGNED, signers=(MONA,))

    loaded = commit(replace(known, proposals=(answered,)))

    assert [(p.state, p.signers) for p in loaded.proposals] == [(ProposalState.SIGNED, (MONA,))]


def test_links_and_proposals_come_in_the_order_they_were_made(commit) -> None:
    later = proposal(SUMMER, id="a later one", asked_at=NOW)
    known = replace(
        state(proposals=(later, proposal(id="the first"))),
        links=(Link(deal("SALES-1"), SAM, NOW), Link(deal("SALES-9"), SAM, NOW - timedelta(days=1))),
    )

    loaded = commit(known)

    assert [p.id for p in loaded.proposals] == ["the first", "a later one"]
    assert [link.deal for link in loaded.links] == [deal("SALES-9"), deal("SALES-1")]


def test_proposals_of_two_issues_may_have_the_same_id(commit, states) -> None:
    """Ids are short, for people; they are unique within an issue."""
    commit(state(proposals=(proposal(SPRING),)))
    commit(replace(state(proposals=(proposal(SUMMER),)), subject=OTHER))

    assert [p.value for p in states.load(ISSUE)[0].proposals] == [SPRING]
    assert [p.value for p in states.load(OTHER)[0].proposals] == [SUMMER]


def test_the_deals_of_an_issue_are_its_own(commit, states) -> None:
    commit(state())
    commit(replace(state(), subject=OTHER, links=(Link(deal("SALES-8"), SAM, NOW),)))

    assert states.deals_of(ISSUE) == (DEAL.subject,)
    assert states.deals_of(OTHER) == (deal("SALES-8"),)


@pytest.mark.parametrize(
    "known",
    [
        state(WINTER),
        state(SPRING, commitment=commitment(WINTER)),
        state(NOTHING, contested=WINTER),
        state(NOTHING, pending=Pending("e1", WINTER)),
        state(proposals=(proposal(WINTER),)),
    ],
    ids=["stands", "agreed", "contested", "under way", "asked"],
)
def test_the_issues_that_stand_on_a_milestone_are_known(commit, states, known) -> None:
    commit(known)
    commit(replace(state(SPRING), subject=OTHER))
    commit(replace(state(WINTER), subject=Subject("github", "issue", "acme/shop2#12")))

    assert states.standing_on(Subject("github", "carrier", f"acme/shop#{WINTER.ref}")) == (ISSUE,)
    assert states.standing_on(Subject("github", "carrier", "acme/shop#999")) == ()
    assert states.standing_on(Subject("github", "carrier", f"acme/%#{WINTER.ref}")) == ()


def test_whoever_only_wanted_a_milestone_once_does_not_stand_on_it(commit, states) -> None:
    commit(state(proposals=(proposal(WINTER, state=ProposalState.DECLINED),)))

    assert states.standing_on(Subject("github", "carrier", f"acme/shop#{WINTER.ref}")) == ()


# ---------------------------------------------------------------- all of a plan, or nothing


def full_plan(after: IssueState) -> Plan:
    event = Event("deadline.changed", NOW)
    return Plan(
        after,
        effects=(effect(),),
        decisions=(Decision("a rule", "rules/x.yaml:3", event, Outcome.FIRED, (Reason("because"),)),),
        ledger=(Entry(NOW, "asked", "milestone: 2027-03-01", LEE),),
    )


def test_a_plan_is_committed_whole(database, commit, jobs) -> None:
    commit(full_plan(state(WINTER)), seen=sighting(state(WINTER), facts()))

    [line] = rows(database, ledger)
    assert codec.entry.validate_json(line.entry_json) == Entry(NOW, "asked", "milestone: 2027-03-01", LEE)
    [[look], _] = Diary(database).passes(10)
    [(_, decision)] = look.decisions
    assert (look.mode, look.at, decision.because) == ("enforce", NOW, "because")
    assert jobs.claim(("set",), "github").payload == {"effect": "e1"}
    assert jobs.counts() == {"running": 1}, "the look itself is done"


def nothing_was_committed(database) -> bool:
    return not any(rows(database, table) for table in (ledger, decisions, effects))


def test_a_plan_made_from_an_older_version_is_refused_whole(database, commit, states) -> None:
    old = commit(state(WINTER))
    commit(replace(old, handled=("c1",)))

    with pytest.raises(LeaseLost, match=r"acme/shop#12 was changed by somebody else"):
        commit(full_plan(state(SPRING)), before=old)

    assert nothing_was_committed(database)
    assert states.load(ISSUE)[0].fields["milestone"].standing == WINTER


def test_of_two_first_sights_the_second_is_refused(database, commit, states) -> None:
    commit(state(WINTER))

    with pytest.raises(LeaseLost):
        commit(full_plan(state(SPRING)), before=FIRST)

    assert nothing_was_committed(database)


def test_whoever_lost_the_look_commits_nothing(database, states, jobs, put, take_over) -> None:
    put("reconcile")
    late = jobs.claim(("reconcile",))
    assert take_over()

    with pytest.raises(LeaseLost):
        states.commit(jobs, late, FIRST, full_plan(state(WINTER)), "enforce", "digest")

    assert nothing_was_committed(database)
    assert states.load(ISSUE)[0] == FIRST


# ---------------------------------------------------------------- receipts


UNDER_WAY = Plan(state(NOTHING, pending=Pending("e1", SPRING)), effects=(effect(key="e1"),))


def test_a_write_under_way_has_no_receipt_yet(commit, states) -> None:
    commit(UNDER_WAY)

    assert states.load(ISSUE)[1] == {}


@pytest.mark.parametrize(("how", "done"), [(DONE, True), (MOVED_ON, True), (GIVEN_UP, False)])
def test_a_write_that_ended_has_its_receipt(commit, states, perform, how, done) -> None:
    commit(UNDER_WAY)

    perform(how, "this is how")

    assert states.load(ISSUE)[1] == {"e1": Receipt(done, "this is how")}


def test_a_receipt_is_of_interest_only_while_its_write_is_pending(commit, states, perform) -> None:
    known = commit(UNDER_WAY)
    perform()

    commit(replace(known, fields=state(NOTHING).fields))

    assert states.load(ISSUE)[1] == {}


# ---------------------------------------------------------------- when people could read of a proposal


def asked(*shown: object, target: Subject = ISSUE) -> Plan:
    told = [
        effect(say(proposal=proposal()), key=f"words {number}", target=target)
        for number in range(len(shown) or 1)
    ]
    return Plan(state(proposals=(proposal(),)), effects=tuple(told))


def test_a_proposal_is_shown_once_our_comment_is_there(commit, states, perform, clock) -> None:
    commit(asked())
    assert states.load(ISSUE)[0].proposals[0].shown_at is None

    perform()

    assert states.load(ISSUE)[0].proposals[0].shown_at == NOW


def test_a_proposal_is_shown_from_when_our_comment_was_written_whenever_we_hear_of_it(
    commit, states, perform
) -> None:
    commit(asked())
    assert states.words.unconfirmed(ISSUE, "p1") == ("words 0",)

    perform(at=NOW - timedelta(minutes=2))

    assert states.load(ISSUE)[0].proposals[0].shown_at == NOW - timedelta(minutes=2)
    assert states.words.unconfirmed(ISSUE, "p1") == ()


def test_a_proposal_was_shown_when_the_first_comment_came(commit, states, perform, clock) -> None:
    commit(asked(1, 2))
    perform()
    clock.forward(60)
    perform()

    assert states.load(ISSUE)[0].proposals[0].shown_at == NOW


def test_a_comment_about_another_issues_proposal_of_the_same_id_shows_nothing(
    commit, states, perform
) -> None:
    commit(asked())
    commit(replace(state(proposals=(proposal(),)), subject=OTHER))
    perform()

    assert states.load(OTHER)[0].proposals[0].shown_at is None


def test_words_on_a_deal_show_product_nothing(commit, states, perform) -> None:
    commit(asked(target=ON_DEAL))
    perform(system="jira")

    assert states.load(ISSUE)[0].proposals[0].shown_at is None


def test_a_comment_that_could_not_be_posted_shows_nothing(commit, states, perform) -> None:
    commit(asked())
    perform(GIVEN_UP, "no right to comment")

    assert states.load(ISSUE)[0].proposals[0].shown_at is None


# ---------------------------------------------------------------- what waits for product


def test_all_that_waits_is_listed_the_oldest_first(commit, states) -> None:
    newer, older = NOW, NOW - timedelta(days=9)
    commit(state(proposals=(proposal(SPRING, asked_at=newer),)))
    commit(replace(state(proposals=(proposal(SUMMER, id="p2", asked_at=older),)), subject=OTHER))

    assert [(subject, p.value) for subject, p in states.open_proposals()] == [
        (OTHER, SUMMER),
        (ISSUE, SPRING),
    ]


@pytest.mark.parametrize("ended", [s for s in ProposalState if s is not ProposalState.OPEN])
def test_what_was_answered_is_not_listed(commit, states, ended) -> None:
    known = commit(state(proposals=(proposal(),)))
    commit(replace(known, proposals=(replace(known.proposals[0], state=ended),)))

    assert states.open_proposals() == []


def test_subjects_with_colons_in_their_keys_are_told_apart(commit, states) -> None:
    odd = Subject("jira", "issue", "PROD-7:3")
    commit(replace(state(proposals=(proposal(),)), subject=odd))

    assert [subject for subject, _ in states.open_proposals()] == [odd]


def test_an_effect_of_a_deadline_keeps_its_date_to_the_day(commit, database) -> None:
    leap = Value("7", date(2028, 2, 29), "Leap day")
    commit(Plan(state(), effects=(effect(SetDeadline("milestone", NOTHING, leap, "apply")),)))

    assert Outbox(database, lambda: 0.0).get("e1").intent.value.day == date(2028, 2, 29)


# ---------------------------------------------------------------- the mode


def test_a_mode_is_in_force_since_it_was_first_seen(states) -> None:
    assert states.modes.in_force_since(Mode.OBSERVE, NOW) == NOW
    assert states.modes.in_force_since(Mode.OBSERVE, NOW + timedelta(days=1)) == NOW


def test_a_mode_that_comes_back_begins_anew(states, open_database) -> None:
    later, latest = NOW + timedelta(days=1), NOW + timedelta(days=2)
    states.modes.in_force_since(Mode.ENFORCE, NOW)
    states.modes.in_force_since(Mode.OBSERVE, later)

    assert States(open_database()).modes.in_force_since(Mode.ENFORCE, latest) == latest


YES, NO = Way("signoff", "date-agreed"), Way("decline", "No", FIELD, "Word of product")


def test_a_way_to_answer_counts_since_the_first_process_read_rules_that_name_it(
    states, open_database
) -> None:
    later, latest = NOW + timedelta(days=1), NOW + timedelta(days=2)
    assert states.modes.ways_since((YES,), NOW) == {YES: NOW}

    other = States(open_database())
    assert other.modes.ways_since((YES, NO), later) == {YES: NOW, NO: later}
    assert states.modes.ways_since((YES, NO), latest) == {YES: NOW, NO: later}


def test_a_way_that_the_rules_did_not_name_meanwhile_or_that_means_something_else_begins_anew(
    states, open_database
) -> None:
    later, latest = NOW + timedelta(days=1), NOW + timedelta(days=2)
    states.modes.ways_since((YES, NO), NOW)
    states.modes.ways_since((YES,), later)
    assert States(open_database()).modes.ways_since((YES, NO), latest) == {YES: NOW, NO: latest}

    turned = Way("decline", YES.name)
    assert states.modes.ways_since((turned,), latest) == {turned: latest}
    assert states.modes.ways_since((), latest) == {}
    assert states.modes.ways_since((YES,), latest) == {YES: latest}


def test_a_label_that_is_being_taken_off_is_known_with_its_receipt(states, commit, perform) -> None:
    off = TakenOff((NOW,), "e1")
    planned = (effect(SetLabel("date-agreed", False), key="e1"),)
    commit(Plan(replace(state(), taken_off={"date-agreed": off}), effects=planned))
    assert states.load(ISSUE)[0].taken_off == {"date-agreed": off}
    assert states.load(ISSUE)[1] == {}

    perform(GIVEN_UP, "403")

    assert states.load(ISSUE)[1] == {"e1": Receipt(False, "403")}


# ---------------------------------------------------------------- what strangers came to be able to read


def test_what_was_shown_in_private_is_known_until_it_is_taken_back(
    database, states, commit, perform, clock
) -> None:
    planned = (
        effect(say("linked"), key="private"),
        effect(say("date-held"), key="public"),
        effect(say("linked"), key="note", target=ON_DEAL),
        effect(SetLabel("customer-request", True), key="label"),
        effect(ShowDeal(DEAL.subject, True), key="link"),
    )
    commit(Plan(state(), effects=planned))
    endings = {"private": "101", "public": f"102{IN_PUBLIC}", "label": "", "link": SHOWN}
    for text in endings.values():
        clock.forward(1)
        perform(DONE, text)
    perform(DONE, "9", "jira")

    shown = states.words.shown(ISSUE)
    back = take_back(shown, issue(labels=("customer-request",)))

    assert [(one.intent, one.key) for one in back] == [
        (Redact("private", "101", say("linked")), key_for("private")),
        (SetLabel("customer-request", False), key_for("label")),
        (ShowDeal(DEAL.subject, False), key_for("link")),
    ]
    assert taken_back(database, 0.0) is None
    commit(Plan(state(), effects=back))
    assert take_back(states.words.shown(ISSUE), issue(labels=("customer-request",))) == ()
    for _ in back:
        perform(DONE)
    assert str(taken_back(database, clock.seconds() - 60)).startswith("1 comment ")
    assert taken_back(database, clock.seconds() + 60) is None


def test_all_known_issues_of_a_place_are_looked_at_and_no_others(states, commit, jobs, put) -> None:
    keys = ("acme/shop#12", "acme/shop-two#1", "acme/shopping#1", "acme/shop#7", "acme_shop#1")
    for key in keys:
        commit(replace(state(), subject=Subject("github", "issue", key)))
    place = Subject("github", PLACE, "acme/shop")
    put("place", ordering=str(place))

    issues = states.issues_of(place)
    told = Plan(Place(place), messages=tuple(Trigger(issue, "public") for issue in issues))
    states.commit(jobs, jobs.claim(("reconcile",)), Place(place), told, Mode.ENFORCE, "digest")

    found = [job.payload["subject"] for job in iter(lambda: jobs.claim(("reconcile",)), None)]
    assert sorted(found) == ["github:issue:acme/shop#12", "github:issue:acme/shop#7"]


def test_the_first_process_to_see_a_mode_says_since_when_for_all(states, open_database) -> None:
    other = States(open_database())
    seen, later = NOW + timedelta(minutes=1), NOW + timedelta(minutes=2)
    states.modes.in_force_since(Mode.OBSERVE, NOW)
    states.modes.in_force_since(Mode.ENFORCE, seen)

    assert other.modes.in_force_since(Mode.OBSERVE, NOW, later) == NOW, "it has not looked at its files since"
    assert other.modes.in_force_since(Mode.ENFORCE, later) == seen
    assert states.modes.in_force_since(Mode.ENFORCE, seen, later) == seen


def test_a_mode_noted_for_the_future_begins_now(states) -> None:
    states.modes.in_force_since(Mode.ENFORCE, NOW + timedelta(days=1))

    assert states.modes.in_force_since(Mode.ENFORCE, NOW) == NOW
    assert states.modes.in_force_since(Mode.ENFORCE, NOW + timedelta(hours=1)) == NOW


# ---------------------------------------------------------------- rules that failed


def test_a_condition_that_failed_is_remembered_until_the_rules_are_others(commit, states) -> None:
    event = Event("deadline.changed", NOW)
    commit(Plan(state(), decisions=(Decision("broken", "rules.yaml:1", event, Outcome.ERROR),)))

    assert states.modes.failed_rule("digest", NOW - timedelta(days=1)) == NOW
    assert states.modes.failed_rule("digest", NOW) is None
    assert states.modes.failed_rule("others", NOW - timedelta(days=1)) is None
