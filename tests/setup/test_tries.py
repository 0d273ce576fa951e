"""What the documentation tells people to type into a shell works."""

from __future__ import annotations

import re
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from automation.app.receiver_app import edge
from automation.app.settings import Settings
from automation.rulebook.live import LiveRules
from automation.store.counters import Counters
from automation.store.database import Database
from tests.factories import NOW
from tests.unit.setup.test_docs import ROOT, blocks
from webhooks.serve import Aside


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl")
def test_the_deliveries_to_try_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = ROOT / "docs" / "connecting.md"
    tries = [block for block in blocks(page, "sh") if "curl" in block]
    secret = "a secret for tests"
    settings = Settings(
        HANDSHAKE_DATABASE_URL=f"sqlite:///{tmp_path}/try.db",
        HANDSHAKE_RULES=ROOT / "rules",
        GITHUB_WEBHOOK_SECRET=secret,
        JIRA_WEBHOOK_SECRET=secret,
        _env_file=None,
    )
    answers = []
    with closing(Database(settings.database_url)) as database:
        rules = LiveRules(settings.rules, None, lambda _: None, lambda: NOW)
        receiver = Aside(edge(settings, database, Counters(database), rules), "127.0.0.1", 0)
        receiver.start()
        for block in tries:
            typed = re.sub(r"SECRET='[^']*'", f"SECRET='{secret}'", block)
            typed = typed.replace("127.0.0.1:8080", f"127.0.0.1:{receiver.port}")
            ended = subprocess.run(
                ["bash", "-c", typed], capture_output=True, text=True, timeout=30, check=True
            )
            answers.append(ended.stdout)
        receiver.close()

    assert len(answers) == 2
    assert all(" 202 " in answer for answer in answers)
    assert "The webhook works." in answers[0] and "The webhook works." in page.read_text()
