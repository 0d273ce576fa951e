"""Secrets and addresses, from the environment or ``.env``; everything else stands in the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from automation.model import Mode


class SettingsError(Exception):
    """The environment cannot be used as it is; each line says what to do."""


LIKE_THIS = {
    "HANDSHAKE_PORT": "is not the number of a port. Write a number from 1 to 65535, such as 8080",
    "HANDSHAKE_MODE": "is none of the modes. Write observe, tell or enforce",
    "GITHUB_APP_INSTALLATION_ID": (
        "is not a number. Write the one that ends the address of the App's installation page"
    ),
}
"""What is wrong with values that are of another kind than they should be."""

_INSIDE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SITE = re.compile(r"[\w.-]+\.[\w-]+(:[0-9]+)?(/[\w./-]*)?|localhost(:[0-9]+)?", re.ASCII)


class Settings(BaseSettings):
    """Names are fixed, as other tools set them. Secrets may list several values, comma-separated."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    database_url: str = Field("sqlite:///data/handshake.db", validation_alias="HANDSHAKE_DATABASE_URL")
    rules: Path = Field(Path("rules"), validation_alias="HANDSHAKE_RULES")
    mode: Mode | None = Field(None, validation_alias="HANDSHAKE_MODE")
    host: str = Field("127.0.0.1", validation_alias="HANDSHAKE_HOST")
    port: int = Field(8080, validation_alias="HANDSHAKE_PORT", ge=0, le=65535)

    github_api_url: str = Field("https://api.github.com", validation_alias="GITHUB_API_URL")
    github_token: SecretStr | None = Field(None, validation_alias="GITHUB_TOKEN")
    github_app_id: str | None = Field(None, validation_alias="GITHUB_APP_ID")
    github_app_private_key: SecretStr | None = Field(None, validation_alias="GITHUB_APP_PRIVATE_KEY")
    github_app_installation_id: int | None = Field(None, validation_alias="GITHUB_APP_INSTALLATION_ID")
    github_webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), validation_alias="GITHUB_WEBHOOK_SECRET"
    )

    jira_url: str | None = Field(None, validation_alias="JIRA_URL")
    jira_email: str | None = Field(None, validation_alias="JIRA_EMAIL")
    jira_api_token: SecretStr | None = Field(None, validation_alias="JIRA_API_TOKEN")
    jira_token: SecretStr | None = Field(None, validation_alias="JIRA_TOKEN")
    jira_webhook_secrets: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        (), validation_alias="JIRA_WEBHOOK_SECRET"
    )

    @field_validator("github_api_url", "jira_url")
    @classmethod
    def _address(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Refuse what is no address of a site. Its text is shown only where no password can be in it."""
        if value is None:
            return None
        if not value.lower().startswith(("https://", "http://")):
            meant = f". Did you mean https://{value}?" if _SITE.fullmatch(value) else ""
            raise ValueError(f"is not an address that begins with https://{meant}")
        try:
            parts = urlsplit(value)
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if "@" in parts.netloc if host else "@" in value:
            raise ValueError(
                "has a user or a password in it. Write only the site's address, "
                "and put the token into the setting for it"
            )
        if not host or re.search(r"\s", value) or not re.fullmatch(r"[\w.:\[\]-]+", parts.netloc):
            like = "acme.atlassian.net" if info.field_name == "jira_url" else "github.example.com/api/v3"
            raise ValueError(f"is not an address. Write it like this: https://{like}")
        if parts.query or parts.fragment:
            raise ValueError("is the address of a page. Write that of the site alone, without ? and #")
        return value.rstrip("/")

    @field_validator("github_token", "jira_api_token", "jira_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch("[ -~]+", value.get_secret_value()):
            raise ValueError("has a character in it that no token has. Copy it once more")
        return value

    @field_validator("jira_email")
    @classmethod
    def _mail(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError("is not an e-mail address. Write that of the account that the token belongs to")
        return value

    @field_validator("github_webhook_secrets", "jira_webhook_secrets", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """Split ``old,new``: both are accepted while a secret is being rotated."""
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("*", mode="before")
    @classmethod
    def _typed(cls, value: object, info: ValidationInfo) -> object:
        """Take off what copying has left around a value, and refuse what it has left within it. Of all that
        come before pydantic's own this is the first, as it is the last that is defined."""
        secret = isinstance(value, SecretStr)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        field = cls.model_fields[info.field_name or ""]
        if not isinstance(text, str):
            return value
        if info.field_name == "github_app_private_key":  # on one line with \n in it, as environments hold it
            text = text.replace("\\n", "\n").replace("\r\n", "\n")
        elif _INSIDE.search(text := text.strip()):
            raise ValueError(
                "has a line end or another character in it that cannot be seen. Set it again, as one line"
            )
        if not text.strip():
            return field.default
        return SecretStr(text) if secret else text

    @property
    def connected(self) -> bool:
        """Tell whether there is anything to connect to."""
        return bool(self.systems())

    def systems(self) -> tuple[str, ...]:
        """Return the systems that we have credentials for."""
        known = {"github": self.github_token or self.github_app_id, "jira": self.jira_url}
        return tuple(name for name, value in known.items() if value)

    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, so that logs can blot it out."""
        held = (self.github_token, self.github_app_private_key, self.jira_api_token, self.jira_token)
        typed = tuple(secret.get_secret_value() for secret in held if secret)
        hooks = (secret for source in self.webhook_secrets().values() for secret in source)
        return (*typed, *hooks, *_passwords(self.database_url))

    def webhook_secrets(self) -> dict[str, tuple[str, ...]]:
        """Return the secrets of each source that has any; a source without one is not served."""
        known = {"github": self.github_webhook_secrets, "jira": self.jira_webhook_secrets}
        return {
            source: tuple(secret.get_secret_value() for secret in secrets)
            for source, secrets in known.items()
            if secrets
        }

    def unusable(self) -> list[str]:
        """Return, as sentences, what is set and cannot work, which takes too long to find out each time."""
        key = self.github_app_private_key
        if key is None or _is_key(key.get_secret_value()):
            return []
        return [
            "GITHUB_APP_PRIVATE_KEY is not a private key. Set the whole text of the .pem file that GitHub "
            "gave you, from BEGIN to END; line ends may be written as \\n."
        ]

    def missing(self, github: bool, jira: bool) -> list[str]:
        """Return, as sentences, what is not set and needed to serve: deals are in Jira always, issues
        are in ``github``, in ``jira``, or in both."""
        app = self.github_app_id and self.github_app_private_key and self.github_app_installation_id
        needed: dict[str, object] = {
            "JIRA_URL (the site that holds the deals)": self.jira_url,
            "JIRA_EMAIL and JIRA_API_TOKEN, or JIRA_TOKEN": self.jira_token
            or (self.jira_email and self.jira_api_token),
        }
        if github:
            needed["GITHUB_TOKEN, or GITHUB_APP_ID with its private key and installation id"] = (
                self.github_token or app
            )
            needed["GITHUB_WEBHOOK_SECRET (what you typed into the webhook's settings)"] = (
                self.github_webhook_secrets
            )
        if jira:
            needed["JIRA_WEBHOOK_SECRET (what you typed into the webhook's settings)"] = (
                self.jira_webhook_secrets
            )
        return [f"Set {name}." for name, value in needed.items() if not value]


def read_settings() -> Settings:
    """Read the environment. Raise SettingsError with a line for each value that cannot be used."""
    try:
        return Settings()
    except ValidationError as error:
        wrong = dict.fromkeys(map(_plainly, error.errors(include_input=False)))
        raise SettingsError("\n".join(wrong)) from None
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not UTF-8 text. Save it as UTF-8.") from None


def _is_key(pem: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _plainly(error: Mapping[str, Any]) -> str:
    """Say what is wrong with a value, without the value: it may be a secret."""
    name = str(error["loc"][0]) if error["loc"] else "The settings"
    own = error.get("ctx", {}).get("error")
    what = str(own) if isinstance(own, ValueError) else LIKE_THIS.get(name, "cannot be read. Set it again")
    return f"{name}: this {what}" + ("" if what.endswith("?") else ".")


def _passwords(url: str) -> tuple[str, ...]:
    """Return the passwords of a database's address, as they stand in it and as they are meant."""
    try:
        parts = urlsplit(url)
        found = [parts.password or ""]
        found += [value for name, value in parse_qsl(parts.query) if "pass" in name.lower()]
    except ValueError:
        return ()
    return tuple(dict.fromkeys(word for one in found for word in (one, unquote(one)) if word))
