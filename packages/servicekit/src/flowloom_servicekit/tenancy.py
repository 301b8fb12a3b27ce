"""Whose rows a connection sees: row-level security, the second lock behind the condition of every query.

A service signs in to Postgres as `flowloom_<service>`, which owns no table. Policies let it see the rows of
the workspace in the setting `flowloom.workspace`, and none without it. What the platform does for all
workspaces (sign-in, relays, carrying runs on) takes the role `flowloom_<service>_platform` meanwhile.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

from sqlalchemy import text
from sqlalchemy.engine import make_url

SETTING: Final = "flowloom.workspace"

NO_WORKSPACE: Final = ""
"""Sees no row of any workspace."""

EVERY_WORKSPACE: Final = "*"
"""Sees the rows of all: only for what the platform itself does."""

ENTER: Final = text(f"SELECT set_config('role', :role, true), set_config('{SETTING}', :workspace, true)")
"""For the rest of a transaction."""

ENTER_AND_STAY: Final = f"""
    SELECT set_config('role', $1, false), set_config('{SETTING}', $2, false),
           (SELECT count(set_config(name, value, false))
            FROM unnest($3::text[], $4::text[]) AS given (name, value))
"""  # noqa: S608 - the name of the setting is ours
"""Until the connection enters another scope; a setting without a value is what it is by itself again."""

Settings: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values of what plans and carries out statements, such as `enable_sort`."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a connection sees: its role and, for the role of the service, one workspace; and how it looks."""

    role: str
    workspace: str
    settings: Settings = ()

    @classmethod
    def of(cls, workspace: str, url: str, settings: Settings = ()) -> "Scope":
        """Return the scope of a workspace for whoever signs in with this address."""
        signed_in = _signed_in_as(url)
        if workspace == EVERY_WORKSPACE:
            return cls(f"{signed_in}_platform", NO_WORKSPACE, settings)
        return cls(signed_in, workspace, settings)

    @property
    def parameters(self) -> dict[str, str]:
        """What `ENTER` is given."""
        return {"role": self.role, "workspace": self.workspace}

    def after(self, held: "Scope") -> tuple[str, str, list[str], list[str | None]]:
        """Return what `ENTER_AND_STAY` is given on a connection in another scope, of which nothing stays."""
        settings = dict.fromkeys(name for name, _ in held.settings) | dict(self.settings)
        return self.role, self.workspace, list(settings), list(settings.values())


@lru_cache(maxsize=8)
def _signed_in_as(url: str) -> str:
    return make_url(url).username or ""


def server_settings(scope: Scope) -> dict[str, str]:
    """Return what a connection begins with; time limits belong to the role that signs in."""
    return {"jit": "off", "role": scope.role, SETTING: scope.workspace}


def policies(schema: str, table: str, *, column: str = "workspace_id") -> list[str]:
    """Return the statements that lock a table of workspaces' rows, for a migration."""
    return locked(schema, table, f"{column}::text = current_setting('{SETTING}', true)")


def locked(schema: str, table: str, condition: str) -> list[str]:
    """Return the statements that lock a table to a condition on its rows, for a migration."""
    name = f"{schema}.{table}"
    return [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"CREATE POLICY own_workspace ON {name} USING ({condition}) WITH CHECK ({condition})",
        f"CREATE POLICY platform ON {name} TO flowloom_{schema}_platform USING (true) WITH CHECK (true)",
    ]
