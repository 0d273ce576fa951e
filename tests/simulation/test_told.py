"""Whatever is agreed, moved, asked and taken back, and however late words are sent: each deal is told of a
change from the date it was told last, of none while that is in doubt, and in the end of the one in force."""

from __future__ import annotations

import shutil
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.model import NOTHING, Person, Say, SetDeadline, Trigger, Value
from automation.ports import Unavailable
from automation.rulebook.rulebook import Rulebook, load
from tests.factories import LEE, MONA, SAM, SPRING, SUMMER, WINTER
from tests.simulation.stand_ins import AUTUMN, FIELD
from tests.simulation.village import QUIET, Village

Step = tuple[Person, Value | str, int, int, bool]
"""Who does what, how many minutes after the step before, how many words are sent then, and whether the
first of them arrives without our hearing so."""

DOUBT = "{% if commitment.at_risk %}doubt {{ commitment.day }}"
WORDS = {
    "linked": "{% if commitment.at_risk %}nodate{% elsif commitment.day != '' %}new {{ commitment.day }}"
    "{% else %}nodate{% endif %}",
    "date-agreed": "new {{ change.new.day }}",
    "date-moved": "old {{ change.old.day }} new {{ change.new.day }}",
    "date-asked": f"{DOUBT}{{% else %}}asked{{% endif %}}",
    "date-declined": "{% if commitment.day != '' %}stands {{ commitment.day }}{% else %}no{% endif %}",
    "date-withdrawn": "{% if commitment.day != '' %}stands {{ commitment.day }}{% else %}no{% endif %}",
    "scope-changed": f"{DOUBT}{{% elsif commitment.day != '' %}}stands {{{{ commitment.day }}}}"
    "{% else %}none{% endif %}",
    "unlinked": f"{DOUBT}{{% elsif commitment.day != '' %}}stands {{{{ commitment.day }}}}"
    "{% else %}none{% endif %}",
    "date-not-agreed": "sorting it out",
}
"""Messages to deals that say no more than the date they go by, so that they can be checked."""


@pytest.fixture(scope="module")
def terse(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """The shipped rules, with these messages."""
    folder = tmp_path_factory.mktemp("terse") / "rules"
    shutil.copytree(Path("rules"), folder)
    for name, text in WORDS.items():
        (folder / "messages" / f"{name}.deals.liquid").write_text(text)
    return load(folder)


class Reader:
    """Reads what a deal is told, as a salesperson would."""

    def __init__(self) -> None:
        self.date = ""
        self.doubtful = False

    def read(self, text: str, village: Village) -> None:
        days = dict(pairwise(text.replace("«", "").replace("»", "").split()))
        signed = village.state.fields[FIELD].commitment
        for word in ("old", "doubt", "stands"):
            assert days.get(word, self.date) == self.date, (word, text, self.date)
        if "old" in days or "new" in days:
            assert signed is not None
            assert not signed.in_doubt, text
            self.date = days.get("new", "")
            self.doubtful = False
        if text == "nodate":
            self.date = ""
        if "doubt" in days:
            self.doubtful = True
        if "stands" in days:
            assert signed is not None
            assert not signed.in_doubt, text
            assert signed.value.day == date.fromisoformat(self.date), text
            self.doubtful = False


class Told:
    def __init__(self, rules: Rulebook) -> None:
        self.village = Village(rules)
        self.readers: dict[str, Reader] = {}
        self.said: list[str] = []

    def act(self, who: Person, what: Value | str, minutes: int, words: int, lost: bool) -> None:
        village = self.village
        village.next = village.clock.now + timedelta(minutes=minutes)
        for at, subject in sorted(village.later, key=lambda due: due[0]):
            if at <= village.next:
                village.later.remove((at, subject))
                village.clock.now = max(village.clock.now, at)
                self.decide(Trigger(subject, "time"))
        self.decide(village.act(who, what))
        self.send(words, lost)

    def decide(self, trigger: Trigger) -> None:
        """Look, and set dates, but say nothing."""
        village = self.village
        village.looks.append(trigger)
        for _ in range(50):
            village.clock.forward(1)
            dates = [effect for effect in village.ready if isinstance(effect.intent, SetDeadline)]
            if dates:
                village.perform(dates[0])
            elif village.looks:
                village.look(village.looks.pop(0))
            else:
                return
        raise AssertionError("it does not come to rest")

    def send(self, words: int, lost: bool) -> None:
        village = self.village
        for number in range(words):
            said = [effect for effect in village.ready if isinstance(effect.intent, Say)]
            if not said:
                return
            if lost and number == 0:
                village.crm.fail("post", Unavailable("connection lost"), after=True)
            village.clock.forward(1)
            village.perform(said[0])
            village.crm.forgive()
            self.hear()

    def hear(self) -> None:
        for subject, text in list(self.village.crm.posted.values())[len(self.said) :]:
            self.said.append(f"{subject.key}: {text}")
            self.readers.setdefault(subject.key, Reader()).read(text, self.village)

    def end(self) -> None:
        village = self.village
        for _ in range(100):
            if village.ready:
                self.send(1, False)
                village.clock.forward(1)
                others = [
                    effect for effect in village.ready if not isinstance(effect.intent, Say | SetDeadline)
                ]
                for effect in others:
                    village.perform(effect)
            elif village.looks:
                self.decide(village.looks.pop(0))
            elif village.later:
                at, subject = min(village.later, key=lambda due: due[0])
                village.later.remove((at, subject))
                village.clock.now = max(village.clock.now, at)
                self.decide(Trigger(subject, "time"))
            else:
                break
        else:
            raise AssertionError("it does not come to rest")
        signed = village.state.fields[FIELD].commitment
        if signed is None or signed.in_doubt:
            return
        for deal in village.state.concerned():
            reader = self.readers[deal.key]
            assert reader.date == (signed.value.day.isoformat() if signed.value.day else ""), deal
            assert not (reader.doubtful and reader.date), deal


DAYS = ("2027-01-31", "2027-03-01", "2027-04-15", "2027-09-15")
VALUES = (WINTER, SPRING, SUMMER, AUTUMN, NOTHING)


@st.composite
def steps(draw: st.DrawFn) -> list[Step]:
    day = st.sampled_from(DAYS)
    anybody = st.sampled_from((LEE, SAM, MONA))
    deal = st.sampled_from(("SALES-7", "SALES-8"))
    act = st.one_of(
        st.tuples(anybody, st.sampled_from(VALUES)),
        st.tuples(st.just(MONA), st.sampled_from(VALUES)),
        st.tuples(anybody, day.map("/ask {}".format)),
        st.tuples(st.just(MONA), day.map("/signoff {}".format)),
        st.tuples(st.just(MONA), st.sampled_from(("/signoff none", "/decline"))),
        st.tuples(anybody, st.just("/withdraw")),
        st.tuples(st.just(SAM), deal.map("/link {}".format)),
        st.tuples(st.just(SAM), deal.map("/unlink {}".format)),
        st.tuples(st.just(LEE), st.sampled_from(("Two logins.", "Three logins and a door."))),
    )
    rest = st.tuples(st.sampled_from((1, 5, 20)), st.sampled_from((0, 1, 3, 20, 20)), st.booleans())
    done = draw(st.lists(st.tuples(act, rest), min_size=3, max_size=9))
    start: list[Step] = [(SAM, "/link SALES-7", 1, 20, False)]
    if draw(st.booleans()):
        start.append((MONA, "/signoff 2027-03-01", 1, 20, False))
    return start + [(*acted, *rested) for acted, rested in done]


def holds(rules: Rulebook, story: list[Step]) -> None:
    told = Told(rules)
    try:
        for step in story:
            told.act(*step)
        told.end()
    except AssertionError as error:
        spelled = "; ".join(
            f"+{minutes}min {who.name} {what.name or 'nothing' if isinstance(what, Value) else what}"
            f" [{words} sent{', the first unheard' if lost else ''}]"
            for who, what, minutes, words, lost in story
        )
        raise AssertionError(f"{spelled}: {told.said}") from error


@given(story=steps())
@example(
    story=[
        (SAM, "/link SALES-7", 1, 20, False),
        (MONA, "/signoff 2027-03-01", 1, 20, False),
        (MONA, SUMMER, 5, 20, False),
        (LEE, NOTHING, 5, 20, False),
        (SAM, "/link SALES-8", 1, 0, False),
        (MONA, "/decline", 20, 1, True),
    ]
)
@settings(max_examples=40, **QUIET)
def test_each_deal_hears_from_the_date_it_knows_to_the_one_in_force(terse, story) -> None:
    holds(terse, story)


@pytest.mark.simulation
@given(story=steps())
@settings(max_examples=1500, **QUIET)
def test_in_many_stories_each_deal_hears_from_the_date_it_knows(terse, story) -> None:
    holds(terse, story)
