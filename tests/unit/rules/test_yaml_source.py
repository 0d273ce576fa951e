from __future__ import annotations

import math
from typing import Any

import pytest
import yaml

from automation.rulebook.diagnostics import RulesError
from automation.rulebook.yaml import source as yaml_source
from automation.rulebook.yaml.source import DEEPEST, MAX_BYTES, MAX_FINDINGS, Keys, Position, Source, load


def data(text: str) -> dict[str, Any]:
    return load(text, "rules/a.yaml").data


def diagnostics(text: str) -> list[str]:
    with pytest.raises(RulesError) as caught:
        load(text, "rules/a.yaml")
    return [str(diagnostic) for diagnostic in caught.value.diagnostics]


@pytest.fixture(params=["C", "Python"])
def _each_loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some builds of PyYAML lack the C loader; both must say the same."""
    if request.param == "Python":
        monkeypatch.setattr(yaml_source, "_LOADER", yaml.SafeLoader)


# ---------------------------------------------------------------- what plain values mean


@pytest.mark.parametrize(
    "word", ["on", "off", "yes", "no", "Yes", "NO", "y", "n", "2027-03-01", "12:30:45", "1_000"]
)
def test_words_dates_and_times_stay_text(word: str) -> None:
    assert data(f"a: {word}") == {"a": word}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-3", -3),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("2.50", 2.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ("0o8", "0o8"),
        ("1.2.3", "1.2.3"),
        ("'12'", "12"),
        ('"true"', "true"),
        ("[1, a]", [1, "a"]),
        ("{}", {}),
    ],
)
def test_values_follow_the_yaml_1_2_core_schema(written: str, meant: object) -> None:
    value = data(f"a: {written}")["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_an_empty_file_says_nothing() -> None:
    assert data("") == data("# later\n") == data("~") == {}


def test_a_byte_order_mark_is_no_part_of_the_first_key() -> None:
    source = load("\ufeffa: 1", "a.yaml")
    assert source.data == {"a": 1}
    assert source.key(("a",)) == Position(1, 1)


# ---------------------------------------------------------------- what is refused


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(
    ("text", "diagnostic"),
    [
        ("a: &x 1", "1:4: anchors (&x) are not used here; take it out, or quote the text"),
        ("a: 1\nb: *x", "2:4: aliases (*x) are not used here; write it out, or quote the text"),
        ("a:\n  <<: {b: 1}", "2:3: merge keys ('<<') are not used here; write the keys out"),
        ("a: !!str 1", "1:4: tags ('!') are not used here; put text that begins with '!' in quotes"),
        ("if: !issue.open", "1:5: tags ('!') are not used here; put text that begins with '!' in quotes"),
        ("a: 1\nb: 2\na: 3", "3:1: 'a' stands twice here, first in line 1; keep one"),
        ("a: {b: 1, 'b': 2}", "1:11: 'b' stands twice here, first in line 1; keep one"),
        ("true: 1", '1:1: a key must be text; put it in quotes: "true"'),
        ("a: {1: x}", '1:5: a key must be text; put it in quotes: "1"'),
        ("? [a]\n: b", "1:3: a key must be text"),
        ("a: 1\n---\nb: 2", "2:1: a second document begins here ('---'); give it its own file"),
        ("- a", "1:1: a rules file has keys at its top, such as 'rules:'"),
        ("just text", "1:1: a rules file has keys at its top, such as 'rules:'"),
        ("a: b\nc: x\0y", "2:5: there is an invisible character here (U+0000); take it out"),
        ("a: \u202eb", "1:4: there is an invisible character here (U+202E); take it out"),
        ("a: \ud800", "1:4: there is an invisible character here (U+D800); take it out"),
        ('a: "x\\0"', "1:4: this text has an invisible character in it (U+0000); take it out"),
        ("a: " + "9" * 60, "1:4: this number is too long; put it in quotes if it is text"),
    ],
)
def test_what_is_hard_to_read_is_refused(text: str, diagnostic: str) -> None:
    assert f"rules/a.yaml:{diagnostic}" in diagnostics(text)


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("rules:\n  - name: a: b", "2:12", "':' too many"),
        ("rules:\n\t- name: a", "2:1", "tab"),
        ('if: "a" in issue.labels', "1:9", "'|'"),
        ("a: [1, 2", "1:4", "a '[' is opened here"),
        ("a: 'x", "1:4", "a quote is opened here and not closed"),
    ],
)
def test_a_syntax_error_says_where_and_what_to_do(text: str, place: str, word: str) -> None:
    (diagnostic,) = diagnostics(text + "\n")
    assert diagnostic.startswith(f"rules/a.yaml:{place}: ")
    assert word in diagnostic


def test_several_mistakes_are_told_at_once() -> None:
    assert len(diagnostics("a: !x 1\nb: &y 2\na: 3")) == 3


# ---------------------------------------------------------------- bombs


@pytest.mark.parametrize(
    ("bomb", "words"),
    [
        ("[" * 900_000, "nested more than"),
        ("{a: " * 200_000, "nested more than"),
        ("a:\n" + "- " * 400_000, "nested more than"),
        ("a: &a [x]\n" + "".join(f"b{i}: [*a, *a, *a]\n" for i in range(1000)), "anchors"),
        ("\n".join(f"k{i}: &a{i} 1" for i in range(40_000)), "anchors"),
        ("a: 1\n" * 190_000, "stands twice"),
        ("".join(f"k{i}: 1\n" for i in range(90_000)), "more than 50,000 values"),
        ("a: [" + "1," * 450_000 + "]", "more than 50,000 values"),
        ("a: " + "9" * 900_000, "too long"),
        ("x" * (MAX_BYTES + 1), "larger than 1 MB"),
        ("ä" * (MAX_BYTES // 2 + 1), "larger than 1 MB"),
        ("--- a\n" * 150_000, "keys at its top"),
    ],
)
def test_a_bomb_ends_in_a_few_clear_findings(bomb: str, words: str) -> None:
    found = diagnostics(bomb)
    assert len(found) <= MAX_FINDINGS
    assert any(words in diagnostic for diagnostic in found)


def test_nesting_up_to_the_limit_is_fine() -> None:
    inner = DEEPEST - 1
    assert data("a: " + "[" * inner + "]" * inner)
    assert "nested more than" in diagnostics("a: " + "[" * (inner + 1) + "]" * (inner + 1))[0]


# ---------------------------------------------------------------- where things stand


def source() -> Source:
    return load(
        "\n".join(
            [
                "mode: tell",
                "rules:",
                "  - name: one",
                "    if: a == b  # why",
                '    quoted: "a == b"',
                "    block: |",
                "",
                "      first &&",
                "        second",
                "    folded: >-",
                "      first",
                "      second",
                r'    escaped: "a\tb == c"',
                "    long: first",
                "      second",
                "    list: [x, {y: z}]",
            ]
        ),
        "rules/a.yaml",
    )


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("mode",), (1, 1), (1, 7)),
        (("rules", 0), (3, 5), (3, 5)),
        (("rules", 0, "name"), (3, 5), (3, 11)),
        (("rules", 0, "list", 1, "y"), (16, 16), (16, 19)),
        (("rules", 0, "absent", "deeper"), (3, 5), (3, 5)),
        ((), (1, 1), (1, 1)),
    ],
)
def test_keys_and_values_are_found(path: Keys, key: tuple[int, int], value: tuple[int, int]) -> None:
    assert source().key(path) == Position(*key)
    assert source().value(path) == Position(*value)


@pytest.mark.usefixtures("_each_loader")
@pytest.mark.parametrize(
    ("name", "inside", "place"),
    [
        ("if", (1, 6), (4, 14)),
        ("if", (1, 7), (4, 15)),
        ("quoted", (1, 6), (5, 19)),
        ("block", (2, 7), (8, 13)),
        ("block", (3, 3), (9, 9)),
        ("block", (1, 1), (7, 1)),
        ("folded", (1, 7), (10, 13)),
        ("escaped", (1, 1), (13, 15)),
        ("escaped", (1, 5), (13, 14)),
        ("long", (1, 2), (14, 12)),
        ("long", (1, 9), (14, 11)),
        ("if", (9, 1), (4, 9)),
        ("list", (1, 3), (16, 11)),
    ],
)
def test_a_place_inside_text_is_found_in_the_file(
    name: str, inside: tuple[int, int], place: tuple[int, int]
) -> None:
    assert source().within(("rules", 0, name), *inside) == Position(*place)


def test_a_block_with_windows_line_ends_is_found_too() -> None:
    found = load("a: |\r\n  x\r\n  y == z\r\n", "a.yaml")
    assert found.data == {"a": "x\ny == z\n"}
    assert found.within(("a",), 2, 6) == Position(3, 8)


def test_a_block_that_says_its_indentation_is_found_too() -> None:
    assert load("a: |2\n    x == y\n", "a.yaml").within(("a",), 1, 3) == Position(2, 5)


def test_columns_count_characters_not_bytes() -> None:
    assert load('ä: "😀 == b"', "a.yaml").within(("ä",), 1, 3) == Position(1, 7)
