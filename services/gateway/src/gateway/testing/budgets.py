"""Budgets of workspaces in memory, of which a test says what is used."""

from datetime import UTC, datetime
from typing import Final

from flowloom_contracts.budgets import BudgetList, BudgetsQuery, BudgetState, ReplaceBudgets, WorkspaceBudget
from flowloom_servicekit.errors import PreconditionFailedError

RESET: Final = datetime(2026, 2, 1, tzinfo=UTC)


class InMemoryBudgets:
    """See `Budgets`."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[list[WorkspaceBudget], int]] = {}
        self.used_tokens = 0

    async def list(self, query: BudgetsQuery) -> BudgetList:
        """See `Budgets.list`."""
        items, revision = self._kept.get(query.actor.workspace_id, ([], 0))
        return BudgetList(items=[self._state(item) for item in items], revision=revision)

    async def replace(self, request: ReplaceBudgets) -> BudgetList:
        """See `Budgets.replace`."""
        workspace_id = request.actor.workspace_id
        if self._kept.get(workspace_id, ([], 0))[1] != request.revision:
            raise PreconditionFailedError("Read them again.")
        self._kept[workspace_id] = (request.items, request.revision + 1)
        return await self.list(BudgetsQuery(actor=request.actor))

    def _state(self, budget: WorkspaceBudget) -> BudgetState:
        return BudgetState(
            budget=budget,
            used_tokens=self.used_tokens,
            used_usd_micro=0,
            reserved_tokens=0,
            reserved_usd_micro=0,
            tokens_limit=budget.tokens,
            usd_micro_limit=budget.usd_micro,
            model=None,
            resets_at=RESET,
        )
