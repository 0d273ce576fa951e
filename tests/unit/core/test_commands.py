"""The command grammar: whole lines, few words, and a kind problem for what cannot be read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.commands import GRAMMAR, LONGEST_LINE, parse
from automation.deadlines import LABELS
from automation.model import Command

SPRING = date(2027, 3, 1)


def one(line: str) -> Command:
    [command] = parse([line])
    return command


# ---------------------------------------------------------------- what is a command


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/link SALES-7", Command("link", deal="SALES-7")),
        ("/unlink SALES-7", Command("unlink", deal="SALES-7")),
        ("/signoff", Command("signoff")),
        ("/signoff 2027-03-01", Command("signoff", day=SPRING)),
        ("/signoff none", Command("signoff", nothing=True)),
        ("/signoff milestone", Command("signoff", field="milestone")),
        ("/signoff milestone 2027-03-01", Command("signoff", field="milestone", day=SPRING)),
        ("/signoff 2027-03-01 milestone", Command("signoff", field="milestone", day=SPRING)),
        ("/signoff duedate none because so", Command("signoff", "", "duedate", nothing=True, because="so")),
        ("/decline", Command("decline")),
        ("/decline because the export comes first", Command("decline", because="the export comes first")),
        ("/ask 2027-03-01 because they start then", Command("ask", day=SPRING, because="they start then")),
        ("/withdraw", Command("withdraw")),
    ],
)
def test_this_is_how_commands_are_written(line, command) -> None:
    assert parse([line]) == [command]


@pytest.mark.parametrize("word", GRAMMAR)
def test_each_example_is_a_command_of_its_word_without_a_problem(word) -> None:
    command = one(GRAMMAR[word].example)

    assert (command.word, command.problem) == (word, "")


@pytest.mark.parametrize("word", GRAMMAR)
def test_usage_begins_with_its_word(word) -> None:
    assert GRAMMAR[word].usage.split()[0] == f"/{word}"


@pytest.mark.parametrize(
    "line",
    [
        "/SIGNOFF 2027-03-01",
        "/SignOff 2027-03-01",
        "  /signoff 2027-03-01  ",
        "/signoff\t2027-03-01",
        "/signoff    2027-03-01",
        "handshake signoff 2027-03-01",
        "Handshake  SignOff 2027-03-01",
    ],
)
def test_case_and_spaces_do_not_matter(line) -> None:
    assert one(line) == Command("signoff", day=SPRING)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "/",
        "signoff 2027-03-01",
        "please /signoff 2027-03-01",
        "I would /signoff this",
        "/signoffs 2027-03-01",
        "/sign-off 2027-03-01",
        "/signoff2027-03-01",
        "//signoff",
        "/ signoff",
        "/deploy production",
        "/close",
        "handshake",
        "handshake deploy",
        "handshake /signoff",
        "a handshake signoff",
        "handshakesignoff",
        "> /signoff",
        "`/signoff`",
    ],
)
def test_anything_else_is_no_command(line) -> None:
    assert parse([line]) == []


def test_each_line_is_read_on_its_own_and_in_order() -> None:
    lines = ["Thanks, all.", "/link SALES-7", "And then:", "/signoff 2027-03-01", "Bye."]

    assert [command.word for command in parse(lines)] == ["link", "signoff"]


# ---------------------------------------------------------------- because


@pytest.mark.parametrize(
    "line",
    [
        "/signoff 2027-03-01 because it fits",
        "/signoff 2027-03-01 BECAUSE it fits",
        "/signoff 2027-03-01 because: it fits",
        "/signoff 2027-03-01 because, it fits ",
    ],
)
def test_a_reason_follows_because(line) -> None:
    assert one(line) == Command("signoff", day=SPRING, because="it fits")


def test_a_reason_may_hold_anything_also_dates_and_because() -> None:
    command = one("/decline because none before 2027-03-01, because of /signoff milestone")

    assert command == Command("decline", because="none before 2027-03-01, because of /signoff milestone")


def test_an_empty_reason_is_no_reason() -> None:
    assert one("/decline because") == Command("decline")


def test_because_is_a_word_of_its_own() -> None:
    assert one("/decline becauseofthis").problem


# ---------------------------------------------------------------- what cannot be read


@pytest.mark.parametrize("word", ["link", "unlink"])
@pytest.mark.parametrize("rest", ["", " ", " <>", " SALES-7 SALES-8", " SALES-7 please"])
def test_a_link_names_exactly_one_deal(word, rest) -> None:
    assert one(f"/{word}{rest}").problem == "Name one deal, by its key or its address."


@pytest.mark.parametrize(
    "typed", ["SALES-7", "<SALES-7>", "https://jira.example/browse/SALES-7", "<https://jira.example/SALES-7>"]
)
def test_a_deal_may_stand_in_angle_brackets(typed) -> None:
    assert one(f"/link {typed}").deal == typed.strip("<>")


@pytest.mark.parametrize("day", ["2027-02-29", "2027-13-01", "2027-00-00", "0000-01-01"])
def test_a_day_that_is_in_no_calendar_is_said_to_be_none(day) -> None:
    assert one(f"/signoff {day}") == Command("signoff", problem=f"{day} is not a day of the calendar.")


@pytest.mark.parametrize(
    ("rest", "unread"),
    [
        ("tomorrow", "tomorrow"),
        ("1.3.2027", "1.3.2027"),
        ("2027-3-1", "2027-3-1"),
        ("2027-03-01 2027-04-15", "2027-04-15"),
        ("none 2027-03-01", "2027-03-01"),
        ("2027-03-01 none", "none"),
        ("milestone duedate", "duedate"),
        ("milestone milestone", "milestone"),
        ("2027-03-01 it fits", "it"),
    ],
)
def test_what_was_not_understood_is_quoted(rest, unread) -> None:
    assert one(f"/signoff {rest}").problem == f"I could not read “{unread}”. Write a date like 2027-03-01."


@pytest.mark.parametrize("line", ["/ask", "/ask because they start then", "/ask none", "/ask milestone"])
def test_whoever_asks_names_a_date(line) -> None:
    assert one(line).problem == "Name the date you ask for."


def test_a_command_with_a_problem_carries_nothing_that_could_be_acted_on() -> None:
    command = one("/signoff milestone 2027-03-01 nonsense because so")

    assert command == Command("signoff", problem=command.problem)


# ---------------------------------------------------------------- whatever is typed


WORDS = st.sampled_from([f"/{word}" for word in GRAMMAR] + [f"handshake {word}" for word in GRAMMAR])
TOKENS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["because", "none", "milestone", "2027-03-01", "２０２７-03-01", "<", ">"]),
)


@given(st.lists(st.text(max_size=200), max_size=5))
def test_reading_any_lines_never_fails(lines) -> None:
    parse(lines)


@given(WORDS, st.lists(TOKENS, max_size=6))
def test_a_line_that_begins_with_a_command_is_one_or_is_none(start, tokens) -> None:
    found = parse([" ".join([start, *tokens])])

    assert len(found) <= 1
    for command in found:
        assert command.word in GRAMMAR
        assert not (command.day and command.nothing)
        assert len(command.because) <= LONGEST_LINE
        assert not (command.problem and (command.day or command.nothing or command.deal or command.field))


@given(st.dates(), st.sampled_from([*LABELS, ""]))
def test_every_date_of_the_calendar_can_be_signed(day, field) -> None:
    assert one(f"/signoff {field} {day.isoformat()}") == Command("signoff", field=field, day=day)


@given(st.text(min_size=1, max_size=60), WORDS)
def test_whatever_stands_before_it_a_command_in_a_line_is_none(before, start) -> None:
    if before.strip() and not before.strip().lower().startswith(("/", "handshake")):
        assert parse([f"{before} {start} 2027-03-01"]) == []
