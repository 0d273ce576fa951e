"""A fourth system: a CRM that signs method, address, body and time, and sends several events at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import requests
from pydantic import Field, SecretStr

from automation.adapters.settings import Secrets, SystemSettings, unset
from automation.adapters.system import Outside, System
from automation.model import DEAL, Deal, KnownPlaces, Person, Subject, Trigger
from automation.model.reading import Reading
from automation.model.systems import Budget, Scheme, Signed, Source
from automation.ports import Posted, Unauthorized, Unavailable, Unseen
from automation.rulebook.schema import RulesConfig

EVERYTHING = (Signed.METHOD, Signed.URL, Signed.BODY, Signed.TIME)
SCHEME = Scheme("X-Toy-Signature", over=EVERYTHING, base64=True, time="X-Toy-Time")


class ToySettings(SystemSettings):
    url: str = Field("", validation_alias="TOY_URL")
    token: SecretStr = Field(SecretStr(""), validation_alias="TOY_TOKEN")
    hook_secrets: Secrets = Field((), validation_alias="TOY_SECRET")

    @property
    def connected(self) -> bool:
        return bool(self.url)

    def webhook_secrets(self) -> tuple[SecretStr, ...]:
        return self.hook_secrets

    def missing(self, tracker: bool, deals: bool) -> list[str]:
        return unset({"TOY_URL": self.url, "TOY_TOKEN": self.token.get_secret_value()}) if deals else []


class ToyCrm:
    def __init__(self, outside: Outside[ToySettings], project: str) -> None:
        self._settings, self._limiter, self._project = outside.settings, outside.limiter, project

    def _call(self, verb: str, path: str, body: Mapping[str, str] | None = None) -> Any:
        self._limiter.enter(write=verb != "GET")
        sign_in = {"Authorization": f"Bearer {self._settings.token.get_secret_value()}"}
        try:
            answer = requests.request(verb, self._settings.url + path, json=body, headers=sign_in, timeout=5)
        except requests.RequestException as error:
            problem = Unavailable(f"Toy: {verb} {path}: {error}")
            self._limiter.unanswered(verb, path, problem)
            raise problem from error
        self._limiter.answered(verb, answer.status_code)
        if answer.status_code == 401:
            raise Unauthorized("Toy does not accept our token; check TOY_TOKEN", 60.0)
        if answer.status_code == 404:
            raise Unseen(f"Toy: there is no {path}")
        return answer.json()

    def check(self) -> None:
        self._call("GET", "/me")

    def encode(self, text: str) -> str:
        return text.replace("<", "&lt;").replace("@", "(at)")

    def mention(self, person: Person) -> str:
        return f"@{person.name}" if person.system == "toy" else self.encode(person.name)

    def post(self, subject: Subject, markdown: str, marker: str) -> Posted:
        note = self._call("POST", f"/deals/{subject.key}/notes", {"text": markdown, "marker": marker})
        return Posted(note["id"], datetime.fromisoformat(note["at"]))

    def edit(self, subject: Subject, comment: str, markdown: str, marker: str) -> bool:
        self._call("PUT", f"/deals/{subject.key}/notes/{comment}", {"text": markdown, "marker": marker})
        return True

    def find(self, subject: Subject, marker: str) -> Posted | None:
        notes = self._call("GET", f"/deals/{subject.key}/notes")
        return next((Posted(note["id"]) for note in notes if note["marker"] == marker), None)

    def named(self, text: str) -> Subject | None:
        return Subject("toy", DEAL, text) if re.fullmatch(rf"{self._project}-\d+", text) else None

    def named_in(self, text: str) -> Sequence[Subject]:
        keys = re.findall(rf"\b{self._project}-\d+\b", text)
        return [Subject("toy", DEAL, key) for key in dict.fromkeys(keys)]

    def deals(self, deals: Sequence[Subject]) -> Mapping[Subject, Deal]:
        found = self._call("GET", f"/deals?keys={','.join(deal.key for deal in deals)}")
        read = [Deal(Subject("toy", DEAL, one["key"]), one["name"], one["url"], one["open"]) for one in found]
        return {deal.subject: deal for deal in read}

    def may_see(self, person: Person, deal: Subject) -> bool | None:
        return True


def read(config: RulesConfig, known: KnownPlaces, event: str, body: Mapping[str, object]) -> Reading:
    key = str(body.get("deal", ""))
    if not key.startswith(f"{config.deals.project}-"):
        return Reading.refused(f"{key[:100]} is not among the deals in the rules")
    return Reading.of(Trigger(Subject("toy", DEAL, key), "deal"))


TOY = System(
    name="toy",
    title="Toy",
    settings=ToySettings,
    source=Source("Toy", "TOY_SECRET", SCHEME, batch="eventId"),
    budget=Budget(0.5, 100),
    read=read,
    crm=ToyCrm,
)
