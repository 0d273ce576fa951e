"""Whatever people call themselves and their work: nothing of it does anything to a terminal."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from automation.model import (
    Answer,
    Decision,
    Delivery,
    Event,
    Outcome,
    Person,
    Plan,
    Reason,
    Subject,
    Trigger,
    Would,
)
from automation.store.database import Database
from automation.store.inbox import Inbox, put_reconciles
from automation.store.queue import Queue
from automation.store.state import States
from automation.text.inert import line, lines
from tests.factories import NOW, WINTER, effect, facts, issue, proposal, say, sighting, state

OBEYED = "\x1b[2J\x1b]0;pwned\x07\x9b31m\u202e\u2067\r\x08[red]"
NAME = f"Lee{OBEYED}"


@pytest.fixture
def url(here) -> str:
    """A database with such words wherever words can be."""
    url = f"sqlite:///{here}/handshake.db"
    database = Database(url)
    clock = NOW.timestamp
    Inbox(database).accept(
        Delivery("jira", "d1", "", json.dumps({"name": NAME}, ensure_ascii=False).encode(), NOW)
    )
    asked = proposal(asked_by=Person("github", "7", NAME), field=NAME)
    with database.write() as connection:
        subject = Subject("github", "issue", f"acme/shop#{NAME}")
        put_reconciles(connection, (Trigger(subject, "milestoned"),), cause="jira:d1")
    worker = Queue(database, clock)
    job = worker.claim(("reconcile",))
    assert job is not None
    known = replace(state(WINTER), version=0, subject=subject, proposals=(asked,))
    why = Reason(
        f"{NAME} may not", Answer.NO, (("text", NAME),), (Reason(NAME, Answer.FALSE, ((NAME, NAME),)),)
    )
    decided = Decision(NAME, "", Event("command.name", NOW), Outcome.REFUSED, (why,), ("k1",))
    write = effect(say(NAME), key="k1")
    States(database).commit(
        worker,
        job,
        replace(known, proposals=()),
        Plan(known, effects=(write,), decisions=(decided,)),
        "tell",
        "x",
        kept_back=(Would(write, NOW, NAME),),
        seen=sighting(known, replace(facts(), issue=replace(issue(), title=NAME))),
    )
    for _ in range(2):
        if job := worker.claim(("tell", "delivery"), "github"):
            with database.write() as connection:
                worker.park(connection, job, f"GitHub said {NAME}")
    if job := worker.claim(("delivery",)):
        with database.write() as connection:
            worker.park(connection, job, f"ValueError: {NAME}")
    database.close()
    return url


COMMANDS = [
    ("proposals",),
    ("proposals", "--json"),
    ("decisions",),
    ("decisions", "--json"),
    ("decisions", "--would"),
    ("decisions", "show", "1"),
    ("decisions", "show", "1", "--seen"),
    ("decisions", "show", "1", "--json"),
    ("deliveries", "list"),
    ("deliveries", "list", "--all"),
    ("deliveries", "list", "--json"),
    ("deliveries", "show", "d1"),
    ("deliveries", "show", "d1", "--body"),
    ("deliveries", "show", "d1", "--body", "--json"),
    ("deliveries", "show", NAME),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_what_a_terminal_would_obey(handshake, url, command) -> None:
    answer = handshake(*command, HANDSHAKE_DATABASE_URL=url)

    assert "Lee" in answer.output or "pwned" in answer.output, answer.output
    odd = [char for char in answer.output if not char.isprintable() and char != "\n"]
    assert odd == [], ascii(answer.output)
    if "--json" in command:
        assert NAME in json.dumps(json.loads(answer.stdout), ensure_ascii=False).replace(
            json.dumps(OBEYED, ensure_ascii=False)[1:-1], OBEYED
        )


def test_findings_about_hostile_rules_are_as_harmless(handshake, rules) -> None:
    (rules / "odd.yaml").write_text('rules: [{name: "\\u009b31m\\e[2J", when: "\\u202ex", then: []}]\n')

    answer = handshake("rules", "check")

    assert answer.exit_code == 1
    assert [char for char in answer.output if not char.isprintable() and char != "\n"] == []


def test_text_of_people_stays_readable() -> None:
    assert line("Zoë 山田 👩\u200d💻\xa0x") == "Zoë 山田 👩\u200d💻\xa0x"
    assert line("a\nb") == "a\\nb"
    assert lines("a\nb\x1b") == "a\nb\\u001b"
