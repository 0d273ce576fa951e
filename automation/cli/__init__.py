"""The command line: ``handshake``."""

from __future__ import annotations

import click

from automation.cli.backup import backup
from automation.cli.decisions import decisions
from automation.cli.deliveries import deliveries
from automation.cli.ledger import ledger
from automation.cli.pauses import pauses
from automation.cli.proposals import proposals
from automation.cli.rules import rules
from automation.cli.serving import demo, serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="handshake")
def main() -> None:
    """Keeps promises to customers honest: no deadline stands until product has signed it off."""


for command in (serve, demo, rules, decisions, proposals, pauses, ledger, deliveries, backup):
    main.add_command(command)
