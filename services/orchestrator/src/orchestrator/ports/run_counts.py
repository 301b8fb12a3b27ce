"""How many runs a workspace has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class RunCount:
    """Runs of one version of a workflow."""

    workflow_id: str
    workflow_name: str
    version: int | Literal["draft"]
    count: int


class RunCounts(Protocol):
    """How many runs a workspace has, by what they run."""

    async def in_progress(self, workspace_id: str) -> Sequence[RunCount]:
        """Count the runs that have not ended."""

    async def started_since(self, workspace_id: str, moment: datetime) -> Sequence[RunCount]:
        """Count the runs that were accepted at a moment or later."""
