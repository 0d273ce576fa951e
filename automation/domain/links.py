"""Links between issues and deals: who may make and end one, and what it sets off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from automation.domain import discovery
from automation.domain.fields import diff
from automation.domain.offers import legible
from automation.domain.plan_builder import PlanBuilder
from automation.domain.told import LINKED
from automation.model import NOTHING, Command, Event, Link, Person, Subject, Written

MOST_BY_TEXT = 10
"""How many deals the words of one issue link; more than these are hardly meant."""


def link(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/link <deal>``. Strangers get no reply and learn nothing; twice changes nothing."""
    written = event.written
    if written is None or not _allowed(builder, written):
        return
    made = _linkable(builder, written.deal, written, "command")
    if builder.facts.issue.public:
        builder.reply("reply-noted", written, "noted", written.comment)
    elif not made:
        builder.reply(_refusal(builder, written.author), written)


def unlink(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/unlink <deal>``. What was promised for the deal goes on standing."""
    written = event.written
    if written is None or not _allowed(builder, written):
        return
    linked = written.deal in builder.state.linked()
    if written.deal is not None and linked:
        builder.why.done(f"{written.deal.key} is linked no more; what was promised for it stands")
        _end(builder, written.deal, written.author)
    else:
        builder.why.nothing(f"{written.command.deal} is not linked here")
    if builder.facts.issue.public:
        builder.reply("reply-noted", written, "noted", written.comment)
    elif not linked:
        builder.reply("reply-unknown-deal", written)


def follow_text(builder: PlanBuilder) -> None:
    """Link the deals that have come into title or body, and end the links whose deal has left them,
    where whoever put them in or took them out may link. Each kind of news is said once, not deal by deal;
    on a public issue nothing is said of it, either way."""
    before, now = set(builder.state.mentioned), builder.facts.mentioned
    if before == set(now):
        return
    builder.state = replace(builder.state, mentioned=now)
    for known in builder.state.links:
        by = _credited(builder, known.deal)
        if known.via == "text" and known.ended_at is None and known.deal not in now and by:
            builder.why.done(f"{by.name} took {known.deal.key} out of the words: it is linked no more")
            _end(builder, known.deal, by)
    linked = builder.state.linked()
    fresh = [deal for deal in now if deal not in before | set(linked)]
    named = {deal: by for deal in fresh if (by := _credited(builder, deal))}
    _note_uncredited(builder, [deal for deal in fresh if deal not in named])
    known_here = [deal for deal in named if _open(builder, deal)]
    room = MOST_BY_TEXT - sum(link.via == "text" and link.ended_at is None for link in builder.state.links)
    fitting, left_out = known_here[: max(0, room)], tuple(known_here[max(0, room) :])
    made = [deal for deal in fitting if _make(builder, deal, named[deal], "text", left_out)]
    for deal, by in named.items():
        if deal in made:
            builder.why.done(f"{by.name} put {deal.key} into the words: it is linked")
        elif deal in left_out:
            builder.why.refuse(f"{deal.key} is one of too many: the words of one issue link {MOST_BY_TEXT}")
        else:
            builder.why.refuse(_why_not(builder, deal, by))
    if builder.facts.issue.public:
        return
    refused = tuple(deal for deal in named if deal not in {*made, *left_out})
    if refused:
        _answer(builder, _refusal(builder, named[refused[0]]), named, refused)
    if left_out and not made:  # else the news of the links says so
        _answer(builder, "reply-too-many-deals", named, left_out)


def _note_uncredited(builder: PlanBuilder, deals: Sequence[Subject]) -> None:
    """Say of deals that are new in the words why they were passed over."""
    for deal in deals:
        found = builder.facts.credits.get(deal)
        if found is None:
            builder.why.refuse(f"who put {deal.key} into the words cannot be told from their history")
        else:
            builder.why.refuse(f"{found.actor.name}, who put {deal.key} into the words, may not link here")


def _linkable(builder: PlanBuilder, deal: Subject | None, written: Written, via: str) -> bool:
    """Link a deal, or say why not."""
    if deal is None:
        builder.why.refuse(f"{written.command.deal} names no deal")
        return False
    already = deal in builder.state.linked()
    made = _make(builder, deal, written.author, via)
    if not made:
        builder.why.refuse(_why_not(builder, deal, written.author))
    elif already:
        builder.why.nothing(f"{deal.key} is linked already")
    else:
        builder.why.done(f"{deal.key} is linked")
    return made


def _why_not(builder: PlanBuilder, deal: Subject, by: Person) -> str:
    if by.id in builder.facts.unchecked:
        return f"whether {by.name} may see {deal.key} could not be asked"
    if (by.id, deal) in builder.facts.unseen:
        return f"{by.name} may not see {deal.key}"
    known = builder.facts.deals.get(deal)
    return f"{deal.key} is closed" if known else f"there is no deal {deal.key}, or none that we can see"


def _answer(
    builder: PlanBuilder, message: str, named: Mapping[Subject, Person], deals: tuple[Subject, ...]
) -> None:
    """Say once what became of these deals, to whoever named the first of them."""
    keys = tuple(deal.key for deal in deals)
    said = Command("link", deal=", ".join(keys[:MOST_BY_TEXT]))
    written = Written(said, "", named[deals[0]], builder.now)
    builder.reply(message, written, message, *deals, choices=keys)


def _open(builder: PlanBuilder, deal: Subject) -> bool:
    read = builder.facts.deals.get(deal)
    return read is not None and read.open


def _make(
    builder: PlanBuilder, deal: Subject, by: Person, via: str, left_out: tuple[Subject, ...] = ()
) -> bool:
    """Link a deal, or return False where it is unknown, closed, or not for ``by`` to see. ``left_out``: those
    that the same words name, but too many."""
    if not _open(builder, deal) or (by.id, deal) in builder.facts.unseen:
        return False
    if deal not in builder.state.linked():
        builder.put_link(Link(deal, by, builder.at, via))
        builder.record("linked", deal.key, by)
        builder.show_deal(deal, True)
        choices = tuple(one.key for one in left_out)
        further, invites = builder.linked_before(), discovery.invites(builder)
        event = _linked(builder, by, deal)
        builder.emit(replace(event, choices=choices, further=further, invites=invites))
    return True


def _refusal(builder: PlanBuilder, person: Person) -> str:
    """Return the message for a deal that was not linked: the same whether or not there is such a deal."""
    return "reply-cannot-check" if person.id in builder.facts.unchecked else "reply-unknown-deal"


def _end(builder: PlanBuilder, deal: Subject, by: Person) -> None:
    known = next(link for link in builder.state.links if link.deal == deal)
    builder.put_link(replace(known, ended_at=builder.at))
    builder.record("unlinked", deal.key, by)
    builder.show_deal(deal, False)
    builder.emit(
        Event("deal.unlinked", builder.now, actor=by, deal=deal, commitments=builder.state.commitments())
    )


def _linked(builder: PlanBuilder, by: Person, deal: Subject) -> Event:
    """Say how the dates stand for a deal that is new to them: as changes from nothing to what is there."""
    promised = builder.state.commitments()
    stands = {name: diff(name, NOTHING, one.standing) for name, one in builder.state.fields.items()}
    plans = tuple(change for name, change in stands.items() if change and name not in promised)
    return Event(
        LINKED,
        builder.now,
        change=next(iter(plans), next(filter(None, stands.values()), None)),
        actor=by,
        deal=deal,
        commitments=promised,
        plans=plans,
        policy=builder.whose(plans[0].field, plans[0].new) if plans else "",
    )


def _credited(builder: PlanBuilder, deal: Subject) -> Person | None:
    """Return who put a deal into the words or took it out, if they may link."""
    found = builder.facts.credits.get(deal)
    return found.actor if found and builder.facts.rights_of(found.actor).may_link else None


def _allowed(builder: PlanBuilder, written: Written) -> bool:
    """Tell whether the author may link and the words can count; reply kindly where they can't."""
    if not builder.facts.rights_of(written.author).may_link:
        builder.why.refuse(f"{written.author.name} may not link here, by what the tracker answered")
        return False
    builder.why.holds(f"{written.author.name} may link here")
    return legible(builder, written)
