"""The one table of who may do what: permissions by role, narrowed by the scopes of a key."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final


class Permission(StrEnum):
    """What a route asks for; also the names of API-key scopes."""

    WORKFLOWS_READ = "workflows:read"
    WORKFLOWS_WRITE = "workflows:write"
    RUNS_READ = "runs:read"
    RUNS_START = "runs:start"
    RUNS_CANCEL = "runs:cancel"
    API_KEYS_MANAGE = "api_keys:manage"


class Role(StrEnum):
    """A member's role in one workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


EVERYTHING: Final = "*"
"""The scope that narrows nothing."""

_VIEW: Final = frozenset({Permission.WORKFLOWS_READ, Permission.RUNS_READ})
_EDIT: Final = _VIEW | {Permission.WORKFLOWS_WRITE, Permission.RUNS_START, Permission.RUNS_CANCEL}

PERMISSIONS: Final[dict[Role, frozenset[Permission]]] = {
    Role.OWNER: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.EDITOR: _EDIT,
    Role.VIEWER: _VIEW,
}


def granted(role: Role, scopes: Iterable[str]) -> frozenset[Permission]:
    """Return what a role may do under these scopes; unknown scopes grant nothing."""
    wanted = frozenset(scopes)
    allowed = PERMISSIONS[role]
    if EVERYTHING in wanted:
        return allowed
    return frozenset(permission for permission in allowed if permission.value in wanted)


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Return the scopes that name no permission."""
    known = {permission.value for permission in Permission} | {EVERYTHING}
    return sorted(set(scopes) - known)
