"""`flowloom import`: a file of ours or of another program as a new workflow."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from flowloom_cli.documents import read_document
from flowloom_cli.errors import UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.formats import format_of
from flowloom_cli.options import AsJson, Key, Url
from flowloom_cli.settings import Settings
from flowloom_contracts.exchange import Imported, ImportFormat, ImportWorkflow


def import_file(
    file: Annotated[Path, typer.Argument(help="A workflow file of Flowloom or of another program.")],
    *,
    format: Annotated[
        ImportFormat | None, typer.Option("--format", help="Told by the file where it is not given.")
    ] = None,
    agents: Annotated[
        Path | None, typer.Option("--agents", help="agents.yaml of a crew; FILE is its tasks.yaml then.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="Name of the new workflow.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Store a file as a new workflow: exit 0 when it is one, 1 when it needs work, 2 for a wrong request."""
    with shown_to_people():
        text = read_document(file)
        kind = format or format_of(text, is_crew=agents is not None)
        if kind is None:
            raise UsageError(f"{str(file)!r} does not tell its program", hint="give --format")
        body = ImportWorkflow(
            format=kind,
            source=text,
            agents=read_document(agents) if agents else "",
            name=name,
        )
        made = asyncio.run(_imported(body, url, key))
    if as_json:
        typer.echo(made.model_dump_json(indent=2))
    else:
        _show(made)
    raise typer.Exit(0 if made.workflow.draft_valid else 1)


async def _imported(body: ImportWorkflow, url: str | None, key: str | None) -> Imported:
    # Here, because the client takes a second to import that `flowloom status` can spare.
    from flowloom_cli import credentials
    from flowloom_cli.client import GatewayClient

    async with GatewayClient(credentials.find(Settings.load(), url=url, key=key)) as client:
        return await client.import_workflow(body)


def _show(made: Imported) -> None:
    typer.echo(f"stored {made.workflow.name!r} as {made.workflow.id}")
    for note in made.notes:
        typer.echo(f"  {note}")
    for problem in made.workflow.problems:
        typer.echo(f"  line {problem.line}: {problem.message}")
