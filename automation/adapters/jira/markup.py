"""Jira's two dialects: documents (ADF) in version 3 of its REST API, wiki markup in version 2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from automation.adapters.jira import adf, adf_text, wiki, wiki_text


@dataclass(frozen=True, slots=True)
class Dialect:
    """How words are written for Jira and read from it. ``mention`` takes what a mention names (an
    account id on Cloud, a username on Data Center) and what the person is called. ``command_lines`` asks of
    what a mention names whether that is us."""

    encode: Callable[[str], str]
    mention: Callable[[str, str], str]
    from_markdown: Callable[[str], object]
    command_lines: Callable[[object, Callable[[str], bool]], tuple[str, ...]]
    to_markdown: Callable[[object], str]


DIALECTS: Mapping[str, Dialect] = {
    "3": Dialect(adf.encode, adf.mention, adf.from_markdown, adf_text.command_lines, adf_text.to_markdown),
    "2": Dialect(
        wiki.encode, wiki.mention, wiki.from_markdown, wiki_text.command_lines, wiki_text.to_markdown
    ),
}
"""By version of the REST API."""
