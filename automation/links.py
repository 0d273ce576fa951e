"""Links between issues and deals: who may make and end one, and what it sets off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from automation.deadlines import diff
from automation.draft import Draft
from automation.model import NOTHING, Command, Event, Link, Person, Written
from automation.offers import legible

MOST_BY_TEXT = 10
"""How many deals the words of one issue link; more than these are hardly meant."""


def link(draft: Draft, event: Event) -> None:
    """Carry out ``/link <deal>``. Strangers get no reply and learn nothing; twice changes nothing."""
    written = event.written
    if written is None or not _allowed(draft, written):
        return
    made = _make(draft, written.command.deal, written.author, "command")
    if draft.facts.issue.public:
        draft.reply("reply-noted", written, "noted", written.comment)
    elif not made:
        draft.reply(_refusal(draft, written.author), written)


def unlink(draft: Draft, event: Event) -> None:
    """Carry out ``/unlink <deal>``. What was promised for the deal goes on standing."""
    written = event.written
    if written is None or not _allowed(draft, written):
        return
    known = written.command.deal in draft.state.linked()
    if known:
        _end(draft, written.command.deal, written.author)
    if draft.facts.issue.public:
        draft.reply("reply-noted", written, "noted", written.comment)
    elif not known:
        draft.reply("reply-unknown-deal", written)


def follow_text(draft: Draft) -> None:
    """Link the deals that have come into title or body, and end the links whose deal has left them,
    where whoever put them in or took them out may link. Each kind of news is said once, not deal by deal;
    on a public issue nothing is said of it, either way."""
    before, now = set(draft.state.mentioned), draft.facts.mentioned
    if before == set(now):
        return
    draft.state = replace(draft.state, mentioned=now)
    for known in draft.state.links:
        by = _credited(draft, known.deal)
        if known.via == "text" and known.ended_at is None and known.deal not in now and by:
            _end(draft, known.deal, by)
    linked = draft.state.linked()
    named = {key: by for key in now if key not in before | set(linked) and (by := _credited(draft, key))}
    known_here = [key for key in named if _open(draft, key)]
    room = MOST_BY_TEXT - sum(link.via == "text" and link.ended_at is None for link in draft.state.links)
    fitting, left_out = known_here[: max(0, room)], tuple(known_here[max(0, room) :])
    made = [key for key in fitting if _make(draft, key, named[key], "text", left_out)]
    if draft.facts.issue.public:
        return
    refused = tuple(key for key in named if key not in {*made, *left_out})
    if refused:
        _answer(draft, _refusal(draft, named[refused[0]]), named, refused)
    if left_out and not made:  # else the news of the links says so
        _answer(draft, "reply-too-many-deals", named, left_out)


def _answer(draft: Draft, message: str, named: Mapping[str, Person], keys: tuple[str, ...]) -> None:
    """Say once what became of these deals, to whoever named the first of them."""
    said = Command("link", deal=", ".join(keys[:MOST_BY_TEXT]))
    written = Written(said, "", named[keys[0]], draft.now)
    draft.reply(message, written, message, *keys, choices=keys)


def _open(draft: Draft, key: str) -> bool:
    deal = draft.facts.deals.get(key)
    return deal is not None and deal.open


def _make(draft: Draft, key: str, by: Person, via: str, left_out: tuple[str, ...] = ()) -> bool:
    """Link a deal, or return False where it is unknown, closed, or not for ``by`` to see. ``left_out``: those
    that the same words name, but too many."""
    if not _open(draft, key) or (by.id, key) in draft.facts.unseen:
        return False
    if key not in draft.state.linked():
        draft.put_link(Link(key, by, draft.at, via))
        draft.record("linked", key, by)
        draft.show_deal(key, True)
        draft.emit(replace(_linked(draft, by, key), choices=left_out, further=draft.linked_before()))
    return True


def _refusal(draft: Draft, person: Person) -> str:
    """Return the message for a deal that was not linked: the same whether or not there is such a deal."""
    return "reply-cannot-check" if person.id in draft.facts.unchecked else "reply-unknown-deal"


def _end(draft: Draft, key: str, by: Person) -> None:
    known = next(link for link in draft.state.links if link.deal == key)
    draft.put_link(replace(known, ended_at=draft.at))
    draft.record("unlinked", key, by)
    draft.show_deal(key, False)
    draft.emit(Event("deal.unlinked", draft.now, actor=by, deal=key, commitment=draft.state.commitment()))


def _linked(draft: Draft, by: Person, deal: str) -> Event:
    """Say how the dates stand for a deal that is new to them: as a change from nothing to what is there."""
    for name, known in draft.state.fields.items():
        if known.standing.day is not None:
            change = diff(name, NOTHING, known.standing)
            return Event(
                "deal.linked", draft.now, change=change, actor=by, deal=deal, commitment=known.commitment
            )
    return Event("deal.linked", draft.now, actor=by, deal=deal)


def _credited(draft: Draft, key: str) -> Person | None:
    """Return who put a deal into the words or took it out, if they may link."""
    found = draft.facts.credits.get(key)
    return found.actor if found and draft.facts.rights_of(found.actor).may_link else None


def _allowed(draft: Draft, written: Written) -> bool:
    """Tell whether the author may link and the words can count; reply kindly where they can't."""
    return draft.facts.rights_of(written.author).may_link and legible(draft, written)
