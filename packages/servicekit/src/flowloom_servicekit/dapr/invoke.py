"""Calls to other services through the sidecar."""

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar

from pydantic import ValidationError

from flowloom_contracts.base import Request, Response
from flowloom_contracts.problem import Problem
from flowloom_servicekit.callers import MANDATE_HEADER
from flowloom_servicekit.dapr.sidecar import Sidecar, SidecarAnswer, SidecarUnavailableError
from flowloom_servicekit.errors import (
    RemoteProblemError,
    StorageFullError,
    StorageUnavailableError,
    UpstreamError,
)
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.mandates import MandateBook
from flowloom_servicekit.purposes import Purpose, purpose_of
from flowloom_servicekit.tracing import carrier, span

ATTEMPTS: Final = 4
FIRST_PAUSE_SECONDS: Final = 0.1
JSON: Final = "application/json"
BYTES: Final = "application/octet-stream"
SUCCESSES: Final = (200, 204)
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


class ContentCarrier(Protocol):
    """Brings bytes that are no JSON to another service, and from there; a query says what they are."""

    async def put(
        self, app_id: str, method: str, query: Request, content: bytes, *, timeout_s: float = 10
    ) -> None:
        """Send `PUT /internal/<method>` with the content as its body; fails as `Invoker.call` does."""

    async def fetch(self, app_id: str, method: str, query: Request, *, timeout_s: float = 10) -> bytes | None:
        """Return the content that `GET /internal/<method>` gives, None for a 204."""


class ServiceInvoker:
    """Invokes through the sidecar; tries again, within the time given, when a part is away or restarting.

    Every internal call is idempotent, therefore also an answer that was lost may be asked for again.
    """

    def __init__(
        self, sidecar: Sidecar, identity: ServiceIdentity, mandates: MandateBook | None = None
    ) -> None:
        self._sidecar = sidecar
        self._identity = identity
        self._mandates = mandates

    async def call(
        self, app_id: str, method: str, request: Request, answer: type[R], *, timeout_s: float = 10
    ) -> R:
        """See `Invoker.call`."""
        purpose = purpose_of("POST", method, request)
        call = _Call("POST", app_id, method, purpose, content=request.model_dump_json().encode())
        response = await self._repeated(call, timeout_s)
        try:
            return answer.model_validate_json(response.content)
        except ValidationError as error:
            raise UpstreamError(
                f"{app_id!r} answered {method!r} in another shape", retry_after=None
            ) from error

    async def put(
        self, app_id: str, method: str, query: Request, content: bytes, *, timeout_s: float = 10
    ) -> None:
        """See `ContentCarrier.put`."""
        purpose = purpose_of("PUT", method, query)
        call = _Call("PUT", app_id, method, purpose, content, kind=BYTES, parameters=_parameters(query))
        await self._repeated(call, timeout_s)

    async def fetch(self, app_id: str, method: str, query: Request, *, timeout_s: float = 10) -> bytes | None:
        """See `ContentCarrier.fetch`."""
        call = _Call("GET", app_id, method, purpose_of("GET", method, query), parameters=_parameters(query))
        response = await self._repeated(call, timeout_s)
        return None if response.status_code == 204 else response.content

    async def _repeated(self, call: "_Call", timeout_s: float) -> SidecarAnswer:
        with span(f"invoke {call.app_id}/{call.method}", kind="client"):
            return await self._tried(call, timeout_s)

    async def _tried(self, call: "_Call", timeout_s: float) -> SidecarAnswer:
        until = time.monotonic() + timeout_s
        for attempt in range(1, ATTEMPTS + 1):
            try:
                left = max(until - time.monotonic(), 0.05)
                return await self._once(call, timeout_s=left)
            except (SidecarUnavailableError, StorageUnavailableError, CalleeUnwellError):
                jitter = random.uniform(0.5, 1.5)  # noqa: S311 - spreads callers, hides nothing
                pause = FIRST_PAUSE_SECONDS * 2 ** (attempt - 1) * jitter
                if attempt == ATTEMPTS or time.monotonic() + pause >= until:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _once(self, call: "_Call", *, timeout_s: float) -> SidecarAnswer:
        response = await self._sidecar.send(
            call.verb,
            f"/v1.0/invoke/{call.app_id}/method/internal/{call.method}",
            timeout_s=timeout_s,
            content=call.content,
            headers={"content-type": call.kind, **self._credentials(call), **carrier()},
            params=call.parameters,
        )
        if response.status_code not in SUCCESSES:
            raise _failure(call.app_id, response)
        return response

    def _credentials(self, call: "_Call") -> dict[str, str]:
        shown = {"authorization": f"Bearer {self._identity.token_for(call.app_id, call.purpose)}"}
        mandate = self._mandates.of(call.purpose.workspace_id) if self._mandates is not None else None
        return shown if mandate is None else shown | {MANDATE_HEADER: mandate}


@dataclass(frozen=True, slots=True)
class _Call:
    verb: str
    app_id: str
    method: str
    purpose: Purpose
    content: bytes | None = None
    kind: str = JSON
    parameters: Mapping[str, str] | None = None


def _parameters(query: Request) -> dict[str, str]:
    return {name: str(value) for name, value in query.model_dump(mode="json").items()}


def _failure(app_id: str, response: SidecarAnswer) -> UpstreamError:
    problem = _problem(response)
    if problem is None:
        # The sidecar itself answers 500 with an errorCode when it cannot reach the other application.
        return SidecarUnavailableError(f"{app_id!r} cannot be reached ({response.status_code})")
    if problem.status < 500:
        wait = response.headers.get("retry-after", "")
        return RemoteProblemError(problem, retry_after=int(wait) if wait.isdecimal() else None)
    if problem.code == StorageUnavailableError.code:
        return StorageUnavailableError(problem.detail)
    if problem.code == StorageFullError.code:
        return StorageFullError(problem.detail)
    if problem.status == 500:
        return RemoteProblemError(problem)
    return CalleeUnwellError(f"{app_id!r}: {problem.title}")


def _problem(response: SidecarAnswer) -> Problem | None:
    if not response.headers.get("content-type", "").startswith(PROBLEM_JSON):
        return None
    try:
        return Problem.model_validate_json(response.content)
    except ValidationError:
        return None
