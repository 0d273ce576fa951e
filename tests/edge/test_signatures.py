"""Forged deliveries are told from genuine ones."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.model.systems import Scheme, Signed
from tests.sources import SCHEMES, sign, verify
from webhooks import signatures
from webhooks.signatures import Sent

GITHUB = SCHEMES["github"]
SECRET = "It's a Secret to Everybody"
BODY = b'{"action":"opened","issue":{"number":12}}'


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_githubs_own_test_vector_passes() -> None:
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    claimed = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert verify(GITHUB, [SECRET], claimed, b"Hello, World!")
    assert not verify(GITHUB, [SECRET], claimed, b"Hello, World?")


def test_atlassians_own_test_vector_passes() -> None:
    # https://developer.atlassian.com/cloud/jira/platform/webhooks/
    claimed = "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
    assert verify(SCHEMES["jira"], [SECRET], claimed, b"Hello World!")
    assert not verify(SCHEMES["jira"], [SECRET], claimed, b"Hello, World!")
    assert SCHEMES["jira"].header == "X-Hub-Signature"


@given(body=st.binary(min_size=1, max_size=200), data=st.data())
def test_a_body_with_one_bit_flipped_does_not_pass(body: bytes, data: st.DataObject) -> None:
    claimed = sign(GITHUB, SECRET, body)
    assert verify(GITHUB, [SECRET], claimed, body)
    bit = data.draw(st.integers(0, len(body) * 8 - 1))
    assert not verify(GITHUB, [SECRET], claimed, flip(body, bit))


@given(bit=st.integers(0, len("sha256=" + 64 * "0") * 8 - 1))
def test_a_signature_with_one_bit_flipped_does_not_pass(bit: int) -> None:
    claimed = flip(sign(GITHUB, SECRET, BODY).encode(), bit).decode("latin-1")
    assert not verify(GITHUB, [SECRET], claimed, BODY)


@given(claimed=st.text(st.characters(exclude_categories=())))
def test_no_header_makes_it_stumble(claimed: str) -> None:
    assert not verify(GITHUB, [SECRET], claimed, BODY)
    assert not verify(GITHUB, [SECRET], "sha256=" + claimed, BODY)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda right: "", id="empty"),
        pytest.param(lambda right: "sha256=", id="prefix only"),
        pytest.param(lambda right: right.removeprefix("sha256="), id="no prefix"),
        pytest.param(lambda right: right.replace("sha256=", "sha1="), id="another prefix"),
        pytest.param(lambda right: right[:-1], id="cut"),
        pytest.param(lambda right: right + "0", id="longer"),
        pytest.param(lambda right: right + ", " + right, id="sent twice"),
        pytest.param(lambda right: " " + right, id="space before"),
        pytest.param(lambda right: right[:-1] + "g", id="no hex"),
        pytest.param(lambda right: right[:-1] + "é", id="beyond ASCII"),
        pytest.param(lambda right: right[:-1] + "\ud800", id="half a surrogate pair"),
    ],
)
def test_a_malformed_signature_is_a_no(spoil) -> None:
    right = sign(GITHUB, SECRET, BODY)
    assert verify(GITHUB, [SECRET], right, BODY)
    assert not verify(GITHUB, [SECRET], spoil(right), BODY)


def test_the_same_json_written_differently_does_not_pass() -> None:
    claimed = sign(GITHUB, SECRET, BODY)
    again = json.dumps(json.loads(BODY)).encode()
    assert json.loads(again) == json.loads(BODY)
    assert not verify(GITHUB, [SECRET], claimed, again)


def test_while_a_secret_is_replaced_the_old_and_the_new_one_pass() -> None:
    both = ["the old one", "the new one"]
    assert verify(GITHUB, both, sign(GITHUB, "the old one", BODY), BODY)
    assert verify(GITHUB, both, sign(GITHUB, "the new one", BODY), BODY)
    assert not verify(GITHUB, both, sign(GITHUB, "another one", BODY), BODY)


def test_without_a_secret_nothing_passes() -> None:
    assert not verify(GITHUB, [], sign(GITHUB, SECRET, BODY), BODY)


def test_an_empty_secret_is_refused_even_where_another_one_fits() -> None:
    with pytest.raises(ValueError, match="secret is empty"):
        verify(GITHUB, [SECRET, ""], sign(GITHUB, SECRET, BODY), BODY)


# ---------------------------------------------------------------- schemes that sign more than the body

WHOLE = Scheme(
    "X-Signature",
    over=(Signed.METHOD, Signed.URL, Signed.BODY, Signed.TIME),
    base64=True,
    time="X-Time",
)
SENT = Sent(b"{}", "POST", "https://handshake.example.com/webhooks/toy?a=b", "1799999999000")


def test_a_signature_of_the_whole_request_is_what_hubspot_documents() -> None:
    """https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation"""
    wanted = hmac.digest(
        b"secret", b"POSThttps://handshake.example.com/webhooks/toy?a=b{}1799999999000", "sha256"
    )

    assert signatures.sign(WHOLE, "secret", SENT) == base64.b64encode(wanted).decode()


@pytest.mark.parametrize(
    "changed",
    [
        {"body": b"{ }"},
        {"method": "PUT"},
        {"url": "https://handshake.example.com/webhooks/toy?a=c"},
        {"url": "http://127.0.0.1:8080/webhooks/toy?a=b"},
        {"time": "1799999999001"},
        {"time": "1799999999000é"},
    ],
)
def test_whatever_is_signed_cannot_be_changed(changed) -> None:
    claimed = signatures.sign(WHOLE, "secret", SENT)

    assert signatures.verify(WHOLE, ["older", "secret"], claimed, SENT)
    assert not signatures.verify(WHOLE, ["older", "secret"], claimed, replace(SENT, **changed))


@pytest.mark.parametrize("stamp", ["", "now", "-1", "1e12", "٣", "1" * 21, "NaN"])
def test_what_is_no_time_is_not_now(stamp) -> None:
    assert not signatures.timely(WHOLE, stamp, 0.0)


def test_a_time_that_is_not_signed_is_no_scheme() -> None:
    with pytest.raises(ValueError, match="signs the body"):
        Scheme("X-Signature", time="X-Time")
    with pytest.raises(ValueError, match="signs the body"):
        Scheme("X-Signature", over=(Signed.BODY, Signed.TIME))
