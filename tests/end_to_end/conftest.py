"""The real service, the real clients and real HTTP, against the sandbox; time moves by hand."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from automation.app.receiver_app import edge
from automation.app.settings import Settings
from automation.app.worker_app import WorkerApp, build_worker_app
from automation.model import Mode, Proposal, Subject
from automation.sandbox import Sandbox, sandbox
from automation.sandbox.places import GitHubIssue, JiraIssue, Place
from tests import databases
from tests.end_to_end.stages import AsSet, Standing, preparing, rules_read_once, standing_servers, step
from webhooks.serve import Aside

REPO = "acme/shop"
SECRET = "a secret for tests"
BOT = "handshake-bot"
WINTER, SPRING, SUMMER = date(2027, 1, 31), date(2027, 3, 1), date(2027, 4, 15)
MILESTONES = {"Winter release": WINTER, "Spring release": SPRING, "Summer release": SUMMER}
BODY = "One login for all tools.\n\n- log in with the company account\n- log out everywhere"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    if item.get_closest_marker("uninterrupted"):
        return (yield)
    with preparing():
        return (yield)


@pytest.fixture(scope="session")
def _servers() -> Iterator[deque[Standing]]:
    free: deque[Standing] = deque()
    yield free
    for server in free:
        server.close()


@pytest.fixture(autouse=True)
def _shared(_servers: deque[Standing]) -> Iterator[None]:
    """What takes long to make is made once for all towns."""
    with standing_servers(_servers), rules_read_once():
        yield


@dataclass
class Clock:
    """A clock that the sandbox and the service share."""

    now: datetime = field(default_factory=lambda: datetime(2027, 1, 11, 9, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Town:
    """A sandbox with people, an issue and a deal, and Handshake connected to it."""

    box: Sandbox
    clock: Clock
    open_house: Callable[[], tuple[WorkerApp, Aside]]
    place: Place
    deal: str
    worker_app: WorkerApp
    receiver: Aside
    settings: AsSet | None = None
    taken_up: bool = False
    """Whether the service was started before its database became another."""

    def settle(self, steps: int = 300) -> None:
        """Let every webhook arrive and every due job be done, on this thread."""
        self.go_on()
        for _ in range(steps):
            assert self.box.hooks.drain(), "the webhooks did not get through"
            if not self.work() and self.box.hooks.drain() and not self.work():
                return
            self.clock.forward(seconds=1)
        raise AssertionError("it does not come to rest")

    def work(self) -> bool:
        """Do a job that is due. Return False where there was none, which is asked first, as most often there
        is none and each system's own are looked for one by one."""
        return self.worker_app.queue.anything_due() and self.worker_app.worker.run_next()

    def restart(self) -> None:
        """End the service as a crash does, with nothing put in order, and start it again."""
        self.close()
        self.clock.forward(minutes=1)
        self.worker_app, self.receiver = self.open_house()
        self.worker_app.queue.keep()

    def close(self) -> None:
        self.receiver.close()
        self.worker_app.database.close()  # what was under way was undone already

    def go_on(self) -> None:
        """Start the service again where its database has become another, at a time when nothing was to do."""
        if self.taken_up:
            self.taken_up = False
            assert self.box.hooks.drain(), "the webhooks did not get through"
            self.close()
            self.worker_app, self.receiver = self.open_house()

    def comment(self, who: str, text: str) -> str:
        return str(step(self, lambda: self.place.comment(who, text), self.place.key, who, text))

    def ask(self, who: str, day: date | None) -> None:
        step(self, lambda: self.place.ask(who, day), self.place.key, who, day)

    def edit(self, who: str, **words: str) -> None:
        step(self, lambda: self.place.edit(who, **words), self.place.key, who, *words.items())

    @property
    def number(self) -> int:
        """Return the number of a GitHub issue."""
        return int(self.place.key.partition("#")[2])

    @property
    def subject(self) -> Subject:
        """Return the issue as the service knows it."""
        if isinstance(self.place, GitHubIssue):
            id = str(self.box.github.issue(self.place.repo, self.place.number).id)
            return Subject("github", "issue", id, self.place.key)
        return Subject("jira", "issue", self.box.jira.issue(self.place.key).id, self.place.key)

    def on_issue(self) -> list[str]:
        """Return what Handshake has written on the issue."""
        return [said.text for said in self.place.said() if said.author == BOT]

    def on_deal(self) -> list[str]:
        """Return what Handshake has written on the deal, as text."""
        return [c.text for c in self.box.jira.comments(self.deal) if c.author.name == BOT]

    def writes(self) -> list[tuple[str, str]]:
        """Return the requests of Handshake that write, as (method, path)."""
        reads = ("bulkfetch", "graphql")
        asked = [r for r in self.box.requests if r.method != "GET" and not r.path.endswith(reads)]
        return [(r.method, r.path) for r in asked]

    def set_product(self, who: str, member: bool) -> None:
        """Let somebody be of product, or no longer."""
        self.box.github.set_membership("acme", "product", who, "active" if member else None)
        self.box.jira.set_member("product-managers", who, member)

    def waiting(self) -> list[Proposal]:
        """Return the proposals that wait for product."""
        return [proposal for _, proposal in self.worker_app.states.open_proposals()]


def shipped_rules(folder: Path) -> Path:
    """Copy the shipped rules to a folder, to be changed at will."""
    made = folder / "rules"
    shutil.copytree("rules", made)
    return made


def change(rules: Path, old: str, new: str) -> None:
    """Write something else into the shipped settings."""
    path = rules / "handshake.yaml"
    text = path.read_text()
    assert old in text
    if new != old:
        path.write_text(text.replace(old, new))


PEOPLE_NEEDED = "people_needed: 1"


@pytest.fixture
def sign_off() -> str:
    """What stands in the shipped sign-off policy beside its people."""
    return PEOPLE_NEEDED


@pytest.fixture
def rules(tmp_path: Path, sign_off: str) -> Path:
    """A copy of the shipped rules folder, to be changed at will."""
    made = shipped_rules(tmp_path)
    change(made, PEOPLE_NEEDED, sign_off)
    return made


@pytest.fixture
def tracker() -> str:
    return "github"


@pytest.fixture(params=["github", "jira"])
def both(request: pytest.FixtureRequest) -> str:
    """For modules whose stories are told on each tracker: ``tracker = both``."""
    return str(request.param)


@pytest.fixture
def mode() -> Mode | None:
    return Mode.ENFORCE


@pytest.fixture
def interval() -> float | None:
    """Seconds between two writes to one system; None for what the real ones want."""
    return 0.0


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/handshake.db"


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.thorough])]
)
def each_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """For modules whose stories are told on each kind of database: ``database_url = each_database``."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/handshake.db"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def town(
    rules: Path, mode: Mode | None, tracker: str, interval: float | None, database_url: str
) -> Iterator[Town]:
    with a_town(rules, tracker, database_url, mode, interval) as town:
        yield town


@contextmanager
def a_town(
    rules: Path,
    tracker: str,
    database_url: str,
    mode: Mode | None = Mode.ENFORCE,
    interval: float | None = 0.0,
) -> Iterator[Town]:
    """Build it all, and take it down again."""
    clock = Clock()
    with sandbox(clock=clock) as box:
        hub, site = box.github, box.jira
        for login in ("lee", "sam", "mona", "stranger", BOT):
            hub.add_user(login)
        roles = {"sam": "triage", "lee": "write", "mona": "write", BOT: "maintain"}
        hub.add_repo(REPO, private=True, roles=roles)
        hub.add_team("acme", "product", members=("mona",))
        for title, due in MILESTONES.items():
            hub.add_milestone(REPO, title, due)
        for name in ("lee", "sam", "mona", "stranger", BOT):
            site.add_user(name, name.capitalize())
        site.add_group("staff", ("lee", "sam", "mona"))
        site.add_group("product-managers", ("mona",))
        site.add_project("SALES", "Deals")
        site.add_project("PROD", "Product", {"Administrators": [BOT]})
        deal = site.add_issue("SALES", "Borealis Ltd", reporter="sam", assignee="sam", due=date(2027, 3, 20))
        place: Place
        if tracker == "github":
            place = GitHubIssue(
                box, REPO, hub.add_issue(REPO, "Single sign-on", BODY, author="lee"), MILESTONES
            )
        else:
            place = JiraIssue(box, site.add_issue("PROD", "Single sign-on", BODY, reporter="lee"))

        def open_house() -> tuple[WorkerApp, Aside]:
            settings = Settings(
                HANDSHAKE_DATABASE_URL=databases.with_tables(database_url),
                HANDSHAKE_RULES=rules,
                HANDSHAKE_MODE=mode,
                GITHUB_API_URL=box.github_url,
                GITHUB_TOKEN=SecretStr(BOT),
                GITHUB_WEBHOOK_SECRET=SECRET,
                JIRA_URL=box.jira_url,
                JIRA_EMAIL=f"{BOT}@example.com",
                JIRA_API_TOKEN=SecretStr(BOT),
                JIRA_WEBHOOK_SECRET=SECRET,
                _env_file=None,
            )
            worker_app = build_worker_app(
                settings, clock, interval, lambda seconds: clock.forward(seconds=seconds)
            )
            receiver = Aside(
                edge(settings, worker_app.database, worker_app.counters, worker_app.rules), "127.0.0.1", 0
            )
            receiver.start()
            url = f"http://127.0.0.1:{receiver.port}/webhooks"
            hub.send_hooks_to(f"{url}/github", SECRET)
            if tracker == "jira":
                site.send_hooks_to(f"{url}/jira", SECRET)
            return worker_app, receiver

        as_set = AsSet(databases.file_of(database_url), rules, mode, interval)
        town = Town(box, clock, open_house, place, deal, *open_house(), as_set)
        yield town
        town.close()


def let_leads_override(town: Town, rules: Path) -> None:
    """Let the leads, of whom Vera is one, let dates stand without product."""
    hub, site = town.box.github, town.box.jira
    hub.add_user("vera")
    hub.set_role(REPO, "vera", "write")
    hub.add_team("acme", "leads", members=("vera",))
    site.add_user("vera", "Vera")
    site.add_group("leads", ("vera",))
    change(rules, PEOPLE_NEEDED, "may_override: {github_teams: [acme/leads], jira_groups: [leads]}")
    town.clock.forward(seconds=1)


@pytest.fixture
def linked(town: Town) -> Town:
    """Sam has linked the issue to the deal."""
    town.comment("sam", f"/link {town.deal}")
    return town


@pytest.fixture
def asked(linked: Town) -> Town:
    """Lee has asked for 1 March by changing the field, and was held."""
    linked.ask("lee", SPRING)
    return linked
