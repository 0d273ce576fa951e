"""The deals, wherever the rules say that they live: a change there counts without a restart."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from automation.model import Deal, Person, Subject
from automation.ports import Crm, Posted, Refused


class Where(Protocol):
    """What the rules say of where deals live."""

    @property
    def system(self) -> str: ...

    @property
    def project(self) -> str: ...


class ConfiguredCrm:
    """The ``Crm`` port on the system and project that the rules name now. ``connect`` (system, project) makes
    what each of them is reached by, once.

    A deal of another system is not among the deals: it is not read, not found and not written to, however
    like its key may be to one of theirs.
    """

    def __init__(self, connect: Callable[[str, str], Crm], where: Callable[[], Where]) -> None:
        self._connect = connect
        self._where = where
        self._made: dict[tuple[str, str], Crm] = {}
        self._lock = threading.Lock()

    def _now(self) -> tuple[str, Crm]:
        where = self._where()
        place = where.system, where.project
        with self._lock:
            if place not in self._made:
                self._made[place] = self._connect(*place)
            return where.system, self._made[place]

    def _of(self, deal: Subject) -> Crm:
        """Return what the deal is reached by. Raise Refused where deals live elsewhere now."""
        system, crm = self._now()
        if deal.system != system:
            raise Refused(
                f"{deal.key} is a deal of {deal.system}, and by the rules deals live in {system} now"
            )
        return crm

    def check(self) -> None:
        self._now()[1].check()

    def encode(self, text: str) -> str:
        return self._now()[1].encode(text)

    def mention(self, person: Person) -> str:
        return self._now()[1].mention(person)

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        return self._of(subject).post(subject, markdown, marker)

    def edit(self, subject: Subject, comment: str, markdown: str, marker: str) -> bool:
        return self._of(subject).edit(subject, comment, markdown, marker)

    def find(self, subject: Subject, marker: str) -> Posted | None:
        system, crm = self._now()
        return crm.find(subject, marker) if subject.system == system else None

    def named(self, text: str) -> Subject | None:
        return self._now()[1].named(text)

    def named_in(self, text: str) -> Sequence[Subject]:
        return self._now()[1].named_in(text)

    def deals(self, deals: Sequence[Subject]) -> Mapping[Subject, Deal]:
        system, crm = self._now()
        theirs = [deal for deal in deals if deal.system == system]
        return crm.deals(theirs) if theirs else {}

    def may_see(self, person: Person, deal: Subject) -> bool | None:
        system, crm = self._now()
        return crm.may_see(person, deal) if deal.system == system else False
