"""The one table of who may do what: permissions by role, narrowed by the scopes of a key."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final


class Permission(StrEnum):
    """What a route asks for; also the names of API-key scopes."""

    WORKFLOWS_READ = "workflows:read"
    WORKFLOWS_WRITE = "workflows:write"
    WORKFLOWS_PUBLISH = "workflows:publish"
    RUNS_READ = "runs:read"
    RUNS_START = "runs:start"
    RUNS_CANCEL = "runs:cancel"
    RUNS_RETRY = "runs:retry"
    APPROVALS_READ = "approvals:read"
    APPROVALS_DECIDE = "approvals:decide"
    TRIGGERS_READ = "triggers:read"
    TRIGGERS_MANAGE = "triggers:manage"
    EVENTS_EMIT = "events:emit"
    RULES_READ = "rules:read"
    RULES_MANAGE = "rules:manage"
    SECRETS_READ = "secrets:read"
    SECRETS_MANAGE = "secrets:manage"
    API_KEYS_MANAGE = "api_keys:manage"
    AUDIT_READ = "audit:read"
    USAGE_READ = "usage:read"
    BUDGETS_READ = "budgets:read"
    BUDGETS_MANAGE = "budgets:manage"
    SETTINGS_READ = "settings:read"
    SETTINGS_MANAGE = "settings:manage"
    MODELS_READ = "models:read"
    MODELS_MANAGE = "models:manage"
    AGENTS_READ = "agents:read"
    AGENTS_MANAGE = "agents:manage"
    MCP_READ = "mcp_servers:read"
    MCP_MANAGE = "mcp_servers:manage"
    ENDPOINTS_READ = "webhook_endpoints:read"
    ENDPOINTS_MANAGE = "webhook_endpoints:manage"
    API_CLIENTS_MANAGE = "api_clients:manage"
    MEMORY_READ = "memory:read"
    MEMORY_WRITE = "memory:write"
    MEMORY_MANAGE = "memory:manage"
    MEMBERS_READ = "members:read"
    MEMBERS_MANAGE = "members:manage"


@dataclass(frozen=True, slots=True)
class Role:
    """What a member is in one workspace: a role that every workspace has, or one that it has made itself."""

    name: str
    permissions: frozenset[Permission]

    OWNER: ClassVar["Role"]
    ADMIN: ClassVar["Role"]
    EDITOR: ClassVar["Role"]
    OPERATOR: ClassVar["Role"]
    VIEWER: ClassVar["Role"]

    def __str__(self) -> str:
        return self.name


EVERYTHING: Final = "*"
"""The scope that narrows nothing."""

_P: Final = Permission
_VIEW: Final = frozenset(
    {
        _P.WORKFLOWS_READ,
        _P.RUNS_READ,
        _P.APPROVALS_READ,
        _P.TRIGGERS_READ,
        _P.RULES_READ,
        _P.SETTINGS_READ,
        _P.MODELS_READ,
        _P.AGENTS_READ,
        _P.MCP_READ,
        _P.BUDGETS_READ,
        _P.MEMBERS_READ,
        _P.MEMORY_READ,
    }
)
_OPERATE: Final = _VIEW | {
    _P.RUNS_START,
    _P.RUNS_CANCEL,
    _P.RUNS_RETRY,
    _P.APPROVALS_DECIDE,
    _P.TRIGGERS_MANAGE,
    _P.EVENTS_EMIT,
    _P.USAGE_READ,
    _P.MEMORY_WRITE,
}
_EDIT: Final = _OPERATE | {
    _P.WORKFLOWS_WRITE,
    _P.WORKFLOWS_PUBLISH,
    _P.SECRETS_READ,
    _P.ENDPOINTS_READ,
    _P.MEMORY_MANAGE,
    _P.AGENTS_MANAGE,
}

Role.OWNER = Role("owner", frozenset(Permission))
Role.ADMIN = Role("admin", frozenset(Permission))
Role.EDITOR = Role("editor", _EDIT)
Role.OPERATOR = Role("operator", _OPERATE)
Role.VIEWER = Role("viewer", _VIEW)

BUILT_IN: Final[Mapping[str, Role]] = {
    role.name: role for role in (Role.OWNER, Role.ADMIN, Role.EDITOR, Role.OPERATOR, Role.VIEWER)
}
"""The roles of every workspace, by their names."""


def role_of(name: str, permissions: Iterable[str] | None) -> Role:
    """Return a role as it is kept: those of every workspace keep no permissions, an unknown one has none."""
    known = BUILT_IN.get(name)
    return known if known is not None else Role(name, permissions_named(permissions or ()))


def permissions_named(names: Iterable[str]) -> frozenset[Permission]:
    """Return the permissions with these names; a name that is no permission grants nothing."""
    wanted = frozenset(names)
    return frozenset(permission for permission in Permission if permission.value in wanted)


def granted(role: Role, scopes: Iterable[str]) -> frozenset[Permission]:
    """Return what a role may do under these scopes; unknown scopes grant nothing."""
    wanted = frozenset(scopes)
    if EVERYTHING in wanted:
        return role.permissions
    return frozenset(permission for permission in role.permissions if permission.value in wanted)


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Return the scopes that name no permission."""
    known = {permission.value for permission in Permission} | {EVERYTHING}
    return sorted(set(scopes) - known)
