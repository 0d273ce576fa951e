"""What of a Markdown text counts as said: what people read and its author meant."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.text.visible import LONGEST_INPUT, visible

KEY = "SALES-1"
PAGE = "https://acme.example/browse/SALES-1"


@pytest.mark.parametrize(
    "text",
    [
        "**SALES-1** and _SALES-2_",
        "# For SALES-1",
        "- [ ] SALES-1",
        "| deal |\n|-|\n| SALES-1 |",
        "<details><summary>Deals</summary>\n\nSALES-1\n\n</details>",
        "<p>SALES-1</p>",
        "SALES\\-1",
        "SALES&#45;1",
        f"[the deal]({PAGE})",
        f"[the deal][1]\n\n[1]: {PAGE} 'title'",
        f"<{PAGE}>",
        f"[![build](https://x.example/x.svg)]({PAGE})",
        "> quoted\n\nSALES-1",
        "<!-- hidden --> SALES-1",
        "<del>old</del> SALES-1",
        "~5 days for SALES-1, ~6 without",
        "`code` SALES-1",
    ],
)
def test_what_people_read_counts(text: str) -> None:
    assert KEY in visible(text)


@pytest.mark.parametrize(
    "text",
    [
        "<!-- for example SALES-1 -->",
        "Text <!-- SALES-1 --> text",
        "Text\n<!--\nSALES-1\n\nSALES-1",
        "Text <!-- for example\n\nSALES-1 -->",
        "- <!-- x\n\nSALES-1",
        "`SALES-1` and ``SALES-1 ` ``",
        "```\nSALES-1\n```",
        "~~~\nSALES-1",
        "    SALES-1",
        "> SALES-1\nSALES-1",
        "- > SALES-1",
        "~~SALES-1~~",
        "~SALES-1~",
        "<s>SALES-1</s> <del>SALES-1</del> <strike>SALES-1</strike>",
        "<blockquote>\n\nSALES-1\n\n</blockquote>",
        "<pre>SALES-1</pre>",
        "<code>SALES-1</code>",
        f"[1]: {PAGE} 'SALES-1'",
        f"![SALES-1]({PAGE} 'SALES-1')",
        "[x](https://x.example 'SALES-1')",
        '<a title="SALES-1" name=SALES-1>x</a>',
        '<img alt="> SALES-1">',
        "~~for [SALES-1](https://acme.example/browse/SALES-1)~~",
    ],
)
def test_what_nobody_reads_or_means_does_not(text: str) -> None:
    assert KEY not in visible(text)


def test_words_that_run_together_stay_one_word() -> None:
    assert visible("**PRE**-SALES-1<b>0</b>") == "PRE-SALES-10"
    assert visible("SALES-1<br>SALES-2").split() == ["SALES-1", "SALES-2"]


@given(st.text(st.one_of(st.sampled_from("`*~<>!-[]()\n >\"'&=/sdel"), st.characters()), max_size=60))
def test_any_text_can_be_read_and_a_comment_says_nothing(text: str) -> None:
    assert KEY not in visible(f"<!-- {text.replace('>', '')} SALES-1")


@pytest.mark.parametrize(
    "part", ["<a ", "<a '\"", "<!--", "<!", "~a ", "[a](b) ", "<s>", "> ", "`a", "<p\n<", "&#", "<!-- -"]
)
def test_the_time_it_takes_does_not_explode(part: str) -> None:
    started = time.process_time()
    visible(part * (LONGEST_INPUT // len(part)))
    assert time.process_time() - started < 5
