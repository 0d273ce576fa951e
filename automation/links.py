"""Links between issues and deals: who may make one, and what it sets off."""

from __future__ import annotations

from automation.deadlines import diff
from automation.draft import Draft
from automation.model import NOTHING, Event, Link, Person


def link(draft: Draft, event: Event) -> None:
    """Carry out ``/link <deal>``. Strangers get no reply and learn nothing; twice changes nothing."""
    written = event.written
    if written is None or not draft.facts.rights_of(written.author).may_link:
        return
    answer = Event("command.answered", draft.now, actor=written.author, written=written)
    if written.edited:
        draft.reply("reply-edited", answer)
        return
    if written.command.problem:
        draft.reply("reply-unclear", answer)
        return
    deal = draft.facts.deals.get(written.command.deal)
    if deal is None or not deal.open:
        draft.reply("reply-unknown-deal", answer)
        return
    if any(known.deal == deal.key for known in draft.state.links):
        return
    draft.add_link(Link(deal.key, written.author, draft.now))
    draft.record("linked", deal.key, written.author)
    draft.emit(_linked(draft, written.author, deal.key))


def _linked(draft: Draft, by: Person, deal: str) -> Event:
    """Say how the dates stand for a deal that is new to them: as a change from nothing to what is there."""
    for name, known in draft.state.fields.items():
        if known.standing.day is not None:
            change = diff(name, NOTHING, known.standing)
            return Event(
                "deal.linked", draft.now, change=change, actor=by, deal=deal, commitment=known.commitment
            )
    return Event("deal.linked", draft.now, actor=by, deal=deal)
