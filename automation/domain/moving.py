"""What is known of an issue, carried over to where it is now: under another id, in another place, in a field
that was made anew. Pure."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from automation.domain.fields import fields_of, fields_seen, folded
from automation.model import DeadlineField, Issue, IssueState, Value, Words

T = TypeVar("T")


def values_in(thing: object) -> set[Value]:
    """Return the values of deadline fields that stand anywhere in a noun."""
    if isinstance(thing, Value):
        return {thing} if thing else set()
    parts: list[Any] = []
    if dataclasses.is_dataclass(thing):
        parts = [getattr(thing, field.name) for field in dataclasses.fields(thing)]
    elif isinstance(thing, Mapping):
        parts = list(thing.values())
    elif isinstance(thing, tuple | list):
        parts = list(thing)
    return {value for part in parts for value in values_in(part)}


def carried(thing: T, there: Mapping[Value, Value]) -> T:
    """Return a noun with each value put as it is ``there``, by what it was before."""
    return _carried(thing, there) if there else thing


def _carried(thing: Any, there: Mapping[Value, Value]) -> Any:
    if isinstance(thing, Value):
        return there.get(thing, thing)
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        names = [field.name for field in dataclasses.fields(thing)]
        made = {name: _carried(getattr(thing, name), there) for name in names}
        return replace(thing, **{name: new for name, new in made.items() if new is not getattr(thing, name)})
    if isinstance(thing, Mapping):
        return {key: _carried(value, there) for key, value in thing.items()}
    if isinstance(thing, tuple):
        parts = tuple(_carried(part, there) for part in thing)
        return parts if any(new is not old for new, old in zip(parts, thing, strict=True)) else thing
    return thing


def remembered(state: IssueState) -> Issue:
    """Return an issue that cannot be seen any more, as far as we remember it: without a date, as nobody can
    tell what it holds."""
    words = state.words or Words("", "")
    return Issue(state.subject, "", words.title, words.body, True, True, (), {})


def made_anew(state: IssueState, issue: Issue) -> Mapping[str, str]:
    """Return the ids of fields by those that they had: one that was deleted and made again has another id and
    the same name. Where several are called so, none is taken for another."""
    gone = _by_name(field for field in fields_seen(state) if field.id not in issue.deadlines)
    new = _by_name(field for field in fields_of(issue) if field.id not in state.fields)
    return {gone[name]: new[name] for name in gone.keys() & new.keys()}


def _by_name(fields: Iterable[DeadlineField]) -> dict[str, str]:
    named = [(folded(field.label), field.id) for field in fields]
    once = Counter(name for name, _ in named)
    return {name: id for name, id in named if once[name] == 1}


def put_under(state: IssueState, ids: Mapping[str, str]) -> IssueState:
    """Return the state with what is known of fields under other ``ids``, by those that they had. What
    happened to the new ones is read from what stands."""
    if not ids:
        return state
    return replace(
        state,
        fields={
            ids.get(id, id): replace(known, last="", last_at=None) if id in ids else known
            for id, known in state.fields.items()
        },
        proposals=tuple(replace(one, field=ids.get(one.field, one.field)) for one in state.proposals),
        told={(deal, ids.get(id, id)): told for (deal, id), told in state.told.items()},
    )


def joined(old: IssueState, new: IssueState, there: Mapping[Value, Value]) -> IssueState:
    """Return the state of ``new`` with all that was known of ``old``, which it was before.

    What was learned of ``new`` by itself counts where nothing was known of ``old``: what stood there when it
    was first seen may be anybody's wish. The history is another one, so it is read anew from what stands.
    """
    was = carried(old, there)
    fields = {name: replace(known, last="", last_at=None) for name, known in was.fields.items()}
    return replace(
        was,
        subject=replace(new.subject, former=(*old.subject.former, old.subject.id)),
        version=max(old.version, new.version) + 1,
        fields={**new.fields, **fields},
        links=_added(was.links, new.links, lambda link: link.deal),
        proposals=_added(was.proposals, new.proposals, lambda proposal: proposal.id),
        handled=new.handled,
        heard=new.heard,
        heard_before=tuple(dict.fromkeys((*old.heard_before, *old.heard, *new.heard_before))),
        words=was.words or new.words,
        mentioned=was.mentioned if old.version else new.mentioned,
        labels={**new.labels, **was.labels},
        name=was.name or new.name,
        users=_added(was.users, new.users, lambda user: user.words),
        problems=_added(was.problems, new.problems, lambda problem: problem.words),
        asked_user=tuple(dict.fromkeys((*was.asked_user, *new.asked_user))),
        invited=was.invited or new.invited,
        filled=was.filled if old.version else new.filled,
        told={**new.told, **was.told},
        standing=was.standing or new.standing,
        lives=was.lives or new.lives,
    )


def _added(first: tuple[T, ...], second: tuple[T, ...], name: Any) -> tuple[T, ...]:
    known = {name(one) for one in first}
    return (*first, *(one for one in second if name(one) not in known))
