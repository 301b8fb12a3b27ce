"""The port check: names the port, the part and who holds it."""

import os
import socket

import pytest

from flowloom_cli.errors import PortTakenError
from flowloom_cli.supervision.ports import require_free


def test_names_port_part_and_owner_when_a_port_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortTakenError) as caught:
            require_free({port: "gateway"})
    assert f"port {port}, which gateway needs" in caught.value.message
    assert f"pid {os.getpid()}" in caught.value.message
    assert caught.value.exit_code == 2


def test_is_silent_when_all_ports_are_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    require_free({port: "gateway"})
