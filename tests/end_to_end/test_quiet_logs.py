"""The whole service, at DEBUG, through a day of faults: not a word of a customer reaches the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from automation.app import logs
from tests.end_to_end.conftest import SECRET, SPRING, SUMMER, Town

PRIVATE = ("Borealis", "Single sign-on", "One login", "company account", "canary", SECRET)
"""The customer, what was asked for, and what people wrote."""


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that is logged by us and by the libraries; the sandbox is no part of us."""
    stream = io.StringIO()
    logs.set_up([SECRET], stream)
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    before = root.level
    handler.addFilter(lambda record: record.name != "werkzeug")
    logging.getLogger("markdown_it").setLevel(logging.INFO)  # every step of its parser is too much
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(before)
    logging.getLogger("markdown_it").setLevel(logging.NOTSET)
    structlog.reset_defaults()


@pytest.mark.parametrize("tracker", ["github", "jira"])
def test_no_customer_and_no_secret_is_logged_whatever_fails(written: io.StringIO, town: Town) -> None:
    town.comment("sam", f"/link {town.deal}")
    town.comment("sam", "/link SALES-99 canary")
    for how, day in [("502 after", SPRING), ("drop before", SUMMER), ("429", SPRING), ("stranger", SUMMER)]:
        for verb in ("GET", "POST", "PATCH", "PUT"):
            town.box.fail_next(verb, "/", how)
        town.ask("lee", day)
    town.comment("lee", "/ask someday because canary")
    town.comment("mona", "/decline because canary")
    town.comment("lee", "/signoff canary")
    town.edit("lee", title="Single sign-on, canary", body="canary\n\n- One login")
    said = written.getvalue()
    assert "decision" in said and "effect" in said and "delivery stored" in said
    for word in PRIVATE:
        assert word.lower() not in said.lower(), word
