"""The roles of a workspace: listed, made, changed, deleted, found by their names."""

from collections.abc import Mapping
from dataclasses import replace

from flowloom_contracts.memory import AGENT_ROLE
from flowloom_contracts.roles import ChangeRole, CreateRole, RoleList, WorkspaceRole
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import PreconditionFailedError
from flowloom_servicekit.ids import new_id
from gateway.domain.etags import matches, tag_of
from gateway.domain.membership import check_reach
from gateway.domain.permissions import BUILT_IN, Role
from gateway.domain.principals import Principal
from gateway.domain.roles import (
    MOST_ROLES,
    BuiltInRoleError,
    RoleNameTakenError,
    RoleNotFoundError,
    TooManyRolesError,
    in_use,
    known_permissions,
    no_such_role,
)
from gateway.domain.texts import plain
from gateway.role_ports import OwnRole, RoleStore
from gateway.usecases.authenticate import Authenticator


class StaleRoleError(PreconditionFailedError):
    """Somebody changed the role since it was read."""

    title = "The role has changed meanwhile"


async def list_roles(principal: Principal, *, roles: RoleStore) -> RoleList:
    """Return every role that somebody here can have."""
    own = await roles.all(principal.workspace_id)
    held = await roles.holders(principal.workspace_id)
    return RoleList(
        items=[*(_built_in(role, held) for role in BUILT_IN.values()), *(_own(one, held) for one in own)]
    )


async def read_role(role_id: str, principal: Principal, *, roles: RoleStore) -> WorkspaceRole:
    """Return one role."""
    held = await roles.holders(principal.workspace_id)
    if role_id in BUILT_IN:
        return _built_in(BUILT_IN[role_id], held)
    return _own(await _existing(role_id, principal, roles), held)


async def create_role(
    body: CreateRole, principal: Principal, *, roles: RoleStore, clock: Clock
) -> WorkspaceRole:
    """Make a role that may do at most what its maker may."""
    role = Role(body.name, known_permissions(body.permissions))
    check_reach(principal, role)
    if body.name in BUILT_IN:
        raise RoleNameTakenError("Every workspace has it; choose another name.")
    if body.name == AGENT_ROLE:
        raise RoleNameTakenError("Agents read collections under this name; choose another.")
    if len(await roles.all(principal.workspace_id)) >= MOST_ROLES:
        raise TooManyRolesError(f"At most {MOST_ROLES}; delete one first.")
    made = OwnRole(new_id(), role, _description(body.description))
    if not await roles.add(principal.workspace_id, made, now=clock.now()):
        raise RoleNameTakenError("Choose another name, or change the role that there is.")
    return _own(made, {})


async def change_role(
    role_id: str,
    body: ChangeRole,
    principal: Principal,
    *,
    if_match: str | None,
    roles: RoleStore,
    authenticator: Authenticator,
    clock: Clock,
) -> WorkspaceRole:
    """Change a role for everybody who has it; at once here, within two seconds everywhere."""
    before = await _changeable(role_id, principal, roles)
    if if_match is not None and not matches(if_match, _tag(before)):
        raise _stale()
    changed = before
    if body.permissions is not None:
        role = Role(before.role.name, known_permissions(body.permissions))
        check_reach(principal, role)
        changed = replace(changed, role=role)
    if body.description is not None:
        changed = replace(changed, description=_description(body.description))
    if not await roles.replace(principal.workspace_id, changed, over=before, now=clock.now()):
        raise _stale()
    authenticator.forget()
    return _own(changed, await roles.holders(principal.workspace_id))


async def delete_role(role_id: str, principal: Principal, *, roles: RoleStore, clock: Clock) -> None:
    """Delete a role that nobody has."""
    await _changeable(role_id, principal, roles)
    holders = await roles.delete(principal.workspace_id, role_id, now=clock.now())
    if holders is None:
        raise RoleNotFoundError("The role was deleted meanwhile.")
    if holders:
        raise in_use(holders)


async def role_called(name: str, principal: Principal, *, roles: RoleStore) -> Role:
    """Return the role of a name; raise InvalidRequestError with those that there are."""
    found = await roles.named(principal.workspace_id, name)
    if found is None:
        raise no_such_role([one.role.name for one in await roles.all(principal.workspace_id)])
    return found


async def _changeable(role_id: str, principal: Principal, roles: RoleStore) -> OwnRole:
    if role_id in BUILT_IN:
        raise BuiltInRoleError("Make a role of your own beside it.")
    found = await _existing(role_id, principal, roles)
    check_reach(principal, found.role)
    return found


async def _existing(role_id: str, principal: Principal, roles: RoleStore) -> OwnRole:
    for one in await roles.all(principal.workspace_id):
        if one.id == role_id:
            return one
    raise RoleNotFoundError(f"No role {role_id[:80]!r} here.")


def _description(text: str) -> str:
    return plain(text, "description") if text else ""


def _built_in(role: Role, held: Mapping[str, int]) -> WorkspaceRole:
    return _shown(role, role.name, "", held, built_in=True)


def _own(own: OwnRole, held: Mapping[str, int]) -> WorkspaceRole:
    shown = _shown(own.role, own.id, own.description, held, built_in=False)
    return shown.model_copy(update={"etag": _tag(own)})


def _tag(own: OwnRole) -> str:
    return tag_of(own.id, own.description, sorted(own.role.permissions))


def _stale() -> StaleRoleError:
    return StaleRoleError("Read it again and repeat the change.")


def _shown(
    role: Role, role_id: str, description: str, held: Mapping[str, int], *, built_in: bool
) -> WorkspaceRole:
    return WorkspaceRole(
        id=role_id,
        name=role.name,
        description=description,
        permissions=sorted(role.permissions),
        built_in=built_in,
        members=held.get(role.name, 0),
    )
