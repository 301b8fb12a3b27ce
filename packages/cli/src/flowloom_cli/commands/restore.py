"""`flowloom restore DIR`: put databases and keys back, as of a backup or of any moment since."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from flowloom_cli.errors import UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.settings import Settings


def restore(
    root: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backups, or one backup in it.")],
    until: Annotated[
        str | None, typer.Option(help="A moment with its zone, 2026-05-01T09:30:00Z; needs the archive.")
    ] = None,
    identity: Annotated[Path | None, typer.Option(help="File of the private key of sealed backups.")] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put the databases that are here aside, under another name.")
    ] = False,
) -> None:
    """Restore this platform; it must be stopped, and what was here is kept until you delete it."""
    with shown_to_people():
        from flowloom_cli.backup.restore import Wish
        from flowloom_cli.backup.restore import restore as put_back
        from flowloom_cli.backup.sealing import identities

        wish = Wish(
            root=root.expanduser().absolute(),
            home=Settings.load().home_dir,
            until=_moment(until),
            keys=identities(identity),
            replace=replace,
        )
        done = asyncio.run(put_back(wish, lambda text: typer.echo(f"  {text}")))
        rows = ", ".join(f"{count} {name}" for name, count in done.rows.items())
        typer.secho(f"restored {done.source.folder} into {wish.home}", fg=typer.colors.GREEN)
        typer.echo(rows)
        if done.aside is not None:
            typer.echo(f"What was there lies in {done.aside}; delete it when you no longer need it.")
        typer.echo("`flowloom up` starts it; runs that waited go on.")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is not a moment", hint="write 2026-05-01T09:30:00Z") from error
    if moment.tzinfo is None:
        raise UsageError(f"{text!r} names no zone", hint=f"write {text}Z for UTC, or {text}+02:00")
    return moment
