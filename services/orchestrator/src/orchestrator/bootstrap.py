"""Chooses the real parts of the orchestrator and keeps them as long as the application lives."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import FastAPI

from flowloom_contracts.topics import AppId
from flowloom_servicekit.app import create_app
from flowloom_servicekit.background import run_beside
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.control import ControlChannel
from flowloom_servicekit.dapr.workflows import WorkflowEngine
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import UpstreamError
from flowloom_servicekit.gauges import watch_database
from flowloom_servicekit.ids import new_id
from flowloom_servicekit.schema_versions import SchemaOfService
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from orchestrator import activities, subscriptions
from orchestrator.adapters.postgres_figures import PostgresFigures
from orchestrator.adapters.postgres_reaper import PostgresReaper
from orchestrator.bootstrap_children import reconciler
from orchestrator.bootstrap_core import Core, Outside
from orchestrator.bootstrap_queue import QueueOfProcess
from orchestrator.bootstrap_schedules import SchedulesOfProcess
from orchestrator.bootstrap_steps import mcp_tools, step_parts
from orchestrator.domain.records import Worker
from orchestrator.local_steps import LocalSteps
from orchestrator.routes.approvals import approvals
from orchestrator.routes.budgets import budgets
from orchestrator.routes.calls import calls
from orchestrator.routes.control import control
from orchestrator.routes.files import files, files_of_runs
from orchestrator.routes.mcp import mcp_of_agents, mcp_servers
from orchestrator.routes.models import models
from orchestrator.routes.policies import policies
from orchestrator.routes.runs import runs
from orchestrator.routes.schedules import alarms, schedules
from orchestrator.routes.stats import stats
from orchestrator.routes.steps import steps
from orchestrator.routes.values import large_values
from orchestrator.schema import MIGRATIONS
from orchestrator.settings import Settings
from orchestrator.usecases.advance_run import Advance
from orchestrator.usecases.reap import run_reaper
from orchestrator.usecases.stops import StopRegistry
from orchestrator.usecases.tally_runs import run_tallies
from orchestrator.usecases.watch_figures import count_ends, watch_figures


@dataclass
class _Process:
    """What the lifespan starts and stops."""

    settings: Settings
    database: Database
    engine: WorkflowEngine
    is_started: bool = False


def build(settings: Settings) -> FastAPI:
    """Return the application; it connects in its lifespan."""
    url = settings.database_url.get_secret_value()
    database = Database(url, workspace=EVERY_WORKSPACE, pool_size=settings.database_pool_size)
    engine = WorkflowEngine(settings, max_threads=settings.worker_threads)
    process, schema = _Process(settings, database, engine), SchemaOfService(url, MIGRATIONS)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await schema.ensure_fit()
            await _assemble(app, process, stack)
            yield

    async def missing() -> Sequence[str]:
        engine_away = [] if process.is_started else ["the workflow engine is not connected"]
        return [*engine_away, *await schema.unfit(database)]

    return create_app(
        app_id=AppId.ORCHESTRATOR,
        settings=settings,
        lifespan=lifespan,
        routers=[
            runs,
            control,
            steps,
            calls,
            approvals,
            large_values,
            files,
            files_of_runs,
            schedules,
            alarms,
            stats,
            policies,
            budgets,
            models,
            mcp_servers,
            mcp_of_agents,
            subscriptions.router,
        ],
        readiness=missing,
    )


async def _assemble(app: FastAPI, process: _Process, stack: AsyncExitStack) -> None:
    """Make the parts, start what runs beside the requests, and undo it in reverse order at the end."""
    settings, database = process.settings, process.database
    stack.push_async_callback(database.close)
    watch_database(database, stack)
    outside = await Outside.opened(settings, stack)
    core = Core(settings, database, outside, process.engine)
    stack.push_async_callback(core.relay.stop)
    mcp = await mcp_tools(settings, outside.invoker, outside.redis, stack)
    parts = await step_parts(settings, outside.invoker, core.values, mcp, stack=stack)
    queue = QueueOfProcess(settings, database, outside.redis)
    runs_to_start = core.ruled(queue.limited(core.stores.runs, stack))
    events = core.events(stack)
    made = core.dependencies(
        runs_to_start,
        events=events,
        mcp=mcp,
        schedules=SchedulesOfProcess(settings, database, outside.sidecar, outside.invoker).start(
            stack, core.clock
        ),
    )
    app.state.dependencies = made
    queue.start(stack, core.relay, made.controls)
    reconciling = reconciler(
        made,
        core.relay,
        invoker=outside.invoker,
        database=database,
        retention_days=settings.retention_days,
    )
    run_beside(stack, "reconciler", reconciling.run)
    if settings.metrics_port:
        figures = PostgresFigures(database)
        run_beside(stack, "figures", partial(watch_figures, figures=figures, clock=core.clock))
    run_beside(stack, "tallies", partial(run_tallies, stats=made.stats, clock=core.clock))
    _start(process, stack, core=core, runner=core.runner(parts))
    run_beside(stack, "cancels", partial(_listen, outside.channel, core.stops))


def _start(process: _Process, stack: AsyncExitStack, *, core: Core, runner: LocalSteps) -> None:
    """Register with the engine and start what works beside the requests."""
    gate, relay = core.gate, core.relay
    settings, engine, clock = process.settings, process.engine, SystemClock()
    worker = Worker(settings.worker, boot_id=new_id())
    advance = Advance(gate=gate, runner=runner, worker=worker, clock=clock)
    relay.carry_out(advance.run)
    relay.watched_by(advance.notice)
    relay.watched_by(count_ends)
    activities.register(engine, advance=advance, gate=gate, runner=runner, worker=worker, clock=clock)
    reaper = PostgresReaper(process.database)
    reaping = partial(run_reaper, store=reaper, gate=gate, clock=clock, every_s=settings.reaper_seconds)
    run_beside(stack, "outbox", relay.run)
    run_beside(stack, "long-streams", core.long_streams.run)
    run_beside(stack, "reaper", reaping)
    run_beside(stack, "engine", partial(_start_engine, process))
    stack.push_async_callback(engine.stop)


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
