"""What adapters remember for a short while."""

from __future__ import annotations

from automation.ports import recent
from automation.ports.recent import Recent
from tests.fakes import Clock


def remembering(clock: Clock) -> tuple[Recent[str, int], list[int]]:
    return Recent(60.0, clock.seconds), []


def asked(memory: Recent[str, int], questions: list[int], key: str = "acme/shop") -> int:
    def ask() -> int:
        questions.append(len(questions))
        return questions[-1]

    return memory.get(key, ask)


def test_an_answer_is_asked_for_again_once_it_is_too_old() -> None:
    clock = Clock()
    memory, questions = remembering(clock)
    assert [asked(memory, questions), asked(memory, questions)] == [0, 0]
    clock.forward(59.9)
    assert asked(memory, questions) == 0
    clock.forward(0.1)
    assert asked(memory, questions) == 1


def test_a_clock_that_is_set_back_makes_no_answer_last_longer() -> None:
    clock = Clock()
    memory, questions = remembering(clock)
    asked(memory, questions)
    clock.forward(-3600)
    assert asked(memory, questions) == 1


def test_no_more_is_remembered_than_there_is_room_for() -> None:
    clock = Clock()
    memory, questions = remembering(clock)
    for number in range(recent.MOST + 1):
        asked(memory, questions, f"acme/{number}")
    assert asked(memory, questions, "acme/0") == recent.MOST + 1
    assert asked(memory, questions, f"acme/{recent.MOST}") == recent.MOST
