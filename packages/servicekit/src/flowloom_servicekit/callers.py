"""Who may call an internal route, and that a call is what its token is for."""

from collections.abc import Awaitable, Callable, Container
from typing import Final

from fastapi import Request

from flowloom_contracts.topics import AppId
from flowloom_servicekit.errors import ForbiddenError, UnauthenticatedError
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.purposes import Purpose, requested

MANDATE_HEADER: Final = "flowloom-mandate"
"""Beside its own token: what the orchestrator has given an agent with a step."""


def caller(allowed: Container[str], *, mandated: Container[str] = ()) -> Callable[[Request], Awaitable[str]]:
    """Return a dependency that gives the calling app-id and refuses those not in `allowed`.

    Also refused is what the token is not for: another operation, workspace or run than it names. Callers in
    `mandated` act for a workspace only with a mandate of the orchestrator, whatever they sign themselves.
    """

    async def calling_app(request: Request) -> str:  # a plain function would cost a hop to a thread
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("a service token is required")
        identity: ServiceIdentity = request.app.state.identity
        said = identity.verify(token.strip())
        if said.app_id not in allowed:
            raise ForbiddenError(f"{said.app_id!r} may not call this")
        purpose = await requested(request)
        said.check(purpose)
        if said.app_id in mandated:
            _check_mandate(identity, request.headers.get(MANDATE_HEADER, ""), said.app_id, purpose)
        return said.app_id

    return calling_app


def _check_mandate(identity: ServiceIdentity, mandate: str, holder: str, purpose: Purpose) -> None:
    if not mandate:
        raise ForbiddenError(f"{holder!r} needs a mandate of the orchestrator for this")
    said = identity.verify_mandate(mandate, issuer=AppId.ORCHESTRATOR, holder=holder)
    if said.workspace_id is None or said.workspace_id != purpose.workspace_id:
        raise ForbiddenError("the mandate is for another workspace")
