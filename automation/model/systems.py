"""What is declared of a system: how its deliveries are known to be genuine, and how fast we may write to it.

Each system has one declaration (``automation/adapters/<system>/system.py``). What stands here of it is needed
where no adapter is known: at the edge, and in the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Signed(StrEnum):
    """A part of a request that a signature covers."""

    METHOD = "method"
    URL = "url"
    TIME = "time"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Scheme:
    """HMAC-SHA256 over the parts ``over``, one after the other with nothing between, as bytes of the request.

    It is sent in the header ``header``: ``prefix``, then lower-case hex, or Base64 (RFC 4648, padded) with
    ``base64``. A scheme that signs the time names its header (``time``), which holds a whole number of units
    since 1970, ``per_second`` of them to a second; what is further from now than ``window`` seconds, either
    way, is refused. Raise ValueError for a time that is sent and not signed, or signed and not sent.
    """

    header: str
    prefix: str = ""
    over: tuple[Signed, ...] = (Signed.BODY,)
    base64: bool = False
    time: str = ""
    per_second: int = 1000
    window: float = 300.0

    def __post_init__(self) -> None:
        if Signed.BODY not in self.over or (Signed.TIME in self.over) != bool(self.time):
            raise ValueError("A scheme signs the body, and the time exactly where a header tells it.")


@dataclass(frozen=True, slots=True)
class Source:
    """Where deliveries come from: what people call it, where its secret is set, and what its headers and
    bodies hold.

    ``event`` is the header that names the event, empty where only the body does. ``id`` is the header with
    the delivery's id, which ``always`` is there, or not; one without gets an id of its own. That is harmless,
    as a delivery only makes us look: told twice, we look twice and find nothing new, and a command counts
    once. ``keep`` are further headers worth keeping, ``hook`` is that which tells the webhook. ``events`` are
    the names that can matter (None: all, or they are in the body), ``ping`` is that of a mere trial.
    ``batch`` is the key of each event's id where a body is a list of events; empty where it is an object.
    """

    name: str
    setting: str
    scheme: Scheme
    event: str = ""
    id: str = ""
    always: bool = False
    keep: tuple[str, ...] = ()
    hook: str = ""
    events: frozenset[str] | None = None
    ping: str = ""
    batch: str = ""


@dataclass(frozen=True, slots=True)
class Budget:
    """Writes to one system: seconds between two, how many in an hour (0: as many as fit), and which
    part of these is kept back for deadlines, so that words cannot use it up."""

    interval: float
    hourly: int = 0
    reserve: float = 0.2
