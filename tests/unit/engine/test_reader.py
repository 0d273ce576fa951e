"""What a pass may use twice, and what it asks for anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.engine.reader import FRESH, Reader, Readers
from automation.model import NOTHING, SetDeadline, SetLabel
from automation.ports import Unavailable
from tests.factories import DEAL, ISSUE, MONA, SPRING, WINTER, deal, effect, say
from tests.fakes import Clock, FakeCrm, FakeTracker

LABEL = effect(SetLabel("waiting", True), key="label")
NOTICE = effect(say(), key="notice")
LATER = effect(say(), key="planned later")
RESTORE = effect(SetDeadline("milestone", expect=SPRING, value=WINTER, why="restore"), key="restore")


@pytest.fixture
def ready() -> set[str]:
    """The keys of the effects that are ready to be performed."""
    return {"label", "notice", "restore"}


@pytest.fixture
def readers(tracker: FakeTracker, crm: FakeCrm, clock: Clock, ready: set[str]) -> Readers:
    return Readers({"github": tracker}, crm, lambda _: frozenset(ready), clock.seconds)


def test_a_pass_asks_nothing_twice(tracker: FakeTracker, crm: FakeCrm) -> None:
    reader = Reader({"github": tracker}, crm, whole=True)
    for _ in range(2):
        one = reader.trackers["github"]
        one.issue(ISSUE), one.public(ISSUE), one.in_product(ISSUE, MONA, "product"), one.may_link(ISSUE, MONA)
        assert dict(reader.crm.deals([DEAL.subject, deal("SALES-404")])) == {DEAL.subject: DEAL}

    assert tracker.asked == ["issue", "public", "in_product", "may_link"]
    assert crm.asked == ["deals"]


def test_what_could_not_be_answered_is_asked_again(tracker: FakeTracker, crm: FakeCrm) -> None:
    one = Reader({"github": tracker}, crm, whole=True).trackers["github"]
    tracker.fail("in_product", Unavailable("not now"))
    with pytest.raises(Unavailable):
        one.in_product(ISSUE, MONA, "product")
    tracker.members = {"product": frozenset({MONA})}

    assert one.in_product(ISSUE, MONA, "product")


def test_what_was_written_is_forgotten(tracker: FakeTracker, crm: FakeCrm) -> None:
    one = Reader({"github": tracker}, crm, whole=True).trackers["github"]
    before = one.issue(ISSUE)
    one.set_label(ISSUE, "waiting", True)
    labelled = one.issue(ISSUE)
    one.set_deadline(ISSUE, "milestone", SPRING)
    after = one.issue(ISSUE)

    assert before and labelled and after
    assert labelled == replace(before, labels=(*before.labels, "waiting")), "known without asking"
    assert (before.deadlines["milestone"], after.deadlines["milestone"]) == (NOTHING, SPRING)


def test_effects_that_are_ready_together_are_performed_from_one_reading(readers: Readers) -> None:
    first = readers.of_effect(LABEL, tries=1)

    assert readers.of_effect(NOTICE, tries=1) is first
    assert readers.of_effect(NOTICE, tries=1) is not first, "each of them once"


def test_an_effect_uses_nothing_that_was_read_before_it_was_ready(readers: Readers, ready: set[str]) -> None:
    first = readers.of_effect(LABEL, tries=1)
    ready.add("planned later")

    assert readers.of_effect(LATER, tries=1) is not first


def test_deals_that_a_reconcile_has_read_serve_its_effects_for_seconds(
    readers: Readers, crm: FakeCrm, clock: Clock
) -> None:
    readers.of_reconcile(ISSUE).crm.deals([DEAL.subject])

    assert dict(readers.of_effect(NOTICE, tries=1).crm.deals([DEAL.subject])) == {DEAL.subject: DEAL}
    assert crm.asked == ["deals"]
    clock.forward(seconds=FRESH)
    readers.of_effect(NOTICE, tries=1).crm.deals([DEAL.subject])
    assert crm.asked == ["deals"] * 2


def test_a_reconcile_and_what_is_tried_again_read_deals_anew(readers: Readers, crm: FakeCrm) -> None:
    readers.of_reconcile(ISSUE).crm.deals([DEAL.subject])
    readers.of_effect(NOTICE, tries=2).crm.deals([DEAL.subject])
    readers.of_reconcile(ISSUE).crm.deals([DEAL.subject])

    assert crm.asked == ["deals"] * 3


def test_a_deal_that_was_not_there_is_asked_for_again(readers: Readers, crm: FakeCrm) -> None:
    absent = deal("SALES-404")
    readers.of_reconcile(ISSUE).crm.deals([absent])
    readers.of_effect(NOTICE, tries=1).crm.deals([absent])

    assert crm.asked == ["deals"] * 2


def test_a_reading_is_used_for_seconds_only(readers: Readers, clock: Clock) -> None:
    first = readers.of_effect(LABEL, tries=1)
    clock.forward(FRESH)

    assert readers.of_effect(NOTICE, tries=1) is not first


def test_a_deadline_and_what_is_tried_again_read_by_themselves(readers: Readers) -> None:
    first = readers.of_effect(LABEL, tries=1)

    assert readers.of_effect(RESTORE, tries=1) is not first
    assert readers.of_effect(NOTICE, tries=2) is not first


def test_what_a_reconcile_reads_serves_no_effect_and_ends_what_was_read_before(readers: Readers) -> None:
    first = readers.of_effect(LABEL, tries=1)
    seen = readers.of_reconcile(ISSUE)

    assert readers.of_effect(NOTICE, tries=1) not in (first, seen)
