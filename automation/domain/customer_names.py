"""What may be said of an issue to customers: a name for it, or the title where nothing in it is for insiders.

A title is typed by whoever opened the issue, for whoever builds it. It may name another customer, a
person or an amount, or swear. What is not certainly harmless is not forwarded: sales then says "what you
asked for".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from markdown_it import MarkdownIt

from automation.model import KnownName, Subject
from automation.text.markdown import clean, quoted
from automation.text.safe import Safe
from automation.text.typed_names import LONGEST_NAME
from automation.text.visible import LONGEST_INPUT, visible

UNNAMED = Safe("what you asked for")
"""What customers read where there is no name that they may read."""

FORM_FIELD = "name for customers"
"""The heading, in any case, under which an issue form puts a name for customers.
https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema"""
_NO_RESPONSE = "No response"

MOST_NAMES = 5
"""So many names stand in one sentence."""

LONGEST_ITEM = 120
"""Characters that customers are shown of an item of scope."""

_KEY = r"[A-Z][A-Z0-9_]+-\d+"
_TAG = re.compile(
    r"""\s*(?:
        \[[^\]]{0,40}\] | \([^)]{0,40}\) | \{[^}]{0,40}\} | <[^>]{0,40}> | 【[^】]{0,40}】  # [URGENT], (P1)
        | [a-z]{2,12}\([^)]{0,40}\)!?:(?=\s|$)                                            # feat(auth)!:
        | (?:feat|docs?|refactor|perf|tests?|build|ci|style|revert|ux|ui|backend|frontend)!?:(?=\s|$)
        | \#\d+ | (?:[\w.-]+/[\w.-]+)\#\d+ | KEY                                           # #12, PROD-3
        | (?:wip|builder|bug|fix|hotfix|feature|epic|story|task|spike|chore|urgent|asap|blocker|p[0-4])
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
        |\b\d+\s+(?:seats?|licen[cs]es?|users)\b|\b(?:thousand|million|billion|millionen|tausend)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_ADDRESS = re.compile(rf"https?:|www\.|\S@\S|(?<!\w)@\w|(?<!\w)#\d|\b{_KEY}\b", re.IGNORECASE)
_BETWEEN_US = re.compile(
    r"""\b(?:hack(?:s|ed|y)?|workaround|threaten\w*|urgent|asap|angry|annoy\w*|complain\w*|churn\w*|escalat\w*
        |blam\w*|stupid|damn|crap|shit|wtf|sucks?|hate[sd]?|lawyers?|lawsuit|revenue|discount\w*|renewals?
        |deals?|sales|crm|customers?|clients?|prospects?|competitors?|promis\w*|(?:lose|losing|leave|leaving)\s+us
        |technical\s+debt|tech\s+debt|refactor\w*|todo|fixme|wontfix|jira|github
        |broken|crash\w*|vulnerab\w*|exploit\w*|breach\w*|data\s+loss|cve|security\s+(?:hole|bug|issue|flaw)s?
        |contracts?|unhappy|furious|upset|kunden?|dringend\w*|kündig\w*|verärger\w*|vertrag)\b|!!""",
    re.VERBOSE | re.IGNORECASE,
)
"""Words that are meant for colleagues. A name with one of them is not said, even if harmless."""

_TECHNOLOGY = (
    "Google|Microsoft|Apple|Amazon|Azure|Android|Windows|Linux|Slack|Teams|Zoom|Outlook|Excel|Word|Chrome|Safari|"
    "Firefox|Salesforce|HubSpot|Okta|Stripe|PayPal|Python|Java|Kubernetes|Docker|Oracle|SAP"
)
_CAPITALISED = r"[^\W\d_a-z][\w&’'.-]*"
_COMPANY = re.compile(
    rf"""\b{_CAPITALISED},?\s+(?:Ltd|Limited|Inc|LLC|LLP|PLC|plc|Corp|Corporation|GmbH|AG|KG|SE|SARL|S\.A\.|B\.?V|N\.?V
            |Oy|AB|A/S|ApS|AS|Pty|Bank|Foods|Insurance|Versicherung|Airlines|University|Hospital|Holdings?|Pharma
            |Motors|Telecom|Consulting|Logistics|Industries|Stadtwerke)\b
        |\b(?:for|by|from|at|with|like|as|of|für|von|bei|wie)\s+(?!(?:{_TECHNOLOGY})\b)[^\W\d_a-z]\w+(?:['’]s|s['’])(?!\w)
        |\b{_CAPITALISED}\s+(?:wants?|asked|asks|demands?|insists?|pays?|requested|expects?|needs\s+it|will\s+leave)\b
        |\b(?:[Aa]sk|[Cc]c|CC|[Pp]ing)\s+{_CAPITALISED}(?:\s|$)""",
    re.VERBOSE,
)
"""What looks like the name of somebody, also where it is not among those that we know."""

_PARTS = re.compile(r"[,;:(/|–—]|\s-\s|\d")
_FOR = re.compile(r"\b(?:for|für)\b")
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

_NO_PERSON = frozenset(
    {
        *("bot", "admin", "automation", "support", "user", "system", "data", "export", "import", "release"),
        *("build", "app", "api", "sales", "product", "manager", "managers", "office", "desk", "test", "web"),
    }
)
"""Words in the names of accounts that are nobody's name."""

_WORD = re.compile(r"[^\W\d_][\w'’&.-]*", re.UNICODE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LONG = 7
"""Letters of a customer's name that are looked for within other words, too."""


@dataclass(frozen=True, slots=True)
class Known:
    """Whom a name must not give away: ``deals`` are the names of the *other* deals that we know (they
    begin with the customer's, as sales writes them), ``customers`` those of other customers, ``people`` the
    names and logins of colleagues. ``own`` is the name of the deal told: its customer may be named."""

    deals: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    own: str = ""


def known_beside(told: Subject | None, names: Iterable[KnownName], people: Iterable[str] = ()) -> Known:
    """Return whom must not be named to those who read of the deal ``told``: all that we know but that deal,
    and other deals of the same customer."""
    names = tuple(names)
    deals = {(known.system, known.key): known.name for known in names if known.kind == "deal"}
    reader = (told.system, told.key) if told else ("", "")
    own = _customer(deals[reader]) if reader in deals else ""
    others = {name for deal, name in deals.items() if deal != reader and not (own and _customer(name) == own)}
    colleagues = {known.name for known in names if known.kind != "deal"}
    return Known(
        tuple(sorted(others)), (), tuple(sorted(colleagues.union(people) - {""})), deals.get(reader, "")
    )


def name_of(title: str, body: str, given: str, known: Known) -> str:
    """Return what customers may call an issue: the name that was ``given`` to it; else, in quotation marks,
    that of its form's field or its title, as far as that is for customers; else words that say nothing."""
    if given:
        return given
    found = name_from_title(form_name(body), known) or name_from_title(title, known)
    return quoted(found) if found else UNNAMED


def name_of_several(names: Iterable[str]) -> str:
    """Return several names as one; those that say nothing are counted as one more."""
    every = tuple(dict.fromkeys(names))
    said = [name for name in every if name != UNNAMED]
    if not said:
        return UNNAMED
    shown = said[:MOST_NAMES]
    left = len(said) - len(shown)
    last = [f"{left} more"] if left else ["more of what you asked for"] if len(said) < len(every) else []
    parts = [*shown, *last]
    return " and ".join((*([", ".join(parts[:-1])] if parts[:-1] else []), parts[-1]))


def said_name(typed: str) -> str:
    """Return a name that somebody gave as it is said: one line without quotation marks."""
    return quoted(typed)[1:-1]


def form_name(body: str) -> str:
    """Return what the form's field for the name says, as people read it; empty where there is none."""
    if FORM_FIELD not in body.lower():
        return ""
    tokens = _PARSER.parse(body[:LONGEST_INPUT])
    for number, token in enumerate(tokens[:-4]):
        heading = token.type == "heading_open" and token.level == 0
        if heading and visible(tokens[number + 1].content).strip(" \n:*").lower() == FORM_FIELD:
            after = (at for at in range(number + 3, len(tokens)) if tokens[at].type != "html_block")  # a hint
            first = next(after, 0)
            if not first or tokens[first].type != "paragraph_open":
                return ""
            said = visible(tokens[first + 1].content).strip().partition("\n")[0].strip()
            return "" if said == _NO_RESPONSE else said
    return ""


_PARSER = MarkdownIt("commonmark")


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
    word = text.split(maxsplit=1)[0] if text else ""
    return text[:1].upper() + text[1:] if word == word.lower() else text  # iPhone


def name_from_title(title: str, known: Known) -> str:
    """Return the name that customers may read, made from a title; empty where it may not be said."""
    name = stripped(title)
    return name if harmless(name, known, LONGEST_NAME) else ""


def items_for_customers(items: Iterable[str], known: Known) -> tuple[str, ...]:
    """Return the items of scope that customers may read; the others are to be counted, not quoted."""
    return tuple(item for item in items if harmless(item, known, LONGEST_ITEM))


def harmless(text: str, known: Known, longest: int) -> bool:
    """Tell whether a text names no other deal, customer, person, amount or address, and is short."""
    text = unicodedata.normalize("NFKC", clean(text, 10 * longest))
    if not any(letter.isalpha() for letter in text) or len(text) > longest:
        return False
    if any(pattern.search(text) for pattern in (_AMOUNT, _ADDRESS, _BETWEEN_US)):
        return False
    own = {word for word in _customer(known.own).split() if _tells(word)}
    if any(own.isdisjoint(_folded(company[0]).split()) for company in _COMPANY.finditer(text)):
        return False
    return not _names_somebody(text, known)


@dataclass(frozen=True, slots=True)
class _Telling:
    """What gives somebody away: single words, runs of words, such runs without their spaces, and words that
    do so where they are written as names."""

    words: frozenset[str]
    runs: tuple[str, ...]
    joined: tuple[str, ...]
    names: frozenset[str]


@lru_cache(maxsize=16)
def _telling(known: Known) -> _Telling:
    companies = {_customer(name) for name in (*known.deals, *known.customers)} - {""}
    people = {_folded(name) for name in known.people} - {""}
    words = {word for company in companies for word in company.split() if _tells(word)}
    # A first name alone may be a word ("mark", "will"): it counts where it is written as a name.
    several = [name.split() for name in known.people if len(name.split()) > 1]
    names = {_bare(word) for name in several for word in name if _tells(_folded(word))} - {""}
    joined = {"".join(company.split()) for company in companies}
    long = tuple(sorted(company for company in joined if len(company) >= _LONG))
    return _Telling(frozenset(words), tuple(sorted(companies | people)), long, frozenset(names))


def _tells(word: str) -> bool:
    return len(word) > 2 and word not in _GENERIC and word not in _NO_PERSON


def _customer(deal: str) -> str:
    """Return, folded, whom a deal's name names: its first part that tells more than a kind of deal, or what
    it says it is for."""
    parts = [_folded(part) for part in _PARTS.split(_FOR.split(deal)[-1])]
    telling = (part for part in parts if any(_tells(word) for word in part.split()))
    return next(telling, next(filter(None, parts), ""))


def _names_somebody(text: str, known: Known) -> bool:
    telling = _telling(known)
    apart = _CAMEL.sub(" ", text)  # DeltaBank
    folded = f" {_folded(text)} "
    words = {*folded.split(), *_folded(apart).split()}
    if telling.words & words or any(f" {run} " in folded for run in telling.runs):
        return True
    together = folded.replace(" ", "")
    if any(company in together for company in telling.joined):
        return True
    return bool(telling.names & {_bare(word) for word in text.split()[1:]})


def _bare(word: str) -> str:
    found = _WORD.search(word)
    return re.sub(r"['’]s?$", "", found[0]) if found else ""


def _folded(text: str) -> str:
    """Return the words of ``text`` in one case, without accents and punctuation, a space between two."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.sub(r"['’]s\b", "", plain).replace("-", " ").translate(_PUNCTUATION).split())


_PUNCTUATION = {ord(letter): " " for letter in "\"'’‘“”„«»()[]{}<>.,;:!?/\\|*_~`+=&–—"}
