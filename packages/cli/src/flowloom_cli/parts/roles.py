"""The roles of a service that keeps workspaces apart: one owns, one signs in, one sees all workspaces.

`flowloom_<service>` owns nothing, so row-level security holds for it. It may take the role
`flowloom_<service>_platform` for what the platform does for all workspaces, and has no right of it before.
"""

from collections.abc import Sequence

SHARED = (
    "CREATE SCHEMA IF NOT EXISTS {service} AUTHORIZATION {owner}",
    # Versions before row-level security let the service own what it works with.
    "REASSIGN OWNED BY {signs_in} TO {owner}",
    "GRANT {platform} TO {signs_in} WITH INHERIT FALSE, SET TRUE",
    "GRANT USAGE ON SCHEMA {service} TO {signs_in}, {platform}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {service} TO {signs_in}, {platform}",
    "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {service} TO {signs_in}, {platform}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {service}"
    " GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {signs_in}, {platform}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA {service}"
    " GRANT USAGE ON SEQUENCES TO {signs_in}, {platform}",
)
PLATFORM = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{platform}') THEN
        CREATE ROLE {platform} NOLOGIN;
    END IF;
END $$
"""


def shared(service: str) -> Sequence[str]:
    """Return the statements, for a superuser, that share the schema out; owner and service are there."""
    names = {
        "service": service,
        "signs_in": f"flowloom_{service}",
        "owner": f"flowloom_{service}_owner",
        "platform": f"flowloom_{service}_platform",
    }
    return [statement.format_map(names) for statement in (PLATFORM, *SHARED)]
