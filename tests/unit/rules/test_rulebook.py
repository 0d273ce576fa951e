from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from automation.domain.scope_items import SHIPPED as SHIPPED_WORDS
from automation.model import Mode, Policy
from automation.rulebook.actions.comment import Comment
from automation.rulebook.actions.hold import Hold
from automation.rulebook.conditions.expressions import bind
from automation.rulebook.diagnostics import RulesError
from automation.rulebook.events import EVENTS
from automation.rulebook.folder import fingerprint
from automation.rulebook.rulebook import Rulebook, load
from automation.rulebook.schema import DeadlineFields
from automation.rulebook.variables import ChangeVars, Conditions, DealVars, IssueVars

SETTINGS = """\
trackers:
  github: {repositories: [acme/shop]}
deals: {system: jira, project: SALES}
sign_off:
  product: {github_teams: [acme/product]}
"""

RULE = """\
rules:
  - name: dates
    when: deadline.changed
    then:
      - hold: {until: product}
"""

Check = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder named as people name it: relative to where they are."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules" / "messages").mkdir(parents=True)
    return Path("rules")


def write(folder: Path, **files: str) -> None:
    """Write ``name="text"`` as ``name.yaml``."""
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")


def message(folder: Path, name: str, text: str = "Hello.\n") -> None:
    (folder / "messages" / f"{name}.liquid").write_text(text, encoding="utf-8")


@pytest.fixture
def diagnostics(folder: Path) -> Check:
    def check(**files: str) -> list[str]:
        write(folder, **files)
        with pytest.raises(RulesError) as caught:
            load(folder)
        return [str(diagnostic) for diagnostic in caught.value.diagnostics]

    return check


@pytest.fixture
def book(folder: Path) -> Callable[..., Rulebook]:
    def read(**files: str) -> Rulebook:
        write(folder, **files)
        return load(folder)

    return read


# ---------------------------------------------------------------- a sound folder

PRODUCT_EXAMPLE = """\
mode: observe
trackers:
  github: {repositories: [acme/shop]}
  jira: {projects: [PROD]}
deals: {system: jira, project: SALES}

sign_off:
  product:
    github_teams: [acme/product]
    jira_groups: [product-managers]
    users: {github: [octocat], jira: ["5b10a2844c20165700ede21g"]}
    people_needed: 1
    answer_within: 2 working days

rules:
  - name: dates on customer requests wait for product
    when: deadline.changed
    if: size(issue.deals) > 0
    then:
      - hold: {until: product}
      - comment: {to: issue, message: date-held}
      - comment: {to: deals, message: date-asked}

  - name: tell both sides when a committed date moves
    when: deadline.committed
    if: change.kind != "set"
    then:
      - comment: {to: [issue, deals], message: date-moved}
"""


@pytest.fixture
def example(folder: Path, book: Callable[..., Rulebook]) -> Rulebook:
    for name in ("date-held.issue", "date-asked.deals", "date-moved.issue", "date-moved.deals"):
        message(folder, name)
    return book(dates=PRODUCT_EXAMPLE)


def test_the_example_of_the_product_description_loads(example: Rulebook) -> None:
    assert example.mode is Mode.OBSERVE
    assert example.config.trackers.github.repositories == ("acme/shop",)
    assert example.config.trackers.jira.projects == ("PROD",)
    assert (example.config.deals.system, example.config.deals.project) == ("jira", "SALES")
    assert example.config.may_link.github == "triage"
    assert example.config.sign_off["product"].users.jira == ("5b10a2844c20165700ede21g",)
    assert example.policies == {"product": Policy("product", people_needed=1, working_days=2)}
    assert ("date-held", "issue") in example.messages.names


def test_rules_know_where_they_stand_and_what_they_do(example: Rulebook) -> None:
    held, moved = example.rules
    assert held.where == "rules/dates.yaml:16"
    assert held.actions == (
        Hold(until="product"),
        Comment(to="issue", message="date-held"),
        Comment(to="deals", message="date-asked"),
    )
    assert moved.where == "rules/dates.yaml:24"
    assert held.condition is not None
    assert held.condition.evaluate(bind(Conditions(issue=IssueVars(deals=(DealVars(),)))))
    assert not held.condition.evaluate(bind(Conditions()))
    assert moved.condition is not None
    assert moved.condition.evaluate(bind(Conditions(change=ChangeVars(kind="later"))))


def test_an_event_finds_its_rules(example: Rulebook) -> None:
    assert [rule.name for rule in example.for_event("deadline.committed")] == [example.rules[1].name]
    assert example.for_event("deal.linked") == ()


def test_files_merge_in_the_order_of_their_names(book: Callable[..., Rulebook]) -> None:
    merged = book(
        b=RULE.replace("dates", "later dates"),
        a=SETTINGS + RULE,
        c="mode: tell\ntrackers: {jira: {projects: [PROD]}}\n"
        "may_link: {github: write, jira_groups: [sales]}\n"
        "sign_off: {legal: {users: {github: [ada]}, people_needed: 2, answer_within: 1 working day}}\n",
    )
    assert [rule.where for rule in merged.rules] == ["rules/a.yaml:7", "rules/b.yaml:2"]
    assert merged.mode is Mode.TELL
    assert merged.config.trackers.github.repositories == ("acme/shop",)
    assert merged.config.trackers.jira.projects == ("PROD",)
    assert merged.config.may_link.github == "write"
    assert merged.policies["legal"] == Policy("legal", people_needed=2, working_days=1)
    assert set(merged.policies) == {"legal", "product"}


def test_deliveries_are_kept_for_35_days_unless_a_file_says_otherwise(book: Callable[..., Rulebook]) -> None:
    assert book(a=SETTINGS).config.retention.span == timedelta(days=35)
    assert book(a=SETTINGS).config.retention.long_span == timedelta(days=400)
    assert book(b="retention: {deliveries: 1 day}\n").config.retention.span == timedelta(days=1)
    assert book(b="retention: {decisions: 2000 days}\n").config.retention.long_span == timedelta(days=2000)


def test_a_rule_without_a_condition_always_applies(book: Callable[..., Rulebook]) -> None:
    assert book(a=SETTINGS + RULE).rules[0].condition is None


def test_yml_files_count_and_hidden_drafts_do_not(folder: Path, book: Callable[..., Rulebook]) -> None:
    (folder / "a.yml").write_text(SETTINGS)
    (folder / ".builder.yaml").write_text("not: ready")
    (folder / "cases").mkdir()
    (folder / "cases" / "x.yaml").write_text("not: rules")
    assert len(book(b=RULE).rules) == 1


# ---------------------------------------------------------------- an empty folder


def test_a_missing_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"there is no such folder; .*HANDSHAKE_RULES"):
        load(tmp_path / "nowhere")


def test_an_empty_folder_says_what_to_do(folder: Path, diagnostics: Check) -> None:
    assert diagnostics() == [
        "rules:1:1: there are no rules in this folder yet; put a file such as rules.yaml into it, "
        "or set HANDSHAKE_RULES to the folder that has them"
    ]


def test_trackers_and_deals_must_be_named(diagnostics: Check) -> None:
    found = diagnostics(a="mode: tell\n", b="sign_off: {product: {jira_groups: [pm]}}\n" + RULE)
    assert [diagnostic.partition("; ")[0] for diagnostic in found] == [
        "rules/b.yaml:2:1: no repository and no Jira project is named",
        "rules/b.yaml:2:1: nothing says where deals live",
    ]


def test_a_tracker_without_repositories_is_none(diagnostics: Check) -> None:
    (found,) = diagnostics(a=SETTINGS.replace("acme/shop", "") + RULE)
    assert "no repository and no Jira project is named" in found


# ---------------------------------------------------------------- mistakes


def rule(text: str) -> str:
    """Return a sound file whose only rule has ``text`` below its name; ``text`` begins in line 8."""
    return SETTINGS + "rules:\n  - name: one\n" + "".join(f"    {line}\n" for line in text.split("\n"))


SOUND = "when: deadline.changed\nthen: [{hold: {until: product}}]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SOUND.replace("when", "whem"), ["8:5: unknown key 'whem'; did you mean 'when'?"]),
        (
            SOUND + "\nelse: x",
            ["10:5: unknown key 'else'; there is name, when, if, then"],
        ),
        ("when: deadline.changed", ["7:5: missing 'then'"]),
        (
            SOUND.replace("changed", "chnged"),
            ["8:11: unknown event 'deadline.chnged'; did you mean 'deadline.changed'?"],
        ),
        (
            "when: deal.linked\nthen: [{hold: {until: product}}]",
            ["9:13: 'hold' goes only with when: deadline.changed"],
        ),
        ("when: deal.linked\nthen: []", ["9:11: 'then' must not be empty"]),
        (
            "when: deal.linked\nthen: hold",
            ["9:11: each action under 'then' begins with '- ', such as - hold: {until: product}"],
        ),
        (
            "when: deal.linked\nthen: [hold]",
            ["9:12: 'hold' is no action yet; give it its settings, such as - hold: {until: product}"],
        ),
        (
            "when: deal.linked\nthen: [{label: {add: x}, comment: {}}]",
            ["9:12: each step of 'then' is one action, such as - hold: {until: product}"],
        ),
        (
            "when: deal.linked\nthen: [{}]",
            ["9:12: each step of 'then' is one action, such as - hold: {until: product}"],
        ),
        (
            "when: deal.linked\nthen: [{labl: {add: x}}]",
            ["9:13: unknown action 'labl'; did you mean 'label'?"],
        ),
        (
            "when: deal.linked\nthen: [{email: {}}]",
            ["9:13: unknown action 'email'; there is hold, comment, label"],
        ),
        ("when: deal.linked\nthen: [{label: }]", ["9:20: 'label' is empty; fill it in or take the line out"]),
        (
            "when: deal.linked\nthen: [{label: {ad: x}}]",
            ["9:21: unknown key 'ad'; did you mean 'add'?"],
        ),
        (
            "when: deal.linked\nthen: [{label: {}}]",
            ["9:20: say either 'add' or 'remove', with the name of a label"],
        ),
        (
            "when: deadline.changed\nthen: [{hold: {until: [product, legl]}}]",
            ["9:27: there is no sign-off policy named 'legl' under sign_off (there is: product)"],
        ),
        (
            "when: deadline.changed\nthen: [{hold: {until: prodct}}]",
            ["9:27: there is no sign-off policy named 'prodct' under sign_off (there is: product)"],
        ),
        (
            "when: deal.linked\nthen: [{comment: {to: issue, message: nix}}]",
            ["9:43: there is no file messages/nix.issue.liquid"],
        ),
        (
            "when: deal.linked\nthen:\n  - comment:\n      to: [issue, sales]\n      message: 3",
            [
                "11:23: an item of 'to' must be 'issue' or 'deals'",
                "12:20: 'message' must be text; in quotes: \"3\"",
            ],
        ),
        (
            "when: deal.linked\nthen: [{comment: {to: isue, message: a}}]",
            ["9:27: 'to' must be 'issue' or 'deals'; did you mean 'issue'?"],
        ),
        ("if: true\n" + SOUND, ["8:9: a condition is text; to act every time, leave the 'if' out"]),
        ("if:\n" + SOUND, ["8:8: 'if' is empty; fill it in or take the line out"]),
        ("if: ''\n" + SOUND, ["8:10: this condition is empty; write one, or leave the 'if' out"]),
    ],
)
def test_a_mistake_in_a_rule_is_found_with_its_place(
    diagnostics: Check, text: str, expected: list[str]
) -> None:
    assert diagnostics(a=rule(text)) == [f"rules/a.yaml:{each}" for each in expected]


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ('if: issue.titel == "a"', "8:15"),
        ("if: 'issue.titel == \"a\"'", "8:16"),
        ('if: |\n  issue.open\n    && issue.titel == "a"', "10:18"),
        ('if: >-\n  issue.open\n  && issue.titel == "a"', "8:9"),
    ],
)
def test_a_mistake_in_a_condition_is_found_in_the_file(
    diagnostics: Check, condition: str, place: str
) -> None:
    assert diagnostics(a=rule(f"{condition}\n{SOUND}")) == [
        f"rules/a.yaml:{place}: unknown field 'titel' in issue; did you mean 'title'?"
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("[acme/shop]", "[shop]", "2:27: 'shop' is not a repository; write owner/name, such as acme/shop"),
        ("[acme/shop]", "acme/shop", "2:26: 'repositories' must be a list, such as [one, two]"),
        ("[acme/shop]", "[acme/shop, 3]", "2:38: an item of 'repositories' must be text; in quotes: \"3\""),
        ("github: {repos", "githb: {repos", "2:3: unknown key 'githb'; did you mean 'github'?"),
        (
            "github: {repositories: [acme/shop]}",
            "jira: {projects: [prod]}",
            "2:21: 'prod' is not a Jira project key",
        ),
        *(
            (
                "github: {repositories: [acme/shop]}",
                f"jira: {{projects: [PROD], time_zone: {wrong}}}",
                f"2:39: '{wrong}' is not a time zone; {hint}",
            )
            for wrong, hint in (
                ("Berlin", "did you mean Europe/Berlin?"),
                ("europe/berlin", "did you mean Europe/Berlin?"),
                ("America/New York", "did you mean America/New_York?"),
                ("quite elsewhere else", "write one such as Europe/Berlin"),
            )
        ),
        (
            "system: jira",
            "system: hubspot",
            "3:17: 'hubspot' is not available yet; for now deals live in Jira",
        ),
        ("system: jira", "system: excel", "3:17: 'excel' is not known; deals live in Jira (system: jira)"),
        ("system: jira", "system: jira, projct: X", "3:23: unknown key 'projct'; did you mean 'project'?"),
        ("system: jira, ", "", "3:8: missing 'system'"),
        (
            "{github_teams: [acme/product]}",
            "{}",
            "5:12: this policy names nobody; add github_teams, jira_groups",
        ),
        ("[acme/product]", "[product]", "5:28: 'product' is not a team; write organisation/team"),
        ("[acme/product]", "[acme/product], people_needed: 0", "5:58: 'people_needed' must be 1 or more"),
        (
            "[acme/product]",
            "[acme/product], people_needed: yes",
            "5:58: 'people_needed' must be a whole number",
        ),
        ("[acme/product]", "[acme/product], answer_within: 2 days", "5:58: '2 days' is not a time to answer"),
        ("[acme/product]", "[acme/product], discovery: require", "5:54: "),
        ("[acme/product]", "[acme/product], discovery: true", "5:54: "),
        *(
            (
                "[acme/product]",
                f"[acme/product], holidays: {wrong}",
                f"5:53: '{wrong}' is not a calendar of public holidays; {hint}",
            )
            for wrong, hint in (
                ("DE-Berlin", "did you mean DE-BE?"),
                ("de-be", "did you mean DE-BE?"),
                ("DE-", "did you mean DE?"),
                ("DE-BX", "did you mean DE-BB?"),
                ("Germany", "did you mean DE?"),
                ("Berlin", "did you mean DE-BE?"),
                ("qqq", "write a country such as DE, or a part of one such as DE-BE"),
            )
        ),
        (
            "[acme/product]",
            "[acme/product], users: [ada]",
            "5:50: 'users' must be a map, such as {key: value}",
        ),
        ("  product:", "  '':", "5:3: '' is empty or has spaces around it; give it a name"),
        ("trackers:", "mode: off\ntrackers:", "1:7: 'mode' must be 'observe', 'tell' or 'enforce'"),
        (
            "trackers:",
            "may_link: {github: read}\ntrackers:",
            "1:20: 'github' must be 'triage', 'write', 'maintain'",
        ),
        *(
            (
                "trackers:",
                f"retention:\n  deliveries: {wrong}\ntrackers:",
                f"2:15: '{wrong}' is not a number of days; write it like this: 35 days",
            )
            for wrong in ("0 days", "-1 days", "1.5 days", "5 weeks", "10000 days", "days")
        ),
        ("trackers:", "retention: {deliveries: 35}\ntrackers:", "1:25: 'deliveries' must be text; in quotes"),
        ("trackers:", "retention: 35 days\ntrackers:", "1:12: 'retention' must be a map, such as"),
        ("trackers:", "moed: tell\ntrackers:", "1:1: unknown key 'moed'; did you mean 'mode'?"),
        ("trackers:", "rules:\ntrackers:", "1:7: 'rules' is empty; fill it in or take the line out"),
        ("trackers:", "rules: [3]\ntrackers:", "1:9: an item of 'rules' must be a map"),
    ],
)
def test_a_mistake_in_a_setting_is_found_with_its_place(
    diagnostics: Check, old: str, new: str, expected: str
) -> None:
    (found,) = diagnostics(a=SETTINGS.replace(old, new, 1))
    assert found.startswith(f"rules/a.yaml:{expected}")


def test_everything_wrong_is_told_at_once(diagnostics: Check) -> None:
    found = diagnostics(
        a="mode: off\n",
        b="sign_off: &x {}\n",
        c=RULE.replace("when: ", "whenn: ") + '    if: issue.titel == ""\n',
    )
    assert [diagnostic.split(": ")[0] for diagnostic in found] == [
        "rules/a.yaml:1:7",
        "rules/b.yaml:1:11",
        "rules/c.yaml:3:5",
        "rules/c.yaml:6:15",
    ]


def test_what_an_unreadable_file_may_define_is_not_called_missing(diagnostics: Check) -> None:
    assert len(diagnostics(a="trackers: &x {}\n", b=RULE)) == 1


# ---------------------------------------------------------------- given twice


@pytest.mark.parametrize(
    ("again", "expected"),
    [
        (
            "deals: {system: jira, project: OTHER}",
            "b.yaml:1:1: 'deals' stands in rules/a.yaml:3; keep one of them",
        ),
        (
            "trackers: {github: {repositories: [acme/docs]}}",
            "b.yaml:1:12: 'trackers.github' stands in rules/a.yaml:2; keep one of them",
        ),
        (
            "sign_off: {product: {jira_groups: [x]}}",
            "b.yaml:1:12: 'sign_off.product' stands in rules/a.yaml:5; keep one of them",
        ),
        (
            "rules: [{name: dates, when: deal.linked, then: [{label: {add: x}}]}]",
            "b.yaml:1:10: a rule named 'dates' stands in rules/a.yaml:7; give this one another name",
        ),
    ],
)
def test_what_stands_in_two_files_is_named_with_both_places(
    diagnostics: Check, again: str, expected: str
) -> None:
    assert diagnostics(a=SETTINGS + RULE, b=again + "\n") == [f"rules/{expected}"]


def test_two_rules_of_one_name_are_found_even_on_one_line(diagnostics: Check) -> None:
    twice = ", ".join(["{name: x, when: deal.linked, then: [{label: {add: y}}]}"] * 2)
    (found,) = diagnostics(a=SETTINGS + f"rules: [{twice}]\n")
    assert "a rule named 'x' stands in rules/a.yaml:6" in found


# ---------------------------------------------------------------- files


def test_a_file_that_is_not_utf_8_is_named(folder: Path, diagnostics: Check) -> None:
    (folder / "b.yaml").write_bytes("a: 1\nb: é".encode("latin-1"))
    assert diagnostics(a=SETTINGS) == ["rules/b.yaml:2:4: this is not UTF-8 text; save the file as UTF-8"]


def test_a_huge_file_is_not_even_read(diagnostics: Check) -> None:
    assert diagnostics(a=SETTINGS, b="#" * 1_000_001) == [
        "rules/b.yaml:1:1: this file is larger than 1 MB; split it into several"
    ]


def test_a_message_with_a_mistake_is_told_once_and_is_not_missing(folder: Path, diagnostics: Check) -> None:
    message(folder, "hello.issue", "{{ issue.titel }}\n")
    (found,) = diagnostics(a=rule("when: deal.linked\nthen: [{comment: {to: issue, message: hello}}]"))
    assert found.startswith("rules/messages/hello.issue.liquid:1:")


def test_the_digest_changes_with_any_byte(folder: Path, book: Callable[..., Rulebook]) -> None:
    message(folder, "hello.issue")
    first = book(a=SETTINGS, b=RULE).digest
    assert book().digest == first
    message(folder, "hello.issue", "Hello!\n")
    second = load(folder).digest
    third = book(b=RULE + "# later\n").digest
    (folder / "b.yaml").rename(folder / "c.yaml")
    assert len({first, second, third, load(folder).digest}) == 4


def test_the_fingerprint_shows_every_change(folder: Path) -> None:
    seen = [fingerprint(folder)]
    write(folder, a=SETTINGS)
    seen.append(fingerprint(folder))
    message(folder, "hello.issue")
    seen.append(fingerprint(folder))
    write(folder, a=SETTINGS + "#")
    seen.append(fingerprint(folder))
    os.utime(folder / "a.yaml", ns=(1, 1))
    seen.append(fingerprint(folder))
    (folder / "a.yaml").unlink()
    seen.append(fingerprint(folder))
    assert len(set(seen)) == 6
    assert fingerprint(folder) == seen[-1]


def test_a_missing_folder_has_a_fingerprint_too(tmp_path: Path) -> None:
    assert fingerprint(tmp_path / "nowhere") == ()


def test_the_events_are_those_that_rules_can_wait_for() -> None:
    assert set(EVENTS) == {
        "deal.linked",
        "deal.unlinked",
        "deadline.asked",
        "deadline.changed",
        "deadline.committed",
        "deadline.due",
        "deadline.unconfirmed",
        "deadline.overridden",
        "issue.closed",
        "issue.moved",
        "issue.reopened",
        "proposal.declined",
        "proposal.expired",
        "proposal.overdue",
        "proposal.withdrawn",
        "scope.changed",
    }


def test_a_rule_says_where_it_stands_as_people_know_it_not_where_that_is_on_the_server(tmp_path) -> None:
    folder = tmp_path / "etc" / "handshake" / "rules"
    shutil.copytree("rules", folder)
    (tmp_path / "current").symlink_to(folder)

    for way in (folder, folder / ".." / "rules", Path("rules")):
        places = {rule.where for rule in load(way).rules}
        assert all(re.fullmatch(r"rules/[a-z]+\.yaml:[0-9]+", place) for place in places), places
    assert {rule.where.partition("/")[0] for rule in load(tmp_path / "current").rules} == {"current"}


# ---------------------------------------------------------------- which fields promise dates


def test_the_fields_that_promise_dates_are_named_by_tracker(folder: Path) -> None:
    write(folder, rules=SETTINGS + RULE)
    assert load(folder).config.deadline_fields == DeadlineFields(github=("milestone",), jira=("duedate",))

    write(folder, dates='deadline_fields: {jira: [duedate, "Go-live date"]}\n')
    fields = load(folder).config.deadline_fields
    assert (fields.github, fields.jira) == (("milestone",), ("duedate", "Go-live date"))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("{jira: []}", "'jira' must not be empty"),
        ("{jira: [Launch, launch]}", "'Launch' stands here twice; name each field once"),
        ("{github: [{project: 7, field: Ship}, {field: ship, project: 7}]}", "stands here twice"),
        ("{github: [{project: 7}]}", "name one of its fields: a date by 'field', or an 'iteration'"),
        (
            "{github: [{project: 7, field: Ship, iteration: Sprint}]}",
            "name one of its fields: a date by 'field', or an 'iteration'",
        ),
        (
            "{github: [duedate]}",
            "'duedate' is not a field of issues there: write it under jira",
        ),
    ],
)
def test_a_list_of_fields_that_cannot_be_meant_is_a_mistake(
    diagnostics: Check, given: str, said: str
) -> None:
    found = diagnostics(rules=SETTINGS + RULE, dates=f"deadline_fields: {given}\n")

    assert len(found) == 1 and found[0].startswith("rules/dates.yaml:1:") and said in found[0]


# ---------------------------------------------------------------- where issues say what users said


def test_headings_and_fields_for_what_users_said_are_named(folder: Path) -> None:
    write(folder, rules=SETTINGS + RULE)
    assert load(folder).scope_words == SHIPPED_WORDS

    write(folder, own="discovery: {problem: [What hurts], jira: {user: customfield_10071}}\n")
    book = load(folder)
    assert book.scope_words == replace(SHIPPED_WORDS, problems=frozenset({"whathurts"}))
    assert book.config.discovery.jira.named == {"user": "customfield_10071"}
    assert [
        (one.kind, one.name, one.line, one.column) for one in book.mentions if one.file.endswith("own.yaml")
    ] == [("field", "customfield_10071", 1, 49)]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            "{problem: [Ask, Why], user: [ask!]}",
            "'Ask' stands under problem and under user; keep one of them",
        ),
        ("{jira: {problem: Wish, user: Wish}}", "'Wish' is named for the problem and for the user"),
        ("{jira: {problem: ''}}", "give it a name"),
        ("{jira: {problems: Wish}}", "unknown key 'problems'; did you mean"),
        ("{jira: {user: [Wish]}}", "'user' must be text"),
        ("{users: [Who]}", "unknown key 'users'"),
        ("required", "'discovery'"),
    ],
)
def test_where_users_are_heard_is_said_in_one_way(diagnostics: Check, given: str, said: str) -> None:
    found = diagnostics(rules=SETTINGS + RULE, own=f"discovery: {given}\n")

    assert len(found) == 1 and found[0].startswith("rules/own.yaml:1:") and said in found[0]
