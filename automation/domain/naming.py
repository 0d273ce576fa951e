"""What is said of customers on an issue: the name that they read, whom of them product may talk to, and what
these want solved."""

from __future__ import annotations

from dataclasses import replace

from automation.domain.customer_names import said_name
from automation.domain.offers import legible
from automation.domain.plan_builder import PlanBuilder
from automation.model import Contact, Event, Person, Problem, Written
from automation.text.markdown import clean
from automation.text.typed_names import LONGEST_PROBLEM

MOST_USERS = MOST_PROBLEMS = 20


def name(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/name <name>``: customers read this; without words, what the title gives. Strangers get no
    reply; twice changes nothing."""
    written = event.written
    if written is None or not _counts(builder, written):
        return
    called = said_name(written.command.text)
    if called == builder.state.name:
        builder.why.nothing("customers read that name already")
        return
    builder.why.done("customers read the name" if called else "customers read what the title gives")
    builder.state = replace(builder.state, name=called)
    builder.record("named", called or "no name", written.author)
    builder.reply("reply-named" if called else "reply-unnamed", written)


def user(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/user <name, what they do, how to reach them>``: no deal is asked for one any more."""
    written = event.written
    if written is None or not _counts(builder, written, may_say(builder, written.author)):
        return
    contact = Contact(clean(written.command.text), written.author, builder.at)
    if contact.words in {known.words for known in builder.state.users}:
        builder.why.nothing("that was said before")
        return
    builder.why.done("noted whom product may talk to")
    builder.state = replace(builder.state, users=(*builder.state.users, contact)[-MOST_USERS:])
    builder.record("user", contact.words, written.author)
    _thank(builder, written, "reply-user-noted")


def problem(builder: PlanBuilder, event: Event) -> None:
    """Carry out ``/problem <in the user's own words>``: what a user wants solved."""
    written = event.written
    if written is None or not _counts(builder, written, may_say(builder, written.author)):
        return
    said = Problem(clean(written.command.text, LONGEST_PROBLEM), written.author, builder.at)
    if said.words in {known.words for known in builder.state.problems}:
        builder.why.nothing("that was said before")
        return
    builder.why.done("noted what a user wants solved")
    builder.state = replace(builder.state, problems=(*builder.state.problems, said)[-MOST_PROBLEMS:])
    builder.record("problem", said.words, written.author)
    _thank(builder, written, "reply-problem-noted")


def _thank(builder: PlanBuilder, written: Written, message: str) -> None:
    """Reply; where strangers read along without a word of what was noted, once for a comment."""
    if builder.facts.issue.public:
        builder.reply("reply-noted", written, "noted", written.comment)
    else:
        builder.reply(message, written, message, written.comment)


def may_say(builder: PlanBuilder, person: Person) -> bool:
    """Tell whether somebody may say what users said: product, who may link, and who looks after one of the
    deals, as theirs is the side that knows the customer."""
    rights = builder.facts.rights_of(person)
    deals = (builder.facts.deals.get(key) for key in builder.state.linked())
    owns = any(deal.owned_by == person for deal in deals if deal and deal.owned_by)
    return bool(rights.product) or rights.may_link or owns


def _counts(builder: PlanBuilder, written: Written, may: bool = False) -> bool:
    """Tell whether the author may say this (``may``: for another reason than their rights) and the words can
    count; reply kindly where they can't."""
    rights = builder.facts.rights_of(written.author)
    if not (rights.product or rights.may_link or may):
        builder.why.refuse(
            f"{written.author.name} is of no sign-off policy, may not link, and owns no deal here"
        )
        return False
    return legible(builder, written)
