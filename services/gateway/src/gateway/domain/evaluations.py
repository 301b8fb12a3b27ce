"""What an evaluation does: which runs it still has to make, and what is known when they have ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from flowloom_contracts.base import Document
from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.evaluation import Case, Dataset, Evaluation, MetricLine, Scored
from flowloom_contracts.runs import Actor, Spending, WorkflowRef


class FrozenWorkflow(Document):
    """A document as it was when the evaluation began, whatever becomes of the workflow meanwhile."""

    workflow: WorkflowRef
    version: int | Literal["draft"]
    source: str
    agents: dict[str, AgentDefinition]


class EvaluationPlan(Document):
    """Everything that an evaluation was started with; `sides` has the version and the one compared with."""

    dataset: Dataset
    sides: list[FrozenWorkflow]
    grader: FrozenWorkflow | None
    at_once: int
    budget: Spending | None
    actor: Actor

    @property
    def runs(self) -> int:
        """How many runs there are to make, those of graders left out."""
        return len(self.sides) * len(self.dataset.cases)

    @property
    def workflow_ids(self) -> set[str]:
        """The workflows that whoever started it must be allowed to run until its end."""
        return {one.workflow.id for one in (*self.sides, *([self.grader] if self.grader else []))}


@dataclass(frozen=True, slots=True)
class CaseRun:
    """The run of one case; `side` and `place` say which of the plan's."""

    side: int
    place: int
    run_id: str
    grading_run_id: str | None = None
    scored: Scored | None = None


@dataclass(frozen=True, slots=True)
class StoredEvaluation:
    """An evaluation with what it was started with, and its figures once it has ended."""

    workspace_id: str
    evaluation: Evaluation
    plan: EvaluationPlan
    metrics: Sequence[MetricLine] = ()

    def case_of(self, run: CaseRun) -> Case:
        """Return the case that a run is of."""
        return self.plan.dataset.cases[run.place]


def places_to_start(plan: EvaluationPlan, runs: Sequence[CaseRun]) -> list[tuple[int, int]]:
    """Return which runs to start now, case by case, so that both versions meet the same circumstances."""
    begun = {(run.side, run.place) for run in runs}
    open_runs = sum(run.scored is None for run in runs)
    waiting = [
        (side, place)
        for place in range(len(plan.dataset.cases))
        for side in range(len(plan.sides))
        if (side, place) not in begun
    ]
    return waiting[: max(plan.at_once - open_runs, 0)]


def scored_of(runs: Sequence[CaseRun], side: int) -> list[Scored]:
    """Return what the runs of one version are worth, in the order of the dataset."""
    found = sorted((run for run in runs if run.side == side), key=lambda run: run.place)
    return [run.scored for run in found if run.scored is not None]


def scores_of(metrics: Sequence[MetricLine]) -> dict[str, float]:
    """Return the means by which evaluations are told apart in a list."""
    return {line.metric: line.now.mean for line in metrics}
