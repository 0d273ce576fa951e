"""Where the mail begins that somebody answered: mail programs put it below the answer, often unmarked.

An answer that was sent by mail becomes a comment, and what it answers stands in it, our own words and their
commands among them. Some programs mark that by ``>``, others write a header and leave the rest as it was:
``-----Original Message-----``, ``From: … Sent: … To: …``, ``On … wrote:``, in the language of their user.
What mail programs write is collected in https://github.com/mailgun/talon and
https://github.com/github/email_reply_parser.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_LONGEST = 1_000
"""Characters of a line that are looked at."""
_HEADER_LINES = 8
"""Within so many lines the labels of a header stand together."""
_WRAPPED = 4
"""Over so many lines ``On … wrote:`` may be wrapped."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text as people see it. ``plain``: it may be a command."""

    text: str
    plain: bool


_LABELS = {
    "from": "from von de da van fra från od от lähettäjä feladó kimden expéditeur remitente"
    " 差出人 发件人 寄件者 보낸+사람",
    "date": "sent date gesendet datum envoyé enviado enviada enviado+el fecha inviato data verzonden sendt"
    " dato skickat wysłano отправлено дата lähetetty elküldve gönderildi"
    " 送信日時 日付 发送时间 日期 보낸+날짜",
    "to": "to an à a para aan til till do кому vastaanottaja címzett kime 宛先 收件人 받는+사람",
    "subject": "subject betreff objet asunto assunto oggetto onderwerp emne ämne temat тема aihe tárgy konu"
    " 件名 主题 主旨 제목",
}
_KINDS = {label.replace("+", " "): kind for kind, labels in _LABELS.items() for label in labels.split()}
_LABEL = re.compile(
    rf"(?<!\S)({'|'.join(sorted(map(re.escape, _KINDS), key=len, reverse=True))})\s?:", re.UNICODE
)
_ANY_LABEL = re.compile(r"[^\W\d_][^:]{0,30}:")
_UNDERSCORES = re.compile(r"_{10,}$")
_RULED = re.compile(
    r"(?<![-–—])[-–—]{4,}+\s*\S.{0,300}?[-–—]{4,}$"
    r"|^[-–—]{2,}+\s*(?:original|forwarded|ursprüngliche|weitergeleitete|message (?:d.origine|original))\b"
)
_BEGINNINGS = re.compile(
    r"[-–—\s]*(?:on|am|le|el|il|em|op|den|dnia|w dniu|a|in a message|"
    r"mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim)[\s,.]"
)
_QUOTING = re.compile(r"(?:quoting|zitat von|citando|citation de)\s.{0,200}[<(@].{0,200}:$")
"""How Horde and its like begin, whose lines below need not be marked."""
_WHEN = re.compile(
    r"\b(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today)\b|"
    r"\b(?:mon|tue|wed|thu|fri|sat|sun|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[,.]"
)
_COMMANDS = re.compile(r"/|handshake (?:sign|decline|withdraw|ask|link|unlink)")
"""What is no part of such a line, however it goes on."""
_LAST_WORDS = (
    *(" wrote", " writes", " a écrit", " escribió", " ha scritto", " escreveu", " pisze", " пишет"),
    *(" napisał", " napisała", " napisał(a)", " написал", " написала", " написал(а)"),
    *(" schrieb", " schreef", " skrev", " kirjoitti", " yazdı", " írta"),
)
_LAST_SIGNS = ("写道", "寫道", "のメール", "작성")
_FIRST_WORDS = (" schrieb ", " schreef ", " skrev ")
"""Where the verb stands before whoever wrote."""
_FOOTERS = (
    "reply to this email directly",
    "you are receiving this because",
    "begin forwarded message",
    "anfang der weitergeleiteten",
    "début du message réexpédié",
    "début du message transféré",
    "inicio del mensaje reenviado",
    "this message was sent by atlassian",
    "this email was sent by atlassian",
)


def above(lines: Sequence[Line]) -> tuple[str, ...]:
    """Return the plain lines that stand above the first header of a quoted mail, stripped."""
    end = _beginning([_folded(line.text) for line in lines])
    stripped = (line.text.strip() for line in lines[:end] if line.plain)
    return tuple(text for text in stripped if text)


def _beginning(lines: Sequence[str]) -> int:
    """Return the number of lines above the first header."""
    seen = [number for number, line in enumerate(lines) if line]
    for place, number in enumerate(seen):
        line = lines[number]
        below = [lines[other] for other in seen[place + 1 : place + _HEADER_LINES]]
        if (
            _RULED.search(line)
            or any(footer in line for footer in _FOOTERS)
            or _QUOTING.match(line)
            or (_UNDERSCORES.match(line) and below and _ANY_LABEL.match(below[0]))
            or _is_header(line, below)
            or any(_is_wrote(text) for text in _joined(line, below))
        ):
            return number
    return len(lines)


def _folded(text: str) -> str:
    """Return a line as it is compared: without case, kinds of blank, emphasis, and what nobody sees."""
    text = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold()
    text = "".join(c for c in text if c.isprintable() or c.isspace())
    text = " ".join(text.split()).lstrip(">| ")
    return text if _UNDERSCORES.match(text) else re.sub(r"[*_]", "", text)


def _is_header(line: str, below: Sequence[str]) -> bool:
    """Tell whether a block of labels begins here: who, when, to whom, about what."""
    first = _LABEL.search(line)
    if not first:
        return False
    kinds = {_KINDS[label] for text in (line, *below) for label in _LABEL.findall(text)}
    if "from" not in kinds:
        return False
    return len(kinds) > 2 or (first.start() == 0 and bool(kinds & {"date", "subject"}))


def _joined(line: str, below: Sequence[str]) -> Iterator[str]:
    """Yield a line alone, and together with those below it that it may be wrapped over."""
    yield line
    if not _BEGINNINGS.match(line):
        return
    for other in below[: _WRAPPED - 1]:
        if _COMMANDS.match(other):
            return
        line = f"{line} {other}"
        yield line


def _is_wrote(text: str) -> bool:
    """Tell whether this is ``On <date>, <somebody> wrote:``. Without a digit, a day of the week or an address
    it is prose."""
    head = text.rstrip(" -–—:=")
    ending = text[len(head) :].strip()
    if not ending or not ("@" in head or any(map(str.isdigit, head)) or _WHEN.search(head)):
        return False
    if head.endswith((*_LAST_WORDS, *_LAST_SIGNS)):
        return True
    if ":" not in ending:
        return False
    before, _, last = head.rpartition(" ")
    dated = any(map(str.isdigit, before))
    return any(verb in head for verb in _FIRST_WORDS) or (
        "@" in last and (dated or last.endswith((">", ")")))
    )
