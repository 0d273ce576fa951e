"""Work that is done every few seconds."""

from __future__ import annotations

import threading

from automation.store.repeating import Repeating


def test_it_is_done_again_also_after_it_went_wrong() -> None:
    times: list[int] = []
    twice = threading.Event()

    def work() -> None:
        times.append(1)
        if len(times) == 1:
            raise OSError("disk full")
        twice.set()

    repeating = Repeating("work", 0.01, work)
    repeating.start()
    assert twice.wait(10)
    repeating.stop()
