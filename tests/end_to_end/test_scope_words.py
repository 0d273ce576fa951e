"""Operations say in the rules which headings of an issue are no scope."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.conftest import BODY, Town, both

tracker = both


def test_a_heading_named_in_the_rules_is_no_news_and_what_is_left_out_there_is(
    town: Town, rules: Path
) -> None:
    settings = rules / "scope.yaml"
    words = (
        settings.read_text()
        .replace("headings: [", "headings: [Wishes,")
        .replace("left_out: [", "left_out: [Phase 2,")
    )
    settings.write_text(words)
    town.clock.forward(seconds=2)
    town.comment("sam", f"/link {town.deal}")
    before = town.on_issue()

    town.edit("lee", body=f"## Wishes\n\n{BODY}")
    town.clock.forward(hours=1)
    town.settle()
    assert town.on_issue() == before

    town.edit("lee", body=f"{BODY}\n\n## Phase 2\n\n- log in by telephone")
    town.clock.forward(hours=1)
    town.settle()
    assert "Phase 2: log in by telephone" in town.on_issue()[-1].replace("\\", "")
