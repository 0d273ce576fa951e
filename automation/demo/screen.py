"""What the story looks like on a terminal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markdown import Markdown
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from automation.demo.cast import BOT, PRODUCT, TITLE, Stage
from automation.demo.story import Step
from automation.domain.doing import does
from automation.model import Mode, Say, Would
from automation.sandbox.places import GitHubIssue, Place
from automation.text import inert
from automation.text.dates import spoken

WIDTH = 96

OPENING = """[b]Handshake: the story of one promise[/b]

Sales has a deal that hangs on two features. Engineers plan them. Product owns the dates. Everything
below is real: webhooks over HTTP, the service, its database. Only GitHub and Jira are stand-ins.
"""


class Screen:
    """Prints the story, and after each step what people find on the issue and on the deal."""

    def __init__(self, console: Console, stage: Stage) -> None:
        self._console = console
        self._stage = stage
        self._read: set[tuple[str, str]] = set()
        self.unwritten: Callable[[int], tuple[list[Would], int]] = lambda after: ([], after)
        """Gives what the mode kept back since then, and till when that is."""
        self._seen = 0

    @property
    def watched(self) -> bool:
        """Tell whether a person looks on, as against a file or a pipe."""
        return self._console.is_terminal

    def opening(self, mode: Mode) -> None:
        stage = self._stage
        closes = spoken(stage.dates.closes, stage.dates.closes)
        self._print(OPENING)
        self._print(f"  deal    {stage.deal.key}  “Borealis Ltd, 300 seats”, expected to close {closes}")
        if stage.github:
            self._print(f"  GitHub  {stage.github.key}  “{escape(TITLE)}”, a private issue without a date")
        if stage.jira:
            self._print(f"  Jira    {stage.jira.key}  “Audit log”, with a due date that nobody has agreed to")
        if mode is not Mode.ENFORCE:
            self._print(f"\nHANDSHAKE_MODE is [b]{mode}[/b]: what that keeps back is shown in yellow.")

    def rules(self, text: str) -> None:
        """Say what became of the rules that were just saved. Called from any thread, at any time."""
        first, *diagnostics = inert.lines(text).splitlines()
        first = f"{first[:1].upper()}{first[1:]}"
        words = Text.assemble((first, "bold"), *(f"\n{line}" for line in diagnostics))
        title, style = ("a mistake in the rules", "red") if diagnostics else ("rules", "green")
        self._panel(words, title, style)

    def kept_back(self) -> None:
        """Show what the mode kept back since the last time, with its words."""
        found, self._seen = self.unwritten(self._seen)
        for would in found:
            if isinstance(would.effect.intent, Say):
                title = f"would be written on {inert.line(would.effect.target.key)}"
                self._panel(Markdown(inert.lines(would.text)), title, "yellow")
        done = [_typed(does(would.effect)) for would in found if not isinstance(would.effect.intent, Say)]
        if done:
            also = " also" if len(done) < len(found) else ""
            self._print(f"  [yellow]It would{also}[/yellow] " + "; ".join(done))

    def step(self, number: int, of: int, step: Step) -> None:
        self._console.rule(style="dim")
        self._sentence(f"[cyan]{number}/{of}[/cyan]  [dim]{step.at.key}[/dim]  {step.told}")

    def outcome(self, at: Place, diary: Iterable[Mapping[str, Any]]) -> None:
        """Show what Handshake did, and the new comments as people read them."""
        deals = {deal.key for deal in self._stage.deals}
        done = [_typed(sentence) for line in diary if (sentence := _sentence(line, deals))]
        self._sentence(
            "  [green]Handshake[/green]  " + ("; ".join(done) or "nothing to do, and nothing said")
        )
        self._comments(at, "engineers read on the issue", "blue", marked=isinstance(at, GitHubIssue))
        for deal in self._stage.deals:
            which = "the deal" if deal == self._stage.deal else f"the deal {deal.key}"
            self._comments(deal, f"sales reads on {which}", "magenta", marked=False)
        self.kept_back()
        day = at.day()
        stands = spoken(day, self._stage.dates.closes) if day else "no date"
        labels = _typed(", ".join(sorted(at.labels()))) or "no labels"
        self._print(f"  [dim]{at.key} now: {stands}; {labels}[/dim]")

    def stuck(self, diary: list[Mapping[str, Any]]) -> None:
        self._print("[red]This step did not come to an end.[/red] The last things that happened:")
        for line in diary[-8:]:
            self._console.print(Text(f"  {dict(line)}"))

    def closing(self, url: str, database: str, rules: Path) -> None:
        stage = self._stage
        last = stage.jira or stage.github
        pages = [place.page for place in (stage.github, stage.jira, stage.deal) if place]
        self._console.rule(style="dim")
        self._print("[b]That was the story. All of it stays up; Ctrl-C ends it.[/b]\n\nSee what people see:")
        for page in pages:
            self._print(f"  {page}")
        self._print(
            f"Is it well?  {url}/readyz\n\nWhat waits for product (in another terminal):\n"
            f"  HANDSHAKE_DATABASE_URL={database} .venv/bin/handshake proposals\n\n"
            "Answer as Mona; any name of the story works as a token:"
        )
        if last:
            self._console.print(_curl(last, stage), markup=False, soft_wrap=True)
        self._print(
            f"\nChange a rule or a message in {rules}/ while it runs, and see the difference. A mistake is\n"
            "shown here at once; and where you set another mode, what that keeps back."
        )

    def _comments(self, place: Place, title: str, style: str, marked: bool) -> None:
        for said in place.said():
            if said.author == BOT and (place.key, said.id) not in self._read:
                self._read.add((place.key, said.id))
                words = Markdown(inert.lines(said.text)) if marked else _titled(inert.lines(said.text))
                self._panel(words, title, style)

    def _panel(self, words: Markdown | Text, title: str, style: str) -> None:
        width = min(WIDTH, self._console.width)
        self._console.print(Panel(words, title=title, title_align="left", border_style=style, width=width))

    def _sentence(self, markup: str) -> None:
        """Break between words for people, and nowhere in a file or a pipe."""
        self._console.print(markup, soft_wrap=not self.watched)

    def _print(self, markup: str) -> None:
        self._console.print(markup, soft_wrap=True)


def _typed(text: str) -> str:
    """Let what people typed stand as it is, in rich's markup and on the terminal."""
    return escape(inert.line(text))


def _titled(text: str) -> Text:
    title, _, rest = text.partition("\n")
    return Text.assemble((title, "bold"), "\n", rest)


def _curl(place: Place, stage: Stage) -> str:
    """Return a command that answers the last open wish as somebody of product."""
    line = f"signoff {stage.dates.autumn}"
    if isinstance(place, GitHubIssue):
        address = f"{stage.box.github_url}/repos/{place.repo}/issues/{place.number}/comments"
        return f"  curl -H 'Authorization: Bearer {PRODUCT}' -d '{{\"body\": \"/{line}\"}}' \\\n    {address}"
    words = f'{{"type": "text", "text": "handshake {line}"}}'
    body = f'{{"type": "doc", "version": 1, "content": [{{"type": "paragraph", "content": [{words}]}}]}}'
    address = f"{stage.box.jira_url}/rest/api/3/issue/{place.key}/comment"
    return (
        f"  curl -u {PRODUCT}@example.com:{PRODUCT} -H 'Content-Type: application/json' \\\n"
        f"    -d '{{\"body\": {body}}}' \\\n    {address}"
    )


def _sentence(line: Mapping[str, Any], deals: Collection[str]) -> str:
    """Say a log line as a person would, or "" for those that are no news."""
    if line["event"] in ("again", "parked"):
        return f"trouble: {line['error']}"
    if line["event"] != "effect":
        return ""
    if line["how"] != "done":
        return f"{line['how']}: {line['text']}"
    if line["do"] == "SetDeadline":
        why, _, value = line["text"].partition(": ")
        if not value:
            return "took the date off again"
        return f"set it back to “{value}”" if why == "restore" else f"set it to “{value}”"
    place = "the deal" if line["target"] in deals else "the issue"
    done = {"SetLabel": "changed a label", "EmptyField": "emptied a field", "ShowDeal": "linked the deal"}
    return done.get(line["do"], f"wrote on {place}")
