"""What was said, what may have been said, and what strangers can read of it."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from automation.domain.publicity import TAKEN_BACK, key_for
from automation.model import Effect, Heard, Subject
from automation.ports import DONE, IN_PUBLIC
from automation.store import codec
from automation.store.claim_queries import STATE
from automation.store.database import Database, upsert
from automation.store.outbox import read_effect
from automation.store.schema import effects, jobs, saying


class Words:
    """The words of effects, from before they are sent to when they are taken back."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unconfirmed(self, subject: Subject, proposal: str) -> tuple[str, ...]:
        """Return the keys of the comments that are to show a proposal and have no receipt yet."""
        about = (effects.c.subject == str(subject)) & (effects.c.proposal == proposal)
        with self._database.read() as connection:
            return tuple(connection.scalars(select(effects.c.key).where(about, effects.c.state == "ready")))

    def ready(self, subject: Subject) -> frozenset[str]:
        """Return the keys of the effects of an issue that are ready to be performed."""
        mine = (effects.c.subject == str(subject)) & (effects.c.state == "ready")
        with self._database.read() as connection:
            return frozenset(connection.scalars(select(effects.c.key).where(mine)))

    def begin(self, effect: str, heard: tuple[Heard, ...]) -> None:
        """Note what a deal hears by words that are about to be sent: if the answer is lost, nobody can tell
        afterwards from what was known then."""
        values = {"heard_json": codec.dump(codec.heard, heard)}
        with self._database.write() as connection:
            connection.execute(
                upsert(connection, saying)
                .values(effect=effect, **values)
                .on_conflict_do_update(index_elements=["effect"], set_=values)
            )

    def begun(self, effect: str) -> tuple[Heard, ...]:
        """Return what a deal has heard, if these words reached it."""
        with self._database.read() as connection:
            text = connection.scalar(select(saying.c.heard_json).where(saying.c.effect == effect))
        return codec.heard.validate_json(text) if text else ()

    def unheard(self, effect: Effect) -> tuple[Effect, ...]:
        """Return the words to the same target that were sent, or not, without our hearing so: they are to be
        tried again, in the order they were planned."""
        mine = (jobs.c.ordering == str(effect.issue)) & (jobs.c.kind == "tell")
        begun = mine & (jobs.c.tries > 0) & STATE.in_(("ready", "parked"))
        with self._database.read() as connection:
            texts = connection.scalars(select(jobs.c.payload_json).where(begun).order_by(jobs.c.id)).all()
            keys = [json.loads(text)["effect"] for text in texts]
            others = effects.c.key.in_(keys) & (effects.c.state == "ready") & (effects.c.key != effect.key)
            stored = select(effects.c.key, effects.c.subject, effects.c.effect_json)
            rows = connection.execute(stored.where(others)).all()
            found = {row.key: read_effect(connection, row.subject, row.effect_json) for row in rows}
        return tuple(found[key] for key in keys if key in found and found[key].target == effect.target)

    def intended(self, subject: Subject) -> tuple[Effect, ...]:
        """Return the effects of an issue that are still to be carried out."""
        ours = (effects.c.subject == str(subject)) & effects.c.state.in_(("ready", "waiting"))
        with self._database.read() as connection:
            texts = connection.scalars(select(effects.c.effect_json).where(ours)).all()
        return tuple(codec.effect.validate_json(text) for text in texts)

    def shown(self, subject: Subject) -> list[tuple[Effect, str]]:
        """Return the effects that were done on ``subject`` while it was not public and are not taken back
        yet, each with the text of its receipt."""
        ours = (effects.c.subject == str(subject)) & (effects.c.state == DONE)
        with self._database.read() as connection:
            rows = connection.execute(
                select(effects.c.key, effects.c.subject, effects.c.effect_json, effects.c.text)
                .where(ours, ~effects.c.text.endswith(IN_PUBLIC, autoescape=True))
                .order_by(effects.c.ended_at)
            ).all()
            begun = effects.c.key.startswith(TAKEN_BACK, autoescape=True)
            mine = effects.c.subject == str(subject)
            taken = set(connection.scalars(select(effects.c.key).where(mine, begun)))
            fresh = [r for r in rows if key_for(r.key) not in taken and not r.key.startswith(TAKEN_BACK)]
            return [(read_effect(connection, row.subject, row.effect_json), row.text) for row in fresh]


def taken_back(database: Database, since: float) -> str | None:
    """Say how many of our comments strangers came to be able to read since then, or None."""
    mine = effects.c.key.startswith(TAKEN_BACK, autoescape=True) & (effects.c.ended_at >= since)
    words = mine & effects.c.effect_json.contains('"comment":')
    with database.read() as connection:
        number = connection.scalar(select(func.count()).where(words)) or 0
    if not number:
        return None
    comments = "1 comment was" if number == 1 else f"{number} comments were"
    return f"{comments} edited, as the place turned public; the log says where, and what is left to do"
