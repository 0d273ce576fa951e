"""Variables for what is said: what was asked, answered, replied, and what changed in words."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass


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
class ChoiceVars:
    """A field by which product may answer, empty where there is none. ``field``: what people call it.
    ``value``: what it holds, or is to hold."""

    field: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class ProductVars:
    """Whom the answer comes from, without those who have said yes to it already. ``mention``: pings one of
    them. ``people``: up to three names. ``needed``: how many more have to say yes. ``agreed``: who has.
    ``group``: the name of the sign-off policy, or empty. ``each``: the names of several policies where each
    of them has to agree. ``kept_out``: whether whoever did this asked for the date, and the policy does not
    let those who ask agree. ``labels``: those by which they may agree, too. ``statuses``: in Jira, those that
    mean the same. ``choices``: there, what fields are to hold for it."""

    mention: str = ""
    people: tuple[str, ...] = ()
    group: str = ""
    needed: int = 0
    agreed: tuple[str, ...] = ()
    kept_out: bool = False
    each: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    choices: tuple[ChoiceVars, ...] = ()


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
    ``carrier``: what has to be there for a date (a milestone, a version). ``itself``: the line that is about
    the own date of the one that the issue stands on. ``label``: the one that was put on instead of writing,
    empty where none was. ``status``: the one that the issue was given instead. ``choice``: what a field was
    given instead."""

    to: str = ""
    text: str = ""
    problem: str = ""
    example: str = ""
    choices: tuple[str, ...] = ()
    line: str = ""
    form: str = ""
    carrier: str = ""
    itself: str = ""
    label: str = ""
    status: str = ""
    choice: ChoiceVars = dataclasses.field(default_factory=ChoiceVars)


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
    a sentence that says which right is missing, where that is known. ``label``: the one that could not be
    taken off, empty where it is about a date. ``choice``: what could not be taken out of its field."""

    kind: str = ""
    why: str = ""
    hint: str = ""
    label: str = ""
    choice: ChoiceVars = dataclasses.field(default_factory=ChoiceVars)
