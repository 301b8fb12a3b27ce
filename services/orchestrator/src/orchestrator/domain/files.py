"""What a file of a run is: its kind, where its content is kept, and how much a run may have."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flowloom_contracts.files import RunFile
from flowloom_servicekit.errors import ConflictError, NotFoundError, PayloadTooLargeError

TEXTS: Final = {
    "md": "text/markdown",
    "txt": "text/plain",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "json": "application/json",
    "yaml": "application/yaml",
    "yml": "application/yaml",
    "html": "text/html",
    "xml": "application/xml",
    "svg": "image/svg+xml",
}
"""By the ending of the name; all of them are texts in UTF-8."""

BEGINNINGS: Final = {
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    "gif": ("image/gif", b"GIF8"),
    "pdf": ("application/pdf", b"%PDF-"),
    "zip": ("application/zip", b"PK\x03\x04"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
}
UNKNOWN: Final = "application/octet-stream"

CONTENT_PREFIX: Final = "file"
"""Contents are not values of JSON: no reference of a value leads to them."""


class FileNotFoundInRunError(NotFoundError):
    """The run has no such file, or no such version of it."""

    title = "File not found"


class FileTooLargeError(PayloadTooLargeError):
    """One file may not be as large."""

    title = "The file is too large"


class TooManyFilesError(ConflictError):
    """The run has no room for another version."""

    title = "The run has no room for more files"


class StepNotHeldError(ConflictError):
    """Whoever asks does not carry out this step now."""

    title = "The step is carried out by another worker"


@dataclass(frozen=True)
class FileLimits:
    """How much one run may have; every version counts."""

    file_bytes: int
    run_bytes: int
    versions: int


@dataclass(frozen=True)
class NewFile:
    """A version to be written by an execution of a step."""

    run_id: str
    workspace_id: str
    step: str
    attempt: int
    exec: int
    path: str
    key: str
    sha256: str
    size: int
    media_type: str
    at: datetime

    def versioned(self, version: int) -> RunFile:
        """Return it as people see it."""
        return RunFile(
            path=self.path,
            version=version,
            size=self.size,
            sha256=self.sha256,
            media_type=self.media_type,
            step=self.step,
            at=self.at,
        )


@dataclass(frozen=True)
class FilesTaken:
    """The files of some steps of an old run, for a run that reuses what they did."""

    run_id: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class RoomUsed:
    """What a run has already, over all versions, and the newest version of one path."""

    bytes: int
    versions: int
    newest: int


def next_version(new: NewFile, used: RoomUsed, limits: FileLimits) -> int:
    """Return the number of a new version; raises `TooManyFilesError` when the run has no room for it."""
    if used.versions + 1 > limits.versions:
        raise TooManyFilesError(
            f"The run has {used.versions:,} versions of files, at most {limits.versions:,} are kept: "
            f"write fewer files than {new.path!r} beside the others."
        )
    if used.bytes + new.size > limits.run_bytes:
        raise TooManyFilesError(
            f"{new.path!r} has {new.size:,} bytes; the run's files have {used.bytes:,} of "
            f"{limits.run_bytes:,}: write less, or raise FLOWLOOM_ORCHESTRATOR_FILES_BYTES."
        )
    return used.newest + 1


def hash_of(content: bytes) -> str:
    """Return the hash under which a content is kept."""
    return hashlib.sha256(content).hexdigest()


def content_ref(sha256: str) -> str:
    """Return the reference of a content among the large values of its run."""
    return f"{CONTENT_PREFIX}{sha256}"


def media_type_of(path: str, content: bytes) -> str:
    """Return what a file is: by its ending where the content agrees, else plain text or bytes."""
    ending = path.rpartition("/")[2].rpartition(".")[2].lower()
    if ending in BEGINNINGS:
        media_type, beginning = BEGINNINGS[ending]
        return media_type if content.startswith(beginning) else UNKNOWN
    if not _is_text(content):
        return UNKNOWN
    return TEXTS.get(ending, "text/plain")


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def is_of(step: str, roots: Iterable[str]) -> bool:
    """Whether a step is one of some steps, or inside one of them."""
    return any(step == root or step.startswith((f"{root}[", f"{root}.")) for root in roots)
