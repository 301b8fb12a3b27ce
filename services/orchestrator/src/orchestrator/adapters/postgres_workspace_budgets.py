"""The budgets of workspaces in Postgres; what is used of them stands in the ledgers of calls."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from flowloom_contracts.budgets import WorkspaceBudget
from flowloom_servicekit.database import Database
from orchestrator.adapters.postgres_budgets import PAID, counted_by
from orchestrator.domain.budgets import Cap, Ledger
from orchestrator.ports.budgets import StoredBudgets

GET: Final = text("""
select items, revision, updated_at from orchestrator.workspace_budgets where workspace_id = :workspace_id
""")
# Of two first saves one finds the row of the other.
REPLACE: Final = text("""
insert into orchestrator.workspace_budgets as known (workspace_id, items, revision, updated_at)
select :workspace_id, cast(:items as jsonb), 1, cast(:now as timestamptz) where :revision = 0
on conflict do nothing
returning revision
""")
REPLACE_KNOWN: Final = text("""
update orchestrator.workspace_budgets
set items = cast(:items as jsonb), revision = revision + 1, updated_at = cast(:now as timestamptz)
where workspace_id = :workspace_id and revision = :revision
returning revision
""")
USED: Final = text("""
select b.tokens, b.usd_micro, b.tokens_written, b.usd_written, b.tokens_limit, b.usd_limit, b.model,
    coalesce(held.tokens, 0) as held_tokens, coalesce(held.usd_micro, 0) as held_usd_micro
from orchestrator.budgets b
left join lateral (
    select sum(h.tokens) as tokens, sum(h.usd_micro) as usd_micro
    from orchestrator.budget_holds h
    join orchestrator.steps s on s.run_id = h.run_id and s.path = h.step and s.exec = h.exec
        and s.status = 'running'
    where h.owner = b.owner
) held on true
where b.owner = :owner
""")
PAID_SO_FAR: Final = text(PAID.format(workspace_id="cast(:workspace_id as text)", run_id="null"))


class PostgresWorkspaceBudgets:
    """See `BudgetStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: str) -> StoredBudgets:
        """See `BudgetStore.get`."""
        async with self._database.transaction(workspace_id) as session:
            row = (await session.execute(GET, {"workspace_id": workspace_id})).first()
        if row is None:
            return StoredBudgets()
        items = tuple(WorkspaceBudget.model_validate(item) for item in row.items)
        return StoredBudgets(items, row.revision, row.updated_at)

    async def replace(
        self, workspace_id: str, items: Sequence[WorkspaceBudget], *, revision: int, now: datetime
    ) -> StoredBudgets | None:
        """See `BudgetStore.replace`."""
        written = json.dumps([item.model_dump(mode="json") for item in items])
        values = {"workspace_id": workspace_id, "items": written, "revision": revision, "now": now}
        async with self._database.transaction(workspace_id) as session:
            row = (await session.execute(REPLACE_KNOWN if revision else REPLACE, values)).first()
        return None if row is None else StoredBudgets(tuple(items), row.revision, now)

    async def used(self, workspace_id: str, cap: Cap) -> Ledger:
        """See `BudgetStore.used`."""
        async with self._database.transaction() as session:
            row = (await session.execute(USED, {"owner": cap.owner})).first()
            if row is None:
                counted = {"workspace_id": workspace_id, **counted_by(cap)}
                paid = (await session.execute(PAID_SO_FAR, counted)).one()
                return Ledger(
                    tokens=int(paid.tokens or 0),
                    usd_micro=int(paid.usd_micro or 0),
                    tokens_limit=cap.tokens,
                    usd_limit=cap.usd_micro,
                )
        # What is written now holds from the next call on.
        is_current = (row.tokens_written, row.usd_written) == (cap.tokens, cap.usd_micro)
        return Ledger(
            tokens=row.tokens,
            usd_micro=row.usd_micro,
            held_tokens=int(row.held_tokens),
            held_usd_micro=int(row.held_usd_micro),
            tokens_limit=row.tokens_limit if is_current else cap.tokens,
            usd_limit=row.usd_limit if is_current else cap.usd_micro,
            model=row.model if is_current else None,
        )
