"""Files of a run: what its agents write, version by version, for later steps and for people."""

import base64
import binascii
import unicodedata
from datetime import datetime
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from flowloom_contracts.base import Request, Response
from flowloom_contracts.runs import Actor

MAX_PATH_CHARS: Final = 200
MAX_NAME_CHARS: Final = 100
MAX_FOLDERS: Final = 8

PART_BYTES: Final = 4_000_000
"""The most of a file that one answer carries."""

MAX_FILE_BYTES: Final = 8 * 1024 * 1024
"""The largest file: it travels through two sidecars in one message, which take 16 MiB."""

_FORBIDDEN: Final = frozenset('\\:*?"<>|')
"""Characters that some file system reads as more than a name."""


def path_problem(path: str) -> str | None:
    """Return why a path cannot name a file of a run, None when it can."""
    names = path.split("/")
    if len(path) > MAX_PATH_CHARS or len(names) > MAX_FOLDERS + 1:
        return f"it is longer than {MAX_PATH_CHARS} characters or deeper than {MAX_FOLDERS} folders"
    if unicodedata.normalize("NFC", path) != path:
        return "its letters are not in composed form (NFC)"
    if path.startswith("/"):
        return "it begins with a slash: give a path inside the run's files, as reports/summary.md"
    return next((problem for name in names if (problem := _name_problem(name)) is not None), None)


def _name_problem(name: str) -> str | None:
    if not name or name in (".", ".."):
        return "it has an empty name, '.' or '..' in it: give a plain path, as reports/summary.md"
    if len(name) > MAX_NAME_CHARS or len(name.encode()) > 2 * MAX_NAME_CHARS:
        return f"a name in it is longer than {MAX_NAME_CHARS} characters"
    if name != name.strip() or name.endswith("."):
        return "a name in it begins or ends with a space, or ends with a dot"
    if any(char in _FORBIDDEN or unicodedata.category(char)[0] == "C" for char in name):
        return 'it has a control character, a backslash or one of : * ? " < > | in it'
    return None


def _checked(path: str) -> str:
    problem = path_problem(path)
    if problem is not None:
        raise ValueError(f"{path[:80]!r} cannot name a file of a run: {problem}")
    return path


RunFilePath = Annotated[
    str,
    AfterValidator(_checked),
    Field(
        min_length=1,
        max_length=MAX_PATH_CHARS,
        description="Relative path with slashes, as `reports/summary.md`.",
    ),
]


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("the content is not base64") from error


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


FileContent = Annotated[
    bytes,
    BeforeValidator(_decoded),
    PlainSerializer(_encoded, when_used="json"),
    Field(description="Bytes, as base64 in JSON."),
]


class RunFile(Response):
    """One version of a file of a run; a version never changes."""

    path: str
    version: int = Field(description="Counts from 1; a fork keeps the numbers of the run it came from.")
    size: int = Field(description="Bytes.")
    sha256: str = Field(description="Hash of the content, 64 hexadecimal digits.")
    media_type: str = Field(description="By the name's ending, and by the content where it says otherwise.")
    step: str = Field(description="Path of the step that wrote it.")
    at: datetime


class RunFileList(Response):
    """A page of the newest versions of a run's files, by path."""

    items: list[RunFile]
    next_cursor: str | None = None


class RunFilePart(Response):
    """A piece of one version of a file; all pieces in a row are the file."""

    file: RunFile
    content: FileContent
    next_offset: int | None = Field(default=None, description="None: this was the last piece.")


class RunFilesQuery(Request):
    """Internal `runs/files`: the files of one run."""

    actor: Actor
    run_id: str
    cursor: str | None = Field(default=None, max_length=MAX_PATH_CHARS)
    limit: int = Field(default=50, ge=1, le=200)


class RunFilePartQuery(Request):
    """Internal `runs/file-part`: a piece of a file of one run."""

    actor: Actor
    run_id: str
    path: RunFilePath
    version: int | None = Field(default=None, ge=1, description="None: the newest.")
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=PART_BYTES, ge=1, le=PART_BYTES)


class StepFilesQuery(Request):
    """Internal `files/list`: the files of the run, asked by whoever holds one of its steps."""

    run_id: str
    step: str
    exec: int
    cursor: str | None = Field(default=None, max_length=MAX_PATH_CHARS)
    limit: int = Field(default=200, ge=1, le=200)


class StepFilePartQuery(Request):
    """Internal `files/read`: a piece of a file, asked by whoever holds a step of the run."""

    run_id: str
    step: str
    exec: int
    path: RunFilePath
    version: int | None = Field(default=None, ge=1)
    offset: int = Field(default=0, ge=0)
    limit: int = Field(default=PART_BYTES, ge=1, le=PART_BYTES)


class WrittenFileQuery(Request):
    """Internal `files/written`: what a key has written, if anything."""

    run_id: str
    step: str
    exec: int
    key: str = Field(min_length=8, max_length=100)


class WrittenFile(Response):
    """The version that a key has written."""

    file: RunFile | None = None


class WriteRunFile(Request):
    """Internal `files/write`: a new version of a file; the same key writes one version."""

    run_id: str
    step: str
    exec: int
    path: RunFilePath
    content: FileContent
    key: str = Field(min_length=8, max_length=100)
