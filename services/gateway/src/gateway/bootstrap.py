"""The only place that names real adapters."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Final, TypeAlias

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from flowloom_contracts.topics import AppId
from flowloom_servicekit.app import create_app
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.dapr.invoke import ServiceInvoker
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.database import Database
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.redis_client import connect_redis
from flowloom_servicekit.streams.hub import StreamHub
from flowloom_servicekit.streams.reader import StreamReader
from gateway.adapters.access_tokens import SignedAccessTokens, load_signing_key
from gateway.adapters.argon2 import Argon2Passwords
from gateway.adapters.orchestrator import OrchestratorRuns
from gateway.adapters.platform import PlatformReadiness
from gateway.adapters.postgres_accounts import PostgresAccountStore
from gateway.adapters.postgres_api_keys import PostgresApiKeyStore
from gateway.adapters.postgres_workflows import PostgresWorkflowStore
from gateway.adapters.sign_in_throttle import LimitsSignInThrottle
from gateway.live.connections import Connections
from gateway.live.sockets import SocketServer
from gateway.middleware import EdgeMiddleware
from gateway.parts import Parts
from gateway.routes import api_keys, runs, sessions, stream, well_known, workflows
from gateway.settings import Settings
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.sessions import SessionIssuer

OpenParts: TypeAlias = Callable[[Settings], AbstractAsyncContextManager[Parts]]
"""Opens what the routes need; tests give one that opens fakes."""

GZIP_FROM_BYTES: Final = 1_024


@asynccontextmanager
async def open_parts(settings: Settings) -> AsyncIterator[Parts]:
    """Open the real parts, and close them in the reverse order."""
    async with AsyncExitStack() as stack:
        clock = SystemClock()
        database = Database(settings.database_url.get_secret_value())
        stack.push_async_callback(database.close)
        redis = connect_redis(settings.redis_url.get_secret_value())
        stack.push_async_callback(redis.aclose)
        sidecar = await stack.enter_async_context(Sidecar(settings))
        hub = await stack.enter_async_context(StreamHub(settings.redis_url.get_secret_value()))
        passwords = Argon2Passwords()
        stack.callback(passwords.close)
        accounts = PostgresAccountStore(database)
        keys = PostgresApiKeyStore(database)
        tokens = SignedAccessTokens(
            load_signing_key(settings.signing_key_file), issuer=settings.public_url, clock=clock
        )
        connections = Connections(credentials=accounts, clock=clock)
        connections.start()
        stack.push_async_callback(connections.stop)
        identity = ServiceIdentity(AppId.GATEWAY, settings.keys_dir)
        yield Parts(
            settings=settings,
            clock=clock,
            accounts=accounts,
            keys=keys,
            workflows=PostgresWorkflowStore(database),
            runs=OrchestratorRuns(ServiceInvoker(sidecar, identity)),
            streams=hub,
            pages=StreamReader(redis),
            passwords=passwords,
            throttle=LimitsSignInThrottle(),
            tokens=tokens,
            issuer=SessionIssuer(accounts=accounts, tokens=tokens, clock=clock),
            authenticator=Authenticator(tokens=tokens, accounts=accounts, keys=keys, clock=clock),
            connections=connections,
            platform=PlatformReadiness(database=database, redis=redis, sidecar=sidecar, clock=clock),
        )


def build_app(settings: Settings, open_parts: OpenParts = open_parts) -> FastAPI:
    """Return the application; nothing connects before its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with open_parts(settings) as parts:
            app.state.parts = parts
            yield
            await sockets.stop()

    async def unwell() -> list[str]:
        parts: Parts = app.state.parts
        return await parts.platform.unwell()

    app = create_app(
        app_id=AppId.GATEWAY,
        settings=settings,
        lifespan=lifespan,
        routers=[module.router for module in (sessions, api_keys, workflows, runs, stream, well_known)],
        readiness=unwell,
        title="Flowloom",
        openapi_url="/v1/openapi.json",
        public=True,
    )
    sockets = SocketServer(public_url=settings.public_url, parts=lambda: app.state.parts)
    app.state.sockets = sockets
    app.mount("/socket.io", sockets.app, name="sockets")
    app.add_middleware(GZipMiddleware, minimum_size=GZIP_FROM_BYTES)
    app.add_middleware(EdgeMiddleware, is_https=settings.public_url.startswith("https:"))
    return app
