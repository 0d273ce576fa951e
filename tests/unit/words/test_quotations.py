"""Mail programs put what was answered below the answer, often without a mark: none of it is a command."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from automation.adapters.jira import adf_text, wiki_text
from automation.domain.commands import heard
from automation.rulebook.messages.messages import Messages
from automation.rulebook.variables import Message
from automation.text import markdown
from automation.text.quotations import Line, above

ANSWER = "/signoff 2027-05-01"
QUOTED = "/signoff 2027-03-01"

HEADERS = [
    "-----Original Message-----",
    "----- Ursprüngliche Nachricht -----",
    "-----Message d'origine-----",
    "-------- Mensaje original --------",
    "---------- Forwarded message ---------",
    "-----Oryginalna wiadomość-----",
    "Begin forwarded message:",
    "---- On Tue, 12 Jan 2027 10:00:00 +0100 Handshake <notifications@github.com> wrote ----",
    "On Tue, Jan 12, 2027 at 10:00 AM handshake-bot <notifications@github.com> wrote:",
    "On Tue, Jan 12, 2027 at 10:00\u202fAM handshake-bot <notifications@github.com>\nwrote:",
    "On 12.01.27, 10:00, handshake-bot wrote:",
    "On Tuesday, 12 January 2027 at 10:00,\nHandshake Bot\nwrote:",
    "On Tuesday, handshake-bot wrote:",
    "Quoting handshake-bot <n@github.com>:",
    "===== On Tue, 12 Jan 2027 handshake-bot wrote =====",
    "Am 12.01.2027 um 10:00 schrieb handshake-bot:",
    "Am Di., 12. Jan. 2027 um 10:00 Uhr schrieb handshake-bot <\nnotifications@github.com>:",
    "Le mar. 12 janv. 2027 à 10:00, handshake-bot <notifications@github.com> a\u00a0écrit\u00a0:",
    "El mar, 12 ene 2027 a las 10:00, handshake-bot (<notifications@github.com>) escribió:",
    "Il giorno mar 12 gen 2027 alle ore 10:00 handshake-bot <n@github.com> ha scritto:",
    "Em ter., 12 de jan. de 2027 às 10:00, handshake-bot <n@github.com> escreveu:",
    "Op di 12 jan 2027 om 10:00 schreef handshake-bot <n@github.com>:",
    "Den tis 12 jan. 2027 kl 10:00 skrev handshake-bot <\nn@github.com>:",
    "W dniu 12.01.2027 o 10:00, handshake-bot pisze:",
    "вт, 12 янв. 2027 г. в 10:00, handshake-bot <n@github.com>:",
    "2027年1月12日(火) 10:00 handshake-bot <n@github.com>:",
    "From: handshake-bot <n@github.com>\nSent: Tuesday, 12 January 2027 10:00\nTo: Mona\nSubject: Re: Login",
    "From: handshake-bot\nDate: Tuesday, 12 January 2027\nTo: Mona",
    "Von: handshake-bot\nGesendet: Dienstag, 12. Januar 2027\nAn: Mona\nBetreff: AW: Login",
    "De : handshake-bot\nEnvoyé : mardi 12 janvier 2027\nÀ : Mona\nObjet : Login",
    "De: handshake-bot\nEnviado el: martes, 12 de enero de 2027\nPara: Mona\nAsunto: Login",
    "Da: handshake-bot\nInviato: martedì\nA: Mona\nOggetto: Login",
    "From: handshake-bot Sent: Tuesday To: Mona Subject: Login",
    "________________________________\nFrom: handshake-bot\nSent: Tuesday",
    "________________________________\nAbsender: handshake-bot",
    "—\nReply to this email directly, view it on GitHub, or unsubscribe.",
]
BOLD = [header for header in HEADERS if header.startswith(("From:", "Von:", "De"))]


def of_markdown(text: str) -> tuple[str, ...]:
    return markdown.command_lines(text)


def of_wiki(text: str) -> tuple[str, ...]:
    return wiki_text.command_lines(text)


def of_one_paragraph(text: str) -> tuple[str, ...]:
    content: list[dict[str, Any]] = []
    for line in text.split("\n"):
        content += [{"type": "text", "text": line}] if line else []
        content += [{"type": "hardBreak"}]
    return adf_text.command_lines({"content": [{"type": "paragraph", "content": content}]})


def of_paragraphs(text: str) -> tuple[str, ...]:
    blocks = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in text.split("\n")]
    return adf_text.command_lines({"content": blocks})


READERS = {
    "Markdown": of_markdown,
    "wiki markup": of_wiki,
    "ADF, one paragraph": of_one_paragraph,
    "ADF, paragraphs": of_paragraphs,
}


@pytest.fixture(params=READERS.values(), ids=READERS)
def reader(request: pytest.FixtureRequest) -> Callable[[str], tuple[str, ...]]:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize("header", HEADERS)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_below_the_header_of_a_mail_nothing_is_a_command(
    reader: Callable[[str], tuple[str, ...]], header: str, gap: str
) -> None:
    lines = reader(f"{ANSWER}\n\nThanks{gap}{header}{gap}To agree, product can paste:\n\n{QUOTED}\n")

    assert ANSWER in lines
    assert QUOTED not in lines


@pytest.mark.parametrize("header", HEADERS)
@given(
    upper=st.booleans(),
    blank=st.sampled_from([" ", "\u00a0", "  "]),
    ending=st.sampled_from(["", "  ", "\u00a0"]),
)
def test_neither_case_nor_blanks_matter(header: str, upper: bool, blank: str, ending: str) -> None:
    text = (header.upper() if upper else header).replace(" ", blank).replace("\n", f"{ending}\n") + ending

    assert QUOTED not in of_markdown(f"Not yet.\n\n{text}\n\n{QUOTED}")
    assert QUOTED not in of_paragraphs(f"Not yet.\n{text}\n{QUOTED}")


@pytest.mark.parametrize("header", BOLD)
def test_bold_labels_are_labels(header: str) -> None:
    def bold(sign: str) -> str:
        return "\n".join(f"{sign}{line.replace(':', f':{sign}', 1)}" for line in header.split("\n"))

    assert QUOTED not in of_markdown(f"Not yet.\n\n{bold('**')}\n\n{QUOTED}")
    assert QUOTED not in of_wiki(f"Not yet.\n\n{bold('*')}\n\n{QUOTED}")
    assert QUOTED not in of_paragraphs(f"Not yet.\n{bold('*')}\n{QUOTED}")
    html = "<br>".join(f"<b>{line.replace(':', ':</b>', 1)}" for line in header.split("\n"))
    assert QUOTED not in of_markdown(f"Not yet.\n\n<div>{html}</div>\n\n{QUOTED}")


@pytest.mark.parametrize("header", HEADERS)
def test_a_header_that_follows_a_list_is_one(header: str) -> None:
    assert QUOTED not in of_markdown(f"- not yet\n{header}\n\n{QUOTED}")
    assert QUOTED not in of_wiki(f"- not yet\n{header}\n\n{QUOTED}")


@pytest.mark.parametrize(
    "prose",
    [
        "As Lee wrote:",
        "On Monday Lee wrote that it fits:",
        "Quoting the customer:",
        "From: engineering",
        "To: everybody",
        "--- decided ---",
        "----",
        "________________________________",
        "on hold till 2027",
        "We agreed on 1 May:",
        "> On 12 Jan 2027 Lee wrote:",
        "- From what I read: fine",
    ],
)
def test_prose_is_no_header(prose: str) -> None:
    assert ANSWER in of_markdown(f"{prose}\n\n{ANSWER}")
    assert ANSWER in of_paragraphs(f"{prose.lstrip('> ') if '12 Jan' not in prose else 'x'}\n{ANSWER}")


def test_a_command_above_what_somebody_wrote_counts() -> None:
    assert of_markdown(f"{ANSWER}\nLee wrote:\n> fine") == (ANSWER, "Lee wrote:")
    assert of_markdown(f"On 1 May we start.\n{ANSWER}\nLee wrote:\n> x") == (
        "On 1 May we start.",
        ANSWER,
        "Lee wrote:",
    )


@given(
    header=st.sampled_from(HEADERS),
    name=st.integers(0, 99),
    typed=st.sampled_from(["x", "/signoff 2027-03-01"]),
)
def test_our_own_notices_quoted_in_a_mail_are_no_commands(
    shipped: Messages, situation: Callable[..., Message], header: str, name: int, typed: str
) -> None:
    names = sorted(shipped.names)
    message, audience = names[name % len(names)]
    notice = shipped.render(
        message, audience, situation(typed, mention=""), encode=str, today=date(2027, 1, 1)
    )
    quoted = "\n".join(
        "".join("\n" if "break" in child.type else child.content for child in token.children or ())
        for token in MarkdownIt("commonmark").parse(notice)
    )
    for read in READERS.values():
        assert not heard(read(f"Not yet.\n\n{header}\n\n{quoted}"), "jira")


@given(
    st.lists(st.sampled_from(["-", "on 1 ", "from: ", "a@", "<", "wrote:", "_" * 20, " ", "x"]), max_size=300)
)
def test_any_lines_are_read_in_good_time(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert len(above([Line(text, True)] * 60)) <= 60
