"""A genuine delivery is stored as it came; everything else is refused, kindly and early."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from tests.edge.conftest import SECRET
from tests.sources import SCHEMES, edge_settings, sign
from webhooks.app import create_app
from webhooks.receiver import Dropped

BODY = b'{"action": "opened", "issue": {"number": 12, "title": "Gr\xc3\xbc\xc3\x9fe \\ud83d\\ude00"}}'
GITHUB = "/webhooks/github"


@pytest.fixture
def client(make_app):
    return make_app().test_client()


def refused(answer, status: int) -> str:
    """Check that this is a refusal with one sentence in it, and return the sentence."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    assert list(answer.json) == ["error"]
    assert answer.json["error"].endswith(".")
    return answer.json["error"]


def test_a_genuine_delivery_is_stored_as_it_came(client, inbox, signed) -> None:
    before = datetime.now(UTC)
    answer = client.post(GITHUB, data=BODY, headers=signed(BODY))
    assert (answer.status_code, answer.json) == (202, {"accepted": True, "repeated": False})
    [delivery] = inbox.kept
    assert delivery.source == "github"
    assert delivery.id == "6d9a0f60-0b3b-11ee-8f6e-0d7a3f0b7a11"
    assert delivery.event == "issues"
    assert delivery.body == BODY
    assert delivery.headers == {"x-github-hook-id": "12345"}
    assert before <= delivery.received_at <= datetime.now(UTC)


def test_a_repeated_delivery_is_accepted_and_called_repeated(client, signed) -> None:
    client.post(GITHUB, data=BODY, headers=signed(BODY))
    answer = client.post(GITHUB, data=BODY, headers=signed(BODY))
    assert (answer.status_code, answer.json) == (202, {"accepted": True, "repeated": True})


def test_the_content_type_may_name_its_charset(client, signed) -> None:
    headers = signed(BODY, Content_Type="application/json; charset=utf-8")
    assert client.post(GITHUB, data=BODY, headers=headers).status_code == 202


def test_the_old_and_the_new_secret_both_pass(make_app, signed) -> None:
    client = make_app(secrets=("old", "new")).test_client()
    for secret, status in [("old", 202), ("new", 202), ("other", 401)]:
        answer = client.post(GITHUB, data=BODY, headers=signed(BODY, secret=secret))
        assert answer.status_code == status


# ---------------------------------------------------------------- who and what is refused


@pytest.mark.parametrize("source", ["gitlab", "jira", "GITHUB", "github/"])
def test_a_source_that_is_not_known_is_told_where_to_go(client, inbox, signed, source) -> None:
    answer = client.post(f"/webhooks/{source}", data=BODY, headers=signed(BODY))
    refused(answer, 404)
    assert inbox.kept == []


def test_a_source_without_a_secret_is_not_served(inbox, signed) -> None:
    client = create_app(edge_settings({}), inbox, {}).test_client()
    sentence = refused(client.post(GITHUB, data=BODY, headers=signed(BODY)), 404)
    assert "GITHUB_WEBHOOK_SECRET" in sentence


@pytest.mark.parametrize("secrets", [(), ("",), ("   ",), ("fine", "")])
def test_an_empty_secret_refuses_to_start(inbox, secrets) -> None:
    with pytest.raises(ValueError, match=r"secret for GitHub is empty.*GITHUB_WEBHOOK_SECRET"):
        create_app(edge_settings({"github": secrets}), inbox, {})


def test_a_secret_for_an_unknown_source_refuses_to_start(inbox) -> None:
    with pytest.raises(ValueError, match="'gitlab' are not known; known are: github"):
        create_app(edge_settings({"gitlab": ("secret",)}), inbox, {})


def test_settings_do_not_show_their_secrets() -> None:
    assert "hush" not in repr(edge_settings({"github": ("hush",)}))


def test_get_is_not_how_to_deliver(client) -> None:
    answer = client.get(GITHUB)
    assert "POST" in refused(answer, 405)
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("type", ["application/x-www-form-urlencoded", "text/plain", "", None])
def test_another_content_type_is_told_which_to_choose(client, inbox, signed, type) -> None:
    answer = client.post(GITHUB, data=BODY, headers=signed(BODY, Content_Type=type))
    assert "application/json" in refused(answer, 415)
    assert "settings" in answer.json["error"]
    assert inbox.kept == []


@pytest.mark.parametrize(
    "claimed",
    [None, "", "sha256=", "sha1=" + 40 * "0", *("sha256=" + 64 * digit for digit in "0zé")],
)
def test_a_bad_signature_is_401_and_never_500(client, inbox, signed, claimed) -> None:
    answer = client.post(GITHUB, data=BODY, headers=signed(BODY, X_Hub_Signature_256=claimed))
    assert "GITHUB_WEBHOOK_SECRET" in refused(answer, 401)
    assert inbox.kept == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bit=st.integers(0, len(BODY) * 8 - 1))
def test_one_flipped_bit_is_401(client, inbox, signed, bit) -> None:
    changed = bytearray(BODY)
    changed[bit // 8] ^= 1 << bit % 8
    refused(client.post(GITHUB, data=bytes(changed), headers=signed(BODY)), 401)
    assert inbox.kept == []


def test_the_same_json_written_differently_is_401(client, signed) -> None:
    again = json.dumps(json.loads(BODY), indent=1).encode()
    refused(client.post(GITHUB, data=again, headers=signed(BODY)), 401)


@pytest.mark.parametrize("name", ["X_GitHub_Event", "X_GitHub_Delivery"])
@pytest.mark.parametrize("value", [None, "", "two words", "é", "x" * 201])
def test_a_missing_or_odd_header_is_400(client, inbox, signed, name, value) -> None:
    answer = client.post(GITHUB, data=BODY, headers=signed(BODY, **{name: value}))
    assert name.replace("_", "-") in refused(answer, 400)
    assert inbox.kept == []


def test_an_odd_header_that_nobody_needs_is_left_out(client, inbox, signed) -> None:
    client.post(GITHUB, data=BODY, headers=signed(BODY, X_GitHub_Hook_ID="x" * 201))
    assert inbox.kept[0].headers == {}


# ---------------------------------------------------------------- what can never matter, and what is counted


@pytest.fixture
def counted() -> list[tuple[str, str, str]]:
    return []


@pytest.fixture
def choosy(inbox, counted):
    """The application that follows nothing but issues, and counts."""

    def ruled_out(source: str, event: str) -> Dropped | None:
        assert source == "github"
        return {"issues": None, "ping": Dropped.PING}.get(event, Dropped.EVENT)

    def count(*what: str) -> None:
        counted.append(what)

    settings = edge_settings({"github": (SECRET,)}, 1000)
    return create_app(settings, inbox, {}, ruled_out=ruled_out, count=count).test_client()


@pytest.mark.parametrize(("event", "reason"), [("star", "event"), ("ping", "ping")])
def test_what_can_never_matter_is_accepted_counted_and_not_stored(
    choosy, inbox, counted, signed, event, reason
) -> None:
    answer = choosy.post(GITHUB, data=BODY, headers=signed(BODY, X_GitHub_Event=event))
    assert answer.status_code == 202
    assert (answer.json["accepted"], answer.json["stored"]) == (True, False)
    assert answer.json["reason"].endswith(".")
    assert inbox.kept == []
    assert counted == [("dropped", "github", reason)]


def test_a_first_ping_is_logged_as_the_good_news_it_is(choosy, signed) -> None:
    with capture_logs() as lines:
        choosy.post(GITHUB, data=BODY, headers=signed(BODY, X_GitHub_Event="ping", X_GitHub_Hook_ID="4711"))

    [line] = lines
    assert (line["event"], line["log_level"], line["source"], line["hook"]) == (
        "webhook works",
        "info",
        "github",
        "4711",
    )


@pytest.mark.parametrize("reason", Dropped)
def test_every_reason_to_drop_a_delivery_is_told_its_sender(inbox, signed, reason) -> None:
    settings = edge_settings({"github": (SECRET,)}, 1000)
    client = create_app(settings, inbox, {}, ruled_out=lambda *_: reason).test_client()
    assert client.post(GITHUB, data=BODY, headers=signed(BODY)).json["reason"].endswith(".")


def test_only_a_genuine_delivery_is_told_that_it_does_not_matter(choosy, counted, signed) -> None:
    headers = signed(BODY, secret="a guess", X_GitHub_Event="star")
    refused(choosy.post(GITHUB, data=BODY, headers=headers), 401)
    assert counted == [("refused", "github", "signature")]


def test_nothing_is_dropped_unless_it_is_ruled_out(client, inbox, signed) -> None:
    assert (
        client.post(GITHUB, data=BODY, headers=signed(BODY, X_GitHub_Event="star")).json["repeated"] is False
    )
    assert len(inbox.kept) == 1


def test_every_delivery_is_counted_once_by_how_it_ended(choosy, inbox, counted, signed) -> None:
    large = b'{"a": "' + 2000 * b"x" + b'"}'
    for path, body, headers in [
        (GITHUB, BODY, signed(BODY)),
        (GITHUB, BODY, signed(BODY)),
        (GITHUB, BODY, signed(BODY, Content_Type="text/plain")),
        (GITHUB, large, signed(large)),
        (GITHUB, BODY, signed(BODY, X_Hub_Signature_256=None)),
        (GITHUB, BODY, signed(BODY, secret="a guess")),
        (GITHUB, BODY, signed(BODY, X_GitHub_Delivery=None)),
        (GITHUB, b"[]", signed(b"[]")),
        ("/webhooks/a-strangers-word", BODY, signed(BODY)),
    ]:
        choosy.post(path, data=body, headers=headers)
    inbox.broken = OSError("disk full")
    choosy.post(GITHUB, data=BODY, headers=signed(BODY))
    assert counted == [
        ("received", "github", ""),
        ("repeated", "github", ""),
        ("refused", "github", "content type"),
        ("refused", "github", "too large"),
        ("refused", "github", "unsigned"),
        ("refused", "github", "signature"),
        ("refused", "github", "header"),
        ("refused", "github", "malformed"),
        ("refused", "", "source"),
        ("not stored", "github", ""),
    ]


# ---------------------------------------------------------------- Jira


JIRA_BODY = b'{"webhookEvent": "jira:issue_updated", "timestamp": 1}'


def from_jira(body: bytes = JIRA_BODY, **more: str) -> dict[str, str]:
    claimed = sign(SCHEMES["jira"], "from jira", body)
    given = {name.replace("_", "-"): value for name, value in more.items()}
    return {"Content-Type": "application/json; charset=UTF-8", "X-Hub-Signature": claimed, **given}


@pytest.fixture
def jira(inbox):
    secrets = {"github": ("from github",), "jira": ("from jira",)}
    return create_app(edge_settings(secrets, 1000), inbox, {}).test_client()


def test_a_delivery_from_jira_is_stored_under_the_id_that_cloud_gives_it(jira, inbox) -> None:
    headers = from_jira(X_Atlassian_Webhook_Identifier="1607b6a4", X_Atlassian_Webhook_Flow="Primary")
    for repeated in (False, True):
        answer = jira.post("/webhooks/jira", data=JIRA_BODY, headers=headers)
        assert (answer.status_code, answer.json["repeated"]) == (202, repeated)
    delivery = inbox.kept[0]
    assert (delivery.source, delivery.id, delivery.event) == ("jira", "1607b6a4", "")
    assert delivery.body == JIRA_BODY
    assert delivery.headers == {"x-atlassian-webhook-flow": "Primary"}


def test_data_center_gives_no_id_so_each_delivery_counts_on_its_own(jira, inbox) -> None:
    for _ in range(2):
        answer = jira.post("/webhooks/jira", data=JIRA_BODY, headers=from_jira())
        assert (answer.status_code, answer.json["repeated"]) == (202, False)
    first, second = (delivery.id for delivery in inbox.kept)
    assert first != second


@pytest.mark.parametrize("id", ["", "two words", "x" * 201])
def test_an_odd_id_from_jira_is_400(jira, inbox, id) -> None:
    headers = from_jira(X_Atlassian_Webhook_Identifier=id)
    assert "X-Atlassian-Webhook-Identifier" in refused(
        jira.post("/webhooks/jira", data=JIRA_BODY, headers=headers), 400
    )
    assert inbox.kept == []


@pytest.mark.parametrize("header", ["X-Hub-Signature-256", "X-Hub-Signature"])
def test_a_secret_of_one_source_opens_no_other(jira, inbox, header) -> None:
    claimed = sign(SCHEMES["jira"], "from github", JIRA_BODY)
    headers = {"Content-Type": "application/json", header: claimed}
    sentence = refused(jira.post("/webhooks/jira", data=JIRA_BODY, headers=headers), 401)
    assert "JIRA_WEBHOOK_SECRET" in sentence
    assert inbox.kept == []


HOSTILE = {
    "empty": b"",
    "not JSON": b"{",
    "two values": b"{} {}",
    "not UTF-8": b'{"a": "\xff"}',
    "another encoding": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf{}",
    "list": b"[]",
    "text": b'"a"',
    "null": b"null",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": [-Infinity]}',
    "beyond a float": b'{"a": 1e999}',
    "endless integer": b'{"a": ' + 5000 * b"9" + b"}",
    "deep nesting": b'{"a": ' + 100_000 * b"[" + 100_000 * b"]" + b"}",
    "NUL byte": b'{"a": "\0"}',
    "escaped NUL": b'{"a": ["\\u0000"]}',
    "escaped NUL in a key": b'{"a": {"\\u0000": 1}}',
    "half a surrogate pair": b'{"a": "\\uD83d"}',
    "surrogates in the wrong order": b'{"a": "\\ude00\\ud83d"}',
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_a_signed_body_that_is_no_json_object_is_400(make_app, inbox, signed, body) -> None:
    answer = make_app(max_body=10**6).test_client().post(GITHUB, data=body, headers=signed(body))
    assert "GitHub" in refused(answer, 400)
    assert inbox.kept == []


@pytest.mark.parametrize("body", [b'{"a": "\\\\u0000"}', b'{"a": "\\ud83d\\ude00"}', b' {"a": 1.5e3}\n'])
def test_unusual_but_right_json_is_stored(client, signed, body) -> None:
    assert client.post(GITHUB, data=body, headers=signed(body)).status_code == 202


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | st.text(max_size=80).map(lambda text: json.dumps({"a": text}).encode()))
def test_whatever_is_signed_is_stored_or_refused_but_breaks_nothing(client, signed, body) -> None:
    assert client.post(GITHUB, data=body, headers=signed(body)).status_code in {202, 400}


def test_a_strangers_body_is_not_even_read_as_json(client, signed) -> None:
    body = HOSTILE["not JSON"]
    refused(client.post(GITHUB, data=body, headers=signed(body, secret="a guess")), 401)


# ---------------------------------------------------------------- size


def padded(size: int) -> bytes:
    return b'{"a": "' + b"x" * (size - 9) + b'"}'


def test_a_body_at_the_limit_is_stored_and_one_byte_more_is_413(client, signed) -> None:
    assert client.post(GITHUB, data=padded(1000), headers=signed(padded(1000))).status_code == 202
    answer = client.post(GITHUB, data=padded(1001), headers=signed(padded(1001)))
    assert "1,000 bytes" in refused(answer, 413)


def test_an_announced_large_body_is_not_read(client, signed) -> None:
    stream = io.BytesIO(padded(5000))
    headers = signed(padded(5000)) | {"Content-Length": "5000"}
    refused(client.post(GITHUB, input_stream=stream, headers=headers), 413)
    assert stream.tell() == 0


@pytest.mark.parametrize(("size", "status"), [(1000, 202), (1001, 413), (50_000, 413)])
def test_a_body_of_unstated_length_is_read_only_to_the_limit(client, signed, size, status) -> None:
    stream = io.BytesIO(padded(size))
    answer = client.post(
        GITHUB,
        input_stream=stream,
        headers=signed(padded(size), Transfer_Encoding="chunked"),
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == status
    assert stream.tell() <= 1001


# ---------------------------------------------------------------- storing fails, and what is logged


class DiskFull(Exception):
    pass


def test_when_storing_fails_the_sender_is_asked_to_try_again(client, inbox, signed) -> None:
    inbox.broken = DiskFull("INSERT INTO deliveries VALUES ('Gruesse')")
    answer = client.post(GITHUB, data=BODY, headers=signed(BODY))
    assert "again" in refused(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0


def test_logs_name_the_delivery_but_hold_neither_body_nor_secret(client, inbox, signed) -> None:
    body = b'{"customer": "Canary Ltd"}'
    genuine = signed(body)
    with capture_logs() as logs:
        client.post(GITHUB, data=body, headers=genuine)
        client.post(GITHUB, data=body + b" ", headers=genuine)
        client.post(GITHUB, data=body, headers=signed(body, X_GitHub_Event="Canary Ltd"))
        client.post(GITHUB, data=b"Canary Ltd", headers=signed(b"Canary Ltd"))
        inbox.broken = DiskFull("Canary Ltd")
        inbox.broken.__cause__ = OSError("Canary Ltd")
        client.post(GITHUB, data=body, headers=genuine)
    assert [log["event"] if log["log_level"] != "info" else "stored" for log in logs] == [
        "stored",
        "delivery refused",
        "delivery refused",
        "delivery refused",
        "delivery not stored",
    ]
    assert logs[0]["id"] == genuine["X-GitHub-Delivery"]
    assert logs[-1]["error"] == "DiskFull from OSError"
    written = repr(logs)
    assert "Canary" not in written
    assert "a long random text" not in written
    assert genuine["X-Hub-Signature-256"] not in written


def test_a_surprise_in_the_receiver_asks_the_sender_to_try_again(inbox, signed) -> None:
    def ruled_out(*_: str) -> None:
        raise PermissionError("/etc/handshake/rules")

    settings = edge_settings({"github": (SECRET,)})
    client = create_app(settings, inbox, {}, ruled_out=ruled_out).test_client()

    answer = client.post(GITHUB, data=BODY, headers=signed(BODY))

    assert "send it again" in refused(answer, 503)
    assert answer.headers["Retry-After"] == "10"
    assert "/etc" not in answer.text
