"""Secrets and addresses, from the environment or ``.env``; everything else stands in the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from pydantic import Field, PrivateAttr, ValidationError, field_validator

from automation.adapters.settings import Part, SystemSettings, site
from automation.adapters.system import System
from automation.app.systems import SYSTEMS
from automation.model import Mode
from automation.rulebook.schema import RulesConfig

S = TypeVar("S", bound=SystemSettings)


class SettingsError(Exception):
    """The environment cannot be used as it is; each line says what to do."""


class Settings(Part):
    """What every Handshake has, together with the parts of its systems. Secrets may list several values,
    comma-separated."""

    LIKE_THIS: ClassVar = {
        "HANDSHAKE_PORT": "is not the number of a port. Write a number from 1 to 65535, such as 8080",
        "HANDSHAKE_MODE": "is none of the modes. Write observe, tell or enforce",
    }

    database_url: str = Field("sqlite:///data/handshake.db", validation_alias="HANDSHAKE_DATABASE_URL")
    rules: Path = Field(Path("rules"), validation_alias="HANDSHAKE_RULES")
    mode: Mode | None = Field(None, validation_alias="HANDSHAKE_MODE")
    host: str = Field("127.0.0.1", validation_alias="HANDSHAKE_HOST")
    port: int = Field(8080, validation_alias="HANDSHAKE_PORT", ge=0, le=65535)
    public_url: str | None = Field(None, validation_alias="HANDSHAKE_PUBLIC_URL")
    me: str | None = Field(None, validation_alias="HANDSHAKE_ME")

    _parts: Mapping[System[Any], SystemSettings] = PrivateAttr(default_factory=dict)

    def __init__(self, systems: Sequence[System[Any]] = SYSTEMS, **given: Any) -> None:
        """Read the environment for these systems; ``given`` goes before it, by the same names."""
        super().__init__(**given)
        self._parts = {system: system.settings(**given) for system in systems}

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return site(value, like="handshake.example.com")

    @property
    def all_systems(self) -> tuple[System[Any], ...]:
        """Return the systems that there are, connected or not."""
        return tuple(self._parts)

    def of(self, system: System[S]) -> S:
        """Return a system's part."""
        return cast(S, self._parts[system])

    @property
    def connected(self) -> bool:
        """Tell whether there is anything to connect to."""
        return bool(self.systems())

    def systems(self) -> tuple[str, ...]:
        """Return the systems that we have credentials for."""
        return tuple(system.name for system, part in self._parts.items() if part.connected)

    def secrets(self) -> tuple[str, ...]:
        """Return every secret value, so that logs can blot it out."""
        held = (secret for part in self._parts.values() for secret in part.secrets())
        return (*held, *_passwords(self.database_url))

    def webhook_secrets(self) -> dict[str, tuple[str, ...]]:
        """Return the secrets of each source that has any; a source without one is not served."""
        return {
            system.name: tuple(secret.get_secret_value() for secret in secrets)
            for system, part in self._parts.items()
            if (secrets := part.webhook_secrets())
        }

    def unusable(self) -> list[str]:
        """Return, as sentences, what is set and cannot work, which takes too long to find out each time."""
        return [line for part in self._parts.values() for line in part.unusable()]

    def missing(self, rules: RulesConfig) -> list[str]:
        """Return, as sentences, what is not set and needed to serve the places that the rules name."""
        deals = rules.deals.system
        ordered = sorted(self._parts.items(), key=lambda item: item[0].name != deals)
        lines = (
            part.missing(bool(rules.trackers.places(system.name)), deals == system.name)
            for system, part in ordered
        )
        missing = [line for of_one in lines for line in of_one]
        signed = [
            one for one, part in self._parts.items() if part.webhook_secrets() and one.signs_its_address
        ]
        if signed and not self.public_url:
            titles = " and ".join(system.title for system in signed)
            missing.append(f"Set HANDSHAKE_PUBLIC_URL (the address that {titles} sends to, and signs).")
        return missing


def read_settings(systems: Sequence[System[Any]] = SYSTEMS) -> Settings:
    """Read the environment. Raise SettingsError with a line for each value that cannot be used."""
    wrong: dict[str, None] = {}
    parts: list[tuple[type[Part], Callable[[], Part]]] = [(Settings, lambda: Settings(()))]
    parts += [(system.settings, system.settings) for system in systems]
    try:
        for part, read in parts:
            try:
                read()
            except ValidationError as error:
                wrong |= dict.fromkeys(_lines(part, error))
    except UnicodeDecodeError:
        raise SettingsError("The file .env is not UTF-8 text. Save it as UTF-8.") from None
    if wrong:
        raise SettingsError("\n".join(wrong))
    return Settings(systems)


def _lines(part: type[Part], error: ValidationError) -> Iterable[str]:
    """Say what is wrong with each value, without the value: it may be a secret."""
    for one in error.errors(include_input=False):
        name = str(one["loc"][0]) if one["loc"] else "The settings"
        own = one.get("ctx", {}).get("error")
        unread = part.LIKE_THIS.get(name, "cannot be read. Set it again")
        what = str(own) if isinstance(own, ValueError) else unread
        yield f"{name}: this {what}" + ("" if what.endswith("?") else ".")


def _passwords(url: str) -> tuple[str, ...]:
    """Return the passwords of a database's address, as they stand in it and as they are meant."""
    try:
        parts = urlsplit(url)
        found = [parts.password or ""]
        found += [value for name, value in parse_qsl(parts.query) if "pass" in name.lower()]
    except ValueError:
        return ()
    return tuple(dict.fromkeys(word for one in found for word in (one, unquote(one)) if word))
