"""Why a condition came out as it did: its parts, and what each of them saw."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.model import Answer, Reason
from automation.rulebook.conditions.expressions import bind, compile
from automation.rulebook.variables import ChangeVars, Conditions, DealVars, IssueVars

SEEN = Conditions(
    event="deadline.changed",
    issue=IssueVars(
        title='a && b "(', open=True, public=False, deals=(DealVars("S-1"), DealVars("S-2")), labels=("x",)
    ),
    change=ChangeVars(kind="set", days=3),
)


def why(text: str, seen: Conditions = SEEN) -> Reason:
    return compile(text).explain(bind(seen))


def told(reason: Reason) -> str:
    """Write a tree in a line: ``all of these:false[issue.open:true, …]``."""
    below = f"[{', '.join(map(told, reason.children))}]" if reason.children else ""
    return f"{reason.text}:{reason.answer.value}{below}"


def leaves(reason: Reason) -> list[Reason]:
    return [leaf for child in reason.children for leaf in leaves(child)] if reason.children else [reason]


def test_each_part_says_what_it_saw() -> None:
    [count, kind] = why('size(issue.deals) > 9 && change.kind == "set"').children

    assert (count.text, count.answer) == ("size(issue.deals) > 9", Answer.FALSE)
    assert count.values == (("size(issue.deals)", "2"),)
    assert (kind.answer, kind.values) == (Answer.TRUE, (("change.kind", '"set"'),))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("issue.open", "issue.open:true"),
        ("!issue.open", "not:false[issue.open:true]"),
        (
            "issue.open && (issue.public || change.days > 2) && !issue.public",
            "all of these:true[issue.open:true, "
            "one of these:true[issue.public:false, change.days > 2:true], not:true[issue.public:false]]",
        ),
        ("((issue.open)) || (issue.public)", "one of these:true[issue.open:true, issue.public:false]"),
        # What stands in quotes, in a comment or in a loop is no part of its own.
        (
            'issue.title == "a && (b" || issue.open',
            'one of these:true[issue.title == "a && (b":false, issue.open:true]',
        ),
        (
            'issue.title == """a"b && (""" || issue.title == r"\\(" || issue.open',
            'one of these:true[issue.title == """a"b && (""":false, '
            'issue.title == r"\\(":false, issue.open:true]',
        ),
        ("issue.open // && (\n && issue.public", "all of these:false[issue.open:true, issue.public:false]"),
        (
            'issue.deals.exists(d, d.open && d.key == "S-1") || "x" in issue.labels',
            'one of these:true[issue.deals.exists(d, d.open && d.key == "S-1"):false, '
            '"x" in issue.labels:true]',
        ),
        ("issue.open ? issue.public : true", "issue.open ? issue.public : true:false"),
    ],
)
def test_it_is_split_where_it_says_and_or_and_not(text, tree) -> None:
    assert told(why(text)) == tree


def test_what_has_no_answer_says_why_and_counts_only_where_nothing_else_decides() -> None:
    whole = why("1 / size(issue.users) > 0 || issue.open")

    assert whole.answer is Answer.TRUE
    assert whole.children[0].answer is Answer.ERROR
    assert dict(whole.children[0].values) == {"size(issue.users)": "0", "error": "divide by zero"}
    assert why("1 / size(issue.users) > 0 && issue.open").answer is Answer.ERROR
    assert why("!(1 / size(issue.users) > 0)").answer is Answer.ERROR


def test_a_list_of_deals_is_shown_by_their_keys_and_a_loop_by_what_it_goes_through() -> None:
    [leaf] = leaves(why('issue.deals.exists(d, d.key == "S-2")'))

    assert leaf.values == (("issue.deals", '["S-1", "S-2"]'),)


def test_long_values_and_halves_of_characters_do_not_fill_the_database() -> None:
    seen = Conditions(issue=IssueVars(title="x\ud800" * 5000, labels=tuple(map(str, range(50)))))

    for leaf in leaves(why('issue.title == "" || "1" in issue.labels', seen)):
        [(_, value)] = leaf.values
        assert len(value) <= 200
        value.encode()


ATOMS = (
    "issue.open",
    "issue.public",
    "size(issue.deals) > 1",
    'change.kind == "later"',
    "1 / (change.days - 3) > 0",
    'issue.title.contains("&& (")',
    '"x" in issue.labels',
)


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    two = st.tuples(parts, st.sampled_from(("&&", "||", " && // (\n")), parts)
    return st.one_of(
        two.map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
        parts.map(lambda p: f"!({p})"),
        parts.map(lambda p: f" ( {p} )"),
    )


@settings(max_examples=40, deadline=None)
@given(st.recursive(st.sampled_from(ATOMS), joined, max_leaves=8))
def test_the_tree_has_the_answer_that_the_condition_has(text: str) -> None:
    condition, binding = compile(text), bind(SEEN)
    try:
        answer = Answer.TRUE if condition.evaluate(binding) else Answer.FALSE
    except Exception:
        answer = Answer.ERROR

    assert condition.explain(binding).answer is answer
    assert {leaf.text for leaf in leaves(condition.explain(binding))} <= set(ATOMS)


def test_without_brackets_and_binds_closer_than_or() -> None:
    whole = why("issue.public || issue.open && issue.open")

    assert [child.text for child in whole.children] == ["issue.public", "all of these"]
