"""The names that the rules give to dates which people made for themselves, and what may be wrong with them:
shared by the trackers."""

from __future__ import annotations

from collections.abc import Sequence

from automation.ports import Closed
from automation.text.markdown import clean

MINUTES = 600.0
"""Seconds for which it is believed what fields are called: so long may a renamed one keep its name."""

AGAIN = 60.0
"""Seconds after which a name is looked for again that means no field, or several: rules and fields change."""

LONGEST_LABEL = 60
"""Characters of a field's name that are shown."""

MOST_LISTED = 20
"""Names that are listed where one in the rules is none of them."""

WRITE_ID = "Write the id of the one you mean under deadline_fields in the rules."


class Misnamed(Closed):
    """The rules name a date that is no field there, or several. Work waits until that is mended."""


def there_are(names: Sequence[str]) -> str:
    """List some names that there are; nothing where there are none."""
    listed = ", ".join(clean(name, LONGEST_LABEL) for name in names[:MOST_LISTED])
    return f"There are: {listed}." if names else ""
