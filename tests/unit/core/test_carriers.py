"""What happened to a milestone, who did it, and what the issues on it make of that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from automation.domain.carriers import beside, carriers_of, deleted, seen, unread
from automation.domain.moved_carriers import follow, plain, promise_of, without_issues
from automation.model import (
    CARRIER,
    NOTHING,
    Carrier,
    CarrierMove,
    CarrierState,
    Commitment,
    FieldState,
    IssueState,
    Link,
    Pending,
    Receipt,
    Status,
    Subject,
    Told,
    Trigger,
    Value,
)
from tests.factories import DEAL, ISSUE, LEE, MONA, NOW, SAM, SPRING, SUMMER, WINTER, proposal

SUBJECT = Subject("github", CARRIER, "acme/shop#2")
KNOWN = CarrierState(SUBJECT, 1, SPRING, (CarrierMove(SPRING, NOW - timedelta(days=1), MONA),))
LATER = replace(SPRING, day=SUMMER.day)
UNDATED = replace(SPRING, day=None)


def told(value: Value, by=LEE, minutes: int = 0) -> Trigger:
    at = NOW + timedelta(minutes=minutes)
    return Trigger(SUBJECT, "moved", by, at, updated=at, held=value)


def holds(value: Value) -> Carrier:
    return Carrier("acme/shop", value, NOW)


@pytest.mark.parametrize("value", [LATER, UNDATED])
def test_who_moved_a_date_is_whoever_the_delivery_of_just_this_date_names(value: Value) -> None:
    known = seen(KNOWN, holds(value), [told(value)], NOW)

    assert known.value == value and known.moves[-1] == CarrierMove(value, NOW, LEE)


def test_what_a_delivery_claims_and_the_tracker_does_not_hold_is_nobodys_doing() -> None:
    assert seen(KNOWN, holds(SPRING), [told(LATER)], NOW) == KNOWN

    assert seen(KNOWN, holds(LATER), [told(UNDATED, MONA)], NOW).moves[-1].by is None


def test_an_old_delivery_lends_nobody_a_later_move() -> None:
    away = CarrierMove(SPRING, NOW, LEE)
    known = replace(KNOWN, moves=(CarrierMove(LATER, NOW - timedelta(hours=1), MONA), away))

    again = seen(known, holds(LATER), [told(LATER, MONA, minutes=-60)], NOW)

    assert again.moves[-1].by is None, "this is another move to the same day"


def test_whoever_moved_it_is_learned_where_the_delivery_comes_after_the_look() -> None:
    alone = seen(KNOWN, holds(LATER), [], NOW)
    known = seen(alone, holds(LATER), [told(LATER)], NOW)

    assert alone.moves[-1].by is None and known.moves[-1].by == LEE
    assert seen(known, holds(LATER), [told(LATER)], NOW) == known, "and once"


def test_in_whatever_order_deliveries_come_the_same_is_known_in_the_end() -> None:
    moves = [told(LATER, LEE, 1), told(UNDATED, MONA, 2), told(LATER, MONA, 3)]
    ends = set()
    for order in permutations(moves):
        state = KNOWN
        for trigger in (*order, order[0]):
            state = seen(state, holds(LATER), [trigger], NOW)
        ends.add((state.value, state.moves[-1].by is not None))

    assert ends == {(LATER, True)}


def test_a_deleted_carrier_is_told_once_and_nothing_is_asked_of_its_date_any_more() -> None:
    asked = IssueState(SUBJECT, 1, proposals=(replace(proposal(SUMMER, WINTER), field="due_on"),))
    gone = deleted(replace(KNOWN, promise=asked), [ISSUE], NOW)

    assert gone.state.gone and [message.subject for message in gone.messages] == [ISSUE]
    assert gone.state.promise and gone.state.promise.open_proposals() == ()
    assert not deleted(gone.state, [ISSUE], NOW).messages


def linked(fields: FieldState, at: int = -60) -> IssueState:
    """Return an issue with a deal that stands on the milestone."""
    link = Link(DEAL.subject, SAM, NOW + timedelta(minutes=at))
    return IssueState(replace(ISSUE, key="acme/shop#12"), 1, fields={"milestone": fields}, links=(link,))


def carrier(day: Value, commitment: Commitment | None = None) -> CarrierState:
    status = Status.COMMITTED if commitment else Status.INHERITED
    held = FieldState(standing=plain(day), status=status, commitment=commitment)
    return replace(KNOWN, value=day, promise=IssueState(SUBJECT, 1, fields={"due_on": held}))


AGREED = Commitment(plain(LATER), "product", (MONA,), NOW, verified=True)
ON_IT = FieldState(standing=SPRING, status=Status.INHERITED)


def test_an_issue_follows_the_date_that_was_agreed_for_what_it_stands_on() -> None:
    after, entries = follow(linked(ON_IT), carrier(LATER, AGREED))

    mine = after.fields["milestone"]
    assert mine.standing == LATER and mine.status is Status.COMMITTED
    assert mine.commitment and (mine.commitment.value, mine.commitment.lent) == (LATER, True)
    assert [entry.what for entry in entries] == ["signed"]
    assert follow(after, carrier(LATER, AGREED)) == (after, ()), "and once"


def test_who_came_later_or_has_no_deal_is_promised_nothing() -> None:
    late, alone = linked(ON_IT, at=5), replace(linked(ON_IT), links=())

    for state in (late, alone, linked(replace(ON_IT, last_at=NOW + timedelta(minutes=5)))):
        mine = follow(state, carrier(LATER, AGREED))[0].fields["milestone"]
        assert (mine.standing, mine.commitment, mine.status) == (LATER, None, Status.PLANNED)


def test_what_product_moves_by_itself_is_a_plan_for_those_that_were_promised_nothing() -> None:
    moved = replace(AGREED, tell_at=NOW + timedelta(minutes=15))
    own = Commitment(SPRING, "product", (MONA,), NOW - timedelta(hours=1), verified=True)

    planned = follow(linked(ON_IT), carrier(LATER, moved))[0].fields["milestone"]
    promised = follow(linked(replace(ON_IT, commitment=own)), carrier(LATER, moved))[0].fields["milestone"]

    assert (planned.standing, planned.commitment, planned.status) == (LATER, None, Status.PLANNED)
    assert promised.commitment and promised.commitment.value == LATER


def test_what_was_agreed_on_an_issue_is_in_doubt_as_long_as_the_carriers_date_is() -> None:
    own = Commitment(SPRING, "product", (MONA,), NOW - timedelta(hours=1), verified=True)
    state = linked(replace(ON_IT, commitment=own, status=Status.COMMITTED))
    lent = replace(own, value=plain(SPRING), lent=True)

    doubted, _ = follow(state, carrier(SPRING, replace(lent, at_risk=True)))
    mine = doubted.fields["milestone"].commitment
    assert mine and mine.at_risk and mine.value == SPRING
    safe = follow(doubted, carrier(SPRING, lent))[0].fields["milestone"]
    assert (safe.commitment, safe.behind) == (own, False)
    assert safe.telling == {str(DEAL.subject): SPRING}, "the carrier says so"


def test_a_carrier_knows_the_deals_of_its_issues_and_what_they_were_told() -> None:
    own = Commitment(SPRING, "product", (MONA,), NOW, verified=True)
    state = linked(replace(ON_IT, commitment=own))
    state = replace(state, told={(DEAL.subject, "milestone"): Told(SPRING, True)})

    promise = promise_of(IssueState(SUBJECT), SUBJECT, [state])

    held = promise.fields["due_on"]
    assert promise.concerned() == (DEAL.subject,) and held.standing == plain(SPRING)
    assert held.commitment and held.commitment.lent and held.commitment.value == plain(SPRING)
    assert promise.told == {(DEAL.subject, "due_on"): Told(plain(SPRING), True)}
    assert without_issues(promise).links == ()


def test_an_issue_stands_on_what_holds_it_what_it_goes_back_to_and_what_is_asked() -> None:
    state = IssueState(
        ISSUE,
        fields={"milestone": FieldState(standing=WINTER, contested=SPRING)},
        proposals=(proposal(SUMMER, WINTER),),
    )

    place = ISSUE.key.partition("#")[0]
    assert carriers_of(state) == {Subject("github", CARRIER, f"{place}#{ref}") for ref in "123"}
    day = FieldState(standing=Value("2027-03-01", SPRING.day))
    assert carriers_of(replace(state, fields={"duedate": day}, proposals=())) == frozenset()
    assert carriers_of(replace(state, fields={"milestone": FieldState(NOTHING)}, proposals=())) == frozenset()


# ------------------------------------------------------------ one that does not say when it was changed

SEVEN = Subject("jira", CARRIER, "7", "PROD#7")
V7 = Value("7", SPRING.day, "v7", "7")
V7_AND_9 = Value("7,9", SPRING.day, "v7", "7")


def version(day) -> Carrier:
    return Carrier("PROD", replace(V7, day=day), None)


def heard(day, minutes: int = 0) -> Trigger:
    return Trigger(SEVEN, "moved", None, NOW + timedelta(minutes=minutes), held=replace(V7, day=day))


SEEN = CarrierState(SEVEN, 1, V7, (CarrierMove(V7, NOW - timedelta(days=1)),))


def test_a_date_that_the_newest_delivery_does_not_tell_of_is_an_old_copy_of_it() -> None:
    assert unread(SEEN, version(SPRING.day), [heard(SUMMER.day)], {})
    assert not unread(SEEN, version(SUMMER.day), [heard(SUMMER.day)], {})
    assert not unread(SEEN, version(WINTER.day), [heard(SUMMER.day), heard(WINTER.day, 1)], {})
    assert unread(CarrierState(SEVEN), version(SPRING.day), [heard(SUMMER.day)], {})


def test_a_delivery_from_before_the_change_that_is_known_last_waits_for_nothing() -> None:
    back = replace(SEEN, moves=(*SEEN.moves, CarrierMove(V7, NOW + timedelta(minutes=5))))

    assert not unread(back, version(SPRING.day), [heard(SUMMER.day)], {})


def test_of_two_changes_of_one_moment_the_one_that_is_not_known_is_the_news() -> None:
    known = replace(SEEN, moves=(CarrierMove(replace(V7, day=SUMMER.day), NOW),))

    assert not unread(known, version(WINTER.day), [heard(WINTER.day)], {})
    assert not unread(known, version(SUMMER.day), [heard(SUMMER.day)], {})


def test_what_we_have_written_over_is_read_again_unless_a_delivery_says_that_it_is_back() -> None:
    pending = Pending("e1", plain(replace(V7, day=SUMMER.day)))
    held = FieldState(standing=plain(V7), pending=pending)
    state = replace(SEEN, promise=IssueState(SEVEN, 1, fields={"releaseDate": held}))
    done = {"e1": Receipt(True, "")}

    assert unread(state, version(SUMMER.day), [], done)
    assert not unread(state, version(SPRING.day), [], done)
    assert not unread(state, version(SUMMER.day), [], {}), "it is not written yet"
    assert not unread(state, version(SUMMER.day), [heard(SUMMER.day, 1)], done)


def test_those_that_have_it_beside_an_earlier_one_are_told_apart_from_those_that_stand_on_it() -> None:
    about = Subject("jira", "issue", "1", "PROD-1")
    state = IssueState(about, fields={"fixVersions": FieldState(standing=V7_AND_9)})

    assert beside([state], Subject("jira", CARRIER, "9")) == (about,)
    assert beside([state], SEVEN) == ()


@pytest.mark.parametrize(
    ("new", "along"),
    [
        (replace(V7, day=SUMMER.day), True),
        (Value("7,9", SUMMER.day, "v9", "9"), True),
        (Value("7,9", None, "v7", "7"), True),
        (Value("9", SUMMER.day, "v9", "9"), False),
        (Value("7,9", WINTER.day, "v9", "9"), False),
        (NOTHING, False),
    ],
)
def test_a_later_date_of_an_issue_that_still_has_its_version_came_with_that(new: Value, along: bool) -> None:
    assert V7_AND_9.moved_along(new) is along
