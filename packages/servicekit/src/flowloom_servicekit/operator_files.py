"""Files that only an operator may write: read at the start, refused where somebody else could change them."""

import os
import stat
from pathlib import Path
from typing import Annotated, Final, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ValidationError
from pydantic_core import PydanticCustomError

MOST_BYTES: Final = 1_000_000
OTHERS: Final = stat.S_IWGRP | stat.S_IWOTH


def _absolute(path: Path | None) -> Path | None:
    if path is not None and not path.is_absolute():
        raise PydanticCustomError(
            "absolute_path",
            "must be an absolute path, such as /etc/flowloom/mcp.json: services have folders of their own",
        )
    return path


OperatorPath = Annotated[Path | None, BeforeValidator(lambda given: given or None), AfterValidator(_absolute)]
"""The setting that names such a file; an empty variable, as compose passes it, names none."""

Model = TypeVar("Model", bound=BaseModel)


class OperatorFileError(Exception):
    """The file cannot be used; the message says which, where and why."""


def read_operator_file(path: Path, model: type[Model]) -> Model:
    """Return what a JSON file says; raises OperatorFileError, also for a file that others may write."""
    content = read_guarded(path)
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(str(part) for part in one['loc']) or 'the file'}: {one['msg']}"
            for one in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise OperatorFileError(f"{path}: {said}") from None


def read_guarded(path: Path) -> bytes:
    """Return the content of a file that root or this process's user owns and nobody else can write.

    Raises OperatorFileError.
    """
    try:
        with path.open("rb") as opened:
            about = os.fstat(opened.fileno())
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise OperatorFileError(f"{path} cannot be read: {error.strerror}") from error
    if about.st_uid not in (0, os.geteuid()) or about.st_mode & OTHERS:
        raise OperatorFileError(
            f"{path} can be written by others, and who writes it decides what runs here: "
            "let root or the service's user own it, and take the right from group and others (chmod go-w)"
        )
    if len(content) > MOST_BYTES:
        raise OperatorFileError(f"{path} has more than {MOST_BYTES:,} bytes")
    return content
