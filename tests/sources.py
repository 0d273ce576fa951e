"""The sources that there are, and requests as they sign them."""

from __future__ import annotations

from collections.abc import Mapping

from automation.app.systems import SYSTEMS
from webhooks import signatures
from webhooks.app import EdgeSettings

SOURCES = {system.name: system.source for system in SYSTEMS}
SCHEMES = {name: source.scheme for name, source in SOURCES.items()}
BUDGETS = {system.name: system.budget for system in SYSTEMS}


def sign(scheme: signatures.Scheme, secret: str, body: bytes) -> str:
    return signatures.sign(scheme, secret, signatures.Sent(body))


def verify(scheme: signatures.Scheme, secrets: list[str], claimed: str, body: bytes) -> bool:
    return signatures.verify(scheme, secrets, claimed, signatures.Sent(body))


def edge_settings(secrets: Mapping[str, tuple[str, ...]], max_body: int = 25 * 2**20) -> EdgeSettings:
    return EdgeSettings(secrets, SOURCES, max_body)
