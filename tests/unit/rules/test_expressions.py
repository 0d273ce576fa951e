from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from automation.rulebook.conditions.expressions import (
    ConditionError,
    ExpressionError,
    Language,
    bind,
    compile,
)
from automation.rulebook.variables import ActorVars, ChangeVars, Conditions, DealVars, IssueVars, ValueVars

SEEN = Conditions(
    event="deadline.changed",
    issue=IssueVars(
        key="acme/shop#12",
        title="Single sign-on",
        open=True,
        labels=("customer-request",),
        deals=(DealVars(key="SALES-7", open=True, closes="2027-03-20"), DealVars(key="SALES-8")),
    ),
    change=ChangeVars(kind="later", new=ValueVars(day="2027-04-15"), days=45),
    actor=ActorVars(name="Mona"),
)


def holds(text: str, seen: Conditions = SEEN) -> bool:
    return compile(text).evaluate(bind(seen))


def error(text: str) -> ExpressionError:
    with pytest.raises(ExpressionError) as caught:
        compile(text)
    return caught.value


# ---------------------------------------------------------------- what conditions can ask


@pytest.mark.parametrize(
    "text",
    [
        'event == "deadline.changed"',
        "size(issue.deals) > 1",
        "issue.open && !actor.product",
        "change.days >= 45",
        "issue.deals.filter(d, d.open).exists(d, d.key.startsWith('SALES'))",
        'change.kind != "set"',
        "issue.deals.exists(d, d.closes < change.new.day)",
        'issue.deals.exists(d, d.key == "SALES-8" && !d.open)',
        '"customer-request" in issue.labels',
        r'issue.key.matches(r"^acme/.*#\d+$")',
        'issue.title.startsWith("Single") ||\n  issue.public',
        'commitment.day == ""',
        "double(change.days) > 44.5",
    ],
)
def test_a_true_condition_holds(text: str) -> None:
    assert holds(text)
    assert not holds(f"!({text})")


def test_without_values_everything_is_empty_and_nothing_is_missing() -> None:
    assert holds(
        "size(event) == 0 && size(issue.deals) == 0 && change.days == 0"
        ' && change.old.day == "" && issue.public',
        Conditions(),
    )


def test_one_binding_serves_many_conditions() -> None:
    binding = bind(SEEN)
    assert [compile(f"change.days > {n}").evaluate(binding) for n in (44, 45)] == [True, False]


def test_conditions_can_be_shared_between_threads() -> None:
    condition, binding = compile("issue.deals.exists(d, d.open)"), bind(SEEN)
    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(lambda _: condition.evaluate(binding), range(2000)))


def test_half_a_surrogate_pair_in_a_title_does_no_harm() -> None:
    assert holds('issue.title == "a?b"', Conditions(issue=IssueVars(title="a\ud800b")))


def test_a_condition_is_known_by_its_text() -> None:
    assert compile("issue.open") == compile("issue.open") != compile("issue.public")


# ---------------------------------------------------------------- what is refused at load


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ('issue.titel == "a"', (1, 7), "unknown field 'titel' in issue; did you mean 'title'?"),
        ("issue.deals.exists(d, d.opne)", (1, 25), "unknown field 'opne' in deal; did you mean 'open'?"),
        ('change.xyz == ""', (1, 8), "unknown field 'xyz' in change; it has field, label, kind"),
        ('chagne.new.day == ""', (1, 1), "unknown name 'chagne'; did you mean 'change'?"),
        ('title == "a"', (1, 1), "unknown name 'title'; did you mean 'issue.title'?"),
        ('issue.open &&\n  "x" == foo', (2, 10), "unknown name 'foo'; there is event, issue,"),
        ("issue.open == True", (1, 15), "unknown name 'True'; write true"),
        ('issue.title.startWith("a")', (1, 13), "unknown function 'startWith'; did you mean 'startsWith'?"),
        ('startsWith(issue.title, "a")', (1, 1), "'startsWith' is written after a text"),
        ("issue.open and issue.public", (1, 12), "'and' is not used here; write &&"),
        ("not issue.open", (1, 5), "'not' is not used here; write !"),
        ('change.kind = "set"', (1, 13), "'=' is not used here; write =="),
        ("size() > 1", (1, 1), "'size' is not used like this"),
        ("length(issue.title) > 1", (1, 1), "for how many there are, or how long a text is, write"),
        ('issue.title.has("a")', (1, 13), "has() is not needed"),
        ("issue..open", (1, 7), "this cannot be read from '.open' on"),
        ("99999999999999999999 > 1", (1, 1), "invalid int literal"),
        ("issue.open &&", (1, 14), "the condition ends too early"),
        ('issue.title == "a', (1, 16), "a quote is opened here and not closed"),
        ("issue.title == “a”", (1, 16), 'write straight quotes ("), not “'),
        (r'issue.title.matches("\d")', (1, 21), "in quotes a backslash is written twice"),
        ("", (1, 1), "this condition is empty"),
        ("  \n ", (1, 1), "this condition is empty"),
    ],
)
def test_a_misspelling_is_found_with_its_place(text: str, place: tuple[int, int], message: str) -> None:
    found = error(text)
    assert (found.line, found.column) == place
    assert found.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("issue.title", "a condition must come out true or false; this is text"),
        ("issue", "a condition must come out true or false; this is an issue"),
        ("dyn(issue.open)", "a condition must come out true or false; this is a value of no fixed kind"),
        ('change.days > "three"', "'>' does not work between a whole number and text"),
        ("issue.deals > 0", "for how many there are write size(...)"),
        ("issue.deals.size > 0", "write size(issue.deals)"),
        ('issue.deals.key == "A"', "this is a list: ask about its items with .exists(x, x.key == ...)"),
        ('issue.labels.contains("a")', 'for a list write "..." in list'),
        ('"a" in issue.title', 'for text write text.contains("...")'),
        ("issue.title == null", "there is no null: every variable always has a value"),
        ("issue.open && change.days", "'&&' needs true or false, and this is a whole number"),
        ('issue["title"] == "a"', "write a dot and the name of a field"),
        ("issue.open ? 1 : 2", "this is a whole number"),
        ("size(change.days) > 1", "'size' does not work on a whole number"),
        ("issue.open ? 1 : 'x'", "'?' needs true or false before it, and two values of one kind after it"),
        ('issue.title.day == ""', "text has no field 'day'"),
        ("actor.product == 'true'", "'==' does not work between a true/false value and text"),
        ("issue.title == change", "'==' does not work between text and a change"),
    ],
)
def test_a_wrong_type_is_said_in_plain_words(text: str, message: str) -> None:
    assert message in error(text).message


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("double(change.days) > 2", "write 2.0 rather than 2"),
        ("12 <= double(change.days)", "write 12.0 rather than 12"),
        ("double(change.days) > change.days", "wrap the whole one as double(...)"),
        ("change.days > 2.5", "wrap the whole one as double(...)"),
    ],
)
def test_whole_and_decimal_numbers_are_explained(text: str, hint: str) -> None:
    assert hint in error(text).message


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("has(issue.title)", 1),
        ("issue.open && has(change.new)", 15),
        ("issue.deals.exists(d, has(d.key))", 23),
    ],
)
def test_has_is_refused_since_it_would_mislead(text: str, column: int) -> None:
    found = error(text)
    assert found.column == column
    assert found.message.startswith("has() is not needed: every variable always has a value")


@pytest.mark.parametrize(
    ("text", "place", "cause"),
    [
        ('issue.title.matches("(")', (1, 21), "missing ): ("),
        ('"ä😀" == issue.key ||\n  matches(issue.title, "[")', (2, 24), "missing ]: ["),
        ('issue.labels.exists(l, l.matches(r"a(?=b)"))', (1, 34), "invalid perl operator: (?="),
        ('!issue.open ? true : issue.title.matches("a{2000}")', (1, 42), "repetition"),
    ],
)
def test_a_pattern_is_checked_before_it_is_live(text: str, place: tuple[int, int], cause: str) -> None:
    found = error(text)
    assert (found.line, found.column) == place
    assert found.message.startswith("this pattern cannot be read: ")
    assert cause in found.message


def test_text_that_only_looks_like_a_call_is_left_alone() -> None:
    assert holds('issue.title != "has(x) matches(\\"(\\")"')


@pytest.mark.parametrize(
    "bomb",
    [
        "(" * 200 + "true" + ")" * 200,
        "[" * 5000,
        '"a" == ' + " + ".join(['"a"'] * 60),
        "issue.open ? true : " * 50 + "true",
        "true && " * 20_000 + "true",
        '"' + "a" * 1_000_000 + '" == ""',
        "issue.deals.exists(d, " * 25 + "true" + ")" * 25,
        "issue.deals.exists(a, " * 3 + "true" + ")" * 3,
        '["ha"]' + ".map(a, a + a)" * 25 + ' == ["b"]',
    ],
)
def test_a_monstrous_condition_is_refused(bomb: str) -> None:
    assert "split it into several rules" in error(bomb).message


# ---------------------------------------------------------------- what fails later


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('issue.deals[5].key == "A"', "Index error: index=5 size=2"),
        ("1 / (change.days - 45) > 0", "divide by zero"),
        ('timestamp(issue.title) > timestamp("2027-01-01T00:00:00Z")', "Timestamp"),
        ("issue.title.matches(issue.deals[0].name + '[')", "missing ]: ["),
    ],
)
def test_what_has_no_answer_is_a_condition_error(text: str, message: str) -> None:
    with pytest.raises(ConditionError) as caught:
        holds(text)
    assert message in str(caught.value)
    assert "INVALID_ARGUMENT" not in str(caught.value)


def test_a_condition_that_would_run_for_ever_is_stopped() -> None:
    many = str([0] * 110)
    with pytest.raises(ConditionError, match=r"more than 10,000 steps"):
        holds(f"{many}.all(a, {many}.all(b, true))")


# ---------------------------------------------------------------- other variables


@dataclass(frozen=True)
class OfferVars:
    amount: float = 0.0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Offers:
    best: OfferVars = field(default_factory=OfferVars)
    all_of_them: tuple[OfferVars, ...] = ()
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unreadable:
    anything: dict[str, str] = field(default_factory=dict)


def test_every_kind_of_field_is_typed_from_its_dataclass() -> None:
    language = Language(Offers)
    seen = language.bind(Offers(OfferVars(2.5, ("a",)), (OfferVars(), OfferVars(1.0)), ("w",)))
    for text in (
        'best.amount > 2.0 && "a" in best.tags',
        "all_of_them.exists(o, o.amount == 1.0)",
        'words == ["w"]',
    ):
        assert language.compile(text).evaluate(seen)
    with pytest.raises(ExpressionError, match=r"write 2\.0 rather than 2"):
        language.compile("all_of_them.exists(o, o.amount > 2)")
    with pytest.raises(ExpressionError, match=r"unknown name 'amount'; did you mean 'best\.amount'\?"):
        language.compile("amount > 2.0")


def test_a_field_that_conditions_cannot_read_is_a_fault_of_ours() -> None:
    with pytest.raises(TypeError, match="Unreadable has a field of type"):
        Language(Unreadable)
