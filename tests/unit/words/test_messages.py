from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from automation.rulebook.messages.filters import nested, sentence
from automation.rulebook.messages.messages import LONGEST_MESSAGE, MessageError, Messages
from automation.rulebook.variables import ChangeVars, DealVars, IssueVars, Message, ProposalVars, ValueVars
from automation.text.markdown import escape
from automation.text.safe import Safe

Write = Callable[..., Path]
Situation = Callable[..., Message]

TODAY = date(2027, 1, 12)


def rendered(folder: Path, view: Message, audience: str = "issue") -> str:
    messages, diagnostics = Messages.load(folder, "rules")
    assert [str(diagnostic) for diagnostic in diagnostics] == []
    return messages.render("note", audience, view, encode=escape, today=TODAY)


def found(folder: Path) -> list[str]:
    return [str(diagnostic) for diagnostic in Messages.load(folder, "rules")[1]]


# ---------------------------------------------------------------- reading the folder


def test_messages_are_known_by_name_and_audience(write: Write) -> None:
    write("a", "date-held.issue.liquid")
    write("b", "date-held.deals.liquid")
    messages, diagnostics = Messages.load(write("c", "README.md"), "rules")
    assert messages.names == {("date-held", "issue"), ("date-held", "deals")}
    assert diagnostics == ()


def test_a_folder_without_messages_has_none(tmp_path: Path) -> None:
    messages, diagnostics = Messages.load(tmp_path, "rules")
    assert (messages.names, diagnostics) == (frozenset(), ())


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("note.sales.liquid", "there is no audience 'sales'"),
        ("note.liquid", "name it <name>.issue.liquid"),
        ("Note 1.issue.liquid", "name it <name>.issue.liquid"),
    ],
)
def test_a_file_of_another_name_is_found(write: Write, name: str, said: str) -> None:
    (diagnostic,) = found(write("x", name))
    assert diagnostic.startswith(f"rules/messages/{name}:1:1: {said}")


def test_a_file_that_is_no_text_is_found(write: Write) -> None:
    folder = write("x")
    (folder / "messages" / "note.issue.liquid").write_bytes(b"\xff\xfe\x00")
    assert found(folder) == ["rules/messages/note.issue.liquid:1:1: this cannot be read as UTF-8 text"]


@pytest.mark.parametrize(
    ("source", "diagnostic"),
    [
        ("a\n  {% if held %}b", "2:6: this {% if %} is never closed; end it with {% endif %}"),
        ("{{ issue.title ", "1:1: this {{ is never closed; end it with }}"),
        ("{{ a b }}", "1:6: this cannot be read from 'b' on"),
        ("\n{% include 'x' %}", "2:4: there is no tag 'include'; a message cannot"),
        ("{% render 'x' %}", "1:4: there is no tag 'render'; a message cannot"),
        ("x {{ isue.title }}", "1:6: there is no 'isue'; did you mean 'issue'?"),
        ("{{ issue.titel }}", "1:4: 'issue' has no 'titel'; did you mean 'title'?"),
        ("{{ issue.title.length }}", "1:4: 'issue.title' has no parts, so it has no 'length'"),
        ("{{ issue.labels.length }}", "1:4: 'issue.labels' is a list: use .size"),
        ("{{ issue[change.label] }}", "1:4: a name inside brackets cannot be checked"),
        ("{{ issue.title | shout }}", "1:18: there is no filter 'shout'"),
        ("{{ issue.title | upcas }}", "1:18: there is no filter 'upcas'; did you mean 'upcase'?"),
        ("{{ now }}", "1:4: there is no 'now'"),
        ("{% for n in (1..9) %}{{ n }}{% endfor %}", "1:13: a range like (1..9) cannot be used"),
        ("{% if commitment.day %}x{% endif %}", '1:7: a text counts as true even when it is empty: write'),
        ("{% if held and change.days %}x{% endif %}", "1:16: a number counts as true even when it is 0"),
        ("{% if issue.labels %}x{% endif %}", "1:7: a list counts as true even when it is empty"),
        ("{{ issue.labels.first }}", "1:4: this list can be empty: ask for its size first"),
        ("{{ issue }}", "1:1: this has several parts"),
        ("{{ 'soon' | day }}", "1:13: this is no day like 2027-03-01"),
        ("{% assign c = issue %}{{ c.titel }}", "1:26: 'c' has no 'titel'"),
        ("{% for l in issue.labels %}{% endfor %}{{ l }}", "1:43: there is no 'l'"),
        ("{% for l in issue.labels %}{{ forloop.parentloop }}{% endfor %}", "1:31: 'forloop' has no"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_where_it_stands(write: Write, source: str, diagnostic: str) -> None:
    (said,) = found(write(source))
    assert said.startswith(f"rules/messages/note.issue.liquid:{diagnostic}")


@pytest.mark.parametrize(
    ("source", "diagnostic"),
    [
        (
            "{% for d in issue.deals %}{{ d.nmae }}{% endfor %}",
            "1:30: 'd' has no 'nmae'; did you mean 'name'?",
        ),
        ("{{ issue.deals | map: 'nmae' | join }}", "1:23: there is no 'nmae'; did you mean 'name'?"),
        ("{{ issue.deals.first.nmae }}", "1:4: 'issue.deals.first' has no 'nmae'"),
    ],
)
def test_a_mistake_in_a_list_is_found_too(write: Write, source: str, diagnostic: str) -> None:
    (said,) = found(write(source, "note.deals.liquid"))
    assert said.startswith(f"rules/messages/note.deals.liquid:{diagnostic}")


def test_all_mistakes_are_found_at_once(write: Write) -> None:
    assert len(found(write("{{ a }}\n{{ issue.b }}\n{{ held | c }}"))) == 3


def test_a_message_with_a_mistake_is_known_but_never_rendered(write: Write) -> None:
    messages, _ = Messages.load(write("{{ isue.title }}"), "rules")
    assert ("note", "issue") in messages.names
    with pytest.raises(MessageError, match="there is no 'isue'"):
        messages.render("note", "issue", Message(), encode=escape, today=TODAY)


def test_a_message_that_does_not_exist_cannot_be_rendered(tmp_path: Path) -> None:
    messages, _ = Messages.load(tmp_path, "rules/")
    with pytest.raises(MessageError, match=r"^rules/messages/no\.issue\.liquid:1:1: there is no such file$"):
        messages.render("no", "issue", Message(), encode=escape, today=TODAY)


# ---------------------------------------------------------------- privacy


PRIVATE = ["{{ deal.name }}", "{{ rule.where }}", "{{ issue.deals.size }}"]


@pytest.mark.parametrize("source", PRIVATE)
def test_what_is_private_is_not_there_on_a_public_issue(write: Write, source: str) -> None:
    (diagnostic,) = found(write(f"x {source}"))
    assert "does not exist on a public issue" in diagnostic


@pytest.mark.parametrize("source", PRIVATE)
@pytest.mark.parametrize(
    "guard",
    [
        "{% unless issue.public %}#{% endunless %}",
        "{% if issue.public %}x{% else %}#{% endif %}",
        "{% if issue.public %}x{% elsif held %}#{% endif %}",
    ],
)
def test_what_is_private_may_stand_where_only_private_issues_come(
    write: Write, source: str, guard: str
) -> None:
    assert found(write(guard.replace("#", source))) == []


@pytest.mark.parametrize(
    "source",
    [
        "{% if held %}{% if issue.open %}x{% else %}{{ deal.name }}{% endif %}{% endif %}",
        "{% if issue.public %}{{ deal.name }}{% endif %}",
        "{% unless issue.public %}x{% else %}{{ deal.name }}{% endunless %}",
        "{% unless held %}{{ deal.name }}{% endunless %}",
        "{% if issue.public and held %}x{% else %}{{ deal.name }}{% endif %}",
        "{% unless issue.public %}{% assign n = deal.name %}{% endunless %}{{ n }}",
        "{% unless issue.public %}{% capture n %}{{ deal.name }}{% endcapture %}{% endunless %}"
        "{% if change.kind == 'set' %}{{ n }}{% endif %}",
        "{% for d in issue.deals %}x{% endfor %}",
        "{% if issue.deals.size > 0 %}x{% endif %}",
        "{% assign n = issue.deals | size %}",
        "{% assign i = issue %}{% if held %}{{ i.deals.size }}{% endif %}",
    ],
)
def test_a_way_around_the_guard_is_found(write: Write, source: str) -> None:
    assert found(write(source))


def test_a_public_view_does_not_contain_what_is_private(write: Write, situation: Situation) -> None:
    source = "".join(
        f"{{% for part in {name} %}}{{{{ part[0] }}}} {{% endfor %}}" for name in ("issue", "rule")
    )
    folder = write(source)
    assert "deals" in rendered(folder, situation(public=False))
    assert "where" in rendered(folder, situation(public=False))
    assert "deals" not in rendered(folder, situation(public=True))
    assert "where" not in rendered(folder, situation(public=True))


def test_deals_are_told_everything_also_of_a_public_issue(write: Write, situation: Situation) -> None:
    folder = write("{{ deal.name }} {{ issue.deals.size }}", "note.deals.liquid")
    assert rendered(folder, situation("ACME", public=True), "deals") == "ACME 2"


# ---------------------------------------------------------------- what is printed


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ deal.owner }}", "\\*x\\*"),
        ("{{ deal.owner | upcase }}", "\\*X\\*"),
        ("{{ deal.owner | append: '!' }}", "\\*x\\*\\!"),
        ("{{ reply.to }}", "@anna"),
        ("{{ reply.to | append: '*' }}", "\\@anna\\*"),
        ("{{ reply.to | sentence }}", "@anna"),
        ("{{ product.people }}", "\\*x\\*, Ben"),
        ("{{ product.people | join: ' + ' }}", "\\*x\\* \\+ Ben"),
        ("{{ issue.open }} {{ issue.public }}", "yes no"),
        ("{{ change.days }} {{ change.days | minus: 40 | plus: 1 }}", "45 6"),
        ("{{ '*' }}*", "\\**"),
        ("{% capture c %}**{{ deal.owner }}**{% endcapture %}{{ c }}", "**\\*x\\***"),
        ("{% assign a = deal.owner %}{{ a }}", "\\*x\\*"),
        ("{% for l in issue.labels %}{{ forloop.index }} {{ l }}{% endfor %}", "1 \\*x\\*"),
        ("{{ deal.owner | replace: '*', '_' }}", "\\_x\\_"),
        ("{{ deal.name | default: 'none' }}", "\\*x\\*"),
    ],
)
def test_everything_typed_is_encoded_when_it_is_printed(
    write: Write, situation: Situation, source: str, text: str
) -> None:
    assert rendered(write(source, "note.deals.liquid"), situation("*x*"), "deals") == text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ change.new.day | day }}", "15 April"),
        ("{{ '2029-04-15' | day }}", "15 April 2029"),
        ("{{ proposal.answer_by | weekday }}", "Thursday, 14 January"),
        ("{{ change.new.day | roughly }}", "mid-April"),
        ("{{ change.new | spoken }}", "15 April"),
        ("[{{ '' | day }}{{ '' | roughly }}{{ '' | weekday }}]", "[]"),
        ("{{ change.new.day | days_after: deal.closes }}", "26"),
        ("{{ change.new.day | days_after: '' }}", "0"),
        ("{{ issue.deals.size | plural: 'deal', 'deals' | sentence }}", "Two deals"),
        ("{{ 1 | plural: 'deal', 'deals' }}, {{ 11 | plural: 'deal', 'deals' }}", "one deal, 11 deals"),
        ("{{ proposal.command | code }}", "`/signoff 2027-04-15`"),
        ("{{ deal.owner | code }}{{ '' | code }}", "`*x*`"),
        ("{{ deal.name | link: deal.url }}", "[\\*x\\*](<https://crm.example/0>)"),
        ("{{ reply.to | link: deal.url }}", "[@anna](<https://crm.example/0>)"),
        ("{{ deal.name | link: 'javascript:x' }}", "\\*x\\*"),
        ("{{ deal.name | link: 'https://x y' }}", "\\*x\\*"),
        ("{{ deal.name | link: 'https://x>)[y](z' }}", "\\*x\\*"),
        ("{{ deal.name | link: 'mention:5b10' }}", "\\*x\\*"),
    ],
)
def test_filters_say_it_as_people_do(write: Write, situation: Situation, source: str, text: str) -> None:
    assert rendered(write(source, "note.deals.liquid"), situation("*x*"), "deals") == text


@pytest.mark.parametrize(("name", "said"), [("v1.2", "v1\\.2"), ("", "no date")])
def test_a_value_without_a_day_is_called_by_its_name(
    write: Write, situation: Situation, name: str, said: str
) -> None:
    view = situation(name, old="")
    assert rendered(write("{{ change.old | spoken }}"), view) == said


def test_blank_lines_are_folded(write: Write) -> None:
    assert rendered(write("\n\na\n \n\n\t\nb\nc\n\n"), Message()) == "a\n\nb\nc"


def test_a_message_too_long_for_a_comment_is_cut_between_paragraphs(write: Write) -> None:
    deals = tuple(DealVars(name=Safe(f"{n} " + "y" * 600)) for n in range(150))
    folder = write("{% for d in issue.deals %}{{ d.name }}\n\n{% endfor %}", "note.deals.liquid")
    text = rendered(folder, Message(issue=IssueVars(deals=deals)), "deals")
    *kept, note = text.split("\n\n")
    assert LONGEST_MESSAGE - 700 < len(text) <= LONGEST_MESSAGE
    assert kept == [str(deal.name) for deal in deals[: len(kept)]]
    assert note.startswith("*(The rest was left out")


def test_one_endless_paragraph_is_left_out_whole(write: Write) -> None:
    deals = tuple(DealVars(name=Safe("`" + "y" * 600)) for _ in range(150))
    folder = write("{% for d in issue.deals %}{{ d.name }}{% endfor %}", "note.deals.liquid")
    assert rendered(folder, Message(issue=IssueVars(deals=deals)), "deals").startswith("*(The rest")


# ---------------------------------------------------------------- bombs


CROWD = Message(issue=IssueVars(deals=tuple(DealVars(name="n" * 300) for _ in range(199))))


def each(body: str) -> str:
    """Put as much of ``body`` into a loop over 199 deals as a template may have."""
    return "{% for d in issue.deals %}" + body * (5_900 // len(body)) + "{% endfor %}"


@pytest.mark.parametrize(
    "source",
    [
        "{% assign a = 'aaaaaaaaaaaaaaaa' %}" + "{% assign a = a | append: a %}" * 100,
        "{% assign a = 'a' %}" + "{% assign a = a | append: a %}" * 15 + "{{ a | replace: 'a', a }}",
        "{% assign a = 'a' %}" + "{% assign a = a | append: a %}" * 15 + "{{ a | replace: '', a }}",
        "{% assign l = issue.deals %}" + "{% assign l = l | concat: l %}" * 100,
        "{% for i in issue.deals %}{% for j in issue.deals %}x{% endfor %}{% endfor %}",
        "{% for i in (1..1000000000) %}x{% endfor %}",
        "{{ (1..1000000000) | join: 'x' }}",
        "{% if (1..10000000000) contains 'x' %}{% endif %}",
        "{% if true %}" * 100 + "{% endif %}" * 100,
        "{{ issue" + "[issue" * 900 + "]" * 900 + " }}",
        "{% if " + "1 and " * 900 + "1 %}x{% endif %}",
        "{{ 1" + "0" * 5000 + " }}",
        "{{" * 2_900,
        "{% a" + " " * 5_900 + "%}",
        "{{" + " " * 5_900 + "}}",
        "x" * 6_001,
        each("{{''}}"),
        each("{{d.name|upcase|downcase}}"),
        each("{% for e in issue.deals limit:1 %}{% endfor %}"),
        each("x" * 5_900),
        "{% assign l = issue.deals | concat: issue.deals %}{% for d in issue.deals %}"
        + "{% if l contains 'x' %}{% endif %}" * 160
        + "{% endfor %}",
        "{% capture x %}"
        + "y" * 5000
        + "{% endcapture %}{% for d in issue.deals %}{% capture z %}"
        + "{{ x }}" * 100
        + "{% endcapture %}{% endfor %}",
    ],
    ids=lambda source: source[:30],
)
def test_a_bomb_ends_in_a_clear_error(write: Write, source: str) -> None:
    messages, _ = Messages.load(write(source, "note.deals.liquid"), "rules")
    with pytest.raises(MessageError) as error:
        messages.render("note", "deals", CROWD, encode=escape, today=TODAY)
    assert str(error.value).startswith("rules/messages/note.deals.liquid:")
    assert error.value.diagnostic.message


def test_a_plain_list_of_many_deals_is_no_bomb(write: Write) -> None:
    item = "- {{ d.name | link: d.url }} {{ d.closes | day }} {{ d.owner }}\n"
    source = "{% for d in issue.deals %}" + item + "{% endfor %}"
    folder = write(source, "note.deals.liquid")
    deal = DealVars("S-1", "ACME", "https://x.y", True, "2027-03-01", "Sue")
    view = Message(issue=IssueVars(deals=(deal,) * 199))
    assert rendered(folder, view, "deals").count("\n") == 198


def test_a_list_of_more_than_a_message_can_hold_asks_for_a_limit(write: Write) -> None:
    view = Message(issue=IssueVars(deals=(DealVars(),) * 201))
    with pytest.raises(MessageError, match="loop iteration limit"):
        rendered(write("{% for d in issue.deals %}x{% endfor %}", "note.deals.liquid"), view, "deals")
    folder = write("{% for d in issue.deals limit: 3 %}x{% endfor %}", "note.deals.liquid")
    assert rendered(folder, view, "deals") == "xxx"


def test_a_view_is_not_changed_by_rendering(write: Write, situation: Situation) -> None:
    view = situation(public=True)
    before = dataclasses.replace(view)
    rendered(write("{{ issue.title }}"), view)
    assert view == before
    assert view.issue.deals


def test_days_of_two_years_in_one_message_are_all_said_with_their_year(write: Write) -> None:
    folder = write(
        "{{ change.old.day | day }}, {{ change.new.day | roughly }}, {{ proposal.answer_by | weekday }}"
    )
    messages, _ = Messages.load(folder, "rules")
    today = date(2026, 12, 20)

    def said(old: str, new: str) -> str:
        view = Message(
            change=ChangeVars(old=ValueVars(old), new=ValueVars(new)),
            proposal=ProposalVars(answer_by="2026-12-22"),
        )
        return messages.render("note", "issue", view, encode=str, today=today)

    assert said("2026-12-24", "2026-12-31") == "24 December, late December, Tuesday, 22 December"
    assert said("2026-12-24", "2027-03-01") == "24 December 2026, early March 2027, Tuesday, 22 December 2026"


@pytest.mark.parametrize(
    ("name", "begins", "within"),
    [
        ("“single sign-on”", "“Single sign-on”", "‘Single sign-on’"),
        ("Single sign-on", "Single sign-on", "Single sign-on"),
        ("iPhone app", "iPhone app", "iPhone app"),
        (Safe("what you asked for"), "What you asked for", "What you asked for"),
        ("", "", ""),
    ],
)
def test_a_name_can_begin_a_sentence_whatever_kind_it_is(name: str, begins: str, within: str) -> None:
    assert (sentence(name), sentence(nested(name))) == (begins, within)
    assert isinstance(sentence(name), Safe) == isinstance(name, Safe)
