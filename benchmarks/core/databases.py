"""Connections to the database of a running platform, beside its services."""

import asyncpg

from flowloom_cli.platform import Platform
from flowloom_cli.secrets import load_or_create, owner_of
from flowloom_cli.topology import HOST
from flowloom_servicekit.tenancy import Scope, server_settings


def dsn_of_owner(platform: Platform, service: str) -> str:
    """Return the address for the owner of a service's tables, who sees all rows."""
    return _dsn(platform, owner_of(service))


async def connect_as(
    platform: Platform, service: str, workspace_id: str
) -> "asyncpg.Connection[asyncpg.Record]":
    """Connect as a service does for one workspace: row-level security holds."""
    dsn = _dsn(platform, service)
    return await asyncpg.connect(dsn, server_settings=server_settings(Scope.of(workspace_id, dsn)))


def _dsn(platform: Platform, role: str) -> str:
    password = load_or_create(platform.home).roles[role]
    return f"postgresql://flowloom_{role}:{password}@{HOST}:{platform.topology.postgres}/flowloom"
