"""The caller's own sessions."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.identity import MySessionList
from flowloom_servicekit.errors import ForbiddenError, UnauthenticatedError, problems
from gateway.parts import PartsOf
from gateway.routes.guards import InPerson
from gateway.usecases import my_sessions as usecases

router: Final = APIRouter(
    prefix="/v1/sessions", tags=["auth"], responses=problems(UnauthenticatedError, ForbiddenError)
)


@router.get("")
async def list_sessions(principal: InPerson, parts: PartsOf) -> MySessionList:
    """List where the caller is signed in, used last first."""
    return await usecases.list_sessions(principal, my_sessions=parts.people.my_sessions, clock=parts.clock)


@router.delete("", status_code=204)
async def end_other_sessions(principal: InPerson, parts: PartsOf) -> None:
    """Sign out everywhere else; tokens and open streams of the others end within two seconds."""
    await usecases.end_other_sessions(
        principal,
        my_sessions=parts.people.my_sessions,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )


@router.delete("/{session_id}", status_code=204, responses=problems(usecases.SessionNotFoundError))
async def end_session(session_id: str, principal: InPerson, parts: PartsOf) -> None:
    """Sign out one session; its tokens and open streams end within two seconds."""
    await usecases.end_session(
        session_id,
        principal,
        my_sessions=parts.people.my_sessions,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )
