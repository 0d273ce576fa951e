"""Why what is built in does what it does: noted where it is decided, taken when the decision is made."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from automation.model import Answer, Outcome, Person, Proposal, Reason, Value, Written, Yes

BUILT_IN_NAMES = {
    "command.near": "nearly a command",
    "tracker.words": "deals named in the words",
    "tracker.filled": "what the issue says of users",
    "tracker.unclaimed": "an answer that nobody is known to have set",
    "tracker.move": "a date that stands",
    "tracker.echo": "a date that somebody set before",
    "deadline.changed": "a date that nothing held",
    "deadline.not_agreed": "a date that could not be set",
    "deadline.due": "an agreed date that is due",
    "deadline.unconfirmed": "an agreed date that nobody confirmed",
    "scope.changed": "what a date was agreed for",
}
"""What stands in the place of a rule's name, by event; a command is named as it is typed."""


def built_in_name(event: str, written: Written | None = None) -> str:
    """Return what stands in the place of a rule's name; ``written`` is what was said, where anything was."""
    if written and written.mark:
        return f"an answer by {written.mark.kind}"
    return BUILT_IN_NAMES.get(event) or f"/{event.removeprefix('command.')}"


MOST_REASONS, LONGEST_VALUE = 40, 300
"""What is kept of one decision: an issue may name thousands of deals, a line be as long as a comment."""


class Reasoning:
    """Collects the reasons of one decision after the other."""

    def __init__(self) -> None:
        self._reasons: list[Reason] = []
        self._outcome: Outcome | None = None

    def holds(self, text: str, *values: tuple[str, str], parts: tuple[Reason, ...] = ()) -> None:
        """Note what was asked and is so."""
        self._reasons.append(Reason(text, Answer.YES, values, parts))

    def note(self, text: str, *values: tuple[str, str], parts: tuple[Reason, ...] = ()) -> None:
        """Note what was done, or what it was about."""
        self._reasons.append(Reason(text, values=values, children=parts))

    def refuse(self, text: str, *values: tuple[str, str], parts: tuple[Reason, ...] = ()) -> None:
        """Note why it does not count."""
        self._reasons.append(Reason(text, Answer.NO, values, parts))
        self._outcome = Outcome.REFUSED

    def nothing(self, text: str, *values: tuple[str, str]) -> None:
        """Note why there is nothing to do."""
        self.note(text, *values)
        self._outcome = Outcome.QUIET

    def done(self, text: str, *values: tuple[str, str], parts: tuple[Reason, ...] = ()) -> None:
        """Note what was carried out."""
        self.note(text, *values, parts=parts)
        self._outcome = Outcome.DONE

    @property
    def outcome(self) -> Outcome | None:
        """What it has come to so far, None where that was not said."""
        return self._outcome

    def take(self) -> tuple[Outcome, tuple[Reason, ...]]:
        """Return what was noted since the last time, and what it came to. Where that was not said, nothing
        happened."""
        outcome, reasons = self._outcome or Outcome.QUIET, tuple(self._reasons[:MOST_REASONS])
        more = len(self._reasons) - len(reasons)
        if more:
            reasons = (*reasons, Reason(f"and {more} more of this kind"))
        self._reasons, self._outcome = [], None
        return outcome, reasons


def typed(written: Written) -> tuple[tuple[str, str], ...]:
    """Return what was written, and by whom, as values."""
    command = written.command
    mark = written.mark
    said = (
        ("comment", written.comment),
        (mark.kind, mark.title) if mark else ("", ""),
        ("entry", mark.id if mark else ""),
        ("by", f"{written.author.name} ({written.author.system} {written.author.id})"),
        ("at", written.at.isoformat()),
        ("deal", command.deal),
        ("field", command.field),
        ("date", "none" if command.nothing else command.day.isoformat() if command.day else ""),
        ("because", command.because),
        ("line", command.near),
        ("text", command.text),
        ("problem", command.problem),
    )
    return tuple((name, value[:LONGEST_VALUE]) for name, value in said if value)


def value_words(value: Value) -> str:
    """Say a value for operations: its name and its day."""
    day = value.day.isoformat() if value.day else "no date"
    return f"{value.name} ({day})" if value.name and value.name != day else day


def whose_yes(
    proposal: Proposal,
    value: Value,
    counts: tuple[Person, ...],
    whose: tuple[str, ...],
    kept_out: Collection[Person] = (),
) -> tuple[Reason, ...]:
    """Say of each person who has said yes whether it counts for ``value``, and why not. ``counts``: those of
    whom it was asked just now that they are of the policy; ``whose``: of whom that is made; ``kept_out``:
    those who asked for it, where such people may not agree."""
    return tuple(
        _yes(
            person,
            proposal,
            value,
            person in counts,
            "they asked for it" if person in kept_out else not_of(whose),
        )
        for person in dict.fromkeys(proposal.people())
    )


def _yes(person: Person, proposal: Proposal, value: Value, counts: bool, why_not: str) -> Reason:
    latest = next(
        (yes for yes in proposal.yeses if yes.by == person), Yes(person, proposal.value, proposal.asked_at)
    )
    values = (("said yes to", value_words(latest.value)), ("at", latest.at.isoformat()))
    name = f"{person.name}'s yes"
    if latest.value != value:
        return Reason(f"{name} is to another value", Answer.NO, values)
    if not counts:
        return Reason(f"{name} does not count: {why_not}", Answer.NO, values)
    how = "by setting it" if latest.edited else f"by the {latest.via}" if latest.via else "in words"
    return Reason(f"{name} counts, given {how}", Answer.YES, values)


def not_of(whose: tuple[str, ...]) -> str:
    """Say that somebody is not of a policy, as it was asked."""
    return f"not in {' or '.join(whose) or 'it'}, by what the tracker answered at that moment"


def what_waits(waiting: Sequence[Proposal], written: Written) -> tuple[Reason, ...]:
    """Say of each proposal whether words without a date can be about it."""
    return tuple(
        Reason(
            "it was shown to people before this was written"
            if p.shown_at and p.shown_at.replace(microsecond=0) <= written.at
            else "our comment about it could not be read yet when this was written",
            values=(
                ("field", p.field),
                ("on the table", ", ".join(map(value_words, p.values()))),
            ),
        )
        for p in waiting
    )
