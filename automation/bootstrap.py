"""Puts the house together from its settings: the one place that knows every part."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import structlog
from github import Auth

from automation.adapters.github import triggers as github_triggers
from automation.adapters.github.client import GitHub
from automation.adapters.github.people import People
from automation.adapters.jira import triggers as jira_triggers
from automation.adapters.jira.deals import JiraDeals
from automation.adapters.jira.people import JiraPeople, JiraRights
from automation.adapters.jira.tracker import Jira
from automation.effects import Effects
from automation.engine import Engine, Reader
from automation.live import LiveRules
from automation.ports import Tracker
from automation.reading import Reading
from automation.settings import Settings
from automation.store.database import Database
from automation.store.inbox import Inbox
from automation.store.outbox import Outbox
from automation.store.queue import Queue
from automation.store.state import States
from automation.worker import Worker
from webhooks.app import EdgeSettings, create_app
from webhooks.metrics import Counts
from webhooks.serve import Server, serve

log = structlog.get_logger("handshake")

STOP_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class House:
    """A running Handshake: receiver, worker and database in one process."""

    database: Database
    queue: Queue
    states: States
    rules: LiveRules
    worker: Worker
    server: Server

    def start(self) -> None:
        """Work on threads; the receiver too."""
        self.worker.start()
        threading.Thread(target=self.server.run, daemon=True).start()

    def serve_forever(self) -> None:
        """Work until ``close`` is called or Ctrl-C, then stop in good order."""
        self.worker.start()
        self.server.run()
        self.worker.stop(STOP_SECONDS)
        self.database.close()

    def close(self) -> None:
        """Stop what ``start`` started."""
        self.server.close()
        self.worker.stop(STOP_SECONDS)
        self.database.close()


def build(
    settings: Settings,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    write_interval: float = 1.0,
) -> House:
    """Put a Handshake together. Raise RulesError, StoreError, PortTaken or ValueError, each with words
    that say what to do.

    ``write_interval``: seconds between two writes to one tracker; only the sandbox wants less.
    """
    rules = LiveRules(settings.rules, settings.mode, lambda text: log.warning("rules", text=text), clock())
    database = Database(settings.database_url)
    States(database).in_force_since(rules.mode().value, rules.changed_at)
    marker_key = database.secret("marker key")

    def seconds() -> float:
        return clock().timestamp()

    queue, states, inbox = Queue(database, seconds), States(database), Inbox(database)
    crm = JiraDeals(
        settings.jira_url or "",
        _jira_sign_in(settings),
        project=rules.rulebook().settings.deals.project,
        marker_key=marker_key,
    )
    trackers: Mapping[str, Tracker] = {
        "github": GitHub(
            settings.github_api_url,
            partial(_github_auth, settings),
            people=lambda policy: _github_people(rules, policy),
            may_link_role=lambda: rules.rulebook().settings.may_link.github,
            marker_key=marker_key,
            write_interval=write_interval,
        ),
        "jira": Jira(
            settings.jira_url or "",
            _jira_sign_in(settings),
            people=lambda policy: _jira_people(rules, policy),
            may_link=lambda: _jira_rights(rules),
            marker_key=marker_key,
        ),
    }
    readers: Mapping[str, Reader] = {
        "github": lambda event, body: _read_github(rules, event, body),
        "jira": lambda _, body: _read_jira(rules, body),
    }
    engine = Engine(queue, inbox, states, readers, trackers, crm, rules, clock)
    effects = Effects(states, trackers, crm, rules.rulebook)
    worker = Worker(database, queue, Outbox(database, seconds), engine, effects)
    secrets = settings.webhook_secrets()
    checks = {"database": database.problem, "worker": worker.problem}
    app = create_app(EdgeSettings(secrets), inbox, checks, Counts(inbox.counts, queue.counts))
    return House(database, queue, states, rules, worker, serve(app, settings.host, settings.port))


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
    known = rules.rulebook().settings.sign_off.get(policy)
    return People(known.github_teams, known.users.github) if known else People()


def _jira_people(rules: LiveRules, policy: str) -> JiraPeople:
    known = rules.rulebook().settings.sign_off.get(policy)
    return JiraPeople(known.jira_groups, known.users.jira) if known else JiraPeople()


def _jira_rights(rules: LiveRules) -> JiraRights:
    allowed = rules.rulebook().settings.may_link
    return JiraRights(allowed.jira_groups, allowed.jira_roles)


def _read_github(rules: LiveRules, event: str, body: Mapping[str, object]) -> Reading:
    repositories = frozenset(rules.rulebook().settings.trackers.github.repositories)
    return github_triggers.triggers(event, body, repositories)


def _read_jira(rules: LiveRules, body: Mapping[str, object]) -> Reading:
    known = rules.rulebook().settings
    return jira_triggers.triggers(body, frozenset(known.trackers.jira.projects), known.deals.project)
