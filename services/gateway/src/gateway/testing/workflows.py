"""Workflow documents in memory."""

from dataclasses import replace
from datetime import datetime
from typing import Literal

from gateway.ports import Draft, SaveOutcome, StoredWorkflow, WorkflowRow


class InMemoryWorkflows:
    """See `WorkflowStore`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], StoredWorkflow] = {}

    async def add(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, user_id: str, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """See `WorkflowStore.add`."""
        if self._name_taken(workspace_id, workflow_id, draft.name):
            return "name_taken"
        stored = StoredWorkflow(
            id=workflow_id, draft=draft, revision=1, published_version=None, updated_at=now
        )
        self._kept[workspace_id, workflow_id] = stored
        return stored

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[WorkflowRow]:
        """See `WorkflowStore.page`."""
        mine = sorted((w for (ws, _), w in self._kept.items() if ws == workspace_id), key=lambda w: w.id)
        rows = [
            WorkflowRow(
                id=w.id,
                name=w.draft.name,
                title=w.draft.title,
                is_valid=w.draft.is_valid,
                published_version=w.published_version,
                updated_at=w.updated_at,
            )
            for w in reversed(mine)
            if after is None or w.id < after
        ]
        return rows[:limit]

    async def get(self, workspace_id: str, workflow_id: str) -> StoredWorkflow | None:
        """See `WorkflowStore.get`."""
        return self._kept.get((workspace_id, workflow_id))

    async def replace(
        self, workspace_id: str, workflow_id: str, draft: Draft, *, revision: int, now: datetime
    ) -> StoredWorkflow | SaveOutcome:
        """See `WorkflowStore.replace`."""
        stored = self._kept.get((workspace_id, workflow_id))
        if stored is None:
            return "missing"
        if stored.revision != revision:
            return "stale"
        if self._name_taken(workspace_id, workflow_id, draft.name):
            return "name_taken"
        saved = replace(stored, draft=draft, revision=revision + 1, updated_at=now)
        self._kept[workspace_id, workflow_id] = saved
        return saved

    async def delete(
        self, workspace_id: str, workflow_id: str, *, revision: int | None
    ) -> Literal["deleted", "missing", "stale"]:
        """See `WorkflowStore.delete`."""
        stored = self._kept.get((workspace_id, workflow_id))
        if stored is None:
            return "missing"
        if revision not in (None, stored.revision):
            return "stale"
        del self._kept[workspace_id, workflow_id]
        return "deleted"

    def _name_taken(self, workspace_id: str, workflow_id: str, name: str) -> bool:
        return any(
            ws == workspace_id and other != workflow_id and stored.draft.name == name
            for (ws, other), stored in self._kept.items()
        )
