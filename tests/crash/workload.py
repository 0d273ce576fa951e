"""Deliveries by the thousand, from senders that behave as GitHub and Jira do."""

from __future__ import annotations

import http.client
import queue
import random
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from automation.sandbox import Delivery, Sandbox
from tests.crash.processes import SECRET
from tests.crash.stories import BODY, DEALS, PROJECT, REPO
from tests.sources import SCHEMES, sign

SENDERS = 12
WAITING = 60
"""Deliveries that are kept ready for the senders."""
SEND_AGAIN = 0.1, 0.6
"""Seconds, from and to, before a delivery that was not acknowledged is sent again."""
FORGED, REPEATED = 0.02, 0.04
"""Shares of the deliveries that are signed wrongly, and that are sent again though acknowledged."""
TIMEOUT = 10.0


@dataclass(frozen=True)
class Letter:
    """A delivery on its way, to be answered 202, or 401 where it is not ``genuine``."""

    source: str
    id: str
    event: str
    body: bytes
    genuine: bool = True

    def headers(self) -> dict[str, str]:
        signature = sign(SCHEMES[self.source], SECRET if self.genuine else "a guess", self.body)
        named = (
            {"X-GitHub-Event": self.event, "X-GitHub-Delivery": self.id}
            if self.source == "github"
            else {"X-Atlassian-Webhook-Identifier": self.id, "X-Atlassian-Webhook-Flow": "Primary"}
        )
        return {"Content-Type": "application/json", SCHEMES[self.source].header: signature, **named}


@dataclass
class Crowd:
    """Issues that no deal hangs on, and what people did there: never Handshake's business."""

    github: dict[int, str]
    jira: dict[str, str]
    made: list[Delivery]
    """What the trackers had to say about it."""


def crowd(box: Sandbox, counts: tuple[int, int]) -> Crowd:
    """Let so many issues on GitHub and on Jira be edited, labelled and talked about."""
    found = Crowd({}, {}, [])
    for number in range(counts[0]):
        n = box.github.add_issue(REPO, f"Report {number}", BODY, author="lee")
        found.github[n] = f"{BODY}\n- report {number}"
        box.github.as_user("lee").edit_issue(REPO, n, body=found.github[n])
        box.github.as_user("stranger").comment(REPO, n, "Same here, since yesterday.")
        box.github.as_user("sam").comment(REPO, n, "Thanks, we look into it.")
        box.github.as_user("sam").label(REPO, n, "bug")
        if number % 4 == 0:
            box.github.as_user("stranger").comment(REPO, n, f"/link {DEALS}-1")
    for number in range(counts[1]):
        key = box.jira.add_issue(PROJECT, f"Report {number}", BODY, reporter="lee")
        found.jira[key] = f"{BODY}\n- report {number}"
        box.jira.as_user("lee").edit(key, description=found.jira[key])
        box.jira.as_user("stranger").comment(key, "Same here, since yesterday.")
        box.jira.as_user("sam").comment(key, "Thanks, we look into it.")
        box.jira.as_user("lee").edit(key, add_labels=("bug",))
        if number % 4 == 0:
            box.jira.as_user("stranger").comment(key, f"/link {DEALS}-1")
    found.made = collect(box)
    return found


def collect(box: Sandbox) -> list[Delivery]:
    """Take what the trackers have to send; ``hold`` keeps it back for us."""
    return [box.hooks.held.pop(0) for _ in range(len(box.hooks.held))]


class Load:
    """Sends what the sandbox has to tell, and between it what the crowd did, again and again under new ids.

    ``room`` says how many of the crowd's deliveries may be sent by now.
    """

    def __init__(
        self, box: Sandbox, port: int, crowd: Crowd, chance: random.Random, room: Callable[[], int]
    ) -> None:
        self.acknowledged: set[tuple[str, str]] = set()
        self.forged: set[tuple[str, str]] = set()
        self.answers: Counter[int] = Counter()
        """How often each status was answered; 0 stands for no answer."""
        self.wrong: list[str] = []
        """Answers that must never be given."""
        self._box, self._port, self._crowd, self._room = box, port, crowd, room
        self._chance = chance
        self._ready: queue.Queue[Letter] = queue.Queue()
        self._under_way = 0
        self._lock = threading.Lock()
        self._ending = threading.Event()
        self._ended = threading.Event()
        tasks = [self._feed, *[self._send] * SENDERS]
        self._threads = [threading.Thread(target=task, daemon=True) for task in tasks]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def taper(self) -> None:
        """Send from now on only what the sandbox has to tell."""
        self._ending.set()

    def idle(self) -> bool:
        """Tell whether all was sent and acknowledged."""
        with self._lock:
            return not self._under_way and not self._box.hooks.held

    def end(self) -> None:
        self._ending.set()
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _feed(self) -> None:
        sent = 0
        while not self._ended.is_set():
            for delivery in collect(self._box):
                self._put(Letter(delivery.system, delivery.id, delivery.event, delivery.body))
            while not self._ending.is_set() and sent < self._room() and self._ready.qsize() < WAITING:
                sent += 1
                told = self._chance.choice(self._crowd.made)
                id = str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
                genuine = self._chance.random() >= FORGED
                self._put(Letter(told.system, id, told.event, told.body, genuine))
            self._ended.wait(0.01)

    def _put(self, letter: Letter) -> None:
        with self._lock:
            self._under_way += 1
        self._ready.put(letter)

    def _send(self) -> None:
        sender = Sender(self._port)
        while not self._ended.is_set():
            try:
                letter = self._ready.get(timeout=0.1)
            except queue.Empty:
                continue
            self._deliver(sender, letter)
            with self._lock:
                self._under_way -= 1
        sender.close()

    def _deliver(self, sender: Sender, letter: Letter) -> None:
        """Send a letter until it is acknowledged; some are sent once more, as happens."""
        wanted = 202 if letter.genuine else 401
        again = 1 + (random.random() < REPEATED)
        while again and not self._ended.is_set():
            status = sender.post(letter)
            with self._lock:
                self.answers[status] += 1
            if status == wanted:
                again -= 1
                with self._lock:
                    (self.acknowledged if letter.genuine else self.forged).add((letter.source, letter.id))
                continue
            if status not in (0, 503):
                with self._lock:
                    self.wrong.append(f"{letter.source} {letter.event} was answered {status}, not {wanted}")
                return
            time.sleep(random.uniform(*SEND_AGAIN))


class Sender:
    """One connection that is kept open, as long as the other side keeps it."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)

    def post(self, letter: Letter) -> int:
        """Send a letter once. Return the status, 0 where no answer came."""
        try:
            self._connection.request("POST", f"/webhooks/{letter.source}", letter.body, letter.headers())
            answer = self._connection.getresponse()
            answer.read()
            return answer.status
        except (OSError, http.client.HTTPException):
            self._connection.close()
            return 0

    def close(self) -> None:
        self._connection.close()


def told_of(letters: Iterable[tuple[str, str]]) -> Mapping[str, int]:
    """Count deliveries by source."""
    return Counter(source for source, _ in letters)
