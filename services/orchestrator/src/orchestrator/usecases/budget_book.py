"""The budgets of workspaces: asked before each call, shown with their use, replaced as one document."""

import asyncio
from collections import OrderedDict
from typing import Final

from flowloom_contracts.budgets import BudgetList, BudgetsQuery, BudgetState, ReplaceBudgets, WorkspaceBudget
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import PreconditionFailedError
from orchestrator.domain.periods import end_of
from orchestrator.domain.workspace_budgets import cap_of
from orchestrator.ports.budgets import BudgetStore, StoredBudgets

FRESH_SECONDS: Final = 1.0
MAX_WORKSPACES: Final = 1_000


class StaleBudgetsError(PreconditionFailedError):
    """Somebody saved budgets since they were read."""

    title = "The budgets have changed"


class BudgetBook:
    """Keeps what it has read for as long as a change of it may take to hold."""

    def __init__(self, store: BudgetStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._asking: dict[str, asyncio.Task[tuple[WorkspaceBudget, ...]]] = {}
        self._known: OrderedDict[str, tuple[float, tuple[WorkspaceBudget, ...]]] = OrderedDict()

    async def of(self, workspace_id: str) -> tuple[WorkspaceBudget, ...]:
        """Return the budgets of a workspace, perhaps as they were a second ago."""
        asked_at, known = self._known.get(workspace_id, (0.0, None))
        if known is not None and self._clock.monotonic() - asked_at < FRESH_SECONDS:
            return known
        asking = self._asking.get(workspace_id)
        if asking is None:
            asking = self._asking[workspace_id] = asyncio.ensure_future(self._ask(workspace_id))
        # Whoever asks first may be stopped; the others still want the answer.
        return await asyncio.shield(asking)

    async def _ask(self, workspace_id: str) -> tuple[WorkspaceBudget, ...]:
        asked_at = self._clock.monotonic()
        try:
            return self._keep(workspace_id, await self._store.get(workspace_id), asked_at)
        finally:
            del self._asking[workspace_id]

    async def list(self, query: BudgetsQuery) -> BudgetList:
        """Return the budgets with what is used of each now."""
        workspace_id = query.actor.workspace_id
        return await self._shown(workspace_id, await self._store.get(workspace_id))

    async def replace(self, request: ReplaceBudgets) -> BudgetList:
        """Replace the budgets that were seen; raises StaleBudgetsError."""
        workspace_id, now = request.actor.workspace_id, self._clock.now()
        saved = await self._store.replace(workspace_id, request.items, revision=request.revision, now=now)
        if saved is None:
            raise StaleBudgetsError("Read them again and save over that.")
        self._keep(workspace_id, saved, self._clock.monotonic())
        return await self._shown(workspace_id, saved)

    def _keep(self, workspace_id: str, stored: StoredBudgets, asked_at: float) -> tuple[WorkspaceBudget, ...]:
        self._known[workspace_id] = (asked_at, stored.items)
        self._known.move_to_end(workspace_id)
        if len(self._known) > MAX_WORKSPACES:
            self._known.popitem(last=False)
        return stored.items

    async def _shown(self, workspace_id: str, stored: StoredBudgets) -> BudgetList:
        items = [await self._state(workspace_id, budget) for budget in stored.items]
        return BudgetList(items=items, revision=stored.revision, updated_at=stored.updated_at)

    async def _state(self, workspace_id: str, budget: WorkspaceBudget) -> BudgetState:
        now = self._clock.now()
        ledger = await self._store.used(workspace_id, cap_of(workspace_id, budget, now=now))
        return BudgetState(
            budget=budget,
            used_tokens=ledger.tokens,
            used_usd_micro=ledger.usd_micro,
            reserved_tokens=ledger.held_tokens,
            reserved_usd_micro=ledger.held_usd_micro,
            tokens_limit=ledger.tokens_limit,
            usd_micro_limit=ledger.usd_limit,
            model=ledger.model,
            resets_at=end_of(budget.period, now),
        )
