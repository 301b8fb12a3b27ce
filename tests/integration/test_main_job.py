"""The main job on real parts: a workflow runs through sidecars and agents, its words stream in."""

import asyncio

import pytest

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.events import RunMilestone, StepDelta, StepMilestone
from flowloom_contracts.runs import RunStatus, StepStatus
from tests.integration import documents, invariants
from tests.integration.api import PublicApi, cursor_of
from tests.integration.stack import ROOT, Stack

EXAMPLE = ROOT / "examples" / "workflows" / "first-brief.yaml"
MILESTONES = (RunMilestone, StepMilestone)


async def test_chain_tells_exactly_these_events(api: PublicApi, model: MockModel, key: str) -> None:
    workflow = await api.save(documents.CHAIN)
    run = await api.finished((await api.start(workflow.id, {"key": key})).id)
    events = await api.told(run.id)
    told = [(event.type, getattr(event, "step", None)) for event in events if isinstance(event, MILESTONES)]
    per_step = [
        (kind, step) for step in ("one", "two", "three") for kind in ("step.started.v1", "step.finished.v1")
    ]
    assert [item for item in told if item[0] != "step.queued.v1"] == [
        ("run.accepted.v1", None),
        ("run.started.v1", None),
        *per_step,
        ("run.finished.v1", None),
    ]
    invariants.is_dense(events)
    invariants.ends_once(events, run)
    invariants.text_equals_output(events, await api.steps(run.id))


async def test_chain_passes_answers_on_and_adds_up_usage(api: PublicApi, model: MockModel, key: str) -> None:
    workflow = await api.save(documents.CHAIN)
    run = await api.finished((await api.start(workflow.id, {"key": key})).id)
    steps = await api.steps(run.id)
    assert run.status is RunStatus.SUCCEEDED
    assert run.outputs == {"last": steps["three"].output}
    assert str(steps["three"].output).startswith(f"[{key}/three] ")
    assert run.usage.tokens == sum(step.usage.tokens for step in steps.values()) > 0
    asked = [entry for entry in await model.entries(key) if entry.event == "asked"]
    assert [entry.marker for entry in asked] == [f"{key}/{step}" for step in ("one", "two", "three")]
    assert f"[{key}/one] " in asked[1].prompt


async def test_agents_branches_switch_and_wait_work_together(
    api: PublicApi, model: MockModel, key: str
) -> None:
    workflow = await api.save(documents.BRANCHES)
    run = await api.finished((await api.start(workflow.id, {"key": key})).id)
    steps = await api.steps(run.id)
    assert run.status is RunStatus.SUCCEEDED, run.error
    assert steps["route"].output == {"chosen": ["good"]}
    assert steps["bad"].status is StepStatus.SKIPPED
    assert steps["left"].agent == "research"
    assert f"{key}/bad" not in {entry.marker for entry in await model.entries(key)}


async def test_words_arrive_while_the_model_still_speaks(api: PublicApi, model: MockModel, key: str) -> None:
    await model.script(Rule(name=key, match=f"{key}/talk", mode="stream", tokens=150))
    workflow = await api.save(documents.LONG_AGENT)
    run = await api.start(workflow.id, {"key": key})
    seen_while_open = 0
    events = []
    async for cursor, event in api.stream(run.id):
        assert cursor == cursor_of(event)
        events.append(event)
        if isinstance(event, StepDelta) and not seen_while_open:
            seen_while_open = (await model.page()).open
    assert seen_while_open == 1
    assert len([event for event in events if isinstance(event, StepDelta)]) > 20
    assert events == await api.history(run.id)
    invariants.text_equals_output(events, await api.steps(run.id))


async def test_example_succeeds_with_a_model_that_answers_at_once(api: PublicApi, model: MockModel) -> None:
    workflow = await api.save(EXAMPLE.read_text())
    run = await api.finished((await api.start(workflow.id, {})).id, within_s=90)
    assert run.status is RunStatus.SUCCEEDED, run.error
    agents = {step.agent for step in (await api.steps(run.id)).values() if step.agent}
    assert agents == {"research", "analysis", "implementation", "qa"}


async def test_sixteen_runs_side_by_side_do_not_mix(api: PublicApi, model: MockModel, key: str) -> None:
    rule = Rule(name=key, match=key, mode="stream", texts=["for {marker} " + "word " * 40], tokens_per_s=40)
    await model.script(rule)
    workflow = await api.save(documents.CREW)
    names = [f"{key}-{number:02d}" for number in range(16)]
    runs = await asyncio.gather(*(api.start(workflow.id, {"key": name}) for name in names))

    async def follow(run_id: str, name: str) -> None:
        events = [event async for _, event in api.stream(run_id)]
        assert {event.run_id for event in events} == {run_id}
        assert {event.stream for event in events} == {f"run:{run_id}"}
        for path, step in (await api.steps(run_id)).items():
            assert str(step.output).startswith(f"for {name}/{path} ")
        invariants.is_dense(events)
        invariants.text_equals_output(events, await api.steps(run_id))
        assert all(
            other not in event.model_dump_json() for event in events for other in names if other != name
        )

    await asyncio.gather(*(follow(run.id, name) for run, name in zip(runs, names, strict=True)))


@pytest.mark.parametrize("source", [documents.LONG_LLM, documents.LONG_AGENT], ids=["llm", "agent"])
async def test_cancel_closes_the_models_connection_within_two_seconds(
    api: PublicApi, model: MockModel, key: str, source: str
) -> None:
    await model.script(Rule(name=key, match=f"{key}/talk", mode="stream", tokens=3000))
    workflow = await api.save(source)
    run = await api.start(workflow.id, {"key": key})
    types = []
    cancelled_at = 0.0
    async for _, event in api.stream(run.id):
        types.append(event.type)
        if event.type == "step.delta.v1" and not cancelled_at:
            cancelled_at = asyncio.get_running_loop().time()
            await api.cancel(run.id)
    took = asyncio.get_running_loop().time() - cancelled_at
    assert took <= 2, f"the stream ended {took:.2f} s after the cancel"
    assert types[-1] == "run.finished.v1"
    assert (await api.run(run.id)).status is RunStatus.CANCELLED
    closed = [entry for entry in await model.entries(key) if entry.event != "asked"]
    assert [entry.event for entry in closed] == ["closed_by_peer"]


async def test_events_after_a_cancel_stay_as_they_were(
    api: PublicApi, model: MockModel, stack: Stack, key: str
) -> None:
    await model.script(Rule(name=key, match=f"{key}/talk", mode="stream", tokens=3000))
    workflow = await api.save(documents.LONG_AGENT)
    run = await api.start(workflow.id, {"key": key})
    async for _, event in api.stream(run.id):
        if event.type == "step.delta.v1":
            break
    await api.cancel(run.id)
    done = await api.finished(run.id, within_s=5)
    before = await api.history(run.id)
    invariants.is_dense(before)
    invariants.ends_once(before, done)
    # The agent is alive and well: what it might still write would come now.
    follower = await api.save(documents.CREW)
    await api.finished((await api.start(follower.id, {"key": f"{key}-next"})).id)
    assert await api.history(run.id) == before
