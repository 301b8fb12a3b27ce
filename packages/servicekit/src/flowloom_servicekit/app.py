"""The application factory of every service."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final, TypeAlias

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

from flowloom_servicekit.errors import NotReadyError
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.middleware import (
    BelievedTrace,
    RequestMiddleware,
    SidecarTokenMiddleware,
    as_sent,
)
from flowloom_servicekit.observation import observed
from flowloom_servicekit.openapi import OpenApi, correct_openapi
from flowloom_servicekit.problems import install_problem_handlers
from flowloom_servicekit.routing import include_all
from flowloom_servicekit.settings import ServiceSettings

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Describe: TypeAlias = Callable[[OpenApi], None]
Readiness: TypeAlias = Callable[[], Awaitable[Sequence[str]]]
"""Returns what is missing, in words; nothing missing means ready."""


def create_app(
    *,
    app_id: str,
    settings: ServiceSettings,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    readiness: Readiness | None = None,
    title: str = "",
    openapi_url: str | None = None,
    believed_trace: BelievedTrace = as_sent,
    describe: Describe | None = None,
    inner: Sequence[Middleware] = (),
) -> FastAPI:
    """Return the application; nothing connects before its lifespan.

    `app.state` has `settings`, `readiness` and `identity`. `believed_trace` is for the process that strangers
    reach: what of their trace headers counts. OpenAPI is served only where `openapi_url` says,
    `app.openapi()` works anyway; `describe` completes it. `inner` surrounds the routes inside our own
    middleware, the first outermost.
    """

    @asynccontextmanager
    async def logged_lifespan(app: FastAPI) -> AsyncIterator[None]:
        with observed(app_id, settings):
            async with lifespan(app):
                yield

    app = FastAPI(
        title=title or app_id,
        lifespan=logged_lifespan,
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # the redirect would lead to whatever `Host` says
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.readiness = readiness
    app.state.identity = ServiceIdentity(app_id, settings.keys_dir)
    install_problem_handlers(app)
    include_all(app, (_probes, *routers))
    app.user_middleware.extend(inner)
    app.add_middleware(SidecarTokenMiddleware, token=settings.app_api_token.get_secret_value())
    app.add_middleware(RequestMiddleware, service=app_id, believed=believed_trace)
    _serve_corrected_openapi(app, describe)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


# Shared by all applications of a process: FastAPI keeps each callable that it has once looked at, for good.
_probes: Final = APIRouter(include_in_schema=False)


@_probes.get("/healthz")
async def healthz() -> dict[str, str]:
    """Say that the process runs."""
    return {"status": "ok"}


@_probes.get("/readyz")
async def readyz(request: Request) -> dict[str, str]:
    """Say that it can work; raises NotReadyError with what is missing."""
    readiness: Readiness | None = request.app.state.readiness
    missing = await readiness() if readiness is not None else []
    if missing:
        raise NotReadyError("; ".join(missing))
    return {"status": "ready"}


def _serve_corrected_openapi(app: FastAPI, describe: Describe | None) -> None:
    generate = app.openapi

    def openapi() -> dict[str, Any]:  # OpenAPI's own shape
        if app.openapi_schema is None:
            schema = generate()
            if describe is not None:
                describe(schema)
            app.openapi_schema = correct_openapi(schema)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this way of extending it
