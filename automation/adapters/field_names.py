"""The names that the rules give to dates which people made for themselves, and what may be wrong with them:
shared by the trackers."""

from __future__ import annotations

from automation.ports import Closed

MINUTES = 600.0
"""Seconds for which it is believed what fields are called: so long may a renamed one keep its name."""

AGAIN = 60.0
"""Seconds after which a name is looked for again that means no field, or several: rules and fields change."""

LONGEST_LABEL = 60
"""Characters of a field's name that are shown."""

WRITE_ID = "Write the id of the one you mean under deadline_fields in the rules."


class Misnamed(Closed):
    """The rules name a date that is no field there, or several. Work waits until that is mended."""
