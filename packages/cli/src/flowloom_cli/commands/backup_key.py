"""`flowloom backup-key FILE`: a pair of keys, of which only the private one opens sealed backups."""

from pathlib import Path
from typing import Annotated

import typer

from flowloom_cli.exits import shown_to_people


def backup_key(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; keep a copy away from here.")],
) -> None:
    """Make a pair of keys for sealed backups and print the public one."""
    with shown_to_people():
        from flowloom_cli.backup.sealing import new_key

        typer.echo(new_key(file.expanduser().absolute()))
