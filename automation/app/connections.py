"""The outside, connected: trackers, deals, and how to read what their webhooks send."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from github import Auth

from automation.adapters.github import triggers as github_triggers
from automation.adapters.github.client import GitHub
from automation.adapters.github.people import People
from automation.adapters.jira import triggers as jira_triggers
from automation.adapters.jira.deals import JiraDeals
from automation.adapters.jira.people import JiraPeople, JiraRights
from automation.adapters.jira.tracker import Jira
from automation.app.settings import Settings
from automation.engine.kinds.issues import CarrierReader
from automation.engine.reconcile import Reader
from automation.model import KnownPlaces
from automation.model.reading import Reading
from automation.ports import Crm, Tracker
from automation.rulebook.live import LiveRules
from automation.store.pins import Pins
from automation.store.rate_limiter import RateLimiters


def trackers(
    settings: Settings,
    rules: LiveRules,
    marker_key: bytes,
    limiters: RateLimiters,
    pins: Pins,
    clock: Callable[[], float],
) -> Mapping[str, Tracker]:
    """Return the trackers by system. Nobody is asked anything yet. ``clock`` gives seconds since 1970."""
    return {
        "github": GitHub(
            settings.github_api_url,
            partial(_github_auth, settings),
            people=lambda policy: _github_people(rules, policy),
            may_link_role=lambda: rules.rulebook().config.may_link.github,
            marker_key=marker_key,
            limiter=limiters.to("github"),
            pins=pins,
            clock=clock,
        ),
        "jira": Jira(
            settings.jira_url or "",
            _jira_sign_in(settings),
            people=lambda policy: _jira_people(rules, policy),
            may_link=lambda: _jira_rights(rules),
            marker_key=marker_key,
            limiter=limiters.to("jira"),
            pins=pins,
            clock=clock,
            dates=lambda: rules.rulebook().config.deadline_fields.jira,
        ),
    }


def deals(
    settings: Settings,
    rules: LiveRules,
    marker_key: bytes,
    limiters: RateLimiters,
    clock: Callable[[], float],
) -> Crm:
    """Return where the deals live."""
    return JiraDeals(
        settings.jira_url or "",
        _jira_sign_in(settings),
        project=rules.rulebook().config.deals.project,
        marker_key=marker_key,
        limiter=limiters.to("jira"),
        clock=clock,
    )


def readers(rules: LiveRules, places: Callable[[str], KnownPlaces]) -> Mapping[str, Reader]:
    """Return what reads the payloads of each source; ``places`` are those known of a system."""
    return {
        "github": lambda event, body: _read_github(rules, places("github"), event, body),
        "jira": lambda _, body: _read_jira(rules, places("jira"), body),
    }


CARRIERS: Mapping[str, CarrierReader] = {"github": (github_triggers.CARRIED, github_triggers.carrier)}
"""How deliveries tell of the carriers of each system."""


def _github_auth(settings: Settings) -> Auth.Auth:
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


def _jira_sign_in(settings: Settings) -> tuple[str, str] | str:
    if settings.jira_token:
        return settings.jira_token.get_secret_value()
    token = settings.jira_api_token.get_secret_value() if settings.jira_api_token else ""
    return (settings.jira_email or "", token)


def _github_people(rules: LiveRules, policy: str) -> People:
    known = rules.rulebook().config.sign_off.get(policy)
    return People(known.github_teams, known.users.github) if known else People()


def _jira_people(rules: LiveRules, policy: str) -> JiraPeople:
    known = rules.rulebook().config.sign_off.get(policy)
    return JiraPeople(known.jira_groups, known.users.jira) if known else JiraPeople()


def _jira_rights(rules: LiveRules) -> JiraRights:
    allowed = rules.rulebook().config.may_link
    return JiraRights(allowed.jira_groups, allowed.jira_roles)


def _read_github(rules: LiveRules, known: KnownPlaces, event: str, body: Mapping[str, object]) -> Reading:
    repositories = frozenset(rules.rulebook().config.trackers.github.repositories)
    return github_triggers.triggers(event, body, repositories, known)


def _read_jira(rules: LiveRules, known: KnownPlaces, body: Mapping[str, object]) -> Reading:
    config = rules.rulebook().config
    projects, dates = frozenset(config.trackers.jira.projects), config.deadline_fields.jira
    return jira_triggers.triggers(body, projects, config.deals.project, known, dates)
