"""Budgets of the workspace."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.budgets import BudgetList, SaveBudgets
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    UpstreamError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.guards import BudgetManager, BudgetReader, IfMatch
from gateway.usecases import budgets as usecases

router: Final = APIRouter(
    prefix="/v1/budgets",
    tags=["budgets"],
    responses=problems(
        UnauthenticatedError, ForbiddenError, InvalidRequestError, StorageUnavailableError, UpstreamError
    ),
)


@router.get("")
async def list_budgets(response: Response, principal: BudgetReader, parts: PartsOf) -> BudgetList:
    """Return the budgets with what is used and reserved, and when they begin anew."""
    found = await usecases.read_budgets(principal, budgets=parts.desk.budgets)
    response.headers["etag"] = found.etag
    return found


@router.put("", responses=problems(usecases.BudgetsIfMatchRequiredError, usecases.StaleBudgetsError))
async def replace_budgets(
    *,
    body: SaveBudgets,
    response: Response,
    principal: BudgetManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> BudgetList:
    """Replace all budgets; they hold for the next call of every run, and what was used goes on counting."""
    saved = await usecases.save_budgets(
        body,
        principal,
        if_match=if_match,
        budgets=parts.desk.budgets,
        audit=parts.audit,
        clock=parts.clock,
    )
    response.headers["etag"] = saved.etag
    return saved
