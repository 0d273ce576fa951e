"""What people could read when they answered, where the receipt of our comment has not come yet."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from automation.model import Facts, IssueState, Proposal, ProposalState, Written
from automation.ports import Tracker

ANSWERS = ("signoff", "decline")


def with_what_is_there(
    state: IssueState, seen: Facts, tracker: Tracker, unconfirmed: Callable[[str], Collection[str]]
) -> IssueState:
    """Look for our comments about what waits, where bare words may answer them: one that was answered 502
    may have arrived all the same, and counts from when it can be read.

    ``unconfirmed`` gives the keys of the comments about a proposal that have no receipt. Nothing is asked
    for words that name their date, or of people whose answer does not count. Raise Unavailable or Refused.
    """
    bare = [w for w in seen.written if _bare(w) and seen.rights_of(w.author).product]
    if not bare:
        return state
    latest = max(w.at for w in bare)
    places = seen.places or (state.subject,)

    def looked_for(proposal: Proposal) -> Proposal:
        known = proposal.shown_at
        if proposal.state is not ProposalState.OPEN or (known is not None and known <= latest):
            return proposal
        found = [tracker.find(place, key) for key in unconfirmed(proposal.id) for place in places]
        times = [posted.at for posted in found if posted is not None and posted.at is not None]
        return replace(proposal, shown_at=min([*times, *([known] if known else [])], default=None))

    return replace(state, proposals=tuple(map(looked_for, state.proposals)))


def _bare(written: Written) -> bool:
    command = written.command
    named = command.day is not None or command.nothing
    return command.word in ANSWERS and not (named or command.problem or command.near)
