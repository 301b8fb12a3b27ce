"""Chooses the real parts of local steps: what they call, and where their large values are kept."""

from collections.abc import Collection, Sequence
from contextlib import AsyncExitStack
from functools import partial

from redis.asyncio import Redis

from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_servicekit.background import run_beside
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.dapr.invoke import Invoker
from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.outbound.client import OutboundClient
from orchestrator.adapters.file_values import FileValueStore
from orchestrator.adapters.invoked_mcp import InvokedMcpServers
from orchestrator.adapters.invoked_memory import InvokedMemory
from orchestrator.adapters.invoked_secrets import InvokedSecrets
from orchestrator.adapters.lazy_sandbox import LazySandbox
from orchestrator.adapters.mcp.sessions import KeptSessions
from orchestrator.adapters.mcp_programs import ServersWithPrograms, read_programs
from orchestrator.adapters.postgres_values import PostgresValueStore
from orchestrator.adapters.redis_mcp_tally import RedisMcpTally
from orchestrator.ports.values import ValueStore
from orchestrator.settings import Settings
from orchestrator.step_context import StepLimits, StepParts
from orchestrator.usecases.call_mcp import McpTools
from orchestrator.usecases.keep_values import ValueKeeper, sweep_values

KNOWN = Statement("select cast(id as text) as id from orchestrator.runs where id = any(cast(:ids as uuid[]))")


def value_store(settings: Settings, database: Database) -> ValueStore:
    """Return where large values are kept."""
    if settings.values_dir is None:
        return PostgresValueStore(database)

    async def known(run_ids: Sequence[str]) -> Collection[str]:
        return {str(row["id"]) for row in await database.rows(KNOWN, {"ids": list(run_ids)})}

    return FileValueStore(settings.values_dir, known=known)


async def step_parts(
    settings: Settings, invoker: Invoker, values: ValueKeeper, mcp: McpTools, *, stack: AsyncExitStack
) -> StepParts:
    """Return what local steps work with; it ends with the stack."""
    outside = await stack.enter_async_context(OutboundClient(allow=settings.outbound_origins))
    sandbox = LazySandbox(SandboxSettings())
    stack.push_async_callback(sandbox.stop)
    run_beside(stack, "values", partial(sweep_values, values.store, SystemClock()))
    return StepParts(
        outside=outside,
        memory=InvokedMemory(invoker),
        sandbox=sandbox,
        secrets=InvokedSecrets(invoker),
        values=values,
        mcp=mcp,
        limits=StepLimits(
            answer_bytes=settings.http_answer_bytes,
            connect_s=settings.http_connect_seconds,
            code_memory_bytes=settings.code_memory_bytes,
        ),
    )


async def mcp_tools(settings: Settings, invoker: Invoker, redis: Redis, stack: AsyncExitStack) -> McpTools:
    """Return what calls tools of MCP servers; its connections and programs end with the stack.

    Raises OperatorFileError for a file of programs that cannot be used.
    """
    clock = SystemClock()
    servers = ServersWithPrograms(read_programs(settings.mcp_file), InvokedMcpServers(invoker, clock))
    client = await stack.enter_async_context(OutboundClient(allow=settings.outbound_origins))
    sessions = KeptSessions(client, clock)
    stack.push_async_callback(sessions.aclose)
    return McpTools(servers=servers, sessions=sessions, tally=RedisMcpTally(redis, clock))
