"""``handshake deliveries``: what people read there, and what happens then."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from automation.model import Delivery, EmptyField, SetDeadline, SetLabel, ShowDeal, Subject, Trigger
from automation.model.reading import Reading
from automation.ports import GIVEN_UP, Ending, NoAccess, Unauthorized
from automation.store.counters import Counters
from automation.store.inbox import Inbox, put_reconciles
from automation.store.outbox import Outbox, add_effects
from automation.store.queue import Queue
from automation.store.rate_limiter import RateLimiters
from tests import databases
from tests.factories import DEAL, ISSUE, NOTHING, SPRING, effect, say

GUID = "72d3162e-cc78-11e3-81ab-4c9367dc0958"
SHORT = "72d3162e-cc78"
HEADINGS = "Id Source Event Received State About Tries What it says"


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal on which no line is folded."""
    monkeypatch.setenv("COLUMNS", "200")


class Inside:
    """The default database of this folder, as a serving process would fill it."""

    def __init__(self) -> None:
        self.database = databases.default()
        self.queue = Queue(self.database, lambda: datetime.now(UTC).timestamp())
        self.inbox = Inbox(self.database)

    def receive(self, id: str = GUID, ago: timedelta = timedelta(0)) -> Delivery:
        headers = {"x-github-event": "issues"}
        at = datetime.now(UTC) - ago
        delivery = Delivery("github", id, "issues", '{"title": "Pay – later"}'.encode(), at, headers)
        self.inbox.accept(delivery)
        return delivery

    def read(self, delivery: Delivery, reading: Reading) -> None:
        self.inbox.read(self.queue, (self.queue.claim(("delivery",)), delivery, reading))

    def park(self, kind: str, error: str) -> None:
        job = self.queue.claim((kind,))
        with self.database.write() as connection:
            self.queue.park(connection, job, error)

    def give_up(self, error: str, intent=None) -> None:
        """Give up an effect that the delivery led to."""
        with self.database.write() as connection:
            add_effects(connection, [effect(intent, key="e1")], f"github:{GUID}")
        job = self.queue.claim(("set", "tell"), "github")
        Outbox(self.database, lambda: 0.0).end(self.queue, job, Ending(GIVEN_UP, error))


@pytest.fixture
def inside(here) -> Iterator[Inside]:
    opened = Inside()
    yield opened
    opened.database.close()


@pytest.fixture
def parked(inside: Inside) -> Inside:
    """A delivery whose look was given up."""
    inside.read(inside.receive(), Reading.of(Trigger(ISSUE, "labeled")))
    inside.park("reconcile", "GitHub does not answer")
    return inside


def words(line: str) -> str:
    return " ".join(line.split())


# ---------------------------------------------------------------- list


@pytest.mark.usefixtures("inside")
def test_where_all_is_done_that_is_said(handshake) -> None:
    result = handshake("deliveries", "list")

    assert (result.exit_code, result.output) == (0, "All is done: nothing waits, nothing is parked.\n")
    assert handshake("deliveries", "list", "--all").output == "No delivery is there yet.\n"
    assert json.loads(handshake("deliveries", "list", "--json").output) == []


def test_all_is_not_done_while_what_comes_in_would_wait(handshake, inside) -> None:
    """The refused credentials are no delivery, but an empty list would read as a good sign."""
    limiter = RateLimiters(
        inside.database, lambda: datetime.now(UTC).timestamp(), Counters(inside.database)
    ).to("jira")
    limiter.shut(Unauthorized("Jira answered 401", 60))

    result = handshake("deliveries", "list")

    assert "All is done" not in result.stdout
    assert result.stderr == "Careful: not accepted by jira; the log says which setting to check.\n"
    assert json.loads(handshake("deliveries", "list", "--json").stdout) == []
    assert handshake("proposals").stdout == "Nothing that was read waits for product.\n"


def test_access_that_was_lost_is_said_also_where_no_delivery_led_to_the_look(handshake, inside) -> None:
    with inside.database.write() as connection:
        put_reconciles(connection, (Trigger(ISSUE, "time"),))
    job = inside.queue.claim(("reconcile",))
    inside.queue.retry(job, str(NoAccess("github:acme/shop", "404", 60.0)), 60.0)

    result = handshake("deliveries", "list")

    assert "waiting" in result.stdout and "job-" in result.stdout
    assert "1 place of github cannot be seen by our account" in result.stderr


@pytest.mark.usefixtures("parked")
def test_what_is_parked_is_listed_with_its_reason_and_what_to_do(handshake) -> None:
    heading, line, hint = handshake("deliveries", "list").output.splitlines()

    assert words(heading) == HEADINGS
    assert words(line).startswith(f"{SHORT} github issues ")
    assert words(line).endswith(" parked acme/shop#12 1 GitHub does not answer")
    assert hint.endswith("handshake deliveries retry --parked")


def test_what_waits_is_listed_without_a_hint(handshake, inside) -> None:
    inside.receive()

    _, line = handshake("deliveries", "list").output.splitlines()

    assert words(line).endswith(" waiting 0")


def test_times_are_said_as_people_say_them(handshake, inside) -> None:
    inside.receive("an-old-one", timedelta(days=400))

    line = handshake("deliveries", "list").output.splitlines()[1]

    at = datetime.now(UTC) - timedelta(days=400)
    assert f"{at.day} {at:%B}" in line


def test_what_is_done_is_listed_with_how_it_was_read(handshake, inside) -> None:
    inside.read(inside.receive(), Reading.ignored("a comment without a command"))

    assert handshake("deliveries", "list").output.startswith("All is done")
    said = words(handshake("deliveries", "list", "--all").output)
    assert said.endswith(" done ignored: a comment without a command")


def test_more_than_the_limit_is_said_to_be_there(handshake, inside) -> None:
    for number in range(3):
        inside.receive(f"delivery-{number}")

    lines = handshake("deliveries", "list", "--limit", "2").output.splitlines()

    assert [line.split()[0] for line in lines[1:3]] == ["delivery-2", "delivery-1"]
    assert lines[3] == "2 of 3 are shown; --limit 3 shows all."


def test_a_source_can_be_chosen(handshake, inside) -> None:
    inside.receive()

    assert SHORT in handshake("deliveries", "list", "--source", "github").output
    assert SHORT not in handshake("deliveries", "list", "--source", "jira").output


@pytest.mark.usefixtures("parked")
def test_the_json_has_all_but_the_body(handshake) -> None:
    [item] = json.loads(handshake("deliveries", "list", "--json").output)

    [job] = item.pop("jobs")
    assert datetime.fromisoformat(item.pop("received_at")).tzinfo is not None
    assert item == {
        "id": GUID,
        "source": "github",
        "event": "issues",
        "state": "parked",
        "reading": "triggers",
        "reason": None,
        "headers": {"x-github-event": "issues"},
    }
    assert (job["kind"], job["subject"], job["state"]) == ("reconcile", "github:issue:acme/shop#12", "parked")
    assert (job["tries"], job["error"], job["effect"]) == (1, "GitHub does not answer", None)


def test_words_that_look_like_markup_are_printed_as_they_are(handshake, inside) -> None:
    inside.receive()
    inside.park("delivery", "[red]no[/red]")

    assert "[red]no[/red]" in handshake("deliveries", "list").output


# ---------------------------------------------------------------- show


@pytest.mark.usefixtures("parked")
def test_one_is_shown_with_its_headers_and_jobs_but_not_with_what_people_wrote(handshake) -> None:
    said = handshake("deliveries", "show", SHORT).output

    lines = [words(line) for line in said.splitlines()]
    assert lines[0] == f"github:{GUID}"
    assert lines[1].startswith("issues, received ")
    assert lines[1].endswith(" UTC, parked")
    assert lines[2:5] == ["Read as triggers.", "x-github-event: issues", ""]
    assert lines[6].endswith("reconcile acme/shop#12 parked 1 GitHub does not answer")
    assert "Pay" not in said


def test_one_whose_source_names_no_event_begins_with_what_is_known(handshake, inside) -> None:
    inside.inbox.accept(Delivery("jira", "d1", "", b"{}", datetime.now(UTC)))

    _, second, *_ = handshake("deliveries", "show", "d1").output.splitlines()

    assert second.startswith("Received ")


def test_one_that_was_not_read_yet_is_said_to_be_so(handshake, inside) -> None:
    inside.receive()

    said = handshake("deliveries", "show", GUID).output

    assert "Not read yet." in said
    assert words(said.splitlines()[-1]).endswith("delivery waiting 0 now")


def test_one_that_is_done_has_no_jobs_to_show(handshake, inside) -> None:
    inside.read(inside.receive(), Reading.ignored("nothing that is followed has changed"))

    lines = handshake("deliveries", "show", GUID).output.splitlines()

    assert lines[2:] == ["Read as ignored: nothing that is followed has changed.", "  x-github-event: issues"]


@pytest.mark.parametrize(
    ("intent", "does"),
    [
        (SetDeadline("milestone", SPRING, NOTHING, "restore"), "restore milestone: no date, on acme/shop#12"),
        (SetLabel("waiting", True), "add the label waiting, on acme/shop#12"),
        (SetLabel("waiting", False), "remove the label waiting, on acme/shop#12"),
        (EmptyField("Word", "Yes"), "empty Word, if it holds Yes, on acme/shop#12"),
        (ShowDeal(DEAL.subject, True), "show the link to SALES-7, on acme/shop#12"),
        (ShowDeal(DEAL.subject, False), "take away the link to SALES-7, on acme/shop#12"),
        (say("date-held"), "say date-held, on acme/shop#12"),
    ],
)
def test_what_a_job_would_write_is_said(handshake, inside, intent, does) -> None:
    inside.receive()
    inside.give_up("no right to do so", intent)

    assert f"{does}. no right to do so" in words(handshake("deliveries", "show", GUID).output)
    [_, job, *_] = json.loads(handshake("deliveries", "show", GUID, "--json").output)["jobs"]
    assert (job["effect"], job["does"]) == ("e1", does)


@pytest.mark.usefixtures("parked")
def test_the_body_is_shown_where_it_is_asked_for(handshake) -> None:
    body = '{"title": "Pay – later"}'

    assert handshake("deliveries", "show", GUID, "--body").output.endswith(f"\n\n{body}\n")
    assert json.loads(handshake("deliveries", "show", GUID, "--body", "--json").output)["body"] == body
    assert "body" not in json.loads(handshake("deliveries", "show", GUID, "--json").output)


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("command", ["show", "retry", "drop"])
def test_an_unknown_id_is_said_plainly(handshake, command) -> None:
    result = handshake("deliveries", command, "abc")

    assert result.exit_code == 2
    assert result.stderr.startswith("There is no delivery 'abc'. To see what there is: ")
    assert result.stderr.endswith(" handshake deliveries list --all\n")


# ---------------------------------------------------------------- retry


def test_what_is_parked_is_tried_again_and_that_is_said(handshake, parked) -> None:
    result = handshake("deliveries", "retry", SHORT)

    assert (result.exit_code, result.output) == (0, f"{SHORT}: 1 job will be tried again now.\n")
    assert parked.queue.claim(("reconcile",)).tries == 1


def test_one_with_nothing_parked_is_read_again(handshake, inside) -> None:
    inside.read(inside.receive(), Reading.ignored("nothing"))

    assert handshake("deliveries", "retry", GUID).output == f"{SHORT}: It will be read again now.\n"
    assert inside.queue.counts() == {"ready": 1}


def test_all_that_is_parked_is_tried_again_at_once(handshake, parked) -> None:
    parked.receive("another-delivery")
    parked.park("delivery", "no")

    result = handshake("deliveries", "retry", "--parked")

    assert len(result.output.splitlines()) == 2
    assert parked.queue.counts() == {"ready": 2}


@pytest.mark.usefixtures("inside")
@pytest.mark.parametrize("command", ["retry", "drop"])
def test_where_nothing_is_parked_that_is_said(handshake, command) -> None:
    result = handshake("deliveries", command, "--parked")

    assert (result.exit_code, result.output) == (0, "Nothing is parked.\n")


@pytest.mark.parametrize("command", ["retry", "drop"])
@pytest.mark.parametrize("arguments", [[], [GUID, "--parked"]])
def test_it_has_to_be_said_which_are_meant(handshake, parked, command, arguments) -> None:
    result = handshake("deliveries", command, *arguments)

    assert result.exit_code == 2
    assert "Name deliveries by their ids, or give --parked alone" in result.stderr
    assert parked.queue.counts() == {"parked": 1}


def test_one_unknown_id_among_several_keeps_all_as_they_are(handshake, parked) -> None:
    assert handshake("deliveries", "retry", GUID, "abc").exit_code == 2
    assert parked.queue.counts() == {"parked": 1}


def test_one_that_is_named_twice_is_tried_once(handshake, parked) -> None:
    assert len(handshake("deliveries", "retry", GUID, SHORT).output.splitlines()) == 1


def test_what_is_for_a_system_that_is_not_known_here_is_refused_with_what_to_do(handshake, inside) -> None:
    """It would wait for ever: no worker claims it."""
    inside.read(inside.receive(), Reading.of(Trigger(ISSUE, "labeled")))
    inside.park("reconcile", "GitHub does not answer")
    elsewhere = Subject("hubspot", "deal", "77")
    with inside.database.write() as connection:
        told = effect(say(), key="e1", target=elsewhere)
        add_effects(connection, [told], f"github:{GUID}", frozenset({"github"}), lambda: 0.0)

    hint = "handshake deliveries retry --parked"
    assert hint in handshake("deliveries", "list").output

    result = handshake("deliveries", "retry", GUID)

    assert hint not in handshake("deliveries", "list").output, "it would all be refused"
    assert (result.exit_code, result.stdout) == (2, f"{SHORT}: 1 job will be tried again now.\n")
    assert result.stderr == (
        f"{SHORT}: 1 job stays parked. "
        "This Handshake does not know hubspot, so nothing here would ever do it. "
        "Run a version that knows hubspot, and try again there. "
        f"To take away what is parked instead: handshake deliveries drop {SHORT}\n"
    )
    assert inside.queue.counts() == {"ready": 1, "parked": 1}


def test_a_delivery_of_a_system_that_is_not_known_here_is_not_read_again(handshake, inside) -> None:
    delivery = Delivery("hubspot", "h-1", "deal", b"{}", datetime.now(UTC))
    inside.inbox.accept(delivery)
    inside.read(delivery, Reading.ignored("nothing"))

    result = handshake("deliveries", "retry", "h-1")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("h-1: It is not read again. This Handshake does not know hubspot, ")
    assert inside.queue.counts() == {}


# ---------------------------------------------------------------- drop


def test_dropping_is_asked_about_first(handshake, parked) -> None:
    """Nobody answers here, which is a no."""
    result = handshake("deliveries", "drop", GUID)

    assert result.exit_code == 1
    assert "Drop 1 job? This cannot be taken back [y/N]" in result.output
    assert parked.queue.counts() == {"parked": 1}


def test_with_a_yes_it_is_gone(handshake, parked) -> None:
    result = handshake("deliveries", "drop", GUID, "--yes")

    assert (result.exit_code, result.output) == (0, f"{SHORT}: 1 job dropped.\n")
    assert parked.queue.counts() == {}


def test_all_that_is_parked_can_be_dropped_at_once(handshake, parked) -> None:
    parked.receive("another-delivery")
    parked.park("delivery", "no")

    handshake("deliveries", "drop", "--parked", "--yes")

    assert parked.queue.counts() == {}


def test_what_waits_is_not_dropped(handshake, inside) -> None:
    inside.receive()

    result = handshake("deliveries", "drop", GUID, "--yes")

    assert result.output == "Nothing of it is parked, so there is nothing to drop.\n"
    assert inside.queue.counts() == {"ready": 1}
