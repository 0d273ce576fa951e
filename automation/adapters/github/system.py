"""GitHub, declared: how it is received, read, connected to and written to."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from automation.adapters.github import item_triggers, triggers
from automation.adapters.github.field_ids import is_made
from automation.adapters.github.settings import GitHubSettings
from automation.adapters.system import Outside, System
from automation.model import KnownPlaces
from automation.model.reading import Reading
from automation.model.systems import Budget, Scheme, Source
from automation.ports import Tracker
from automation.rulebook.schema import GitHubTracker, MayOverride, ProjectDate, RulesConfig

if TYPE_CHECKING:
    from github.Auth import Auth

SOURCE = Source(
    name="GitHub",
    setting="GITHUB_WEBHOOK_SECRET",
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    scheme=Scheme("X-Hub-Signature-256", "sha256="),
    # https://docs.github.com/en/webhooks/webhook-events-and-payloads#delivery-headers
    event="X-GitHub-Event",
    id="X-GitHub-Delivery",
    always=True,
    keep=(
        "X-GitHub-Hook-ID",
        "X-GitHub-Hook-Installation-Target-ID",
        "X-GitHub-Hook-Installation-Target-Type",
    ),
    hook="X-GitHub-Hook-ID",
    events=triggers.EVENTS,
    ping="ping",
)


def _read(config: RulesConfig, known: KnownPlaces, event: str, body: Mapping[str, object]) -> Reading:
    dates, places = config.deadline_fields.github, frozenset(config.trackers.places(GITHUB.name))
    if event == item_triggers.ON_PROJECT:
        boards = frozenset(date.project for date in dates if isinstance(date, ProjectDate))
        owners = frozenset(map(str.lower, _owners(config)))
        return item_triggers.on_project(body, boards, owners, config.columns)
    made = any(isinstance(date, str) and is_made(date) for date in dates)
    return triggers.triggers(event, body, places, known, made, config.labels)


def _tracker(outside: Outside[GitHubSettings]) -> Tracker:
    from automation.adapters.github.client import GitHub
    from automation.adapters.github.people import People

    def people(policy: str) -> People:
        known = outside.config().sign_off.get(policy)
        return People(known.github_teams, known.users.github) if known else People()

    def overriders(policy: str) -> People:
        known = outside.config().sign_off.get(policy)
        may = known.may_override if known else MayOverride()
        return People(may.github_teams, may.users.github, "" if may.github == "nobody" else may.github)

    def backups(policy: str) -> People:
        known = outside.config().sign_off.get(policy)
        return People(users=known.backup.github) if known else People()

    return GitHub(
        outside.settings.github_api_url,
        lambda: _auth(outside.settings),
        people=people,
        overriders=overriders,
        backups=backups,
        may_link_role=lambda: outside.config().may_link.github,
        marker_key=outside.marker_key,
        limiter=outside.limiter,
        pins=outside.pins,
        clock=outside.clock,
        dates=lambda: outside.config().deadline_fields.github,
        owners=lambda: _owners(outside.config()),
        labels=lambda: outside.config().labels,
        columns=lambda: outside.config().columns,
    )


def _owners(config: RulesConfig) -> Collection[str]:
    """Return who owns the repositories in the rules, each once."""
    places = config.trackers.places(GITHUB.name)
    return tuple({place.partition("/")[0].lower(): place.partition("/")[0] for place in places}.values())


def _auth(settings: GitHubSettings) -> Auth:
    from github import Auth

    if settings.github_token:
        return Auth.Token(settings.github_token.get_secret_value())
    if not (
        settings.github_app_id and settings.github_app_private_key and settings.github_app_installation_id
    ):
        raise ValueError(
            "To act as a GitHub App, set GITHUB_APP_ID, GITHUB_APP_PRIVATE_KEY and "
            "GITHUB_APP_INSTALLATION_ID (the number that ends the address of the App's installation page)."
        )
    app = Auth.AppAuth(settings.github_app_id, settings.github_app_private_key.get_secret_value())
    return app.get_installation_auth(settings.github_app_installation_id)


GITHUB = System(
    name="github",
    title="GitHub",
    settings=GitHubSettings,
    source=SOURCE,
    # 80 a minute and 500 an hour, people's own included; one second and a bit leaves 54 a minute:
    # https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits
    # https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#pause-between-mutative-requests
    budget=Budget(1.1, 500),
    read=_read,
    tracker=_tracker,
    rules=GitHubTracker,
    carriers=(triggers.CARRIED, triggers.carrier),
)
