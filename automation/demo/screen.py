"""What the story looks like on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.text import Text

from automation.demo.cast import BOT, Stage
from automation.sandbox import Sandbox

WIDTH = 92
_HIDDEN = re.compile(r"<!--.*?-->", re.DOTALL)

OPENING = """[b]Handshake: the story of one promise[/b]

Sales has a deal that hangs on a feature. Engineers plan it. Product owns the date. Everything below
is real: webhooks over HTTP, the service, its database; only GitHub and Jira are stand-ins.

  issue  {issue}  “Single sign-on”, private, no date yet
  deal   {deal}  “Borealis Ltd, 300 seats”, expected to close {closes:%-d %B %Y}
"""


class Screen:
    """Prints the story, and after each step what people find on the issue and on the deal."""

    def __init__(self, console: Console, box: Sandbox, stage: Stage) -> None:
        self._console = console
        self._box = box
        self._stage = stage
        self._read: set[tuple[str, object]] = set()

    def opening(self) -> None:
        stage = self._stage
        self._print(OPENING.format(issue=stage.issue, deal=stage.deal, closes=stage.closes))

    def step(self, number: int, of: int, told: str) -> None:
        self._console.rule(style="dim")
        self._print(f"[cyan]{number}/{of}[/cyan]  {told}")

    def outcome(self, diary: Iterable[Mapping[str, Any]]) -> None:
        """Show what Handshake did, and the new comments as people read them."""
        done = [sentence for line in diary if (sentence := _sentence(line))]
        self._print(
            "[green]  Handshake[/green]  " + ("; ".join(done) if done else "nothing to do, and nothing said")
        )
        stage = self._stage
        for comment in self._box.github.comments(stage.repo, stage.number):
            text = _HIDDEN.sub("", comment.body).strip()
            self._comment(
                "issue", comment.id, comment.author.login, Markdown(text), "engineers read on the issue"
            )
        for note in self._box.jira.comments(stage.deal):
            self._comment("deal", note.id, note.author.name, Text(note.text), "sales reads on the deal")
        issue = self._box.github.issue(stage.repo, stage.number)
        milestone = issue.milestone.title if issue.milestone else "none"
        labels = ", ".join(issue.labels) or "none"
        self._print(f"[dim]  the issue now: milestone {milestone}, labels {labels}[/dim]")

    def stuck(self, diary: Iterable[Mapping[str, Any]]) -> None:
        self._print("[red]This step did not come to an end.[/red] The last things that happened:")
        for line in list(diary)[-8:]:
            self._console.print(Text(f"  {dict(line)}"))

    def closing(self, url: str, database: str, product: str, rules: Path) -> None:
        stage, box = self._stage, self._box
        self._console.rule(style="dim")
        self._print(
            f"[b]That was the story. All of it stays up; Ctrl-C ends it.[/b]\n\n"
            f"See what people see:   {box.github_url}/{stage.repo}/issues/{stage.number}\n"
            f"                       {box.jira_url}/browse/{stage.deal}\n"
            f"Is it well?            {url}/readyz\n"
            f"What waits for product (in another terminal):\n"
            f"  HANDSHAKE_DATABASE_URL={database} .venv/bin/handshake proposals\n"
            f"Answer it as Mona (any name of the story works as a token):\n"
        )
        body = f'{{"body": "/signoff {stage.spring}"}}'
        self._console.print(
            f"  curl -H 'Authorization: Bearer {product}' -d '{body}' \\\n"
            f"    {box.github_url}/repos/{stage.repo}/issues/{stage.number}/comments\n",
            markup=False,
            soft_wrap=True,
        )
        self._print(f"Change a rule or a message in {rules}/ while it runs, and see the difference.")

    def _comment(self, where: str, id: object, author: str, text: Markdown | Text, title: str) -> None:
        if (where, id) in self._read:
            return
        self._read.add((where, id))
        if author == BOT:
            style = "blue" if where == "issue" else "magenta"
            self._console.print(
                Panel(
                    text,
                    title=title,
                    title_align="left",
                    border_style=style,
                    width=min(WIDTH, self._console.width),
                )
            )

    def _print(self, markup: str) -> None:
        self._console.print(markup, width=min(WIDTH, self._console.width), soft_wrap=True)


def _sentence(line: Mapping[str, Any]) -> str:
    """Say a log line as a person would, or "" for those that are no news."""
    if line["event"] in ("again", "parked"):
        return f"trouble: {line['error']}"
    if line["event"] != "effect":
        return ""
    place = "the issue" if line["target"] == line["issue"] else "the deal"
    if line["how"] != "done":
        return f"{line['how']}: {line['text']}"
    if line["do"] == "SetDeadline":
        why, _, value = line["text"].partition(": ")
        if not value:
            return "took the milestone off again"
        return f"set the milestone {'back ' if why == 'restore' else ''}to “{value}”"
    return "changed a label" if line["do"] == "SetLabel" else f"wrote on {place}"
