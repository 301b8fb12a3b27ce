"""Evaluations: datasets of cases, what runs over them are worth, and how two versions differ."""

from datetime import datetime
from typing import Annotated, Final, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from flowloom_contracts.base import JsonObject, Request, Response
from flowloom_contracts.runs import Spending, WorkflowRef

MOST_CASES: Final = 1_000
MOST_DATASET_CHARS: Final = 2_000_000

Check = Annotated[str, Field(min_length=1, max_length=1_024)]
DatasetName = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
Version: TypeAlias = Annotated[int, Field(ge=1, lt=2**31)] | Literal["draft"]
EvaluationStatus = Literal["running", "succeeded", "failed", "cancelled"]
Verdict = Literal["better", "worse", "unclear"]


class Case(Request):
    """One question: the inputs of a run, checks of its own, and an answer that somebody found good."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]{0,99}$")
    inputs: JsonObject = {}
    checks: list[Check] = Field(default=[], max_length=50)
    golden: str | None = Field(default=None, max_length=100_000)


class Dataset(Request):
    """Cases, and what holds for all of them."""

    answer: Check = Field(default="outputs", description="What is compared with `golden`.")
    checks: list[Check] = Field(default=[], max_length=50)
    grader: str | None = Field(
        default=None,
        max_length=100,
        description="Id of a workflow: gets `inputs`, `outputs`, `golden`; puts out `score`, 0 to 1.",
    )
    cases: list[Case] = Field(min_length=1, max_length=MOST_CASES)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [case.name for case in self.cases]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two cases have the name {twice[0]!r}")
        return self

    def checks_of(self, case: Case) -> list[str]:
        """Return the checks of all cases and its own."""
        return [*self.checks, *case.checks]


class SaveDataset(Dataset):
    """Body of `POST /v1/datasets` and `PUT /v1/datasets/{id}`."""

    name: DatasetName


class DatasetInfo(Response):
    """A dataset without its cases."""

    id: str
    name: str
    cases: int
    updated_at: datetime


class StoredDataset(DatasetInfo):
    """A dataset as it was saved."""

    dataset: Dataset


class DatasetList(Response):
    """The datasets of a workspace, by name."""

    items: list[DatasetInfo]
    next_cursor: str | None = None


class StartEvaluation(Request):
    """Body of `POST /v1/evaluations`: the dataset is taken as it is now."""

    dataset_id: str
    workflow_id: str
    version: Version | None = Field(default=None, description="Default: the published one, else the draft.")
    against: Version | None = Field(default=None, description="A version to run on the same cases.")
    at_once: int = Field(default=4, ge=1, le=20, description="Runs at the same time.")
    budget: Spending | None = Field(default=None, description="Tightens the budget of each run.")


class Scored(Response):
    """One run of one case: figures by metric, and one line for each check that does not hold."""

    case: str
    run_id: str
    figures: dict[str, float]
    failed: list[str] = []


class Interval(Response):
    """A mean and its 95 % interval by the bootstrap over cases."""

    mean: float
    low: float
    high: float
    count: int

    @property
    def is_certain(self) -> bool:
        """Whether a difference of this interval is more than chance: zero is outside."""
        return self.low > 0 or self.high < 0


class MetricLine(Response):
    """One metric: its mean, and how it differs from the version that is compared with, case by case."""

    metric: str
    now: Interval
    before: Interval | None = None
    change: Interval | None = None
    verdict: Verdict | None = Field(
        default=None, description="`unclear`: zero is inside the interval of the change, it may be chance."
    )


class Evaluation(Response):
    """How far an evaluation is; `version` and `against` are those that are run."""

    id: str
    dataset_id: str
    dataset_name: str
    workflow: WorkflowRef
    version: Version
    against: Version | None = None
    status: EvaluationStatus
    error: str | None = Field(default=None, description="Why it failed: a platform's refusal or a grader's.")
    runs: int = Field(description="How many there are to make, those of graders left out.")
    done: int
    scores: dict[str, float] = Field(
        default={}, description="Mean of each metric over the cases of `version`, once it has ended."
    )
    created_by: str
    created_at: datetime
    finished_at: datetime | None = None


class EvaluationList(Response):
    """A page of evaluations, newest first."""

    items: list[Evaluation]
    next_cursor: str | None = None


class EvaluationResult(Response):
    """An evaluation with its figures so far."""

    evaluation: Evaluation
    metrics: list[MetricLine]
    cases: list[Scored]
    cases_before: list[Scored] = []
