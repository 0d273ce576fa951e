"""Secrets and addresses, from the environment or ``.env``; everything else stands in the rules."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from automation.model import Mode


class SettingsError(Exception):
    """The environment cannot be used as it is; each line says what to do."""


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

    @field_validator("github_webhook_secrets", "jira_webhook_secrets", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        """Split ``old,new``: both are accepted while a secret is being rotated."""
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("github_app_private_key", mode="before")
    @classmethod
    def _lines(cls, value: object) -> object:
        """Accept a PEM key on one line with ``\\n`` in it, as environments often hold it."""
        return value.replace("\\n", "\n") if isinstance(value, str) else value

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
        return (*typed, *(secret for source in self.webhook_secrets().values() for secret in source))

    def webhook_secrets(self) -> dict[str, tuple[str, ...]]:
        """Return the secrets of each source that has any; a source without one is not served."""
        known = {"github": self.github_webhook_secrets, "jira": self.jira_webhook_secrets}
        return {
            source: tuple(secret.get_secret_value() for secret in secrets)
            for source, secrets in known.items()
            if secrets
        }

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
        raise SettingsError(
            "\n".join(
                f"{'.'.join(map(str, e['loc']))}: {e['msg']}." for e in error.errors(include_input=False)
            )
        ) from None
