"""`flowloom test`: the tests beside workflow files, offline and in milliseconds."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from flowloom_cli.documents import read_document
from flowloom_cli.errors import UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.problems import has_errors, show_problems
from flowloom_contracts.base import JsonObject
from flowloom_contracts.document import DocumentProblem

if TYPE_CHECKING:
    from flowloom_language.document_tests import TestResult

TESTS_SUFFIX: Final = ".tests.yaml"


@dataclass(frozen=True)
class Tested:
    """What came of one workflow file: problems of the two documents, or a result for each test."""

    workflow: Path
    tests: Path
    problems: tuple[tuple[Path, DocumentProblem], ...] = ()
    results: "tuple[TestResult, ...]" = ()

    @property
    def failed(self) -> bool:
        """Whether a document has an error or a test a difference."""
        errors = has_errors([problem for _, problem in self.problems])
        return errors or any(not result.passed for result in self.results)

    def as_json(self) -> JsonObject:
        """Return it as one JSON object."""
        return {
            "workflow": str(self.workflow),
            "tests": str(self.tests),
            "problems": [
                {"file": str(file), **problem.model_dump(mode="json", exclude_none=True)}
                for file, problem in self.problems
            ],
            "results": [
                {"name": one.name, "passed": one.passed, "differences": list(one.differences)}
                for one in self.results
            ],
        }


def run_tests_beside(
    files: Annotated[
        list[Path], typer.Argument(help="Workflow files, or the .tests.yaml files beside them.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Run the tests that stand beside workflows; exit 1 when one fails, 2 when a file cannot be read."""
    with shown_to_people():
        tested = [_tested(*_pair(file)) for file in files]
    if as_json:
        typer.echo(json.dumps({"files": [one.as_json() for one in tested]}, ensure_ascii=False, indent=2))
    else:
        _show(tested)
    raise typer.Exit(1 if any(one.failed for one in tested) else 0)


def _pair(file: Path) -> tuple[Path, Path]:
    """Return the workflow and its tests, whichever of the two was named."""
    if file.name.endswith(TESTS_SUFFIX):
        return file.with_name(file.name.removesuffix(TESTS_SUFFIX) + ".yaml"), file
    tests = file.with_name(file.stem + TESTS_SUFFIX)
    if not tests.exists():
        raise UsageError(
            f"{str(file)!r} has no tests", hint=f"write some into {tests}, or save a run of it as a test"
        )
    return file, tests


def _tested(workflow_file: Path, tests_file: Path) -> Tested:
    # Here, because the language takes a third of a second to import and `flowloom status` does not need it.
    from flowloom_language.catalog import OFFLINE
    from flowloom_language.document import validate_document
    from flowloom_language.document_tests import run_tests
    from flowloom_language.tests_document import validate_tests

    document = validate_document(read_document(workflow_file), OFFLINE)
    tests = validate_tests(read_document(tests_file), document.workflow)
    problems = [(workflow_file, problem) for problem in document.problems]
    problems += [(tests_file, problem) for problem in tests.problems]
    if document.workflow is None or tests.document is None:
        return Tested(workflow_file, tests_file, problems=tuple(problems))
    results = run_tests(document.workflow, tests.document)
    return Tested(workflow_file, tests_file, problems=tuple(problems), results=tuple(results))


def _show(tested: list[Tested]) -> None:
    passed = failed = 0
    for one in tested:
        for file, problem in one.problems:
            show_problems(str(file), [problem])
        for result in one.results:
            passed, failed = passed + result.passed, failed + (not result.passed)
            mark = (
                typer.style("passed", fg=typer.colors.GREEN)
                if result.passed
                else typer.style("FAILED", fg=typer.colors.RED)
            )
            typer.echo(f"{mark} {one.workflow.stem}: {result.name}")
            for line in result.differences:
                typer.echo(f"    {line}")
    typer.echo(f"{passed} passed, {failed} failed")
