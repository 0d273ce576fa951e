"""One decision as a tree: for people at a terminal, and as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from automation.cli.terminal import print_json, say, when
from automation.domain.doing import does
from automation.domain.fields import spoken_of
from automation.model import Answer, Reason
from automation.store import codec, sightings
from automation.store.decisions import Done, Shown
from automation.text import inert

_SIGNS = {Answer.YES: ("✓ ", "green"), Answer.NO: ("✗ ", "red"), Answer.NOTED: ("· ", "")}
_STYLES = {Answer.TRUE: "green", Answer.FALSE: "red", Answer.ERROR: "bold red"}
_OF_A_CONDITION = frozenset(_STYLES)

AGAIN = {
    True: "Decided again from what was seen then, by the rules of that time, it comes out the same.",
    False: "Decided again from what was seen then, it comes out otherwise: this version decides differently.",
    None: "It cannot be decided again: what was seen is not kept, or its rules are not taken any more.",
}


def print_decision(shown: Shown, same: bool | None, now: datetime) -> None:
    """Print it; nothing that stands in it can do anything to the terminal."""
    decision, taken = shown.decision, shown.of
    rule = f"{decision.rule} ({decision.where})" if decision.where else f"{decision.rule} (built in)"
    say(f"{shown.id}  {decision.outcome.value}: {rule}")
    about = f"on {decision.event.name} of {spoken_of(taken.subject)}"
    say(f"{about}, {when(taken.at, now)} UTC, mode {taken.mode}")
    tree = Tree(Text("why" if decision.reasons else "it has no condition"))
    for reason in decision.reasons:
        _add(tree, reason)
    _print(tree)
    if shown.done:
        tree = Tree(Text("intended"))
        for done in shown.done:
            tree.add(Text(inert.line(_ended(done, now))))
        _print(tree)
    if taken.kept_back:
        tree = Tree(Text(f"kept back by the mode {taken.mode}, at this pass"))
        for kept in taken.kept_back:
            tree.add(Text(inert.line(does(kept.effect))))
        _print(tree)
    say(AGAIN[same])
    say(f"Rules: {shown.digest[:12]}")


def print_seen(shown: Shown) -> None:
    """Print what was seen as JSON."""
    print_json(_seen(shown))


def _add(tree: Tree, reason: Reason) -> None:
    branch = tree.add(_line(reason))
    if reason.answer not in _OF_A_CONDITION:
        for name, value in reason.values:
            branch.add(Text(inert.line(f"{name}: {value}"), style="dim"))
    for child in reason.children:
        _add(branch, child)


def _line(reason: Reason) -> Text:
    text = " ".join(reason.text.split())
    if reason.answer not in _OF_A_CONDITION:
        sign, style = _SIGNS[reason.answer]
        return Text(inert.line(f"{sign}{text}"), style=style)
    seen = ", ".join(f"{name} = {value}" for name, value in reason.values if name != "error")
    error = next((value for name, value in reason.values if name == "error"), "")
    because = "; ".join(filter(None, (error, f"as {seen}" if seen else "")))
    said = f"{text}: {reason.answer.value}{', ' if because else ''}{because}"
    return Text(inert.line(said), style=_STYLES[reason.answer])


def _ended(done: Done, now: datetime) -> str:
    at = f", {when(done.at, now)} UTC" if done.at else ""
    receipt = f" ({done.text})" if done.text else ""
    return f"{does(done.effect)}: {done.how}{receipt}{at}"


def _print(tree: Tree) -> None:
    Console(highlight=False, markup=False, emoji=False, soft_wrap=False).print(tree)


def decision_json(shown: Shown, same: bool | None) -> dict[str, Any]:
    """Return all that is kept of a decision. ``same``: whether it comes out so again, null where that cannot
    be told."""
    decision, taken = shown.decision, shown.of
    return {
        "id": shown.id,
        "at": taken.at.isoformat(),
        "issue": str(taken.subject),
        "mode": taken.mode,
        "rules": shown.digest,
        "rule": decision.rule,
        "where": decision.where or None,
        "event": json.loads(codec.dump(codec.events, (decision.event,)))[0],
        "outcome": decision.outcome.value,
        "reasons": [_reason(reason) for reason in decision.reasons],
        "effects": [
            {
                "key": done.effect.key,
                "target": str(done.effect.target),
                "does": does(done.effect),
                "state": done.how,
                "receipt": done.text or None,
                "at": done.at.isoformat() if done.at else None,
            }
            for done in shown.done
        ],
        "kept_back": [does(kept.effect) for kept in taken.kept_back],
        "same_again": same,
        "seen": _seen(shown),
    }


def _seen(shown: Shown) -> Any:
    return json.loads(sightings.dump(shown.seen)) if shown.seen else None


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "text": reason.text,
        "answer": reason.answer.value or None,
        "values": dict(reason.values),
        "children": [_reason(child) for child in reason.children],
    }
