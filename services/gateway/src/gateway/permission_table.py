"""Who may call what, read off the routes: `python -m gateway.permission_table FILE` writes the table."""

import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import SecretStr
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from flowloom_servicekit.callers import caller
from flowloom_servicekit.middleware import SIDECAR_PATHS
from flowloom_servicekit.problems import leaf_routes
from gateway.bootstrap import build_app
from gateway.domain.permissions import Permission, Role
from gateway.routes.guards import Allowed, in_person, signed_in
from gateway.settings import Settings

ROLES: Final = (Role.VIEWER, Role.OPERATOR, Role.EDITOR, Role.ADMIN, Role.OWNER)
OPEN: Final = "-"
SIGNED_IN: Final = "signed in"
IN_PERSON: Final = "signed in as a person"
SIDECAR: Final = "the sidecar's token"
SOCKET: Final = "a token at the connection"
HEAD: Final = """# Who may call what

Written by `make contracts` from the routes; a test compares it with what the gateway answers. A role of a
workspace's own grants the permissions that it names, a key or client at most those among its scopes.

"""


@dataclass(frozen=True, slots=True)
class Access:
    """One method of a route and what it asks for; `permission` is set where that is a permission."""

    method: str
    path: str
    asks: str
    permission: Permission | None = None

    def lets_in(self, role: Role) -> bool:
        """Whether a person with a role passes."""
        if self.permission is not None:
            return self.permission in role.permissions
        return self.asks in {OPEN, SIGNED_IN, IN_PERSON}


def inventory(app: FastAPI) -> list[Access]:
    """Return every route of the application, those that no document shows included."""
    found = [access for route in leaf_routes(app.routes) for access in _accesses(route)]
    return sorted(found, key=lambda access: (access.path, access.method))


def _accesses(route: BaseRoute) -> Iterator[Access]:
    if isinstance(route, WebSocketRoute):
        yield Access("WS", route.path, SOCKET)
    elif isinstance(route, Mount):
        yield Access("*", f"{route.path}/", SOCKET)
    elif isinstance(route, WebSocketRoute):
        yield Access("*", route.path, SOCKET)
    elif isinstance(route, APIRoute):
        asks, permission = _asked(route)
        for method in sorted(route.methods or ()):
            yield Access(method, route.path, asks, permission)
    elif isinstance(route, Route):
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Access(method, route.path, OPEN)
    else:
        raise TypeError(f"{route!r} is a kind of route that this table does not know")


def _asked(route: APIRoute) -> tuple[str, Permission | None]:
    calls = list(_calls(route.dependant))
    for call in calls:
        if isinstance(call, Allowed):
            return call.permission.value, call.permission
    if in_person in calls:
        return IN_PERSON, None
    if signed_in in calls:
        return SIGNED_IN, None
    services = [str(name) for call in calls for name in _callers(call)]
    if services:
        return f"the service {', '.join(services)}", None
    of_sidecar = route.path.startswith(SIDECAR_PATHS)
    return (SIDECAR if of_sidecar else OPEN), None


def _calls(dependant: Dependant) -> Iterator[object]:
    for needed in dependant.dependencies:
        yield needed.call
        yield from _calls(needed)


def _callers(call: object) -> list[object]:
    """Return the services that a dependency of `caller` lets in."""
    if not inspect.isfunction(call) or not call.__qualname__.startswith(f"{caller.__name__}."):
        return []
    allowed: list[object] = list(inspect.getclosurevars(call).nonlocals["allowed"])
    return allowed


def table(app: FastAPI) -> str:
    """Return the table as Markdown."""
    names = [role.name for role in ROLES]
    lines = [
        f"| method | path | asks for | {' | '.join(names)} |",
        f"| --- | --- | --- |{' --- |' * len(names)}",
    ]
    for access in inventory(app):
        marks = [_mark(access, role) for role in ROLES]
        lines.append(f"| {access.method} | `{access.path}` | {access.asks} | {' | '.join(marks)} |")
    return HEAD + "\n".join(lines) + "\n"


def _mark(access: Access, role: Role) -> str:
    return "yes" if access.lets_in(role) else ""


def described_app() -> FastAPI:
    """Return an application that is only looked at: nothing connects before its lifespan."""
    return build_app(
        Settings.model_validate(
            {
                "database_url": SecretStr("postgresql+asyncpg://127.0.0.1/none"),
                "redis_url": SecretStr("redis://127.0.0.1/0"),
                "dapr_api_token": SecretStr("only-the-routes-are-read"),
                "app_api_token": SecretStr("only-the-routes-are-read"),
            }
        )
    )


def main(path: Path) -> None:
    """Write the table."""
    path.write_text(table(described_app()), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
