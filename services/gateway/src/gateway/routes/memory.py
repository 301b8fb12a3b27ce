"""Searching what is known, and forgetting it."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.knowledge import ForgetBody, SearchBody
from flowloom_contracts.memory import Forgotten, PassageHits
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.knowledge_ports import CollectionIsReadOnlyError
from gateway.parts import PartsOf
from gateway.routes.guards import MemoryReader, MemoryWriter, deeds_of
from gateway.usecases import knowledge as usecases

router: Final = APIRouter(
    prefix="/v1/memory",
    tags=["memory"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError),
)


@router.post("/search")
async def search_memory(body: SearchBody, principal: MemoryReader, parts: PartsOf) -> PassageHits:
    """Return the passages that answer best, with document, headings, page and span to cite."""
    return await usecases.search(body, principal, knowledge=parts.desk.knowledge)


@router.post("/forget", responses=problems(usecases.CollectionNotFoundError, CollectionIsReadOnlyError))
async def forget_documents(body: ForgetBody, principal: MemoryWriter, parts: PartsOf) -> Forgotten:
    """Delete documents for good, by id or by what their metadata contain."""
    return await usecases.forget(body, principal, knowledge=parts.desk.knowledge, deeds=deeds_of(parts))
