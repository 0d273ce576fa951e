"""Links between issues and deals: who may make and end one, and what it sets off."""

from __future__ import annotations

from dataclasses import replace

from automation.deadlines import diff
from automation.draft import Draft
from automation.model import NOTHING, Command, Event, Link, Person, Written
from automation.offers import unclear


def link(draft: Draft, event: Event) -> None:
    """Carry out ``/link <deal>``. Strangers get no reply and learn nothing; twice changes nothing."""
    written = event.written
    if written is None or not _allowed(draft, written):
        return
    key = written.command.deal
    if not _make(draft, key, written.author, "command"):
        draft.reply("reply-unknown-deal", written)


def unlink(draft: Draft, event: Event) -> None:
    """Carry out ``/unlink <deal>``. What was promised for the deal goes on standing."""
    written = event.written
    if written is None or not _allowed(draft, written):
        return
    if written.command.deal in draft.state.linked():
        _end(draft, written.command.deal, written.author)
    else:
        draft.reply("reply-unknown-deal", written)


def follow_text(draft: Draft) -> None:
    """Link the deals that have come into title or body, and end the links whose deal has left them,
    where whoever wrote these words may link."""
    before, now = set(draft.state.mentioned), draft.facts.mentioned
    if before == set(now):
        return
    draft.state = replace(draft.state, mentioned=tuple(now))
    for key, part in now.items():
        author = _author(draft, part)
        if key not in before and author and not _make(draft, key, author, "text"):
            written = Written(Command("link", deal=key), "", author, draft.now)
            draft.reply("reply-unknown-deal", written, "unknown", key)
    author = _author(draft, "title", "body")
    for known in draft.state.links:
        if known.via == "text" and known.ended_at is None and known.deal not in now and author:
            _end(draft, known.deal, author)


def _make(draft: Draft, key: str, by: Person, via: str) -> bool:
    """Link a deal, or return False where it is unknown or closed."""
    deal = draft.facts.deals.get(key)
    if deal is None or not deal.open:
        return False
    if key not in draft.state.linked():
        draft.put_link(Link(key, by, draft.at, via))
        draft.record("linked", key, by)
        draft.show_deal(key, True)
        draft.emit(_linked(draft, by, key))
    return True


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


def _author(draft: Draft, *parts: str) -> Person | None:
    """Return who wrote these parts last, if they may link."""
    evidence = [draft.facts.evidence[part] for part in parts if part in draft.facts.evidence]
    author = max(evidence, key=lambda found: found.at).actor if evidence else None
    return author if draft.facts.rights_of(author).may_link else None


def _allowed(draft: Draft, written: Written) -> bool:
    """Tell whether the author may link and the words can count; reply kindly where they can't."""
    if not draft.facts.rights_of(written.author).may_link:
        return False
    if written.edited:
        draft.reply("reply-edited", written)
        return False
    if written.command.problem:
        unclear(draft, written)
        return False
    return True
