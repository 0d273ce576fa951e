"""What customers may read of an issue's title and items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.customer_names import (
    LONGEST_ITEM,
    LONGEST_NAME,
    Known,
    items_for_customers,
    name_from_title,
    stripped,
)

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
