"""A sign-off and the scope it was given for: which edits ask product again."""

from __future__ import annotations

import pytest

from automation.domain.agreed_scope import weigh
from automation.domain.scope import fingerprint, items

AGREED = items("Sign in", "- [ ] People sign in with Google\n- [ ] The session ends after 30 days\n")


@pytest.mark.parametrize(
    "body",
    [
        "- [x] People sign in with Google\n- [ ] The session ends after 30 days\n",
        "- [ ] The session ends after 30 days\n- [ ] People sign in with Google\n",
        "- [ ] People sign in with Google\n- [ ] The sesion ends after 30 days\n",
    ],
    ids=["ticked", "moved", "misspelt"],
)
def test_what_changes_nothing_of_substance_leaves_the_sign_off(body: str) -> None:
    assert weigh(AGREED, AGREED, items("Sign in", body), by_product=False).differs is None


@pytest.mark.parametrize(
    "body",
    [
        "- People sign in with Google\n- The session ends after 60 days\n",
        "- People sign in with Google\n- The session ends after 30 days\n- It works on phones\n",
        "- People sign in with Google\n",
    ],
    ids=["changed", "added", "removed"],
)
def test_a_requirement_changed_from_outside_asks_product_and_keeps_what_was_agreed(body: str) -> None:
    standing = weigh(AGREED, AGREED, items("Sign in", body), by_product=False)
    assert standing.differs is not None and standing.agreed == AGREED


def test_products_own_edit_confirms_itself() -> None:
    now = items("Sign in", "- People sign in with Google\n")
    standing = weigh(AGREED, AGREED, now, by_product=True)
    assert standing.differs is None and standing.agreed == now


def test_products_edit_does_not_confirm_what_others_changed_before() -> None:
    theirs = items("Sign in", "- People sign in with Google\n")
    now = items("Sign in", "- People sign in with Google\n- It works on phones\n")
    standing = weigh(AGREED, theirs, now, by_product=True)
    assert standing.differs is not None and standing.differs.removed == ("The session ends after 30 days",)


def test_an_edit_that_is_undone_restores_the_sign_off() -> None:
    theirs = items("Sign in", "- People sign in with Google\n")
    assert weigh(AGREED, theirs, AGREED, by_product=False).differs is None


def test_small_edits_add_up_against_what_was_agreed() -> None:
    one = items("Sign in", "- People sign in with Google\n- The session ends after 31 days\n")
    two = items("Sign in", "- People sign in with Google\n- The session ends after 32 days\n")
    differs = weigh(AGREED, one, two, by_product=False).differs
    assert differs is not None
    assert differs.changed == (("The session ends after 30 days", "The session ends after 32 days"),)


def test_the_fingerprint_is_of_what_is_asked_for_not_of_how_it_is_laid_out() -> None:
    moved = items("Sign in", "* The session ends after 30 days.\n* [x] People sign in with Google\n")
    assert fingerprint(moved) == fingerprint(AGREED)
    assert fingerprint(AGREED[:-1]) != fingerprint(AGREED)
