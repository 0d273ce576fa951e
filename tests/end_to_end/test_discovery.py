"""Where a policy says ``discovery: required``, product agrees to no date before a user was heard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from automation.cli import main
from tests.end_to_end.conftest import BODY, BOT, REPO, SPRING, SUMMER, Town, both

tracker = both

ROLE = "Ada Lovelace, head of IT, ada@delta.example"
HURTS, ASKED = "customfield_10091", "customfield_10092"
WORDS = "I sign in to nine tools every canary morning"


@pytest.fixture
def rules(rules: Path) -> Path:
    """The shipped rules; product has to hear a user first, and Sam may do without product."""
    settings = rules / "handshake.yaml"
    may = "may_override: {users: {github: [sam]}, jira_groups: [sales]}"
    more = f"people_needed: 1\n    discovery: required\n    {may}"
    settings.write_text(settings.read_text().replace("people_needed: 1", more))
    return rules


@pytest.fixture
def waits(asked: Town) -> Town:
    """1 March waits for product, and everybody could read that."""
    asked.box.jira.add_group("sales", ("sam",))
    asked.clock.forward(minutes=25)
    return asked


def typed(town: Town, command: str) -> str:
    """Return a command as it is typed into this tracker."""
    return f"/{command}" if "#" in town.place.key else f"handshake {command}"


def say(town: Town, who: str, *commands: str) -> str:
    """Let somebody write these commands in one comment, and return what was said last then."""
    town.comment(who, "\n\n".join(typed(town, command) for command in commands))
    return spoken(town)


def spoken(town: Town) -> str:
    return town.on_issue()[-1].replace("\\", "").replace("\u200b", "")


def test_the_first_link_invites_people_to_say_what_a_user_wants_and_no_further_one_does(town: Town) -> None:
    invitation = say(town, "sam", f"link {town.deal}")
    assert "No date can be agreed before both are here:" in invitation
    for command in ("problem <in", "user <name"):
        assert typed(town, command) in invitation

    say(town, "sam", f"user {ROLE}")
    other = town.box.jira.add_issue("SALES", "Aurora", reporter="sam")
    further = say(town, "sam", f"link {other}")
    assert "Another deal counts on this" in further and "<in" not in further
    say(town, "sam", f"unlink {other}", f"unlink {town.deal}")
    again = say(town, "sam", f"link {town.deal}")
    assert "Dates here now wait for product" in again and "<in" not in again


def test_what_is_said_with_the_link_is_not_asked_for(town: Town) -> None:
    said = say(town, "sam", f"link {town.deal}", f"problem {WORDS}")
    invitation = next(text for text in town.on_issue() if "now wait for product" in text)

    assert "No date can be agreed before this is here:" in invitation
    assert "problem <in" not in invitation.replace("\\", "") and "user <name" in invitation.replace("\\", "")
    assert "Noted for product" in said


def test_a_yes_counts_once_what_its_refusal_lists_is_there(waits: Town) -> None:
    refusal = say(waits, "mona", "signoff 2027-03-01")

    assert "1 March is not agreed yet" in refusal
    assert "the problem in a user's own words, and a user who was asked, with their role" in refusal
    for command in ("problem <in", "user <name", "signoff 2027-03-01"):
        assert typed(waits, command) in refusal
    assert waits.place.day() != SPRING and len(waits.waiting()) == 1

    thanks = say(waits, "sam", f"problem {WORDS}")
    assert "Noted for product" in thanks and typed(waits, "user <name") in thanks
    assert typed(waits, "user <name") in say(waits, "sam", "user Ada Lovelace, ada@delta.example")
    assert "Missing: a user who was asked, with their role." in say(waits, "mona", "signoff 2027-03-01")
    assert waits.place.day() != SPRING, "nobody has said what she does"

    thanks = say(waits, "sam", f"user {ROLE}")
    assert "That was all that was missing." in thanks and typed(waits, "signoff 2027-03-01") in thanks
    say(waits, "mona", "signoff 2027-03-01")
    assert waits.place.day() == SPRING and waits.waiting() == []
    told = "".join(waits.on_deal())
    assert "canary" not in told and "Ada" not in told, "what a user said is no deal's business"


def test_one_comment_can_say_it_all_and_nothing_is_forgotten_by_a_restart(waits: Town) -> None:
    say(waits, "mona", f"problem {WORDS}", f"user {ROLE}")
    waits.restart()
    say(waits, "mona", "signoff 2027-03-01")

    assert waits.place.day() == SPRING


def test_products_own_edit_stands_as_a_plan_until_a_user_was_heard(waits: Town) -> None:
    deals = len(waits.on_deal())
    waits.ask("mona", SPRING)

    assert waits.place.day() == SPRING, "it is never set back"
    assert "1 March is planned, not agreed" in spoken(waits) and "it is no yes yet" in spoken(waits)
    waits.clock.forward(minutes=25)
    waits.settle()
    assert len(waits.on_deal()) == deals and len(waits.waiting()) == 1

    say(waits, "mona", f"problem {WORDS}", f"user {ROLE}", "signoff 2027-03-01")
    assert waits.waiting() == [] and "1 March" in waits.on_deal()[-1]
    assert len(waits.on_deal()) == deals + 1


def test_an_override_needs_no_word_of_a_user(waits: Town) -> None:
    say(waits, "sam", "override 2027-04-15 because the contract says so")

    assert waits.place.day() == SUMMER


def test_whose_word_did_not_count_and_why_can_be_read(waits: Town, tmp_path: Path) -> None:
    say(waits, "mona", "signoff 2027-03-01")
    settings = {"HANDSHAKE_DATABASE_URL": f"sqlite:///{tmp_path}/handshake.db", "COLUMNS": "300"}

    def handshake(*words: str) -> str:
        result = CliRunner().invoke(main, ["decisions", *words], env=settings)
        assert result.exit_code == 0, result.output
        return result.stdout

    [look] = json.loads(handshake("--limit", "1", "--json"))
    shown = handshake("show", str(look["decisions"][0]["id"]))
    assert "yes does not count yet: product needs discovery first (discovery: required)" in shown
    assert "the problem in a user's words: nobody has said it" in shown


FORM = f"""{BODY}

### Problem in the user's words

{WORDS}

### User who was asked

{ROLE}
"""


def test_a_form_fills_it_and_asks_for_nothing_more(town: Town) -> None:
    town.edit("lee", body=FORM)
    said = say(town, "sam", f"link {town.deal}")
    assert "now wait for product" in said and "<in" not in said
    town.ask("lee", SPRING)
    assert "requested" in town.on_deal()[-1] and "/user" not in town.on_deal()[-1], (
        "nor is sales asked for one"
    )
    say(town, "mona", "signoff 2027-03-01")

    assert town.place.day() == SPRING
    said = "".join((*town.on_issue(), *town.on_deal()))
    assert "canary" not in said and "Ada" not in said


def test_a_form_filled_later_lets_product_know_that_it_is_its_turn(waits: Town) -> None:
    say(waits, "mona", "signoff 2027-03-01")
    waits.edit("lee", body=FORM)
    assert "That was all that was missing." in spoken(waits)
    assert not any("Scope" in text or "canary" in text for text in (*waits.on_issue(), *waits.on_deal()))
    waits.edit("lee", body=BODY)
    assert "a user who was asked" in say(waits, "mona", "signoff 2027-03-01")
    assert waits.place.day() != SPRING, "what was taken out is not there any more"

    waits.edit("lee", body=FORM)
    say(waits, "mona", "signoff 2027-03-01")
    assert waits.place.day() == SPRING


def allow(town: Town, who: str, may_link: bool) -> None:
    """Let somebody link deals, or not any more."""
    town.box.github.set_role(REPO, who, "write" if may_link else "read")
    town.box.jira.set_member("staff", who, may_link)


def test_what_a_stranger_wrote_counts_for_nothing_until_somebody_takes_it_over(waits: Town) -> None:
    allow(waits, "lee", False)
    waits.edit("lee", body=FORM)
    allow(waits, "lee", True)
    waits.edit("lee", body=FORM.replace("One login", "A login"))
    assert "Missing: the problem" in say(waits, "mona", "signoff 2027-03-01")
    waits.edit("lee", body=FORM.replace("nine tools", "ten tools").replace("head of IT", "CIO"))
    say(waits, "mona", "signoff 2027-03-01")

    assert waits.place.day() == SPRING


class TestOnGitHub:
    @pytest.fixture
    def tracker(self) -> str:
        return "github"

    def test_strangers_fill_nothing_and_a_public_place_repeats_no_word_of_it(self, waits: Town) -> None:
        waits.box.github.set_private(REPO, False)
        waits.comment("stranger", f"/problem {WORDS}")
        before = len(waits.on_issue())
        waits.comment("stranger", f"/user {ROLE}")
        assert len(waits.on_issue()) == before

        assert "Everybody can read this place: a role is enough" in say(waits, "mona", "signoff 2027-03-01")
        assert waits.place.day() != SPRING
        thanks = say(waits, "sam", f"problem {WORDS}", "user somebody, head of IT")
        assert "Thanks, noted" in thanks
        said = "".join(waits.on_issue()[before:])
        assert not any(word in said for word in ("canary", "head of IT", "Borealis", waits.deal))
        say(waits, "mona", "signoff 2027-03-01")
        assert waits.place.day() == SPRING

    def test_strangers_read_no_invitation(self, town: Town) -> None:
        town.box.github.set_private(REPO, False)
        town.comment("sam", f"/link {town.deal}")

        assert town.on_issue() and not any("problem" in text for text in town.on_issue())

    def test_a_milestone_asks_for_it_on_each_issue_that_a_deal_counts_on(self, linked: Town) -> None:
        hub = linked.box.github
        fill = f"/problem {WORDS}\n\n/user {ROLE}"
        linked.comment("mona", fill)
        linked.ask("mona", SPRING)
        linked.comment("mona", "/signoff 2027-03-01")
        other = hub.add_issue(REPO, "Export", BODY, author="lee", milestone="Spring release")
        deal = linked.box.jira.add_issue("SALES", "Aurora", reporter="sam")
        hub.as_user("sam").comment(REPO, other, f"/link {deal}")
        linked.settle()
        linked.clock.forward(hours=2)

        hub.as_user("lee").edit_milestone(REPO, "Spring release", due=SUMMER)
        linked.settle()
        linked.clock.forward(minutes=25)
        linked.comment("mona", f"/signoff {SUMMER}")
        assert f"Missing on {REPO}#{other}: the problem" in spoken(linked).replace("`", "")
        assert linked.place.day() == SPRING

        hub.as_user("sam").comment(REPO, other, fill)
        linked.settle()
        linked.comment("mona", f"/signoff {SUMMER}")
        assert hub.milestone(REPO, "Spring release").due_on.date() == SUMMER


class TestInJira:
    @pytest.fixture
    def tracker(self) -> str:
        return "jira"

    def test_a_restricted_comment_fills_it_and_is_not_repeated(self, waits: Town) -> None:
        site = waits.box.jira
        site.add_group("leads", ("mona", "sam", BOT))
        leads = {"type": "group", "value": "leads", "identifier": "leads"}
        for line in (f"handshake problem {WORDS}", f"handshake user {ROLE}"):
            site.as_user("sam").comment(waits.place.key, line, visibility=leads)
        waits.settle()
        say(waits, "mona", "signoff 2027-03-01")

        assert waits.place.day() == SPRING
        assert not any(word in "".join(waits.on_issue()) for word in ("canary", "Ada"))


class TestFieldsOfJira:
    @pytest.fixture
    def tracker(self) -> str:
        return "jira"

    @pytest.fixture
    def rules(self, rules: Path) -> Path:
        (rules / "discovery.yaml").write_text(
            f"discovery: {{jira: {{problem: What hurts, user: {ASKED}}}}}\n"
        )
        return rules

    def write(self, town: Town, who: str, problem: str | None, user: str | None) -> None:
        site = town.box.jira
        if HURTS not in site.fields:
            site.add_field("What hurts", "textarea", id=HURTS)
            site.add_field("Asked", "string", id=ASKED)
            town.clock.forward(minutes=11)  # so long may we not know of a field that is new
        site.as_user(who).write(town.place.key, HURTS, problem)
        site.as_user(who).write(town.place.key, ASKED, user)
        town.settle()

    def test_they_fill_it_of_whoever_may_say_so(self, waits: Town) -> None:
        assert "a user who was asked" in say(waits, "mona", "signoff 2027-03-01"), "no field is there yet"
        self.write(waits, "stranger", WORDS, ROLE)
        assert "a user who was asked" in say(waits, "mona", "signoff 2027-03-01")

        self.write(waits, "sam", f"{WORDS}!!", f"{ROLE} +49 30 1")
        self.write(waits, "lee", None, f"{ROLE} and a colleague")
        refusal = say(waits, "mona", "signoff 2027-03-01")
        assert "Missing: the problem in a user's own words." in refusal
        self.write(waits, "lee", WORDS.upper(), ROLE)
        assert "That was all that was missing." in spoken(waits)
        say(waits, "mona", "signoff 2027-03-01")

        assert waits.place.day() == SPRING
        assert not any(word in "".join(waits.on_deal()).lower() for word in ("canary", "ada"))
