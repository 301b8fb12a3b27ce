"""`flowloom export`: a workflow as a file that can be published."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from flowloom_cli.errors import CliError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.options import AsJson, Key, Url
from flowloom_cli.settings import Settings
from flowloom_contracts.exchange import WorkflowExport


def export(
    workflow: Annotated[str, typer.Argument(metavar="ID", help="A saved workflow's id.")],
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file to write; else it is printed.")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Write a workflow as it can be published: it names secrets and has none of their values."""
    with shown_to_people():
        found = asyncio.run(_exported(workflow, url, key))
        text = found.model_dump_json(indent=2) + "\n" if as_json else found.source
        if output is not None:
            _write(output, text)
            typer.echo(f"wrote {output}", err=True)
    if output is None:
        typer.echo(text, nl=False)


async def _exported(workflow_id: str, url: str | None, key: str | None) -> WorkflowExport:
    from flowloom_cli import credentials
    from flowloom_cli.client import GatewayClient

    async with GatewayClient(credentials.find(Settings.load(), url=url, key=key)) as client:
        return await client.export_workflow(workflow_id)


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise CliError(f"{str(path)!r} cannot be written: {error.strerror}") from error
