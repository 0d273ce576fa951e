"""The story, step by step: who does what. What Handshake does about it is nowhere written here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from automation.demo.cast import ENGINEER, PRODUCT, SALES, Stage
from automation.sandbox import Sandbox

NAMES = {ENGINEER: "Lee (engineer)", SALES: "Sam (sales)", PRODUCT: "Mona (product)"}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does, told in a line, and the doing of it."""

    told: str
    does: Callable[[], object]


def steps(box: Sandbox, stage: Stage) -> list[Step]:
    """Return the story for this stage."""

    def say(who: str, text: str) -> Step:
        person = box.github.as_user(who)
        return Step(
            f"{NAMES[who]} writes: [b]{text}[/b]", lambda: person.comment(stage.repo, stage.number, text)
        )

    def move(who: str, told: str, milestone: str) -> Step:
        person = box.github.as_user(who)
        return Step(
            f"{NAMES[who]} {told}: [b]{milestone}[/b]",
            lambda: person.set_milestone(stage.repo, stage.number, milestone),
        )

    return [
        say(SALES, f"/link {stage.deal}"),
        move(ENGINEER, "gives the issue a milestone", "Spring release"),
        say(ENGINEER, f"/signoff {stage.spring}"),
        say(PRODUCT, f"/signoff {stage.spring}"),
        move(ENGINEER, "sees trouble coming and moves it", "Summer release"),
        say(PRODUCT, "/decline because we can still make it if imports wait"),
        move(ENGINEER, "has to move it after all", "Autumn release"),
        say(PRODUCT, f"/signoff {stage.summer} because existing accounts take longer to connect"),
        Step("GitHub delivers that last webhook a second time", lambda: again(box)),
        move(PRODUCT, "plans anew herself", "Autumn release"),
        move(ENGINEER, "asks for the early date again", "Spring release"),
    ]


def again(box: Sandbox) -> None:
    """Redeliver the last comment, as GitHub's button does: same id, same bytes."""
    comments = [delivery for delivery in box.hooks.deliveries if delivery.event == "issue_comment"]
    box.hooks.redeliver(comments[-1].id)
