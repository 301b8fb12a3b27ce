"""Reaches whoever works on a run."""

from typing import Protocol


class CancelChannel(Protocol):
    """Reaches whoever works on a run, at once and without promise."""

    async def publish_cancel(self, run_id: str) -> None:
        """Tell every worker of a run to stop."""
