"""What the gateway knows of a run that it has just started, without asking again."""

from datetime import UTC, datetime

from flowloom_contracts.runs import Actor, Run, RunQuery, RunStatus, WorkflowRef
from flowloom_contracts.starts import StartRun
from flowloom_contracts.topics import AppId
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.testing.clock import FakeClock
from flowloom_servicekit.testing.invoker import FakeInvoker
from gateway.adapters.orchestrator import MOST_NEW, NEW_SECONDS, OrchestratorRuns

ACTOR = Actor(workspace_id=new_id())
REF = WorkflowRef(id=new_id(), name="hello")


def run() -> Run:
    return Run(
        id=new_id(),
        workflow=REF,
        version="draft",
        status=RunStatus.QUEUED,
        inputs={},
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


async def started(runs: OrchestratorRuns) -> Run:
    request = StartRun(
        actor=ACTOR, workflow=REF, version="draft", source="", inputs={}, request_hash="0" * 64
    )
    return await runs.start(request)


def query(run: Run, actor: Actor = ACTOR) -> RunQuery:
    return RunQuery(actor=actor, run_id=run.id)


async def test_knows_a_run_for_a_moment_when_it_was_started_here() -> None:
    invoker, clock = FakeInvoker(), FakeClock()
    runs = OrchestratorRuns(invoker, clock)
    invoker.answers(AppId.ORCHESTRATOR, "runs/start", run())
    new = await started(runs)
    assert runs.newly_started(query(new)) == new
    clock.advance(NEW_SECONDS + 0.1)
    assert runs.newly_started(query(new)) is None


async def test_knows_no_run_of_another_workspace_or_process() -> None:
    invoker = FakeInvoker()
    runs = OrchestratorRuns(invoker, FakeClock())
    invoker.answers(AppId.ORCHESTRATOR, "runs/start", run())
    new = await started(runs)
    assert runs.newly_started(query(new, Actor(workspace_id=new_id()))) is None
    assert runs.newly_started(query(run())) is None


async def test_tells_nobody_else_of_a_run_that_somebody_started() -> None:
    invoker = FakeInvoker()
    runs = OrchestratorRuns(invoker, FakeClock())
    invoker.answers(AppId.ORCHESTRATOR, "runs/start", run())
    new = await started(runs)
    colleague = ACTOR.model_copy(update={"user_id": new_id()})
    assert runs.newly_started(query(new, colleague)) is None


async def test_forgets_the_oldest_when_there_are_many() -> None:
    invoker = FakeInvoker()
    runs = OrchestratorRuns(invoker, FakeClock())
    invoker.answers(AppId.ORCHESTRATOR, "runs/start", *(run() for _ in range(MOST_NEW + 1)))
    first = await started(runs)
    for _ in range(MOST_NEW):
        last = await started(runs)
    assert runs.newly_started(query(first)) is None
    assert runs.newly_started(query(last)) == last
