"""Settings: from the environment or a ``.env``, several secrets at once, and nothing said of their values."""

from __future__ import annotations

from pathlib import Path

import pytest

from automation.model import Mode
from automation.settings import Settings, SettingsError, read_settings

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n"

pytestmark = pytest.mark.usefixtures("here")


@pytest.fixture
def read(monkeypatch):
    """Read the settings with some names set in the environment."""

    def read(**settings: str) -> Settings:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        return read_settings()

    return read


def test_without_settings_there_are_sensible_ones(read) -> None:
    settings = read()

    assert settings.database_url == "sqlite:///data/handshake.db"
    assert (settings.rules, settings.mode) == (Path("rules"), None)
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.github_api_url == "https://api.github.com"
    assert not settings.connected


def test_the_environment_is_read(read) -> None:
    settings = read(HANDSHAKE_PORT="9000", HANDSHAKE_MODE="tell", HANDSHAKE_RULES="policy")

    assert (settings.port, settings.mode, settings.rules) == (9000, Mode.TELL, Path("policy"))


def test_a_env_file_is_read_and_the_environment_goes_before_it(read, here) -> None:
    (here / ".env").write_text("HANDSHAKE_PORT=9000\nJIRA_URL=https://jira.example\nSOMETHING_ELSE=1\n")

    settings = read(HANDSHAKE_PORT="9001")

    assert (settings.port, settings.jira_url) == (9001, "https://jira.example")


def test_a_setting_that_is_left_empty_counts_as_not_set(read) -> None:
    settings = read(HANDSHAKE_MODE="", GITHUB_TOKEN="", GITHUB_WEBHOOK_SECRET="", HANDSHAKE_PORT="")

    assert (settings.mode, settings.github_token, settings.port) == (None, None, 8080)
    assert settings.webhook_secrets() == {}


# ---------------------------------------------------------------- secrets


@pytest.mark.parametrize(
    ("given", "secrets"),
    [
        ("one", ("one",)),
        ("old,new", ("old", "new")),
        ("old, new ", ("old", "new")),
        ("old,,new,", ("old", "new")),
        (",", ()),
        ("with spaces in it", ("with spaces in it",)),
    ],
)
def test_a_webhook_secret_may_list_several_while_it_is_rotated(read, given, secrets) -> None:
    assert read(GITHUB_WEBHOOK_SECRET=given).webhook_secrets().get("github", ()) == secrets


def test_a_source_without_a_secret_is_not_served(read) -> None:
    assert set(read(GITHUB_WEBHOOK_SECRET="one").webhook_secrets()) == {"github"}


@pytest.mark.parametrize("written", [PEM, PEM.replace("\n", "\\n")])
def test_a_private_key_may_stand_on_one_line(read, written) -> None:
    key = read(GITHUB_APP_PRIVATE_KEY=written).github_app_private_key

    assert key is not None
    assert key.get_secret_value() == PEM


def test_every_secret_is_known_to_the_logs(read) -> None:
    settings = read(
        GITHUB_TOKEN="a token",
        GITHUB_APP_PRIVATE_KEY=PEM,
        GITHUB_WEBHOOK_SECRET="old,new",
        JIRA_API_TOKEN="an api token",
        JIRA_TOKEN="a server token",
        JIRA_EMAIL="handshake@example.com",
    )

    assert set(settings.secrets()) == {"a token", PEM, "old", "new", "an api token", "a server token"}


def test_secrets_are_not_shown_when_settings_are_printed(read) -> None:
    settings = read(GITHUB_TOKEN="hunter2", GITHUB_WEBHOOK_SECRET="hunter3", JIRA_API_TOKEN="hunter4")

    assert "hunter" not in repr(settings)
    assert "hunter" not in str(settings)


# ---------------------------------------------------------------- what is missing, what cannot be used


CLOUD = {"JIRA_URL": "https://acme.example", "JIRA_EMAIL": "h@example.com", "JIRA_API_TOKEN": "x"}
GITHUB = {"GITHUB_TOKEN": "x", "GITHUB_WEBHOOK_SECRET": "y"}
APP = {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": PEM, "GITHUB_APP_INSTALLATION_ID": "2"}


@pytest.mark.parametrize(
    "given",
    [
        {**CLOUD, **GITHUB},
        {**CLOUD, **APP, "GITHUB_WEBHOOK_SECRET": "y"},
        {"JIRA_URL": "https://jira.example", "JIRA_TOKEN": "x", **GITHUB},
    ],
    ids=["token and cloud", "app", "data center"],
)
def test_enough_to_serve_github_is_enough(read, given) -> None:
    settings = read(**given)

    assert settings.connected
    assert settings.missing(github=True, jira=False) == []


def test_issues_in_jira_need_its_webhook_secret_and_no_github(read) -> None:
    settings = read(**CLOUD)

    [missing] = settings.missing(github=False, jira=True)
    assert missing.startswith("Set JIRA_WEBHOOK_SECRET")


def test_what_is_missing_is_said_name_by_name(read) -> None:
    missing = read().missing(github=True, jira=True)

    assert len(missing) == 5
    assert all(line.startswith("Set ") and line.endswith(".") for line in missing)


def test_a_jira_token_alone_needs_its_email(read) -> None:
    settings = read(**GITHUB, **{**CLOUD, "JIRA_EMAIL": ""})

    assert settings.missing(github=True, jira=False) == ["Set JIRA_EMAIL and JIRA_API_TOKEN, or JIRA_TOKEN."]


def test_what_cannot_be_used_is_said_by_name_without_its_value(read) -> None:
    with pytest.raises(SettingsError) as caught:
        read(HANDSHAKE_PORT="hunter2", GITHUB_APP_INSTALLATION_ID="hunter3", HANDSHAKE_MODE="hunter4")

    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "HANDSHAKE_MODE",
        "HANDSHAKE_PORT",
        "GITHUB_APP_INSTALLATION_ID",
    ]
    assert "hunter" not in str(caught.value)
