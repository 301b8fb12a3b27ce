"""A person's own sessions: listed and ended."""

from flowloom_contracts.identity import MySessionList
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import NotFoundError
from gateway.domain.principals import Principal
from gateway.identity_ports import MySessionStore
from gateway.usecases.authenticate import Authenticator


class SessionNotFoundError(NotFoundError):
    """The caller has no such session."""

    title = "Session not found"


async def list_sessions(principal: Principal, *, my_sessions: MySessionStore, clock: Clock) -> MySessionList:
    """Return every session of the caller, in every workspace."""
    found = await my_sessions.of_user(principal.user_id, now=clock.now())
    return MySessionList(
        items=[one.model_copy(update={"current": one.id == principal.session_id}) for one in found]
    )


async def end_session(
    session_id: str,
    principal: Principal,
    *,
    my_sessions: MySessionStore,
    authenticator: Authenticator,
    clock: Clock,
) -> None:
    """End one session, at once here and within two seconds everywhere."""
    if not await my_sessions.end(principal.user_id, session_id, now=clock.now()):
        raise SessionNotFoundError(f"You have no session {session_id[:80]!r}.")
    authenticator.forget()


async def end_other_sessions(
    principal: Principal, *, my_sessions: MySessionStore, authenticator: Authenticator, clock: Clock
) -> None:
    """End every session but the one that asks."""
    await my_sessions.end_others(
        principal.user_id, principal.session_id, now=clock.now(), because="ended by its person"
    )
    authenticator.forget()
