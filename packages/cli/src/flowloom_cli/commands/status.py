"""`flowloom status`: which processes run, and whether the platform can take work."""

from typing import Annotated

import typer

from flowloom_cli.exits import shown_to_people
from flowloom_cli.settings import Settings
from flowloom_cli.status_file import PlatformStatus, read_status
from flowloom_cli.supervision.home_lock import HomeLock


def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Show the state of every process; exit 1 when the platform is not ready."""
    with shown_to_people():
        current = current_status()
        if as_json:
            typer.echo(current.model_dump_json(include={"ready", "processes", "url"}))
        else:
            _show(current)
    raise typer.Exit(0 if current.ready else 1)


def current_status() -> PlatformStatus:
    """Return what the living supervisor of this home says; nothing runs without one."""
    home = Settings.load().home_dir
    written = read_status(home)
    if written is None or HomeLock(home).holder() is None:
        return PlatformStatus(ready=False, processes=[])
    return written


def _show(current: PlatformStatus) -> None:
    if not current.processes:
        typer.echo("nothing is running; start it with `flowloom up`")
        return
    typer.echo(f"{'process':<28}{'state':<12}{'pid':>8}{'port':>8}{'restarts':>10}")
    for one in current.processes:
        typer.echo(f"{one.name:<28}{one.state:<12}{one.pid or '-':>8}{one.port:>8}{one.restarts:>10}")
    typer.echo(f"\n{'ready' if current.ready else 'not ready'}: {current.url}")
