"""Events of users in memory, over the runs of `InMemoryStores`."""

from collections.abc import Sequence
from datetime import datetime

from flowloom_contracts.automation import UserEvent
from flowloom_contracts.runs import StepStatus
from orchestrator.testing.in_memory_stores import InMemoryStores


class InMemoryEvents:
    """See `EventStore`."""

    def __init__(self, stores: InMemoryStores) -> None:
        self._stores = stores
        self.kept: dict[tuple[str, str], tuple[UserEvent, datetime]] = {}
        self.looked_after: set[tuple[str, str]] = set()

    async def keep(self, event: UserEvent, *, now: datetime) -> bool:
        """See `EventStore.keep`."""
        key = (event.workspace_id, event.event_id)
        is_new = key not in self.kept
        self.kept.setdefault(key, (event, now))
        return is_new

    async def undelivered(self, *, older_than: datetime, limit: int) -> Sequence[UserEvent]:
        """See `EventStore.undelivered`."""
        found = [
            event
            for key, (event, received_at) in self.kept.items()
            if key not in self.looked_after and received_at < older_than
        ]
        return found[:limit]

    async def waiting(self, workspace_id: str, name: str) -> Sequence[str]:
        """See `EventStore.waiting`."""
        return [
            run_id
            for run_id, row in self._stores.rows.items()
            if row.record.workspace_id == workspace_id
            and any(
                step.status is StepStatus.WAITING
                and step.waits_for is not None
                and step.waits_for.name == name
                for step in row.record.state.steps.values()
            )
        ]

    async def delivered(self, event: UserEvent, *, now: datetime) -> None:
        """See `EventStore.delivered`."""
        self.looked_after.add((event.workspace_id, event.event_id))

    async def recent(self, run_id: str, name: str, *, since: datetime) -> Sequence[UserEvent]:
        """See `EventStore.recent`."""
        record = self._stores.rows[run_id].record
        return [
            event
            for event, received_at in self.kept.values()
            if event.workspace_id == record.workspace_id
            and event.name == name
            and received_at >= max(since, record.created_at)
            and (run_id, event.event_id) not in self._stores.receipts
        ]

    async def has_received(self, run_id: str, event_id: str) -> bool:
        """See `EventStore.has_received`."""
        return (run_id, event_id) in self._stores.receipts

    async def tidy(self, before: datetime) -> None:
        """See `EventStore.tidy`."""
        for key in [key for key, (_, received_at) in self.kept.items() if received_at < before]:
            del self.kept[key]
