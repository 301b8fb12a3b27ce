"""The roles that a workspace makes itself: which there can be, and why one cannot."""

from collections.abc import Sequence
from typing import Final

from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.errors import ConflictError, InvalidRequestError, NotFoundError
from gateway.domain.permissions import BUILT_IN, Permission, permissions_named

MOST_ROLES: Final = 50
NAMED: Final = 10
"""How many of those who have a role are named when it cannot be deleted."""


class RoleNotFoundError(NotFoundError):
    """There is no such role in this workspace."""

    title = "Role not found"


class RoleNameTakenError(ConflictError):
    """The workspace, or every workspace, has a role of this name."""

    title = "A role of this name exists"


class TooManyRolesError(ConflictError):
    """The workspace has as many roles of its own as it can have."""

    title = "Too many roles"


class BuiltInRoleError(ConflictError):
    """Every workspace has this role, with the same permissions."""

    title = "This role cannot be changed"


class RoleInUseError(ConflictError):
    """Somebody has the role, or is invited to it."""

    title = "The role is in use"


def known_permissions(names: Sequence[str]) -> frozenset[Permission]:
    """Return permissions; raise InvalidRequestError for names that are none."""
    found = permissions_named(names)
    unknown = sorted(set(names) - {permission.value for permission in found})
    if unknown:
        shown = ", ".join(repr(name[:40]) for name in unknown[:5])
        raise _wrong("permissions", f"Unknown: {shown}.")
    return found


def no_such_role(known: Sequence[str]) -> InvalidRequestError:
    """Return the refusal of a role that does not exist, with those that do."""
    return _wrong("role", f"Use one of: {', '.join((*BUILT_IN, *known))}.", "There is no such role.")


def in_use(holders: Sequence[str]) -> RoleInUseError:
    """Return the refusal to delete a role that these addresses have or are invited to."""
    more = len(holders) - NAMED
    shown = ", ".join(holders[:NAMED]) + (f" and {more} more" if more > 0 else "")
    return RoleInUseError(f"Give another role first to {shown}.")


def _wrong(field: str, message: str, detail: str | None = None) -> InvalidRequestError:
    problem = FieldProblem(path=field, code="invalid_value", message=message)
    return InvalidRequestError(detail or f"{field!r} is not acceptable.", errors=[problem])
