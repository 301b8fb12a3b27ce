"""Small real processes for the supervisor's tests."""

import os
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from flowloom_cli.supervision.part import Part
from flowloom_cli.supervision.readiness import answers_http
from flowloom_cli.supervision.supervisor import Supervisor

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
print("listening", flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""

MakePart = Callable[..., Part]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture
def a_part(tmp_path: Path) -> MakePart:
    """Build parts that serve HTTP, or run the Python text given as `program`."""

    def make(name: str, *, program: str = SERVER, needs: tuple[str, ...] = (), stage: int = 0) -> Part:
        port = free_port()
        return Part(
            name=name,
            command=(sys.executable, "-I", "-S", "-c", program, str(port)),
            ready=answers_http(port, "/"),
            port=port,
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"]},
            needs=needs,
            stage=stage,
            start_limit_s=10,
            stop_limit_s=2,
        )

    return make


@pytest.fixture
def told() -> list[str]:
    """What the supervisor reported."""
    return []


@pytest.fixture
async def supervisor(tmp_path: Path, told: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(tmp_path / "logs", report=told.append)
    yield supervisor
    await supervisor.stop()
