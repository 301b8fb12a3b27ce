"""The budgets of workspaces, for the gateway."""

from fastapi import APIRouter, Depends

from flowloom_contracts.budgets import BudgetList, BudgetsQuery, ReplaceBudgets
from flowloom_contracts.topics import AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import problems
from orchestrator.dependencies import Parts
from orchestrator.routes.refusals import ALWAYS
from orchestrator.usecases.budget_book import StaleBudgetsError

budgets = APIRouter(
    prefix="/internal/budgets", dependencies=[Depends(caller([AppId.GATEWAY]))], responses=ALWAYS
)


@budgets.post("/list")
async def list_budgets(body: BudgetsQuery, parts: Parts) -> BudgetList:
    """Return a workspace's budgets with what is used of them."""
    return await parts.budgets.list(body)


@budgets.post("/replace", responses=problems(StaleBudgetsError))
async def replace_budgets(body: ReplaceBudgets, parts: Parts) -> BudgetList:
    """Replace a workspace's budgets; they hold for the next call of every run."""
    return await parts.budgets.replace(body)
