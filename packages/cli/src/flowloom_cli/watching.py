"""What `flowloom run` does: bring a workflow to a platform, start it and show it until it ends."""

import asyncio
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import typer

from flowloom_cli.client import GatewayClient, InvalidDocumentError
from flowloom_cli.credentials import Credentials
from flowloom_cli.documents import read_document
from flowloom_cli.errors import CliError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.live import LiveView
from flowloom_cli.owner import Owner
from flowloom_cli.problems import has_errors, show_problems
from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Run, RunStatus

WIDTH_LIMIT: Final = 120


@dataclass(frozen=True)
class Output:
    """What the caller wants to see."""

    as_json: bool = False
    follow: bool = False

    @property
    def lines(self) -> bool:
        """One JSON object a line while the run goes on."""
        return self.as_json and self.follow


async def follow_file(owner: Owner, path: Path) -> None:
    """Run a file with the local owner's credentials and show it live; failures are told, not raised."""
    with shown_to_people():
        await run_workflow(Credentials(owner.base_url, owner.api_key), str(path), {}, Output())


async def run_workflow(chosen: Credentials, workflow: str, inputs: JsonObject, output: Output) -> int:
    async with GatewayClient(chosen) as client:
        try:
            started = await _start(client, workflow, inputs)
        except InvalidDocumentError as error:
            return _refused(workflow, error, output)
        try:
            finished = await _follow(client, started, output)
        except asyncio.CancelledError:
            typer.echo(f"\nno longer watching; run {started.id} goes on", err=True)
            raise
    _show_end(finished, output)
    return 0 if finished.status is RunStatus.SUCCEEDED else 1


async def _start(client: GatewayClient, workflow: str, inputs: JsonObject) -> Run:
    path = Path(workflow)
    if not _means_file(path, workflow):
        return await client.start(workflow, inputs)
    source = read_document(path)
    problems = await client.validate(source)
    if has_errors(problems):
        raise InvalidDocumentError(problems)
    saved = await client.save(source, _name(source))
    return await client.start(saved.id, inputs, version="draft")


def _means_file(path: Path, text: str) -> bool:
    return path.exists() or path.suffix in (".yaml", ".yml") or "/" in text


def _name(source: str) -> str:
    from flowloom_language.document import validate_document

    name = validate_document(source).name
    if name is None:
        raise CliError("the workflow has no metadata.name")
    return name


def _refused(workflow: str, error: InvalidDocumentError, output: Output) -> int:
    if output.as_json:
        problems = [problem.model_dump(mode="json", exclude_none=True) for problem in error.problems]
        typer.echo(json.dumps({"problems": problems}, ensure_ascii=False))
    else:
        show_problems(workflow, error.problems)
    return 1


async def _follow(client: GatewayClient, started: Run, output: Output) -> Run:
    """Show the run until it has ended; return it as it ended."""
    if not output.as_json:
        typer.echo(f"run {started.id} of {started.workflow.name}")
    view = None if output.as_json else LiveView(_write, width=_width(), colours=sys.stdout.isatty())
    async for event in client.follow(started.id):
        if view is not None:
            view.show(event)
        elif output.lines:
            typer.echo(event.model_dump_json(exclude_none=True))
    return await client.run(started.id)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _width() -> int:
    return min(WIDTH_LIMIT, shutil.get_terminal_size((100, 24)).columns) - 1


def _show_end(finished: Run, output: Output) -> None:
    if output.lines:
        typer.echo(finished.model_dump_json(exclude_none=True))
    elif output.as_json:
        typer.echo(finished.model_dump_json(indent=2))
    else:
        _show_outputs(finished)


def _show_outputs(finished: Run) -> None:
    for name, value in (finished.outputs or {}).items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        typer.echo(f"\n{typer.style(name, bold=True)}\n{text}")
    if finished.error is not None:
        where = f" in step {finished.error.step}" if finished.error.step else ""
        typer.secho(f"\nfailed{where}: {finished.error.code}: {finished.error.message}", fg=typer.colors.RED)
    began, ended = finished.started_at or finished.created_at, finished.finished_at
    seconds = f" in {(ended - began).total_seconds():.1f} s" if ended else ""
    typer.echo(f"\n{finished.status.value}{seconds}, {finished.usage.tokens} tokens")
