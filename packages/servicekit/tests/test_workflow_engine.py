"""The worker of the real SDK against a sidecar that has no work for it."""

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from dapr.ext.workflow._durabletask.internal.orchestrator_service_pb2_grpc import (
    TaskHubSidecarServiceServicer,
    add_TaskHubSidecarServiceServicer_to_server,
)
from google.protobuf.empty_pb2 import Empty

from flowloom_servicekit.dapr.workflows import WorkflowEngine
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.testing.waiting import wait_until


class IdleSidecar(TaskHubSidecarServiceServicer):
    """Greets, and keeps the stream of work open without work."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self.asked_for_work = threading.Event()

    def Hello(self, request: Any, context: Any) -> Any:
        return Empty()

    def GetWorkItems(self, request: Any, context: Any) -> Iterator[Any]:
        self.asked_for_work.set()
        context.add_callback(self.over.set)
        self.over.wait(60)
        yield from ()


@pytest.fixture
def sidecar(settings: ServiceSettings) -> Iterator[tuple[IdleSidecar, ServiceSettings]]:
    idle = IdleSidecar()
    with ThreadPoolExecutor(4) as threads:
        server = grpc.server(threads)
        add_TaskHubSidecarServiceServicer_to_server(idle, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield idle, settings.model_copy(update={"dapr_grpc_port": port})
        idle.over.set()
        server.stop(None).wait(10)


def _open_loops() -> set[int]:
    loops = [thing for thing in gc.get_objects() if isinstance(thing, asyncio.BaseEventLoop)]
    return {id(loop) for loop in loops if not loop.is_closed()}


async def test_a_stopped_engine_leaves_no_loop_open(sidecar: tuple[IdleSidecar, ServiceSettings]) -> None:
    """An open loop keeps three descriptors, and is complained about in whatever test is running later."""
    idle, settings = sidecar
    before = _open_loops()
    engine = WorkflowEngine(settings, max_threads=2)
    await engine.start()
    await wait_until(idle.asked_for_work.is_set)
    assert len(_open_loops() - before) == 1, "the loop of the worker is somewhere else than it was"
    await engine.stop()
    assert _open_loops() - before == set()


async def test_a_stopped_engine_ends_the_work_that_was_being_handed_out(
    sidecar: tuple[IdleSidecar, ServiceSettings],
) -> None:
    """The SDK leaves its tasks pending; destroyed later, they are complained about in any other test."""
    idle, settings = sidecar
    begun, ended = threading.Event(), threading.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    engine = WorkflowEngine(settings, max_threads=2)
    await engine.start()
    await wait_until(idle.asked_for_work.is_set)
    assert engine._runtime is not None
    manager = engine._runtime._WorkflowRuntime__worker._async_worker_manager  # type: ignore[attr-defined]  # the SDK has no door
    await wait_until(lambda: manager._queue_event_loop is not None)
    manager._queue_event_loop.call_soon_threadsafe(manager.submit_activity, work)
    await wait_until(begun.is_set)
    await engine.stop()
    assert ended.is_set()
    gc.collect()  # what is still pending would be complained about here
