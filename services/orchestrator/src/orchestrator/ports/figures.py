"""How much is in progress and how long it has waited, over all workspaces."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Figures:
    """What an operator looks at first; ages are in seconds."""

    runs: Mapping[str, int] = field(default_factory=dict)
    """Runs that have not ended, by status."""
    places: Mapping[str, int] = field(default_factory=dict)
    """Places in the queue of runs, by state."""
    outbox_rows: int = 0
    outbox_age_s: float = 0.0
    queued_steps: int = 0
    queued_step_age_s: float = 0.0
    expired_leases: int = 0
    open_approvals: int = 0


class FiguresStore(Protocol):
    """Counts what is in progress."""

    async def now(self) -> Figures:
        """Return the figures of this moment; raises `StorageUnavailableError`."""
