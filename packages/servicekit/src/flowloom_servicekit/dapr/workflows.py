"""The Dapr Workflow engine: this process's worker, and commands to instances."""

import asyncio
import logging
import socket
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from inspect import iscoroutinefunction
from typing import Final, Protocol, TypeAlias, TypeVar, cast

import grpc  # type: ignore[import-untyped]  # gRPC ships no types
import structlog
from dapr.conf import settings as dapr_settings
from dapr.ext.workflow import DaprWorkflowClient, WorkflowActivityContext, WorkflowRuntime
from dapr.ext.workflow.logger import LoggerOptions

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.topics import EngineName
from flowloom_servicekit.dapr.work_items import hand_over_at_once
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.metrics import ACTIVITIES_RUN
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.tracing import about, attached, span

log = structlog.get_logger(__name__)

CLIENT_THREADS: Final = 8
MAX_ACTIVITIES: Final = 400
READY_SECONDS: Final = 60.0
POLL_SECONDS: Final = 0.1
TRACE_FIELD: Final = "trace"
"""Where the input of a workflow or an activity brings its trace, beside what is meant for it."""
GRACE_SECONDS: Final = 2.0
# They log every work item at level info.
SDK_LOGGERS: Final = (
    "WorkflowRuntime",
    "DaprWorkflowClient",
    "DaprWorkflowContext",
    "durabletask-worker",
    "durabletask-client",
)

ActivityFunction: TypeAlias = Callable[[JsonObject], Awaitable[JsonValue]] | Callable[[JsonObject], JsonValue]
"""Takes the activity's one input object and returns JSON below 8 kB."""

WorkflowFunction: TypeAlias = Callable[..., object]
"""A generator function `(ctx: WorkflowContext, input: JsonObject)`; see `dapr/replay.py`."""

T = TypeVar("T")


class EngineUnavailableError(UpstreamError):
    """The workflow engine did not take a command."""

    title = "The workflow engine is not available"


class Engine(Protocol):
    """Commands to durable instances."""

    async def schedule(self, instance_id: str, workflow: str, input: JsonObject) -> bool:
        """Start an instance; False when it exists already. Raises `EngineUnavailableError`."""

    async def raise_signal(self, instance_id: str, name: str = EngineName.SIGNAL) -> None:
        """Wake an instance; nothing happens when it has ended. Raises `EngineUnavailableError`."""

    async def terminate(self, instance_id: str) -> None:
        """End an instance; nothing happens when it has ended. Raises `EngineUnavailableError`."""

    async def purge(self, instance_id: str) -> None:
        """Forget an ended instance. Raises `EngineUnavailableError`."""


class WorkflowEngine:
    """Register, then `start` once the application listens, and `stop` before its resources close.

    Asynchronous activities run on the application's own loop, so that they may use its pools, and hold no
    thread while they wait. The engine repeats an activity that raises as often as the caller's `RetryPolicy`
    says: raise `UpstreamError` when a part is away, return everything else as a typed result.
    """

    def __init__(self, settings: ServiceSettings, max_threads: int = 32) -> None:
        self._settings = settings
        self._max_threads = max_threads
        self._workflows: list[tuple[str, WorkflowFunction]] = []
        self._activities: list[tuple[str, ActivityFunction]] = []
        self._running: set[asyncio.Task[JsonValue]] = set()
        self._threads = ThreadPoolExecutor(CLIENT_THREADS, thread_name_prefix="engine-client")
        self._bodies = ThreadPoolExecutor(max_threads, thread_name_prefix="engine-activity")
        self._runtime: WorkflowRuntime | None = None
        self._client: DaprWorkflowClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    def register_workflow(self, fn: WorkflowFunction, *, name: str) -> None:
        """Offer a workflow under a name that never changes while work is in flight."""
        self._workflows.append((name, fn))

    def register_activity(self, fn: ActivityFunction, *, name: str) -> None:
        """Offer an activity: `async def fn(input)` or `def fn(input)`; a sync one runs in a thread."""
        self._activities.append((name, fn))

    async def start(self) -> None:
        """Connect worker and client to the sidecar; raise `EngineUnavailableError` when it stays away."""
        self._loop = asyncio.get_running_loop()
        try:
            await asyncio.to_thread(self._start)
        except (grpc.RpcError, RuntimeError) as error:
            raise EngineUnavailableError("the worker cannot connect to the sidecar") from error

    async def stop(self) -> None:
        """Let short activities end, cancel the others (the engine gives them out again) and disconnect."""
        self._stopping = True
        if self._running:
            _, late = await asyncio.wait(set(self._running), timeout=GRACE_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._runtime is not None:
            await asyncio.to_thread(_shut_down, self._runtime)
        for threads in (self._threads, self._bodies):
            threads.shutdown(wait=False, cancel_futures=True)

    async def schedule(self, instance_id: str, workflow: str, input: JsonObject) -> bool:
        """See `Engine.schedule`."""
        try:
            await self._command(
                lambda client: client.schedule_new_workflow(workflow, input=input, instance_id=instance_id)
            )
        except grpc.RpcError as error:
            if _says(error, grpc.StatusCode.ALREADY_EXISTS, "already exists"):
                return False
            raise _unavailable(error) from error
        return True

    async def raise_signal(self, instance_id: str, name: str = EngineName.SIGNAL) -> None:
        """See `Engine.raise_signal`."""
        await self._to_instance(lambda client: client.raise_workflow_event(instance_id, str(name)))

    async def terminate(self, instance_id: str) -> None:
        """See `Engine.terminate`."""
        await self._to_instance(lambda client: client.terminate_workflow(instance_id))

    async def purge(self, instance_id: str) -> None:
        """See `Engine.purge`."""
        await self._to_instance(lambda client: client.purge_workflow(instance_id))

    async def _to_instance(self, command: Callable[[DaprWorkflowClient], object]) -> None:
        try:
            await self._command(command)
        except grpc.RpcError as error:
            if not _says(error, grpc.StatusCode.NOT_FOUND, "no such instance"):
                raise _unavailable(error) from error

    async def _command(self, command: Callable[[DaprWorkflowClient], T]) -> T:
        if self._client is None or self._loop is None:
            raise EngineUnavailableError("the engine is not started")
        return await self._loop.run_in_executor(self._threads, command, self._client)

    def _start(self) -> None:
        self._await_sidecar()
        for name in SDK_LOGGERS:
            logging.getLogger(name).setLevel(logging.WARNING)
        # The SDK takes the token from its own module of settings, read from the environment at import.
        setattr(dapr_settings, "DAPR_API_TOKEN", self._settings.dapr_api_token.get_secret_value())  # noqa: B010 - the SDK declares no such attribute
        host, port = "127.0.0.1", str(self._settings.dapr_grpc_port)
        quiet = LoggerOptions(log_level="WARNING", log_handler=logging.NullHandler())
        runtime = WorkflowRuntime(
            host,
            port,
            logger_options=quiet,
            maximum_thread_pool_workers=self._max_threads,
            maximum_concurrent_activity_work_items=MAX_ACTIVITIES,
            worker_ready_timeout=READY_SECONDS,
        )
        for name, workflow in self._workflows:
            runtime.register_workflow(workflow, name=name)
        for name, activity in self._activities:
            runtime.register_activity(self._wrapped(name, activity), name=name)
        hand_over_at_once(runtime._WorkflowRuntime__worker)  # type: ignore[attr-defined]  # private, so a test guards it
        # Known before it has started, so that `stop` can end a start that waits.
        self._runtime = runtime
        runtime.start()  # type: ignore[no-untyped-call]  # the SDK does not annotate it
        self._client = DaprWorkflowClient(host, port, quiet)

    def _await_sidecar(self) -> None:
        """Return when the sidecar listens: the worker's own second try would come seconds later."""
        until = time.monotonic() + READY_SECONDS
        while not self._stopping and time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._settings.dapr_grpc_port)) == 0:
                    return
            time.sleep(POLL_SECONDS)
        raise RuntimeError(f"no sidecar listens on port {self._settings.dapr_grpc_port}")

    def _wrapped(self, name: str, activity: ActivityFunction) -> Callable[..., object]:
        async def run(_context: WorkflowActivityContext, input: JsonObject) -> JsonValue:
            """Runs on the worker's loop and waits, without a thread, for the application's loop."""
            if self._loop is None or self._stopping:
                raise asyncio.CancelledError
            body = self._run(name, activity, input)
            return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(body, self._loop))

        return run

    async def _run(self, name: str, activity: ActivityFunction, input: JsonObject) -> JsonValue:
        task = asyncio.create_task(traced_activity(name, input, partial(self._call, activity)))
        self._running.add(task)
        outcome = "failed"
        try:
            result = await task
            outcome = "completed"
            return result
        except asyncio.CancelledError:
            outcome = "cancelled"
            raise
        except UpstreamError as error:
            log.warning("an activity could not do its work", activity=name, error=repr(error))
            raise
        except Exception:
            log.exception("an activity failed", activity=name)
            raise
        finally:
            self._running.discard(task)
            ACTIVITIES_RUN.labels(name, outcome).inc()

    async def _call(self, activity: ActivityFunction, input: JsonObject) -> JsonValue:
        if iscoroutinefunction(activity):
            return cast(JsonValue, await activity(input))
        loop = asyncio.get_running_loop()
        return cast(JsonValue, await loop.run_in_executor(self._bodies, activity, input))


async def traced_activity(
    name: str, input: JsonObject, call: Callable[[JsonObject], Awaitable[JsonValue]]
) -> JsonValue:
    """Go on in the trace that the input brings, which the activity itself does not see."""
    brought = input.get(TRACE_FIELD)
    body: JsonObject = {key: value for key, value in input.items() if key != TRACE_FIELD}
    names = {key: value for key in ("run_id", "step") if isinstance(value := body.get(key), str)}
    headers = {key: str(value) for key, value in brought.items()} if isinstance(brought, dict) else {}
    told = {f"flowloom.{key}": value for key, value in names.items()}
    with (
        attached(headers),
        about(run=names.get("run_id"), step=names.get("step")),
        span(name, kind="consumer", **told),
    ):
        return await call(body)


def _shut_down(runtime: WorkflowRuntime) -> None:
    """Stop the worker and close its loop, which the SDK leaves open with its sockets and has no door to."""
    runtime.shutdown()  # type: ignore[no-untyped-call]  # the SDK does not annotate it
    worker = runtime._WorkflowRuntime__worker  # type: ignore[attr-defined]  # private, so a test guards it
    loop: asyncio.AbstractEventLoop | None = worker._async_worker_manager._queue_event_loop
    if loop is not None and not loop.is_running():
        _close(loop)


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """End what a stopped loop still holds: the SDK walks away from work items that it was handing out."""
    left = asyncio.all_tasks(loop)
    for task in left:
        task.cancel()
    if left:
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    loop.close()


def _says(error: grpc.RpcError, code: grpc.StatusCode, words: str) -> bool:
    details = error.details() or "" if isinstance(error, grpc.Call) else str(error)
    return (isinstance(error, grpc.Call) and error.code() == code) or words in details


def _unavailable(error: grpc.RpcError) -> EngineUnavailableError:
    return EngineUnavailableError(error.details() if isinstance(error, grpc.Call) else str(error))
