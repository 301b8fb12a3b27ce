"""`flowloom eval DATASET`: score a workflow over cases, and compare two of its versions."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.options import AsJson, Key, Url
from flowloom_cli.settings import Settings

if TYPE_CHECKING:
    from flowloom_cli.credentials import Credentials
    from flowloom_cli.evaluation.running import Version
    from flowloom_contracts.evaluation import Dataset, Scored


def evaluate(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="A YAML file of cases.")],
    *,
    workflow: Annotated[str, typer.Option("--workflow", "-w", help="Id of the workflow.")],
    version: Annotated[
        str | None, typer.Option(help="A number, or `draft`. Default: what starts now.")
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="A version to compare with, run on the same cases.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, max=50, help="Runs at the same time.")] = 4,
    least: Annotated[
        float | None, typer.Option(min=0, max=1, help="Exit 1 when the mean share of checks is below.")
    ] = None,
    report: Annotated[Path | None, typer.Option("--report", help="An HTML page to write.")] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Run a workflow over every case: checks, likeness to golden answers, grades, with 95 % intervals."""
    with shown_to_people():
        # Here, because the client takes a second to import that `flowloom status` can spare.
        from flowloom_cli import credentials
        from flowloom_cli.evaluation.dataset import read_dataset
        from flowloom_language.evaluation import report as reports

        cases = read_dataset(dataset)
        versions = [_version(version), *([_version(against)] if against is not None else [])]
        chosen = credentials.find(Settings.load(), url=url, key=key)
        scored, *others = asyncio.run(_scored(chosen, workflow, cases, versions, at_once=at_once))
        before: Sequence[Scored] = others[0] if others else ()
        found = reports.lines(scored, before)
        title = f"{dataset.name}: workflow {workflow}, version {version or 'current'}"
        title += f" against {against}" if against is not None else ""
        if report is not None:
            report.write_text(reports.page(title, found, scored, before), encoding="utf-8")
        if as_json:
            typer.echo(json.dumps(reports.as_json(title, found, scored), indent=2, ensure_ascii=False))
        else:
            typer.echo(f"\n{title}\n{len(scored)} cases\n\n{reports.text(found)}")
        share = next((line.now.mean for line in found if line.metric == "checks"), None)
        if least is not None and (share is None or share < least):
            shown = "no checks" if share is None else f"{share:.3f}"
            raise CliError(f"the mean share of checks is {shown}, and {least} is the least")


def _version(written: str | None) -> "Version":
    if written is None or written == "draft":
        draft: Literal["draft"] | None = None if written is None else "draft"
        return draft
    if not written.isdigit():
        raise UsageError(f"{written!r} is not a version", hint="a number such as 3, or `draft`")
    return int(written)


async def _scored(
    chosen: "Credentials", workflow: str, cases: "Dataset", versions: "Sequence[Version]", *, at_once: int
) -> "list[list[Scored]]":
    from flowloom_cli.client import GatewayClient
    from flowloom_cli.evaluation.running import evaluate as evaluated

    def told(one: "Scored") -> None:
        mark = (
            typer.style("ok", fg=typer.colors.GREEN)
            if not one.failed
            else typer.style("--", fg=typer.colors.RED)
        )
        typer.echo(f"  {mark} {one.case} {'; '.join(one.failed)}".rstrip(), err=True)

    async with GatewayClient(chosen) as client:
        return [
            await evaluated(client, workflow, cases, version=version, at_once=at_once, told=told)
            for version in versions
        ]
