"""Tables of what is known and promised: subjects, their states, what was told."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from automation.store.schema.base import metadata

subjects = Table(
    "subjects",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("key", String(300), nullable=False),
    Column("place", String(300), nullable=False, default=""),
    Column("born", String(100), nullable=False, default=""),
    Column("became", String(300), nullable=False, default=""),
    Column("former_json", Text, nullable=False, default="[]"),
    Index("subjects_by_place", "place"),
    Index("subjects_by_birth", "born"),
)
places = Table(
    "places",
    metadata,
    Column("system", String(32), primary_key=True),
    Column("name", String(300), primary_key=True),
    Column("id", String(64), nullable=False),
    Column("number", Integer, nullable=False),
)
issues = Table(
    "issues",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("fields_json", Text, nullable=False),
    Column("handled_json", Text, nullable=False),
    Column("words_json", Text, nullable=False),
    Column("mentioned_json", Text, nullable=False),
    Column("unsettled_since", Float, nullable=False, default=0.0),
    Column("standing", String(16), nullable=False, default=""),
    Column("heard_json", Text, nullable=False, default="[]"),
    Column("heard_before_json", Text, nullable=False, default="[]"),
    Column("lives", String(300), nullable=False, default=""),
    Column("away", Boolean, nullable=False, default=False),
    Column("taken_off_json", Text, nullable=False, server_default="{}"),
)
carriers = Table(
    "carriers",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("value_json", Text, nullable=False),
    Column("moves_json", Text, nullable=False),
    Column("gone", Boolean, nullable=False),
)
stands_on = Table(
    "stands_on",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("carrier", String(300), primary_key=True),
    Index("stands_on_by_carrier", "carrier"),
)
links = Table(
    "links",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("deal", String(300), primary_key=True),
    Column("ended", Boolean, nullable=False),
    Column("link_json", Text, nullable=False),
    Index("links_by_deal", "deal"),
)
labels = Table(
    "labels",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("label", String(200), primary_key=True),
    Column("present", Boolean, nullable=False),
)
naming = Table(
    "naming",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("users_json", Text, nullable=False),
    Column("asked_json", Text, nullable=False),
    Column("problems_json", Text, nullable=False, server_default="[]"),
    Column("invited_at", Float),
    Column("filled_json", Text, nullable=False, server_default="[]"),
)
known_names = Table(
    "known_names",
    metadata,
    Column("kind", String(16), primary_key=True),
    Column("system", String(32), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("name", String(300), nullable=False),
)
proposals = Table(
    "proposals",
    metadata,
    Column("subject", String(300), ForeignKey("issues.subject"), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("state", String(16), nullable=False, index=True),
    Column("proposal_json", Text, nullable=False),
)
told = Table(
    "told",
    metadata,
    Column("subject", String(300), primary_key=True),
    Column("deal", String(300), primary_key=True),
    Column("field", String(64), primary_key=True),
    Column("value_json", Text, nullable=False),
    Column("rechecking", Boolean, nullable=False),
    Column("at", Float, nullable=False),
)
saying = Table(
    "saying",
    metadata,
    Column("effect", String(64), primary_key=True),
    Column("heard_json", Text, nullable=False),
)
