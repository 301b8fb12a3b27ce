"""`flowloom run`: carry out a workflow on a platform and show it live."""

import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import typer

from flowloom_cli.errors import UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.settings import Settings
from flowloom_contracts.base import JsonObject, JsonValue


def run(
    workflow: Annotated[
        str, typer.Argument(metavar="FILE|ID", help="A workflow file, or a saved workflow's id.")
    ],
    *,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="k=v", help="Repeatable; v is JSON if it parses, else text."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the finished run as one JSON document.")
    ] = False,
    follow: Annotated[
        bool, typer.Option("--follow", help="With --json: events as JSON lines, the run last.")
    ] = False,
    url: Annotated[str | None, typer.Option("--url", help="Address of the platform.")] = None,
    key: Annotated[
        str | None, typer.Option("--key", help="API key; visible to others on this machine.")
    ] = None,
) -> None:
    """Run a workflow to its end: exit 0 when it succeeded, 1 when it did not, 2 for a wrong request."""
    with shown_to_people():
        # Here, because the client takes a second to import that `flowloom status` can spare.
        from flowloom_cli import credentials, watching

        given = parse_inputs(inputs or [])
        chosen = credentials.find(Settings.load(), url=url, key=key)
        code = asyncio.run(watching.run_workflow(chosen, workflow, given, watching.Output(as_json, follow)))
    raise typer.Exit(code)


def parse_inputs(pairs: Sequence[str]) -> JsonObject:
    """Return inputs from `k=v` texts; raises UsageError."""
    parsed: JsonObject = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"--input {pair!r} is not of the form k=v")
        parsed[name] = _value(text)
    return parsed


def _value(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text)
    except ValueError:
        return text
    return value
