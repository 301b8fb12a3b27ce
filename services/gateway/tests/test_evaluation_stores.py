"""One suite of the stores of datasets and evaluations, over the fakes and Postgres."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from flowloom_contracts.evaluation import (
    Case,
    Dataset,
    Evaluation,
    Interval,
    MetricLine,
    Scored,
    StoredDataset,
)
from flowloom_contracts.runs import Actor, WorkflowRef
from flowloom_servicekit.database import Database
from flowloom_servicekit.ids import new_id
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_datasets import PostgresDatasets
from gateway.adapters.postgres_evaluations import PostgresEvaluations
from gateway.domain.evaluations import CaseRun, EvaluationPlan, FrozenWorkflow, StoredEvaluation
from gateway.evaluation_ports import DatasetStore, EvaluationStore
from gateway.ports import NewOwner
from gateway.testing.evaluations import InMemoryDatasets, InMemoryEvaluations

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WORKFLOW = WorkflowRef(id=new_id(), name="orders")
DATASET = Dataset(cases=[Case(name="a", inputs={"topic": "x"}), Case(name="b")])


@dataclass(slots=True)
class Kept:
    """Both stores with one person of each of two workspaces."""

    datasets: DatasetStore
    evaluations: EvaluationStore
    home: str
    user_id: str
    other: str

    def dataset(self, name: str = "topics") -> StoredDataset:
        return StoredDataset(id=new_id(), name=name, cases=2, updated_at=NOW, dataset=DATASET)

    def evaluation(self, *, sides: int = 1) -> StoredEvaluation:
        frozen = FrozenWorkflow(workflow=WORKFLOW, version="draft", source="steps: {}", agents={})
        plan = EvaluationPlan(
            dataset=DATASET,
            sides=[frozen] * sides,
            grader=None,
            at_once=4,
            budget=None,
            actor=Actor(workspace_id=self.home, user_id=self.user_id),
        )
        evaluation = Evaluation(
            id=new_id(),
            dataset_id=new_id(),
            dataset_name="topics",
            workflow=WORKFLOW,
            version="draft",
            against="draft" if sides > 1 else None,
            status="running",
            runs=plan.runs,
            done=0,
            created_by=self.user_id,
            created_at=NOW,
        )
        return StoredEvaluation(self.home, evaluation, plan)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.integration)])
def database_or_none(request: pytest.FixtureRequest) -> Database | None:
    if request.param == "memory":
        return None
    found: Database = request.getfixturevalue("database")
    return found


@pytest.fixture
async def kept(database_or_none: Database | None) -> Kept:
    homes, people = [new_id(), new_id()], [new_id(), new_id()]
    if database_or_none is None:
        return Kept(InMemoryDatasets(), InMemoryEvaluations(), homes[0], people[0], homes[1])
    database = database_or_none
    accounts = PostgresAccountStore(database)
    owner = NewOwner(
        user_id=people[0], email="a@b.c", password_hash="h", workspace_id=homes[0], workspace="A"
    )
    assert await accounts.create_owner(owner, now=NOW)
    return Kept(PostgresDatasets(database), PostgresEvaluations(database), homes[0], people[0], homes[1])


async def test_datasets_have_names_of_their_own(kept: Kept) -> None:
    one = kept.dataset()
    assert await kept.datasets.put(kept.home, one, user_id=kept.user_id)
    assert not await kept.datasets.put(kept.home, kept.dataset(), user_id=kept.user_id)
    changed = one.model_copy(
        update={"name": "others", "dataset": Dataset(cases=[Case(name="c")]), "cases": 1}
    )
    assert await kept.datasets.put(kept.home, changed, user_id=kept.user_id)
    assert await kept.datasets.put(kept.home, kept.dataset(), user_id=kept.user_id)
    page = await kept.datasets.page(kept.home, after=None, limit=10)
    assert [(info.name, info.cases) for info in page] == [("topics", 2), ("others", 1)]
    assert [info.name for info in await kept.datasets.page(kept.home, after=page[0].id, limit=10)] == [
        "others"
    ]
    assert await kept.datasets.get(kept.home, one.id) == changed


async def test_s16_a_dataset_is_in_one_workspace(kept: Kept) -> None:
    one = kept.dataset()
    await kept.datasets.put(kept.home, one, user_id=kept.user_id)
    assert await kept.datasets.get(kept.other, one.id) is None
    assert await kept.datasets.page(kept.other, after=None, limit=10) == []
    assert not await kept.datasets.delete(kept.other, one.id)
    assert await kept.datasets.delete(kept.home, one.id)


async def test_an_evaluation_keeps_its_runs_and_counts_what_is_done(kept: Kept) -> None:
    stored = kept.evaluation(sides=2)
    assert await kept.evaluations.add(stored, key=None, most=5) == "added"
    first, second = CaseRun(0, 0, new_id()), CaseRun(1, 0, new_id(), new_id())
    for run in (second, first):
        await kept.evaluations.note(stored, run)
    scored = replace(
        first, scored=Scored(case="a", run_id=first.run_id, figures={"checks": 0.5}, failed=["x"])
    )
    await kept.evaluations.note(stored, scored)
    assert await kept.evaluations.runs(stored) == [scored, second]
    found = await kept.evaluations.get(kept.home, stored.evaluation.id)
    assert found is not None
    assert (found.evaluation.done, found.evaluation.runs, found.plan) == (1, 4, stored.plan)
    assert found.evaluation == stored.evaluation.model_copy(update={"done": 1})


async def test_an_evaluation_ends_once(kept: Kept) -> None:
    stored = kept.evaluation()
    await kept.evaluations.add(stored, key=None, most=5)
    line = MetricLine(metric="checks", now=Interval(mean=0.5, low=0.4, high=0.6, count=2))
    later = NOW + timedelta(minutes=1)
    assert await kept.evaluations.finish(stored, "succeeded", at=later, metrics=[line])
    assert not await kept.evaluations.finish(stored, "cancelled", at=NOW)
    found = await kept.evaluations.get(kept.home, stored.evaluation.id)
    assert found is not None
    assert (found.evaluation.status, found.evaluation.finished_at) == ("succeeded", later)
    assert list(found.metrics) == [line]
    [listed] = await kept.evaluations.page(kept.home, closed=(), after=None, limit=5)
    assert listed.scores == found.evaluation.scores == {"checks": 0.5}
    assert await kept.evaluations.running(limit=5) == []


async def test_keys_and_limits_hold_for_a_workspace(kept: Kept) -> None:
    one, other = kept.evaluation(), kept.evaluation()
    assert await kept.evaluations.add(one, key="k", most=2) == "added"
    assert await kept.evaluations.add(other, key="k", most=2) == one.evaluation
    assert await kept.evaluations.add(other, key=None, most=2) == "added"
    assert await kept.evaluations.add(kept.evaluation(), key=None, most=2) == "busy"
    await kept.evaluations.touch(one, NOW + timedelta(seconds=9))
    waiting = [found.evaluation.id for found in await kept.evaluations.running(limit=5)]
    assert waiting == [other.evaluation.id, one.evaluation.id]


async def test_s16_evaluations_are_in_one_workspace_and_leave_closed_workflows_out(kept: Kept) -> None:
    stored = kept.evaluation()
    await kept.evaluations.add(stored, key=None, most=5)
    assert await kept.evaluations.get(kept.other, stored.evaluation.id) is None
    assert await kept.evaluations.page(kept.other, closed=[], after=None, limit=5) == []
    assert await kept.evaluations.page(kept.home, closed=[WORKFLOW.id], after=None, limit=5) == []
    assert await kept.evaluations.page(kept.home, closed=[], after=None, limit=5) == [stored.evaluation]
