"""What workspaces have lately used of models."""

from datetime import datetime
from typing import Protocol


class PaceStore(Protocol):
    """A bucket for each workspace, shared by all processes."""

    async def full_until(self, workspace_id: str) -> datetime | None:
        """Return when the bucket is empty again; None where nothing was ever used."""

    async def fill(self, workspace_id: str, *, seconds: float, now: datetime) -> None:
        """Add to the bucket what takes so many seconds to run out."""
