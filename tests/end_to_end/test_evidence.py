"""What an entry of the ledger rests on: the comment and its body as it was then, or the tracker's history."""

from __future__ import annotations

from hashlib import sha256

from automation.model import Entry
from automation.sandbox.places import GitHubIssue
from automation.store import ledger
from tests.end_to_end.conftest import SPRING, Town, both

tracker = both


def entry(town: Town, what: str) -> Entry:
    [found] = [
        line.entry for line in ledger.story(town.worker_app.database, town.subject) if line.entry.what == what
    ]
    return found


def test_a_yes_in_words_is_kept_with_its_comment_and_what_that_said(asked: Town) -> None:
    asked.clock.forward(minutes=25)
    said = f"/signoff {SPRING}"
    comment = asked.comment("mona", said)

    signed = entry(asked, "signed")
    assert signed.comment == comment and signed.delivery.startswith(f"{asked.subject.system}:")
    assert len(signed.digest) == 64
    if isinstance(asked.place, GitHubIssue):
        assert signed.digest == sha256(said.encode()).hexdigest()
    before = signed.digest
    asked.place.edit_comment("mona", comment, "/decline")
    asked.settle()
    assert entry(asked, "signed").digest == before


def test_a_wish_by_an_edit_is_kept_with_its_place_in_the_history(asked: Town) -> None:
    wish = entry(asked, "asked")
    assert wish.move and not (wish.comment or wish.digest)
    assert wish.delivery.startswith(f"{asked.subject.system}:")
