"""The main job, end to end: a signed webhook in, a held date and two honest comments out."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import requests

from automation.adapters.github.markup import find_marker
from automation.domain.commands import heard
from automation.model import Mode
from automation.text.markdown import command_lines
from tests.end_to_end.conftest import BOT, REPO, SECRET, SPRING, SUMMER, WINTER, Town, each_database

database_url = each_database


def post(town: Town, body: bytes, **headers: str) -> requests.Response:
    """Post a delivery as GitHub does, signed."""
    digest = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    sent = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "issues",
        "X-GitHub-Delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
        "X-Hub-Signature-256": f"sha256={digest}",
        **headers,
    }
    url = f"http://127.0.0.1:{town.receiver.port}/webhooks/github"
    return requests.post(url, data=body, headers=sent, timeout=10)


# ---------------------------------------------------------------- link


def test_a_link_is_told_on_the_issue_and_on_the_deal(linked: Town) -> None:
    assert len(linked.on_issue()) == 1
    assert "Borealis Ltd" in linked.on_issue()[0]
    assert "not planned yet" in linked.on_deal()[0]
    assert linked.place.labels() == {"customer-request"}


def test_a_deal_can_be_linked_by_its_address(town: Town) -> None:
    town.comment("sam", f"This is for {town.deal}:\n\n/link {town.box.jira_url}/browse/{town.deal}")

    assert len(town.on_deal()) == 1


def test_a_stranger_on_a_public_repository_gets_nothing_and_no_deal_is_looked_up(town: Town) -> None:
    town.box.github.set_private(REPO, False)

    town.comment("stranger", f"/link {town.deal}")

    assert town.on_issue() == []
    assert [r for r in town.box.requests if "/rest/api/" in r.path] == []


def test_an_unknown_deal_gets_one_short_reply(town: Town) -> None:
    town.comment("sam", "/link SALES-999")

    assert len(town.on_issue()) == 1
    assert town.on_deal() == []


def test_a_milestone_that_stood_before_linking_is_not_touched(town: Town) -> None:
    town.ask("lee", WINTER)

    town.comment("sam", f"/link {town.deal}")

    assert town.place.day() == WINTER
    assert "not for customers" in town.on_deal()[0]


# ---------------------------------------------------------------- hold


def test_an_unsigned_milestone_is_set_back_and_told_once_on_each_side(asked: Town) -> None:
    assert asked.place.day() is None
    assert len(asked.on_issue()) == 2
    assert len(asked.on_deal()) == 2
    assert asked.place.labels() == {"customer-request", "waiting-for-product"}
    [(subject, proposal)] = asked.worker_app.states.open_proposals()
    assert subject.key == f"{REPO}#{asked.number}"
    assert proposal.value.name == "Spring release"
    assert proposal.asked_by is not None
    assert proposal.asked_by.name == "lee"


def test_the_comment_on_the_deal_is_plain_words(asked: Town) -> None:
    told = asked.on_deal()[1]

    assert "1 March is requested, not agreed" in told
    assert "What you can tell the customer" in told
    assert not re.search(r"milestone|webhook|reverted|acme/shop|#\d", told, re.IGNORECASE)


def test_the_command_in_a_refusal_run_by_the_person_named_in_it_makes_the_date_stand(asked: Town) -> None:
    refusal = asked.on_issue()[1]
    [command] = re.findall(r"^`(/signoff .+)`$", refusal, re.MULTILINE)
    [named] = re.findall(r"@(\w+)", refusal)

    asked.comment(named, command)

    assert asked.place.day() == SPRING
    assert "agreed" in asked.on_issue()[-1]
    assert "1 March" in asked.on_deal()[-1]


def test_a_refusal_names_its_rule_by_file_and_line(asked: Town, rules: Path) -> None:
    [place] = re.findall(
        r"\((\S+deadlines\.yaml):(\d+)\)", asked.on_issue()[1].replace("\\", "").replace("\u200b", "")
    )

    line = Path(place[0]).read_text().splitlines()[int(place[1]) - 1]
    assert line.strip() == "- name: dates on customer requests wait for product"


def test_what_handshake_writes_holds_no_command(asked: Town) -> None:
    for text in asked.on_issue():
        assert not heard(command_lines(text), "jira")


def test_a_slip_puts_the_commitment_at_risk_and_sales_hears_not_to_repeat_it(asked: Town) -> None:
    asked.comment("mona", "/signoff 2027-03-01")

    asked.ask("lee", SUMMER)

    assert asked.place.day() == SPRING
    assert "don't repeat 1 March" in asked.on_deal()[-1]


# ---------------------------------------------------------------- answers


def test_anyone_else_changes_nothing_and_gets_one_kind_reply(asked: Town) -> None:
    before = len(asked.on_issue())

    asked.comment("lee", "/signoff 2027-03-01")
    asked.comment("lee", "/signoff")

    assert asked.place.day() is None
    assert len(asked.on_issue()) == before + 1


def test_decline_tells_both_sides(asked: Town) -> None:
    asked.comment("mona", "/decline because the export comes first")

    assert "the export comes first" in asked.on_issue()[-1].replace("\\", "")
    assert "not possible" in asked.on_deal()[-1]
    assert "export" not in asked.on_deal()[-1], "reasons stay inside"
    assert asked.place.labels() == {"customer-request"}


def test_products_own_edit_is_never_set_back(linked: Town) -> None:
    linked.ask("mona", WINTER)

    assert linked.place.day() == WINTER
    assert len(linked.on_deal()) == 1, "planned, and promised to nobody"


@pytest.mark.parametrize("state", ["pending", None])
def test_membership_is_checked_live(asked: Town, state: str | None) -> None:
    asked.box.github.set_membership("acme", "product", "mona", state)

    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.place.day() is None


def test_an_edited_comment_never_signs(asked: Town) -> None:
    comment = asked.box.github.as_user("mona").comment(REPO, asked.number, "Hm.")
    asked.box.github.as_user("mona").edit_comment(REPO, comment, "/signoff 2027-03-01")
    asked.settle()

    assert asked.place.day() is None


def test_a_comment_edited_between_writing_and_reading_never_signs(asked: Town) -> None:
    """An admin can change a member's words; they only count as they were written."""
    comment = asked.box.github.as_user("mona").comment(REPO, asked.number, "/signoff 2027-04-15")
    asked.clock.forward(seconds=5)
    asked.box.github.as_user("mona").edit_comment(REPO, comment, "/signoff 2027-03-01")
    asked.settle()

    assert asked.place.day() is None
    assert "changed" in asked.on_issue()[-1]


# ---------------------------------------------------------------- nothing twice, nothing lost


def test_a_repeated_delivery_is_accepted_and_has_no_second_effect(asked: Town) -> None:
    written = asked.writes()

    for delivery in list(asked.box.hooks.deliveries):
        asked.box.hooks.redeliver(delivery.id)
    asked.settle()

    assert asked.writes() == written
    assert {delivery.status for delivery in asked.box.hooks.deliveries} == {202}


def test_the_same_bytes_under_a_new_id_have_no_second_effect(asked: Town) -> None:
    written = asked.writes()

    for number, delivery in enumerate(list(asked.box.hooks.deliveries)):
        headers = {"X-GitHub-Event": delivery.event, "X-GitHub-Delivery": f"replay-{number}"}
        assert post(asked, delivery.body, **headers).status_code == 202
    asked.settle()

    assert asked.writes() == written


def test_an_authentic_but_lying_payload_writes_nothing(asked: Town) -> None:
    written = asked.writes()
    told = [d for d in asked.box.hooks.deliveries if b'"milestoned"' in d.body]
    body = json.loads(told[0].body)
    body["sender"] = {**body["sender"], "login": "mona"}

    assert post(asked, json.dumps(body).encode()).status_code == 202
    asked.settle()

    assert asked.writes() == written


def test_another_repository_is_refused(asked: Town) -> None:
    body = json.loads(next(d for d in asked.box.hooks.deliveries if d.event == "issues").body)
    body["repository"]["full_name"] = "evil/shop"
    asked.box.requests.clear()

    assert post(asked, json.dumps(body).encode()).status_code == 202
    asked.settle()

    assert asked.box.requests == []


@pytest.mark.parametrize("steps", range(1, 12))
def test_a_crash_after_any_step_loses_and_doubles_nothing(linked: Town, steps: int) -> None:
    linked.box.github.as_user("lee").set_milestone(REPO, linked.number, "Spring release")
    linked.box.hooks.drain()
    for _ in range(steps):
        linked.worker_app.worker.run_next()

    linked.restart()
    linked.settle()

    assert linked.place.day() is None
    assert (len(linked.on_issue()), len(linked.on_deal())) == (2, 2)


@pytest.mark.matrix
@pytest.mark.parametrize("how", ["502 after", "drop after", "502 before", "drop before", "429"])
@pytest.mark.parametrize(
    "call",
    [("POST", "issues/.*/comments"), ("PATCH", "/issues/"), ("POST", "/comment$"), ("POST", "/labels")],
)
def test_a_write_that_fails_is_done_exactly_once_in_the_end(
    linked: Town, call: tuple[str, str], how: str
) -> None:
    linked.box.fail_next(*call, how)
    linked.box.github.as_user("lee").set_milestone(REPO, linked.number, "Spring release")
    linked.settle()

    linked.clock.forward(minutes=5)
    linked.settle()

    assert linked.place.day() is None
    assert (len(linked.on_issue()), len(linked.on_deal())) == (2, 2)
    assert linked.place.labels() == {"customer-request", "waiting-for-product"}


def notices(town: Town, number: int) -> list[str]:
    return [c.body for c in town.box.github.comments(REPO, number) if c.author.login == BOT]


def test_every_comment_carries_a_marker(asked: Town) -> None:
    assert all(find_marker(text) for text in notices(asked, asked.number))


def test_a_marker_that_somebody_pasted_hides_nothing(asked: Town) -> None:
    stolen = notices(asked, asked.number)[0]
    other = asked.box.github.add_issue(REPO, "Audit log", author="lee")

    asked.box.github.as_user("sam").comment(
        REPO, other, f"/link {asked.deal}\n\n{stolen.rpartition(chr(10))[2]}"
    )
    asked.settle()

    assert notices(asked, other)


# ---------------------------------------------------------------- rules and modes


@pytest.mark.parametrize("mode", [Mode.OBSERVE])
def test_observe_writes_nothing(asked: Town) -> None:
    asked.comment("mona", "/signoff 2027-03-01")

    assert asked.writes() == []
    assert asked.place.day() == SPRING


@pytest.mark.parametrize("mode", [None])
@pytest.mark.uninterrupted
def test_the_mode_in_the_yaml_is_live(asked: Town, rules: Path) -> None:
    assert asked.writes() == []
    settings = rules / "handshake.yaml"
    settings.write_text(settings.read_text().replace("mode: observe", "mode: enforce"))

    asked.ask("lee", SUMMER)

    assert asked.place.day() == SPRING


@pytest.mark.parametrize("mode", [None])
def test_switching_to_enforce_takes_what_stands_and_holds_what_comes(linked: Town, rules: Path) -> None:
    linked.receiver.close()
    linked.place.ask("lee", SPRING)
    linked.box.hooks.drain()
    linked.clock.forward(minutes=1)
    settings = rules / "handshake.yaml"
    settings.write_text(settings.read_text().replace("mode: observe", "mode: enforce"))
    linked.restart()

    linked.edit("lee", title="Single sign-on, please")
    inherited = linked.place.day()
    linked.ask("lee", SUMMER)

    assert inherited == SPRING, "it was missed while observing, and is not set back later"
    assert linked.place.day() == SPRING


def switch(rules: Path, at: datetime) -> None:
    """Swap the rules for ones that enforce, by files that say to be of that time."""
    settings = rules / "handshake.yaml"
    settings.write_text(settings.read_text().replace("mode: observe", "mode: enforce"))
    os.utime(settings, (at.timestamp(),) * 2)


@pytest.mark.parametrize("mode", [None])
@pytest.mark.parametrize("live", [True, False], ids=["while it runs", "while it is down"])
def test_a_switch_by_old_files_carries_out_nothing_that_was_done_before_it_was_seen(
    linked: Town, rules: Path, live: bool
) -> None:
    linked.receiver.close()
    linked.place.ask("lee", SPRING)
    linked.place.comment("mona", "/signoff 2027-04-15")
    linked.box.hooks.drain()
    linked.clock.forward(minutes=1)
    if live:
        linked.restart()
    switch(rules, linked.clock() - timedelta(hours=2))
    linked.clock.forward(seconds=2)
    if not live:
        linked.restart()

    linked.edit("lee", title="Single sign-on, please")

    assert linked.place.day() == SPRING
    assert linked.waiting() == []
    assert not any("/signoff" in said for said in linked.on_issue())

    linked.ask("lee", SUMMER)
    assert linked.place.day() == SPRING


@pytest.mark.parametrize("mode", [None])
def test_a_switch_by_files_dated_in_the_future_swallows_nothing(town: Town, rules: Path) -> None:
    switch(rules, town.clock() + timedelta(hours=3))
    town.edit("lee", title="Single sign-on, please")
    town.clock.forward(seconds=1)

    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SPRING)

    assert town.place.day() is None
    assert [p.value.day for p in town.waiting()] == [SPRING]


def test_a_guard_that_has_no_answer_holds_and_operations_are_told(linked: Town, rules: Path) -> None:
    deadlines = rules / "deadlines.yaml"
    without_answer = 'issue.deals[7].name == "never"'
    deadlines.write_text(deadlines.read_text().replace("size(issue.deals) > 0", without_answer))
    linked.clock.forward(seconds=1)

    linked.ask("lee", SPRING)

    assert linked.place.day() is None
    assert "/signoff 2027-03-01" in linked.on_issue()[-1]
    assert "1 March is requested, not agreed" in linked.on_deal()[-1]
    answer = requests.get(f"http://127.0.0.1:{linked.receiver.port}/readyz", timeout=5).json()
    assert "a rule's condition had no answer" in answer["details"]["rules"]


def test_a_bare_sign_off_binds_to_a_comment_that_is_there_though_we_have_not_heard_so(linked: Town) -> None:
    linked.box.fail_next("POST", "issues/.*/comments", "502 after")
    linked.place.ask("lee", SPRING)
    while linked.worker_app.worker.run_next() or (
        linked.box.hooks.drain() and linked.worker_app.worker.run_next()
    ):
        linked.clock.forward(seconds=1)
    assert "/signoff 2027-03-01" in linked.on_issue()[-1]
    [waiting] = linked.waiting()
    assert waiting.shown_at is None

    linked.place.comment("mona", "/signoff")
    linked.settle()

    assert linked.place.day() == SPRING
    assert not any("Which date" in said for said in linked.on_issue())


def test_a_changed_rule_counts_and_a_broken_one_keeps_the_last_good(linked: Town, rules: Path) -> None:
    deadlines = rules / "deadlines.yaml"
    good = deadlines.read_text()
    deadlines.write_text(good.replace("if: size(issue.deals) > 0", "if: size(issue.deals) > 5"))
    linked.ask("lee", SPRING)
    deadlines.write_text("rules: [")
    linked.ask("lee", SUMMER)

    assert linked.place.day() == SUMMER
    assert len(linked.on_issue()) == 1


def test_a_message_is_changed_by_its_file(linked: Town, rules: Path) -> None:
    (rules / "messages/date-asked.deals.liquid").write_text("**{{ issue.title }}**\n\nAsk Mona first.\n")

    linked.ask("lee", SPRING)

    assert "Ask Mona first." in linked.on_deal()[-1]


# ---------------------------------------------------------------- privacy


def test_a_repository_that_turns_public_while_words_wait_is_told_nothing_of_the_deal(linked: Town) -> None:
    linked.box.github.as_user("lee").set_milestone(REPO, linked.number, "Spring release")
    linked.box.hooks.drain()
    while linked.worker_app.worker.run_next(words=False):
        linked.box.hooks.drain()

    linked.box.github.set_private(REPO, False)
    linked.settle()

    held = linked.on_issue()[-1]
    assert "/signoff" in held
    assert not re.search(r"Borealis|SALES|deal|customer|deadlines\.yaml", held)
    assert "waiting-for-product" not in linked.place.labels()
