"""What one look reads: the truth it needs, and not one call more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from automation.engine import facts
from automation.model import (
    NOTHING,
    Comment,
    Deal,
    Evidence,
    Facts,
    IssueState,
    Move,
    Pending,
    Person,
    Rights,
    Status,
    Trigger,
    Value,
    Wording,
)
from automation.ports import Refused, Unavailable
from tests.factories import (
    DEAL,
    ISSUE,
    LEE,
    MONA,
    NOW,
    OMAR,
    SAM,
    SPRING,
    STRANGER,
    SUMMER,
    WINTER,
    commitment,
    deal,
    issue,
    state,
)
from tests.fakes import FakeCrm, FakeTracker

BOT = Person("github", "900", "handshake-bot")
LOOKED = Trigger(ISSUE, "labeled")


@pytest.fixture
def tracker() -> FakeTracker:
    return FakeTracker(
        linkers=frozenset({LEE, SAM, MONA, OMAR}),
        members={"product": frozenset({MONA, OMAR}), "legal": frozenset({OMAR})},
        offers=(SPRING, SUMMER),
    )


@pytest.fixture
def crm() -> FakeCrm:
    return FakeCrm()


@pytest.fixture
def read(tracker, crm):
    def read(known: IssueState, *triggers: Trigger, policies: tuple[str, ...] = ("product",)) -> Facts | None:
        return facts.read(known, triggers or (LOOKED,), tracker, crm, policies, NOW)

    return read


@pytest.fixture
def says(tracker):
    """Put a comment on the issue, and return the trigger that points at it."""

    def says(author: Person, *lines: str, id: str = "c1", **changes: object) -> Trigger:
        known = {"written_at": NOW, "edited": False, "own": False, **changes}
        tracker.written[id] = Comment(id=id, author=author, lines=lines, **known)
        return Trigger(ISSUE, "commented", comment=id)

    return says


# ---------------------------------------------------------------- what nothing follows from


@pytest.mark.parametrize(
    "known",
    [state(linked=False), state(linked=True)],
    ids=["unlinked", "linked"],
)
def test_a_look_that_finds_nothing_new_costs_one_read(read, tracker, crm, known) -> None:
    seen = read(known)

    assert tracker.asked == ["issue"]
    assert crm.calls == []
    assert seen == Facts(issue=tracker.truth)


def test_an_issue_that_is_gone_costs_one_read(read, tracker, crm) -> None:
    tracker.truth = None

    assert read(state()) is None
    assert tracker.asked == ["issue"]
    assert crm.calls == []


def test_a_comment_without_a_command_costs_two_reads_more(read, tracker, crm, says) -> None:
    """Few begin like a command and are none: it is not among those with commands, so it is looked for."""
    seen = read(state(), says(LEE, "/shrug", "Thanks!"))

    assert tracker.asked == ["issue", "comments", "comment"]
    assert crm.calls == []
    assert seen.written == ()


@pytest.mark.parametrize(
    "known",
    [
        state(WINTER, pending=Pending("e1", SPRING)),
        state(WINTER, contested=SPRING),
        state(SPRING),
    ],
    ids=["being set back", "given up on", "agreed"],
)
def test_a_value_that_is_no_news_is_asked_about_by_nobody(read, tracker, known) -> None:
    tracker.hold("milestone", SPRING)

    assert read(known).evidence == {}
    assert tracker.asked == ["issue"]


# ---------------------------------------------------------------- a deadline that moved


@pytest.fixture
def moved(tracker):
    """Let somebody give the issue another milestone."""

    def moved(value: Value = SPRING, by: Person | None = LEE) -> None:
        tracker.hold("milestone", value)
        if by:
            tracker.history["milestone"] = [Move("1", NOW, by, NOTHING, value)]

    return moved


def test_who_moved_a_deadline_says_the_trackers_own_history(read, tracker, moved) -> None:
    moved(by=LEE)

    seen = read(state(WINTER), Trigger(ISSUE, "milestoned", actor=MONA))

    assert seen.evidence == {"milestone": Evidence(LEE, NOW)}


def test_who_moved_a_deadline_is_asked_for_product_only(read, tracker, moved) -> None:
    moved(by=LEE)

    seen = read(state(WINTER))

    assert seen.rights == {LEE.id: Rights()}
    assert tracker.asked == ["issue", "moves", "comments", "in_product"]


def test_a_move_of_products_own_is_known_as_one(read, moved) -> None:
    moved(by=MONA)

    assert read(state(WINTER)).rights == {MONA.id: Rights(product=frozenset({"product"}))}


def test_a_move_by_nobody_in_particular_gives_nobody_rights(read, tracker, moved) -> None:
    moved(by=None)

    seen = read(state(WINTER))

    assert (seen.evidence, seen.rights) == ({}, {})
    assert "in_product" not in tracker.asked


def test_only_the_fields_that_moved_are_asked_about(read, tracker) -> None:
    tracker.change(deadlines={"milestone": WINTER, "duedate": SPRING})
    known = state(WINTER)
    known = IssueState(ISSUE, fields={**known.fields, "duedate": known.fields["milestone"]})

    read(known)

    assert [call[2] for call in tracker.calls if call[0] == "moves"] == ["duedate"]


def test_the_linked_deals_of_a_move_are_read_in_one_call(read, crm, moved) -> None:
    moved()

    seen = read(state(WINTER))

    assert crm.calls == [("deals", DEAL.key)]
    assert seen.deals == {DEAL.subject: DEAL}


def test_a_move_of_an_unlinked_issue_asks_nothing_of_the_crm(read, crm, moved) -> None:
    moved()

    read(state(WINTER, linked=False))

    assert crm.calls == []


def test_the_deals_are_read_when_a_commitment_is_seen_to_stand(read, tracker, crm) -> None:
    """Rules hear of it, and their conditions may ask for the deals."""
    tracker.hold("milestone", SPRING)
    signed = state(SPRING, status=Status.COMMITTED, commitment=commitment(SPRING, verified=False))

    assert read(signed).deals == {DEAL.subject: DEAL}


def test_a_commitment_known_to_stand_is_no_news(read, tracker, crm) -> None:
    tracker.hold("milestone", SPRING)

    read(state(SPRING, status=Status.COMMITTED, commitment=commitment(SPRING, verified=True)))

    assert crm.calls == []


# ---------------------------------------------------------------- link


def test_a_strangers_link_asks_for_their_rights_and_nothing_of_the_crm(read, tracker, crm, says) -> None:
    seen = read(state(linked=False), says(STRANGER, "/link SALES-7"))

    assert crm.calls == []
    assert tracker.asked == ["issue", "comments", "moves", "may_link"]
    assert seen.rights == {STRANGER.id: Rights()}
    assert seen.deals == {}


def test_a_link_asks_for_the_right_to_link_and_for_that_deal(read, tracker, crm, says) -> None:
    seen = read(state(linked=False), says(SAM, "/link SALES-7"))

    assert tracker.asked == ["issue", "comments", "moves", "may_link"]
    assert seen.rights == {SAM.id: Rights(may_link=True)}
    assert crm.calls == [("deals", "SALES-7")]
    assert seen.deals == {DEAL.subject: DEAL}


def test_a_deal_can_be_named_by_its_address(read, says) -> None:
    seen = read(state(linked=False), says(SAM, "/link https://jira.example/browse/SALES-7"))

    assert [written.command.deal for written in seen.written] == ["SALES-7"]
    assert set(seen.deals) == {DEAL.subject}


def test_what_can_be_no_deal_is_not_looked_up(read, crm, says) -> None:
    seen = read(state(linked=False), says(SAM, "/link the-big-one"))

    assert crm.calls == []
    assert [written.command.deal for written in seen.written] == ["the-big-one"]


def test_the_named_and_the_linked_deals_are_read_in_one_call(read, crm, says) -> None:
    crm.known["SALES-8"] = Deal(deal("SALES-8"), "Boreas", "")

    seen = read(state(), says(SAM, "/link SALES-8", "/link SALES-7"))

    assert crm.calls == [("deals", "SALES-8", "SALES-7")]
    assert set(seen.deals) == {DEAL.subject, deal("SALES-8")}


def test_a_deal_that_is_unknown_is_missing(read, says) -> None:
    assert read(state(linked=False), says(SAM, "/link SALES-999")).deals == {}


def test_a_strangers_words_in_the_body_ask_nothing_of_the_crm(read, tracker, crm) -> None:
    tracker.change(body="We need this, see SALES-7.")
    tracker.authors["body"] = Evidence(STRANGER, NOW)

    seen = read(state(linked=False))

    assert crm.calls == []
    assert seen.deals == {}


def test_however_many_deals_a_text_names_they_are_read_in_one_call(read, tracker, crm) -> None:
    tracker.change(body=" ".join(f"SALES-{n}" for n in range(1, 1000)))
    tracker.authors["body"] = Evidence(LEE, NOW)

    seen = read(state(linked=False))

    assert crm.asked == ["deals"]
    assert len(crm.calls[0]) <= 1 + 60
    assert seen.credits[deal("SALES-1")] == Evidence(LEE, NOW)
    assert tracker.asked.count("wordings") == tracker.asked.count("may_link") == 1


def test_what_is_hidden_in_the_body_asks_nothing_of_anybody(read, tracker, crm) -> None:
    tracker.change(body="<!-- for example SALES-7 --> `SALES-7`")

    assert read(state(linked=False)).mentioned == ()
    assert tracker.asked == ["issue"]
    assert crm.calls == []


def test_a_history_of_words_that_lags_behind_them_makes_us_look_again(read, tracker) -> None:
    tracker.change(body="For SALES-7")
    tracker.wrote["title"] = [Wording("Single sign-on", LEE, NOW)]
    tracker.wrote["body"] = [Wording("", LEE, NOW)]

    with pytest.raises(Unavailable, match="does not show"):
        read(state(linked=False))
    tracker.change(body="")
    tracker.wrote["body"] = [Wording("For SALES-7", LEE, NOW)]
    with pytest.raises(Unavailable, match="does not show"):
        read(replace(state(), mentioned=(DEAL.subject,)))


def test_whether_a_milestone_was_deleted_is_asked_where_it_may_matter(read, tracker) -> None:
    tracker.deleted = frozenset({WINTER.ref})
    tracker.change(deadlines={"milestone": NOTHING})

    assert read(state(WINTER)).gone == {"milestone"}
    assert read(state(SPRING)).gone == frozenset()
    tracker.change(deadlines={"milestone": SPRING})
    assert read(state(WINTER, contested=SPRING), Trigger(ISSUE, "receipt")).gone == {"milestone"}
    assert read(state(WINTER, contested=SUMMER)).gone == {"milestone"}
    tracker.calls.clear()
    assert read(state(WINTER)).gone == frozenset()
    assert "gone" not in tracker.asked


# ---------------------------------------------------------------- answers


def test_an_answer_of_product_asks_for_nothing_but_that(read, tracker, says) -> None:
    seen = read(state(), says(MONA, "/signoff"))

    assert tracker.asked == ["issue", "comments", "moves", "in_product"]
    assert seen.rights == {MONA.id: Rights(product=frozenset({"product"}))}


def test_whoever_is_not_product_may_get_a_kind_reply_if_they_may_link(read, tracker, says) -> None:
    seen = read(state(), says(LEE, "/signoff"))

    assert tracker.asked == ["issue", "comments", "moves", "in_product", "may_link"]
    assert seen.rights == {LEE.id: Rights(may_link=True)}


def test_each_policy_is_asked_about_its_own_people(read, says) -> None:
    seen = read(
        state(), says(MONA, "/signoff"), says(OMAR, "/signoff", id="c2"), policies=("product", "legal")
    )

    assert seen.rights[MONA.id].product == {"product"}
    assert seen.rights[OMAR.id].product == {"product", "legal"}


def test_a_person_is_asked_about_once_however_much_they_write(read, tracker, says, moved) -> None:
    moved(by=MONA)

    read(state(WINTER), says(MONA, "/signoff", "/decline"), says(MONA, "/signoff", id="c2"))

    assert tracker.asked.count("in_product") == 1


def test_whoever_links_and_answers_is_asked_for_both(read, says) -> None:
    seen = read(state(), says(MONA, "/link SALES-7", "/signoff"))

    assert seen.rights == {MONA.id: Rights(may_link=True, product=frozenset({"product"}))}


def test_when_rights_cannot_be_checked_the_look_fails_instead_of_guessing(read, tracker, says) -> None:
    tracker.fail("in_product", Unavailable("502"))

    with pytest.raises(Unavailable):
        read(state(), says(MONA, "/signoff"))


def test_when_deals_cannot_be_read_the_look_fails_instead_of_guessing(read, crm, says) -> None:
    crm.fail("deals", Refused("403"))

    with pytest.raises(Refused):
        read(state(), says(SAM, "/link SALES-7"))


# ---------------------------------------------------------------- what could carry a date


def test_for_a_date_that_product_names_the_carriers_are_asked(read, tracker, says) -> None:
    seen = read(state(), says(MONA, "/signoff 2027-04-15"))

    assert seen.carriers == {"milestone": (SPRING, SUMMER)}
    assert tracker.calls[-1] == ("carriers", str(ISSUE), "milestone", "2027-04-15")


@pytest.mark.parametrize("line", ["/signoff", "/signoff none", "/decline", "/signoff 2027-13-45"])
def test_without_a_date_no_carrier_is_asked_for(read, tracker, says, line) -> None:
    assert read(state(), says(MONA, line)).carriers == {}
    assert "carriers" not in tracker.asked


def test_for_a_date_that_anybody_else_signs_no_carrier_is_asked_for(read, tracker, says) -> None:
    read(state(), says(LEE, "/signoff 2027-04-15"))

    assert "carriers" not in tracker.asked


def test_with_a_field_named_only_its_carriers_are_asked(read, tracker, says) -> None:
    tracker.truth = issue(deadlines={"milestone": NOTHING, "duedate": NOTHING})

    assert set(read(state(), says(MONA, "/signoff duedate 2027-04-15")).carriers) == {"duedate"}
    assert set(read(state(), says(MONA, "/signoff 2027-04-15")).carriers) == {"milestone", "duedate"}


# ---------------------------------------------------------------- comments


def test_a_comment_is_read_from_the_tracker_with_all_that_counts(read, says) -> None:
    at = NOW - timedelta(minutes=1)

    [written] = read(state(), says(SAM, "/link SALES-7", written_at=at, edited=True)).written

    assert (written.comment, written.author, written.at, written.edited) == ("c1", SAM, at, True)


def test_a_comment_that_several_deliveries_point_at_is_read_once(read, tracker, says) -> None:
    trigger = says(SAM, "/link SALES-7")

    seen = read(state(), trigger, LOOKED, trigger)

    assert len(seen.written) == 1
    assert tracker.asked.count("comments") == 1


def test_a_comment_that_was_handled_is_not_read_again(read, tracker, says) -> None:
    known = IssueState(ISSUE, version=1, handled=("c1",))

    assert read(known, says(SAM, "/link SALES-7")).written == ()
    assert tracker.asked == ["issue"]


def test_our_own_comments_hold_no_commands(read, tracker, says) -> None:
    assert read(state(), says(BOT, "/signoff 2027-03-01", own=True)).written == ()
    assert "in_product" not in tracker.asked


def test_a_first_sight_reads_what_was_written_lately_and_the_history_only_if_somebody_commanded(
    read, tracker, says
) -> None:
    read(IssueState(ISSUE))
    assert tracker.asked == ["issue", "comments"]

    says(SAM, "/link SALES-7")
    seen = read(IssueState(ISSUE))

    assert [written.command.word for written in seen.written] == ["link"]
    assert tracker.asked[2:5] == ["issue", "comments", "moves"]


def test_what_was_written_long_before_a_delivery_has_to_be_pointed_at(read, says) -> None:
    old = says(SAM, "/link SALES-7", written_at=NOW - timedelta(days=4))

    assert read(IssueState(ISSUE)).written == ()
    assert len(read(IssueState(ISSUE), old).written) == 1


def test_a_move_is_not_looked_at_before_what_was_written_before_it(read, says, moved) -> None:
    """The delivery of the comment may come later, or never."""
    says(MONA, "/signoff 2027-04-15", written_at=NOW - timedelta(minutes=1))
    moved(SPRING, by=LEE)

    seen = read(state(WINTER))

    assert [written.command.word for written in seen.written] == ["signoff"]
    assert [move.new for move in seen.history["milestone"].moves] == [SPRING]


def test_a_delivery_with_a_time_that_cannot_be_stops_no_look_and_moves_no_limit(read, tracker, says) -> None:
    says(MONA, "/signoff 2027-04-15", written_at=NOW - timedelta(days=365))
    odd = Trigger(ISSUE, "issue", at=datetime(1, 1, 1, tzinfo=UTC))

    assert read(IssueState(ISSUE), odd).written == ()


def test_of_a_history_only_what_came_since_the_last_look_counts(read, tracker, moved) -> None:
    moved(SUMMER, by=LEE)
    moves = [
        Move(str(n), NOW, SAM, old, new) for n, (old, new) in enumerate(((WINTER, SPRING), (SPRING, WINTER)))
    ]
    tracker.history["milestone"] = [
        *moves,
        Move("7", NOW, MONA, WINTER, SPRING),
        Move("8", NOW, LEE, SPRING, SUMMER),
    ]

    by_value, by_entry = read(state(WINTER)), read(state(WINTER, last="7"))

    assert [move.id for move in by_value.history["milestone"].moves] == ["7", "8"]
    assert [move.id for move in by_entry.history["milestone"].moves] == ["8"]
    assert set(by_value.rights) == {MONA.id, LEE.id}


def test_where_dates_matter_a_change_that_is_gone_again_is_still_looked_for(read, tracker, says) -> None:
    heard = Trigger(ISSUE, "issue", at=NOW)
    tracker.history["milestone"] = [
        Move("7", NOW, MONA, NOTHING, SPRING),
        Move("8", NOW, LEE, SPRING, NOTHING),
    ]

    assert read(state(linked=False), heard).history == {}
    seen = read(state(last="0"), heard)
    assert [move.id for move in seen.history["milestone"].moves] == ["7", "8"]
    assert tracker.asked[-5:] == ["issue", "moves", "comments", "in_product", "in_product"]


def test_an_echo_of_our_own_write_costs_one_read_more_and_once(read, tracker) -> None:
    heard = Trigger(ISSUE, "issue", at=NOW)
    tracker.history["milestone"] = [Move("8", NOW, BOT, SPRING, NOTHING)]

    read(state(last="7", wrote=(NOTHING,)), heard)
    assert tracker.asked == ["issue", "moves"]

    read(state(last="8", last_at=NOW), heard)
    assert tracker.asked[2:] == ["issue"]


def test_a_comment_that_is_gone_says_nothing(read) -> None:
    assert read(state(), Trigger(ISSUE, "commented", comment="deleted")).written == ()


def test_comments_count_in_the_order_they_were_written(read, says) -> None:
    later = says(MONA, "/decline", id="c2", written_at=NOW)
    earlier = says(MONA, "/signoff", id="c1", written_at=NOW - timedelta(minutes=1))

    seen = read(state(), later, earlier)

    assert [written.command.word for written in seen.written] == ["signoff", "decline"]


def test_whoever_links_is_asked_whether_they_may_see_the_deal(read, crm, says) -> None:
    crm.closed_to = {SAM.id: (DEAL.key,), STRANGER.id: (DEAL.key,)}
    says(STRANGER, f"/link {DEAL.key}", id="c2")

    seen = read(state(linked=False), says(SAM, f"/link {DEAL.key}"))

    assert seen.unseen == {(SAM.id, DEAL.subject)}, "of strangers nothing is asked"


def test_whoever_names_a_deal_in_the_words_is_asked_too(read, tracker, crm) -> None:
    tracker.change(body=f"For {DEAL.key}")
    tracker.authors = {"body": Evidence(LEE, NOW)}
    crm.closed_to = {LEE.id: (DEAL.key,)}

    assert read(state(linked=False)).unseen == {(LEE.id, DEAL.subject)}


def test_of_a_restricted_comment_a_name_for_customers_is_kept_and_not_who_can_be_called(read, says) -> None:
    lines = "/name Sign-on", "/user Ada, ada@delta.example", "/user Ada, head of IT", "/problem It hurts"
    said = says(MONA, *lines, restricted=True)

    kept = [written.command.text for written in read(state(), said).written]

    assert kept == ["Sign-on", "…", "…, …", "…"], "what is left tells whether a role was named"


def test_a_restricted_comment_gives_its_command_and_no_word_more(read, says) -> None:
    said = says(MONA, "/decline because of Aurora", "/signoff when Aurora is done", restricted=True)

    declined, unclear = read(state(), said).written

    assert (declined.command.word, declined.command.because, declined.restricted) == ("decline", "", True)
    assert unclear.command.problem
    assert "Aurora" not in str(unclear)
