"""The only place that names real adapters."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final, TypeAlias

from fastapi import FastAPI
from redis.asyncio import Redis
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from flowloom_contracts.mcp_programs import McpProgramFile
from flowloom_contracts.topics import AppId
from flowloom_servicekit.app import create_app
from flowloom_servicekit.clock import Clock, SystemClock
from flowloom_servicekit.dapr.invoke import ServiceInvoker
from flowloom_servicekit.dapr.publish import EventPublisher
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.database import Database
from flowloom_servicekit.gauges import watch_database, watch_gauge
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.operator_files import read_operator_file
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.schema_versions import SchemaOfService
from flowloom_servicekit.streams.hub import StreamHub
from flowloom_servicekit.streams.reader import StreamReader
from flowloom_servicekit.streams.writer import StreamWriter
from gateway import subscriptions
from gateway.adapters.access_tokens import SignedAccessTokens
from gateway.adapters.argon2 import Argon2Passwords
from gateway.adapters.leased_rate_limits import LeasedRateLimits
from gateway.adapters.orchestrator import OrchestratorRuns
from gateway.adapters.orchestrator_control import OrchestratorApprovals, OrchestratorControl
from gateway.adapters.platform import PlatformReadiness
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_agents import PostgresAgentStore
from gateway.adapters.postgres_api_clients import PostgresApiClientStore
from gateway.adapters.postgres_api_keys import PostgresApiKeyStore
from gateway.adapters.postgres_mcp_servers import PostgresMcpServers
from gateway.adapters.postgres_rules import PostgresRuleStore
from gateway.adapters.postgres_secrets import PostgresSecretStore
from gateway.adapters.postgres_sharing import PostgresSharing
from gateway.adapters.postgres_throttle import PostgresThrottle
from gateway.adapters.postgres_workflows import PostgresWorkflowStore
from gateway.adapters.signing_keys import SigningKeyFile
from gateway.bootstrap_automation import open_automation
from gateway.bootstrap_desk import DESK_ROUTERS, open_desk, work_of
from gateway.bootstrap_identity import PEOPLE_ROUTERS, open_mailer, open_people
from gateway.desk import Desk
from gateway.domain.origins import origins_from
from gateway.domain.rate_limits import rates_from
from gateway.edge.bodies import BodyMiddleware
from gateway.edge.headers import HeadersMiddleware, HostMiddleware
from gateway.edge.known_answers import KnownAnswersMiddleware
from gateway.edge.origins import allow_origins
from gateway.edge.rates import RatesMiddleware
from gateway.edge.traces import trace_of_page
from gateway.live.connections import STREAMS_OPEN, Connections
from gateway.live.persons import PersonWatch
from gateway.live.plain_sockets import PlainSockets
from gateway.live.sockets import SocketServer
from gateway.openapi import describe
from gateway.page import serve_page
from gateway.parts import Parts
from gateway.routes import (
    api_keys,
    approvals,
    audit,
    catalogue,
    control,
    docs,
    events,
    hooks,
    internal,
    rules,
    run_files,
    runs,
    schedules,
    secrets,
    sessions,
    stream,
    versions,
    webhooks,
    well_known,
    workflows,
)
from gateway.schema import MIGRATIONS
from gateway.settings import Settings
from gateway.through_edge import ThroughEdgeMiddleware
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.sessions import SessionIssuer
from gateway.usecases.sharing import SharingBook

OpenParts: TypeAlias = Callable[[Settings], AbstractAsyncContextManager[Parts]]
"""Opens what the routes need; tests give one that opens fakes."""

# Looked through in this order for every request: what is called most comes first.
ROUTERS: Final = (
    hooks,
    runs,
    stream,
    workflows,
    sessions,
    api_keys,
    versions,
    control,
    run_files,
    approvals,
    rules,
    secrets,
    webhooks,
    events,
    schedules,
    catalogue,
    audit,
    *DESK_ROUTERS,
    *PEOPLE_ROUTERS,
    well_known,
    internal,
    subscriptions,
)
GZIP_FROM_BYTES: Final = 1_024


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Open the real parts, and close them in the reverse order."""
    async with AsyncExitStack() as stack:
        clock, sidecar = SystemClock(), await stack.enter_async_context(Sidecar(settings))
        schema = SchemaOfService(settings.database_url.get_secret_value(), MIGRATIONS)
        await schema.ensure_fit()
        database, redis = _connected(settings, stack)
        accounts, keys = PostgresAccountStore(database), PostgresApiKeyStore(database)
        tokens, passwords = _tokens(settings, clock), _passwords(stack)
        invoker = ServiceInvoker(sidecar, ServiceIdentity(AppId.GATEWAY, settings.keys_dir))
        workflows, runs = PostgresWorkflowStore(database), OrchestratorRuns(invoker, clock)
        automation = open_automation(settings, database=database, invoker=invoker, clock=clock)
        mailer, vault = open_mailer(settings, clock), automation.vault
        sharing, agent_book = books = _books(settings, database, clock)
        desk = await stack.enter_async_context(
            open_desk(settings, database, invoker, sidecar, books=books, vault=vault, clock=clock)
        )
        bus, work = EventPublisher(sidecar, AppId.GATEWAY), work_of(desk, settings, mailer, vault)
        await stack.enter_async_context(automation.working(bus, workflows, runs, *work, agents=agent_book))
        yield Parts(
            settings=settings,
            clock=clock,
            accounts=accounts,
            keys=keys,
            workflows=workflows,
            runs=runs,
            streams=await stack.enter_async_context(StreamHub(settings.redis_url.get_secret_value())),
            pages=StreamReader(redis),
            passwords=passwords,
            throttle=PostgresThrottle(database, clock),
            tokens=tokens,
            issuer=SessionIssuer(accounts=accounts, tokens=tokens, clock=clock),
            authenticator=_authenticator(database, tokens, sharing, clock=clock),
            connections=_connections(accounts, sharing, stack, clock=clock),
            persons=_persons(desk, OrchestratorApprovals(invoker), redis, stack, clock=clock),
            platform=PlatformReadiness(database, schema, redis=redis, sidecar=sidecar, clock=clock),
            control=OrchestratorControl(invoker),
            approvals=OrchestratorApprovals(invoker),
            rules=PostgresRuleStore(database),
            secrets=PostgresSecretStore(database),
            vault=vault,
            **automation.parts(),
            mailer=mailer,
            desk=desk,
            rates=_rates(settings, stack, clock),
            people=open_people(
                settings, stack, database=database, vault=vault, hasher=passwords, clock=clock
            ),
        )


def _books(settings: Settings, database: Database, clock: Clock) -> tuple[SharingBook, AgentBook]:
    agents, servers = PostgresAgentStore(database), PostgresMcpServers(database)
    file = settings.mcp_file
    programs = [] if file is None else read_operator_file(file, McpProgramFile).servers
    book = AgentBook(agents, servers, clock, programs=programs)
    return SharingBook(PostgresSharing(database), clock), book


def _authenticator(
    database: Database, tokens: SignedAccessTokens, sharing: SharingBook, *, clock: Clock
) -> Authenticator:
    return Authenticator(
        tokens=tokens,
        accounts=PostgresAccountStore(database),
        keys=PostgresApiKeyStore(database),
        clients=PostgresApiClientStore(database),
        sharing=sharing,
        clock=clock,
    )


def _connections(
    accounts: PostgresAccountStore, sharing: SharingBook, stack: AsyncExitStack, *, clock: Clock
) -> Connections:
    connections = Connections(credentials=accounts, sharing=sharing, clock=clock)
    connections.start()
    watch_gauge(STREAMS_OPEN, lambda: connections.count, stack)
    stack.push_async_callback(connections.stop)
    return connections


def _persons(
    desk: Desk, approvals: OrchestratorApprovals, redis: Redis, stack: AsyncExitStack, *, clock: Clock
) -> PersonWatch:
    persons = PersonWatch(
        people=desk.notifications,
        approvals=approvals,
        presence=desk.presence,
        teller=StreamWriter(redis),
        clock=clock,
    )
    persons.start()
    stack.push_async_callback(persons.stop)
    return persons


def _connected(settings: Settings, stack: AsyncExitStack) -> tuple[Database, Redis]:
    database = Database(settings.database_url.get_secret_value())
    stack.push_async_callback(database.close)
    watch_database(database, stack)
    redis = connect_redis(settings.redis_url.get_secret_value())
    stack.push_async_callback(redis.aclose)
    return database, redis


def _passwords(stack: AsyncExitStack) -> Argon2Passwords:
    passwords = Argon2Passwords()
    stack.push_async_callback(passwords.close)
    return passwords


def _rates(settings: Settings, stack: AsyncExitStack, clock: Clock) -> LeasedRateLimits:
    redis_url = settings.redis_url.get_secret_value()
    rates = LeasedRateLimits(rates_from(settings.rates), redis_url=redis_url, clock=clock)
    stack.push_async_callback(rates.close)
    return rates


def _tokens(settings: Settings, clock: Clock) -> SignedAccessTokens:
    keys = SigningKeyFile(settings.signing_key_file)
    return SignedAccessTokens(keys, issuer=settings.public_url, clock=clock)


def build_app(settings: Settings, open_parts: OpenParts = open_parts) -> FastAPI:
    """Return the application; nothing connects before its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(settings) as parts:
            app.state.parts = parts
            yield
            await app.state.sockets.stop()
            await app.state.plain_sockets.stop()

    async def unwell() -> list[str]:
        parts: Parts = app.state.parts
        return await parts.platform.unwell()

    def believed(headers: Headers) -> Mapping[str, str]:
        return trace_of_page(headers, tokens=lambda: app.state.parts.tokens)

    app = create_app(
        app_id=AppId.GATEWAY,
        settings=settings,
        lifespan=lifespan,
        routers=[module.router for module in (*ROUTERS, *((docs,) if settings.docs_public else ()))],
        readiness=unwell,
        title="Flowloom",
        openapi_url="/v1/openapi.json" if settings.docs_public else None,
        believed_trace=believed,
        describe=describe,
        inner=[
            Middleware(HostMiddleware),
            Middleware(allow_origins, origins=origins_from(settings.cors_origins)),
            Middleware(RatesMiddleware),
            Middleware(BodyMiddleware),
            Middleware(KnownAnswersMiddleware),
        ],
    )
    _open_sockets(app, settings.public_url)
    if settings.page_dir is not None:
        serve_page(app, settings.page_dir)
    app.add_middleware(ThroughEdgeMiddleware, secret=settings.edge_secret_text)
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES)
    app.add_middleware(HeadersMiddleware, is_https=settings.public_url.startswith("https:"))
    return app


def _open_sockets(app: FastAPI, public_url: str) -> None:
    app.state.sockets = SocketServer(public_url=public_url, parts=lambda: app.state.parts)
    app.mount("/socket.io", app.state.sockets.app, name="sockets")
    app.state.plain_sockets = PlainSockets(public_url=public_url, parts=lambda: app.state.parts)
    app.add_api_websocket_route("/v1/ws", app.state.plain_sockets.serve)
