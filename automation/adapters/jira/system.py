"""Jira, declared: how it is received, read, connected to and written to."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from automation.adapters.jira import triggers
from automation.adapters.jira.settings import JiraSettings
from automation.adapters.system import Outside, System
from automation.model import KnownPlaces
from automation.model.reading import Reading
from automation.model.systems import Budget, Scheme, Source
from automation.ports import Crm, Tracker
from automation.rulebook.schema import JiraTracker, MayOverride, RulesConfig

SOURCE = Source(
    name="Jira",
    setting="JIRA_WEBHOOK_SECRET",
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/; Data Center, from 10 on, sends no id.
    scheme=Scheme("X-Hub-Signature", "sha256="),
    id="X-Atlassian-Webhook-Identifier",
    keep=("X-Atlassian-Webhook-Flow", "X-Atlassian-Webhook-Retry"),
)


def _read(config: RulesConfig, known: KnownPlaces, _event: str, body: Mapping[str, object]) -> Reading:
    deals = config.deals.project if config.deals.system == JIRA.name else ""
    projects, dates = frozenset(config.trackers.places(JIRA.name)), config.deadline_fields.jira
    texts = tuple(config.discovery.jira.named.values())
    return triggers.triggers(body, projects, deals, known, dates, texts, config.ways)


def _tracker(outside: Outside[JiraSettings]) -> Tracker:
    from automation.adapters.jira.people import JiraPeople, JiraRights
    from automation.adapters.jira.tracker import Jira

    def people(policy: str) -> JiraPeople:
        known = outside.config().sign_off.get(policy)
        return JiraPeople(known.jira_groups, known.users.jira, known.jira_roles) if known else JiraPeople()

    def overriders(policy: str) -> JiraPeople:
        known = outside.config().sign_off.get(policy)
        may = known.may_override if known else MayOverride()
        return JiraPeople(may.jira_groups, may.users.jira, may.jira_roles)

    def rights() -> JiraRights:
        allowed = outside.config().may_link
        return JiraRights(allowed.jira_groups, allowed.jira_roles)

    def backups(policy: str) -> JiraPeople:
        known = outside.config().sign_off.get(policy)
        return JiraPeople(users=known.backup.jira) if known else JiraPeople()

    return Jira(
        outside.settings.jira_url or "",
        outside.settings.sign_in(),
        people=people,
        overriders=overriders,
        backups=backups,
        may_link=rights,
        marker_key=outside.marker_key,
        limiter=outside.limiter,
        pins=outside.pins,
        clock=outside.clock,
        dates=lambda: outside.config().deadline_fields.jira,
        zone=lambda: ZoneInfo(outside.config().trackers.jira.time_zone),
        texts=lambda: outside.config().discovery.jira.named,
        statuses=lambda: outside.config().statuses,
        choices=lambda: outside.config().choices,
        projects=lambda: outside.config().trackers.places(JIRA.name),
    )


def _crm(outside: Outside[JiraSettings], project: str) -> Crm:
    from automation.adapters.jira.deals import JiraDeals

    return JiraDeals(
        outside.settings.jira_url or "",
        outside.settings.sign_in(),
        project=project,
        marker_key=outside.marker_key,
        limiter=outside.limiter,
        clock=outside.clock,
    )


JIRA = System(
    name="jira",
    title="Jira",
    settings=JiraSettings,
    source=SOURCE,
    # Twenty writes in 2 s and a hundred in 30 s to one issue: a third of a second keeps both, whatever
    # the issue. https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
    budget=Budget(0.34),
    read=_read,
    tracker=_tracker,
    crm=_crm,
    rules=JiraTracker,
)
