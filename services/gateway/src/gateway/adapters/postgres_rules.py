"""The rules of workspaces in Postgres."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.exc import IntegrityError

from flowloom_contracts.audit import AuditAction
from flowloom_contracts.rules import Rule
from flowloom_servicekit.database import Database
from flowloom_servicekit.queries import Query
from gateway.adapters.audit_trail import record_act
from gateway.adapters.tables import rules
from gateway.adapters.tenant import TenantRows, of_workspace
from gateway.vault_ports import StoredRules

OWN: Final = Query(of_workspace(rules))


class PostgresRuleStore:
    """RuleStore over the table `rules`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, workspace_id: str) -> StoredRules:
        """Return the rules, none at first."""
        found = await self._database.found(OWN, {"workspace_id": workspace_id}, workspace=workspace_id)
        if not found:
            return StoredRules((), 0, None)
        row = found[0]
        items = tuple(Rule.model_validate(item) for item in row.items)
        return StoredRules(items, row.revision, row.updated_at)

    async def replace(
        self, workspace_id: str, items: Sequence[Rule], *, revision: int, user_id: str, now: datetime
    ) -> StoredRules | None:
        """Store rules over those of `revision`; of two first saves one meets the primary key."""
        values = {
            "items": [item.model_dump(mode="json") for item in items],
            "revision": revision + 1,
            "updated_by": user_id,
            "updated_at": now,
        }
        try:
            async with self._database.transaction(workspace_id) as session:
                rows = TenantRows(session, rules, workspace_id)
                if revision == 0:
                    await rows.add(**values)
                else:
                    change = rows.update().where(rules.c.revision == revision).values(**values)
                    done = await session.execute(change.returning(rules.c.revision))
                    if done.first() is None:
                        return None
                await record_act(
                    session,
                    AuditAction.RULES_CHANGED,
                    workspace_id,
                    kind="rules",
                    target_id=workspace_id,
                    revision=revision + 1,
                    names=[item.name for item in items],
                )
        except IntegrityError:
            return None
        return StoredRules(tuple(items), revision + 1, now)
