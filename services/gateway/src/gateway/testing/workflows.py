"""Workflow documents in memory."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from flowloom_contracts.api import WorkflowFilter, WorkflowState
from flowloom_contracts.automation import SyncSchedules
from gateway.domain.paging import Place
from gateway.domain.workflow_order import sort_key
from gateway.ports import Draft, SaveOutcome, StoredWorkflow, WorkflowRow


class InMemoryWorkflows:
    """See `WorkflowStore`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], StoredWorkflow] = {}
        self.on_delete: Callable[[str, SyncSchedules | None], None] = lambda _id, _told: None

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

    async def page(
        self,
        workspace_id: str,
        wanted: WorkflowFilter,
        *,
        after: Place | None,
        limit: int,
        closed: Sequence[str] = (),
    ) -> list[WorkflowRow]:
        """See `WorkflowStore.page`."""
        mine = [_row(w) for (ws, one), w in self._kept.items() if ws == workspace_id and one not in closed]
        backwards = wanted.order in ("newest", "edited")
        placed = sorted(
            ((sort_key(wanted.order, row), row.id, row) for row in mine if _is_wanted(row, wanted)),
            key=lambda one: one[:2],
            reverse=backwards,
        )
        if after is not None:
            behind = (after.key, after.row_id)
            placed = [one for one in placed if (one[:2] < behind if backwards else one[:2] > behind)]
        return [row for *_, row in placed][:limit]

    async def edited(self, workspace_id: str, *, limit: int, closed: Sequence[str] = ()) -> list[WorkflowRow]:
        """See `WorkflowStore.edited`."""
        mine = [w for (ws, one), w in self._kept.items() if ws == workspace_id and one not in closed]
        return [_row(w) for w in sorted(mine, key=lambda w: w.updated_at, reverse=True)][:limit]

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

    async def names(self, workspace_id: str, *, without: Sequence[str] = ()) -> dict[str, int | None]:
        """See `WorkflowStore.names`."""
        mine = [w for (ws, one), w in self._kept.items() if ws == workspace_id and one not in without]
        return {w.draft.name: w.published_version for w in mine}

    async def of_name(self, workspace_id: str, name: str) -> StoredWorkflow | None:
        """See `WorkflowStore.of_name`."""
        mine = (w for (ws, _), w in self._kept.items() if ws == workspace_id)
        return next((w for w in mine if w.draft.name == name), None)

    def publish(self, workspace_id: str, workflow_id: str, version: int) -> None:
        """Note which version is published."""
        key = (workspace_id, workflow_id)
        self._kept[key] = replace(self._kept[key], published_version=version)

    async def delete(
        self,
        workspace_id: str,
        workflow_id: str,
        *,
        revision: int | None,
        told: SyncSchedules | None,
        now: datetime,
    ) -> Literal["deleted", "missing", "stale"]:
        """See `WorkflowStore.delete`."""
        stored = self._kept.get((workspace_id, workflow_id))
        if stored is None:
            return "missing"
        if revision not in (None, stored.revision):
            return "stale"
        del self._kept[workspace_id, workflow_id]
        self.on_delete(workflow_id, told)
        return "deleted"

    def _name_taken(self, workspace_id: str, workflow_id: str, name: str) -> bool:
        return any(
            ws == workspace_id and other != workflow_id and stored.draft.name == name
            for (ws, other), stored in self._kept.items()
        )


def _is_wanted(row: WorkflowRow, wanted: WorkflowFilter) -> bool:
    name, _, value = (wanted.label or "").partition("=")
    text = (wanted.text or "").lower()
    return (
        (wanted.label is None or row.labels.get(name) == value)
        and (text in row.name.lower() or text in row.title.lower())
        and (not wanted.states or any(_is_in(row, state) for state in wanted.states))
    )


def _is_in(row: WorkflowRow, state: WorkflowState) -> bool:
    if state == "invalid":
        return not row.is_valid
    return (row.published_version is not None) == (state == "published")


def _row(stored: StoredWorkflow) -> WorkflowRow:
    return WorkflowRow(
        id=stored.id,
        name=stored.draft.name,
        title=stored.draft.title,
        is_valid=stored.draft.is_valid,
        published_version=stored.published_version,
        updated_at=stored.updated_at,
        labels=stored.draft.labels,
    )
