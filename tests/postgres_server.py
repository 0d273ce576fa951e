"""A PostgreSQL server for tests: the one that HANDSHAKE_TEST_POSTGRES names (an address whose user may
create databases), else a throw-away one of this machine's own programs, on a port that was free."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from automation.store.schema import metadata
from tests.ports import free_port

GIVEN = os.environ.get("HANDSHAKE_TEST_POSTGRES", "")
USER = "handshake"
NUMBERED = [table.name for table in metadata.sorted_tables if table.autoincrement_column is not None]
"""The tables whose rows the server numbers."""


class NoServer(Exception):
    """There is none to be had; the message says why."""


@dataclass(frozen=True)
class Server:
    """``url``: a database of our own on it. ``data``: its folder, None where the server is not ours."""

    url: str
    data: Path | None = None

    def empty(self) -> None:
        """Leave nothing behind in the tables, or no tables where a test has changed those there were."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute("SET lock_timeout = '5s'; SET synchronous_commit = off")
            rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            found = {name for (name,) in rows}
            if not found:
                return
            if found != {*metadata.tables, "alembic_version"}:
                connection.execute("DROP SCHEMA public CASCADE")
                connection.execute("CREATE SCHEMA public")
                return
            # TRUNCATE makes new files, which takes ten times as long.
            steps = [f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)]
            steps += [f"SELECT setval('{name}_id_seq', 1, false)" for name in NUMBERED]
            connection.execute("; ".join(steps).encode())

    def stop(self) -> None:
        """Stop the server as a crash does."""
        assert self.data is not None
        _control(self.data, "stop", "-m", "immediate")

    def start(self) -> None:
        assert self.data is not None
        _control(self.data, "start")

    def restart(self) -> None:
        self.stop()
        self.start()


@contextmanager
def server() -> Iterator[Server]:
    """Give a server with an empty database. Raise NoServer."""
    if GIVEN:
        with _database(GIVEN) as url:
            yield Server(url)
        return
    _command("initdb")
    folder = Path(tempfile.mkdtemp(prefix="handshake-postgres-"))
    folder.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    if os.geteuid() == 0:
        shutil.chown(data, "postgres")
    stop = _command("pg_ctl", "-D", str(data), "stop", "-m", "immediate")
    with _at_our_end(*stop, folder=folder):
        _run("initdb", "-D", str(data), "-A", "trust", "-U", USER, "-E", "UTF8", "--locale=C", "--no-sync")
        port = free_port()
        (data / "postgresql.auto.conf").write_text(
            f"port = {port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
        )
        _control(data, "start")
        yield Server(f"postgresql://{USER}@127.0.0.1:{port}/postgres", data)


@contextmanager
def _at_our_end(*command: str, folder: Path) -> Iterator[None]:
    """Run ``command`` and remove ``folder`` at the end, even where this process is killed: its end of a
    pipe is closed then."""
    wait = ["sh", "-c", 'read -r _; "$@"; rm -rf "$0"', str(folder), *command]
    silent = subprocess.DEVNULL
    with subprocess.Popen(
        wait, stdin=subprocess.PIPE, stdout=silent, stderr=silent, cwd="/", start_new_session=True
    ):
        yield


@contextmanager
def _database(address: str) -> Iterator[str]:
    """Give a new database on a server that is there."""
    name = f"handshake_test_{secrets.token_hex(6)}"
    with psycopg.connect(address, autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield make_url(address).set(database=name).render_as_string(hide_password=False)
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _control(data: Path, *command: str) -> None:
    _run("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), *command)


def _run(program: str, *arguments: str) -> None:
    command = _command(program, *arguments)
    done = subprocess.run(command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise NoServer(f"{program} failed: {done.stderr.decode(errors='replace').strip()[-300:]}")


def _command(program: str, *arguments: str) -> list[str]:
    """Return how to run one of PostgreSQL's programs: as its own user where we are root, whom they refuse."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(program) or next((str(p / program) for p in places if (p / program).exists()), None)
    if found is None:
        raise NoServer("PostgreSQL is not installed here (Debian: apt-get install postgresql)")
    return [*(["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []), found, *arguments]
