"""What budgets need from outside."""

from typing import Protocol

from flowloom_contracts.budgets import BudgetList, BudgetsQuery, ReplaceBudgets


class Budgets(Protocol):
    """The orchestrator, which owns budgets and counts what is used of them."""

    async def list(self, query: BudgetsQuery) -> BudgetList:
        """Return a workspace's budgets with their use."""

    async def replace(self, request: ReplaceBudgets) -> BudgetList:
        """Replace the budgets of a revision; raises PreconditionFailedError when there are others now."""
