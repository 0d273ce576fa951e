"""Labels by which people answer: read from the history, once each, of whoever put them on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from automation.engine import marks
from automation.engine.marks import Marked
from automation.model import FIELD, STATUS, Choice, IssueState, Mark, Person, Trigger, Way
from automation.ports import Unseen
from tests.factories import ISSUE, LEE, MONA, NOW, issue
from tests.fakes import FakeTracker

YES, NO = Way("signoff", "date-agreed"), Way("decline", "date-declined")
WAYS: marks.Ways = dict.fromkeys((YES, NO), NOW - timedelta(days=1))
PUT_ON = Trigger(ISSUE, "label", MONA, NOW, updated=NOW)


def mark(id: str, minute: float, by: Person | None = MONA, on: bool = True, name: str = YES.name) -> Mark:
    return Mark(id, name, NOW + timedelta(minutes=minute), by, on)


def read(
    *history: Mark,
    shows: tuple[str, ...] = (YES.name,),
    state: IssueState | None = None,
    ways: marks.Ways = WAYS,
    triggers: tuple[Trigger, ...] = (PUT_ON,),
) -> Marked:
    tracker = FakeTracker(truth=issue(labels=shows), marked=list(history))
    assert tracker.truth is not None
    now = NOW + timedelta(hours=1)
    return marks.read(state or IssueState(ISSUE), tracker.truth, ways, triggers, tracker, now)


def ids(found: Marked) -> list[str]:
    return [one.mark.id for one in found.written if one.mark]


def test_what_was_put_on_says_the_command_of_whoever_did() -> None:
    [said] = read(mark("1", 0)).written

    assert (said.command.word, said.author, said.at) == ("signoff", MONA, NOW)
    assert said.command.day is None and not said.comment
    assert said.id == "label 1 date-agreed"


def test_nothing_is_asked_where_no_such_label_is_there_or_was_told_of() -> None:
    tracker = FakeTracker(truth=issue(labels=("urgent",)))
    assert tracker.truth is not None
    for ways, triggers in ((WAYS, ()), ({}, (PUT_ON,))):
        found = marks.read(IssueState(ISSUE), tracker.truth, ways, triggers, tracker, NOW)
        assert found == Marked() and tracker.calls == []


def test_it_counts_once() -> None:
    handled = replace(IssueState(ISSUE), handled=("label 1 date-agreed",))
    assert ids(read(mark("1", 0), state=handled)) == []
    assert ids(read(mark("1", 0), mark("2", 1, on=False), mark("3", 2), state=handled)) == ["3"]


def test_one_that_its_own_hand_took_off_is_taken_back_and_another_hand_cannot() -> None:
    assert ids(read(mark("1", 0), mark("2", 1, MONA, on=False), shows=())) == []
    assert ids(read(mark("1", 0), mark("2", 1, LEE, on=False), shows=())) == ["1"]
    assert ids(read(mark("1", 0), mark("2", 1, None, on=False), shows=())) == ["1"]


def test_one_from_before_the_rules_named_it_is_no_answer() -> None:
    ways = dict.fromkeys((YES, NO), NOW + timedelta(minutes=5))
    found = read(mark("1", 0), ways=ways)
    assert (found.written, found.unclaimed, found.gaps) == ((), (), ())


def test_names_are_told_apart_without_regard_to_case() -> None:
    found = read(mark("1", 0, name="Date-Agreed"), shows=("Date-Agreed",))
    assert [one.command.word for one in found.written] == ["signoff"]


def test_of_what_was_set_at_once_the_no_comes_first() -> None:
    found = read(mark("1", 0), mark("1", 0, name=NO.name), shows=(YES.name, NO.name))
    assert [one.command.word for one in found.written] == ["decline", "signoff"]


def test_one_that_nobody_put_on_is_nobodys_word() -> None:
    found = read(mark("1", 0, by=None))
    assert found.written == () and [one.id for one in found.unclaimed] == ["1"]


def test_one_that_the_history_does_not_show_is_waited_for_a_minute_and_then_nobodys() -> None:
    asked = Trigger(ISSUE, "lag", named_at=NOW + timedelta(minutes=59, seconds=50))
    young = read(triggers=(PUT_ON, asked))
    assert young.unclaimed == () and young.gaps and all(gap.passing for gap in young.gaps)
    gone = read(mark("1", 0, on=False), triggers=(PUT_ON, asked))
    assert gone.gaps and gone.unclaimed == ()

    old = read(triggers=(PUT_ON, replace(asked, named_at=NOW)))
    assert [(one.id, one.name) for one in old.unclaimed] == [("", YES.name)]


def test_a_delivery_that_tells_of_a_later_one_is_waited_for() -> None:
    later = replace(PUT_ON, updated=NOW + timedelta(minutes=10))
    assert read(mark("1", 0), triggers=(later,)).gaps
    assert not read(mark("1", 10), triggers=(later,)).gaps


def test_a_history_that_cannot_be_read_yet_is_waited_for() -> None:
    tracker = FakeTracker(truth=issue(labels=(YES.name,)))
    assert tracker.truth is not None
    tracker.fail("marks", Unseen("not yet"))
    found = marks.read(IssueState(ISSUE), tracker.truth, WAYS, (PUT_ON,), tracker, NOW)
    assert found.written == () and len(found.gaps) == 1


APPROVED = Way("signoff", "Approved", STATUS)
TO_APPROVED = Trigger(ISSUE, "issue", MONA, NOW, changed=("status",))


def of_status(
    *history: Mark, status: str = "approved", triggers: tuple[Trigger, ...] = (TO_APPROVED,)
) -> Marked:
    tracker = FakeTracker(truth=replace(issue(), status=status), marked=list(history))
    assert tracker.truth is not None
    ways = {APPROVED: NOW - timedelta(days=1)}
    return marks.read(IssueState(ISSUE), tracker.truth, ways, triggers, tracker, NOW + timedelta(hours=1))


def test_a_status_says_the_command_of_whoever_gave_it_also_where_it_is_another_by_now() -> None:
    given = Mark("1", "Approved", NOW, MONA, kind=STATUS)
    for status in ("approved", "Done"):
        [said] = of_status(given, status=status).written
        assert (said.command.word, said.author, said.id) == ("signoff", MONA, "status 1 Approved")


def test_another_status_waits_for_nothing_and_a_label_of_that_name_is_none() -> None:
    later = replace(TO_APPROVED, updated=NOW + timedelta(minutes=30))
    assert of_status(status="Done", triggers=(later,)) == Marked()
    assert of_status(status="approved", triggers=(later,)).gaps
    assert of_status(Mark("1", "Approved", NOW, MONA), status="Done").written == ()


def test_a_status_that_the_history_does_not_tell_of_is_nobodys_and_is_not_said_each_time() -> None:
    long_ago = Trigger(ISSUE, "lag", named_at=NOW)
    found = of_status(triggers=(TO_APPROVED, long_ago))
    assert (found.written, found.unclaimed) == ((), ())


SIGNED = Way("signoff", "Approved", FIELD, "Word")


def of_field(
    *history: Mark, holds: str = "approved", waits: float = 3600, changed: timedelta | None = None
) -> Marked:
    truth = replace(issue(), choices=(Choice("word", holds, "Word of product"),))
    tracker = FakeTracker(truth=replace(truth, updated_at=NOW + changed if changed else None))
    tracker.marked = list(history)
    assert tracker.truth is not None
    asked = (PUT_ON, Trigger(ISSUE, "lag", named_at=NOW))
    now = NOW + timedelta(seconds=waits)
    return marks.read(IssueState(ISSUE), tracker.truth, {SIGNED: NOW}, asked, tracker, now)


def test_a_field_says_the_command_of_whoever_set_it_and_is_told_from_other_fields() -> None:
    given = Mark("1", "Approved", NOW, MONA, kind=FIELD, field="Word")
    [said] = of_field(given).written
    assert (said.command.word, said.author, said.id) == ("signoff", MONA, "field 1 Word: Approved")
    for other in (
        replace(given, field="Other"),
        replace(given, name="Declined"),
        replace(given, kind=STATUS),
    ):
        found = of_field(other, holds="")
        assert found.written == ()


def test_a_field_that_nobody_is_known_to_have_set_is_nobodys() -> None:
    [unclaimed] = of_field().unclaimed
    assert (unclaimed.id, unclaimed.title, unclaimed.called) == ("", "word: approved", SIGNED.called)


def test_who_made_the_issue_is_not_taken_for_who_set_it_before_the_history_had_its_time() -> None:
    made = Mark("created", "Approved", NOW, LEE, kind=FIELD, field="Word", made=True)
    for changed in (None, timedelta(minutes=5)):
        young = of_field(made, waits=5, changed=changed)
        assert young.written == () and all(gap.passing for gap in young.gaps) and young.gaps
        assert [one.author for one in of_field(made, changed=changed).written] == [LEE]
    assert [one.author for one in of_field(made, waits=5, changed=timedelta(seconds=1)).written] == [LEE]


def test_a_carrier_is_told_by_the_key_what_the_label_said() -> None:
    tracker = FakeTracker(marked=[mark("1", 0), mark("2", 1, on=False)])
    assert marks.answered(ISSUE, "label 1 date-agreed", WAYS, tracker) is None
    tracker = FakeTracker(marked=[mark("1", 0), mark("2", 1, LEE, on=False)])
    said = marks.answered(ISSUE, "label 1 date-agreed", WAYS, tracker)
    assert said is not None and said.issue == ISSUE and said.author == MONA
    assert marks.answered(ISSUE, "label 1 date-agreed", {}, tracker) is None
