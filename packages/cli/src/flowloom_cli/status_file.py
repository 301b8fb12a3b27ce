"""What the supervisor tells `flowloom status`: a small file, rewritten at every change."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flowloom_cli.private_files import write_private


class ProcessStatus(BaseModel):
    """One process."""

    model_config = ConfigDict(frozen=True)

    name: str
    pid: int | None
    state: str
    port: int
    restarts: int


class PlatformStatus(BaseModel):
    """The answer of `flowloom status --json`."""

    model_config = ConfigDict(frozen=True)

    ready: bool
    processes: list[ProcessStatus]
    url: str = ""
    supervisor: int | None = None
    failure: str = ""


def status_path(home: Path) -> Path:
    return home / "run" / "status.json"


def write_status(home: Path, status: PlatformStatus) -> None:
    write_private(status_path(home), status.model_dump_json(indent=2) + "\n")


def read_status(home: Path) -> PlatformStatus | None:
    """Return what the supervisor wrote last, or None when it never ran here."""
    path = status_path(home)
    if not path.exists():
        return None
    return PlatformStatus.model_validate_json(path.read_text())
