"""A deal hands on what it hears to the issues that are linked to it: in order, and once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from automation.engine.preview import Preview
from automation.engine.reader import Readers
from automation.engine.reconcile import Reconciler
from automation.engine.rendering import Rendering
from automation.model import DEAL as A_DEAL
from automation.model import Delivery, Mode, Subject, Trigger
from automation.model.reading import Reading
from automation.ports import LeaseLost
from automation.rulebook.live import LiveRules
from automation.store.counters import Counters
from automation.store.deliveries import Desk
from automation.store.inbox import Inbox
from automation.store.queue import LEASE_SECONDS, Queue
from tests.factories import DEAL, ISSUE, MONA, NOW, SAM, state

OTHER = Subject("github", "issue", "acme/shop#13")
UNLINKED = Subject("github", "issue", "acme/shop#14")
PEOPLE = {"mona": MONA, "sam": SAM}


def read(_event: str, body: object) -> Reading:
    assert isinstance(body, list)
    return Reading.of(*(Trigger(DEAL.subject, "stage", PEOPLE[name]) for name in body))


@pytest.fixture
def engine(database, states, tracker, crm, folder, message, clock) -> Callable[[Queue], Reconciler]:
    """Return the engine of the process whose queue it is."""
    message("Hello.")

    def engine(jobs: Queue) -> Reconciler:
        rules = LiveRules(folder, Mode.ENFORCE, lambda _: None, lambda: NOW)
        trackers = {"github": tracker}
        preview = Preview(Rendering(trackers, crm, rules.rulebook, states.known_names, clock), trackers)
        passes = Readers(trackers, crm, states.words.ready, clock.seconds)
        inbox, readers, counters = Inbox(database), {"jira": read}, Counters(database)
        return Reconciler(jobs, inbox, states, readers, trackers, passes, rules, clock, counters, preview)

    return engine


@pytest.fixture
def news(database, jobs, engine) -> Callable[[bytes], str]:
    """Deliver news of the deal and read it; return how it was read."""
    numbers = iter(range(1, 100))

    def news(body: bytes) -> str:
        inbox, id = Inbox(database), f"d{next(numbers)}"
        inbox.accept(Delivery("jira", id, "deal", body, NOW))
        engine(jobs).deliver(jobs.claim(("delivery",)))
        return id

    return news


@pytest.fixture
def linked(know) -> None:
    for issue in (ISSUE, OTHER):
        know(replace(state(), subject=issue))
    know(replace(state(linked=False), subject=UNLINKED))


def heard(states, issue: Subject) -> list[tuple[str, str]]:
    return [(one.what, one.actor.name) for one in states.begin(issue).heard if one.actor]


@pytest.mark.usefixtures("linked")
def test_each_linked_issue_hears_of_all_in_order_and_once(news, jobs, engine, states) -> None:
    news(b'["sam", "mona", "sam"]')
    news(b'["mona"]')
    [look] = jobs.claim_several(("reconcile",), 8)
    assert look.payload["subject"] == str(DEAL.subject), "the news are the deal's until it was looked at"

    engine(jobs).reconcile(look)

    both = [(A_DEAL, SAM.name), (A_DEAL, MONA.name)]
    assert [heard(states, issue) for issue in (ISSUE, OTHER, UNLINKED)] == [both, both, []]
    looks = jobs.claim_several(("reconcile",), 8)
    assert [job.payload["subject"] for job in looks] == [str(ISSUE), str(OTHER)]


@pytest.mark.usefixtures("linked")
def test_a_worker_that_stops_on_the_way_loses_and_doubles_nothing(
    news, jobs, engine, states, database, clock
) -> None:
    news(b'["mona"]')
    late = jobs.claim(("reconcile",))
    clock.forward(LEASE_SECONDS + 1)
    heir = Queue(database, clock.seconds)
    heir.keep()
    engine(heir).reconcile(heir.claim(("reconcile",)))

    with pytest.raises(LeaseLost):
        engine(jobs).reconcile(late)

    heir.give_back()
    assert [heard(states, issue) for issue in (ISSUE, OTHER)] == [[(A_DEAL, MONA.name)]] * 2
    after = Queue(database, clock.seconds)
    left = [after.claim(("reconcile",)) for _ in range(3)]
    assert [job and job.payload["subject"] for job in left] == [str(ISSUE), str(OTHER), None]


@pytest.mark.usefixtures("linked")
def test_news_that_are_read_again_at_somebodys_wish_are_handed_on_again(
    news, jobs, engine, states, database
) -> None:
    id = news(b'["mona"]')
    engine(jobs).reconcile(jobs.claim(("reconcile",)))
    while job := jobs.claim(("reconcile",)):
        states.drop(jobs, job)

    assert heard(states, ISSUE) == []

    desk = Desk(database)
    desk.retry(desk.find(id))
    engine(jobs).deliver(jobs.claim(("delivery",)))
    engine(jobs).reconcile(jobs.claim(("reconcile",)))

    assert heard(states, ISSUE) == [(A_DEAL, MONA.name)]


def test_news_of_a_deal_that_nothing_is_linked_to_make_no_job(news, jobs, know) -> None:
    know(state(linked=False))

    news(b'["mona"]')

    assert jobs.counts() == {}
