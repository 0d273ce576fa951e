"""Settings: from the environment or a ``.env``, several secrets at once, and nothing said of their values."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pydantic import SecretStr

from automation.adapters.github.system import GITHUB
from automation.adapters.jira.system import JIRA
from automation.app.settings import Settings, SettingsError, read_settings
from automation.app.systems import SYSTEMS
from automation.model import Mode
from automation.rulebook.schema import Deals, GitHubTracker, JiraTracker, RulesConfig, Trackers
from tests.toy.system import TOY
from webhooks.receiver import served

PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEowIBAAKCAQEA\n-----END RSA PRIVATE KEY-----\n"


def rules(repositories: tuple[str, ...] = (), projects: tuple[str, ...] = ()) -> RulesConfig:
    """Rules that name these places, with deals in Jira."""
    github, jira = GitHubTracker(repositories=repositories), JiraTracker(projects=projects)
    return RulesConfig(Trackers(github=github, jira=jira), Deals(system="jira", project="SALES"))


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
    assert settings.of(GITHUB).github_api_url == "https://api.github.com"
    assert not settings.connected


def test_the_environment_is_read(read) -> None:
    settings = read(HANDSHAKE_PORT="9000", HANDSHAKE_MODE="tell", HANDSHAKE_RULES="policy")

    assert (settings.port, settings.mode, settings.rules) == (9000, Mode.TELL, Path("policy"))


def test_a_env_file_is_read_and_the_environment_goes_before_it(read, here) -> None:
    (here / ".env").write_text("HANDSHAKE_PORT=9000\nJIRA_URL=https://jira.example\nSOMETHING_ELSE=1\n")

    settings = read(HANDSHAKE_PORT="9001")

    assert (settings.port, settings.of(JIRA).jira_url) == (9001, "https://jira.example")


def test_a_setting_that_is_left_empty_counts_as_not_set(read) -> None:
    settings = read(HANDSHAKE_MODE="", GITHUB_TOKEN="", GITHUB_WEBHOOK_SECRET="", HANDSHAKE_PORT="")

    assert (settings.mode, settings.of(GITHUB).github_token, settings.port) == (None, None, 8080)
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
    key = read(GITHUB_APP_PRIVATE_KEY=written).of(GITHUB).github_app_private_key

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
ON_GITHUB = {"GITHUB_TOKEN": "x", "GITHUB_WEBHOOK_SECRET": "y"}
APP = {"GITHUB_APP_ID": "1", "GITHUB_APP_PRIVATE_KEY": PEM, "GITHUB_APP_INSTALLATION_ID": "2"}


@pytest.mark.parametrize(
    "given",
    [
        {**CLOUD, **ON_GITHUB},
        {**CLOUD, **APP, "GITHUB_WEBHOOK_SECRET": "y"},
        {"JIRA_URL": "https://jira.example", "JIRA_TOKEN": "x", **ON_GITHUB},
    ],
    ids=["token and cloud", "app", "data center"],
)
def test_enough_to_serve_github_is_enough(read, given) -> None:
    settings = read(**given)

    assert settings.connected
    assert settings.missing(rules(repositories=("acme/shop",))) == []


def test_issues_in_jira_need_its_webhook_secret_and_no_github(read) -> None:
    settings = read(**CLOUD)

    [missing] = settings.missing(rules(projects=("PROD",)))
    assert missing.startswith("Set JIRA_WEBHOOK_SECRET")


def test_what_is_missing_is_said_name_by_name(read) -> None:
    missing = read().missing(rules(repositories=("acme/shop",), projects=("PROD",)))

    assert len(missing) == 5
    assert all(line.startswith("Set ") and line.endswith(".") for line in missing)


def test_a_jira_token_alone_needs_its_email(read) -> None:
    settings = read(**ON_GITHUB, **{**CLOUD, "JIRA_EMAIL": ""})

    assert settings.missing(rules(repositories=("acme/shop",))) == [
        "Set JIRA_EMAIL and JIRA_API_TOKEN, or JIRA_TOKEN."
    ]


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


# ---------------------------------------------------------------- what cannot work


def refusal(read, **settings: str) -> str:
    with pytest.raises(SettingsError) as caught:
        read(**settings)
    return str(caught.value)


@pytest.mark.parametrize("around", ["{}\n", " {} ", "\t{}\r\n"])
def test_what_copying_leaves_around_a_value_is_taken_off(read, around) -> None:
    settings = read(
        GITHUB_TOKEN=around.format("ghp_x"),
        GITHUB_WEBHOOK_SECRET=around.format("old ,, new"),
        JIRA_URL=around.format("https://acme.atlassian.net/"),
        JIRA_EMAIL=around.format("ops@acme.example"),
        HANDSHAKE_PORT=around.format("9000"),
        HANDSHAKE_DATABASE_URL=around.format("sqlite:///x.db"),
        JIRA_TOKEN=around.format(""),
    )

    assert settings.of(GITHUB).github_token == SecretStr("ghp_x")
    assert settings.webhook_secrets() == {"github": ("old", "new")}
    assert (settings.of(JIRA).jira_url, settings.of(JIRA).jira_email) == (
        "https://acme.atlassian.net",
        "ops@acme.example",
    )
    assert (settings.port, settings.database_url, settings.of(JIRA).jira_token) == (
        9000,
        "sqlite:///x.db",
        None,
    )


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "JIRA_API_TOKEN", "GITHUB_WEBHOOK_SECRET", "JIRA_URL"])
@pytest.mark.parametrize("inside", ["\n", "\r", "\t", "\x1b", "\u2028"])
def test_a_value_with_a_line_end_in_it_is_refused_without_being_shown(read, name, inside) -> None:
    said = refusal(read, **{name: f"hunter2{inside}hunter2"})

    assert said.startswith(f"{name}: this has a line end")
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("acme.atlassian.net", "Did you mean https://acme.atlassian.net?"),
        ("my site", "is not an address that begins with https://."),
        ("ftp://acme.net", "is not an address that begins with https://."),
        ("https://acme .net", "is not an address. Write it like this"),
        ("https://acme.net:x", "is not an address. Write it like this"),
        ("https://", "is not an address. Write it like this"),
        ("https://[::1", "is not an address. Write it like this"),
        ("https://ops:hunter2@acme.net", "has a user or a password in it"),
        ("https://acme.net/browse?x=1", "is the address of a page"),
    ],
)
@pytest.mark.parametrize("name", ["JIRA_URL", "GITHUB_API_URL"])
def test_an_address_that_cannot_work_is_refused_in_plain_words(read, name, url, said) -> None:
    refused = refusal(read, **{name: url})

    assert refused.startswith(f"{name}: this ") and said in refused
    assert "hunter2" not in refused


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HANDSHAKE_PORT", "eighty"),
        ("HANDSHAKE_PORT", "99999"),
        ("HANDSHAKE_MODE", "on"),
        ("GITHUB_APP_INSTALLATION_ID", "acme"),
        ("JIRA_EMAIL", "ops"),
        ("GITHUB_TOKEN", "“ghp_x”"),
    ],
)
def test_no_library_s_words_reach_a_person(read, name, value) -> None:
    refused = refusal(read, **{name: value})

    assert refused.startswith(f"{name}: this ")
    assert "Write " in refused or "Copy " in refused
    assert not {"Input", "valid", "Value", "error"} & set(refused.replace(",", " ").split())


@pytest.mark.parametrize("key", ["ghs_1", PEM, PEM.replace("\n", " ")])
def test_a_key_that_is_none_is_found_out_at_the_start(read, key) -> None:
    [said] = read(GITHUB_APP_PRIVATE_KEY=key).unusable()

    assert said.startswith("GITHUB_APP_PRIVATE_KEY is not a private key.")


def test_a_key_on_one_line_is_one(read) -> None:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    pem = made.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()

    assert read(GITHUB_APP_PRIVATE_KEY=pem.replace("\n", "\\n")).unusable() == []


def test_the_database_s_passwords_are_secrets_too(read) -> None:
    url = "postgresql://ops:hunter%402@db/x?password=swordfish&sslpassword=other"

    assert {"hunter@2", "hunter%402", "swordfish", "other"} <= set(read(HANDSHAKE_DATABASE_URL=url).secrets())


def test_a_system_that_signs_its_address_is_not_served_without_one(monkeypatch) -> None:
    monkeypatch.setenv("TOY_SECRET", "a secret")
    settings = read_settings((*SYSTEMS, TOY))

    assert [line for line in settings.missing(rules()) if "HANDSHAKE_PUBLIC_URL" in line]
    with pytest.raises(ValueError, match="Set HANDSHAKE_PUBLIC_URL"):
        served({"toy": TOY.source}, settings.webhook_secrets(), settings.public_url or "")


def test_what_is_wrong_in_any_part_of_the_environment_is_said_at_once(monkeypatch) -> None:
    monkeypatch.setenv("HANDSHAKE_PORT", "many")
    monkeypatch.setenv("HANDSHAKE_PUBLIC_URL", "handshake.example.com")
    monkeypatch.setenv("JIRA_URL", "https://sam:pw@jira.example")
    with pytest.raises(SettingsError) as caught:
        read_settings((*SYSTEMS, TOY))
    assert len(str(caught.value).splitlines()) == 3
