"""What is wrong in a rules folder, said so that somebody who does not program can mend it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from automation.rulebook.diagnostics import RulesError
from automation.rulebook.messages.messages import BUILT_IN
from automation.rulebook.rulebook import load

SHIPPED = Path(__file__).parents[3] / "rules"
PARSERS = (
    "expected tag", "unexpected tag", "end of expression", "positional", "NoneType", "valid YAML", "token",
    "disallowed", "dpipe", "block mapping", "Input should", "str'", "while scanning", "overload",
)  # fmt: skip
"""Words that only those know who know the parsers."""

Wrong = Callable[..., list[str]]


@pytest.fixture
def wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Wrong:
    """Return the diagnostics of the shipped rules, changed in one place."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(SHIPPED, "rules")

    def diagnostics(rules: str = "", message: str = "", policy: str = "") -> list[str]:
        if rules:
            Path("rules/x.yaml").write_text(rules)
        if message:
            Path("rules/messages/note.issue.liquid").write_text(message)
        if policy:
            file = Path("rules/handshake.yaml")
            file.write_text(file.read_text().replace("    people_needed: 1\n", f"    {policy}\n"))
        with pytest.raises(RulesError) as caught:
            load(Path("rules"))
        said = str(caught.value).splitlines()
        assert not [word for word in PARSERS if word in said[0]]
        return said

    return diagnostics


def rule(condition: str = "", when: str = "deadline.changed", then: str = "[hold: {until: product}]") -> str:
    said = f"    if: '{condition}'\n" if condition else ""
    return f"rules:\n  - name: x\n    when: {when}\n{said}    then: {then}\n"


@pytest.mark.parametrize(
    ("condition", "diagnostic"),
    [
        ('change.kind == "moved"', '4:25: change.kind is never "moved"; there is "set", "earlier", "later"'),
        ('"moved" != change.kind', '4:10: change.kind is never "moved"'),
        ('change.kind in ["set", "latr"]', "4:33: change.kind is never \"latr\"; did you mean 'later'?"),
        ('issue.system == "Github"', "4:26: issue.system is never \"Github\"; did you mean 'github'?"),
        ('event == "deadline.commited"', '4:19: event is never "deadline.commited"; did you mean'),
        ("change.new.day > 2027-03-01", '4:25: a date is text here, so it goes in quotes: "2027-03-01"'),
        ("2027-3-1 < change.new.day", '4:19: a date is text here, so it goes in quotes: "2027-3-1"'),
        ("change.new.day >= 2027", "4:25: '>=' does not work between text and a number; a day is written"),
        ("deal.open", "4:10: an issue can have several deals; write issue.deals.exists(deal, deal.open"),
        ('label == "urgent"', "4:10: an issue can have several labels; write issue.labels.exists(label,"),
        (
            "issue.deals.size > 0",
            "4:21: for how many there are, or how long a text is, write size(issue.deals)",
        ),
        ("issue.deals.count() > 0", "4:22: for how many there are, or how long a text is, write size(issue"),
        ('actor == "mona"', "4:16: 'actor' has several parts; name the one to compare, such as actor.name"),
        ('"2027-03-01" < change.new', "4:23: 'change.new' has several parts; name the one to compare, such"),
        ("issue.open AND issue.public", "4:21: 'AND' is not used here; write &&"),
        ("${issue.open}", "4:10: a name is written as it is"),
    ],
)
def test_a_condition(wrong: Wrong, condition: str, diagnostic: str) -> None:
    assert wrong(rule(condition))[0].startswith(f"rules/x.yaml:{diagnostic}")


@pytest.mark.parametrize(
    ("message", "diagnostic"),
    [
        ("\n{% if issue.open %}hi\n\n", "2:4: this {% if %} is never closed; end it with {% endif %}"),
        ("{% if held %}{% for l in issue.labels %}{% endif %}", "1:44: this should end the 'for' before it"),
        ("{% unless held %}{% if held %}{% endif %}", "1:4: this {% unless %} is never closed"),
        ("{% if held %}a{% end %}", "1:18: this should end the 'if' before it; write {% endif %}"),
        ("{% endif %}", "1:4: there is no {% if %} before this {% endif %}"),
        ("{% if held %}a{% elseif held %}b{% endif %}", "1:18: there is no tag 'elseif'; write {% elsif"),
        (
            "{% if held %}a{% else if held %}b{% endif %}",
            "1:18: what stands behind 'else' is not read; write",
        ),
        ("{% if held && held %}a{% endif %}", "1:12: '&&' is not used here; write and"),
        ("{% if held || held %}a{% endif %}", "1:12: '||' is not used here; write or"),
        ("{% if not held %}a{% endif %}", "1:7: there is no 'not' here; write {% unless … %}"),
        ("{% if held = true %}a{% endif %}", "1:12: '=' is not used here; write =="),
        ("{% if held or %}a{% endif %}", "1:12: something is missing after this 'or'"),
        ("{{ issue.labels.size | plural }}", "1:24: 'plural' needs other settings than these, like this: {{"),
        ("{{ change.new.day | days_after }}", "1:21: 'days_after' needs other settings than these, like"),
        ("{{ issue.title | replace }}", "1:18: 'replace' needs other settings than these, like this: {{"),
        ('{% if change.kind == "othr" %}a{% endif %}', '1:22: change.kind is never "othr"; did you mean'),
        ('{% unless issue.system == "Jira" %}a{% endunless %}', '1:27: issue.system is never "Jira"'),
        ("{% if change.new.day > 2027-03-01 %}a{% endif %}", "1:28: a date is text here, so it goes in"),
        ('{% if change.days > "3" %}a{% endif %}', "1:19: text and a number cannot be compared"),
        ("{{ if held }}a{{ end }}", "1:4: this is a tag, and tags stand in {% … %}"),
        (
            '{% if "x" in issue.labels %}a{% endif %}',
            "1:11: write it the other way round: issue.labels contains",
        ),
        ("{% set x = 1 %}", "1:4: there is no tag 'set'; write {% assign … = … %}"),
        ("{{ issue.title", "1:1: this {{ is never closed; end it with }}"),
    ],
)
def test_a_message(wrong: Wrong, message: str, diagnostic: str) -> None:
    assert wrong(message=message)[0].startswith(f"rules/messages/note.issue.liquid:{diagnostic}")


@pytest.mark.parametrize(
    ("text", "diagnostic"),
    [
        (rule(then="{hold: {until: product}}"), "4:11: each action under 'then' begins with '- '"),
        (rule(then="\n      hold: {until: product}\n      label: {add: x}"), "5:7: each action under 'then'"),
        (rule(then="[hold]"), "4:12: 'hold' is no action yet; give it its settings, such as - hold: {until:"),
        (rule(then="[hold: product]"), "4:18: say for whose answer it waits: hold: {until: product}"),
        (
            rule(when="deadline.changed, deadline.committed"),
            "3:11: a rule waits for one event; write one rule for",
        ),
        (
            rule(when="[deadline.changed, deadline.committed]"),
            "3:11: a rule waits for one event; write one rule",
        ),
        ("rules:\n\t- name: x\n", "2:1: there is a tab here; YAML is indented with spaces"),
        ("rules:\n  - name:x\n    when:deadline.changed\n", "2:5: a space is missing behind a ':' here"),
        ("rules:\n  - name: x\n   when: deadline.changed\n", "3:4: this line is indented less than the one"),
        ('rules:\n  - name: "x\n    when: deadline.changed\n', "2:11: a quote is opened here and not closed"),
        ("rules:\n  - then: {until: product\n", "2:11: a '{' is opened here"),
        ("rules:\n  - name: @x\n", "2:11: text cannot begin with @; put it in quotes"),
        ('rules:\n  - name: "\\d"\n', "2:12: in double quotes a backslash is written twice"),
        ("rules: }\n", "1:8: a value is missing here, or this sign is too many"),
        (
            rule(when="deal.unlinked", then="[comment: {to: deals, message: date-moved}]"),
            "4:42: messages/date-moved.deals.liquid speaks of a 'change', and there is none when",
        ),
        (
            rule(when="deadline.changed", then="[comment: {to: issue, message: scope-changed}]"),
            "4:42: messages/scope-changed.issue.liquid speaks of a 'scope', and there is none when",
        ),
        (
            rule(then="[comment: {to: issue, message: reply-which}]"),
            "4:42: messages/reply-which.issue.liquid speaks of a 'reply', and there is none when: deadline.",
        ),
    ],
)
def test_a_rule(wrong: Wrong, text: str, diagnostic: str) -> None:
    assert wrong(text)[0].startswith(f"rules/x.yaml:{diagnostic}")


@pytest.mark.parametrize(
    ("policy", "diagnostic"),
    [
        ('users: {github: ["@mona"]}', "22:22: '@mona' is not a GitHub login; write mona"),
        (
            "users: {github: [mona@acme.com]}",
            "22:22: 'mona@acme.com' is not a GitHub login; it ends the address",
        ),
        (
            'users: {github: ["https://github.com/mona"]}',
            "22:22: 'https://github.com/mona' is not a GitHub login",
        ),
        (
            "users: {jira: [mona@acme.com]}",
            "22:20: 'mona@acme.com' is not a Jira account id; it ends the address",
        ),
        ('users: {jira: ["Mona Lisa"]}', "22:20: 'Mona Lisa' is not a Jira account id"),
    ],
)
def test_a_person(wrong: Wrong, policy: str, diagnostic: str) -> None:
    assert wrong(policy=policy)[0].startswith(f"rules/handshake.yaml:{diagnostic}")


@pytest.mark.parametrize(
    ("policy", "diagnostic"),
    [
        (
            "answers: {yes: {label: customer-request}}",
            "22:28: Handshake sets that label itself; name another",
        ),
        ("answers: {no: {label: Waiting-For-Product}}", "22:27: Handshake sets that label itself"),
        (
            "answers: {yes: {label: answered}, no: {label: Answered}}",
            "22:51: the label 'Answered' would mean yes and no; name two labels",
        ),
        ("answers: {yes: {label: date agreed}}", "22:28: a label in Jira has no spaces; write date-agreed"),
        ('answers: {yes: {label: "a, b"}}', "22:28: 'a, b' is not a label; write at most 50 characters"),
        (
            "answers: {yes: {jira_status: Done}, no: {jira_status: done}}",
            "22:59: the status 'done' would mean yes and no; name two statuses",
        ),
        (
            "answers: {yes: {jira_field: {field: A, value: Yes}}, no: {jira_field: {field: a, value: yes}}}",
            "22:93: 'yes' in the field 'a' would mean yes and no; name two values",
        ),
        (
            "answers: {yes: {github_project: {project: 7, status: A}}, "
            "no: {github_project: {project: 7, status: a}}}",
            "22:105: the status 'a' of project 7 would mean yes and no; name two statuses",
        ),
        ("answers: {yes: {github_project: {project: 0, status: A}}}", "22:47: 'project' must be 1 or more"),
        ("answers: {yes: {jira_field: Word}}", "22:33: 'jira_field' must be a map"),
        ("answers: {yes: {jira_field: {field: Word}}}", "22:33: "),
        ("answers: {yes: date-agreed}", "22:20: 'yes' must be a map, such as"),
    ],
)
def test_a_label_for_answers(wrong: Wrong, policy: str, diagnostic: str) -> None:
    assert wrong(policy=policy)[0].startswith(f"rules/handshake.yaml:{diagnostic}")


def test_a_file_where_the_folder_is_meant() -> None:
    with pytest.raises(RulesError, match="rules are a folder; name the one it is in: "):
        load(SHIPPED / "deadlines.yaml")


@pytest.mark.parametrize(
    "text", ["{{ change.new.day | day }}", "{% if change.new.day != '' %}{{ change.label }}{% endif %}"]
)
def test_a_message_may_ask_whether_there_is_a_change(wrong: Wrong, text: str) -> None:
    Path("rules/messages/note.issue.liquid").write_text(text)
    Path("rules/x.yaml").write_text(rule(when="deal.unlinked", then="[comment: {to: issue, message: note}]"))

    if "if" in text:
        load(Path("rules"))
    else:
        assert "speaks of a 'change'" in wrong()[0]


def test_a_message_that_handshake_sends_by_itself_must_be_there(wrong: Wrong) -> None:
    Path("rules/messages/reply-which.issue.liquid").unlink()

    (said,) = wrong()
    assert said.startswith("rules/messages/reply-which.issue.liquid:1:1: this file is missing, and Handshake")


def test_the_messages_that_handshake_sends_by_itself_are_those_that_no_rule_names() -> None:
    code = "".join(path.read_text() for path in (SHIPPED.parent / "automation").rglob("*.py"))
    sent = set(re.findall(r'"(reply-[a-z-]+)"', code)) | set(re.findall(r'Say\(\s*"([a-z-]+)"', code))

    assert {name for name, _ in BUILT_IN} == sent
