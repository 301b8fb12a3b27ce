"""Budgets of workspaces in memory."""

from collections.abc import Sequence
from datetime import datetime

from flowloom_contracts.budgets import WorkspaceBudget
from orchestrator.domain.budgets import Cap, Ledger
from orchestrator.ports.budgets import StoredBudgets
from orchestrator.testing.in_memory_stores import InMemoryStores


class InMemoryBudgets:
    """See `BudgetStore`."""

    def __init__(self, stores: InMemoryStores) -> None:
        self._stores = stores
        self._kept: dict[str, StoredBudgets] = {}

    async def get(self, workspace_id: str) -> StoredBudgets:
        """See `BudgetStore.get`."""
        return self._kept.get(workspace_id, StoredBudgets())

    async def replace(
        self, workspace_id: str, items: Sequence[WorkspaceBudget], *, revision: int, now: datetime
    ) -> StoredBudgets | None:
        """See `BudgetStore.replace`."""
        if (await self.get(workspace_id)).revision != revision:
            return None
        self._kept[workspace_id] = StoredBudgets(tuple(items), revision + 1, now)
        return self._kept[workspace_id]

    async def used(self, workspace_id: str, cap: Cap) -> Ledger:
        """See `BudgetStore.used`."""
        return self._stores.people.used(cap)
