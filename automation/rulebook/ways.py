"""Labels, statuses and fields by which people answer, held against each other, and against what else the
rules do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from automation.domain.plan_builder import WAITING
from automation.model import COLUMN, FIELD, LABEL, STATUS, Called, board, called
from automation.rulebook.diagnostics import Diagnostic
from automation.rulebook.twice import raw_rules
from automation.rulebook.yaml.source import Keys, Source

_WORDS = ("yes", "no")


def wrong(sources: Sequence[Source]) -> Iterator[Diagnostic]:
    """Yield what cannot work: one that means yes and no, that Handshake sets itself, or that Jira has none
    of. Values of the wrong kind are left to others."""
    ours = {WAITING, *_set_by_rules(sources)}
    in_jira = any(source.given(("trackers", "jira", "projects")) for source in sources)
    means: dict[Called, str] = {}
    for source in sources:
        for path, word, status in _named(source, "jira_status"):
            if means.setdefault(called(STATUS, status), word) != word:
                twice = f"the status '{status}' would mean yes and no; name two statuses"
                yield source.diagnostic(source.value(path), twice)
        for path, word, value in _named(source, "jira_field", "value"):
            field = source.given((*path[:-1], "field"))
            if means.setdefault(called(FIELD, value, str(field)), word) != word:
                twice = f"'{value}' in the field '{field}' would mean yes and no; name two values"
                yield source.diagnostic(source.value(path), twice)
        for path, word, status in _named(source, "github_project", "status"):
            project = board(source.given((*path[:-1], "project")))
            if means.setdefault(called(COLUMN, status, project), word) != word:
                twice = f"the status '{status}' of {project} would mean yes and no; name two statuses"
                yield source.diagnostic(source.value(path), twice)
        for path, word, label in _named(source, "label"):
            problem = ""
            if label.casefold() in ours:
                problem = "Handshake sets that label itself; name another one for answers"
            elif means.setdefault(called(LABEL, label), word) != word:
                problem = f"the label '{label}' would mean yes and no; name two labels"
            elif in_jira and " " in label:
                problem = f"a label in Jira has no spaces; write {label.replace(' ', '-')}"
            if problem:
                yield source.diagnostic(source.value(path), problem)


def _named(source: Source, *way: str) -> Iterator[tuple[Keys, str, str]]:
    policies = source.given(("sign_off",))
    for policy in policies if isinstance(policies, dict) else ():
        for word in _WORDS:
            path: Keys = ("sign_off", policy, "answers", word, *way)
            name = source.given(path)
            if isinstance(name, str) and name:
                yield path, word, name


def _set_by_rules(sources: Sequence[Source]) -> Iterator[str]:
    for source in sources:
        for rule, raw in enumerate(raw_rules(source)):
            steps = raw.get("then") if isinstance(raw, dict) else None
            for step in range(len(steps) if isinstance(steps, list) else 0):
                for key in ("add", "remove"):
                    label = source.given(("rules", rule, "then", step, "label", key))
                    if isinstance(label, str):
                        yield label.casefold()
