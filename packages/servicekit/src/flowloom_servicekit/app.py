"""The application factory of every service."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeAlias

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.responses import Response

from flowloom_servicekit.errors import NotReadyError
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.middleware import METRICS_PATH, RequestMiddleware, SidecarTokenMiddleware
from flowloom_servicekit.problems import correct_openapi, install_problem_handlers
from flowloom_servicekit.settings import ServiceSettings
from flowloom_servicekit.telemetry import configure_logging

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[None]]
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
    docs_url: str | None = None,
    public: bool = False,
) -> FastAPI:
    """Return the application; nothing connects before its lifespan.

    `app.state` has `settings` and `identity`. `public` is for the process that strangers reach: it ignores
    their trace headers. OpenAPI is served only where `openapi_url` says, `app.openapi()` works anyway.
    """

    @asynccontextmanager
    async def logged_lifespan(app: FastAPI) -> AsyncIterator[None]:
        configure_logging(app_id, settings.log_level)
        async with lifespan(app):
            yield

    app = FastAPI(
        title=title or app_id,
        lifespan=logged_lifespan,
        openapi_url=openapi_url,
        docs_url=docs_url,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
    )
    app.state.settings = settings
    app.state.identity = ServiceIdentity(app_id, settings.keys_dir)
    install_problem_handlers(app)
    app.include_router(_probes(readiness))
    for router in routers:
        app.include_router(router)
    app.add_middleware(SidecarTokenMiddleware, token=settings.app_api_token.get_secret_value())
    app.add_middleware(RequestMiddleware, service=app_id, trust_trace=not public)
    _serve_corrected_openapi(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name


def _probes(readiness: Readiness | None) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @router.get("/readyz")
    async def readyz() -> dict[str, str]:
        missing = await readiness() if readiness is not None else []
        if missing:
            raise NotReadyError("; ".join(missing))
        return {"status": "ready"}

    @router.get(METRICS_PATH)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


def _serve_corrected_openapi(app: FastAPI) -> None:
    generate = app.openapi

    def openapi() -> dict[str, Any]:  # OpenAPI's own shape
        if app.openapi_schema is None:
            app.openapi_schema = correct_openapi(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI documents this way of extending it
