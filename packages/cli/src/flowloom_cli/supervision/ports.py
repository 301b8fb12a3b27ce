"""Check that ports are free before anything starts, and say who holds one that is not."""

import socket
from collections.abc import Mapping

import psutil

from flowloom_cli.errors import PortTakenError
from flowloom_cli.topology import HOST


def require_free(ports: Mapping[int, str]) -> None:
    """Raise PortTakenError naming the first taken ports; `ports` maps a port to the part that needs it."""
    taken = {port: part for port, part in ports.items() if not _is_free(port)}
    if not taken:
        return
    owners = _owners(set(taken))
    sentences = [
        f"port {port}, which {part} needs, is taken by {owners.get(port, 'an unknown process')}"
        for port, part in taken.items()
    ]
    raise PortTakenError(
        "; ".join(sentences[:3]),
        hint="end that process, or choose other ports with FLOWLOOM_PORT and FLOWLOOM_PORT_BASE",
    )


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do it, so that a connection in TIME_WAIT is no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def _owners(ports: set[int]) -> dict[int, str]:
    try:
        connections = psutil.net_connections(kind="tcp")
    except psutil.AccessDenied:
        return {}
    return {
        connection.laddr.port: _describe(connection.pid)
        for connection in connections
        if connection.laddr and connection.status == psutil.CONN_LISTEN and connection.laddr.port in ports
    }


def _describe(pid: int | None) -> str:
    if pid is None:
        return "a process of another user"
    try:
        process = psutil.Process(pid)
        command = " ".join(process.cmdline())[:80] or process.name()
    except psutil.Error:
        return f"process {pid}"
    return f"{process.name()!r} (pid {pid}: {command})"
