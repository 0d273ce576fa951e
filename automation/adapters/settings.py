"""A system's own part of the environment, and what settings of any part have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_INSIDE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SITE = re.compile(r"[\w.-]+\.[\w-]+(:[0-9]+)?(/[\w./-]*)?|localhost(:[0-9]+)?", re.ASCII)

Secrets = Annotated[tuple[SecretStr, ...], NoDecode]
"""Several values, comma-separated: all of them count while one replaces another."""


class Part(BaseSettings):
    """A part of the environment. Names are fixed, as other tools set them.

    ``LIKE_THIS`` says what is wrong with values that are of another kind than they should be, by name.
    ``SEVERAL_LINES`` are the fields that may have several.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True, frozen=True)

    LIKE_THIS: ClassVar[Mapping[str, str]] = {}
    SEVERAL_LINES: ClassVar[frozenset[str]] = frozenset()

    @field_validator("*", mode="before")
    @classmethod
    def _typed(cls, value: object, info: ValidationInfo) -> object:
        """Take off what copying has left around a value, and refuse what it has left within it."""
        secret = isinstance(value, SecretStr)
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        name = info.field_name or ""
        field = cls.model_fields[name]
        if not isinstance(text, str):
            return value
        if name in cls.SEVERAL_LINES:  # on one line with \n in it, as environments hold it
            text = text.replace("\\n", "\n").replace("\r\n", "\n")
        elif _INSIDE.search(text := text.strip()):
            raise ValueError(
                "has a line end or another character in it that cannot be seen. Set it again, as one line"
            )
        if not text.strip():
            return field.default
        if NoDecode in field.metadata and not secret:
            return tuple(part.strip() for part in text.split(",") if part.strip())
        return SecretStr(text) if secret else text


class SystemSettings(Part):
    """A system's part. What it holds is known to its own adapter; here stands what others ask of it."""

    @property
    def connected(self) -> bool:
        """Tell whether we have credentials for it."""
        raise NotImplementedError

    def webhook_secrets(self) -> tuple[SecretStr, ...]:
        """Return what its deliveries may be signed with; without one they are not received."""
        raise NotImplementedError

    def missing(self, tracker: bool, deals: bool) -> list[str]:
        """Return, as sentences, what is not set and needed: for issues that live there, and for deals."""
        raise NotImplementedError

    def unusable(self) -> list[str]:
        """Return, as sentences, what is set and cannot work, which takes too long to find out each time."""
        return []

    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, so that logs can blot it out."""
        held = (value for _, value in self)
        values = (one for value in held for one in (value if isinstance(value, tuple) else (value,)))
        return tuple(one.get_secret_value() for one in values if isinstance(one, SecretStr))


def site(value: str | None, like: str) -> str | None:
    """Return the address of a site, without a slash at its end. Raise ValueError, in words that go on after
    “this”, for what is none. Its text is shown only where no password can be in it. ``like`` is one."""
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
        raise ValueError(f"is not an address. Write it like this: https://{like}")
    if parts.query or parts.fragment:
        raise ValueError("is the address of a page. Write that of the site alone, without ? and #")
    return value.rstrip("/")


def token(value: SecretStr | None) -> SecretStr | None:
    """Return a token. Raise ValueError where it can be none."""
    if value is not None and not re.fullmatch("[ -~]+", value.get_secret_value()):
        raise ValueError("has a character in it that no token has. Copy it once more")
    return value


def unset(needed: Mapping[str, object]) -> list[str]:
    """Return a sentence for each of the ``needed`` that has no value."""
    return [f"Set {name}." for name, value in needed.items() if not value]
