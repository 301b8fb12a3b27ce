"""Who may give which role to whom: nobody gives, takes or changes what they do not have themselves."""

from flowloom_servicekit.errors import ConflictError, ForbiddenError, NotFoundError
from gateway.domain.permissions import Role
from gateway.domain.principals import Principal


class MemberNotFoundError(NotFoundError):
    """Nobody with this id is a member of this workspace."""

    title = "Member not found"


class LastOwnerError(ConflictError):
    """The workspace would be left without an owner."""

    title = "A workspace needs an owner"


class RoleNotGrantedError(ForbiddenError):
    """The role is more than the caller has."""

    title = "The role is more than you have"


class AccountElsewhereError(ConflictError):
    """The account is in a workspace that the caller does not own."""

    title = "The account is not only yours to disable"


class OwnAccountError(ConflictError):
    """Nobody shuts themselves out."""

    title = "This is your own account"


class ProviderDecidesError(ConflictError):
    """The membership comes from an identity provider, which would undo the change."""

    title = "The identity provider decides about this member"


def check_reach(principal: Principal, role: Role) -> None:
    """Raise RoleNotGrantedError unless the caller has everything that a role has."""
    if role == Role.OWNER and principal.role != Role.OWNER:
        raise RoleNotGrantedError("Only an owner makes or changes an owner.")
    if not role.permissions <= principal.permissions:
        raise RoleNotGrantedError(f"You may not give or change the role {role.name!r}.")
