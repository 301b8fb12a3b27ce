"""Members of a workspace."""

from typing import Final

from fastapi import APIRouter

from flowloom_contracts.identity import ChangeMember, Member, MemberList
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.membership import (
    AccountElsewhereError,
    LastOwnerError,
    MemberNotFoundError,
    OwnAccountError,
    ProviderDecidesError,
    RoleNotGrantedError,
)
from gateway.parts import PartsOf
from gateway.routes.guards import InPerson, MemberManager, MemberReader, PageCursor, PageLimit
from gateway.usecases import members as usecases

router: Final = APIRouter(
    prefix="/v1/members",
    tags=["workspaces"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError),
)
CHANGES: Final = problems(
    MemberNotFoundError, LastOwnerError, ProviderDecidesError, RoleNotGrantedError, ForbiddenError
)

STATES: Final = problems(MemberNotFoundError, AccountElsewhereError, RoleNotGrantedError, ForbiddenError)


@router.get("")
async def list_members(
    principal: MemberReader, parts: PartsOf, cursor: PageCursor = None, limit: PageLimit = 50
) -> MemberList:
    """List the people of this workspace, those whose accounts are newest first."""
    return await usecases.list_members(principal, cursor=cursor, limit=limit, members=parts.people.members)


@router.delete("/me", status_code=204, responses=problems(MemberNotFoundError, LastOwnerError))
async def leave_workspace(principal: InPerson, parts: PartsOf) -> None:
    """Leave this workspace; its last owner cannot."""
    await usecases.leave(
        principal, members=parts.people.members, authenticator=parts.authenticator, clock=parts.clock
    )


@router.patch("/{user_id}", responses=CHANGES)
async def change_member(user_id: str, body: ChangeMember, principal: MemberManager, parts: PartsOf) -> Member:
    """Give a role, suspend or let in again; takes effect within two seconds, on open streams too."""
    return await usecases.change_member(
        user_id,
        body,
        principal,
        members=parts.people.members,
        roles=parts.people.roles,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )


@router.post("/{user_id}/disable", responses=STATES | problems(OwnAccountError, AccountElsewhereError))
async def disable_account(user_id: str, principal: MemberManager, parts: PartsOf) -> Member:
    """Disable a member's account in every workspace: sessions, keys, clients and streams end at once."""
    return await usecases.disable_account(
        user_id,
        principal,
        members=parts.people.members,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )


@router.post("/{user_id}/enable", responses=STATES)
async def enable_account(user_id: str, principal: MemberManager, parts: PartsOf) -> Member:
    """Let a disabled account sign in again."""
    return await usecases.enable_account(user_id, principal, members=parts.people.members)


@router.delete("/{user_id}", status_code=204, responses=CHANGES)
async def remove_member(user_id: str, principal: MemberManager, parts: PartsOf) -> None:
    """Remove a member with their sessions, keys and clients here."""
    await usecases.remove_member(
        user_id,
        principal,
        members=parts.people.members,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )
