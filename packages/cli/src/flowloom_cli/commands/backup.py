"""`flowloom backup DIR`: copy everything that cannot be made again, and prove that the copy restores."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from flowloom_cli.exits import shown_to_people
from flowloom_cli.settings import Settings


def backup(
    into: Annotated[Path, typer.Argument(metavar="DIR", help="Folder of the backups, best on another disk.")],
    *,
    recipient: Annotated[
        list[str] | None,
        typer.Option(help="Seal for this public key (age1…); repeatable. FLOWLOOM_BACKUP_RECIPIENTS too."),
    ] = None,
    keep: Annotated[int | None, typer.Option(min=1, help="Backups to keep; older ones are dropped.")] = None,
    verify: Annotated[bool, typer.Option(help="Restore the copy into a scratch cluster and read it.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print the manifest of the backup.")] = False,
) -> None:
    """Back up databases and keys of this platform, while it runs or while it is stopped."""
    with shown_to_people():
        # Here, because the databases' libraries take a second to import that other commands can spare.
        from flowloom_cli.backup.sealing import recipients
        from flowloom_cli.backup.take import Plan, take

        settings = Settings.load()
        plan = Plan(
            home=settings.home_dir,
            into=into.expanduser().absolute(),
            keepers=recipients([*(recipient or []), *settings.backup_keepers]),
            keep=keep or settings.backup_keep,
            verify=verify,
        )
        done = asyncio.run(take(plan, lambda text: typer.echo(f"  {text}", err=as_json)))
        if as_json:
            typer.echo(done.manifest.model_dump_json(indent=2))
            return
        size = sum(file.bytes for file in done.manifest.files)
        rows = ", ".join(f"{count} {name}" for name, count in done.manifest.rows.items())
        seconds = (done.manifest.finished_at - done.manifest.created_at).total_seconds()
        typer.secho(f"backed up to {done.folder} ({size >> 10} KiB, {seconds:.1f} s)", fg=typer.colors.GREEN)
        typer.echo(f"proved by a restore: {rows}" if done.manifest.verified else "not proved (--no-verify)")
        if not done.manifest.sealed:
            typer.echo(
                "It is not sealed: whoever reads this folder has all keys. `flowloom backup-key` helps."
            )
