"""Workflows that come from elsewhere, and workflows as they can be published."""

import asyncio
from collections.abc import Callable
from typing import Final

from flowloom_contracts.api import SaveWorkflow
from flowloom_contracts.exchange import (
    Imported,
    ImportFormat,
    ImportProblem,
    ImportWorkflow,
    WorkflowExport,
)
from flowloom_contracts.problem import FieldProblem
from flowloom_language.catalog import OFFLINE
from flowloom_language.crews import ConvertedCrew, NotACrewError, convert_crew
from flowloom_language.imports.assembly import Converted
from flowloom_language.imports.dify import convert_dify
from flowloom_language.imports.flowise import convert_flowise
from flowloom_language.imports.graph import Note
from flowloom_language.imports.langflow import convert_langflow
from flowloom_language.imports.n8n import convert_n8n
from flowloom_language.imports.reading import NotThisFormatError, StdioRefusedError
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError
from gateway.domain.principals import Principal
from gateway.ports import WorkflowStore
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.workflows import create_workflow, find_workflow, validated_source

CREW: Final = "imported-crew"
CONVERTERS: Final[dict[ImportFormat, Callable[[str, str | None], Converted]]] = {
    "n8n": convert_n8n,
    "dify": convert_dify,
    "flowise": convert_flowise,
    "langflow": convert_langflow,
}


async def import_workflow(
    request: ImportWorkflow,
    principal: Principal,
    *,
    workflows: WorkflowStore,
    agents: AgentBook,
    clock: Clock,
) -> Imported:
    """Store what was brought as a new draft, and say what of it is missing."""
    source, notes, problems = request.source, list[str](), list[ImportProblem]()
    if request.format == "crewai":
        crew = await asyncio.to_thread(_of_crew, request)
        source, notes = crew.source, list(crew.notes)
    elif request.format != "flowloom":
        # A large file takes long to convert; on a thread it does not hold up the streams.
        converted = await asyncio.to_thread(_of_other_program, request, CONVERTERS[request.format])
        source, problems = converted.source, [_problem(note) for note in converted.notes]
        notes = [f"{problem.where}: {problem.what} {problem.to_do}" for problem in problems]
    body = SaveWorkflow(source=source, layout=request.layout, tests=request.tests)
    made = await create_workflow(body, principal, workflows=workflows, agents=agents, clock=clock)
    return Imported(workflow=made, notes=notes, problems=problems)


async def export_workflow(
    workflow_id: str, principal: Principal, *, workflows: WorkflowStore
) -> WorkflowExport:
    """Return a draft with its tests; a document names secrets and never has their values."""
    stored = await find_workflow(workflow_id, principal, workflows=workflows)
    workflow = (await validated_source(stored.draft.source, OFFLINE)).workflow
    return WorkflowExport(
        file_name=f"{stored.draft.name}.yaml",
        source=stored.draft.source,
        tests=stored.draft.tests,
        layout=stored.draft.layout,
        secrets=sorted(workflow.secrets) if workflow else [],
    )


def _problem(note: Note) -> ImportProblem:
    return ImportProblem(where=note.where, step=note.step, what=note.what, to_do=note.to_do)


def _of_other_program(request: ImportWorkflow, convert: Callable[[str, str | None], Converted]) -> Converted:
    try:
        return convert(request.source, request.name)
    except NotThisFormatError as error:
        code = "stdio_refused" if isinstance(error, StdioRefusedError) else "invalid_value"
        wrong = FieldProblem(path="source", code=code, message=str(error)[:500])
        raise InvalidRequestError(f"This is not a workflow of {request.format}.", errors=[wrong]) from error


def _of_crew(request: ImportWorkflow) -> ConvertedCrew:
    try:
        return convert_crew(request.agents, request.source, name=request.name or CREW)
    except NotACrewError as error:
        field = "agents" if str(error).startswith("agents") else "source"
        wrong = FieldProblem(path=field, code="invalid_value", message=str(error)[:500])
        raise InvalidRequestError("This is not a crew.", errors=[wrong]) from error
