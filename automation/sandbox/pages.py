"""Plain pages that show an issue or a deal as people read it. For the demo: anybody may look."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from werkzeug.wrappers import Request, Response

from automation.sandbox import adf
from automation.sandbox.github_state import GitHubState
from automation.sandbox.jira_state import JiraState
from automation.sandbox.wire import Route, rule

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
  color: #1f2328; background: #fff }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dt, header, .empty { color: #59636e } dd { margin: 0 }
article { border: 1px solid #d1d9e0; border-radius: 6px; margin: 1rem 0; padding: .5rem 1rem }
code, pre { background: #f6f8fa; padding: .1rem .3rem; border-radius: 4px }
blockquote { border-left: 4px solid #d1d9e0; margin: 0; padding-left: 1rem }
"""


class _Renderer(RendererHTML):
    """Shows HTML as it was typed, but hides comments, as GitHub does."""

    def html_block(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return escape(re.sub(r"<!--.*?(-->|\Z)", "", tokens[idx].content, flags=re.DOTALL))

    def html_inline(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return self.html_block(tokens, idx, options, env)


_MARKDOWN = MarkdownIt("commonmark", renderer_cls=_Renderer).enable(["table", "strikethrough"])


def hub_rules(hub: GitHubState) -> list[Route]:
    """Return the pages of the GitHub stand-in: all issues, and one."""

    def front(actor: Any, request: Request) -> Response:
        links = [
            (f"/{repo.full_name}/issues/{issue.number}", f"{repo.full_name}#{issue.number} {issue.title}")
            for repo in hub.repos.values()
            for issue in repo.issues.values()
        ]
        return _front("Issues", links)

    def one(actor: Any, request: Request, owner: str, name: str, n: int) -> Response:
        repo, issue = hub.repo(f"{owner}/{name}"), hub.issue(f"{owner}/{name}", n)
        held = issue.milestone
        day = f" (due {_day(held.due_on)})" if held and held.due_on else ""
        facts = {
            "State": issue.state,
            "Milestone": f"{held.title}{day}" if held else "none",
            "Labels": ", ".join(issue.labels) or "none",
            "Repository": f"{repo.full_name}, {'private' if repo.private else 'public'}",
        }
        comments = [
            _said(c.author.login, c.created_at, _MARKDOWN.render(c.body), c.edited_at is not None)
            for c in hub.comments(repo.full_name, n)
        ]
        return _page(f"{issue.title} #{n}", facts, _MARKDOWN.render(issue.body), comments)

    return [rule("/", "GET", front), rule("/<owner>/<name>/issues/<int:n>", "GET", one)]


def site_rules(site: JiraState) -> list[Route]:
    """Return the pages of the Jira stand-in: all issues and deals, and one."""

    def front(actor: Any, request: Request) -> Response:
        links = [(f"/browse/{issue.key}", f"{issue.key} {issue.summary}") for issue in site.issues.values()]
        return _front("Issues and deals", links)

    def one(actor: Any, request: Request, key: str) -> Response:
        issue = site.issue(key)
        facts = {
            "Project": issue.project.name,
            "Status": issue.status,
            "Due date": _day(issue.duedate) if issue.duedate else "none",
            "Assignee": issue.assignee.display if issue.assignee else "nobody",
            "Labels": ", ".join(issue.labels) or "none",
            "Links": ", ".join(link.object["title"] for link in site.remote_links(key)) or "none",
        }
        comments = [
            _said(c.author.display, c.created, adf.to_html(c.body), c.updated != c.created)
            for c in site.comments(key)
        ]
        words = adf.to_html(issue.description) if issue.description else ""
        return _page(f"{issue.key} {issue.summary}", facts, words, comments)

    return [rule("/", "GET", front), rule("/browse/<key>", "GET", one)]


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _said(author: str, at: datetime, html: str, edited: bool) -> str:
    when = f"{_day(at)}, {at:%H:%M} UTC{', edited' if edited else ''}"
    return f"<article><header><b>{escape(author)}</b>, {when}</header>{html}</article>"


def _front(title: str, links: Iterable[tuple[str, str]]) -> Response:
    items = "".join(f'<li><a href="{escape(to)}">{escape(name)}</a></li>' for to, name in links)
    return _html(title, f"<h1>{title}</h1><ul>{items}</ul>")


def _page(title: str, facts: dict[str, str], words: str, comments: Sequence[str]) -> Response:
    pairs = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    said = "".join(comments) or "<p class=empty>No comments yet.</p>"
    return _html(
        escape(title),
        f'<p><a href="/">All</a></p><h1>{escape(title)}</h1><dl>{pairs}</dl>{words}<h2>Comments</h2>{said}',
    )


def _html(title: str, body: str) -> Response:
    # Nothing that somebody typed may run or load anything.
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return Response(
        "<!doctype html><html lang=en><meta charset=utf-8>"
        '<meta name=viewport content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style><main>{body}</main></html>",
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": policy},
    )
