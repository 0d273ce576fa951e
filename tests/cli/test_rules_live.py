"""``handshake rules check --live``: whether the names in the rules are still whose they were."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from automation.sandbox import Sandbox, sandbox

LIVE = ("rules", "check", "--live")
RULES = """\
mode: observe
trackers:
  github: {repositories: [acme/shop]}
  jira: {projects: [PROD]}
deals: {system: jira, project: SALES}
may_link: {github: triage, jira_groups: [staff], jira_roles: [Developers]}
sign_off:
  product:
    github_teams: [acme/product]
    jira_groups:
      - product-managers
    users: {github: [mona], jira: [ACCOUNT]}
"""


@pytest.fixture
def box() -> Iterator[Sandbox]:
    with sandbox() as box:
        for login in ("mona", "lee", "bot"):
            box.github.add_user(login)
        box.github.add_team("acme", "product", members=("mona",))
        for name in ("mona", "lee", "bot"):
            box.jira.add_user(name)
        box.jira.add_group("staff", ("lee",))
        box.jira.add_group("product-managers", ("mona",))
        box.jira.add_project("PROD", roles={"Developers": ["lee"]})
        box.jira.add_project("SALES")
        yield box


@pytest.fixture
def names(here: Path, box: Sandbox) -> Path:
    """A rules folder of names only."""
    path = here / "rules" / "names.yaml"
    path.parent.mkdir()
    path.write_text(RULES.replace("ACCOUNT", box.jira.user("mona").account_id), "utf-8")
    return path


@pytest.fixture
def live(handshake: Callable[..., Result], served: None, names: Path, box: Sandbox) -> Callable[..., Result]:
    def call(*more: str, **settings: str) -> Result:
        connected = {
            "GITHUB_API_URL": box.github_url,
            "GITHUB_TOKEN": "bot",
            "JIRA_URL": box.jira_url,
            "JIRA_EMAIL": "bot@acme.example",
            "JIRA_API_TOKEN": "bot",
        }
        return handshake(*LIVE, *more, **{**connected, **settings})

    return call


def found(result: Result) -> list[tuple[str, int, int, str]]:
    assert result.exit_code == 1, result.output
    return [(one["file"], one["line"], one["column"], one["message"]) for one in json.loads(result.stdout)]


def test_names_that_are_whose_they_were_are_called_so_and_no_secret_of_a_webhook_is_needed(live) -> None:
    for _ in range(2):
        result = live()
        assert result.exit_code == 0, result.output
        assert result.stdout == "rules: all is well. 0 rules, mode observe.\n"
    assert found_nothing(live("--json"))


def found_nothing(result: Result) -> bool:
    return result.exit_code == 0 and json.loads(result.stdout) == []


def test_names_that_nobody_has_are_found_where_they_stand(live, names) -> None:
    text = names.read_text("utf-8")
    for known, unknown in (
        ("acme/product", "acme/produkt"),
        ("- product-managers", "- producers"),
        ("[mona]", "[mona, monna]"),
        ("Developers", "Coders"),
    ):
        text = text.replace(known, unknown)
    names.write_text(text, "utf-8")

    result = live("--json")

    hint = ", or Handshake's account may not see it"
    assert found(result) == [
        ("rules/names.yaml", 6, 63, f"there is no Jira role 'Coders'{hint}"),
        ("rules/names.yaml", 9, 20, f"there is no GitHub team 'acme/produkt'{hint}"),
        ("rules/names.yaml", 11, 9, f"there is no Jira group 'producers'{hint}"),
        ("rules/names.yaml", 12, 28, f"there is no GitHub account 'monna'{hint}"),
    ]


def test_fields_that_are_not_there_several_or_no_dates_are_found_where_they_stand(live, names, box) -> None:
    box.jira.add_field("Go-live date", id="customfield_10077")
    box.jira.add_field("Rollout", "datetime", id="customfield_10078")
    for number in (1, 2):
        box.jira.add_field("Twin", id=f"customfield_1008{number}")
    dates = names.parent / "dates.yaml"
    dates.write_text(
        "deadline_fields: {jira: [duedate, go-live date, customfield_10081, Rollout]}\n", "utf-8"
    )
    assert found_nothing(live("--json"))

    dates.write_text("deadline_fields:\n  jira:\n  - duedate\n  - Lunch\n  - Twin\n  - Summary\n", "utf-8")

    there = "Due date (duedate), Go-live date (customfield_10077), Rollout (customfield_10078), Twin ("
    results = found(live("--json"))
    assert [where[:3] for where in results] == [("rules/dates.yaml", line, 5) for line in (4, 5, 6)]
    lunch, twin, summary = (message for *_, message in results)
    assert "“Lunch” under deadline_fields in the rules is no field of Jira's" in lunch and there in lunch
    assert "2 date fields called “Twin”: customfield_10081, customfield_10082. Write the id" in twin
    assert "it holds a string" in summary

    everything = live("--json", JIRA_API_TOKEN="nobody")
    assert ("rules/dates.yaml", 3, 5) in [where[:3] for where in found(everything)]
    assert sum("the fields could not be asked for" in one[3] for one in found(everything)) == 1


def test_fields_for_what_users_said_are_found_where_they_stand(live, names, box) -> None:
    box.jira.add_field("What hurts", "textarea", id="customfield_10091")
    box.jira.add_field("Asked", "string", id="customfield_10092")
    box.jira.add_field("Rollout", "datetime", id="customfield_10093")
    discovery = names.parent / "discovery.yaml"
    discovery.write_text("discovery: {jira: {problem: what hurts, user: customfield_10092}}\n", "utf-8")
    assert found_nothing(live("--json"))

    discovery.write_text("discovery:\n  jira:\n    problem: What hurst\n    user: Rollout\n", "utf-8")
    [hurst, rollout] = found(live("--json"))
    assert (hurst[:3], rollout[:3]) == (("rules/discovery.yaml", 3, 14), ("rules/discovery.yaml", 4, 11))
    assert "Text fields there are: What hurts (customfield_10091), Asked (customfield_10092)." in hurst[3]
    assert rollout[3].endswith("is no text field that people made in Jira: it is a datetime.")

    box.jira.add_field("Asked", "string", id="customfield_10094")
    discovery.write_text("discovery: {jira: {problem: Summary, user: Asked}}\n", "utf-8")
    [summary, asked] = found(live("--json"))
    assert "Jira has it by itself" in summary[3]
    assert "2 text fields called “Asked”: customfield_10092, customfield_10094. Write the id" in asked[3]


def test_statuses_that_are_not_there_are_found_where_they_stand(live, names, box) -> None:
    policy = names.parent / "signs.yaml"
    mona = box.jira.user("mona").account_id
    begin = f"sign_off:\n  late:\n    users: {{jira: [{mona}]}}\n    answers:\n"
    policy.write_text(f"{begin}      yes: {{jira_status: date Agreed}}\n", "utf-8")
    assert found_nothing(live("--json"))

    policy.write_text(f"{begin}      no: {{jira_status: Refused}}\n", "utf-8")
    [refused] = found(live("--json"))
    assert refused[:3] == ("rules/signs.yaml", 5, 25)
    assert "“Refused” is no status in Jira" in refused[3] and "Date declined" in refused[3]


def test_fields_by_which_nobody_can_answer_are_found_where_they_stand(live, names, box) -> None:
    box.jira.add_field("Word", "option", ["PROD"], id="customfield_10042", options=("Yes", "No"))
    policy = names.parent / "signs.yaml"
    mona = box.jira.user("mona").account_id
    begin = f"sign_off:\n  late:\n    users: {{jira: [{mona}]}}\n    answers:\n"
    policy.write_text(f"{begin}      yes: {{jira_field: {{field: word, value: YES}}}}\n", "utf-8")
    assert found_nothing(live("--json"))

    no = "      no: {jira_field: {field: Word, value: Never}}\n"
    policy.write_text(f"{begin}      yes: {{jira_field: {{field: Wort, value: Yes}}}}\n{no}", "utf-8")
    [wort, never] = found(live("--json"))
    assert (wort[:3], never[:3]) == (("rules/signs.yaml", 5, 25), ("rules/signs.yaml", 6, 24))
    assert "“Wort” under answers in the rules is no field of Jira's" in wort[3]
    assert never[3] == "“Never” is nothing that “Word” can be. There are: Yes, No."


def test_statuses_that_no_project_has_are_found_where_they_stand(live, names, box) -> None:
    board = box.github.add_project("acme", "Roadmap")
    box.github.add_project_field("acme", board, "Ship date")
    policy = names.parent / "signs.yaml"
    begin = "sign_off:\n  late:\n    users: {github: [mona]}\n    answers:\n"
    yes = "      yes: {github_project: {project: 1, status: agreed}}\n"
    policy.write_text(f"{begin}{yes}", "utf-8")
    [bare] = found(live("--json"))
    assert bare[:3] == ("rules/signs.yaml", 5, 29) and bare[3].endswith("It has no field “Status”.")

    box.github.add_project_field("acme", board, "Status", "single_select", options=("Todo", "Agreed"))
    assert found_nothing(live("--json"))

    no = "      no: {github_project: {project: 9, status: No}}\n"
    policy.write_text(f"{begin}{yes.replace('agreed', 'Ready')}{no}", "utf-8")
    [ready, nine] = found(live("--json"))
    assert ready[3] == "“Ready” is no status of project 1. There are: Todo, Agreed."
    assert nine[3] == "There is no project 9 of acme that Handshake's account can see."

    box.github.knows_statuses = False
    assert all("does not tell who moved" in one[3] for one in found(live("--json")))


def test_fields_that_no_organisation_on_github_has_are_found_where_they_stand(live, names, box) -> None:
    box.github.add_issue_field("acme", "Target date", "date", 990_042)
    box.github.add_issue_field("acme", "Effort", "number")
    dates = names.parent / "dates.yaml"
    dates.write_text("deadline_fields: {github: [milestone, target date]}\n", "utf-8")
    assert found_nothing(live("--json"))

    dates.write_text("deadline_fields:\n  github:\n  - milestone\n  - Targt date\n  - Effort\n", "utf-8")

    results = found(live("--json"))
    assert [where[:3] for where in results] == [("rules/dates.yaml", line, 5) for line in (4, 5)]
    assert "“Targt date” under deadline_fields in the rules is no issue field" in results[0][3]
    assert "Date fields there are: Target date (issue_field_990042)." in results[0][3]
    assert "it holds a number" in results[1][3]

    dates.write_text("deadline_fields: {github: [Target date, issue_field_990042]}\n", "utf-8")
    assert found_nothing(live("--json"))  # twice is once

    board = box.github.add_project("acme", "Launch")
    box.github.add_project_field("acme", board, "Ship date")
    dates.write_text("deadline_fields:\n  github:\n  - {project: 1, field: Ship date}\n", "utf-8")
    assert found_nothing(live("--json"))
    dates.write_text(
        "deadline_fields:\n  github:\n  - {project: 1, field: Shipped}\n  - {project: 9, field: Ship date}\n",
        "utf-8",
    )
    lines = found(live("--json"))
    assert [where[:3] for where in lines] == [("rules/dates.yaml", line, 5) for line in (3, 4)]
    assert "no field of project 1 of GitHub's organisation acme" in lines[0][3]
    assert "There is no project 9" in lines[1][3]

    box.github.add_project_field("acme", board, "Sprint", "iteration")
    dates.write_text("deadline_fields: {github: [{project: 1, iteration: Sprint}]}\n", "utf-8")
    assert found_nothing(live("--json"))
    dates.write_text("deadline_fields:\n  github:\n  - {project: 1, iteration: Ship date}\n", "utf-8")
    [(file, line, column, message)] = found(live("--json"))
    assert (file, line, column) == ("rules/dates.yaml", 3, 5)
    assert "no iteration field of project 1" in message and "it holds a date" in message


def test_names_that_are_somebody_elses_are_found_and_how_to_accept_them(live, box) -> None:
    live()
    box.github.rename_user("mona", "mona-2")
    box.github.add_user("mona")
    box.github.delete_team("acme", "product")
    box.github.add_team("acme", "product", members=("lee",))
    box.jira.rename_group("product-managers", "owners")
    box.jira.delete_group("staff")
    box.jira.add_group("staff", ("lee",))

    result = live("--json")

    others = "is somebody else's now, who gets no rights by it."
    accept = "If you mean who has it now: handshake rules check --live --accept"
    assert [(line, message) for _, line, _, message in found(result)] == [
        (6, f"Jira group 'staff' {others} Whom it meant is gone. {accept} 'jira:staff'"),
        (9, f"GitHub team 'acme/product' {others} Whom it meant is gone. {accept} 'github:acme/product'"),
        (
            11,
            "Jira group 'product-managers' is nobody's now. "
            "Whom it meant still counts, and is called 'owners' now: write that.",
        ),
        (
            12,
            f"GitHub account 'mona' {others} "
            f"Whom it meant still counts, and is called 'mona-2' now: write that. {accept} 'github:mona'",
        ),
    ]
    assert found(live("--json")) == found(result), "looking changes nothing"


def test_what_is_accepted_is_no_finding_any_more(live, box) -> None:
    live()
    box.github.rename_user("mona", "mona-2")
    box.github.add_user("mona")
    box.jira.delete_group("staff")
    box.jira.add_group("staff", ("lee",))

    result = live("--accept", "github:Mona", "--accept", "jira:staff")

    assert result.exit_code == 0, result.output
    assert "github:Mona means whoever has it now.\n" in result.stderr
    assert found_nothing(live("--json"))


@pytest.mark.parametrize("name", ["mona", "github:mona", "github:nobody", "jira:mona", ""])
def test_nothing_is_accepted_that_is_not_somebody_elses(live, name) -> None:
    live()
    result = live("--accept", name)

    assert result.exit_code == 2
    assert result.stderr.endswith(
        f"'{name}' is no name in the rules that is somebody else's now. Nothing was accepted.\n"
    )


def test_what_cannot_be_asked_for_is_said_and_is_no_pass(live, box) -> None:
    box.fail_next("GET", "/users/mona", "502 before")
    ((_, line, _, message),) = found(live("--json"))

    assert line == 12
    assert message.startswith("GitHub account 'mona' could not be asked for: GitHub: GET /users/mona")


def test_without_credentials_it_says_which_setting_is_missing(live) -> None:
    result = live(GITHUB_TOKEN="", JIRA_URL="")

    assert result.exit_code == 2
    assert result.stderr.splitlines()[-3:] == [
        "Names can be asked for once Handshake is connected.",
        "Set JIRA_URL (the site that holds the deals).",
        "Set GITHUB_TOKEN, or GITHUB_APP_ID with its private key and installation id.",
    ]
    assert "Traceback" not in result.output


def test_a_mistake_in_the_rules_comes_before_any_question(live, names, box) -> None:
    names.write_text("rules: [", "utf-8")

    assert live().exit_code == 1
    assert box.requests == []


def test_to_accept_goes_with_live(handshake, names) -> None:
    result = handshake("rules", "check", "--accept", "github:mona")

    assert result.exit_code == 2
    assert "--accept goes with --live." in result.stderr
