"""`flowloom memory tune COLLECTION`: what other vector indexes would find and cost, measured on the data."""

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flowloom_cli.errors import UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.options import AsJson
from flowloom_cli.settings import Settings

if TYPE_CHECKING:
    from flowloom_cli.tuning.grid import Measured
    from flowloom_cli.tuning.measure import Copy, Subject

app = typer.Typer(help="Measure what the memory of the platform finds.", no_args_is_help=True)


@app.callback()
def memory() -> None:
    """Measure what the memory of the platform finds."""


@app.command()
def tune(
    collection: Annotated[str, typer.Argument(metavar="COLLECTION", help="Name of a collection.")],
    *,
    workspace: Annotated[
        str | None, typer.Option(help="Id of its workspace; needed when several have one of this name.")
    ] = None,
    sample: Annotated[
        int, typer.Option(min=500, max=1_000_000, help="Vectors to copy of it, and of all others together.")
    ] = 20_000,
    queries: Annotated[int, typer.Option(min=20, max=1_000, help="Vectors held out to ask with.")] = 100,
    recall: Annotated[float, typer.Option(min=0.5, max=1.0, help="What an index has to find.")] = 0.95,
    full: Annotated[bool, typer.Option("--full", help="18 indexes instead of 6.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Print every measurement.")] = False,
    draw: Annotated[Path | None, typer.Option("--picture", help="An SVG file to write.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare HNSW indexes and scans on a copy of a collection's vectors; nothing of the platform changes."""
    with shown_to_people():
        # Here, because the databases' libraries take a second to import that other commands can spare.
        from flowloom_cli.tuning import grid, report
        from flowloom_cli.tuning.measure import Subject

        subject = Subject(workspace, collection, sample, queries)
        copy, measured = asyncio.run(_measured(subject, full=full, as_json=as_json))
        chosen = grid.best(measured, recall=recall)
        title = f"{collection}: {copy.own} vectors beside {copy.others} others, {len(copy.queries)} queries"
        if draw is not None:
            draw.write_text(report.picture(measured, chosen=chosen, title=title), encoding="utf-8")
        if as_json:
            rows = [one.flat() for one in measured]
            typer.echo(json.dumps({"title": title, "chosen": chosen.flat(), "measured": rows}, indent=2))
            return
        typer.echo(f"\n{title}\n\n{report.table(measured, chosen=chosen, everything=everything)}\n")
        typer.echo("  > the choice, = what is used now; searches are filtered by the collection\n")
        typer.echo(report.advice(chosen, recall=recall, table_name=copy.table, dimensions=copy.dimensions))
        if draw is not None:
            typer.echo(f"picture: {draw}")


async def _measured(subject: "Subject", *, full: bool, as_json: bool) -> "tuple[Copy, list[Measured]]":
    from flowloom_cli.home_server import of_home
    from flowloom_cli.secrets import load_or_create
    from flowloom_cli.tuning import grid
    from flowloom_cli.tuning.measure import copied, measured

    def report(text: str) -> None:
        typer.echo(f"  {text}", err=as_json)

    home = Settings.load().home_dir
    if not (home / "postgres" / "data" / "PG_VERSION").exists():
        raise UsageError(f"there is no platform in {home}", hint="is FLOWLOOM_HOME right?")
    found = list[grid.Measured]()
    async with of_home(home, load_or_create(home)) as server:
        connection = await server.connect()
        try:
            async with copied(connection, subject, report) as copy:
                for index in grid.MANY if full else grid.FEW:
                    report(f"building and searching: {index}")
                    found += await measured(connection, copy, index)
                return copy, found
        finally:
            await connection.close()
