"""A second machine on a cable of its own: a network namespace joined to this one by a pair of interfaces."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

NAME: Final = f"flowloom{os.getpid() % 10_000}"
HERE: Final = "10.213.45.1"
THERE: Final = "10.213.45.2"

_PROBE: Final = """
import json, socket, sys
host, ports = sys.argv[1], json.loads(sys.argv[2])
open_ports = []
for port in ports:
    with socket.socket() as probe:
        probe.settimeout(2)
        if probe.connect_ex((host, port)) == 0:
            open_ports.append(port)
print(json.dumps(open_ports))
"""


@contextmanager
def other_machine() -> Iterator[str]:
    """Yield the address at which the other machine finds this one; needs root."""
    try:
        _ip("netns", "add", NAME)
        _ip("link", "add", f"{NAME}a", "type", "veth", "peer", "name", f"{NAME}b", "netns", NAME)
        _ip("addr", "add", f"{HERE}/30", "dev", f"{NAME}a")
        _ip("link", "set", f"{NAME}a", "up")
        _ip("-n", NAME, "addr", "add", f"{THERE}/30", "dev", f"{NAME}b")
        _ip("-n", NAME, "link", "set", f"{NAME}b", "up")
        yield HERE
    finally:
        subprocess.run(["ip", "netns", "del", NAME], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", f"{NAME}a"], check=False, capture_output=True)


def reachable_from_there(ports: Iterable[int], host: str = HERE) -> list[int]:
    """Return those ports of this machine to which the other one can connect."""
    command = ["ip", "netns", "exec", NAME, sys.executable, "-c", _PROBE, host, json.dumps(list(ports))]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    found: list[int] = json.loads(answer.stdout)
    return found


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, timeout=20)
