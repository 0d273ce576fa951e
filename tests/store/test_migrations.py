"""The tables: made once, equal to what the code expects, and never half made or half changed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import make_url

from automation.model import Delivery
from automation.store import migrations
from automation.store.database import Database, StoreError
from automation.store.inbox import Inbox
from automation.store.queue import Queue
from automation.store.schema import metadata
from tests.factories import NOW

KILLED = 9
KILL = """
import os, sys
from sqlalchemy import Engine, event
from automation.store.database import Database

done = 0

def count(*_):
    global done
    done += 1
    if done == int(sys.argv[2]):
        os._exit(9)

event.listen(Engine, "after_cursor_execute", count)
Database(sys.argv[1])
"""


DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """Give the address of an empty database without tables, another one at each call."""
    names: list[str] = []
    server = request.getfixturevalue("postgres").url if request.param == "postgresql" else ""

    def new() -> str:
        names.append(f"handshake_{uuid.uuid4().hex}")
        if not server:
            return f"sqlite:///{tmp_path}/{names[-1]}.db"
        administer(server, f"CREATE DATABASE {names[-1]}")
        return make_url(server).set(database=names[-1]).render_as_string(hide_password=False)

    yield new
    for name in names if server else ():
        administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def administer(server: str, command: str) -> None:
    engine = create_engine(make_url(server).set(drivername=DRIVERS["postgresql"]))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(command))
    engine.dispose()


@pytest.fixture
def url(new_url: Callable[[], str]) -> str:
    return new_url()


@pytest.fixture
def other_url(new_url: Callable[[], str]) -> str:
    return new_url()


@contextmanager
def past_us(url: str) -> Iterator[Connection]:
    """Give another way to the same database, past our own code."""
    engine = create_engine(make_url(url).set(drivername=DRIVERS[make_url(url).get_backend_name()]))
    with engine.begin() as connection:
        yield connection
    engine.dispose()


def tables(url: str) -> list[Any]:
    """Return all that the database says of its own tables and indexes, as it writes it down."""
    asked = (
        "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE '%alembic%' ORDER BY type, name"
        if url.startswith("sqlite")
        else """
        SELECT table_name, column_name, data_type, character_maximum_length::text, is_nullable,
               coalesce(column_default, '')
        FROM information_schema.columns
        WHERE table_schema = 'public' AND table_name <> 'alembic_version'
        UNION ALL
        SELECT tablename, indexname, indexdef, '', '', '' FROM pg_indexes
        WHERE schemaname = 'public' AND tablename <> 'alembic_version'
        UNION ALL
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '', ''
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        AND conrelid <> coalesce(to_regclass('alembic_version'), 0)
        ORDER BY 1, 2, 3
        """
    )
    with past_us(url) as connection:
        found = [tuple(row) for row in connection.execute(text(asked))]
    return [tuple(" ".join(str(cell).split()).replace(" ,", ",") for cell in row) for row in found]


@contextmanager
def after_each_statement(do: Callable[[], None]) -> Iterator[None]:
    def done(*_: object) -> None:
        do()

    event.listen(Engine, "after_cursor_execute", done)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", done)


class PowerCut(Exception):
    """The process ends here."""


# ---------------------------------------------------------------- what is made


def test_the_tables_are_those_that_the_code_expects(url) -> None:
    Database(url).close()

    with past_us(url) as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []


def test_they_are_so_down_to_each_index(url, other_url) -> None:
    Database(url).close()
    with past_us(other_url) as connection:
        metadata.create_all(connection)

    assert len(tables(url)) > 20
    assert tables(url) == tables(other_url)


def test_the_newest_step_is_the_one_that_the_code_names() -> None:
    folder = Path(migrations.__file__).parent
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")

    assert ScriptDirectory.from_config(config).get_heads() == [migrations.HEAD]


def test_a_start_on_finished_tables_asks_for_their_revision_and_nothing_else(url) -> None:
    Database(url).close()
    asked = []

    with after_each_statement(lambda: asked.append(1)):
        Database(url).close()

    assert len(asked) < 5


def test_a_start_on_finished_tables_does_not_even_load_what_makes_them(url) -> None:
    Database(url).close()
    look = "import sys; from automation.store.database import Database; Database(sys.argv[1]).close(); "

    end = subprocess.run(
        [sys.executable, "-c", f"{look}sys.exit('alembic' in sys.modules)", url], check=False
    )

    assert end.returncode == 0


# ---------------------------------------------------------------- killed, and at once


def test_a_start_that_failed_on_the_way_leaves_nothing_and_the_next_one_succeeds(url, other_url) -> None:
    asked = []
    with after_each_statement(lambda: asked.append(1)):
        Database(other_url).close()
    assert len(asked) > 30, "there are that many tables and indexes"

    for steps in (*range(1, len(asked) - 4, 5), *range(len(asked) - 4, len(asked))):
        left = steps

        def fail() -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise PowerCut

        with pytest.raises(PowerCut), after_each_statement(fail):
            Database(url)
        assert tables(url) == []

    Database(url).close()
    assert tables(url) == tables(other_url)


@pytest.mark.parametrize("steps", [3, 12, 25])
def test_a_process_killed_while_it_makes_the_tables_leaves_nothing(url, other_url, steps) -> None:
    Database(other_url).close()

    end = subprocess.run([sys.executable, "-c", KILL, url, str(steps)], check=False)

    assert end.returncode == KILLED
    assert tables(url) == []
    Database(url).close()
    assert tables(url) == tables(other_url)


def test_machines_that_start_together_make_the_tables_once(url) -> None:
    ready = threading.Barrier(4)
    made, wrong = [], []

    def count(_connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if "CREATE TABLE deliveries" in statement:
            made.append(statement)

    def start() -> None:
        ready.wait(5)
        try:
            Database(url).close()
        except StoreError as error:
            wrong.append(error)

    event.listen(Engine, "after_cursor_execute", count)
    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    event.remove(Engine, "after_cursor_execute", count)

    assert (len(made), wrong) == (1, [])


def test_a_running_version_goes_on_beside_the_tables_of_the_next_one(url) -> None:
    """Which adds to them: that is all a step may do."""
    database = Database(url)
    queue, told = Queue(database, lambda: 0.0), Inbox(database)
    told.accept(Delivery("github", "before", "issues", b"{}", NOW))
    with past_us(url) as connection:
        connection.execute(text("ALTER TABLE jobs ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0"))
        connection.execute(text("CREATE TABLE holidays (day TEXT PRIMARY KEY)"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    told.accept(Delivery("github", "after", "issues", b"{}", NOW))

    done = [queue.claim(("delivery",)) for _ in range(3)]
    assert [job and job.payload["id"] for job in done] == ["before", "after", None]
    database.close()


# ---------------------------------------------------------------- tables that are not ours to change


# The issues of the earlier tables, and one of them: revisions 0001 to 0008 looked like this.
EARLIER = """
CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY);
CREATE TABLE issues (
    subject VARCHAR(300) PRIMARY KEY, version INTEGER NOT NULL, fields_json TEXT NOT NULL,
    handled_json TEXT NOT NULL, words_json TEXT NOT NULL, mentioned_json TEXT NOT NULL,
    unsettled_since FLOAT NOT NULL
);
CREATE TABLE links (
    subject VARCHAR(300) NOT NULL REFERENCES issues (subject), deal VARCHAR(100) NOT NULL,
    ended BOOLEAN NOT NULL, link_json TEXT NOT NULL, PRIMARY KEY (subject, deal)
);
CREATE TABLE meta (name VARCHAR(64) PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO issues VALUES ('github:issue:acme/shop#12', 1, '{}', '[]', 'null', '[]', 0.0);
INSERT INTO meta VALUES ('marker key', 'kept');
"""


@pytest.mark.parametrize("revision", ["", "0001", "0008"])
def test_tables_of_an_earlier_version_are_left_alone_and_it_is_said_what_to_do(url, revision) -> None:
    with past_us(url) as connection:
        for statement in EARLIER.split(";")[:-1]:
            connection.execute(text(statement))
        if revision:
            connection.execute(text("INSERT INTO alembic_version VALUES (:it)"), {"it": revision})
    before = tables(url)

    with pytest.raises(StoreError) as refused:
        Database(url)

    said = str(refused.value)
    assert "is of an earlier version" in said
    assert "Keep it as it is, set HANDSHAKE_DATABASE_URL to a new file or an empty database" in said
    assert "Links are learnt anew: from the deals that an issue's text names" in said
    assert tables(url) == before
    with past_us(url) as connection:
        assert connection.scalar(text("SELECT subject FROM issues")) == "github:issue:acme/shop#12"
        assert connection.scalar(text("SELECT value FROM meta")) == "kept"


@pytest.mark.parametrize("revision", ["9999", "f00d"])
def test_tables_of_a_newer_version_are_left_alone_and_it_is_said_what_to_do(url, revision) -> None:
    Database(url).close()
    with past_us(url) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": revision})
    before = tables(url)

    with pytest.raises(StoreError, match=r"newer version of Handshake\. Start that version"):
        Database(url)

    assert tables(url) == before


def test_tables_of_other_programs_are_no_concern_of_ours(url) -> None:
    with past_us(url) as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER PRIMARY KEY)"))

    Database(url).close()


# ---------------------------------------------------------------- installed


def test_the_steps_are_found_in_a_folder_with_any_name(tmp_path) -> None:
    """As in an installed wheel, and where a path holds what a configuration file takes for its own."""
    ours = Path(migrations.__file__).parents[2]
    (tmp_path / "100% here").mkdir()
    (tmp_path / "100% here" / "automation").symlink_to(ours)
    start = "import sys; from automation.store.database import Database; Database(sys.argv[1]).close()"

    end = subprocess.run(
        [sys.executable, "-c", start, f"sqlite:///{tmp_path}/x.db"],
        cwd=tmp_path / "100% here",
        env={**os.environ, "PYTHONPATH": str(tmp_path / "100% here"), "PYTHONSAFEPATH": "1"},
        check=False,
    )

    assert end.returncode == 0


def test_where_none_is_to_be_made_an_empty_one_is_none(url) -> None:
    with pytest.raises(StoreError, match=r"There is no database at .* yet\. `handshake serve` makes it"):
        Database(url, make=False)

    Database(url).close()
    Database(url, make=False).close()
