"""Scope: what an issue asks for, and which edits are news to people who were promised it."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from automation.domain.scope import Item, compare, items
from automation.model import ScopeChange

BODY = """\
<!-- Thanks for asking! Please fill in what you can. -->
### Problem

People have to remember a second password.

### Acceptance criteria

- [ ] People sign in with Google
- [ ] The session ends after 30 days
- [ ] It works on phones

| Role   | May invite |
|--------|------------|
| Member | no         |
| Admin  | yes        |

### Out of scope

- SAML

### Anything else?

_No response_
"""


def texts(body: str) -> list[str]:
    return [item.text for item in items("", body)]


def news(old: str, new: str, title: str = "Single sign-on", new_title: str = "") -> ScopeChange | None:
    return compare(items(title, old), items(new_title or title, new))


# ---------------------------------------------------------------- what an issue asks for


def test_items_are_what_somebody_builds():
    assert [(item.text, item.section) for item in items("Single sign-on", BODY)] == [
        ("Single sign-on", ""),
        ("People have to remember a second password.", "Problem"),
        ("People sign in with Google", "Acceptance criteria"),
        ("The session ends after 30 days", "Acceptance criteria"),
        ("It works on phones", "Acceptance criteria"),
        ("Role | May invite", "Acceptance criteria"),
        ("Member | no", "Acceptance criteria"),
        ("Admin | yes", "Acceptance criteria"),
        ("SAML", "Out of scope"),
        ("Anything else?", ""),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Sign in **with** _Google_ or `OAuth_2`", ["Sign in with Google or OAuth_2"]),
        ("2*3 and a * b, snake_case", ["2*3 and a * b, snake_case"]),
        (r"\*not emphasis\* and `*code*`", ["*not emphasis* and *code*"]),
        ("``a ` b`` and `<b>` c ` d", ["a ` b and <b> c ` d"]),
        ("See [the spec](https://a.example/v2?utm_source=mail)", ["See the spec (https://a.example/v2)"]),
        ("![Mock-up](https://a.example/1.png)", ["Mock-up (https://a.example/1.png)"]),
        ("<https://a.example>, not <b>bold</b><br>here", ["https://a.example, not bold here"]),
        ("Google &amp; Okta", ["Google & Okta"]),
        ("~~Google~~ Okta, ~5 minutes, ~10 seats", ["Okta, ~5 minutes, ~10 seats"]),
        ("One <!-- two --> three\n\n<!--\nfour\n\nfive -->\n\nsix", ["One three", "six"]),
        ("<!-- never closed\n\n- hidden", []),
        ("<details>\n<summary>More</summary>\n\n- inside\n\n</details>", ["More", "inside"]),
        ("1. one\n   - two\n\n     three", ["one", "two", "three"]),
        ("✅ done\n\n⬜ open", ["done", "open"]),
        ("> quoted", ["quoted"]),
        ("```json\n{\n  1: 2\n}\n```", ["{ 1: 2 }"]),
        ("---\n\n👍\n\n- \n\n### Description", []),
        ("[spec]: https://a.example/v2", ["[spec]: https://a.example/v2"]),
    ],
)
def test_an_item_is_its_plain_words(body: str, expected: list[str]):
    assert texts(body) == expected


def test_a_heading_counts_where_it_says_more_than_where_things_stand():
    assert texts("## Google login\n\n## Akzeptanzkriterien\n\n## 📝 Description:") == ["Google login"]


def test_the_field_that_names_the_deal_is_no_scope():
    assert texts("### Deal\n\nSALES-7\n\n### Problem\n\nTwo passwords") == ["Two passwords"]


@pytest.mark.parametrize(
    "heading",
    [
        "## Out of scope",
        "**Out of scope**",
        "Non-goals:",
        "### Nice to have",
        "## Nicht enthalten",
        "# Später",
    ],
)
def test_a_heading_can_leave_out_what_stands_under_it(heading: str):
    [_, left_out, kept] = items("SSO", f"{heading}\n\n- SAML\n\n# Scope\n\n- Google")
    assert left_out.left_out
    assert not kept.left_out


def test_what_is_left_out_has_parts_of_its_own():
    [_, part, role] = items("SSO", "## Out of scope\n\n### For admins\n\n- roles")
    assert part.left_out and role.left_out


# ---------------------------------------------------------------- no news


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("- [ ] People sign in with Google", "- [x] People sign in with Google"),
        ("- one\n- two", "* two\n* one\n* one"),
        ("one two", "one\ntwo"),
        ("**Sign in** with Google.", "Sign in with `Google`"),
        ("Sign in", "Sign in\n\n### Additional context\n\n_No response_\n\n<!-- note -->"),
        ("“Sign in” – with Google", '"sign in" - with google'),
        ("Für die Größe: Übergrößen", "Fu\u0308r die Gro\u0308ße: U\u0308bergro\u0308ßen"),
        ("People sign in with their accuont", "People sign in with their account"),
        ("Die Anmeldung gilt für alle Mitarbieter", "Die Anmeldung gilt für alle Mitarbeiter"),
        ("See https://a.example/v2?utm_source=mail", "See https://a.example/v2"),
        ("Goo\u200bgle login", "Google login"),
        ("- Google", "# Google"),
        (BODY, BODY.replace("\n", "\r\n").replace("[ ]", "[X]")),
    ],
)
def test_this_is_no_news(old: str, new: str):
    assert news(old, new) is None
    assert news(new, old) is None


def test_a_misspelt_title_is_no_news():
    assert compare(items("Sinlge sign-on", ""), items("Single sign-on", "")) is None


# ---------------------------------------------------------------- news


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("The session ends after 30 days", "The session ends after 90 days"),
        ("Answers in <5 s", "Answers in >5 s"),
        ("Costs 1.5 EUR", "Costs 15 EUR"),
        ("Admins can delete it", "Admins can't delete it"),
        ("It must work offline", "It must not work offline"),
        ("Es gibt ein Limit je Konto", "Es gibt kein Limit je Konto"),
        ("Include archived deals", "Exclude archived deals"),
        ("Enable the old login", "Disable the old login"),
        ("Over HTTP only", "Over HTTPS only"),
        ("People can import files", "People can export files"),
        ("用户可以导出数据", "用户不可导出数据"),
        ("See [the spec](https://a.example/v1)", "See [the spec](https://a.example/v2)"),
        ("```\nretries = true\n```", "```\nretries = trye\n```"),
    ],
)
def test_a_change_of_meaning_is_news(old: str, new: str):
    change = news(old, new)
    assert change is not None
    assert len(change.changed) == 1 or (change.added and change.removed)


def test_news_says_what_was_added_removed_and_changed():
    new = (
        BODY.replace("- [ ] It works on phones\n", "")
        .replace("30 days", "90 days")
        .replace("- SAML\n", "- SAML\n- Passkeys\n")
        .replace("| Admin  | yes        |", "| Admin  | yes        |\n| Guest  | no         |")
    )
    assert news(BODY, new, new_title="Single sign-on for everyone") == ScopeChange(
        added=("Guest | no", "Out of scope: Passkeys"),
        removed=("It works on phones",),
        changed=(("The session ends after 30 days", "The session ends after 90 days"),),
        title=("Single sign-on", "Single sign-on for everyone"),
    )


def test_what_was_left_out_and_comes_in_is_a_change():
    moved = BODY.replace("- SAML\n", "").replace(
        "- [ ] It works on phones\n", "- [ ] It works on phones\n- SAML\n"
    )
    assert news(BODY, moved) == ScopeChange(changed=(("Out of scope: SAML", "SAML"),))


def test_what_was_moved_and_edited_is_a_change_and_no_removal():
    old = "- Export as CSV\n- Audit log\n- Roles"
    new = "- Roles\n- Audit log kept for 90 days\n- Export as CSV or PDF"
    change = news(old, new)
    assert change == ScopeChange(
        changed=(
            ("Export as CSV", "Export as CSV or PDF"),
            ("Audit log", "Audit log kept for 90 days"),
        )
    )


def test_the_likest_items_belong_together():
    old = "- People sign in with Google\n- People sign in with Okta"
    new = "- People sign in with Okta and Entra\n- People sign in with Google and Apple"
    assert news(old, new) == ScopeChange(
        changed=(
            ("People sign in with Google", "People sign in with Google and Apple"),
            ("People sign in with Okta", "People sign in with Okta and Entra"),
        )
    )


def test_crossing_out_removes():
    assert news("- Google\n- Okta", "- Google\n- ~~Okta~~") == ScopeChange(removed=("Okta",))


def test_a_new_title_is_told_as_one():
    assert news("", "", new_title="Audit log") == ScopeChange(title=("Single sign-on", "Audit log"))


def test_of_a_long_paragraph_only_the_words_around_the_change_are_shown():
    old = " ".join(["before"] * 200 + ["30", "days"] + ["after"] * 200)
    change = news(old, old.replace("30", "90"))
    assert change is not None
    assert change.changed == (
        (
            "… before before before before before before 30 days after after after after after …",
            "… before before before before before before 90 days after after after after after …",
        ),
    )


def test_a_long_item_is_cut_for_people():
    assert news("word", f"word\n\n{'x' * 900}") == ScopeChange(added=("x" * 199 + "…",))


@pytest.mark.parametrize("filling", ["a " * 40_000, "a\n\n" * 6_000])
def test_what_stands_too_far_down_to_be_read_is_compared_as_one_item(filling: str):
    assert news(f"{filling}first", f"{filling}last") is not None
    assert news(f"{filling}- [ ] first", f"{filling}- [ ] first") is None


def test_a_rewrite_from_end_to_end_is_removed_and_added():
    old = "\n".join(f"- old wish number {n}" for n in range(300))
    change = news(old, old.replace("old", "new"))
    assert change is not None
    assert (len(change.added), len(change.removed), change.changed) == (300, 300, ())


# ---------------------------------------------------------------- whatever is typed

words = st.text(st.characters(codec="utf-8"), max_size=12)
bodies = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.builds(
            "{}{}".format,
            st.sampled_from(
                ["", "- ", "- [ ] ", "# ", "> ", "1. ", "| ", "```\n", "<!-- ", "-->", "**", "`", "    "]
            ),
            st.text("aBß9 é*_~`<>[]()|\\#-\n☐🙂\u200b", max_size=30),
        ),
        max_size=12,
    ).map("\n".join),
)
listed = st.lists(st.text("abcdefgh 0123", min_size=1, max_size=20).filter(str.strip), max_size=8)


@given(bodies, words)
def test_nothing_that_is_typed_can_make_it_fail(body: str, title: str):
    scope = items(title, body)
    assert compare(scope, scope) is None
    assert all(item.text == " ".join(item.text.split()) for item in scope)


@given(bodies, bodies, words, words)
def test_both_directions_say_the_same(old: str, new: str, title: str, new_title: str):
    there = compare(items(title, old), items(new_title, new)) or ScopeChange()
    back = compare(items(new_title, new), items(title, old)) or ScopeChange()
    assert (there.added, there.removed) == (back.removed, back.added)
    assert sorted(there.changed) == sorted((new, old) for old, new in back.changed)
    assert there.title == (back.title and back.title[::-1])


@given(listed, st.randoms())
def test_ticks_and_order_never_matter(wishes: list[str], dice: random.Random):
    ticked = [f"- [x] {wish}" for wish in wishes]
    dice.shuffle(ticked)
    old, new = items("t", "\n".join(f"- [ ] {wish}" for wish in wishes)), items("t", "\n".join(ticked))
    assert compare(old, new) is None


@given(listed, st.integers(0, 9), st.integers(10, 99))
def test_a_number_is_never_a_misspelling(wishes: list[str], old: int, new: int):
    body = "\n".join(f"- {wish}" for wish in wishes)
    assert news(f"{body}\n- at most {old} seats", f"{body}\n- at most {new} seats") is not None


def test_items_and_changes_can_be_stored_as_json():
    scope = items("Single sign-on", BODY)
    stored = TypeAdapter(tuple[Item, ...])
    assert stored.validate_json(stored.dump_json(scope)) == scope
    assert replace(scope[0], text="x") != scope[0]


# ---------------------------------------------------------------- which items are one that was changed

REWORDED = [
    ("Log in with google", "Log in with google and microsoft"),
    ("Log in", "Log in with two factors"),
    ("Export as csv", "Export as csv and excel"),
    ("Users can reset their password by e-mail", "Users can reset their password by e-mail or sms"),
    ("Admins see all sessions", "Admins see and end all sessions"),
    ("Up to 100 users", "Up to 500 users"),
    ("Answers within 2 seconds", "Answers within 5 seconds"),
    ("Import contacts from outlook", "Import contacts from outlook and gmail"),
    ("Works offline", "Works offline for up to a day"),
    ("Reports are sent every monday", "Reports are sent every morning"),
    ("Keep audit log for a year", "Keep audit log for three years"),
    ("Support saml", "Support saml and openid connect"),
    ("Invoices in euro", "Invoices in euro and dollar"),
    ("Delete an account within 30 days", "Delete an account within 7 days"),
    ("Show the date in the user's time zone", "Show date and time in the user's time zone"),
    ("The page loads in under a second", "The page loads in under three seconds on a phone"),
    ("Encrypt files at rest", "Encrypt files at rest and in transit"),
    ("One click unsubscribe", "Unsubscribe with one click"),
    ("Search by customer name", "Search by customer name or number"),
    ("Api returns json", "Api returns json or xml"),
]
ANOTHER = [
    ("Log in with google", "Export as csv"),
    ("Log in", "Log out"),
    ("Log in with google", "Delete an account"),
    ("Users can reset their password", "Users can delete their account"),
    ("Admins see all sessions", "Admins invite people"),
    ("Export as csv", "Import from csv"),
    ("Export as csv", "Search by customer name"),
    ("Support saml", "Support dark mode"),
    ("Invoices in euro", "Reports in english"),
    ("Works offline", "Works with a screen reader"),
    ("Users can export reports", "Users can comment on issues"),
    ("Show a warning before deleting", "Show the number of open tasks"),
    ("Api returns json", "Api has a rate limit"),
    ("Search by customer name", "Sort by customer name"),
    ("Encrypt files at rest", "Compress files on upload"),
    ("Send an e-mail when done", "Send a reminder after two days"),
    ("Keep audit log for a year", "Show audit log to admins"),
    ("Up to 100 users", "Up to 5 gb of files"),
    ("Answers within 2 seconds", "Notifies within an hour"),
    ("Import contacts from outlook", "Merge double contacts"),
    ("Log in", "Users log in with two factors and the session lasts a year at most"),
    ("Reports", "Reports are sent to the finance department every monday as pdf"),
]


def pairs_found(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return those pairs whose first item is told to have become the second."""
    told = (news(f"- {old}", f"- {new}") for old, new in pairs)
    return [pair for pair, change in zip(pairs, told, strict=True) if change and change.changed]


def test_an_item_that_was_reworded_or_added_to_is_told_as_changed():
    assert [pair for pair in REWORDED if pair not in pairs_found(REWORDED)] == []


def test_an_item_that_took_the_place_of_another_is_told_as_added_and_removed():
    """Three of these are alike enough to be told as a change: to people that loses nothing."""
    assert pairs_found(ANOTHER) == [
        ("Search by customer name", "Sort by customer name"),
        ("Log in", "Users log in with two factors and the session lasts a year at most"),
        ("Reports", "Reports are sent to the finance department every monday as pdf"),
    ]
