"""`flowloom validate`: the problems of workflow files, without a server."""

import json
from pathlib import Path
from typing import Annotated

import typer

from flowloom_cli.documents import read_document
from flowloom_cli.exits import shown_to_people
from flowloom_cli.problems import has_errors, show_problems
from flowloom_contracts.document import DocumentProblem
from flowloom_language.catalog import OFFLINE


def validate(
    files: Annotated[list[Path], typer.Argument(help="Workflow files.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check workflow files; exit 1 when one has an error, 2 when one cannot be read."""
    with shown_to_people():
        found = {file: _problems(file) for file in files}
    if as_json:
        items = [
            {"file": str(file), **problem.model_dump(mode="json", exclude_none=True)}
            for file, problems in found.items()
            for problem in problems
        ]
        typer.echo(json.dumps({"problems": items}, ensure_ascii=False, indent=2))
    else:
        for file, problems in found.items():
            show_problems(str(file), problems)
            if not problems:
                typer.echo(f"{file}: no problems")
    raise typer.Exit(1 if any(has_errors(problems) for problems in found.values()) else 0)


def _problems(file: Path) -> list[DocumentProblem]:
    # Here, because the language takes a third of a second to import and `flowloom status` does not need it.
    from flowloom_language.document import validate_document

    return list(validate_document(read_document(file), OFFLINE).problems)
