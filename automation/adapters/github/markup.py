"""GitHub's dialect: what it turns into mentions, references and links, and our own marker.

https://docs.github.com/en/get-started/writing-on-github/working-with-advanced-formatting/autolinked-references-and-urls
"""

from __future__ import annotations

import re

from automation.text.markdown import ZERO_WIDTH_SPACE, backslashed, clean, without_commands
from automation.text.safe import Safe

_SPECIAL = re.compile(r"[@#$]")
_SCHEME = re.compile(r":(?=[^\s\d])")
_WWW = re.compile(r"www(?=\.)", re.IGNORECASE)
_GH = re.compile(r"\bGH-(?=\d)", re.IGNORECASE)
_SHORTEST_SHA = 7
_SHA = re.compile(rf"[0-9a-f]{{{_SHORTEST_SHA},}}", re.IGNORECASE)

# Letters, digits and single hyphens; managed users have an underscore and their company's short code.
# https://docs.github.com/en/enterprise-cloud@latest/admin/managing-iam/iam-configuration-reference/username-considerations-for-external-authentication
_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?")
_TOKEN = re.compile(r"[A-Za-z0-9]+(?:[.:_-][A-Za-z0-9]+)*")
_MARKER = re.compile(r"^<!-- handshake:([A-Za-z0-9.:_-]+) -->[ \t]*\r?$", re.MULTILINE)


def encode(text: str) -> str:
    """Make text that somebody typed inert on GitHub: no markup, mention, reference, link, emoji or command.

    Backslashes alone do not do: GitHub looks for mentions and references in the text that is left
    when the Markdown has been read, so a zero-width space breaks those too.
    """
    text = without_commands(clean(text))
    for pattern in (_SPECIAL, _SCHEME, _WWW, _GH):
        text = pattern.sub(rf"\g<0>{ZERO_WIDTH_SPACE}", text)
    return backslashed(_SHA.sub(_cut_up, text))


def _cut_up(run: re.Match[str]) -> str:
    """Cut a run of hexadecimal digits into pieces too short for a commit's SHA."""
    size = _SHORTEST_SHA - 1
    return ZERO_WIDTH_SPACE.join(run[0][i : i + size] for i in range(0, len(run[0]), size))


def mention(login: str) -> Safe:
    """Return the Markdown that pings a user, or their name without a ping if it can be no login."""
    return Safe(f"@{login}" if _LOGIN.fullmatch(login) else encode(login))


def marker(token: str) -> str:
    """Return the invisible line by which a comment of ours is found again.

    Raise ValueError for a ``token`` that could end the HTML comment.
    """
    if not _TOKEN.fullmatch(token):
        raise ValueError(f"a marker is letters and digits, with single . : _ - between them, not {token!r}")
    return f"<!-- handshake:{token} -->"


def find_marker(body: str) -> str | None:
    """Return the token of the last marker that stands on a line of its own, or None.

    Whoever can write a comment can write a marker: trust it only on Handshake's own comments.
    """
    found = _MARKER.findall(body)
    return str(found[-1]) if found else None
