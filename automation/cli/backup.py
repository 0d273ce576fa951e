"""``handshake backup``: a copy of the database while it serves."""

from __future__ import annotations

from pathlib import Path

import click

from automation.app.settings import read_settings
from automation.cli.terminal import plainly
from automation.store.backup import back_up


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def backup(file: Path, force: bool) -> None:
    """Copy the database to FILE while Handshake serves, and prove the copy."""
    with plainly():
        url = read_settings().database_url
        size = back_up(url, file, force)
    click.echo(f"{file}: {_spoken(size)}, whole and readable. It holds what people wrote, so guard it.")
    click.echo(
        "To restore it: stop Handshake, put it in the place of the database, remove the files beside that "
        "which end in -wal and -shm, and start."
    )


def _spoken(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"
