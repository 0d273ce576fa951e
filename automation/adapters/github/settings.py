"""GitHub's part of the environment."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr, field_validator

from automation.adapters.settings import Secrets, SystemSettings, site, token, unset


class GitHubSettings(SystemSettings):
    """A token, or an App with its private key and its installation."""

    LIKE_THIS: ClassVar = {
        "GITHUB_APP_INSTALLATION_ID": (
            "is not a number. Write the one that ends the address of the App's installation page"
        ),
    }
    SEVERAL_LINES = frozenset({"github_app_private_key"})

    github_api_url: str = Field("https://api.github.com", validation_alias="GITHUB_API_URL")
    github_token: SecretStr | None = Field(None, validation_alias="GITHUB_TOKEN")
    github_app_id: str | None = Field(None, validation_alias="GITHUB_APP_ID")
    github_app_private_key: SecretStr | None = Field(None, validation_alias="GITHUB_APP_PRIVATE_KEY")
    github_app_installation_id: int | None = Field(None, validation_alias="GITHUB_APP_INSTALLATION_ID")
    github_webhook_secrets: Secrets = Field((), validation_alias="GITHUB_WEBHOOK_SECRET")

    @field_validator("github_api_url")
    @classmethod
    def _address(cls, value: str) -> str | None:
        return site(value, like="github.example.com/api/v3")

    @field_validator("github_token")
    @classmethod
    def _token(cls, value: SecretStr | None) -> SecretStr | None:
        return token(value)

    @property
    def connected(self) -> bool:
        return bool(self.github_token or self.github_app_id)

    def webhook_secrets(self) -> tuple[SecretStr, ...]:
        return self.github_webhook_secrets

    def missing(self, tracker: bool, deals: bool) -> list[str]:
        if not tracker:
            return []
        app = self.github_app_id and self.github_app_private_key and self.github_app_installation_id
        return unset(
            {
                "GITHUB_TOKEN, or GITHUB_APP_ID with its private key and installation id": (
                    self.github_token or app
                ),
                "GITHUB_WEBHOOK_SECRET (what you typed into the webhook's settings)": (
                    self.github_webhook_secrets
                ),
            }
        )

    def unusable(self) -> list[str]:
        key = self.github_app_private_key
        if key is None or _is_key(key.get_secret_value()):
            return []
        return [
            "GITHUB_APP_PRIVATE_KEY is not a private key. Set the whole text of the .pem file that GitHub "
            "gave you, from BEGIN to END; line ends may be written as \\n."
        ]


def _is_key(pem: str) -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True
