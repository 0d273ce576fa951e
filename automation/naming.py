"""What is said of customers on an issue: the name that they read, and whom of them product may talk to."""

from __future__ import annotations

from dataclasses import replace

from automation.customer_names import said_name
from automation.draft import Draft
from automation.markdown import clean
from automation.model import Contact, Event, Written
from automation.offers import legible

MOST_USERS = 20


def name(draft: Draft, event: Event) -> None:
    """Carry out ``/name <name>``: customers read this; without words, what the title gives. Strangers get no
    reply; twice changes nothing."""
    written = event.written
    if written is None or not _counts(draft, written):
        return
    called = said_name(written.command.text)
    if called == draft.state.name:
        return
    draft.state = replace(draft.state, name=called)
    draft.record("named", called or "no name", written.author)
    draft.reply("reply-named" if called else "reply-unnamed", written)


def user(draft: Draft, event: Event) -> None:
    """Carry out ``/user <name, what they do, how to reach them>``: no deal is asked for one any more."""
    written = event.written
    if written is None or not _counts(draft, written, _owns_a_deal(draft, written)):
        return
    contact = Contact(clean(written.command.text), written.author, draft.at)
    if contact.words in {known.words for known in draft.state.users}:
        return
    draft.state = replace(draft.state, users=(*draft.state.users, contact)[-MOST_USERS:])
    draft.record("user", contact.words, written.author)
    if draft.facts.issue.public:
        draft.reply("reply-noted", written, "noted", written.comment)
    else:
        draft.reply("reply-user-noted", written)


def _owns_a_deal(draft: Draft, written: Written) -> bool:
    """Tell whether the author looks after one of the deals: theirs is the side that knows the customer."""
    deals = (draft.facts.deals.get(key) for key in draft.state.linked())
    return any(deal.owned_by == written.author for deal in deals if deal and deal.owned_by)


def _counts(draft: Draft, written: Written, may: bool = False) -> bool:
    """Tell whether the author may say this (``may``: for another reason than their rights) and the words can
    count; reply kindly where they can't."""
    rights = draft.facts.rights_of(written.author)
    return (rights.product or rights.may_link or may) and legible(draft, written)
