"""What the analysis agent asks over the sidecar: documents that are tables."""

from typing import Annotated, Final, TypeAlias

from fastapi import APIRouter, Depends

from flowloom_contracts.document_tables import DocumentTables, ListTables, TablePart, TablePartQuery
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from memory.domain.access import DocumentNotFoundError
from memory.parts import Parts, parts_of
from memory.usecases import tables

ANALYSTS: Final = (AppId.AGENT_ANALYSIS,)

router = APIRouter(
    prefix="/internal/memory/tables",
    dependencies=[Depends(caller((*ANALYSTS, AppId.GATEWAY), mandated=ANALYSTS))],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)
Memory: TypeAlias = Annotated[Parts, Depends(parts_of)]


@router.post("/list")
async def list_tables(body: ListTables, memory: Memory) -> DocumentTables:
    """Return the tables that the role may read."""
    return await tables.list_tables(body, library=memory.ingestion.library)


@router.post("/read", responses=problems(DocumentNotFoundError))
async def read_table(body: TablePartQuery, memory: Memory) -> TablePart:
    """Return a part of a table."""
    return await tables.read_table(body, library=memory.ingestion.library)
