"""Removes what is older than it has to be kept."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol


class RetentionStore(Protocol):
    """Runs with everything that belongs to them, and their months of events."""

    async def remove_runs(
        self, finished_before: datetime, *, limit: int, of: str | None = None, but: Collection[str] = ()
    ) -> int:
        """Remove the runs that ended first, of one workspace or of all but some; return how many.

        Nothing while another process removes.
        """

    async def drop_months(self, before: datetime) -> int:
        """Drop the partitions of events of months in which no run is left; return how many."""
