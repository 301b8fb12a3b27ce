"""The roles of a workspace."""

from typing import Final

from fastapi import APIRouter, Response

from flowloom_contracts.roles import ChangeRole, CreateRole, RoleList, WorkspaceRole
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.membership import RoleNotGrantedError
from gateway.domain.roles import (
    BuiltInRoleError,
    RoleInUseError,
    RoleNameTakenError,
    RoleNotFoundError,
    TooManyRolesError,
)
from gateway.parts import PartsOf
from gateway.routes.guards import IfMatch, MemberManager, MemberReader
from gateway.usecases import roles as usecases

router: Final = APIRouter(
    prefix="/v1/roles",
    tags=["workspaces"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError),
)
CHANGES: Final = problems(RoleNotFoundError, BuiltInRoleError, RoleNotGrantedError, ForbiddenError)


@router.get("")
async def list_roles(principal: MemberReader, parts: PartsOf) -> RoleList:
    """List the roles that members can have: those of every workspace, then the workspace's own."""
    return await usecases.list_roles(principal, roles=parts.people.roles)


@router.post(
    "",
    status_code=201,
    responses=problems(RoleNameTakenError, TooManyRolesError, RoleNotGrantedError, ForbiddenError),
)
async def create_role(body: CreateRole, principal: MemberManager, parts: PartsOf) -> WorkspaceRole:
    """Make a role of permissions that you have yourself."""
    return await usecases.create_role(body, principal, roles=parts.people.roles, clock=parts.clock)


@router.get("/{role_id}", responses=problems(RoleNotFoundError))
async def get_role(
    role_id: str, response: Response, principal: MemberReader, parts: PartsOf
) -> WorkspaceRole:
    """Return a role, with the `ETag` for the next change of one of the workspace's own."""
    found = await usecases.read_role(role_id, principal, roles=parts.people.roles)
    if found.etag is not None:
        response.headers["etag"] = found.etag
    return found


@router.patch("/{role_id}", responses=CHANGES | problems(usecases.StaleRoleError))
async def change_role(
    *,
    role_id: str,
    body: ChangeRole,
    response: Response,
    principal: MemberManager,
    parts: PartsOf,
    if_match: IfMatch = None,
) -> WorkspaceRole:
    """Change what everybody with a role may do; takes effect within two seconds, on open streams too.

    With `If-Match` only in the state that was read.
    """
    roles, authenticator, clock = parts.people.roles, parts.authenticator, parts.clock
    changed = await usecases.change_role(
        role_id, body, principal, if_match=if_match, roles=roles, authenticator=authenticator, clock=clock
    )
    response.headers["etag"] = changed.etag or ""
    return changed


@router.delete("/{role_id}", status_code=204, responses=CHANGES | problems(BuiltInRoleError, RoleInUseError))
async def delete_role(role_id: str, principal: MemberManager, parts: PartsOf) -> None:
    """Delete a role that nobody has; a refusal names who has it."""
    await usecases.delete_role(role_id, principal, roles=parts.people.roles, clock=parts.clock)
