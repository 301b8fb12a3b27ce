"""What workspaces allow themselves, and what was used of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from flowloom_contracts.budgets import WorkspaceBudget
from orchestrator.domain.budgets import Cap, Ledger


@dataclass(frozen=True)
class StoredBudgets:
    """The budgets of a workspace as they are kept; revision 0 stands for none yet."""

    items: tuple[WorkspaceBudget, ...] = ()
    revision: int = 0
    updated_at: datetime | None = None


class BudgetStore(Protocol):
    """Budgets of one workspace at a time."""

    async def get(self, workspace_id: str) -> StoredBudgets:
        """Return the budgets in their order."""

    async def replace(
        self, workspace_id: str, items: Sequence[WorkspaceBudget], *, revision: int, now: datetime
    ) -> StoredBudgets | None:
        """Store budgets over those of `revision`; None if these are not there any more."""

    async def used(self, workspace_id: str, cap: Cap) -> Ledger:
        """Return what was used of a budget in its period, also where no call was judged by it yet."""
