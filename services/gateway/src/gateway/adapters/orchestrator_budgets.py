"""The orchestrator's budgets, through the sidecar."""

from typing import Final

from flowloom_contracts.budgets import BudgetList, BudgetsQuery, ReplaceBudgets
from flowloom_contracts.topics import AppId
from flowloom_servicekit.dapr.invoke import Invoker

TIMEOUT_SECONDS: Final = 10.0


class OrchestratorBudgets:
    """Budgets over service invocation."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    async def list(self, query: BudgetsQuery) -> BudgetList:
        """Return a workspace's budgets with their use."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "budgets/list", query, BudgetList, timeout_s=TIMEOUT_SECONDS
        )

    async def replace(self, request: ReplaceBudgets) -> BudgetList:
        """Replace the budgets of a revision."""
        return await self._invoker.call(
            AppId.ORCHESTRATOR, "budgets/replace", request, BudgetList, timeout_s=TIMEOUT_SECONDS
        )
