"""A sign-off is for what was to be built when it was given: who may change that without asking again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from automation.cli import main
from tests.end_to_end.conftest import BODY, SPRING, SUMMER, Town, both

tracker = both

CHANGED = BODY.replace("log out everywhere", "log out after 30 days")


@pytest.fixture
def agreed(asked: Town) -> Town:
    asked.comment("mona", "/signoff 2027-03-01")
    return asked


def shows(town: Town) -> object:
    return next(iter(town.worker_app.states.load(town.subject)[0].fields.values())).standing.day


def on_issue(town: Town) -> list[str]:
    return [text.replace("\\", "") for text in town.on_issue()]


def asks(town: Town) -> list[str]:
    return [text for text in on_issue(town) if "still hold?" in text]


def rechecks(town: Town) -> list[str]:
    return [text for text in town.on_deal() if "being rechecked" in text]


def test_a_requirement_changed_by_an_engineer_asks_product_and_moves_no_date(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)

    [question] = asks(agreed)
    assert "log out everywhere" in question and "log out after 30 days" in question
    assert "signoff 2027-03-01" in question and "stands as agreed" not in question
    [told] = rechecks(agreed)
    assert "1 March is being rechecked, so please don't repeat it" in told
    assert shows(agreed) == SPRING


def test_what_was_agreed_and_changed_before_anybody_looked_is_asked_about_too(town: Town) -> None:
    """Of an issue that was never seen before, only its history tells what the sign-off was for."""
    town.box.hooks.hold()
    town.clock.forward(minutes=1)
    town.place.comment("sam", f"/link {town.deal}")
    town.place.comment("mona", "/signoff 2027-03-01")
    town.clock.forward(minutes=1)
    town.place.edit("lee", body=CHANGED)
    town.box.hooks.release()
    town.settle()

    assert shows(town) == SPRING
    [question] = asks(town)
    assert "log out everywhere" in question and "log out after 30 days" in question


@pytest.mark.parametrize(
    "body",
    [
        BODY.replace("- log in", "- [x] log in"),
        "One login for all tools.\n\n- log out everywhere\n- log in with the company account",
        BODY.replace("company", "compnay"),
    ],
    ids=["ticked", "reordered", "misspelt"],
)
def test_what_changes_nothing_of_substance_asks_nobody(agreed: Town, body: str) -> None:
    before = agreed.on_issue(), agreed.on_deal()
    agreed.edit("lee", body=body)
    assert (agreed.on_issue(), agreed.on_deal()) == before


def test_products_own_edit_needs_no_further_yes_and_is_what_is_agreed_from_then_on(agreed: Town) -> None:
    agreed.edit("mona", body=CHANGED)
    assert "1 March stands as agreed" in on_issue(agreed)[-1]

    agreed.clock.forward(minutes=5)
    agreed.edit("lee", body=BODY)
    [question] = asks(agreed)
    assert question.index("Added: log out everywhere") < question.index("Removed: log out after 30 days")


def test_products_edit_on_top_does_not_wave_through_what_others_changed(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)
    agreed.clock.forward(minutes=5)
    agreed.edit("mona", body=CHANGED + "\n- log in with a passkey")

    assert len(asks(agreed)) == 1 and "stands as agreed" not in on_issue(agreed)[-1]


def test_edits_that_were_missed_are_told_apart_by_the_trackers_history(agreed: Town) -> None:
    agreed.place.edit("lee", body=CHANGED)
    agreed.clock.forward(minutes=2)
    agreed.place.edit("mona", body=CHANGED + "\n- log in with a passkey")
    agreed.settle()

    [question] = asks(agreed)
    assert "log in with a passkey" in question and "log out after 30 days" in question


def test_a_change_that_is_undone_ends_the_question(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)
    agreed.clock.forward(minutes=5)
    agreed.edit("lee", body=BODY)

    assert "1 March stands as agreed" in on_issue(agreed)[-1]
    assert "1 March stands as agreed" in agreed.on_deal()[-1]
    assert len(rechecks(agreed)) == 1


def test_the_same_date_signed_again_agrees_to_what_is_to_be_built_now(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)
    agreed.clock.forward(minutes=5)
    agreed.comment("mona", "/signoff 2027-03-01")

    assert "1 March is agreed again" in on_issue(agreed)[-1]
    assert "still agreed for 1 March" in agreed.on_deal()[-1]

    before = agreed.on_issue()
    agreed.comment("mona", "/signoff 2027-03-01")
    assert "Nothing waits for an answer" in on_issue(agreed)[len(before)]


def test_a_bare_yes_is_asked_which_date_it_means(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)
    agreed.clock.forward(minutes=5)
    agreed.comment("mona", "/signoff")

    assert "signoff 2027-03-01" in on_issue(agreed)[-1]
    assert "still agreed" not in agreed.on_deal()[-1]


def test_whoever_may_not_answer_for_product_agrees_to_nothing(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)
    agreed.clock.forward(minutes=5)
    agreed.comment("sam", "/signoff 2027-03-01")

    assert "still agreed" not in agreed.on_deal()[-1]


def test_a_yes_is_to_the_scope_of_its_moment_and_not_to_what_was_slipped_in_after_it(asked: Town) -> None:
    asked.place.comment("mona", "/signoff 2027-03-01")
    asked.clock.forward(seconds=2)
    asked.place.edit("lee", body=CHANGED)
    asked.settle()

    assert shows(asked) == SPRING
    assert len(asks(asked)) == 1
    assert not any("agreed for 1 March" in text for text in asked.on_deal())


def test_a_new_date_by_product_is_for_what_is_to_be_built_then(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)
    agreed.clock.forward(minutes=5)
    agreed.ask("mona", SUMMER)
    agreed.clock.forward(minutes=20)
    agreed.settle()

    assert shows(agreed) == SUMMER
    assert "moves from 1 March to 15 April" in agreed.on_deal()[-1]
    assert "being rechecked" not in agreed.on_deal()[-1]


def test_a_deal_linked_meanwhile_hears_of_no_date_until_product_has_agreed_again(agreed: Town) -> None:
    agreed.edit("lee", body=CHANGED)
    second = agreed.box.jira.add_issue("SALES", "Echo Foods", reporter="sam", assignee="sam")
    agreed.comment("sam", f"/link {second}")
    notes = [c.text for c in agreed.box.jira.comments(second)]
    assert "the date is being rechecked" in notes[-1]

    agreed.clock.forward(minutes=5)
    agreed.comment("mona", "/signoff 2027-03-01")
    assert "1 March" in [c.text for c in agreed.box.jira.comments(second)][-1]


def test_operations_see_what_waits_to_be_agreed_again_and_how_the_date_stands(
    agreed: Town, database_url: str
) -> None:
    def handshake(*words: str) -> str:
        settings = {"HANDSHAKE_DATABASE_URL": database_url, "HANDSHAKE_RULES": "rules", "COLUMNS": "200"}
        result = CliRunner().invoke(main, words, env=settings)
        assert result.exit_code == 0, result.output
        return " ".join(result.stdout.split())

    assert "Nothing waits for product" in handshake("proposals")
    assert "agreed by mona." in handshake("ledger", agreed.place.key).lower()

    agreed.edit("lee", body=CHANGED)
    [waits] = json.loads(handshake("proposals", "--json"))
    assert (waits["again"], waits["asked"], waits["deals"]) == (True, "2027-03-01", [agreed.deal])
    assert waits["because"] == "what is to be built has changed"
    assert waits["command"].endswith("signoff 2027-03-01")
    told = handshake("proposals")
    assert "agreed before" in told and "what is to be built has changed" in told
    assert "in doubt: what is to be built has changed." in handshake("ledger", agreed.place.key)

    agreed.clock.forward(minutes=5)
    agreed.comment("mona", "/signoff 2027-03-01")
    assert "Nothing waits for product" in handshake("proposals")


class TestTwoPeople:
    @pytest.fixture
    def rules(self, rules: Path) -> Path:
        shipped = rules / "handshake.yaml"
        shipped.write_text(shipped.read_text().replace("people_needed: 1", "people_needed: 2"))
        return rules

    @pytest.fixture
    def asked_of_two(self, town: Town) -> Town:
        town.box.github.add_user("omar")
        town.box.github.add_team("acme", "product", members=("mona", "omar"))
        town.box.github.set_role("acme/shop", "omar", "write")
        town.box.jira.add_user("omar", "Omar")
        town.set_product("omar", True)
        town.comment("sam", f"/link {town.deal}")
        town.ask("lee", SPRING)
        town.comment("mona", "/signoff 2027-03-01")
        return town

    def test_it_takes_as_many_to_agree_again_as_to_agree(self, asked_of_two: Town) -> None:
        town = asked_of_two
        town.comment("omar", "/signoff 2027-03-01")
        town.edit("lee", body=CHANGED)
        town.clock.forward(minutes=5)

        town.comment("mona", "/signoff 2027-03-01")
        assert "one more of product must agree to 1 March" in on_issue(town)[-1]
        assert "still agreed" not in town.on_deal()[-1]

        town.comment("omar", "/signoff 2027-03-01")
        assert "still agreed for 1 March" in town.on_deal()[-1]

    def test_a_change_between_two_yeses_was_agreed_to_by_one_of_them_only(self, asked_of_two: Town) -> None:
        town = asked_of_two
        town.clock.forward(minutes=5)
        town.edit("lee", body=CHANGED)
        town.clock.forward(minutes=5)
        town.comment("omar", "/signoff 2027-03-01")

        assert len(asks(town)) == 1
        assert not any("agreed for 1 March" in text for text in town.on_deal())
