"""A sign-off and the scope it was given for: which edits ask product again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from automation.domain.agreed_scope import Standing, differing, weigh, words_at
from automation.domain.scope import SHIPPED, fingerprint, items
from automation.model import Agreed, Edit, Person, Words
from tests.factories import LEE, MONA, NOW

AGREED = Words("Sign in", "- [ ] People sign in with Google\n- [ ] The session ends after 30 days\n")
LESS = Words("Sign in", "- People sign in with Google\n")
MORE = Words("Sign in", "- People sign in with Google\n- It works on phones\n")


def edits(*made: tuple[Person | None, Words | None]) -> tuple[Edit, ...]:
    return tuple(Edit(by, NOW + timedelta(minutes=n), words) for n, (by, words) in enumerate(made, 1))


def weighed(*made: tuple[Person | None, Words | None], now: Words | None = None) -> Standing:
    words = now or made[-1][1]
    assert words is not None
    differs = differing(SHIPPED, lambda change: change)
    return weigh(Agreed(AGREED, NOW), edits(*made), words, lambda person: person == MONA, differs)


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
    assert weighed((LEE, Words("Sign in", body))).differs is None


@pytest.mark.parametrize("by", [LEE, None], ids=["an engineer", "nobody knows who"])
@pytest.mark.parametrize(
    "body",
    [
        "- People sign in with Google\n- The session ends after 60 days\n",
        "- People sign in with Google\n- The session ends after 30 days\n- It works on phones\n",
        "- People sign in with Google\n",
    ],
    ids=["changed", "added", "removed"],
)
def test_a_requirement_changed_from_outside_asks_product_and_keeps_what_was_agreed(
    body: str, by: Person | None
) -> None:
    standing = weighed((by, Words("Sign in", body)))
    assert standing.differs is not None and standing.agreed.words == AGREED


def test_products_own_edit_confirms_itself() -> None:
    standing = weighed((MONA, LESS))
    assert standing == Standing(Agreed(LESS, NOW + timedelta(minutes=1)))


def test_products_edit_does_not_confirm_what_others_changed_before() -> None:
    standing = weighed((LEE, LESS), (MONA, MORE))
    assert standing.differs is not None and standing.differs.removed == ("The session ends after 30 days",)


def test_what_others_change_after_products_edit_is_held_against_that() -> None:
    standing = weighed((MONA, LESS), (LEE, MORE))
    assert standing.agreed.words == LESS
    assert standing.differs is not None and standing.differs.added == ("It works on phones",)


def test_an_edit_that_is_undone_restores_the_sign_off_whoever_undoes_it() -> None:
    assert weighed((LEE, LESS), (LEE, AGREED)).differs is None
    assert weighed((LEE, LESS), (MONA, AGREED), (MONA, MORE)).differs is None


def test_nothing_is_waved_through_on_words_that_cannot_be_read_any_more() -> None:
    assert weighed((LEE, None), (MONA, MORE)).differs is not None


def test_small_edits_add_up_against_what_was_agreed() -> None:
    one, two = (Words("Sign in", AGREED.body.replace("30", days)) for days in ("31", "32"))
    differs = weighed((LEE, one), (LEE, two)).differs
    assert differs is not None
    assert differs.changed == (("The session ends after 30 days", "The session ends after 32 days"),)


def test_a_yes_is_to_the_words_of_its_moment() -> None:
    made = edits((LEE, LESS), (LEE, MORE))
    assert words_at(NOW, made, AGREED, MORE) == AGREED
    assert words_at(NOW + timedelta(minutes=2), made, AGREED, MORE) == LESS
    assert words_at(NOW + timedelta(minutes=3), made, AGREED, MORE) == MORE


def test_the_fingerprint_is_of_what_is_asked_for_not_of_how_it_is_laid_out() -> None:
    agreed = items(AGREED.title, AGREED.body)
    moved = items("Sign in", "* The session ends after 30 days.\n* [x] People sign in with Google\n")
    assert fingerprint(moved) == fingerprint(agreed)
    assert fingerprint(agreed[:-1]) != fingerprint(agreed)
