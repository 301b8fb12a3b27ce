"""The baseline's process: a workflow of n empty activities, started by one HTTP request."""

import asyncio
import time
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from dapr.ext.workflow import (
    DaprWorkflowClient,
    DaprWorkflowContext,
    WorkflowActivityContext,
    WorkflowRuntime,
    when_all,
)
from fastapi import FastAPI
from pydantic import BaseModel
from pydantic_settings import BaseSettings, SettingsConfigDict

WORKFLOW = "bare_chain"
FAN = "bare_fan"
ACTIVITY = "nothing"


class Settings(BaseSettings):
    """Where the sidecar listens."""

    model_config = SettingsConfigDict(env_prefix="")

    dapr_grpc_port: str


class Chain(BaseModel):
    """How many activities, one after another or all at once."""

    activities: int
    at_once: bool = False


class ChainTimes(BaseModel):
    """When each activity body ran, in nanoseconds of the wall clock."""

    at_ns: list[int]
    scheduled_ns: int = 0


def nothing(_context: WorkflowActivityContext, _input: int) -> int:
    """Do nothing, and say when."""
    return time.time_ns()


def bare_chain(context: DaprWorkflowContext, count: int) -> Generator[object, int, list[int]]:
    """Call so many empty activities one after another."""
    times: list[int] = []
    for number in range(count):
        times.append((yield context.call_activity(ACTIVITY, input=number)))
    return times


def bare_fan(context: DaprWorkflowContext, count: int) -> Generator[object, list[int], list[int]]:
    """Call so many empty activities at once."""
    return (yield when_all([context.call_activity(ACTIVITY, input=number) for number in range(count)]))


@asynccontextmanager
async def _worker(app: FastAPI) -> AsyncIterator[None]:
    port = Settings().dapr_grpc_port
    runtime = WorkflowRuntime("127.0.0.1", port, maximum_thread_pool_workers=32)
    runtime.register_workflow(bare_chain, name=WORKFLOW)
    runtime.register_workflow(bare_fan, name=FAN)
    runtime.register_activity(nothing, name=ACTIVITY)
    await asyncio.to_thread(runtime.start)
    app.state.client = await asyncio.to_thread(DaprWorkflowClient, "127.0.0.1", port)
    app.state.threads = ThreadPoolExecutor(64)
    yield
    await asyncio.to_thread(runtime.shutdown)


app = FastAPI(lifespan=_worker)


@app.get("/healthz")
async def healthz() -> dict[str, str]:
    """Answer the sidecar."""
    return {"status": "ok"}


@app.post("/chain")
async def chain(body: Chain) -> ChainTimes:
    """Run one workflow to its end."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(app.state.threads, _run, body)


def _run(body: Chain) -> ChainTimes:
    client: DaprWorkflowClient = app.state.client
    workflow = bare_fan if body.at_once else bare_chain
    scheduled = time.time_ns()
    instance = client.schedule_new_workflow(workflow, input=body.activities)
    state = client.wait_for_workflow_completion(instance, timeout_in_seconds=60)
    if state is None or state.runtime_status.name != "COMPLETED":
        raise RuntimeError(f"the bare workflow ended as {state}")
    found = f'{{"at_ns": {state.serialized_output}, "scheduled_ns": {scheduled}}}'
    return ChainTimes.model_validate_json(found)
