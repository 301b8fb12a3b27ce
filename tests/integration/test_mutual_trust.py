"""S47 on the whole platform with certificates: the work goes on, and a hijacked agent moves nobody else's."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Final

import grpc  # type: ignore[import-untyped]  # gRPC ships no types
import pytest
from dapr.conf import settings as dapr_settings
from dapr.ext.workflow import DaprWorkflowClient

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.runs import RunStatus
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from tests.integration import documents
from tests.integration.api import PublicApi
from tests.integration.sidecar_api import SidecarApi
from tests.integration.stack import ROOT, Stack
from tests.integration.waiting import until

AGENT: Final = AppId.AGENT_QA
ENGINE: Final = "dapr.internal.default.orchestrator"
REFUSED: Final = frozenset({400, 403, 404, 405, 500, 501})
"""What a sidecar says to what it does not offer; 500 is its answer to a callee that denies."""

VERBS: Final = ("GET", "POST", "PUT", "DELETE")
WORKFLOWS: Final = tuple(
    f"/{version}/workflows/dapr/{rest}"
    for version in ("v1.0", "v1.0-beta1", "v1.0-alpha1")
    for rest in (
        "{run}",
        "{run}/start",
        "{run}/start?instanceID={run}",
        "drive_run/start?instanceID=intruder",
        "{run}/terminate",
        "{run}/pause",
        "{run}/resume",
        "{run}/purge",
        "{run}/raiseEvent/signal",
        "%2E%2E/dapr/{run}/terminate",
        "x%2F..%2F{run}/terminate",
        "{run}/terminate#",
        "{run}/terminate?x=/../start",
    )
)
TRICKS: Final = (
    "/v1.0/invoke/memory/method/..%2F..%2F..%2F..%2Fworkflows/dapr/{run}/terminate",
    "/v1.0/invoke/memory/method/../../../../v1.0/workflows/dapr/{run}/terminate",
    "/v1.0/publish/../workflows/dapr/{run}/terminate",
    "//v1.0/workflows/dapr/{run}/terminate",
    "/v1.0//workflows/dapr/{run}/terminate",
    "v1.0/workflows/dapr/{run}/terminate",
    "/V1.0/Workflows/dapr/{run}/terminate",
    "/v1.0/workflows/dapr/{run}/terminate%00",
)
ACTORS: Final = tuple(
    f"/v1.0/actors/{ENGINE}.{kind}/{{run}}/{rest}"
    for kind in ("workflow", "activity")
    for rest in ("method/CreateWorkflowInstance", "method/AddWorkflowEvent", "state", "state/inbox-000000")
)
OTHERS: Final = (
    *(
        f"/v1.0/state/{store}{rest}"
        for store in ("workflow", "settings", "cache")
        for rest in ("", "/x", "/a||b")
    ),
    "/v1.0/state/workflow/transaction",
    "/v1.0/state/workflow/orchestrator%7C%7Cx",
    "/v1.0-alpha1/state/workflow/query",
    "/v1.0/secrets/secrets/stores",
    "/v1.0/secrets/secrets/bulk",
    "/v1.0/secrets/secrets/..%2Fstores",
    "/v1.0/metadata",
    "/v1.0/metadata/x",
    "/v1.0/bindings/x",
    "/v1.0/configuration/x?key=a",
    "/v1.0-alpha1/configuration/x/subscribe",
    "/v1.0/jobs/sched:1",
    "/v1.0-alpha1/jobs/sched:1",
    "/v1.0-alpha1/lock/cache",
    "/v1.0-alpha1/unlock/cache",
    "/v1.0-alpha1/crypto/secrets/encrypt",
    "/v1.0-alpha2/conversation/x/converse",
    "/v1.0-alpha1/subscribe/pubsub/run-events",
    "/v1.0/shutdown",
)
LONG: Final = Rule(name="long", match="mutual", mode="stream", tokens=4_000, tokens_per_s=50)


@pytest.fixture(scope="module")
def trusting(stack: Stack) -> Iterator[Stack]:
    """The platform with certificates, for this module; what comes later has it without again."""
    stack.change_trust(mtls=True)
    try:
        yield stack
    finally:
        stack.change_trust(mtls=False)


@pytest.fixture
async def trusted_api(trusting: Stack, api: PublicApi) -> PublicApi:
    """A client of the platform with certificates."""
    return api


async def _a_run_at_work(api: PublicApi, model: MockModel, key: str) -> str:
    """Start a run whose model goes on speaking until it is cancelled."""
    await model.script(LONG)
    saved = await api.save(documents.LONG_AGENT)
    run = await api.start(saved.id, {"key": f"mutual-{key}"})

    async def is_asked() -> bool:
        return bool(await model.entries(f"mutual-{key}/talk"))

    await until(is_asked, within_s=30)
    return run.id


@pytest.mark.timeout(600)
async def test_s47_all_agents_work_under_certificates(
    trusted_api: PublicApi, model: MockModel, key: str
) -> None:
    saved = await trusted_api.save(documents.CREW)
    run = await trusted_api.start(saved.id, {"key": key})
    ended = await trusted_api.finished(run.id, within_s=90)
    assert ended.status is RunStatus.SUCCEEDED, ended.error
    counts = await model.counts(key)
    assert {marker: seen["asked"] for marker, seen in counts.items()} == {
        f"{key}/{call}": 1 for call in documents.CREW_CALLS
    }


async def test_s47_the_main_example_works_under_certificates(
    trusted_api: PublicApi, model: MockModel
) -> None:
    saved = await trusted_api.save((ROOT / "examples" / "workflows" / "first-brief.yaml").read_text())
    run = await trusted_api.start(saved.id, {"topic": "bees in cities"})
    ended = await trusted_api.finished(run.id, within_s=90)
    assert ended.status is RunStatus.SUCCEEDED, ended.error


async def _taken(trusting: Stack, app_id: str, paths: tuple[str, ...], run: str) -> list[str]:
    """Return what the sidecar of a hijacked agent did not refuse."""
    api = SidecarApi(trusting, app_id)
    body = json.dumps({"data": "x", "operations": [], "key": "x", "value": "x"})
    taken = []
    for path in paths:
        for verb in VERBS:
            reply = await api.ask(verb, path.format(run=run), body=body)
            if not set(reply.statuses) <= REFUSED or not reply.statuses:
                taken.append(f"{verb} {path}: {reply.data[:200]!r}")
    return taken


@pytest.mark.parametrize("app_id", [*AGENT_APP_IDS, AppId.MEMORY])
async def test_s47_the_interface_of_a_sidecar_ends_at_calls_and_topics(
    trusting: Stack, api: PublicApi, model: MockModel, *, key: str, app_id: str
) -> None:
    run = await _a_run_at_work(api, model, key)
    assert await _taken(trusting, app_id, (*WORKFLOWS, *TRICKS, *ACTORS, *OTHERS), run) == []
    assert (await api.run(run)).status is RunStatus.RUNNING
    await api.cancel(run)


@contextmanager
def _engine_of(stack: Stack, app_id: str) -> Iterator[DaprWorkflowClient]:
    """The engine as an application reaches it: through its own sidecar, with its own token."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dapr_settings, "DAPR_API_TOKEN", stack.secrets.dapr_api_tokens[app_id], raising=False)
        client = DaprWorkflowClient("127.0.0.1", str(stack.platform.topology.dapr_grpc(app_id)))
    try:
        yield client
    finally:
        client.close()


@pytest.fixture
def engine(trusting: Stack) -> Iterator[DaprWorkflowClient]:
    """The engine as a hijacked agent reaches it."""
    with _engine_of(trusting, AGENT) as client:
        yield client


COMMANDS: Final[Mapping[str, Callable[[DaprWorkflowClient, str], object]]] = {
    "terminate": lambda engine, run: engine.terminate_workflow(run),
    "pause": lambda engine, run: engine.pause_workflow(run),
    "signal": lambda engine, run: engine.raise_workflow_event(run, "signal", data="x"),
    "purge": lambda engine, run: engine.purge_workflow(run),
}


async def test_s47_commands_to_the_engine_reach_nothing_of_the_orchestrators(
    engine: DaprWorkflowClient, api: PublicApi, model: MockModel, key: str
) -> None:
    run = await _a_run_at_work(api, model, key)
    for command in COMMANDS.values():
        with pytest.raises(grpc.RpcError):
            await asyncio.to_thread(command, engine, run)
    assert await asyncio.to_thread(engine.get_workflow_state, run) is None
    assert (await api.run(run)).status is RunStatus.RUNNING
    await api.cancel(run)
    assert (await api.finished(run, within_s=30)).status is RunStatus.CANCELLED


@pytest.mark.parametrize("app_id", [app_id for app_id in AppId if app_id is not AGENT])
async def test_s47_what_an_agent_starts_is_in_no_engine_but_its_own(
    trusting: Stack, engine: DaprWorkflowClient, key: str, app_id: str
) -> None:
    # The sidecar takes the command and forgets for whom it was: nobody here knows the workflow, so it waits.
    for name in ("drive_run", "run_step"):
        instance = f"intruder-{name}-{key}"
        with suppress(grpc.RpcError):
            await asyncio.to_thread(
                engine.schedule_new_workflow, name, instance_id=instance, app_id=app_id, input={"run_id": key}
            )
        with _engine_of(trusting, app_id) as other:
            assert not await asyncio.to_thread(_knows, other, instance)
        with suppress(grpc.RpcError):
            await asyncio.to_thread(engine.terminate_workflow, instance)


def _knows(engine: DaprWorkflowClient, instance: str) -> bool:
    try:
        return engine.get_workflow_state(instance) is not None
    except grpc.RpcError:
        return False


async def test_s47_the_engine_of_the_orchestrator_is_seen_by_the_same_question(
    trusting: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    run = await _a_run_at_work(api, model, key)
    with _engine_of(trusting, AppId.ORCHESTRATOR) as own:
        listed = await asyncio.to_thread(own.list_workflow_instance_ids)
        assert any(run in instance for instance in listed.instance_ids)
    await api.cancel(run)
