"""What one look at an issue is going to say, and to whom: each thing once, and nothing that the mode does not
allow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from automation.domain.state_builder import StateBuilder
from automation.domain.told import field_of
from automation.model import (
    COMMITTED,
    DEAL,
    ISSUE,
    Effect,
    Event,
    Facts,
    Intent,
    IssueState,
    Kind,
    Mode,
    Policy,
    Proposal,
    Say,
    Subject,
    Written,
)

BEGINNING = datetime.min.replace(tzinfo=UTC)


def digest(*parts: object) -> str:
    """Return a short stable name for ``parts`` (16 bytes of SHA-256, in hex)."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class WordsBuilder(StateBuilder):
    """Collects what is to be said for one issue, or for one carrier, among all that it is going to do.

    ``since`` is when the mode came into force. What the mode does not allow becomes a sentence in ``would``.
    """

    def __init__(
        self,
        state: IssueState,
        facts: Facts,
        mode: Mode,
        now: datetime,
        policies: Mapping[str, Policy],
        since: datetime,
    ) -> None:
        super().__init__(state, policies)
        self.facts = facts
        self.mode = mode
        self.now = now
        self.since = since
        self._effects: dict[str, Effect] = {}
        self._would: list[str] = []

    def tell_issue(self, say: Say, after: str = "") -> None:
        """Plan a comment on the issue, or where it is spoken of the carrier, unless the event is news only to
        some deals."""
        for place in () if say.event.aside else self._places():
            self._say(place, say, after)

    def tell_deals(self, say: Say, after: str = "") -> None:
        """Plan a comment on each deal concerned, or only on those the event is about."""
        deals = self.state.concerned() if say.event.deals is None else say.event.deals
        for deal in (say.event.deal,) if say.event.deal else deals:
            self._say(deal, say, after)

    def reply(
        self,
        message: str,
        written: Written,
        *once: object,
        choices: tuple[str, ...] = (),
        proposal: Proposal | None = None,
        policy: str = "",
    ) -> None:
        """Plan the one answer to a command; ``once`` makes it unique (by default its comment), ``proposal``
        is what it is about (by default what was asked last), ``policy`` whose word it takes else."""
        if self.mode is Mode.OBSERVE:
            return
        waiting = self.state.open_proposals()
        event = Event(
            "command.answered",
            self.now,
            actor=written.author,
            proposal=proposal or (waiting[-1] if waiting else None),
            written=written,
            choices=choices,
            dated=written.command.spelled,
            policy=policy,
        )
        key = digest("reply", self._subject.origin, *(once or (written.id,)))
        self._effects.setdefault(
            key, Effect(key, self._subject, written.issue or self._subject, Say(message, event))
        )

    def say_once(self, say: Say, *once: object) -> None:
        """Plan a comment on the issue that is made once; ``once`` makes it unique."""
        if self.mode is Mode.OBSERVE:
            return
        key = digest("once", self._subject.origin, say.message, *once)
        self._effects.setdefault(key, Effect(key, self._subject, self._subject, say))

    def _say(self, target: Subject, say: Say, after: str) -> None:
        if self.mode is Mode.OBSERVE:
            self._would.append(f"say {say.message} on {target.key}")
            return
        event = say.event
        to_deal = target.kind == DEAL
        if to_deal:
            say = self._asking_for_a_user(target, say)
        # What one look has to say to the issue of several deals is one comment; each deal has its own.
        deal = event.deal or "" if to_deal else ""
        about = (event.name, field_of(event), deal)
        key = self._lasting_key(target, say) if to_deal else ""
        key = key or self._key(target, say, say.message, say.rule, *about)
        self._effects[key] = Effect(key, self._subject, target, say, after)

    def _lasting_key(self, target: Subject, say: Say) -> str:
        """Return a key for word of an agreed date that stays the same for the same word, so that what is
        planned anew, as it may have been withheld, is said once; empty for other words."""
        event, commitment, change = say.event, say.event.commitment, say.event.change
        if event.name != COMMITTED or commitment is None or change is None or change.old == change.new:
            return ""
        old, new = ((value.ref, value.day) for value in (change.old, change.new))
        about = (say.message, say.rule, change.field, *old, *new, commitment.signed_at)
        return digest(self._subject.origin, self.since, target.origin, event.name, *about)

    def _asking_for_a_user(self, deal: Subject, say: Say) -> Say:
        """Let the first word to a deal of a date that waits ask whom at the customer product may talk to."""
        event, change = say.event, say.event.change
        at_risk = event.commitment is not None and event.commitment.in_doubt
        wished = change is not None and change.new.day is not None and change.kind is not Kind.OTHER
        asks = event.name in ("deadline.changed", "deadline.asked") and event.proposal and not event.setback
        if not asks or not wished or at_risk or self.state.users or deal in self._before.asked_user:
            return say
        if deal not in self.state.asked_user:
            self.state = replace(self.state, asked_user=(*self.state.asked_user, deal))
        return replace(say, ask_user=True)

    def _add(self, target: Subject, intent: Intent, after: str, *about: object) -> str:
        key = self._key(target, intent, *about)
        self._effects[key] = Effect(key, self._subject, target, intent, after)
        return key

    def _key(self, target: Subject, intent: Intent, *about: object) -> str:
        # After a restore versions are counted again, but not what was said by these numbers.
        turn = (self.since, self.state.version)
        return digest(self._subject.origin, *turn, target.origin, type(intent).__name__, *about)

    @property
    def _subject(self) -> Subject:
        return self.state.subject

    def _places(self) -> tuple[Subject, ...]:
        return (self._subject,) if self._subject.kind == ISSUE else self.facts.places
