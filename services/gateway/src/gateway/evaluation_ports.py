"""What datasets and evaluations need from outside."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Literal, Protocol

from flowloom_contracts.evaluation import (
    DatasetInfo,
    Evaluation,
    EvaluationStatus,
    MetricLine,
    StoredDataset,
)
from gateway.domain.evaluations import CaseRun, StoredEvaluation


class DatasetStore(Protocol):
    """The datasets of a workspace; names are unique in it."""

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[DatasetInfo]:
        """Return a page, newest first."""

    async def get(self, workspace_id: str, dataset_id: str) -> StoredDataset | None:
        """Return one with its cases."""

    async def put(self, workspace_id: str, dataset: StoredDataset, *, user_id: str) -> bool:
        """Store a new or changed one; False when another one has its name."""

    async def delete(self, workspace_id: str, dataset_id: str) -> bool:
        """Delete one; evaluations keep what they were started with."""


class EvaluationStore(Protocol):
    """Evaluations and their runs."""

    async def add(
        self, stored: StoredEvaluation, *, key: str | None, most: int
    ) -> Literal["added", "busy"] | Evaluation:
        """Store a new one; a known key gives the one that was first, `busy`: so many are running."""

    async def get(self, workspace_id: str, evaluation_id: str) -> StoredEvaluation | None:
        """Return one."""

    async def page(
        self, workspace_id: str, *, closed: Collection[str], after: str | None, limit: int
    ) -> list[Evaluation]:
        """Return a page, newest first, without those of some workflows."""

    async def running(self, *, limit: int) -> list[StoredEvaluation]:
        """Return those of all workspaces that have not ended, those looked after longest ago first."""

    async def runs(self, stored: StoredEvaluation) -> list[CaseRun]:
        """Return the runs that were begun."""

    async def note(self, stored: StoredEvaluation, run: CaseRun) -> None:
        """Keep how far the run of a case is."""

    async def touch(self, stored: StoredEvaluation, at: datetime) -> None:
        """Note that somebody has looked after it."""

    async def finish(
        self,
        stored: StoredEvaluation,
        status: EvaluationStatus,
        *,
        at: datetime,
        error: str | None = None,
        metrics: Sequence[MetricLine] = (),
    ) -> bool:
        """End one; False if it has ended already."""
