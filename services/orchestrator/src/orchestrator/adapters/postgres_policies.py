"""Policies of workspaces in Postgres."""

from collections.abc import Mapping

from sqlalchemy import text

from flowloom_contracts.preferences import WorkspacePolicy
from flowloom_servicekit.database import Database

PUT = """
insert into orchestrator.workspace_policies as known (workspace_id, revision, policy)
values (:workspace_id, :revision, cast(:policy as jsonb))
on conflict (workspace_id) do update set revision = excluded.revision, policy = excluded.policy
where known.revision < excluded.revision
"""
GET = "select policy, revision from orchestrator.workspace_policies where workspace_id = :workspace_id"
RETENTION = """
select workspace_id, cast(policy ->> 'run_retention_days' as integer) as days
from orchestrator.workspace_policies where policy ->> 'run_retention_days' is not null
"""


class PostgresPolicies:
    """See `PolicyStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, policy: WorkspacePolicy) -> int:
        """See `PolicyStore.put`."""
        place = {"workspace_id": policy.workspace_id}
        new = place | {"revision": policy.revision, "policy": policy.model_dump_json()}
        async with self._database.transaction() as session:
            await session.execute(text(PUT), new)
            return int((await session.execute(text(GET), place)).one().revision)

    async def get(self, workspace_id: str) -> WorkspacePolicy:
        """See `PolicyStore.get`."""
        async with self._database.transaction() as session:
            row = (await session.execute(text(GET), {"workspace_id": workspace_id})).first()
        if row is None:
            return WorkspacePolicy(workspace_id=workspace_id, revision=0)
        return WorkspacePolicy.model_validate(row.policy)

    async def retention(self) -> Mapping[str, int]:
        """See `PolicyStore.retention`."""
        async with self._database.transaction() as session:
            return {row.workspace_id: row.days for row in await session.execute(text(RETENTION))}
