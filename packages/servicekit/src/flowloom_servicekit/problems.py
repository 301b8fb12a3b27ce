"""Failures as `application/problem+json`, in answers and in OpenAPI."""

import http
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from flowloom_contracts.problem import FieldProblem, Problem
from flowloom_servicekit.errors import (
    DomainError,
    FlowloomError,
    InvalidRequestError,
    RemoteProblemError,
    UnauthenticatedError,
    UnsupportedMediaTypeError,
)

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
JSON_KIND: Final = re.compile(r"application/(?:[\w.+-]{1,60}\+)?json\s*(?:;|$)", re.IGNORECASE)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
INTERNAL_PROBLEM: Final = Problem(type="/problems/internal-error", title="Something went wrong", status=500)


def install_problem_handlers(app: FastAPI) -> None:
    """Render every failure below the middleware from one place."""

    @app.exception_handler(FlowloomError)
    async def on_flowloom_error(request: Request, error: FlowloomError) -> Response:
        fixable = isinstance(error, DomainError) or (
            isinstance(error, RemoteProblemError) and error.is_callers_fault
        )
        log.log(20 if fixable else 30, "request refused", problem=type(error).__name__, detail=error.detail)
        headers: dict[str, str] = {}
        if error.retry_after is not None:
            headers["retry-after"] = str(error.retry_after)
        if isinstance(error, UnauthenticatedError):
            headers["www-authenticate"] = "Bearer"
        return problem_response(error.problem(), request, headers)

    @app.exception_handler(RequestValidationError)
    async def on_invalid_request(request: Request, error: RequestValidationError) -> Response:
        return problem_response(_refusal_of(error, request).problem(), request)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        headers = {name.lower(): value for name, value in (error.headers or {}).items()}
        if error.status_code == http.HTTPStatus.METHOD_NOT_ALLOWED:
            headers["allow"] = ", ".join(_methods_of(request))
        return problem_response(http_problem(error.status_code), request, headers)


def _methods_of(request: Request) -> list[str]:
    """Return every method of this path; the framework names only those of the first route that has it.

    Where a path has a name of its own (`/v1/models/test`), what `/v1/models/{id}` can do is not meant.
    """
    fits: dict[str, bool] = {}
    for route in leaf_routes(request.app.router.routes):
        for method in METHODS:
            match, found = route.matches({**request.scope, "method": method, "path_params": {}})
            if match is Match.FULL:
                fits[method] = fits.get(method, False) or not found.get("path_params")
    named = any(fits.values())
    return [method for method in METHODS if method in fits and (fits[method] or not named)]


def leaf_routes(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Yield the routes themselves, also those that came with `include_router`."""
    for route in routes:
        included = getattr(route, "original_router", None)  # how FastAPI keeps what it was given
        if isinstance(included, APIRouter):
            yield from leaf_routes(included.routes)
        else:
            yield route


def _refusal_of(error: RequestValidationError, request: Request) -> DomainError:
    kind = request.headers.get("content-type", "application/json")
    # FastAPI leaves a body of another kind unread, and then finds that its bytes are no object.
    if any(one["loc"] == ("body",) for one in error.errors()) and not JSON_KIND.match(kind):
        return UnsupportedMediaTypeError("Send JSON, as `application/json`.")
    return InvalidRequestError("the request does not match its schema", errors=field_problems(error.errors()))


def problem_response(
    problem: Problem, request: Request, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer for a problem of this request."""
    placed = problem.model_copy(
        update={"instance": request.url.path, "trace_id": request.scope.get("trace_id", "")}
    )
    return Response(
        placed.model_dump_json(exclude_none=True),
        status_code=problem.status,
        headers=dict(headers or {}),
        media_type=PROBLEM_JSON,
    )


def http_problem(status: int) -> Problem:
    """Return the problem of a failure that the framework found: no such route, wrong method."""
    phrase = http.HTTPStatus(status).phrase
    kebab = re.sub(r"[^a-z]+", "-", phrase.lower()).strip("-")
    return Problem(type=f"/problems/{kebab}", title=phrase.capitalize(), status=status)


def field_problems(errors: Sequence[Mapping[str, Any]]) -> list[FieldProblem]:  # Pydantic's own shape
    """Return Pydantic's list without `input`, `ctx` and `url`, which may echo secrets."""
    found = []
    for error in errors:
        place = [str(part) for part in error["loc"]]
        if place[:1] == ["body"]:
            place = place[1:]
        if error["type"] == "json_invalid":
            place = []
        found.append(FieldProblem(path=".".join(place), code=error["type"], message=error["msg"]))
    return found
