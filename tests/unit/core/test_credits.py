"""Who put a deal into the words, and who took it out: told by the history of the words alone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.domain.credits import credits, present
from automation.model import Evidence, Person, Wording
from tests.factories import LEE, NOW, SAM, STRANGER

A, B = "SALES-1", "SALES-2"


def at(minute: int) -> datetime:
    return NOW + timedelta(minutes=minute)


def read(part: str, words: str) -> list[str]:
    return words.split()


def history(*versions: tuple[Person | None, str | None]) -> list[Wording]:
    """Versions as people wrote them one after the other, a minute each."""
    return [Wording(words, by, at(n)) for n, (by, words) in enumerate(versions)][::-1]


def put_in(*versions: tuple[Person | None, str | None], title: str = "") -> Evidence | None:
    wordings = {"title": history((LEE, title)), "body": history(*versions)}
    return credits(wordings, [A], [], read).get(A)


def taken_out(*versions: tuple[Person | None, str | None]) -> Evidence | None:
    return credits({"title": history((LEE, "")), "body": history(*versions)}, [], [A], read).get(A)


def test_whoever_wrote_the_key_made_the_link_whoever_mended_the_text_after_that() -> None:
    assert put_in((STRANGER, A), (LEE, f"{A} mended")) == Evidence(STRANGER, at(0))
    assert put_in((STRANGER, ""), (LEE, A), (STRANGER, f"{A} please")) == Evidence(LEE, at(1))


def test_a_key_that_was_gone_for_a_while_is_of_whoever_brought_it_back() -> None:
    assert put_in((STRANGER, A), (LEE, ""), (SAM, A)) == Evidence(SAM, at(2))


def test_a_key_that_went_from_one_part_to_the_other_stays_whose_it_was() -> None:
    wordings = {
        "title": [Wording("", LEE, at(5)), Wording(A, STRANGER, at(0))],
        "body": [Wording(A, LEE, at(5)), Wording("", STRANGER, at(0))],
    }
    assert credits(wordings, [A], [], read) == {A: Evidence(STRANGER, at(0))}


@pytest.mark.parametrize(
    "versions",
    [
        [(STRANGER, None), (LEE, A)],
        [(STRANGER, A), (None, None), (LEE, A)],
        [(None, A), (LEE, f"{A} mended")],
    ],
)
def test_where_it_cannot_be_told_nobody_made_the_link(
    versions: list[tuple[Person | None, str | None]],
) -> None:
    assert put_in(*versions) is None


def test_what_cannot_be_read_matters_only_as_far_as_it_is_asked() -> None:
    assert put_in((STRANGER, None), (STRANGER, ""), (LEE, A)) == Evidence(LEE, at(2))


def test_whoever_took_a_key_out_ended_the_link() -> None:
    assert taken_out((LEE, A), (SAM, ""), (STRANGER, "thanks")) == Evidence(SAM, at(1))
    assert taken_out((LEE, A), (None, ""), (SAM, "thanks")) is None
    assert taken_out((LEE, None), (SAM, "thanks")) is None


def test_a_key_that_never_was_to_be_read_is_taken_out_by_whoever_wrote_the_present_words() -> None:
    assert taken_out((LEE, ""), (SAM, "thanks")) == Evidence(SAM, at(1))


def test_what_the_history_shows_now_is_told_so_that_one_that_lags_is_noticed() -> None:
    assert present({"title": history((LEE, A)), "body": history((LEE, ""), (SAM, B))}, read) == {A, B}
    assert present({"title": [], "body": history((LEE, B))}, read) is None


@given(st.lists(st.tuples(st.sampled_from([LEE, SAM, STRANGER]), st.booleans()), min_size=1, max_size=8))
def test_the_author_of_a_key_did_write_it(versions: list[tuple[Person, bool]]) -> None:
    found = put_in(*((by, A if named else "") for by, named in versions))
    if not versions[-1][1]:
        assert found is None
        return
    assert found is not None
    place = round((found.at - NOW).total_seconds() / 60)
    assert versions[place] == (found.actor, True)
    assert all(named for _, named in versions[place:])
    assert place == 0 or not versions[place - 1][1]
