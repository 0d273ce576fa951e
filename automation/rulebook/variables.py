"""The variables that conditions (CEL) and messages (Liquid) see: one declaration for both.

Every variable always has a value: a missing text or date is ``""``, a missing number 0.
Days are ISO dates (``2027-03-01``) as text. To add a variable, add a field here, with its
docstring line, and fill it in ``views.py``; type checks, the schema and the reference follow.
"""

from __future__ import annotations

import dataclasses
import functools
import typing
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DealVars:
    """A linked deal. ``key``: what its system calls it (``SALES-7``). ``name``: what people call it.
    ``url``: its page. ``open``: neither won nor lost yet. ``closes``: its expected close date.
    ``owner``: the salesperson's name. ``system``: where it lives."""

    key: str = ""
    name: str = ""
    url: str = ""
    open: bool = False
    closes: str = ""
    owner: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class IssueVars:
    """The issue. ``key``: what its tracker calls it (``acme/shop#12``). ``system``: ``github`` or ``jira``.
    ``place``: the repository (``acme/shop``) or project (``PROD``) where it is.
    ``title``: its title; to deals, what customers may call it. ``url``: its page. ``open``: not closed.
    ``public``: strangers can read it; unknown counts as public. ``labels``: their names. ``deals``: the
    deals linked to it. ``name``: what customers may call it: what ``/name`` said, else the title in quotation
    marks, as it is somebody's word and not ours, or, where that is not for customers, the words “what you
    asked for”.
    ``users``: whom at customers product may talk to.
    ``outcome``: how one that is closed ended, ``done`` or ``dropped``, empty where that is not known.
    ``release``: what it came with, empty where that is not known or not for all to read.
    ``features``: the same name by itself; several names where the news is of a date that several issues
    stand on. Title and deals are those of the milestone then."""

    key: str = ""
    system: str = ""
    title: str = ""
    url: str = ""
    open: bool = False
    public: bool = True
    labels: tuple[str, ...] = ()
    deals: tuple[DealVars, ...] = ()
    name: str = ""
    users: tuple[str, ...] = ()
    outcome: str = ""
    release: str = ""
    features: tuple[str, ...] = ()
    place: str = ""


@dataclass(frozen=True, slots=True)
class ValueVars:
    """What a deadline field holds. ``day``: the date it promises. ``name``: what people call it."""

    day: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class ChangeVars:
    """How a deadline changed. ``kind``: ``set``, ``earlier``, ``later``, ``cleared``, or ``other`` (the same
    date on another milestone). ``days``: new minus old, 0 where one is missing. ``field``: the field's
    id, as in ``deadline_fields``. ``label``: what people call the field (``Due date``).
    ``which``: that name within a sentence, empty where the issue has no other date. ``left``: the field
    still shows ``shows``, which was declined or taken back, and only people can set it back to ``old``.
    ``gone``: what carried ``old`` was deleted and cannot be set again."""

    field: str = ""
    label: str = ""
    kind: str = ""
    old: ValueVars = dataclasses.field(default_factory=ValueVars)
    new: ValueVars = dataclasses.field(default_factory=ValueVars)
    days: int = 0
    left: bool = False
    shows: ValueVars = dataclasses.field(default_factory=ValueVars)
    which: str = ""
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ActorVars:
    """Who did it. ``name``: in messages their name, in conditions what the tracker calls them (on GitHub
    their login), empty where that cannot be told.
    ``product``: whether they may sign off, checked live."""

    name: str = ""
    product: bool = False


@dataclass(frozen=True, slots=True)
class PersonVars:
    """Who did it. ``name``: their name, or their login where the tracker knows none."""

    name: str = ""


@dataclass(frozen=True, slots=True)
class CommitmentVars:
    """The date in force under a sign-off, all empty where there is none. ``day``: that date.
    ``name``: what people call it. ``at_risk``: somebody asked for a later date or cleared it, or others than
    product changed what is to be built. To a deal it is the date that this deal was told last, at risk also
    where a newer one is in force of which it is not told yet. ``field``: the id of its field. ``label``: what
    people call the field. ``which``: that name within a sentence, empty where the issue has no other date."""

    day: str = ""
    name: str = ""
    at_risk: bool = False
    field: str = ""
    label: str = ""
    which: str = ""


@dataclass(frozen=True, slots=True)
class MovedVars:
    """Where an issue was before that has another address now. ``was``: what its tracker called it there.
    ``place``: the repository or project where it is now. ``away``: the rules do not name that one, so that
    dates there are not looked after."""

    was: str = ""
    place: str = ""
    away: bool = False


@dataclass(frozen=True, slots=True)
class Conditions:
    """What ``if`` sees. ``event``: the name of the event. ``commitments``: the dates in force that it is
    about: that of its field, or one for each field where it is about the whole issue. ``commitment`` is the
    earliest of them."""

    event: str = ""
    issue: IssueVars = dataclasses.field(default_factory=IssueVars)
    change: ChangeVars = dataclasses.field(default_factory=ChangeVars)
    actor: ActorVars = dataclasses.field(default_factory=ActorVars)
    commitment: CommitmentVars = dataclasses.field(default_factory=CommitmentVars)
    moved: MovedVars = dataclasses.field(default_factory=MovedVars)
    commitments: tuple[CommitmentVars, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposalVars:
    """What was asked. ``day``: the date, empty where none was asked for. ``name``: what people call it.
    ``asked_by``: whoever asked. ``mention``: pings them. ``answer_by``: the day product should answer by.
    ``command``: what product can paste, the date in it; where nothing was asked, it signs the date
    that stands; empty where that day has passed. ``question``: there, whether the coming year was meant.
    ``instead``: what to paste for it. ``label``: what people call the field. ``which``: that name within a
    sentence, empty where the issue has no other date."""

    day: str = ""
    name: str = ""
    asked_by: str = ""
    answer_by: str = ""
    command: str = ""
    question: str = ""
    instead: str = ""
    mention: str = ""
    label: str = ""
    which: str = ""


@dataclass(frozen=True, slots=True)
class PlanVars:
    """A date that stands and that nobody agreed to, or not for what is to be built by now. ``day``: that
    date. ``label``: what people call its field. ``which``: that name within a sentence, empty where the issue
    has no other date. ``command``: what product can paste to sign it; empty where that day has passed.
    ``question``: there, whether the coming year was meant. ``instead``: what to paste for it."""

    day: str = ""
    label: str = ""
    which: str = ""
    command: str = ""
    question: str = ""
    instead: str = ""


@dataclass(frozen=True, slots=True)
class ProductVars:
    """Whom the answer comes from, without those who have said yes to it already. ``mention``: pings one of
    them. ``people``: up to three names. ``needed``: how many more have to say yes. ``agreed``: who has.
    ``group``: the name of the sign-off policy, or empty. ``each``: the names of several policies where each
    of them has to agree. ``kept_out``: whether whoever did this asked for the date, and the policy does not
    let those who ask agree."""

    mention: str = ""
    people: tuple[str, ...] = ()
    group: str = ""
    needed: int = 0
    agreed: tuple[str, ...] = ()
    kept_out: bool = False
    each: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleVars:
    """The rule that says this. ``name``: the rule's name. ``where``: its ``file:line``."""

    name: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class AnswerVars:
    """Product's answer. ``by``: who gave it, ``because``: the reason (internal),
    ``counter``: product agreed to another date than the one asked."""

    by: str = ""
    because: str = ""
    counter: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """For answers to a command. ``to``: pings its author. ``text``: the deal that was typed.
    ``line``: the line that was nearly a command. ``problem``: what could not be read. ``example``: the form
    of the command, to be filled in. ``form``: that of ``/signoff``. ``choices``: lines or dates on offer.
    ``carrier``: what has to be there for a date (a milestone, a version)."""

    to: str = ""
    text: str = ""
    problem: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    line: str = ""
    form: str = ""
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class DiscoveryVars:
    """The checklist of discovery as it is filled by now. ``needed``: a date is agreed only once all of it
    is there. ``problem``: the problem in a user's words is there. ``user``: so is a user who was spoken to,
    with their role. ``lines``: the lines to be filled in for what is missing. ``issues``: the keys of those
    on which it is missing, where the date is that of several. ``invited``: this is the once that the issue
    asks for what is missing."""

    needed: bool = False
    problem: bool = False
    user: bool = False
    lines: tuple[str, ...] = ()
    issues: tuple[str, ...] = ()
    invited: bool = False


@dataclass(frozen=True, slots=True)
class PairVars:
    """Words that were changed. ``old``: before. ``new``: after."""

    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class ScopeVars:
    """What changed in what is to be built, item by item. ``added``: new items. ``removed``: items that went.
    ``changed``: items with other words. ``title``: empty where the title stayed. On deals stands only what
    customers may read. ``more_added``: how many new items are not shown. ``more_removed``: how many
    that went. ``more_changed``: how many with other words, the title among them."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[PairVars, ...] = ()
    title: PairVars = dataclasses.field(default_factory=PairVars)
    more_added: int = 0
    more_removed: int = 0
    more_changed: int = 0


@dataclass(frozen=True, slots=True)
class SetbackVars:
    """Why a date could not be set, all empty where none was to be. ``kind``: ``refused`` (the tracker said
    no), ``failed`` (tried often enough) or ``limit`` (set back too often within the hour). ``why``:
    ``restore`` (an unsigned date was to be set back), ``apply`` (product agreed to the date) or ``override``
    (somebody let it stand without product). ``hint``:
    a sentence that says which right is missing, where that is known."""

    kind: str = ""
    why: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """What a message sees. A public issue's message is rendered from a view without ``deal``,
    ``issue.deals``, ``issue.users``, ``discovery.issues``, ``left_out``, ``moved.was``, ``reply.text`` and
    ``rule.where``: guard those with ``{% unless issue.public %}``.
    The view for deals has no ``answer.because``, no ``issue.users``, no ``discovery``, no
    ``product.mention``, no ``proposal.mention`` and no ``setback.hint``, and its ``issue.title`` is the
    ``issue.name``.
    ``held``: the date was set back, as against left standing. ``deal``: on deals, the one told.
    ``left_out``: deals that the issue's words name beyond those they can link. ``dated``: the date
    was typed in another form than ``2027-03-01``; every day is then said with its year. ``ask_user``: on
    deals, this is the once that it may be asked whom at the customer product may talk to. ``further``: a deal
    was linked to an issue that others were linked to before. ``commitments``: the dates in force that the
    event is about, the earliest first. ``standing``: those of the ``commitments`` that may be used now.
    ``rechecked``: those of the ``commitments`` that are at risk, and have not passed. ``plans``: for a deal
    that is new, the dates that stand and that nobody agreed to; where the scope has changed, the agreed dates
    that product is asked to agree to again."""

    event: str = ""
    issue: IssueVars = dataclasses.field(default_factory=IssueVars)
    change: ChangeVars = dataclasses.field(default_factory=ChangeVars)
    actor: PersonVars = dataclasses.field(default_factory=PersonVars)
    commitment: CommitmentVars = dataclasses.field(default_factory=CommitmentVars)
    proposal: ProposalVars = dataclasses.field(default_factory=ProposalVars)
    product: ProductVars = dataclasses.field(default_factory=ProductVars)
    answer: AnswerVars = dataclasses.field(default_factory=AnswerVars)
    scope: ScopeVars = dataclasses.field(default_factory=ScopeVars)
    moved: MovedVars = dataclasses.field(default_factory=MovedVars)
    setback: SetbackVars = dataclasses.field(default_factory=SetbackVars)
    rule: RuleVars = dataclasses.field(default_factory=RuleVars)
    reply: Reply = dataclasses.field(default_factory=Reply)
    discovery: DiscoveryVars = dataclasses.field(default_factory=DiscoveryVars)
    deal: DealVars = dataclasses.field(default_factory=DealVars)
    held: bool = False
    left_out: tuple[str, ...] = ()
    dated: bool = False
    ask_user: bool = False
    further: bool = False
    commitments: tuple[CommitmentVars, ...] = ()
    standing: tuple[CommitmentVars, ...] = ()
    rechecked: tuple[CommitmentVars, ...] = ()
    plans: tuple[PlanVars, ...] = ()


PRIVATE = frozenset(
    {
        "issue.deals",
        "issue.users",
        "discovery.issues",
        "deal",
        "left_out",
        "moved.was",
        "rule.where",
        "reply.text",
    }
)
"""The paths that a public issue's view does not contain."""

INTERNAL = frozenset(
    {
        "answer.because",
        "issue.users",
        "discovery",
        "product.mention",
        "proposal.mention",
        "setback.hint",
    }
)
"""The paths that the view for deals does not contain: reasons stay inside, nobody there is pinged,
and no deal reads of other customers' people."""


@functools.cache
def fields_of(kind: type) -> Mapping[str, typing.Any]:
    """Return the fields of one of these dataclasses, and the type of each. Python compiles each annotation
    anew whenever it is asked, which was two thirds of the time that loading rules took."""
    return typing.get_type_hints(kind)
