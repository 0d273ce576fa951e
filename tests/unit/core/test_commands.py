"""The command grammar: whole lines, few words, and a kind problem for what cannot be read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.domain.commands import GRAMMAR, LONGEST_LINE, heard, parse
from automation.domain.fields import REGISTERED
from automation.model import Command

SPRING = date(2027, 3, 1)
TODAY = date(2027, 1, 12)


def read(*lines: str, system: str = "jira") -> list[Command]:
    found = parse(lines, system, TODAY)
    assert heard(lines, system) == bool(found)
    return found


def one(line: str) -> Command:
    [command] = read(line)
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
    assert read(line) == [command]


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
        "/deploy production",
        "/close",
        "handshake",
        "handshake deploy",
        "a handshake signoff",
        "handshakesignoff",
        "> /signoff",
        "`/signoff`",
    ],
)
def test_anything_else_is_no_command(line) -> None:
    assert read(line) == []


def test_each_line_is_read_on_its_own_and_in_order() -> None:
    lines = ["Thanks, all.", "/link SALES-7", "And then:", "/signoff 2027-03-01", "Bye."]

    assert [command.word for command in read(*lines)] == ["link", "signoff"]


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
    assert one("/signoff becauseofthis").problem


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
        ("May 2027", "May"),
        ("but only if the tests pass", "but"),
        ("2027-03-01?", "2027-03-01?"),
        ("2027-03-01 2027-04-15", "2027-04-15"),
        ("none 2027-03-01", "2027-03-01"),
        ("2027-03-01 none", "none"),
        ("milestone duedate", "duedate"),
        ("milestone milestone", "milestone"),
        ("2027-03-01 it fits", "it"),
    ],
)
def test_what_was_not_understood_is_quoted(rest, unread) -> None:
    problem = f"I could not read “{unread}”. Please write the date as year, month and day."
    assert one(f"/signoff {rest}") == Command("signoff", problem=problem)


@pytest.mark.parametrize("line", ["/ask", "/ask because they start then", "/ask none", "/ask milestone"])
def test_whoever_asks_names_a_date(line) -> None:
    assert one(line).problem == "Name the date you ask for."


def test_a_command_with_a_problem_carries_nothing_that_could_be_acted_on() -> None:
    command = one("/signoff milestone 2027-03-01 nonsense because so")

    assert command == Command("signoff", problem=command.problem)


# ---------------------------------------------------------------- dates as people write them


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1 May 2027", date(2027, 5, 1)),
        ("1st of May 2027", date(2027, 5, 1)),
        ("the 2nd May, 2027", date(2027, 5, 2)),
        ("May 1, 2027", date(2027, 5, 1)),
        ("may 1st 2027", date(2027, 5, 1)),
        ("1-May-2027", date(2027, 5, 1)),
        ("1 Sept. 2027", date(2027, 9, 1)),
        ("2027/03/01", SPRING),
        ("2027-3-1", SPRING),
        ("2027.03.01.", SPRING),
        ("25/12/2027", date(2027, 12, 25)),
        ("12/25/2027", date(2027, 12, 25)),
        ("05.05.2027", date(2027, 5, 5)),
    ],
)
@pytest.mark.parametrize("because", ["", "it fits"])
def test_a_date_is_read_as_people_write_it_where_it_can_mean_one_day(typed, day, because) -> None:
    command = one(f"/signoff {typed}{' because ' if because else ''}{because}")

    assert command == Command("signoff", day=day, spelled=True, because=because)


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1 May", date(2027, 5, 1)),
        ("May 1", date(2027, 5, 1)),
        ("1st May", date(2027, 5, 1)),
        ("11 Jan", date(2028, 1, 11)),
        ("12 January", TODAY),
        ("29 February", date(2028, 2, 29)),
    ],
)
def test_a_date_without_its_year_is_the_next_such_day(typed, day) -> None:
    assert one(f"/ask {typed}") == Command("ask", day=day, yearless=True, spelled=True)


def test_a_date_that_can_mean_two_days_is_none_and_both_are_said() -> None:
    command = one("/signoff 03/04/2027")

    assert (command.day, command.readings) == (None, (date(2027, 3, 4), date(2027, 4, 3)))
    assert command.problem == "“03/04/2027” can be 4 March 2027 or 3 April 2027."


@pytest.mark.parametrize("typed", ["01/May/27", "3/4", "1.3.27"])
def test_a_year_that_could_be_a_day_is_asked_for(typed) -> None:
    assert one(f"/signoff {typed}").problem == f"I could not read “{typed}”. Please write the year in full."


@pytest.mark.parametrize("typed", ["31 April", "30 Feb 2028", "29 Feb 2027", "32/32/2027", "99/99/2027"])
def test_what_no_calendar_has_is_no_date(typed) -> None:
    assert one(f"/signoff {typed}").problem == f"{typed} is not a day of the calendar."


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["%d %B %Y", "%B %d, %Y", "%Y/%m/%d", "%d-%b-%Y"]))
def test_every_day_is_read_in_every_form(day, form) -> None:
    assert one(f"/signoff {day.strftime(form)}").day == day


# ---------------------------------------------------------------- reasons


@pytest.mark.parametrize("word", ["decline", "withdraw"])
@pytest.mark.parametrize(
    ("rest", "reason"),
    [
        ("not enough people", "not enough people"),
        ("not enough people because of holidays", "not enough people because of holidays"),
        ("none of this works", "none of this works"),
    ],
)
def test_whoever_says_no_may_leave_out_because(word, rest, reason) -> None:
    assert one(f"/{word} {rest}") == Command(word, because=reason, prose=True)


@pytest.mark.parametrize(
    "rest", ["not before 1 June", "2027-05-01 but 2027-06-01 is fine", "3.4 comes first"]
)
def test_a_reason_with_a_date_in_it_follows_because(rest) -> None:
    assert one(f"/decline {rest}").problem == "Please put the word “because” before the reason."


# ---------------------------------------------------------------- nearly a command


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("/sign-off 2027-02-01", "signoff"),
        ("/signof", "signoff"),
        ("/sign_off 2027-02-01", "signoff"),
        ("/sign off", "signoff"),
        ("/ signoff", "signoff"),
        ("//signoff", "signoff"),
        ("/Signoff: 2027-02-01", "signoff"),
        ("/signoffs 2027-03-01", "signoff"),
        ("/signoff2027-03-01", "signoff"),
        ("/approve", "signoff"),
        ("/approved 1 May", "signoff"),
        ("/accept", "signoff"),
        ("/reject", "decline"),
        ("/declined too early", "decline"),
        ("/widthdraw", "withdraw"),
        ("/handshake signoff 2027-02-01", "signoff"),
        ("@handshake-bot signoff 2027-02-01", "signoff"),
    ],
)
@pytest.mark.parametrize("system", ["github", "jira"])
def test_what_is_nearly_a_command_is_noticed_and_carries_no_reason_or_deal(line, word, system) -> None:
    [command] = read(line, system=system)

    assert (command.word, command.near) == (word, line)
    assert not (command.because or command.deal or command.problem)


def test_of_what_is_nearly_a_command_neither_reason_nor_deal_is_shown_again() -> None:
    assert one("/sign-off 2027-03-01 because Globex pays").near == "/sign-off 2027-03-01"
    assert one("/links SALES-7").near == "/links"


@pytest.mark.parametrize(
    "line",
    ["handshake sign off 2027-02-01", "handshake sign off", "handshake approve 1 May", "handshake /signoff"],
)
def test_in_jira_the_word_for_the_slash_can_be_nearly_a_command_too(line) -> None:
    assert one(line).near == line


@pytest.mark.parametrize(
    "line", ["handshake sign off 2027-02-01", "Handshake signoff 1 May", "handshake ask 2027-02-01"]
)
def test_without_its_slash_a_line_on_github_that_is_nothing_but_a_command_and_a_date_is_nearly_one(
    line,
) -> None:
    [command] = read(line, system="github")

    assert command.near == line


@pytest.mark.parametrize(
    ("line", "word"), [("/aks 1 March", "ask"), ("/linkk SALES-7", "link"), ("/lnik SALES-7", "link")]
)
def test_a_short_word_with_its_letters_swapped_or_doubled_is_nearly_one_before_what_it_needs(
    line, word
) -> None:
    assert (one(line).word, bool(one(line).near)) == (word, True)
    assert read(f"{line.split()[0]} the others") == []


@pytest.mark.parametrize(
    "line",
    [
        *(
            "/assign @lee",
            "/label bug",
            "/close",
            "/retest",
            "/cc @mona",
            "/task 1",
            "/unlike",
            "/hold",
            "/mask",
        ),
        *("/usr/bin/sign", "/link/to/page", "/signoff.md", "/sign-off-sheet", "/accept-header"),
        *("@mona signoff please", "@lee approve this", "approve", "sign off", "lgtm"),
        *("Handshake declined the request", "handshake approved it", "handshake: link is broken"),
    ],
)
def test_what_is_meant_for_others_is_passed_over(line) -> None:
    assert read(line) == []


@pytest.mark.parametrize(
    "line",
    [
        "handshake decline because the cipher is old",
        "Handshake signoff 2027-02-01 is our guess",
        "handshake link X-1",
    ],
)
def test_without_its_slash_a_line_on_github_is_prose(line) -> None:
    assert read(line, system="github") == []
    assert not one(line).near


@pytest.mark.parametrize("word", GRAMMAR)
def test_a_form_to_be_filled_in_is_no_command_as_it_stands(word) -> None:
    assert one(GRAMMAR[word].form).problem


# ---------------------------------------------------------------- whatever is typed


WORDS = st.sampled_from([f"/{word}" for word in GRAMMAR] + [f"handshake {word}" for word in GRAMMAR])
TOKENS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["because", "none", "milestone", "2027-03-01", "２０２７-03-01", "<", ">"]),
)


@given(st.lists(st.text(max_size=200), max_size=5))
def test_reading_any_lines_never_fails(lines) -> None:
    read(*lines)


@given(WORDS, st.lists(TOKENS, max_size=6))
def test_a_line_that_begins_with_a_command_is_one_or_is_none(start, tokens) -> None:
    found = read(" ".join([start, *tokens]))

    assert len(found) <= 1
    for command in found:
        assert command.word in GRAMMAR and not command.near
        assert not (command.day and command.nothing)
        assert len(command.because) <= LONGEST_LINE
        assert not (command.problem and (command.day or command.nothing or command.deal or command.field))


@given(st.dates(), st.sampled_from([*REGISTERED, ""]))
def test_every_date_of_the_calendar_can_be_signed(day, field) -> None:
    assert one(f"/signoff {field} {day.isoformat()}") == Command("signoff", field=field, day=day)


@given(st.text(min_size=1, max_size=60), WORDS)
def test_whatever_stands_before_it_a_command_in_a_line_is_none(before, start) -> None:
    if before.strip() and not before.strip().lower().startswith(("/", "handshake")):
        assert read(f"{before} {start} 2027-03-01") == []


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("/name Single sign-on", "Single sign-on"),
        ("/NAME  “Single   sign-on”", "Single sign-on"),
        ("/name", ""),
        ("/name " + "x" * 60, "x" * 60),
        ("/user Ada Lovelace, head of IT, ada@delta.example", "Ada Lovelace, head of IT, ada@delta.example"),
        ("/problem I  sign in to <nine> tools", "I sign in to <nine> tools"),
    ],
)
def test_names_for_customers_and_of_them_are_read_as_they_are_typed(line, text) -> None:
    assert (one(line).text, one(line).problem) == (text, "")


@pytest.mark.parametrize(
    "line",
    [
        "/name " + "x" * 61,
        "/name see https://a.example",
        "/name mail a@b.example",
        "/name /signoff none",
        "/name @mona",
        "/name …",
        "/name handshake signoff",
        "/user",
        "/user …",
        "/user " + "x" * 201,
        "/problem",
        "/problem <in the user's own words>",
        "/problem " + "x" * 501,
    ],
)
def test_what_is_no_name_is_said_to_be_none(line) -> None:
    assert one(line).problem


def test_in_jira_a_name_needs_no_slash() -> None:
    [command] = parse(["handshake name Single sign-on"], "jira", TODAY)
    assert (command.word, command.text) == ("name", "Single sign-on")
    assert parse(["handshake name Single sign-on"], "github", TODAY) == []
