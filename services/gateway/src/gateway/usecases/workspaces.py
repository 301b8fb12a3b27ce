"""The workspaces of a person: listed, created, entered."""

from flowloom_contracts.api import User, Workspace
from flowloom_contracts.identity import CreateWorkspace, WorkspaceList, WorkspaceMembership
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import ForbiddenError, NotFoundError
from flowloom_servicekit.ids import is_id, new_id
from gateway.domain.permissions import EVERYTHING, granted
from gateway.domain.principals import Principal
from gateway.domain.texts import plain
from gateway.identity_ports import MySessionStore, WorkspaceStore
from gateway.ports import AccountStore, Visit
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.sessions import SessionIssuer, SignedIn


class WorkspaceNotFoundError(NotFoundError):
    """There is no such workspace, or the caller is not let in."""

    title = "Workspace not found"


async def list_workspaces(principal: Principal, *, workspaces: WorkspaceStore) -> WorkspaceList:
    """Return the workspaces of a person; a key or client sees only its own."""
    found = await workspaces.of_user(principal.user_id)
    in_person = principal.session_id is not None
    return WorkspaceList(
        items=[
            WorkspaceMembership(
                id=workspace.id,
                name=workspace.name,
                role=role.name,
                current=workspace.id == principal.workspace_id,
            )
            for workspace, role in found
            if in_person or workspace.id == principal.workspace_id
        ]
    )


async def create_workspace(
    body: CreateWorkspace, principal: Principal, *, workspaces: WorkspaceStore, clock: Clock
) -> Workspace:
    """Create a workspace that the caller owns."""
    workspace = Workspace(id=new_id(), name=plain(body.name, "name"))
    await workspaces.create(workspace, owner_id=principal.user_id, now=clock.now())
    return workspace


async def switch_workspace(
    workspace_id: str,
    principal: Principal,
    *,
    visit: Visit,
    accounts: AccountStore,
    my_sessions: MySessionStore,
    issuer: SessionIssuer,
    authenticator: Authenticator,
    clock: Clock,
) -> SignedIn:
    """Open a new session in another workspace and end the one that asked."""
    entered = await as_member_of(workspace_id, principal, accounts=accounts)
    user = User(id=principal.user_id, email=principal.email or "")
    signed_in = await issuer.open(user, workspace_id=workspace_id, role=entered.role, visit=visit)
    if principal.session_id is not None:
        await my_sessions.end(principal.user_id, principal.session_id, now=clock.now())
    authenticator.forget()
    return signed_in


async def as_member_of(workspace_id: str, principal: Principal, *, accounts: AccountStore) -> Principal:
    """Return the caller as they are in a workspace that lets them in; raise WorkspaceNotFoundError else."""
    if workspace_id == principal.workspace_id:
        return principal
    if principal.session_id is None:
        raise ForbiddenError("A key or client acts in its own workspace only.")
    found = await accounts.find_member(principal.user_id, workspace_id) if is_id(workspace_id) else None
    if found is None:
        raise WorkspaceNotFoundError(f"No workspace {workspace_id[:80]!r} lets you in.")
    role = found[2]
    return Principal(
        user_id=principal.user_id,
        workspace_id=workspace_id,
        role=role,
        permissions=granted(role, (EVERYTHING,)),
        email=principal.email,
        session_id=principal.session_id,
    )
