"""Names for customers and their people come back as they were kept; names that must not be told are known."""

from __future__ import annotations

from dataclasses import replace

from automation.model import Contact, Deal, KnownName, Person, Plan
from automation.store.state import States
from tests.factories import DEAL, ISSUE, NOW, SAM, deal, state

DELTA = Deal(deal("SALES-8"), "Delta\x00 Bank\ud800, 500 seats", "", owner="Otto Berg")


def test_what_customers_call_an_issue_and_whom_to_talk_to_is_loaded_again(database, jobs, put) -> None:
    states = States(database)
    ada = Contact("Ada Lovelace, head of IT", SAM, NOW)
    for kept in (
        replace(state(), name="Single sign-on", users=(ada,), asked_user=(DEAL.subject,)),
        replace(state(), users=(ada, replace(ada, words="Grace")), asked_user=(DEAL.subject, DELTA.subject)),
        state(),
    ):
        put("reconcile", ordering=str(ISSUE))
        before = states.load(ISSUE)[0]
        after = replace(kept, version=before.version)
        states.commit(jobs, jobs.claim(("reconcile",)), before, Plan(after), "enforce", "digest")

        loaded, _ = states.load(ISSUE)
        assert (loaded.name, loaded.users, loaded.asked_user) == (kept.name, kept.users, kept.asked_user)


def test_names_are_noted_once_by_all_and_anew_when_they_change(database, open_database, monkeypatch) -> None:
    states, others = States(database), States(open_database())
    states.note_names([DELTA, replace(DEAL, owner="")], [SAM])
    with monkeypatch.context() as still:
        still.setattr(database, "write", None)
        states.note_names([DELTA], [SAM])
    others.note_names([DELTA], [replace(SAM, name="sam-2"), Person("jira", SAM.id, "Sam")])

    assert set(states.known_names()) == {
        KnownName("deal", "jira", "SALES-8", "Delta Bank, 500 seats"),
        KnownName("owner", "jira", "SALES-8", "Otto Berg"),
        KnownName("deal", "jira", DEAL.key, DEAL.name),
        KnownName("person", "github", SAM.id, "sam-2"),
        KnownName("person", "jira", SAM.id, "Sam"),
    }
