"""Calls to other services through the sidecar."""

import asyncio
import random
import time
from typing import Final, Protocol, TypeVar

import httpx
from pydantic import ValidationError

from flowloom_contracts.base import Request, Response
from flowloom_contracts.problem import Problem
from flowloom_servicekit.dapr.sidecar import Sidecar, SidecarUnavailableError
from flowloom_servicekit.errors import (
    RemoteProblemError,
    StorageFullError,
    StorageUnavailableError,
    UpstreamError,
)
from flowloom_servicekit.identity import ServiceIdentity

ATTEMPTS: Final = 4
FIRST_PAUSE_SECONDS: Final = 0.1
JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"

R = TypeVar("R", bound=Response)


class CalleeUnwellError(UpstreamError):
    """Another service lacks a part of its own."""


class Invoker(Protocol):
    """Asks another service."""

    async def call(
        self, app_id: str, method: str, request: Request, answer: type[R], *, timeout_s: float = 10
    ) -> R:
        """Return the answer of `POST /internal/<method>`.

        Raises `RemoteProblemError` for a refusal with a problem below 500, `StorageUnavailableError`,
        `StorageFullError`, `UpstreamTimeoutError` or another `UpstreamError` when the callee is unwell.
        """


class ServiceInvoker:
    """Invokes through the sidecar; tries again, within the time given, when a part is away or restarting.

    Every internal call is idempotent, therefore also an answer that was lost may be asked for again.
    """

    def __init__(self, sidecar: Sidecar, identity: ServiceIdentity) -> None:
        self._sidecar = sidecar
        self._identity = identity

    async def call(
        self, app_id: str, method: str, request: Request, answer: type[R], *, timeout_s: float = 10
    ) -> R:
        """See `Invoker.call`."""
        content = request.model_dump_json().encode()
        until = time.monotonic() + timeout_s
        for attempt in range(1, ATTEMPTS + 1):
            try:
                left = max(until - time.monotonic(), 0.05)
                return await self._call_once(app_id, method, content, answer, timeout_s=left)
            except (SidecarUnavailableError, StorageUnavailableError, CalleeUnwellError):
                jitter = random.uniform(0.5, 1.5)  # noqa: S311 - spreads callers, hides nothing
                pause = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * jitter
                if attempt == ATTEMPTS or time.monotonic() + pause >= until:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _call_once(
        self, app_id: str, method: str, content: bytes, answer: type[R], *, timeout_s: float
    ) -> R:
        response = await self._sidecar.send(
            "POST",
            f"/v1.0/invoke/{app_id}/method/internal/{method}",
            timeout_s=timeout_s,
            content=content,
            headers={
                "content-type": JSON,
                "authorization": f"Bearer {self._identity.token_for(app_id)}",
            },
        )
        if response.status_code != 200:
            raise _failure(app_id, response)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise UpstreamError(
                f"{app_id!r} answered {method!r} in another shape", retry_after=None
            ) from error


def _failure(app_id: str, response: httpx.Response) -> UpstreamError:
    problem = _problem(response)
    if problem is None:
        # The sidecar itself answers 500 with an errorCode when it cannot reach the other application.
        return SidecarUnavailableError(f"{app_id!r} cannot be reached ({response.status_code})")
    if problem.status < 500:
        return RemoteProblemError(problem)
    if problem.code == StorageUnavailableError.code:
        return StorageUnavailableError(problem.detail)
    if problem.code == StorageFullError.code:
        return StorageFullError(problem.detail)
    if problem.status == 500:
        return RemoteProblemError(problem)
    return CalleeUnwellError(f"{app_id!r}: {problem.title}")


def _problem(response: httpx.Response) -> Problem | None:
    if not response.headers.get("content-type", "").startswith(PROBLEM_JSON):
        return None
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None
