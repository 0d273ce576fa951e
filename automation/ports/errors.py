"""How the outside fails: it could not answer now, or it said no."""

from __future__ import annotations

from typing import ClassVar


class Unavailable(Exception):
    """The other side could not answer now, or it is unclear whether a write arrived.

    ``retry_after``: seconds the other side asked us to wait, if it did. ``in_a_row``: how many calls of
    this kind it has left without an answer, this one included; 0 where nobody counts them.
    """

    def __init__(self, message: str, retry_after: float | None = None, in_a_row: int = 0) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.in_a_row = in_a_row


class Closed(Unavailable):
    """Nothing was carried out, and nothing may be sent for ``retry_after`` seconds: the other side
    asked for a pause, or our own budget of writes is used up. Such an attempt does not count."""


class Unauthorized(Closed):
    """The other side does not accept our credentials; the message says which setting to check."""


class NoAccess(Closed):
    """We see nothing at all of a place (a repository, a project) that should be there: our account has lost
    the right, or the place is gone. Work on it waits, counts no try, and goes on once it is seen again."""

    BEGINS: ClassVar = "access lost: "
    """How the message begins, by which such work is known."""

    def __init__(self, place: str, why: str, retry_after: float) -> None:
        super().__init__(f"{self.BEGINS}{place} cannot be seen ({why})", retry_after)

    @classmethod
    def place_in(cls, message: str) -> str:
        """Return the place that a message is about."""
        return message.removeprefix(cls.BEGINS).partition(" cannot be seen")[0]


class Refused(Exception):
    """The other side said no for good (a 4xx): trying again would not help.

    ``hint``: one sentence or two for people that say why, and which right to give; nothing that must not
    be read by strangers on a public issue.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Unseen(Refused):
    """What was asked for is not there, in a place that can be seen: it is gone, or too new to be shown."""


class Relocated(Refused):
    """What was asked for has another address now: ask the tracker for the issue, which tells it."""


class Unwritten(Refused):
    """A write was answered with success but did not take (missing rights, dropped silently)."""


def no_answer(status: int) -> bool:
    """Tell whether an HTTP status says no more than silence does: the other side could not do its work."""
    return status >= 500 or status in (408, 425)
