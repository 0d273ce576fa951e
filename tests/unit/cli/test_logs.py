"""Logs: a line for each thing that happened, without secrets and without what is empty."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import pytest
import structlog

from automation.app import logs

SECRET = "hunter2hunter2"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n"


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[io.StringIO, Terminal], ids=["file", "terminal"])
def written(request) -> Iterator[Callable[..., str]]:
    """Log one line with these secrets known, and return what was written."""

    def log(*secrets: str, **line: object) -> str:
        stream = request.param()
        logs.set_up(secrets, stream)
        structlog.get_logger("handshake").info("effect", **line)
        return stream.getvalue()

    yield log
    structlog.reset_defaults()


def test_a_line_says_when_what_and_how_bad(written) -> None:
    line = written(issue="acme/shop#12", tries=3)

    for part in ("20", "info", "effect", "issue", "acme/shop#12", "3"):
        assert part in line
    assert line.count("\n") == 1


@pytest.mark.parametrize(
    "value",
    [
        SECRET,
        f"https://x:{SECRET}@example.com",
        [f"token {SECRET}"],
        {"Authorization": f"Bearer {SECRET}"},
        {SECRET: 1},
        (("deep", [SECRET]),),
        ValueError(f"bad token {SECRET}"),
        SECRET.encode(),
    ],
    ids=["text", "inside", "list", "value of a mapping", "key of a mapping", "deep", "error", "bytes"],
)
def test_a_secret_is_blotted_out_wherever_it_stands(written, value) -> None:
    line = written(SECRET, error=value)

    assert SECRET not in line
    assert "***" in line


def test_all_secrets_are_blotted_out_also_where_one_begins_like_another(written) -> None:
    line = written("secret-of-old", "secret-of-old-and-new", text="secret-of-old-and-new secret-of-old")

    assert "*** ***" in line
    assert "and-new" not in line


@pytest.mark.parametrize("quoted", [PEM, repr(PEM), "MIIEowIBAAKCAQEA"])
def test_a_key_of_several_lines_is_known_by_each_of_them(written, quoted) -> None:
    assert "MIIEow" not in written(PEM, error=f"could not read {quoted}")


def test_the_event_itself_holds_no_secret(request) -> None:
    stream = io.StringIO()
    logs.set_up([SECRET], stream)
    request.addfinalizer(structlog.reset_defaults)

    structlog.get_logger("handshake").info(f"signed in with {SECRET}")

    assert "signed in with ***" in stream.getvalue()


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["file", "terminal"])
def test_a_traceback_holds_no_secret(request, stream) -> None:
    logs.set_up([SECRET], stream)
    request.addfinalizer(structlog.reset_defaults)

    try:
        token = SECRET
        raise ValueError(f"bad token {token}")
    except ValueError:
        structlog.get_logger("handshake").exception("failed")

    assert "Traceback" in stream.getvalue()
    assert SECRET not in stream.getvalue()


def test_what_is_too_short_to_be_a_secret_blots_out_nothing(written) -> None:
    assert "a usual text" in written("us", text="a usual text")


@pytest.mark.parametrize("nothing", [None, ""])
def test_what_is_empty_is_not_printed(written, nothing) -> None:
    assert "because" not in written(because=nothing)


@pytest.mark.parametrize(("value", "said"), [(0, "0"), (False, "alse"), (1.5, "1.5")])
def test_zero_and_no_are_something(written, value, said) -> None:
    line = written(wait=value)

    assert "wait" in line
    assert said in line


def test_other_things_than_words_are_left_as_they_are(written) -> None:
    assert written("123456", tries=1234567).count("1234567") == 1


def test_colour_is_for_terminals() -> None:
    def log(stream: io.StringIO) -> str:
        logs.set_up([], stream)
        structlog.get_logger("handshake").info("effect", issue="acme/shop#12")
        structlog.reset_defaults()
        return stream.getvalue()

    assert "\x1b[" in log(Terminal())
    assert "\x1b[" not in log(io.StringIO())


OBEYED = (
    "\x1b[2J",
    "\x1b]0;title\x07",
    "\x9b2J",
    "\x90",
    "\u202e",
    "\u2066",
    "\u200f",
    "\r",
    "\x08",
    "\x7f",
    "\u2028",
)


@pytest.mark.parametrize("obeyed", [*OBEYED, "\n2027-01-01 [info] ledger what=signed", "\ud800"])
def test_what_a_terminal_would_obey_is_written_out(written, obeyed) -> None:
    line = written(by=f"Lee{obeyed}Lee", text=[f"a{obeyed}b"])

    assert line.count("\n") == 1
    shown = re.sub(r"\x1b\[[0-9;]*m", "", line.rstrip("\n"))  # without our own colours
    assert not [char for char in shown if not char.isprintable()], ascii(shown)
    assert "Lee" in shown


def test_names_of_all_kinds_stay_as_they_are(written) -> None:
    name = "Zoë Müller 山田 👩"

    assert name in written(by=name)
