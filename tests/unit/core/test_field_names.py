"""A name of a deadline field that we print is read back as that field, whatever people call their fields."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.domain.commands import GRAMMAR, parse
from automation.domain.fields import DUEDATE, REGISTERED, date_field
from automation.domain.offers import command_for
from automation.model import Command, DeadlineField, Subject, Value

TODAY = date(2027, 1, 11)
DAY = date(2027, 3, 1)
JIRA = Subject("jira", "issue", "PROD-7")
GO_LIVE = date_field("customfield_10071", "jira", "Go-live date")
BOTH = (DUEDATE, GO_LIVE)

AWKWARD = st.sampled_from(
    [
        *("Go-live", "date", "Due", "none", "because", "2", "May", "1", "2027-03-01", "3/4/2027", "of"),
        *("YYYY-MM-DD", "milestone", "duedate", "customfield_1", "公開日", "Ünal", "ß", "İ", "*", "`"),
        *('"', "“", "-", "/", "@mona"),
    ]
)
NAMES = st.one_of(
    st.lists(AWKWARD, min_size=1, max_size=5).map(" ".join),
    st.lists(AWKWARD, min_size=1, max_size=3).map("-".join),
    st.text(min_size=1, max_size=80),
)
ANSWERS = st.sampled_from(["signoff", "ask", "decline", "withdraw"])


@given(st.lists(NAMES, min_size=1, max_size=4), st.sampled_from(["jira", "github"]), ANSWERS, st.dates())
def test_every_line_that_we_print_is_read_back_with_its_field_and_date(names, system, word, day) -> None:
    subject = Subject(system, "issue", "acme/shop#12" if system == "github" else "PROD-7")
    made = [date_field(f"customfield_{number}", system, name) for number, name in enumerate(names)]
    fields = (*(field for field in REGISTERED.values() if field.system == system), *made)

    for field in fields:
        line = command_for(subject, fields, field.id, Value("x", day), word)
        assert parse([line], system, TODAY, fields) == [Command(word, field=field.id, day=day)]
        nothing = command_for(subject, fields, field.id, Value(), word)
        if word != "ask":
            assert parse([nothing], system, TODAY, fields) == [Command(word, field=field.id, nothing=True)]


@pytest.mark.parametrize(
    "name",
    [
        *("go-live-date", "Go-live date", "GO-LIVE DATE", '"Go-live date"', "“go-live date”", "golive"),
        *("go-live", "golivedate", "Go live date", "customfield_10071", "go-live-date,", "„Go-live date“"),
    ],
)
@pytest.mark.parametrize("word", ["signoff", "ask", "decline", "withdraw"])
def test_a_field_is_read_however_people_write_its_name(name: str, word: str) -> None:
    meant = [Command(word, field=GO_LIVE.id, day=DAY)]

    assert parse([f"/{word} {name} 2027-03-01"], "jira", TODAY, BOTH) == meant
    assert parse([f"handshake {word} {name} 2027-03-01"], "jira", TODAY, BOTH) == meant
    assert parse([f"/{word} 2027-03-01 {name}"], "jira", TODAY, BOTH) == meant


def test_what_we_print_is_one_plain_word() -> None:
    assert command_for(JIRA, BOTH, GO_LIVE.id, Value("x", DAY)) == "handshake signoff go-live-date 2027-03-01"
    assert command_for(JIRA, BOTH, DUEDATE.id, Value("x", DAY)) == "handshake signoff due-date 2027-03-01"
    assert command_for(JIRA, (GO_LIVE,), GO_LIVE.id, Value("x", DAY)) == "handshake signoff 2027-03-01"


@pytest.mark.parametrize("name", ["???", "1 May", "none", "because of them", "Due date", "x" * 61])
def test_a_field_whose_name_would_mean_something_else_goes_by_its_id(name: str) -> None:
    field = date_field("customfield_9", "jira", name)

    line = command_for(JIRA, (DUEDATE, field), field.id, Value("x", DAY))

    assert line == "handshake signoff customfield_9 2027-03-01"


def test_a_name_that_two_fields_have_is_asked_about_by_their_ids() -> None:
    twins = (date_field("customfield_1", "jira", "Go-live"), date_field("customfield_2", "jira", "go live"))

    [command] = parse(["/signoff golive 2027-03-01"], "jira", TODAY, twins)

    assert command.problem.endswith("Please name one of them by its id: customfield_1 or customfield_2.")


def test_a_name_that_no_field_has_is_answered_with_those_there_are() -> None:
    for line in ("/signoff launch 2027-03-01", '/signoff "Launch" 2027-03-01', "/ask launch 2027-03-01"):
        [command] = parse([line], "jira", TODAY, BOTH)
        assert command.problem.endswith("The dates of this issue are: Due date, Go-live date.")


def test_a_reason_in_quotation_marks_names_no_field() -> None:
    [command] = parse(['/decline "too early" says the team'], "jira", TODAY, BOTH)

    assert (command.field, command.because) == ("", '"too early" says the team')


def test_reasons_do_not_begin_with_the_name_of_a_field_by_chance() -> None:
    fields: tuple[DeadlineField, ...] = (DUEDATE, date_field("customfield_1", "jira", "The date"))

    for reason in ("due to the audit", "the audit comes first"):
        [command] = parse([f"/decline {reason}"], "jira", TODAY, fields)
        assert (command.field, command.because) == ("", reason)


def test_every_command_about_a_date_can_name_its_field() -> None:
    assert {word for word, grammar in GRAMMAR.items() if "[field]" in grammar.usage} == {
        *("ask", "withdraw", "signoff", "decline", "override")
    }
