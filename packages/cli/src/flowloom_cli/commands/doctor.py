"""`flowloom doctor`: what this machine lacks, and what is unwell in the running platform."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from flowloom_cli.exits import shown_to_people
from flowloom_cli.settings import Settings

if TYPE_CHECKING:
    from flowloom_cli.health import Finding


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Examine machine, installation and platform; exit 1 when something needs attention."""
    with shown_to_people():
        # Here, because the examinations import the whole platform.
        from flowloom_cli.health import examine

        findings = list(examine(Settings.load()))
    if as_json:
        typer.echo(json.dumps({"findings": [finding.as_json() for finding in findings]}, indent=2))
    else:
        for finding in findings:
            _show(finding)
    raise typer.Exit(0 if all(finding.well for finding in findings) else 1)


def _show(finding: "Finding") -> None:
    mark = (
        typer.style("ok     ", fg=typer.colors.GREEN)
        if finding.well
        else typer.style("problem", fg=typer.colors.RED)
    )
    typer.echo(f"{mark}  {finding.subject}: {finding.detail}")
    if finding.remedy:
        typer.echo(f"         try: {finding.remedy}")
