"""Histories of the real engine: fetched from a sidecar, and replayed against the workflow code of today.

Replay uses the executor of the SDK's own worker, because that is what the engine's histories meet in
production; it has no public door to it.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import grpc  # type: ignore[import-untyped]  # grpcio ships no types
from dapr.ext.workflow import DaprWorkflowContext
from dapr.ext.workflow._durabletask import worker as sdk
from dapr.ext.workflow._durabletask.internal import protos
from dapr.ext.workflow._durabletask.internal.orchestrator_service_pb2_grpc import TaskHubSidecarServiceStub
from google.protobuf.json_format import (  # type: ignore[import-untyped]  # ships no types
    MessageToDict,
    ParseDict,
)

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.dapr.workflows import WorkflowFunction

FETCH_SECONDS: Final = 10
TOKEN_HEADER: Final = "dapr-api-token"
FAILED: Final = "ORCHESTRATION_STATUS_FAILED"

Event = Any  # a message of the SDK's generated code, which has no types


class HistoryBrokenError(AssertionError):
    """The workflow code of today does something else than what a history says was done."""


def fetch_history(port: int, token: str, instance_id: str) -> list[JsonObject]:
    """Return the events of an instance, as JSON, from the sidecar that hosts it."""
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        request = protos.GetInstanceHistoryRequest(instanceId=instance_id)
        stub = TaskHubSidecarServiceStub(channel)  # type: ignore[no-untyped-call]  # generated code
        answer = stub.GetInstanceHistory(request, timeout=FETCH_SECONDS, metadata=((TOKEN_HEADER, token),))
    return [MessageToDict(event) for event in answer.events]


def replay(
    history: Sequence[Mapping[str, object]], workflow: WorkflowFunction, *, name: str
) -> Mapping[str, object] | None:
    """Play a history again, stopping after every turn it had; return how the last turn completed it.

    Raises `HistoryBrokenError` when the code asks the engine for something else than it did then. An instance
    that was still going on gives None.
    """
    events = [ParseDict(dict(event), protos.HistoryEvent()) for event in history]
    executor = _executor(workflow, name)
    completed: Mapping[str, object] | None = None
    for before, turn in _turns(events):
        executor._generator = None
        actions = executor.execute("replayed", before, turn).actions
        completed = _completion(actions)
        if completed is not None and completed.get("workflowStatus") == FAILED:
            raise HistoryBrokenError(f"after {len(before)} events: {completed}")
    return completed


def _executor(workflow: WorkflowFunction, name: str) -> Any:
    def run(context: Any, input: JsonObject) -> object:
        return workflow(DaprWorkflowContext(context), input)

    registry = sdk._Registry()  # type: ignore[no-untyped-call]  # the SDK does not annotate it
    registry.add_named_orchestrator(name, run)
    return sdk._OrchestrationExecutor(registry, logging.getLogger(__name__))


def _turns(events: Sequence[Event]) -> Iterator[tuple[Sequence[Event], Sequence[Event]]]:
    """Yield each turn of the worker with all events before it; an end that is written down is no input."""
    starts = [place for place, event in enumerate(events) if event.HasField("workflowStarted")]
    for start, end in zip(starts, [*starts[1:], len(events)], strict=True):
        turn = [event for event in events[start:end] if not event.HasField("executionCompleted")]
        yield events[:start], turn


def _completion(actions: Sequence[Event]) -> Mapping[str, object] | None:
    ends = [
        MessageToDict(action.completeWorkflow) for action in actions if action.HasField("completeWorkflow")
    ]
    return ends[-1] if ends else None
