"""Which of an issue's words are no scope is for the rules to say."""

from __future__ import annotations

from pathlib import Path

from automation.domain.scope import SHIPPED, compare, items
from automation.domain.scope_items import scope_words
from automation.model import ScopeChange
from automation.rulebook.rulebook import load

OURS = scope_words(("Wishes",), ("Phase 2", "Won't-do"), ("n/a",))


def test_the_shipped_rules_spell_out_what_holds_without_them() -> None:
    assert load(Path("rules")).scope_words == SHIPPED


def test_a_heading_that_the_rules_name_asks_for_nothing() -> None:
    old, new = "- Export as CSV", "## WISHES\n- Export as CSV"
    assert compare(items("", old, OURS), items("", new, OURS)) is None
    assert compare(items("", old), items("", new)) == ScopeChange(added=("WISHES",))


def test_what_moves_below_a_heading_that_leaves_out_is_news() -> None:
    old, new = "- Export as CSV", "**Phase-2:**\n\n- Export as CSV"
    assert compare(items("", old, OURS), items("", new, OURS)) is not None
    assert [one.left_out for one in items("", "## Won’t do\n- SAML", OURS)] == [True]


def test_what_forms_write_into_an_empty_field_is_nothing() -> None:
    assert items("", "### Anything else?\n\nN/A", OURS)[1:] == ()


def test_a_word_of_signs_alone_names_no_heading() -> None:
    nothing = scope_words(("—",), ("…",), ("-",))
    assert [item.left_out for item in items("", "## " + "x" * 200 + "\n- Export", nothing)] == [False, False]
