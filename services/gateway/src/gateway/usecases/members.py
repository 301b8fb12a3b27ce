"""Members of a workspace: listed, given another role, suspended, removed."""

from flowloom_contracts.identity import ChangeMember, Member, MemberList
from flowloom_servicekit.clock import Clock
from gateway.domain.membership import (
    AccountElsewhereError,
    LastOwnerError,
    MemberNotFoundError,
    OwnAccountError,
    ProviderDecidesError,
    check_reach,
)
from gateway.domain.paging import cursor_of, row_after
from gateway.domain.permissions import role_of
from gateway.domain.principals import Principal
from gateway.domain.roles import RoleNotFoundError
from gateway.identity_ports import MemberOutcome, MemberStore
from gateway.role_ports import RoleStore
from gateway.usecases.authenticate import Authenticator
from gateway.usecases.roles import role_called


async def list_members(
    principal: Principal, *, cursor: str | None, limit: int, members: MemberStore
) -> MemberList:
    """Return a page of members, those whose accounts are newest first."""
    rows = await members.page(principal.workspace_id, after=row_after(cursor), limit=limit + 1)
    return MemberList(
        items=rows[:limit], next_cursor=cursor_of(rows[limit - 1].user_id) if len(rows) > limit else None
    )


async def change_member(
    user_id: str,
    body: ChangeMember,
    principal: Principal,
    *,
    members: MemberStore,
    roles: RoleStore,
    authenticator: Authenticator,
    clock: Clock,
) -> Member:
    """Give a role, or let in no longer; takes effect at once here, within two seconds everywhere."""
    workspace_id = principal.workspace_id
    wanted = await role_called(body.role, principal, roles=roles) if body.role is not None else None
    before = await _changeable(user_id, principal, members)
    if wanted is not None and wanted.name != before.role:
        check_reach(principal, wanted)
        _check(await members.give_role(workspace_id, user_id, wanted))
    if body.suspended is not None and body.suspended != before.suspended:
        since = clock.now() if body.suspended else None
        _check(await members.suspend(workspace_id, user_id, since=since))
    authenticator.forget()
    return await _found(user_id, principal, members)


async def remove_member(
    user_id: str, principal: Principal, *, members: MemberStore, authenticator: Authenticator, clock: Clock
) -> None:
    """End a membership with everything that acts for it here."""
    await _changeable(user_id, principal, members)
    _check(await members.remove(principal.workspace_id, user_id, now=clock.now()))
    authenticator.forget()


async def disable_account(
    user_id: str, principal: Principal, *, members: MemberStore, authenticator: Authenticator, clock: Clock
) -> Member:
    """Disable an account with all that acts for it; at once here, within two seconds everywhere."""
    if user_id == principal.user_id:
        raise OwnAccountError("Ask another owner.")
    await _in_reach(user_id, principal, members)
    done = await members.disable(principal.workspace_id, user_id, by=principal.user_id, now=clock.now())
    _check(done)
    authenticator.forget()
    return await _found(user_id, principal, members)


async def enable_account(user_id: str, principal: Principal, *, members: MemberStore) -> Member:
    """Let an account sign in again; what was ended with it stays so."""
    await _in_reach(user_id, principal, members)
    _check(await members.enable(principal.workspace_id, user_id, by=principal.user_id))
    return await _found(user_id, principal, members)


async def leave(
    principal: Principal, *, members: MemberStore, authenticator: Authenticator, clock: Clock
) -> None:
    """End one's own membership."""
    _check(await members.remove(principal.workspace_id, principal.user_id, now=clock.now()))
    authenticator.forget()


async def _found(user_id: str, principal: Principal, members: MemberStore) -> Member:
    found = await members.get(principal.workspace_id, user_id)
    if found is None:
        raise MemberNotFoundError(f"No member {user_id[:80]!r} here.")
    return found


async def _in_reach(user_id: str, principal: Principal, members: MemberStore) -> Member:
    found = await _found(user_id, principal, members)
    check_reach(principal, role_of(found.role, found.permissions))
    return found


async def _changeable(user_id: str, principal: Principal, members: MemberStore) -> Member:
    found = await _in_reach(user_id, principal, members)
    if found.provider is not None:
        raise ProviderDecidesError(f"Change what {found.provider!r} says of them.")
    return found


def _check(outcome: MemberOutcome) -> None:
    if outcome == "missing":
        raise MemberNotFoundError("The member was removed meanwhile.")
    if outcome == "no_role":
        raise RoleNotFoundError("The role was deleted meanwhile.")
    if outcome == "elsewhere":
        raise AccountElsewhereError("Suspend or remove them here instead.")
    if outcome == "last_owner":
        raise LastOwnerError("Make somebody else an owner first.")
