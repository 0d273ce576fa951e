"""How hard to try. A quick run finds what is crude; for the rest there is a profile that takes its time:
``pytest tests/fuzz --hypothesis-profile=long``."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("long", deadline=None, max_examples=5000)
