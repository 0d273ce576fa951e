"""What the engine asks the store besides the state of its subject, as the village knows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from automation.model import Effect, Heard, KnownPlaces, Say, Subject, Trigger
from tests.factories import ISSUE


class Names:
    """Nothing is ever called otherwise here."""

    def current(self, subject: Subject) -> Subject:
        return subject

    def note(self, subject: Subject, born: str = "") -> None:
        pass

    def born_as(self, system: str, born: str, place: str) -> tuple[()]:
        return ()

    def places(self, system: str, fresh: bool = False) -> KnownPlaces:
        return KnownPlaces()

    def note_place(self, system: str, place: object) -> None:
        pass


class Echoes:
    """What tells of our own writes costs a look each: none of them is known."""

    def is_ours(self, trigger: Trigger) -> bool:
        return False


class Words:
    """Words on their way: ``ready`` gives the effects to be performed, in the order in which they were
    planned. ``tries`` is how often each was tried."""

    def __init__(self, ready: Callable[[], Sequence[Effect]]) -> None:
        self._ready = ready
        self._heard: dict[str, tuple[Heard, ...]] = {}
        self.tries: dict[str, int] = {}

    def begin(self, effect: str, heard: tuple[Heard, ...]) -> None:
        self._heard[effect] = heard

    def begun(self, effect: str) -> tuple[Heard, ...]:
        return self._heard.get(effect, ())

    def unheard(self, effect: Effect) -> tuple[Effect, ...]:
        tried = (one for one in self._ready() if one.key in self.tries)
        return tuple(one for one in tried if one.target == effect.target and one != effect)

    def unconfirmed(self, subject: Subject, proposal: str) -> tuple[str, ...]:
        return tuple(one.key for one in self._ready() if shows(one) == proposal)

    def ready(self, subject: Subject) -> tuple[str, ...]:
        return tuple(effect.key for effect in self._ready())

    def intended(self, subject: Subject) -> tuple[Effect, ...]:
        return tuple(self._ready())

    def shown(self, subject: Subject) -> tuple[()]:
        return ()


def shows(effect: Effect) -> str:
    """Return the id of the proposal that an effect shows on the issue, if it does."""
    proposal = effect.intent.event.proposal if isinstance(effect.intent, Say) else None
    return proposal.id if proposal and effect.target == ISSUE else ""
