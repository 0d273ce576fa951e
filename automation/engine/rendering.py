"""The words of a message for the reader of now: for what is said, and for what a mode keeps unsaid."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest

from automation.domain.checklist import asked_of
from automation.domain.customer_names import Known, known_beside
from automation.domain.moved_carriers import features
from automation.model import (
    CARRIER,
    JOINED,
    LABEL,
    OVERDUE,
    STATUS,
    Deal,
    Effect,
    Event,
    Issue,
    IssueState,
    KnownName,
    Person,
    Say,
    Subject,
    Told,
)
from automation.ports import Crm, Notices, Tracker
from automation.rulebook.product_views import discovery_vars, product_vars
from automation.rulebook.rulebook import Rulebook
from automation.rulebook.variables import ChoiceVars, ProductVars
from automation.rulebook.views import message


class Rendering:
    """Renders messages. It reads from the outside what they speak of, and writes nothing."""

    def __init__(
        self,
        trackers: Mapping[str, Tracker],
        crm: Crm,
        rules: Callable[[], Rulebook],
        names: Callable[[], Sequence[KnownName]],
        clock: Callable[[], datetime],
    ) -> None:
        """``names`` gives those that we have come to know, ``clock`` the time for those who have none."""
        self._trackers = trackers
        self._crm = crm
        self._rules = rules
        self._names = names
        self._clock = clock

    def now(self) -> datetime:
        """Return the time at which something is said now."""
        return self._clock()

    def reading(self, trackers: Mapping[str, Tracker], crm: Crm) -> Rendering:
        """Return the same that reads by these."""
        return Rendering(trackers, crm, self._rules, self._names, self._clock)

    def deals(self, effect: Effect, issue: Issue, linked: tuple[Subject, ...]) -> Mapping[Subject, Deal]:
        """Read the deals the text may speak of: none on a public issue, else in one call."""
        if effect.to_deal:
            # Those that hear of the same from a carrier are asked for together.
            together = linked if effect.issue.kind == CARRIER else ()
            found = self._crm.deals([effect.target, *together])
            return {deal: one for deal, one in found.items() if deal == effect.target}
        known = () if issue.public else linked
        return self._crm.deals(known) if known else {}

    def text(
        self,
        effect: Effect,
        intent: Say,
        issue: Issue,
        deals: Mapping[Subject, Deal],
        state: IssueState,
        at: datetime,
        goes_by: Mapping[str, Told] | None = None,
        issues: Sequence[IssueState] = (),
    ) -> str:
        """Return the words for the effect's target, as they are said ``at`` that time. Raise MessageError,
        Unavailable or Refused.

        ``state`` is what is known of the issue, and ``goes_by`` the dates that the deal told may use,
        by field; ``issues`` are those that stand on it, where it is a carrier.
        """
        tracker = self._trackers[effect.issue.system]
        on_issue = not effect.to_deal
        sink: Notices = tracker if on_issue else self._crm
        today = at.date()
        product = self._product(tracker, intent, issue)
        event = _called(tracker, intent.event)
        reader = effect.target if not on_issue else next(iter(deals)) if len(deals) == 1 else None
        asked_by = intent.event.proposal.asked_by if intent.event.proposal else None
        return self._rules().messages.render(
            intent.message,
            "issue" if on_issue else "deals",
            message(
                replace(intent, event=event),
                issue,
                deals,
                product,
                tracker.mention(intent.event.actor) if on_issue and intent.event.actor else "",
                None if on_issue else deals.get(effect.target),
                today,
                state,
                Known() if issue.public and on_issue else self._whom(reader, state, issue, event, product),
                goes_by,
                asker=tracker.mention(asked_by) if on_issue and asked_by else "",
                issues=() if on_issue else features(issues, effect.target),
                checklist=discovery_vars(
                    effect.issue, asked_of(issues) or (state,), self._discovery(intent.event)
                ),
            ),
            encode=sink.encode,
            today=today,
        )

    def _whom(
        self, deal: Subject | None, state: IssueState, issue: Issue, event: Event, product: ProductVars
    ) -> Known:
        """Return whom those who read of ``deal`` must not read of."""
        people = {*issue.people, *product.people, *product.agreed, *_people(state, event)}
        for policy in self._rules().config.sign_off.values():
            people |= {*policy.users.github, *policy.may_override.users.github, *policy.backup.github}
        people |= {user.words.partition(",")[0] for user in state.users}
        return known_beside(deal, self._names(), people)

    def _policies(self, event: Event) -> tuple[str, ...]:
        """Return whose word the date takes that is spoken of: several where each of them has to agree."""
        policies = self._rules().config.sign_off
        about = event.proposal or next(iter(event.commitments.values()), None)
        named = (about.policy if about else "", event.policy, min(policies, default=""))
        return next((parts for one in named if (parts := _parts(one, policies))), ())

    def _discovery(self, event: Event) -> bool:
        """Tell whether a user has to be heard before that date is agreed."""
        policies = self._rules().config.policies
        return any(policies[name].discovery for name in self._policies(event))

    def _product(self, tracker: Tracker, intent: Say, issue: Issue) -> ProductVars:
        """Say whom the answer comes from: nobody who has given theirs."""
        proposal = intent.event.proposal
        policies = self._rules().config.sign_off
        names = self._policies(intent.event)
        if not names:
            return product_vars((), "", "")
        agreed = proposal.agreed(proposal.value) if proposal else ()
        asker = proposal.asked_by if proposal else None
        keeps_out = not any(policies[name].askers_may_sign for name in names)
        out = {asker} if asker and keeps_out else set()
        agreed = tuple(person for person in agreed if person not in out)
        asked = [[one for one in tracker.product(name) if one not in {*agreed, *out}] for name in names]
        if intent.event.name == OVERDUE:  # those who were asked know already
            known = {*(one for some in asked for one in some[:1]), *agreed, *out}
            asked = [[one for one in tracker.backup(name) if one not in known] for name in names]
        people = _in_turns(asked)
        if intent.event.setback and intent.event.actor:  # whoever signed is who has to hear of it
            people = [intent.event.actor, *(one for one in people if one != intent.event.actor)][:3]
        ways = [way for name in names for way in policies[name].answers.ways if way.word == "signoff"]
        return product_vars(
            [tracker.called(person) for person in people],
            JOINED.join(tracker.mention(one) for one in people[: len(names)]),
            JOINED.join(names),
            max(0, sum(policies[name].people_needed for name in names) - len(agreed)),
            [tracker.called(person) for person in agreed],
            intent.event.actor in out,
            names if len(names) > 1 else (),
            [way.name for way in ways if way.kind == LABEL],
            [way.name for way in ways if way.kind == STATUS and issue.status],
            [ChoiceVars(held.label, way.name) for way in ways if (held := issue.choice(way.field))],
        )


def _parts(policy: str, policies: Collection[str]) -> tuple[str, ...]:
    """Return the policies that one is made of, as far as the rules have them all; none where they do not."""
    parts = (policy,) if policy in policies else tuple(policy.split(JOINED))
    return parts if all(part in policies for part in parts) else ()


def _in_turns(some: Sequence[Sequence[Person]]) -> list[Person]:
    """Return up to three people, the first of each before the second of any."""
    each = (person for turn in zip_longest(*some) for person in turn if person is not None)
    return list(dict.fromkeys(each))[:3]


def _called(tracker: Tracker, event: Event) -> Event:
    """Return the event with people's names in the place of their logins."""

    def named(person: Person | None) -> Person | None:
        return replace(person, name=tracker.called(person)) if person else None

    proposal = event.proposal
    if proposal is not None:
        proposal = replace(proposal, asked_by=named(proposal.asked_by))
    return replace(event, actor=named(event.actor), proposal=proposal)


def _people(state: IssueState, event: Event) -> set[str]:
    """Return the names and logins of those who had to do with an issue."""
    found = [*(link.by for link in state.links), *(user.by for user in state.users), event.actor]
    for proposal in (*state.proposals, event.proposal):
        found += [*proposal.people(), proposal.asked_by] if proposal else []
    for known in state.fields.values():
        found += known.commitment.signed_by if known.commitment else ()
    return {person.name for person in found if person}
