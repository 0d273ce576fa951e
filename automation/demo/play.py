"""Plays the story against the real service, over real HTTP, and shows what people would read."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from rich.console import Console

from automation.app.receiver_app import edge
from automation.app.settings import Settings
from automation.app.worker_app import WorkerApp, build_worker_app
from automation.demo.cast import BOT, Stage, set_stage
from automation.demo.screen import Screen
from automation.demo.story import Step, steps
from automation.model import Mode
from automation.rulebook.rulebook import load
from automation.sandbox import Sandbox, sandbox
from automation.store.decisions import Diary
from webhooks.serve import Aside

DATABASE = Path("data/demo.db")
PATIENCE = 20.0
"""Seconds a step may take before the story says that something is wrong."""
PAUSE = 1.5
"""Seconds between two steps, where somebody watches."""
LOOK_EVERY = 0.5
"""Seconds between two looks, while it stays up, for what a mode keeps back."""


def play(settings: Settings, console: Console, stay: bool) -> int:
    """Play the story. With ``stay``, serve on until Ctrl-C. Return an exit code."""
    rules = load(settings.rules)
    secret = secrets.token_hex(16)
    for path in DATABASE.parent.glob(f"{DATABASE.name}*"):
        path.unlink()
    diary: list[MutableMapping[str, Any]] = []
    structlog.configure(processors=[_Keep(diary)])
    with sandbox() as box:
        stage = set_stage(box, rules.config, datetime.now(UTC).date())
        screen = Screen(console, stage)
        chosen = settings.mode is not None
        settings = _for(box, settings, secret)
        worker_app = build_worker_app(
            settings, write_interval=0.02, report=screen.rules, until_changed=not chosen
        )
        screen.unwritten = Diary(worker_app.database).kept_back
        app = edge(settings, worker_app.database, worker_app.counters, worker_app.rules)
        receiver = Aside(app, settings.host, settings.port)
        url = f"http://{receiver.host}:{receiver.port}"
        box.github.send_hooks_to(f"{url}/webhooks/github", secret)
        box.jira.send_hooks_to(f"{url}/webhooks/jira", secret)
        worker_app.start()
        receiver.start()
        try:
            screen.opening(worker_app.rules.mode())
            finished = _tell(steps(stage), stage, worker_app, diary, screen)
            if finished and stay:
                screen.closing(url, f"sqlite:///{DATABASE}", settings.rules)
                _stay(screen)
        except KeyboardInterrupt:
            console.print("\nGoodbye.")
            finished = True
        finally:
            receiver.close()
            worker_app.close()
    return 0 if finished else 1


def _stay(screen: Screen) -> None:
    """Serve on until Ctrl-C, and show what a mode keeps back meanwhile; the rest stands on the pages."""
    ended = threading.Event()
    while not ended.wait(LOOK_EVERY):
        screen.kept_back()


def _tell(
    story: list[Step],
    stage: Stage,
    worker_app: WorkerApp,
    diary: list[MutableMapping[str, Any]],
    screen: Screen,
) -> bool:
    for number, step in enumerate(story, 1):
        screen.step(number, len(story), step)
        diary.clear()
        step.does()
        if not settled(stage.box, worker_app):
            screen.stuck(list(diary))
            return False
        screen.outcome(step.at, list(diary))
        if screen.watched:
            time.sleep(PAUSE)
    return True


def settled(box: Sandbox, worker_app: WorkerApp) -> bool:
    """Wait until every webhook was delivered and every job done. Return False when that takes too long."""
    until = time.monotonic() + PATIENCE
    quiet = 0
    while quiet < 2:
        if time.monotonic() > until:
            return False
        sent = box.hooks.drain(timeout=PATIENCE)
        busy = {state for state in worker_app.queue.counts() if state != "parked"}
        quiet = quiet + 1 if sent and not busy else 0
        time.sleep(0.03)
    return True


def _for(box: Sandbox, settings: Settings, secret: str) -> Settings:
    """Return settings that connect to the sandbox, and enforce unless HANDSHAKE_MODE says otherwise."""
    DATABASE.parent.mkdir(exist_ok=True)
    return Settings(
        _env_file=None,
        HANDSHAKE_DATABASE_URL=f"sqlite:///{DATABASE}",
        HANDSHAKE_RULES=settings.rules,
        HANDSHAKE_MODE=settings.mode or Mode.ENFORCE,
        HANDSHAKE_HOST=settings.host,
        HANDSHAKE_PORT=settings.port,
        GITHUB_API_URL=box.github_url,
        GITHUB_TOKEN=BOT,
        GITHUB_APP_ID="",
        GITHUB_APP_PRIVATE_KEY="",
        GITHUB_APP_INSTALLATION_ID="",
        GITHUB_WEBHOOK_SECRET=secret,
        JIRA_URL=box.jira_url,
        JIRA_EMAIL=f"{BOT}@example.com",
        JIRA_API_TOKEN=BOT,
        JIRA_TOKEN="",
        JIRA_WEBHOOK_SECRET=secret,
    )


class _Keep:
    """Keeps log lines for the screen instead of printing them."""

    def __init__(self, diary: list[MutableMapping[str, Any]]) -> None:
        self._diary = diary

    def __call__(self, _logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        self._diary.append(line)
        raise structlog.DropEvent
