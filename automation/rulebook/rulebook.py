"""The rules folder: read, checked as a whole, and frozen.

Everything that is wrong is found in one go and said with file, line and column.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from automation.domain.scope_items import ScopeWords
from automation.model import Mode, Named, Policy, RulesText
from automation.rulebook import ways
from automation.rulebook.actions import ACTIONS
from automation.rulebook.actions.base import Action, Names
from automation.rulebook.actions.hold import Hold
from automation.rulebook.complaints import check
from automation.rulebook.conditions.expressions import Condition, ExpressionError
from automation.rulebook.conditions.expressions import compile as compile_condition
from automation.rulebook.diagnostics import Diagnostic, RulesError
from automation.rulebook.events import EVENTS
from automation.rulebook.folder import PATTERNS, entries, files, read, unpacked
from automation.rulebook.messages.messages import Messages
from automation.rulebook.names import Mention, mentions
from automation.rulebook.near_names import did_you_mean
from automation.rulebook.schema import SHIPPED, RulesConfig, RulesFile, Vocabulary
from automation.rulebook.twice import given_twice, raw_rules
from automation.rulebook.yaml.source import MAX_BYTES, Keys, Source
from automation.rulebook.yaml.source import load as load_yaml


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``where`` is the ``file:line`` it begins at."""

    name: str
    where: str
    when: str
    condition: Condition | None
    actions: tuple[Action, ...]


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A rules folder that is sound. ``text`` is what its files say."""

    mode: Mode
    config: RulesConfig
    rules: tuple[Rule, ...]
    messages: Messages
    text: RulesText
    mentions: tuple[Mention, ...] = ()

    @property
    def digest(self) -> str:
        """Return what changes with any byte of its files."""
        return self.text.digest

    @property
    def names(self) -> tuple[Named, ...]:
        """The names of people, teams, groups and roles that have rights, each once."""
        places = self.config.trackers.places
        named = (named for one in self.mentions for named in one.named(places(one.system)))
        return tuple(dict.fromkeys(named))

    @property
    def policies(self) -> dict[str, Policy]:
        """The sign-off policies by name, and those that rules make of several."""
        known = self.config.policies
        holds = (action for rule in self.rules for action in rule.actions if isinstance(action, Hold))
        whole = (hold.policies for hold in holds if all(name in known for name in hold.policies))
        made = (Policy.together([known[name] for name in names]) for names in whole)
        return {**{policy.name: policy for policy in made}, **known}

    @property
    def scope_words(self) -> ScopeWords:
        """Which of an issue's words are no scope."""
        return self.config.scope_words

    def for_event(self, name: str) -> tuple[Rule, ...]:
        """Return the rules that wait for this event, in the order of the files."""
        return tuple(rule for rule in self.rules if rule.when == name)


def load(folder: Path, vocabulary: Vocabulary = SHIPPED) -> Rulebook:
    """Read a rules folder. Raise RulesError with everything that is wrong in it."""
    try:
        return _load(folder, vocabulary)
    except OSError as error:
        wrong = f"this folder cannot be read ({error.strerror}); let the account that runs Handshake read it"
        raise RulesError([Diagnostic(folder.as_posix(), 1, 1, wrong)]) from error


def load_text(text: RulesText) -> Rulebook:
    """Read what a rules folder said when ``text`` was kept. Raise RulesError, as ``load`` does, where this
    version would not take it any more."""
    with unpacked(text) as folder:
        return load(folder)


def _load(folder: Path, vocabulary: Vocabulary) -> Rulebook:
    found = files(folder, *PATTERNS)
    if not found:
        if folder.is_file():
            hint = f"rules are a folder; name the one it is in: {folder.parent.as_posix()}"
            raise RulesError([Diagnostic(folder.as_posix(), 1, 1, f"this is a file, and {hint}")])
        what = "there are no rules in this folder yet" if folder.is_dir() else "there is no such folder"
        hint = "put a file such as rules.yaml into it, or set HANDSHAKE_RULES to the folder that has them"
        raise RulesError([Diagnostic(folder.as_posix(), 1, 1, f"{what}; {hint}")])
    diagnostics: list[Diagnostic] = []
    for path in entries(folder, *PATTERNS) + entries(folder / "messages", "*.liquid"):
        if not path.is_file():
            diagnostics.append(
                Diagnostic(path.as_posix(), 1, 1, "this is not a file; remove it or rename it")
            )
    sources = [source for path in found if (source := _source(path, diagnostics))]
    checked = [_checked(source, vocabulary, diagnostics) for source in sources]
    diagnostics += given_twice(sources)
    diagnostics += ways.wrong(sources)
    messages, wrong = Messages.load(folder, folder.as_posix())
    diagnostics += wrong
    # What an unreadable file may define is not called unknown or missing, nor is a message with a mistake.
    whole = len(sources) == len(found)
    names = Names(frozenset(_policy_names(sources)), _message_needs(folder, messages)) if whole else None
    rules = [rule for source in sources for rule in _rules(source, names, diagnostics)]
    if whole:
        diagnostics += _missing(sources, checked)
    config = _merged([each for each in checked if each])
    if diagnostics or config is None:
        raise RulesError(dict.fromkeys(diagnostics))
    mode = next((each.mode for each in checked if each and "mode" in each.model_fields_set), Mode.OBSERVE)
    try:
        people = tuple(one for source in sources for one in mentions(source))
        return Rulebook(mode, config, tuple(rules), messages, read(folder), people)
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "a file is no text any more"
        changed = f"the folder changed while it was read ({why}); try again"
        raise RulesError([Diagnostic(folder.as_posix(), 1, 1, changed)]) from error


def _source(path: Path, diagnostics: list[Diagnostic]) -> Source | None:
    name = path.as_posix()
    try:
        if path.stat().st_size > MAX_BYTES:
            diagnostics.append(Diagnostic(name, 1, 1, "this file is larger than 1 MB; split it into several"))
            return None
        content = path.read_bytes()
        return load_yaml(content.decode("utf-8"), name)
    except UnicodeDecodeError as error:
        before = content[: error.start]
        place = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        diagnostics.append(Diagnostic(name, *place, "this is not UTF-8 text; save the file as UTF-8"))
    except OSError as error:
        diagnostics.append(Diagnostic(name, 1, 1, f"this file cannot be read: {error.strerror}"))
    except RulesError as error:
        diagnostics += error.diagnostics
    return None


def _checked(source: Source, vocabulary: Vocabulary, diagnostics: list[Diagnostic]) -> RulesFile | None:
    checked: RulesFile | None
    checked, complaints = check(vocabulary.file, source.data, context=vocabulary)
    for each in complaints:
        place = source.key(each.path) if each.at_key else source.value(each.path)
        diagnostics.append(source.diagnostic(place, each.message))
    return checked


def _policy_names(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        policies = source.data.get("sign_off")
        yield from policies if isinstance(policies, dict) else ()


def _message_needs(folder: Path, messages: Messages) -> dict[tuple[str, str], frozenset[str]]:
    parts = (path.stem.rpartition(".") for path in files(folder / "messages", "*.liquid"))
    return {(name, audience): messages.needs(name, audience) for name, _, audience in parts}


def _missing(sources: Sequence[Source], checked: Sequence[RulesFile | None]) -> Iterator[Diagnostic]:
    here = next((source for source in sources if "rules" in source.data), sources[0])
    place = here.key(("rules",))
    placed = [each for source, each in zip(sources, checked, strict=True) if "trackers" in source.data]
    given = [each.trackers if each else None for each in placed]
    if all(each and not each.all_places() for each in given):
        hint = "add trackers: {github: {repositories: [owner/name]}} or {jira: {projects: [KEY]}}"
        yield here.diagnostic(place, f"no repository and no Jira project is named; {hint}")
    if not any("deals" in source.data for source in sources):
        yield here.diagnostic(place, "nothing says where deals live; add deals: {system: jira, project: KEY}")


def _merged(given: Sequence[RulesFile]) -> RulesConfig | None:
    """Return the settings of all files, or None where nothing says where deals live."""
    first = (type(given[0]) if given else RulesFile)()
    trackers, dates = first.trackers, first.deadline_fields
    deals, may_link, sign_off, retention = None, RulesFile().may_link, {}, RulesFile().retention
    scope, discovery, moved = RulesFile().scope, RulesFile().discovery, RulesFile().moved_dates
    most = RulesFile().most_restores_per_hour
    for each in given:
        named = each.trackers.model_fields_set
        trackers = trackers.model_copy(update={name: getattr(each.trackers, name) for name in named})
        fields = {name: getattr(each.deadline_fields, name) for name in each.deadline_fields.model_fields_set}
        dates = dates.model_copy(update=fields)
        deals = each.deals or deals
        may_link = each.may_link if "may_link" in each.model_fields_set else may_link
        sign_off.update(each.sign_off)
        retention = each.retention if "retention" in each.model_fields_set else retention
        scope = each.scope if "scope" in each.model_fields_set else scope
        discovery = each.discovery if "discovery" in each.model_fields_set else discovery
        moved = each.moved_dates if "moved_dates" in each.model_fields_set else moved
        most = each.most_restores_per_hour if "most_restores_per_hour" in each.model_fields_set else most
    if deals is None:
        return None
    return RulesConfig(
        trackers,
        deals,
        may_link,
        sign_off,
        retention,
        dates,
        scope,
        discovery,
        moved_dates=moved,
        most_restores_per_hour=most,
    )


def _rules(source: Source, names: Names | None, diagnostics: list[Diagnostic]) -> Iterator[Rule]:
    """Yield the rules of a file, as far as they are sound; note everything else in ``diagnostics``."""
    for index, raw in enumerate(raw_rules(source)):
        if not isinstance(raw, dict):
            continue
        path: Keys = ("rules", index)
        condition = None
        if isinstance(text := raw.get("if"), str):
            try:
                condition = compile_condition(text)
            except ExpressionError as error:
                place = source.within((*path, "if"), error.line, error.column)
                diagnostics.append(source.diagnostic(place, error.message))
        when = str(raw.get("when"))
        then = raw.get("then")
        steps = enumerate(then) if isinstance(then, list) else ()
        actions = [
            action
            for number, step in steps
            if isinstance(step, dict)
            for action in _action(source, (*path, "then", number), step, when, names, diagnostics)
        ]
        where = f"{_known_as(source.name)}:{source.value(path).line}"
        yield Rule(str(raw.get("name")), where, when, condition, tuple(actions))


def _known_as(file: str) -> str:
    """Return how people know a file: by its folder's name and its own (``rules/deadlines.yaml``). Where on
    the server that is stays here."""
    path = Path(os.path.abspath(file))
    return "/".join(path.parts[-2:])


def _action(
    source: Source,
    path: Keys,
    step: dict[str, object],
    when: str,
    names: Names | None,
    diagnostics: list[Diagnostic],
) -> Iterator[Action]:
    if len(step) != 1:
        hint = "each step of 'then' is one action, such as - hold: {until: product}"
        diagnostics.append(source.diagnostic(source.value(path), hint))
        return
    [(name, spec)] = step.items()
    path = (*path, name)
    if name not in ACTIONS:
        hint = did_you_mean(name, ACTIONS) or f"; there is {', '.join(ACTIONS)}"
        diagnostics.append(source.diagnostic(source.key(path), f"unknown action '{name}'{hint}"))
        return
    kind = ACTIONS[name]
    if kind.events is not None and when in EVENTS and when not in kind.events:
        events = " or ".join(sorted(kind.events))
        diagnostics.append(source.diagnostic(source.key(path), f"'{name}' goes only with when: {events}"))
    action, complaints = check(kind, spec, name)
    for each in complaints:
        inner = (*path, *each.path)
        place = source.key(inner) if each.at_key else source.value(inner)
        diagnostics.append(source.diagnostic(place, each.message))
    if action is None:
        return
    for key, problem in action.misused(names, when) if names else ():
        diagnostics.append(source.diagnostic(source.value((*path, key)), problem))
    yield action
