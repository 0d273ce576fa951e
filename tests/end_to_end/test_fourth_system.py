"""A further system is a folder and an entry: a toy CRM, through the real receiver, worker and executor."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests

from automation.app.receiver_app import edge
from automation.app.settings import Settings
from automation.app.systems import SYSTEMS
from automation.app.worker_app import WorkerApp, build_worker_app
from automation.model import Mode, Subject
from automation.sandbox import Sandbox, sandbox
from automation.sandbox.places import GitHubIssue
from tests.end_to_end.conftest import BODY, BOT, MILESTONES, REPO, SECRET, SPRING, Clock
from tests.toy.server import TOKEN, Toy, deliver, toy_server
from tests.toy.system import TOY
from webhooks.serve import Aside

PUBLIC = "https://handshake.example.com"
HOOK = f"{PUBLIC}/webhooks/toy"
DEAL = Subject("toy", "deal", "TOY-7")
IN_TOY = "deals: {system: toy, project: TOY}"


@dataclass
class House:
    """GitHub with an issue, the toy with two deals, and Handshake connected to both."""

    box: Sandbox
    toy: Toy
    clock: Clock
    place: GitHubIssue
    rules: Path
    worker_app: WorkerApp
    receiver: Aside

    def settle(self) -> None:
        for _ in range(200):
            assert self.box.hooks.drain()
            if not self.worker_app.worker.run_next():
                return
            self.clock.forward(seconds=1)
        raise AssertionError("it does not come to rest")

    def comment(self, text: str, issue: GitHubIssue | None = None) -> None:
        (issue or self.place).comment("sam", text)
        self.settle()

    def deliver(self, *events: dict[str, object], at: datetime | None = None, **how: str) -> int:
        """Let the toy send events; return how it was answered."""
        to = f"http://127.0.0.1:{self.receiver.port}/webhooks/toy"
        secret, signed_for = how.pop("secret", SECRET), how.pop("signed_for", HOOK)
        answer = deliver(to, list(events), at or self.clock.now, secret, signed_for, **how)
        return answer.status_code

    def reads(self) -> int:
        """Return how often the tracker was read so far."""
        requests = self.box.requests
        return sum(one.method == "GET" or one.path.endswith("/graphql") for one in requests)

    def change_rules(self, old: str, new: str) -> None:
        """Save the rules, as operations do while it runs."""
        path = self.rules / "handshake.yaml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))
        self.clock.forward(seconds=2)


@pytest.fixture
def house(tmp_path: Path, rules: Path) -> Iterator[House]:
    clock = Clock()
    saved = rules / "handshake.yaml"
    saved.write_text(saved.read_text().replace("deals: {system: jira, project: SALES}", IN_TOY))
    with sandbox(clock=clock) as box, toy_server() as toy:
        toy.names |= {"TOY-7": "Borealis Ltd, 300 seats", "TOY-8": "Echo Foods"}
        hub, site = box.github, box.jira
        for login in ("lee", "sam", "mona", BOT):
            hub.add_user(login)
            site.add_user(login, login.capitalize())
        site.add_project("SALES", "Deals")
        site.add_project("PROD", "Product")
        for repository in (REPO, "acme/till"):
            hub.add_repo(repository, private=True, roles={"sam": "triage", "lee": "write", BOT: "maintain"})
        hub.add_team("acme", "product", members=("mona",))
        for title, due in MILESTONES.items():
            hub.add_milestone(REPO, title, due)
        settings = Settings(
            (*SYSTEMS, TOY),
            HANDSHAKE_DATABASE_URL=f"sqlite:///{tmp_path}/handshake.db",
            HANDSHAKE_RULES=rules,
            HANDSHAKE_MODE=Mode.ENFORCE,
            HANDSHAKE_PUBLIC_URL=PUBLIC,
            GITHUB_API_URL=box.github_url,
            GITHUB_TOKEN=BOT,
            GITHUB_WEBHOOK_SECRET=SECRET,
            JIRA_URL=box.jira_url,
            JIRA_EMAIL=f"{BOT}@example.com",
            JIRA_API_TOKEN=BOT,
            JIRA_WEBHOOK_SECRET=SECRET,
            TOY_URL=toy.url,
            TOY_TOKEN=TOKEN,
            TOY_SECRET=f"an older one, {SECRET}",
            _env_file=None,
        )
        worker_app = build_worker_app(settings, clock, None, lambda wait: clock.forward(seconds=wait))
        app = edge(settings, worker_app.database, worker_app.counters, worker_app.rules, clock)
        receiver = Aside(app, "127.0.0.1", 0)
        receiver.start()
        hub.send_hooks_to(f"http://127.0.0.1:{receiver.port}/webhooks/github", SECRET)
        issue = GitHubIssue(box, REPO, hub.add_issue(REPO, "Single sign-on", BODY, author="lee"), MILESTONES)
        yield House(box, toy, clock, issue, rules, worker_app, receiver)
        receiver.close()
        worker_app.database.close()


def test_a_deal_of_a_fourth_system_is_linked_and_told(house: House) -> None:
    house.comment("/link TOY-7")
    house.place.ask("lee", SPRING)
    house.settle()

    assert house.worker_app.states.deals_of(_issue(house.place)) == (DEAL,)
    linked, asked = house.toy.said("TOY-7")
    assert "single sign-on" in linked.lower() and "1 March" in asked
    assert house.place.day() is None, "the date is held as with any other system"
    writes = [path for verb, path in house.toy.requests if verb == "POST"]
    assert writes == ["/deals/TOY-7/notes"] * 2, "each was written once, by the toy's own lane"


def test_what_a_fourth_system_sends_makes_us_look_at_the_issues_of_its_deal_once_per_event(
    house: House,
) -> None:
    house.comment("/link TOY-7")
    first, second = {"eventId": 1, "deal": "TOY-7"}, {"eventId": 2, "deal": "TOY-7"}
    elsewhere, unknown = {"eventId": 3, "deal": "SHOP-1"}, {"eventId": 4, "deal": "TOY-99"}
    before = house.reads()

    assert house.deliver(first, elsewhere, unknown) == 202
    house.settle()
    looked = house.reads()
    assert looked > before, "one event of the batch is about a deal that is linked here"

    assert house.deliver(first, {"eventId": 1, "deal": "TOY-7"}) == 202
    house.settle()
    assert house.reads() == looked, "an event that came before is not looked at again, in whatever company"

    assert house.deliver(first, second) == 202
    house.settle()
    assert house.reads() > looked, "what is new beside it is"


def test_a_lying_delivery_of_a_fourth_system_writes_nothing(house: House) -> None:
    house.comment("/link TOY-7")
    said, asked = house.toy.said("TOY-7"), len(house.toy.requests)

    assert (
        house.deliver({"eventId": 9, "deal": "TOY-7", "stage": "won", "notes": ["/signoff 1 March"]}) == 202
    )
    house.settle()

    assert house.toy.said("TOY-7") == said
    assert not [path for verb, path in house.toy.requests[asked:] if verb != "GET"]


EVENT = {"eventId": 5, "deal": "TOY-8"}


@pytest.mark.parametrize(
    ("away", "answer"), [(299, 202), (-299, 202), (301, 401), (-301, 401)], ids="{:+}".format
)
def test_a_signed_time_counts_for_five_minutes_in_both_directions(
    house: House, away: int, answer: int
) -> None:
    assert house.deliver(EVENT, at=house.clock.now + timedelta(seconds=away)) == answer


def test_a_signature_covers_method_address_and_secret(house: House) -> None:
    assert house.deliver(EVENT, signed_for=f"http://127.0.0.1:{house.receiver.port}/webhooks/toy") == 401
    assert house.deliver(EVENT, signed_for=f"{PUBLIC}/webhooks/jira") == 401
    assert house.deliver(EVENT, method="PUT") == 401
    assert house.deliver(EVENT, secret="a guess") == 401
    assert house.deliver(EVENT, secret="an older one") == 202
    to = f"http://127.0.0.1:{house.receiver.port}/webhooks/toy"
    assert deliver(f"{to}?a=b%20c", [EVENT], house.clock.now, SECRET, f"{HOOK}?a=b%20c").status_code == 202
    assert deliver(to, EVENT, house.clock.now, SECRET, HOOK).status_code == 400, "it sends lists of events"
    assert deliver(to, [1], house.clock.now, SECRET, HOOK).status_code == 400
    unsigned = requests.post(to, json=[EVENT], timeout=5)
    assert unsigned.status_code == 401 and "TOY_SECRET" in unsigned.json()["error"]


def test_where_deals_live_can_change_while_it_runs_and_like_keys_are_not_confused(house: House) -> None:
    house.comment("/link TOY-7")
    said = house.toy.said("TOY-7")
    site = house.box.jira
    site.add_project("TOY", "Deals with the same keys")
    for _ in range(7):
        key = site.add_issue("TOY", "Somebody else", reporter="sam")
    assert key == "TOY-7"

    house.change_rules(IN_TOY, "deals: {system: jira, project: TOY}")
    house.place.ask("lee", SPRING)
    house.settle()

    assert house.toy.said("TOY-7") == said, "deals do not live there any more"
    assert [c for c in site.comments("TOY-7") if c.author.name == BOT] == [], "this one was never linked"

    house.comment("/link TOY-7")
    here = Subject("jira", "deal", "TOY-7")
    assert set(house.worker_app.states.deals_of(_issue(house.place))) == {DEAL, here}
    assert [c for c in site.comments("TOY-7") if c.author.name == BOT]
    assert house.toy.said("TOY-7") == said


def test_another_project_of_deals_counts_while_it_runs(house: House) -> None:
    house.toy.names["CRM-1"] = "Foxtrot"
    house.comment("/link CRM-1")
    assert house.toy.said("CRM-1") == []

    house.change_rules(IN_TOY, "deals: {system: toy, project: CRM}")
    house.comment("/link CRM-1")

    assert len(house.toy.said("CRM-1")) == 1


def test_another_place_of_issues_counts_while_it_runs(house: House) -> None:
    number = house.box.github.add_issue("acme/till", "Receipts", BODY, author="lee")
    till = GitHubIssue(house.box, "acme/till", number, MILESTONES)
    house.comment("/link TOY-8", till)
    assert house.toy.said("TOY-8") == []

    house.change_rules("[acme/shop]", "[acme/shop, acme/till]")
    house.comment("/link TOY-8", till)
    assert len(house.toy.said("TOY-8")) == 1

    house.change_rules("[acme/shop, acme/till]", "[]")
    hook = requests.post(
        f"http://127.0.0.1:{house.receiver.port}/webhooks/github",
        json={},
        timeout=5,
    )
    assert hook.status_code == 401, "what is not signed learns nothing of the rules"
    till.comment("sam", "/unlink TOY-8")
    house.settle()
    assert len(house.toy.said("TOY-8")) == 1, "no repository is named any more"


def test_a_place_without_credentials_is_refused_while_it_runs(tmp_path: Path, rules: Path) -> None:
    settings = Settings(
        (*SYSTEMS, TOY),
        HANDSHAKE_RULES=rules,
        HANDSHAKE_DATABASE_URL=f"sqlite:///{tmp_path}/x.db",
        _env_file=None,
    )
    clock, heard = Clock(), []
    app = build_worker_app(settings, clock, report=heard.append)
    path = rules / "handshake.yaml"
    path.write_text(path.read_text().replace("deals: {system: jira, project: SALES}", IN_TOY))
    clock.forward(seconds=2)

    assert app.rules.rulebook().config.deals.system == "jira", "the last good rules stay in force"
    assert "Set TOY_URL." in heard[-1]
    app.database.close()


def _issue(place: GitHubIssue) -> Subject:
    id = str(place.box.github.issue(place.repo, place.number).id)
    return Subject("github", "issue", id, place.key)
