"""The workspaces of the caller."""

from typing import Final

from fastapi import APIRouter, Request, Response

from flowloom_contracts.api import ApiKeyCreated, CreateApiKey, Session, Workspace
from flowloom_contracts.identity import CreateWorkspace, WorkspaceList
from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from gateway.domain.permissions import Permission
from gateway.parts import PartsOf
from gateway.routes.cookies import answered, visit_of
from gateway.routes.guards import InPerson, SignedIn
from gateway.usecases import workspaces as usecases
from gateway.usecases.api_keys import ScopeNotGrantedError, create_key

router: Final = APIRouter(
    prefix="/v1/workspaces",
    tags=["workspaces"],
    responses=problems(UnauthenticatedError, ForbiddenError, InvalidRequestError),
)


@router.get("")
async def list_workspaces(principal: SignedIn, parts: PartsOf) -> WorkspaceList:
    """List every workspace that lets the caller in, in the order in which they joined."""
    return await usecases.list_workspaces(principal, workspaces=parts.people.workspaces)


@router.post("", status_code=201)
async def create_workspace(body: CreateWorkspace, principal: InPerson, parts: PartsOf) -> Workspace:
    """Create a workspace that the caller owns; switch to it to work there."""
    return await usecases.create_workspace(
        body, principal, workspaces=parts.people.workspaces, clock=parts.clock
    )


@router.post("/{workspace_id}/switch", responses=problems(usecases.WorkspaceNotFoundError))
async def switch_workspace(
    workspace_id: str, principal: InPerson, parts: PartsOf, *, request: Request, response: Response
) -> Session:
    """Enter another workspace: the answer is a new session, the one that asked ends."""
    signed_in = await usecases.switch_workspace(
        workspace_id,
        principal,
        visit=visit_of(request),
        accounts=parts.accounts,
        my_sessions=parts.people.my_sessions,
        issuer=parts.issuer,
        authenticator=parts.authenticator,
        clock=parts.clock,
    )
    return answered(signed_in, response, parts.settings)


@router.post(
    "/{workspace_id}/api-keys",
    status_code=201,
    responses=problems(usecases.WorkspaceNotFoundError, ForbiddenError, ScopeNotGrantedError),
)
async def create_workspace_api_key(
    workspace_id: str, body: CreateApiKey, principal: SignedIn, parts: PartsOf
) -> ApiKeyCreated:
    """Make a key of a workspace without switching to it."""
    there = await usecases.as_member_of(workspace_id, principal, accounts=parts.accounts)
    there.demand(Permission.API_KEYS_MANAGE)
    return await create_key(
        body, there, environment=parts.settings.key_environment, keys=parts.keys, clock=parts.clock
    )
