"""Chooses the real parts of the orchestrator and keeps them as long as the application lives."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from flowloom_contracts.topics import AppId
from flowloom_modelkit.endpoint import model_client
from flowloom_modelkit.openai_api import OpenAICaller
from flowloom_modelkit.settings import ModelSettings
from flowloom_servicekit.app import create_app
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.control import ControlChannel
from flowloom_servicekit.dapr.publish import EventPublisher
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.dapr.workflows import WorkflowEngine
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import StorageUnavailableError, UpstreamError
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.redis_client import connect_redis
from orchestrator import activities
from orchestrator.adapters.postgres_archive import PostgresArchive
from orchestrator.adapters.postgres_journal import PostgresJournal
from orchestrator.adapters.postgres_outbox import PostgresOutbox
from orchestrator.adapters.postgres_reaper import PostgresReaper
from orchestrator.adapters.postgres_runs import PostgresRunStore
from orchestrator.adapters.postgres_views import PostgresRunViews
from orchestrator.adapters.redis_streams import RedisStreams
from orchestrator.dependencies import Dependencies
from orchestrator.domain.records import Worker
from orchestrator.local_steps import LocalSteps
from orchestrator.routes import calls, runs, steps
from orchestrator.settings import Settings
from orchestrator.usecases.advance_run import Advance
from orchestrator.usecases.gate import RunGate
from orchestrator.usecases.read_runs import History
from orchestrator.usecases.reap import run_reaper
from orchestrator.usecases.relay import OutboxRelay
from orchestrator.usecases.stops import StopRegistry


@dataclass
class _Process:
    """What the lifespan starts and stops."""

    settings: Settings
    database: Database
    engine: WorkflowEngine
    is_started: bool = False


def build(settings: Settings) -> FastAPI:
    """Return the application; it connects in its lifespan."""
    database = Database(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size)
    engine = WorkflowEngine(settings, max_threads=settings.worker_threads)
    process = _Process(settings, database, engine)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await _assemble(app, process, stack)
            yield

    async def missing() -> Sequence[str]:
        found = [] if process.is_started else ["the workflow engine is not connected"]
        try:
            await database.check()
        except StorageUnavailableError as error:
            found.append(error.detail)
        return found

    return create_app(
        app_id=AppId.ORCHESTRATOR,
        settings=settings,
        lifespan=lifespan,
        routers=[runs, steps, calls],
        readiness=missing,
    )


async def _assemble(app: FastAPI, process: _Process, stack: AsyncExitStack) -> None:
    """Make the parts, start what runs beside the requests, and undo it in reverse order at the end."""
    settings, database = process.settings, process.database
    clock = SystemClock()
    stack.push_async_callback(database.close)
    redis = connect_redis(settings.redis_url.get_secret_value())
    stack.push_async_callback(redis.aclose)
    channel = ControlChannel(settings.redis_url.get_secret_value())
    stack.push_async_callback(channel.close)
    sidecar = await stack.enter_async_context(Sidecar(settings))
    model_settings = ModelSettings()
    client = await stack.enter_async_context(model_client(model_settings))
    stores = _Stores(database)
    streams = RedisStreams(redis)
    relay = OutboxRelay(
        outbox=PostgresOutbox(database),
        streams=streams,
        archive=stores.archive,
        engine=process.engine,
        bus=EventPublisher(sidecar, AppId.ORCHESTRATOR),
        clock=clock,
    )
    stack.push_async_callback(relay.stop)
    gate, stops = RunGate(stores.runs, relay, at_once=max(settings.database_pool_size - 4, 1)), StopRegistry()
    app.state.dependencies = Dependencies(
        runs=stores.runs,
        views=stores.views,
        journal=stores.journal,
        history=History(views=stores.views, streams=streams, archive=stores.archive, keeper=relay),
        gate=gate,
        relay=relay,
        stops=stops,
        channel=channel,
        clock=clock,
    )
    runner = LocalSteps(
        model=OpenAICaller(client, model_settings),
        journal=stores.journal,
        runs=stores.runs,
        deltas=streams,
        relay=relay,
        stops=stops,
        clock=clock,
    )
    _start(process, stack, gate=gate, runner=runner, relay=relay)
    stack.push_async_callback(_cancelled, asyncio.create_task(_listen(channel, stops)))


def _start(
    process: _Process, stack: AsyncExitStack, *, gate: RunGate, runner: LocalSteps, relay: OutboxRelay
) -> None:
    """Register with the engine and start what works beside the requests."""
    settings, engine, clock = process.settings, process.engine, SystemClock()
    worker = Worker(settings.worker, boot_id=new_id())
    advance = Advance(gate=gate, runner=runner, worker=worker, clock=clock)
    activities.register(engine, advance=advance, gate=gate, runner=runner, worker=worker, clock=clock)
    reaper = PostgresReaper(process.database)
    for work in (
        relay.run(),
        run_reaper(store=reaper, gate=gate, clock=clock, every_s=settings.reaper_seconds),
        _start_engine(process),
    ):
        stack.push_async_callback(_cancelled, asyncio.create_task(work))
    stack.push_async_callback(engine.stop)


class _Stores:
    """The adapters on one database."""

    def __init__(self, database: Database) -> None:
        self.runs = PostgresRunStore(database)
        self.views = PostgresRunViews(database, self.runs)
        self.journal = PostgresJournal(database)
        self.archive = PostgresArchive(database)


async def _start_engine(process: _Process) -> None:
    """Connect to the sidecar, which itself waits until this application listens."""
    while not process.is_started:
        try:
            await process.engine.start()
            process.is_started = True
        except UpstreamError:
            await asyncio.sleep(1)


async def _listen(channel: ControlChannel, stops: StopRegistry) -> None:
    async for run_id in channel.listen():
        stops.stop(run_id)


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
