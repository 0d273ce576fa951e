"""What both stand-ins share: one lock, one clock, counted ids, and how a request is refused."""

from __future__ import annotations

import enum
import functools
import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Concatenate, Final, ParamSpec, Protocol, TypeVar

Json = dict[str, Any]
Clock = Callable[[], datetime]

LAGS = ("list", "comment", "graphql", "issue", "fields", "history", "milestones")
"""What can lag behind, each by itself, as if every kind of request were answered by another copy of the
data: lists of comments; a comment asked for by its id; all that GraphQL says; whether a new issue is
there; what an issue holds; its events or changelog; milestones, in their list and by
themselves, and versions by themselves."""
COMMENTS = LAGS[:3]


class Keep(enum.Enum):
    """Says "leave it as it is" where None means "clear it"."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


class Refusal(Exception):
    """The stand-in said no. ``status`` is what it answers over HTTP; ``field`` what was wrong, if it says."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


V = TypeVar("V")


class World:
    """The lock around everything, the time, and ids that count up."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.lock = threading.RLock()
        self._clock = clock or (lambda: datetime.now(UTC))
        self._ids = 1000
        self._lags: dict[str, timedelta] = {}
        # Delivery ids start anew with the first moment of each world: a demo that is started twice
        # must not look like a redelivery, and a test with its own clock sees the same ids each time.
        self._born = uuid.uuid5(uuid.NAMESPACE_URL, self.now().isoformat())

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self._clock().astimezone(UTC)

    def seconds(self) -> float:
        """Return the time in seconds since 1970."""
        return self.now().timestamp()

    def set_lag(self, seconds: float, kinds: Iterable[str]) -> None:
        """Let what is of these kinds be read only once it is that old."""
        for kind in kinds:
            if kind not in LAGS:
                raise ValueError(f"what lags is of {', '.join(LAGS)}, not {kind!r}")
            self._lags[kind] = timedelta(seconds=seconds)

    def shown(self, made: datetime, kind: str) -> bool:
        """Tell whether what was made then can be read by now, with the read lag of its kind."""
        lag = self._lags.get(kind)
        return not lag or self.now() - made >= lag

    def as_shown(self, versions: Sequence[V], at: Callable[[V], datetime], kind: str) -> V:
        """Return the newest of ``versions`` (oldest first, never none) that can be read by now."""
        seen = (version for version in reversed(versions) if self.shown(at(version), kind))
        return next(seen, versions[0])

    def next_id(self) -> int:
        with self.lock:
            self._ids += 1
            return self._ids

    def next_guid(self) -> str:
        return str(uuid.uuid5(self._born, str(self.next_id())))


class _Has(Protocol):
    @property
    def world(self) -> World: ...


S = TypeVar("S", bound=_Has)
P = ParamSpec("P")
R = TypeVar("R")


def locked(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Let a method run alone in its world."""

    @functools.wraps(method)
    def alone(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.world.lock:
            return method(self, *args, **kwargs)

    return alone
