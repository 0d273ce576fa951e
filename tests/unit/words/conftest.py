"""What the tests about words share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from automation.rulebook.messages.messages import Messages
from automation.rulebook.variables import (
    AnswerVars,
    ChangeVars,
    ChoiceVars,
    CommitmentVars,
    DealVars,
    DiscoveryVars,
    IssueVars,
    Message,
    PlanVars,
    ProductVars,
    ProposalVars,
    Reply,
    RuleVars,
    ScopeVars,
    SetbackVars,
    ValueVars,
)
from automation.text.markdown import quoted
from automation.text.safe import Safe

SHIPPED = Path(__file__).parents[3] / "rules"


@pytest.fixture(scope="session")
def shipped() -> Messages:
    messages, diagnostics = Messages.load(SHIPPED, "rules")
    assert diagnostics == ()
    return messages


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a template into a rules folder, and return the folder."""

    def put(source: str, name: str = "note.issue.liquid") -> Path:
        (tmp_path / "messages").mkdir(exist_ok=True)
        (tmp_path / "messages" / name).write_text(source, encoding="utf-8")
        return tmp_path

    return put


def _situation(
    typed: str = "Single sign-on",
    *,
    public: bool = False,
    kind: str = "later",
    old: str = "2027-03-01",
    new: str = "2027-04-15",
    committed: str = "2027-03-01",
    at_risk: bool = True,
    held: bool = True,
    counter: bool = False,
    because: str = "connecting accounts takes longer",
    closes: str = "2027-03-20",
    group: str = "acme/product",
    mention: str = "@anna",
    deals: int = 2,
    setback: SetbackVars | None = None,
    question: str = "",
    name: str | None = None,
    ends: str = "",
    release: str = "",
    shows: str | None = None,
    further: bool = False,
    ask_user: bool = True,
    invited: bool = True,
    missing: tuple[str, ...] = ("problem", "user"),
    labels: tuple[str, ...] = (),
    statuses: tuple[str, ...] = (),
    choices: tuple[ChoiceVars, ...] = (),
) -> Message:
    """Return a view for a message: ``typed`` stands in every field that somebody typed. ``name`` is what
    deals call the issue, ``ends`` how it was closed, ``shows`` what a field still shows that was declined.
    ``missing``: what the checklist of discovery asks for, and ``invited`` that it is asked for now."""
    linked = tuple(
        DealVars(f"SALES-{n}", typed, f"https://crm.example/{n}", True, closes, typed) for n in range(deals)
    )
    promised = CommitmentVars(committed, typed, at_risk, "duedate", "Due date")
    # Tests render these on 11 January 2027.
    in_force = (promised,) if committed >= "2027-01-11" else ()
    plan = PlanVars(
        new,
        command=Safe("" if question else f"/signoff {new}"),
        question=Safe(question),
        instead=Safe("/signoff 2027-03-01" if question else ""),
        label="Due date",
    )
    return Message(
        event="deadline.changed",
        issue=IssueVars(
            "PROD-7",
            "jira",
            typed,
            "https://jira.example/7",
            not ends,
            public,
            (typed,),
            linked,
            quoted(typed) if name is None else name,
            (),
            ends if ends in ("done", "dropped") else "",
            release,
        ),
        change=ChangeVars(
            "duedate",
            "Due date",
            kind,
            ValueVars(old, typed),
            ValueVars(new, typed),
            45,
            shows is not None,
            ValueVars(shows or "", typed if shows else ""),
        ),
        commitment=promised,
        commitments=(promised,) if committed else (),
        standing=() if at_risk else in_force,
        rechecked=in_force if at_risk else (),
        plans=(plan,) if new and not committed else (),
        proposal=ProposalVars(
            new,
            typed,
            typed,
            "2027-01-14",
            Safe("" if question else f"/signoff {new or 'none'}"),
            Safe(question),
            Safe("/signoff 2027-03-01" if question else ""),
            Safe("@lee"),
        ),
        product=ProductVars(
            Safe(mention), (typed, "Ben"), group, labels=labels, statuses=statuses, choices=choices
        ),
        answer=AnswerVars(typed, because and typed, counter),
        scope=ScopeVars((typed,)),
        setback=setback or SetbackVars(label="date-agreed"),
        rule=RuleVars("dates wait for product", "rules/deadlines.yaml:11"),
        reply=Reply(
            Safe(mention),
            typed,
            f"I could not read “{typed}”.",
            Safe("/link <key or address>"),
            (Safe("/signoff 2027-03-01"), Safe("/signoff 2027-04-15")),
            line=typed,
            form=Safe("/signoff YYYY-MM-DD"),
            label="date-agreed" if held else "",
            status="Date agreed" if counter and not held else "",
            choice=ChoiceVars() if counter or held else ChoiceVars(typed, typed),
        ),
        deal=linked[0] if linked else DealVars(),
        held=held,
        further=further,
        discovery=DiscoveryVars(
            held,
            "problem" not in missing,
            "user" not in missing,
            tuple(Safe(f"/{word} <in their words>") for word in missing),
            (typed, "PROD-8") if counter else (),
            invited and bool(missing),
        ),
        ask_user=ask_user,
    )


@pytest.fixture(scope="session")
def situation() -> Callable[..., Message]:
    return _situation
