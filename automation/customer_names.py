"""What may be said of an issue to customers: a name for it, or the title where nothing in it is for insiders.

A title is typed by whoever opened the issue, for whoever builds it. It may name another customer, a
person or an amount, or swear. What is not certainly harmless is not forwarded: sales then says "what you
asked for".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from automation.markdown import clean

LONGEST_NAME = 60
LONGEST_ITEM = 120
"""Characters that customers are shown of a name, and of an item of scope."""

_KEY = r"[A-Z][A-Z0-9_]+-\d+"
_TAG = re.compile(
    r"""\s*(?:
        \[[^\]]{0,40}\] | \([^)]{0,40}\) | \{[^}]{0,40}\} | <[^>]{0,40}> | 【[^】]{0,40}】  # [URGENT], (P1)
        | [a-z]{2,12}(?:\([^)]{0,40}\))?!?:(?=\s|$)                                       # feat(auth)!:
        | \#\d+ | (?:[\w.-]+/[\w.-]+)\#\d+ | KEY                                           # #12, PROD-3
        | (?:wip|draft|bug|fix|hotfix|feature|epic|story|task|spike|chore|urgent|asap|blocker|p[0-4])
          \s*[:|/–—-]+(?=\s)
        | [:|/–—·•*-]+(?=\s)
    )\s*""".replace("KEY", _KEY),
    re.VERBOSE | re.IGNORECASE,
)
_LATE_TAG = re.compile(
    rf"\s*(?:\[[^\]]{{0,40}}\]|\(\s*(?:[\w./-]*#\d+|{_KEY})\s*\)|(?<!\S)(?:#\d+|{_KEY}))\s*$"
)
_MARKUP = re.compile(r"[`*~]+|(?<!\w)_+|_+(?!\w)|</?[a-zA-Z][^>]{0,40}>")
_LINK = re.compile(r"\[([^\]]{1,200})\]\([^)\s]{1,500}\)")

_AMOUNT = re.compile(
    r"""[$€£¥₹₽]|\b(?:usd|eur|gbp|chf|jpy|dollars?|euros?|pounds?|arr|mrr|acv|tcv)\b
        |\b\d+(?:[.,]\d+)*\s?(?:k|m|mio|mn|bn|tsd)\b|\b\d{1,3}(?:[.,' ]\d{3})+\b|\b\d{5,}\b|\d\s?%
        |\b\d+\s+(?:seats?|licen[cs]es?|users)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_ADDRESS = re.compile(rf"https?:|www\.|\S@\S|(?<!\w)@\w|(?<!\w)#\d|\b{_KEY}\b", re.IGNORECASE)
_BETWEEN_US = re.compile(
    r"""\b(?:hack(?:s|ed|y)?|workaround|threaten\w*|urgent|asap|angry|annoy\w*|complain\w*|churn\w*|escalat\w*
        |blam\w*|stupid|damn|crap|shit|wtf|sucks?|hate[sd]?|lawyers?|lawsuit|revenue|discount\w*|renewals?
        |deals?|sales|crm|customers?|clients?|prospects?|competitors?|promis\w*|(?:lose|losing|leave|leaving)\s+us
        |technical\s+debt|tech\s+debt|refactor\w*|todo|fixme|wontfix|jira|github)\b|!!""",
    re.VERBOSE | re.IGNORECASE,
)
"""Words that are meant for colleagues. A name with one of them is not said, even if harmless."""

_COMPANY_ENDS = re.compile(r"[,;:(/|–—]|\s-\s|\d")
_GENERIC = frozenset(
    {
        *("ltd", "limited", "inc", "incorporated", "llc", "llp", "plc", "corp", "corporation", "company"),
        *("gmbh", "ag", "kg", "ohg", "ug", "sarl", "srl", "spa", "bv", "nv", "oy", "ab", "aps", "group"),
        *("holding", "holdings", "bank", "banks", "foods", "food", "software", "systems", "system", "media"),
        *("services", "service", "solutions", "solution", "technologies", "technology", "tech"),
        *("lab", "labs"),
        *("energy", "health", "insurance", "international", "global", "europe", "industries", "consulting"),
        *("partners", "logistics", "university", "hospital", "city", "the", "and", "for", "with", "new"),
        *("deal", "renewal", "expansion", "pilot", "seats", "license", "licence", "licenses", "licences"),
        *("upsell", "trial", "project", "team", "teams", "plan", "annual", "enterprise"),
    }
)
"""Words of a company's name that say nothing of which company it is."""

_WORD = re.compile(r"[^\W\d_][\w'’&.-]*", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a name must not give away: ``deals`` are the names of the *other* deals that we know (they
    begin with the customer's, as sales writes them), ``customers`` those of other customers, ``people`` the
    names and logins of colleagues."""

    deals: Collection[str] = ()
    customers: Collection[str] = ()
    people: Collection[str] = ()


def stripped(title: str) -> str:
    """Return a title without tags, prefixes, keys and markup: ``[URGENT] feat(auth): SAML (#12)`` is SAML."""
    text = _LINK.sub(r"\1", clean(title, 400))
    text = _MARKUP.sub("", text)
    text = "".join(letter for letter in text if unicodedata.category(letter) not in ("So", "Sk", "Cn"))
    before = None
    while text != before:
        before = text
        tag = _TAG.match(text)
        text = text[tag.end() :] if tag and tag.end() < len(text) else text
        text = _LATE_TAG.sub("", text)
    text = " ".join(text.split()).strip(" \"'“”„«».,;:–—-")
    return text[:1].upper() + text[1:]


def name_from_title(title: str, known: Known) -> str:
    """Return the name that customers may read, made from a title; empty where it may not be said."""
    name = stripped(title)
    return name if harmless(name, known, LONGEST_NAME) else ""


def items_for_customers(items: Iterable[str], known: Known) -> tuple[str, ...]:
    """Return the items of scope that customers may read; the others are to be counted, not quoted."""
    return tuple(item for item in items if harmless(item, known, LONGEST_ITEM))


def harmless(text: str, known: Known, longest: int) -> bool:
    """Tell whether a text names no other deal, customer, person, amount or address, and is short."""
    if not any(letter.isalpha() for letter in text) or len(text) > longest:
        return False
    if _AMOUNT.search(text) or _ADDRESS.search(text) or _BETWEEN_US.search(text):
        return False
    return not _names_somebody(text, known)


def _names_somebody(text: str, known: Known) -> bool:
    folded = _folded(text)
    words = set(folded.split())
    for name in (*known.deals, *known.customers):
        company = _folded(_COMPANY_ENDS.split(name, maxsplit=1)[0])
        telling = {word for word in company.split() if len(word) > 2 and word not in _GENERIC}
        if telling & words or (company and f" {company} " in f" {folded} "):
            return True
    for name in known.people:
        person = _folded(name)
        if person and f" {person} " in f" {folded} ":
            return True
        # A first name alone may be a word ("mark", "will"): it counts where it is written as a name.
        first = {word for word in name.split() if len(word) > 2}
        later = {_bare(word) for word in text.split()[1:]}
        if len(name.split()) > 1 and first & later:
            return True
    return False


def _bare(word: str) -> str:
    found = _WORD.search(word)
    return re.sub(r"['’]s?$", "", found[0]) if found else ""


def _folded(text: str) -> str:
    """Return the words of ``text`` in one case, without accents and punctuation, a space between two."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"['’]s\b", "", plain).replace("-", " ").translate(_PUNCTUATION).split())


_PUNCTUATION = {ord(letter): " " for letter in "\"'’‘“”„«»()[]{}<>.,;:!?/\\|*_~`+=&–—"}
