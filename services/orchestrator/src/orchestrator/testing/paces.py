"""The buckets of workspaces in memory."""

from datetime import datetime, timedelta


class InMemoryPaces:
    """See `PaceStore`."""

    def __init__(self) -> None:
        self._kept: dict[str, datetime] = {}

    async def full_until(self, workspace_id: str) -> datetime | None:
        """See `PaceStore.full_until`."""
        return self._kept.get(workspace_id)

    async def fill(self, workspace_id: str, *, seconds: float, now: datetime) -> None:
        """See `PaceStore.fill`."""
        from_when = max(self._kept.get(workspace_id, now), now)
        self._kept[workspace_id] = from_when + timedelta(seconds=seconds)
