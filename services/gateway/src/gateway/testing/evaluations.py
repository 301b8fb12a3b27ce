"""Datasets and evaluations in memory."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from flowloom_contracts.evaluation import (
    DatasetInfo,
    Evaluation,
    EvaluationStatus,
    MetricLine,
    StoredDataset,
)
from gateway.domain.evaluations import CaseRun, StoredEvaluation, scores_of


class InMemoryDatasets:
    """See `DatasetStore`."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], StoredDataset] = {}

    async def page(self, workspace_id: str, *, after: str | None, limit: int) -> list[DatasetInfo]:
        """See `DatasetStore.page`."""
        own = sorted((one for (home, _), one in self._kept.items() if home == workspace_id), key=_id)
        found = [one for one in reversed(own) if after is None or one.id < after][:limit]
        return [DatasetInfo.model_validate(one.model_dump()) for one in found]

    async def get(self, workspace_id: str, dataset_id: str) -> StoredDataset | None:
        """See `DatasetStore.get`."""
        return self._kept.get((workspace_id, dataset_id))

    async def put(self, workspace_id: str, dataset: StoredDataset, *, user_id: str) -> bool:
        """See `DatasetStore.put`."""
        for (home, known_id), known in self._kept.items():
            if (home, known.name) == (workspace_id, dataset.name) and known_id != dataset.id:
                return False
        self._kept[(workspace_id, dataset.id)] = dataset
        return True

    async def delete(self, workspace_id: str, dataset_id: str) -> bool:
        """See `DatasetStore.delete`."""
        return self._kept.pop((workspace_id, dataset_id), None) is not None


@dataclass(slots=True)
class _Kept:
    stored: StoredEvaluation
    key: str | None
    touched_at: datetime
    runs: dict[tuple[int, int], CaseRun] = field(default_factory=dict)

    @property
    def now(self) -> StoredEvaluation:
        done = sum(run.scored is not None for run in self.runs.values())
        return replace(self.stored, evaluation=self.stored.evaluation.model_copy(update={"done": done}))


class InMemoryEvaluations:
    """See `EvaluationStore`."""

    def __init__(self) -> None:
        self._kept: dict[str, _Kept] = {}

    async def add(
        self, stored: StoredEvaluation, *, key: str | None, most: int
    ) -> Literal["added", "busy"] | Evaluation:
        """See `EvaluationStore.add`."""
        own = [kept for kept in self._kept.values() if kept.stored.workspace_id == stored.workspace_id]
        for kept in own:
            if key is not None and kept.key == key:
                return kept.now.evaluation
        if sum(kept.stored.evaluation.status == "running" for kept in own) >= most:
            return "busy"
        self._kept[stored.evaluation.id] = _Kept(stored, key, stored.evaluation.created_at)
        return "added"

    async def get(self, workspace_id: str, evaluation_id: str) -> StoredEvaluation | None:
        """See `EvaluationStore.get`."""
        kept = self._kept.get(evaluation_id)
        return kept.now if kept is not None and kept.stored.workspace_id == workspace_id else None

    async def page(
        self, workspace_id: str, *, closed: Collection[str], after: str | None, limit: int
    ) -> list[Evaluation]:
        """See `EvaluationStore.page`."""
        found = [
            kept.now.evaluation
            for evaluation_id, kept in sorted(self._kept.items(), reverse=True)
            if kept.stored.workspace_id == workspace_id
            and kept.stored.evaluation.workflow.id not in closed
            and (after is None or evaluation_id < after)
        ]
        return found[:limit]

    async def running(self, *, limit: int) -> list[StoredEvaluation]:
        """See `EvaluationStore.running`."""
        waiting = sorted(self._kept.values(), key=lambda kept: kept.touched_at)
        return [kept.now for kept in waiting if kept.stored.evaluation.status == "running"][:limit]

    async def runs(self, stored: StoredEvaluation) -> list[CaseRun]:
        """See `EvaluationStore.runs`."""
        runs = self._kept[stored.evaluation.id].runs
        return [runs[place] for place in sorted(runs, key=lambda place: (place[1], place[0]))]

    async def note(self, stored: StoredEvaluation, run: CaseRun) -> None:
        """See `EvaluationStore.note`."""
        self._kept[stored.evaluation.id].runs[(run.side, run.place)] = run

    async def touch(self, stored: StoredEvaluation, at: datetime) -> None:
        """See `EvaluationStore.touch`."""
        self._kept[stored.evaluation.id].touched_at = at

    async def finish(
        self,
        stored: StoredEvaluation,
        status: EvaluationStatus,
        *,
        at: datetime,
        error: str | None = None,
        metrics: Sequence[MetricLine] = (),
    ) -> bool:
        """See `EvaluationStore.finish`."""
        kept = self._kept[stored.evaluation.id]
        if kept.stored.evaluation.status != "running":
            return False
        ended = kept.stored.evaluation.model_copy(
            update={"status": status, "error": error, "finished_at": at, "scores": scores_of(metrics)}
        )
        kept.stored = replace(kept.stored, evaluation=ended, metrics=metrics)
        return True


def _id(dataset: StoredDataset) -> str:
    return dataset.id
