"""What customers may read of an issue's title and items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.domain.customer_names import (
    LONGEST_ITEM,
    LONGEST_NAME,
    UNNAMED,
    Known,
    form_name,
    items_for_customers,
    known_beside,
    name_from_title,
    name_of,
    stripped,
)
from automation.model import KnownName
from tests.factories import deal

KNOWN = Known(
    deals=("Delta Bank, 500 seats", "Écho Foods - renewal 2027", "North-Star GmbH"),
    customers=("Umbrella Corp",),
    people=("Lee Young", "mona", "Rolf"),
)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Single sign-on", "Single sign-on"),
        ("single sign-on.", "Single sign-on"),
        ("[URGENT] feat(auth)!: Single sign-on", "Single sign-on"),
        ("PROD-12: Single sign-on (SALES-7)", "Single sign-on"),
        ("#12 Single sign-on [backend]", "Single sign-on"),
        ("**Single** `sign-on`", "Single sign-on"),
        ("🚀 Single sign-on 🔥", "Single sign-on"),
        ("Epic: Audit log", "Audit log"),
        ("(P1) Bug - Audit log", "Audit log"),
        ("[Audit log](https://wiki.example/audit)", "Audit log"),
        ("Export (CSV, Excel)", "Export (CSV, Excel)"),
        ("Sign-in for Android", "Sign-in for Android"),
        ("Mark as read", "Mark as read"),
        ("iPhone app", "iPhone app"),
        ("Export: PDF", "Export: PDF"),
        ("Sync with Google's calendar", "Sync with Google's calendar"),
        ("Sort by Due Date", "Sort by Due Date"),
    ],
)
def test_a_title_is_said_without_tags_prefixes_keys_and_markup(title: str, name: str) -> None:
    assert name_from_title(title, KNOWN) == name


@pytest.mark.parametrize(
    "title",
    [
        "[URGENT] feat(auth): SAML broken for Delta Bank - they threaten to leave!!",
        "Remove the hack for Delta (they pay 400k)",
        "SAML for delta bank",
        "Echo-Foods wants dark mode",
        "Dark mode like ECHO FOODS' app",
        "Import for Northstar: north star first",
        "Umbrella dashboard",
        "Dashboard as Lee Young drew it",
        "Dashboard as Lee drew it",
        "Ask mona about SAML",
        "Rolf's export",
        "Export worth €40,000",
        "Export (400k)",
        "Export for 300 seats",
        "Export, see https://wiki.example",
        "Export @lee",
        "Export as in PROD-12 and more",
        "Keep the customer happy",
        "SAML for Zebra Insurance",
        "SAML for Zebra Ltd",
        "Login für die Zebra GmbH",
        "Dark mode like Zebra's app",
        "Zebra wants dark mode",
        "Ask Zoe about SAML",
        "EchoFoods login",
        "echofoods login",
        "\uff25\uff43\uff48\uff4f dark mode",
        "E\u200bcho dark mode",
        "Rows: two million",
        "Login is broken",
        "Data breach in exports",
        "A " * 40,
        "[]",
        "🚀",
        "",
        "PROD-12",
    ],
)
def test_a_title_that_is_not_for_customers_gives_no_name(title: str) -> None:
    assert name_from_title(title, KNOWN) == ""


def test_the_deal_that_is_told_may_read_its_own_name() -> None:
    assert name_from_title("SAML for Delta Bank", Known(("Echo Foods",), own="Delta Bank, 5 seats")) == (
        "SAML for Delta Bank"
    )


def test_known_are_all_deals_but_the_one_told_and_others_of_its_customer() -> None:
    names = [
        KnownName("deal", "jira", "SALES-1", "Delta Bank, 500 seats"),
        KnownName("deal", "jira", "SALES-2", "Renewal: Delta Bank"),
        KnownName("deal", "jira", "SALES-3", "SSO for Nordlicht"),
        KnownName("owner", "jira", "SALES-1", "Otto Berg"),
        KnownName("person", "github", "7", "rolf"),
    ]
    known = known_beside(deal("SALES-1"), names, ["Lee Young", ""])

    assert name_from_title("SSO for Delta Bank", known) == "SSO for Delta Bank"
    assert name_from_title("Nordlicht login", known) == ""
    assert name_from_title("SSO login", known) == "SSO login"
    for somebody in ("Lee", "Otto", "rolf", "Otto Berg"):
        assert name_from_title(f"Login as {somebody} drew it", known) == ""
    assert name_from_title("SSO for Delta Bank", known_beside(deal("SALES-3"), names)) == ""
    assert name_from_title("SSO for Delta Bank", known_beside(None, names)) == ""


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("### Name for customers\n\nSingle sign-on\n\n### More\n\nx", "Single sign-on"),
        ("intro\n\n# NAME FOR CUSTOMERS:\nSingle **sign-on**\nmore", "Single sign-on"),
        ("### Name for customers\n\n_No response_\n", ""),
        ("### Name for customers\n\n### Next\n\nx", ""),
        ("### Name for customers\n\n- a list\n", ""),
        ("<!--\n### Name for customers\n\nHidden\n-->\n", ""),
        ("> ### Name for customers\n>\n> Quoted\n", ""),
        ("```\n### Name for customers\n\nCode\n```\n", ""),
        ("### Name for customers\n\n<!-- a few words -->\n\nSeen\n", "Seen"),
        ("Name for customers", ""),
        ("### Name for customers", ""),
    ],
)
def test_a_form_names_it_where_people_can_read_it(body: str, name: str) -> None:
    assert form_name(body) == name


def test_what_was_said_goes_before_the_form_and_the_form_before_the_title() -> None:
    body = "### Name for customers\n\nLog in once"
    for said, title, words, name in (
        ("Sign-on", "SSO", body, "Sign-on"),
        ("", "SSO", body, "“Log in once”"),
        ("", "SSO", body.replace("once", "for Delta Bank"), "“SSO”"),
        ("", "SSO", "", "“SSO”"),
        ("", "SSO for Delta", "", "what you asked for"),
    ):
        assert name_of(title, words, said, KNOWN) == name
    assert UNNAMED == "what you asked for"


def test_items_that_are_not_for_customers_are_left_out() -> None:
    items = ("log in with the company account", "like Delta Bank has it", "x" * (LONGEST_ITEM + 1))

    assert items_for_customers(items, KNOWN) == items[:1]


@given(st.text(max_size=300))
def test_whatever_is_typed_a_name_is_short_names_nobody_and_stays_what_it_is(title: str) -> None:
    name = name_from_title(title + " Delta Bank", KNOWN)
    assert name == "" or "elta" not in name

    name = name_from_title(title, KNOWN)
    assert len(name) <= LONGEST_NAME
    assert stripped(name) in (name, "") or name_from_title(name, KNOWN) == stripped(name)
