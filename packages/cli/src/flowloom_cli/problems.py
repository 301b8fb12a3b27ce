"""Show the problems of a document to people."""

from collections.abc import Sequence

import typer

from flowloom_contracts.document import DocumentProblem


def show_problems(name: str, problems: Sequence[DocumentProblem]) -> None:
    """Print one line a problem, as compilers do, with its remedy below."""
    for problem in problems:
        colour = typer.colors.RED if problem.severity == "error" else typer.colors.YELLOW
        place = f"{name}:{problem.line}:{problem.column}"
        kind = typer.style(f"{problem.severity}[{problem.code.value}]", fg=colour)
        path = f" {problem.path}:" if problem.path else ""
        typer.echo(f"{place}: {kind}:{path} {problem.message}")
        if problem.hint:
            typer.echo(f"    {problem.hint}")


def has_errors(problems: Sequence[DocumentProblem]) -> bool:
    return any(problem.severity == "error" for problem in problems)
