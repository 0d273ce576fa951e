"""What deliveries tell of our own writes."""

from __future__ import annotations

from sqlalchemy import select

from automation.model import SetDeadline, Subject, Trigger, Value
from automation.ports import DONE
from automation.store import carrier_rows, codec, known
from automation.store.database import Database
from automation.store.schema import effects


class Echoes:
    """Knows a delivery about a deadline that we set by its receipt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_ours(self, trigger: Trigger) -> bool:
        """Tell whether all that a delivery tells is what a receipt says we wrote: the field, its value, and
        that the issue was changed by it, last, at the time which the tracker told us.

        Where somebody else gives the field that very value within that second, it has the value that it is to
        have, and nothing would come of looking; what it had in between is told by a delivery of its own.
        """
        if trigger.held is not None and trigger.updated is None:
            return self._stands(trigger.subject, trigger.held)
        of_issue = trigger.what == "issue" and not trigger.comment and trigger.shows is not None
        if not (of_issue or trigger.held is not None) or trigger.updated is None:
            return False
        subject, at = str(trigger.subject), codec.from_time(trigger.updated)
        same = (effects.c.subject == subject) & (effects.c.ended_at == at) & (effects.c.state == DONE)
        with self._database.read() as connection:
            found = connection.scalars(select(effects.c.effect_json).where(same)).all()
        intents = (codec.effect.validate_json(text).intent for text in found)
        return any(
            isinstance(intent, SetDeadline)
            and (intent.field,) == trigger.changed
            and (
                intent.value.day == trigger.held.day
                if trigger.held is not None
                else intent.value.ref == trigger.shows
            )
            for intent in intents
        )

    def _stands(self, subject: Subject, held: Value) -> bool:
        """Tell whether a carrier of which nothing says when it was changed (Jira's versions) is told to hold
        what we wrote last, while just that stands, under the name that is known. Then nothing would come of
        looking, whoever gave it that: what it had in between is told by a delivery of its own.
        """
        ended = (effects.c.subject == str(subject)) & (effects.c.state == DONE)
        with self._database.read() as connection:
            found = connection.scalars(
                select(effects.c.effect_json).where(ended).order_by(effects.c.ended_at.desc())
            )
            intents = (codec.effect.validate_json(text).intent for text in found)
            wrote = next((intent for intent in intents if isinstance(intent, SetDeadline)), None)
            if wrote is None or wrote.value.day != held.day:
                return False
            name = carrier_rows.load(connection, subject).value
            fields = known.load(connection, subject).state.fields
        stands = fields.get(wrote.field)
        settled = stands is not None and stands.contested is None and stands.standing.day == held.day
        return settled and name is not None and name.name == held.name
