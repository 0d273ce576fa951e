"""Jira's part of the environment."""

from __future__ import annotations

import re

from pydantic import Field, SecretStr, field_validator

from automation.adapters.settings import Secrets, SystemSettings, site, token, unset


class JiraSettings(SystemSettings):
    """A site, with an account and its API token (Cloud) or a token (Data Center)."""

    jira_url: str | None = Field(None, validation_alias="JIRA_URL")
    jira_email: str | None = Field(None, validation_alias="JIRA_EMAIL")
    jira_api_token: SecretStr | None = Field(None, validation_alias="JIRA_API_TOKEN")
    jira_token: SecretStr | None = Field(None, validation_alias="JIRA_TOKEN")
    jira_webhook_secrets: Secrets = Field((), validation_alias="JIRA_WEBHOOK_SECRET")

    @field_validator("jira_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return site(value, like="acme.atlassian.net")

    @field_validator("jira_api_token", "jira_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        return token(value)

    @field_validator("jira_email")
    @classmethod
    def _mail(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError("is not an e-mail address. Write that of the account that the token belongs to")
        return value

    @property
    def connected(self) -> bool:
        return bool(self.jira_url)

    def webhook_secrets(self) -> tuple[SecretStr, ...]:
        return self.jira_webhook_secrets

    def missing(self, tracker: bool, deals: bool) -> list[str]:
        needed: dict[str, object] = {}
        if tracker or deals:
            needed[f"JIRA_URL (the site that holds the {'deals' if deals else 'issues'})"] = self.jira_url
            needed["JIRA_EMAIL and JIRA_API_TOKEN, or JIRA_TOKEN"] = self.jira_token or (
                self.jira_email and self.jira_api_token
            )
        if tracker:
            needed["JIRA_WEBHOOK_SECRET (what you typed into the webhook's settings)"] = (
                self.jira_webhook_secrets
            )
        return unset(needed)

    def sign_in(self) -> tuple[str, str] | str:
        """Return the token, or the account with its API token."""
        if self.jira_token:
            return self.jira_token.get_secret_value()
        return (self.jira_email or "", self.jira_api_token.get_secret_value() if self.jira_api_token else "")
