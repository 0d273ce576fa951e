"""The command line: what people read there, and how it ends."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import Result

from automation.model import Plan, ProposalState, Words, Yes
from automation.store import queue
from automation.store.queue import Queue
from automation.store.state import States
from tests import databases
from tests.factories import ISSUE, LEE, MONA, NOW, SPRING, SUMMER, WINTER, proposal, state

CONNECTED = {
    "GITHUB_TOKEN": "ghp_0123456789",
    "GITHUB_WEBHOOK_SECRET": "a long random text",
    "GITHUB_API_URL": "http://127.0.0.1:9",
    "JIRA_URL": "http://127.0.0.1:9",
    "JIRA_EMAIL": "handshake@example.com",
    "JIRA_API_TOKEN": "a jira token",
    "JIRA_WEBHOOK_SECRET": "another long random text",
}


def stopped_plainly(result: Result, code: int = 2) -> str:
    """Return what a person read, after a stop without a traceback."""
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.stderr


# ---------------------------------------------------------------- rules check


@pytest.mark.usefixtures("rules")
def test_sound_rules_are_called_so(handshake) -> None:
    result = handshake("rules", "check")

    assert result.exit_code == 0
    assert result.output.startswith("rules: all is well. ")
    assert result.output.endswith(" rules, mode observe.\n")


def test_the_folder_can_be_named_in_the_call_or_in_the_settings(handshake, rules) -> None:
    policy = rules.rename(rules.with_name("policy"))

    assert handshake("rules", "check", str(policy)).exit_code == 0
    assert handshake("rules", "check", HANDSHAKE_RULES="policy").output.startswith("policy: all is well.")


def test_a_mistake_is_said_with_file_line_and_column(handshake, rules) -> None:
    place = spoil(rules)

    result = handshake("rules", "check")

    assert result.exit_code == 1
    assert result.stdout.startswith(f"{place}: unknown event 'deal.linkt'")
    assert result.stderr == "1 to mend.\n"


def spoil(rules: Path) -> str:
    """Make a mistake in a rule, and return where."""
    (rules / "own.yaml").write_text(
        "rules:\n  - name: own\n    when: deal.linkt\n    then:\n      - label: {add: x}\n"
    )
    return "rules/own.yaml:3:11"


def test_every_mistake_is_said_at_once(handshake, rules) -> None:
    spoil(rules)
    (rules / "messages/oops.issue.liquid").write_text("{{ nobody }}\n")

    result = handshake("rules", "check")

    assert result.stderr == "2 to mend.\n"
    assert [line.partition(":")[0] for line in result.stdout.splitlines()] == [
        "rules/messages/oops.issue.liquid",
        "rules/own.yaml",
    ]


def test_a_folder_that_is_not_there_is_a_finding_too(handshake) -> None:
    result = handshake("rules", "check", "nowhere")

    assert result.exit_code == 1
    assert result.stdout.startswith("nowhere:1:1: there is no such folder; ")


def test_findings_can_be_had_as_json(handshake, rules) -> None:
    spoil(rules)

    result = handshake("rules", "check", "--json")

    assert result.exit_code == 1
    [diagnostic] = json.loads(result.stdout)
    assert (diagnostic["file"], diagnostic["line"], diagnostic["column"]) == ("rules/own.yaml", 3, 11)
    assert diagnostic["message"].startswith("unknown event")


@pytest.mark.usefixtures("rules")
def test_no_findings_are_an_empty_list(handshake) -> None:
    result = handshake("rules", "check", "--json")

    assert (result.exit_code, json.loads(result.stdout)) == (0, [])


def test_what_the_service_would_read_otherwise_is_said_beside(handshake, rules) -> None:
    result = handshake("rules", "check", "rules", HANDSHAKE_RULES="live", HANDSHAKE_MODE="enforce")

    assert (result.exit_code, result.stdout) == (0, "rules: all is well. 19 rules, mode observe.\n")
    assert result.stderr.splitlines() == [
        "Careful: `handshake serve` reads live/ (HANDSHAKE_RULES), not rules/.",
        "Careful: HANDSHAKE_MODE=enforce is set, and overrides the mode of the rules.",
    ]
    assert handshake("rules", "check", "rules", HANDSHAKE_RULES="./rules/").stderr == ""


def test_a_file_in_the_place_of_a_folder_is_compared_with_none(handshake, rules) -> None:
    result = handshake("rules", "check", "rules/deadlines.yaml")

    assert (result.exit_code, result.stderr) == (1, "1 to mend.\n")
    assert "rules are a folder" in result.stdout


def test_checking_needs_no_usable_settings_when_the_folder_is_named(handshake, rules) -> None:
    assert handshake("rules", "check", "rules", HANDSHAKE_PORT="abc").exit_code == 0


# ---------------------------------------------------------------- no database


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize(
    "command",
    [
        "proposals",
        "proposals --json",
        "decisions",
        "deliveries list",
        "deliveries show d1",
        "deliveries retry --parked",
        "deliveries drop --parked",
        "backup copy.db",
        "rules check --live",
    ],
)
@pytest.mark.parametrize("begun", [False, True], ids=["none", "empty file"])
def test_a_database_that_nobody_made_is_no_empty_one(handshake, here, command, begun) -> None:
    connected = {**CONNECTED, "GITHUB_API_URL": "http://127.0.0.1:9"}
    file = here / "typo.db"
    if begun and command != "backup copy.db":
        file.touch()

    result = handshake(*command.split(), **connected, HANDSHAKE_DATABASE_URL="sqlite:///typo.db")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "There is no database at sqlite:///typo.db yet. `handshake serve` makes it; "
        "or set HANDSHAKE_DATABASE_URL to the one it uses.\n"
    )
    assert file.exists() is (begun and command != "backup copy.db"), "none was made"


# ---------------------------------------------------------------- proposals


def words(line: str) -> str:
    return " ".join(line.split())


@pytest.fixture
def waiting(here, monkeypatch):
    """Keep proposals in the default database, as looks at issues would."""

    monkeypatch.setattr(sys.modules["automation.cli.proposals"], "_today", lambda: NOW.date())

    def waiting(*proposals) -> None:
        database = databases.default()
        with database.write() as connection:
            queue.put(connection, queue.new("reconcile", {}))
        jobs, states = Queue(database, lambda: 0.0), States(database)
        before, _ = states.load(ISSUE)
        plan = Plan(replace(state(proposals=proposals), words=Words("Single sign-on", "")))
        states.commit(jobs, jobs.claim(("reconcile",)), before, plan, "enforce", "digest")
        database.close()

    return waiting


@pytest.fixture
def wide(monkeypatch) -> None:
    """A terminal on which no line is folded."""
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.usefixtures("served")
def test_where_nothing_waits_that_is_said(handshake) -> None:
    result = handshake("proposals")

    assert (result.exit_code, result.output) == (0, "Nothing waits for product.\n")


@pytest.mark.usefixtures("served")
def test_where_nothing_waits_the_json_is_an_empty_list(handshake) -> None:
    assert json.loads(handshake("proposals", "--json").stdout) == []


@pytest.mark.usefixtures("wide")
def test_what_waits_is_listed_with_the_line_to_paste(handshake, waiting) -> None:
    waiting(proposal(SPRING, old=WINTER, because="the pilot begins then"))

    heading, first, second = handshake("proposals").output.splitlines()

    assert words(heading) == "Issue Deals Asked for Asked by Answer by Product can paste"
    assert words(first) == "acme/shop#12 SALES-7 1 March lee, today 14 January /signoff 2027-03-01"
    assert words(second) == "Single sign-on not 31 January because the pilot begins then product"


@pytest.mark.usefixtures("served")
def test_on_a_hundred_columns_the_line_to_paste_stays_whole(handshake, waiting, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    waiting(proposal(SPRING, old=WINTER, because="the pilot of their largest plant begins then " * 3))

    said = handshake("proposals").output

    assert "/signoff 2027-03-01" in said
    assert max(map(len, said.splitlines())) <= 100


def test_an_answer_that_is_late_is_said_to_be_late(handshake, waiting) -> None:
    waiting(proposal(SPRING, answer_by=date(2027, 1, 8), asked_at=NOW - timedelta(days=5)))

    said = words(handshake("proposals", COLUMNS="200").output)

    assert "3 days late" in said
    assert "lee, 5 days ago" in said


@pytest.mark.usefixtures("wide")
def test_a_date_that_is_to_be_dropped_and_a_person_nobody_knows_are_said_in_words(handshake, waiting) -> None:
    waiting(proposal(replace(SPRING, ref="", day=None), old=WINTER, asked_by=None))

    line = handshake("proposals").output.splitlines()[1]

    assert "no date" in line
    assert "unknown" in line
    assert words(line).endswith("/signoff none")


@pytest.mark.usefixtures("wide")
def test_a_day_that_has_passed_is_not_offered(handshake, waiting) -> None:
    waiting(proposal(replace(SPRING, day=date(2026, 3, 1))))

    assert "(that day has passed)" in handshake("proposals").output
    assert json.loads(handshake("proposals", "--json").stdout)[0]["command"] == ""


@pytest.mark.usefixtures("wide")
def test_names_that_look_like_markup_are_printed_as_they_are(handshake, waiting) -> None:
    waiting(proposal(asked_by=replace(LEE, name="[red]lee[/red]")))

    assert "[red]lee[/red]" in handshake("proposals").output


def test_the_json_has_all_that_is_known(handshake, waiting) -> None:
    waiting(proposal(SPRING, old=WINTER, because="a pilot"), proposal(SPRING, id="p2", asked_by=None))

    first, second = json.loads(handshake("proposals", "--json").stdout)

    assert first == {
        "id": "p1",
        "issue": "github:issue:acme/shop#12",
        "key": "acme/shop#12",
        "out_of_reach": False,
        "title": "Single sign-on",
        "deals": ["SALES-7"],
        "field": "milestone",
        "label": "Milestone",
        "asked": "2027-03-01",
        "standing": "2027-01-31",
        "asked_by": "lee",
        "asked_at": "2027-01-11T07:00:00+00:00",
        "because": "a pilot",
        "again": False,
        "answer_by": "2027-01-14",
        "policy": "product",
        "reminded_at": None,
        "overridden_by": None,
        "agreed": [],
        "yeses_missing": 1,
        "paused": False,
        "turn": [],
        "age_days": 0,
        "command": "/signoff 2027-03-01",
    }
    assert (second["asked_by"], second["standing"]) == (None, None)


POLICIES = """
trackers: {github: {repositories: [acme/shop]}, jira: {projects: [PROD]}}
deals: {system: jira, project: SALES}
sign_off:
  product:
    github_teams: [acme/product]
    users: {github: [lee, mona]}
    people_needed: 2
    askers_may_sign: false
  legal: {jira_groups: [lawyers]}
"""


@pytest.fixture
def policies(here) -> None:
    (here / "rules").mkdir()
    (here / "rules" / "policies.yaml").write_text(POLICIES)


@pytest.mark.usefixtures("wide", "policies")
def test_whose_turn_it_is_is_said_and_an_asker_s_own_edit_is_no_yes(handshake, waiting) -> None:
    """Lee asked, and gave the field that value; Mona said yes."""
    edit, yes = Yes(LEE, SPRING, NOW, edited=True), Yes(MONA, SUMMER, NOW)
    waiting(proposal(SPRING, old=WINTER, yeses=(edit,)), proposal(SUMMER, id="p2", yeses=(yes,)))

    _, first, second = handshake("proposals").output.split("acme/shop#12")
    both = json.loads(handshake("proposals", "--json").stdout)

    assert "said yes" not in first and "product: 2 of mona, acme/product" in words(first)
    assert "1 said yes" in second and "product: acme/product" in words(second)
    assert [(one["agreed"], one["yeses_missing"], one["turn"]) for one in both] == [
        ([], 2, ["github:mona", "github:acme/product"]),
        (["mona"], 1, ["github:acme/product"]),
    ]


@pytest.mark.usefixtures("policies")
@pytest.mark.parametrize(
    ("who", "listed"),
    [
        ("github:mona", ["p1"]),
        ("GitHub:Acme/product", ["p1", "p2"]),
        ("github:lee", []),
        ("jira:lawyers", []),
    ],
)
def test_mine_is_what_somebody_can_still_answer(handshake, waiting, who: str, listed: list[str]) -> None:
    waiting(proposal(SPRING, old=WINTER), proposal(SUMMER, id="p2", yeses=(Yes(MONA, SUMMER, NOW),)))

    by_option = handshake("proposals", "--mine", "--as", who, "--json").stdout
    by_setting = handshake("proposals", "--mine", "--json", HANDSHAKE_ME=who).stdout

    assert [one["id"] for one in json.loads(by_option)] == listed
    assert by_setting == by_option
    if not listed:
        assert handshake("proposals", "--mine", "--as", who).output == f"Nothing waits for {who}.\n"


@pytest.mark.usefixtures("policies")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "Say who you are"), (("--as", "github:stranger"), "No sign-off policy names github:stranger")],
)
def test_who_is_asking_has_to_be_somebody_whom_the_rules_name(handshake, waiting, arguments, said) -> None:
    waiting(proposal(SPRING))

    result = handshake("proposals", "--mine", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert "github:lee, github:mona, github:acme/product, jira:lawyers" in result.stderr


def test_what_was_answered_is_not_listed(handshake, waiting) -> None:
    waiting(proposal(state=ProposalState.SIGNED))

    assert handshake("proposals").output == "Nothing waits for product.\n"


# ---------------------------------------------------------------- serve, and what keeps it from it


@pytest.mark.usefixtures("rules")
def test_without_settings_all_that_is_missing_is_listed(handshake) -> None:
    said = stopped_plainly(handshake("serve"))

    assert said.startswith("Handshake is not connected yet.\n")
    for name in ("GITHUB_TOKEN", "GITHUB_WEBHOOK_SECRET", "JIRA_URL", "JIRA_API_TOKEN"):
        assert name in said


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_WEBHOOK_SECRET", "JIRA_URL", "JIRA_API_TOKEN"])
def test_one_setting_that_is_missing_is_named_alone(handshake, name) -> None:
    said = stopped_plainly(handshake("serve", **{**CONNECTED, name: ""}))

    [_, missing] = said.splitlines()
    assert name in missing


@pytest.mark.usefixtures("rules")
@pytest.mark.parametrize("command", ["serve", "proposals"])
@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("HANDSHAKE_PORT", "abc", "HANDSHAKE_PORT: this is not the number of a port"),
        ("HANDSHAKE_PORT", "70000", "HANDSHAKE_PORT: this is not the number of a port"),
        (
            "HANDSHAKE_MODE",
            "enforced",
            "HANDSHAKE_MODE: this is none of the modes. Write observe",
        ),
        ("HANDSHAKE_DATABASE_URL", "handshake.db", "HANDSHAKE_DATABASE_URL is not a database address"),
        ("HANDSHAKE_DATABASE_URL", "mysql://db/x", "names mysql; SQLite and PostgreSQL are served"),
        ("HANDSHAKE_DATABASE_URL", "sqlite:////dev/null/x.db", ("cannot be opened", "There is no database")),
    ],
)
def test_a_setting_that_cannot_be_used_gets_a_plain_message(handshake, command, name, value, says) -> None:
    said = stopped_plainly(handshake(command, **{**CONNECTED, name: value}))
    assert any(one in said for one in ((says,) if isinstance(says, str) else says))


@pytest.mark.usefixtures("rules")
def test_a_private_key_that_is_none_keeps_it_from_serving(handshake) -> None:
    app = {"GITHUB_APP_ID": "1", "GITHUB_APP_INSTALLATION_ID": "2", "GITHUB_APP_PRIVATE_KEY": "hunter2"}

    said = stopped_plainly(handshake("serve", **{**CONNECTED, "GITHUB_TOKEN": "", **app}))

    assert "GITHUB_APP_PRIVATE_KEY is not a private key" in said
    assert "hunter2" not in said


@pytest.mark.usefixtures("rules")
def test_all_settings_that_cannot_be_used_are_named_at_once(handshake) -> None:
    said = stopped_plainly(handshake("serve", HANDSHAKE_PORT="abc", HANDSHAKE_MODE="enforced"))

    assert len(said.splitlines()) == 2


def test_broken_rules_keep_it_from_serving(handshake, rules) -> None:
    place = spoil(rules)

    said = stopped_plainly(handshake("serve", **CONNECTED))

    assert said.startswith(f"{place}: unknown event")


def test_a_folder_without_rules_keeps_it_from_serving(handshake) -> None:
    said = stopped_plainly(handshake("serve", **CONNECTED))

    assert said.startswith("rules:1:1: there is no such folder; ")


@pytest.mark.usefixtures("rules")
def test_an_app_needs_its_installation_too(handshake) -> None:
    app = {"GITHUB_TOKEN": "", "GITHUB_APP_ID": "12", "GITHUB_APP_PRIVATE_KEY": "a key"}

    assert "installation" in stopped_plainly(handshake("serve", **{**CONNECTED, **app}))


# ---------------------------------------------------------------- help


def test_help_says_what_there_is(handshake) -> None:
    said = handshake("--help").output

    for command in ("serve", "demo", "rules", "proposals", "deliveries", "backup"):
        assert f"\n  {command}" in said


def test_the_version_is_said(handshake) -> None:
    assert handshake("--version").output.startswith("handshake, version ")
