"""Failures as `application/problem+json`, in answers and in OpenAPI."""

import http
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from flowloom_contracts.problem import FieldProblem, Problem
from flowloom_servicekit.errors import (
    DomainError,
    FlowloomError,
    InvalidRequestError,
    RemoteProblemError,
    UnauthenticatedError,
)

log = structlog.get_logger(__name__)

PROBLEM_JSON: Final = "application/problem+json"
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
        problem = InvalidRequestError(
            "the request does not match its schema", errors=field_problems(error.errors())
        )
        return problem_response(problem.problem(), request)

    @app.exception_handler(HTTPException)
    async def on_http_exception(request: Request, error: HTTPException) -> Response:
        return problem_response(http_problem(error.status_code), request, error.headers)


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


def correct_openapi(schema: dict[str, Any]) -> dict[str, Any]:  # OpenAPI's own shape
    """Make every response from 400 up a `Problem` and drop FastAPI's validation schemas."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    defs = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(defs.pop("$defs", {}))
    schemas["Problem"] = defs
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path in schema.get("paths", {}).values():
        for operation in path.values():
            if not isinstance(operation, dict):
                continue
            for status, response in operation.get("responses", {}).items():
                if status.isdigit() and int(status) >= 400:
                    response["content"] = content
                    if response.get("description") == "Validation Error":
                        response["description"] = InvalidRequestError.title
    return schema
