"""How the real SDK's worker gets its work, from a sidecar that has some now and then."""

import asyncio
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from dapr.ext.workflow._durabletask.internal import protos as messages
from dapr.ext.workflow._durabletask.internal.orchestrator_service_pb2_grpc import (
    TaskHubSidecarServiceServicer,
    add_TaskHubSidecarServiceServicer_to_server,
)
from google.protobuf.empty_pb2 import Empty
from google.protobuf.wrappers_pb2 import StringValue

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.dapr.work_items import _Executor
from flowloom_servicekit.dapr.workflows import WorkflowEngine
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.testing.waiting import wait_until

LOOKS_OF_THE_SDK_S = 0.1
PATIENCE_S = 30


class Sidecar(TaskHubSidecarServiceServicer):
    """Gives out what is put into `work` of the newest stream, and keeps what comes back."""

    def __init__(self) -> None:
        self.work: queue.Queue[Any] = queue.Queue()
        self.results: list[str] = []
        self.streams = 0

    def Hello(self, request: Any, context: Any) -> Any:
        return Empty()

    def GetWorkItems(self, request: Any, context: Any) -> Iterator[Any]:
        work = self.work = queue.Queue[Any]()
        self.streams += 1
        context.add_callback(lambda: work.put(None))
        yield from iter(work.get, None)

    def CompleteActivityTask(self, request: Any, context: Any) -> Any:
        self.results.append(request.result.value)
        return messages.CompleteTaskResponse()

    def ask(self, number: int) -> None:
        request = messages.ActivityRequest(
            name="double",
            taskId=number,
            input=StringValue(value=f'{{"number": {number}}}'),
            workflowInstance=messages.WorkflowInstance(instanceId="i"),
        )
        self.work.put(messages.WorkItem(activityRequest=request, completionToken=str(number)))


@pytest.fixture
def sidecar(settings: ServiceSettings) -> Iterator[tuple[Sidecar, ServiceSettings]]:
    playing = Sidecar()
    with ThreadPoolExecutor(8) as threads:
        server = grpc.server(threads)
        add_TaskHubSidecarServiceServicer_to_server(playing, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield playing, settings.model_copy(update={"dapr_grpc_port": port})
        playing.work.put(None)
        server.stop(None).wait(10)


async def _double(input: JsonObject) -> int:
    return 2 * int(str(input["number"]))


async def test_a_worker_takes_what_comes_and_looks_for_nothing_meanwhile(
    sidecar: tuple[Sidecar, ServiceSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    playing, settings = sidecar
    looks: list[str] = []
    get = queue.Queue.get

    def counted(self: "queue.Queue[Any]", block: bool = True, timeout: float | None = None) -> Any:
        if timeout == LOOKS_OF_THE_SDK_S:
            looks.append(threading.current_thread().name)
        return get(self, block, timeout)

    monkeypatch.setattr(queue.Queue, "get", counted)
    engine = WorkflowEngine(settings, max_threads=2)
    engine.register_activity(_double, name="double")
    await engine.start()
    try:
        await wait_until(lambda: playing.streams == 1)
        for number in range(1, 6):
            playing.ask(number)
        await wait_until(lambda: len(playing.results) == 5, PATIENCE_S)
        until = time.monotonic() + 5 * LOOKS_OF_THE_SDK_S
        await wait_until(lambda: time.monotonic() >= until)
        playing.ask(6)
        await wait_until(lambda: len(playing.results) == 6, PATIENCE_S)
    finally:
        await engine.stop()
    assert sorted(map(int, playing.results)) == [2, 4, 6, 8, 10, 12]
    assert looks == [], "the SDK takes its work some other way than it did"


async def test_a_worker_whose_stream_has_ended_takes_what_comes_with_the_next_one(
    sidecar: tuple[Sidecar, ServiceSettings],
) -> None:
    playing, settings = sidecar
    engine = WorkflowEngine(settings, max_threads=2)
    engine.register_activity(_double, name="double")
    await engine.start()
    try:
        await wait_until(lambda: playing.streams == 1)
        playing.work.put(None)
        await wait_until(lambda: playing.streams == 2, PATIENCE_S)
        playing.ask(21)
        await wait_until(lambda: playing.results == ["42"], PATIENCE_S)
    finally:
        await engine.stop()


async def test_anything_else_is_executed_as_ever() -> None:
    executor = _Executor(asyncio.get_running_loop())
    assert await executor.run(None, lambda: threading.current_thread() is threading.main_thread()) is False
    assert await executor.run(None, max, 1, 2) == 2
    work_item_queue = "not a queue"
    assert await executor.run(None, lambda: work_item_queue) == "not a queue"
