"""What a deal's note says can be read by its customer: no other customer, person or amount is in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.end_to_end.conftest import BODY, REPO, SPRING, SUMMER, Town, both

URGENT = "[URGENT] feat(auth): SAML broken for Delta Bank - they threaten to leave!!"
UNFIT = (
    "Remove the hack for Delta (they pay 400k)",
    "like the Delta Bank pilot",
    "dashboards as Anna-Lena drew them",
    "ready for 300 seats",
)
CANARIES = re.compile(r"delta|400|threaten|urgent|hack|anna|300|feat|broken", re.IGNORECASE)


tracker = both


@pytest.fixture
def rules(rules: Path) -> Path:
    """The shipped rules; a note about a date that waits shows whether it may ask for a user."""
    path = rules / "messages" / "date-asked.deals.liquid"
    path.write_text(path.read_text("utf-8") + "\n\n{% if ask_user %}(May ask.){% endif %}", "utf-8")
    return rules


@pytest.fixture
def beside(town: Town) -> Town:
    """Another issue is linked to Delta's deal, which so is known; ours to that of Borealis."""
    site = town.box.jira
    site.add_user("anna", "Anna-Lena Meyer")
    delta = site.add_issue("SALES", "Pilot: Delta Bank, 500 seats", reporter="sam", assignee="anna")
    town.comment("sam", f"/link {delta}")
    town.comment("sam", f"/unlink {delta}")
    town.comment("sam", f"/link {town.deal}")
    return town


def noted(town: Town) -> str:
    """Return what was written last on the deal of Borealis."""
    return town.on_deal()[-1].replace("\\", "").replace("\u200b", "")


def spoken(town: Town) -> str:
    return town.on_issue()[-1].replace("\\", "").replace("\u200b", "")


def tell_all(town: Town) -> None:
    town.ask("lee", SPRING)
    town.comment("mona", "/decline")
    town.ask("lee", SPRING)
    town.comment("mona", "/signoff 2027-03-01")
    town.ask("lee", SUMMER)
    town.comment("mona", "/signoff 2027-04-15")


def test_no_deal_reads_what_a_title_or_an_item_says_of_others(beside: Town) -> None:
    before = len(beside.on_deal())
    beside.edit("lee", title=URGENT, body=f"{BODY}\n" + "".join(f"- {item}\n" for item in UNFIT))
    tell_all(beside)
    beside.edit("lee", title="Single sign-on", body=BODY)

    told = beside.on_deal()[before:]
    assert len(told) > 5
    assert [text for text in told if CANARIES.search(text)] == []
    assert "what you asked for" in told[1].lower()
    assert "worded for colleagues only" in told[0]
    assert any("Delta" in text for text in beside.on_issue()), "engineers read the items as they are"


def test_the_title_in_a_message_of_operations_is_to_deals_what_customers_may_call_it(
    beside: Town, rules: Path
) -> None:
    beside.edit("lee", title=URGENT)
    path = rules / "messages" / "date-asked.deals.liquid"
    path.write_text("**{{ issue.title }}**\n\nIs being looked at.\n", "utf-8")

    beside.ask("lee", SPRING)

    assert noted(beside).startswith("what you asked for")


def test_items_that_customers_may_read_are_quoted_and_the_others_counted(beside: Town) -> None:
    beside.edit("lee", body=f"{BODY}\n- a sign-in page in Danish\n- {UNFIT[0]}\n- {UNFIT[1]}")

    assert "New: “a sign-in page in Danish”" in noted(beside)
    assert "and two more points" in noted(beside)
    assert not CANARIES.search(noted(beside))

    beside.edit("lee", body="One login for all tools.\n\n- a sign-in page in Danish")
    assert "No longer: “log out everywhere”" in noted(beside)
    assert "worked out more" not in noted(beside)


def test_a_name_for_customers_is_what_deals_read_until_it_is_taken_away(beside: Town) -> None:
    beside.edit("lee", title=URGENT)
    call = "/name" if "#" in beside.place.key else "handshake name"
    answers = len(beside.on_issue())

    beside.comment("sam", f"{call} “Sign-on & more”")
    assert "Customers will read: “Sign-on & more”" in spoken(beside)
    beside.comment("mona", f"{call} Sign-on & more")
    assert len(beside.on_issue()) == answers + 1, "the same again says nothing"
    beside.ask("lee", SPRING)
    assert noted(beside).startswith("Sign-on & more: 1 March is requested")

    beside.comment("mona", call)
    assert "customers will read: “what you asked for”" in spoken(beside)
    beside.comment("mona", "/decline")
    assert noted(beside).lower().startswith("what you asked for: 1 march is not possible")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("x" * 61, "at most 60 characters"),
        ("https://wiki.example/sso", "no address"),
        ("/signoff 2027-03-01", "does not read like a name"),
    ],
)
def test_a_name_that_cannot_be_one_gets_one_helpful_reply(linked: Town, typed: str, said: str) -> None:
    before = len(linked.on_issue())
    linked.comment("sam", f"/name {typed}")

    assert len(linked.on_issue()) == before + 1
    assert said in spoken(linked) and "<a few words>" in spoken(linked)
    linked.ask("lee", SPRING)
    assert noted(linked).startswith("“Single sign-on”:")


def test_strangers_name_nothing_and_nobody_and_hear_nothing(linked: Town) -> None:
    if "#" in linked.place.key:
        linked.box.github.set_private(REPO, False)
    said = len(linked.on_issue())
    linked.comment("stranger", "/name A scandal")  # by which we see that strangers read along
    before = linked.on_issue()
    assert len(before) == said
    for line in ("/name", "/user Eve, eve@evil.example"):
        linked.comment("stranger", line)
    assert linked.on_issue() == before

    linked.ask("lee", SPRING)
    assert noted(linked).startswith("“Single sign-on”:")

    if "#" in linked.place.key:  # where strangers read along
        linked.comment("sam", "/user Ada Lovelace, ada@delta.example")
        assert "Thanks, noted" in spoken(linked) and "Ada" not in spoken(linked)


def test_the_field_of_a_form_names_it_if_it_may_be_said(beside: Town) -> None:
    for typed, heading in (
        ("Log in once", "“log in once”"),
        ("*No response*", "what you asked for"),
        ("Login for Delta Bank", "what you asked for"),
    ):
        beside.edit("lee", title=URGENT, body=f"{BODY}\n\n### Name for customers\n\n{typed}\n\n### More\n\nx")
        beside.ask("lee", SPRING)
        assert noted(beside).lower().startswith(f"{heading}: 1 march is requested"), typed
        beside.comment("mona", "/decline")


def test_a_user_to_talk_to_is_noted_once_and_deals_are_asked_for_one_once(beside: Town) -> None:
    first = beside.worker_app.states
    beside.ask("lee", SPRING)
    assert _asking(beside) == [True]
    beside.comment("mona", "/decline")
    beside.ask("lee", SUMMER)
    assert _asking(beside) == [True, False], "a deal is asked once"

    answers = len(beside.on_issue())
    ada = "Ada Lovelace, head of IT, ada@borealis.example"
    beside.comment("sam", f"/user {ada}")
    beside.comment("lee", f"/user {ada}")
    assert len(beside.on_issue()) == answers + 1
    assert "Noted for product: Ada Lovelace, head of IT" in spoken(beside)

    subject = next(subject for subject, _ in first.open_proposals())
    state, _ = first.load(subject)
    assert [(user.words, user.by.name.lower()) for user in state.users] == [(ada, "sam")]
    beside.edit("lee", title="A console for Ada Lovelace")
    beside.comment("mona", "/decline")
    assert noted(beside).lower().startswith("what you asked for"), (
        "a customer's people are not for other customers"
    )


def test_where_a_user_is_known_no_deal_is_asked_for_one(linked: Town) -> None:
    linked.comment("sam", "/user Ada Lovelace, head of IT")
    linked.ask("lee", SPRING)
    assert _asking(linked) == [False]


def _asking(town: Town) -> list[bool]:
    """Return of each note about a date that waits whether it might ask whom product may talk to."""
    return ["(May ask.)" in text for text in town.on_deal() if "is requested, not agreed" in text]


def test_the_owner_of_the_deal_may_name_a_user_on_the_issue(town: Town) -> None:
    if "#" in town.place.key:
        pytest.skip("a deal in Jira is owned by an account in Jira")
    town.box.jira.add_user("olaf", "Olaf")
    town.deal = town.box.jira.add_issue("SALES", "Fjord AS", reporter="sam", assignee="olaf")
    town.comment("sam", f"/link {town.deal}")
    town.comment("olaf", "/name Mine")
    before = len(town.on_issue())

    town.comment("olaf", "/user Ada Lovelace, head of IT")

    assert len(town.on_issue()) == before + 1
    assert "Noted for product" in spoken(town)


def test_people_are_called_by_their_names_and_mentioned_by_their_logins(town: Town) -> None:
    if "#" not in town.place.key:
        pytest.skip("Jira gives names wherever it gives people")
    town.box.github.user("mona").name = "Mona Lisa"
    town.box.github.user("lee").name = "Lee *Young*\u202e"
    town.comment("sam", f"/link {town.deal}")
    town.ask("lee", SPRING)
    assert "@mona" in spoken(town)
    town.comment("mona", "/decline")

    assert "Mona Lisa answered for product" in spoken(town)
    assert "Mona Lisa can tell you more" in noted(town)
    asked = [r.path for r in town.box.requests if re.fullmatch(r"/user/\d+", r.path)]
    people = [town.box.github.user(who).id for who in ("sam", "lee")]
    assert max(asked.count(f"/user/{id}") for id in people) <= 1, "names come with the issue, or once an hour"

    town.clock.forward(minutes=61)
    town.box.fail_next("GET", f"/user/{town.box.github.user('sam').id}", "502 before")
    town.comment("sam", "/unlink " + town.deal)
    assert "sam can connect it again" in noted(town)
