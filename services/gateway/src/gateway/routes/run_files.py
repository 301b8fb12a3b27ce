"""Files that steps of a run have written: what there is, and downloads."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from flowloom_contracts.files import MAX_PATH_CHARS, RunFileList
from flowloom_servicekit.errors import (
    ForbiddenError,
    InvalidRequestError,
    StorageUnavailableError,
    UnauthenticatedError,
    problems,
)
from gateway.parts import PartsOf
from gateway.routes.documents import UNOPENED
from gateway.routes.guards import PageLimit, RunReader
from gateway.usecases import run_files as usecases
from gateway.usecases.runs import RunNotFoundError

router: Final = APIRouter(
    prefix="/v1/runs/{run_id}/files",
    tags=["runs"],
    responses=problems(
        UnauthenticatedError,
        ForbiddenError,
        RunNotFoundError,
        InvalidRequestError,
        StorageUnavailableError,
    ),
)
BINARY: Final[dict[str, object]] = {"schema": {"type": "string", "format": "binary"}}
FilePath = Annotated[
    str,
    Path(min_length=1, max_length=MAX_PATH_CHARS, description="As in the list; slashes are part of it."),
]
Version = Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Default: the newest.")]


@router.get("")
async def list_run_files(
    *,
    run_id: str,
    principal: RunReader,
    parts: PartsOf,
    cursor: Annotated[str | None, Query(max_length=MAX_PATH_CHARS)] = None,
    limit: PageLimit = 50,
) -> RunFileList:
    """List the newest versions of the files that steps of the run have written, by path."""
    return await usecases.list_files(run_id, principal, cursor=cursor, limit=limit, control=parts.control)


@router.get(
    "/{path:path}",
    response_class=Response,
    responses=problems(usecases.FileNotFoundInRunError, RunNotFoundError)
    | {200: {"content": {"application/octet-stream": BINARY}, "description": "The content."}},
)
async def download_run_file(
    *, run_id: str, path: FilePath, principal: RunReader, parts: PartsOf, version: Version = None
) -> Response:
    """Return a file as it was written; browsers save it and never open it."""
    file, content = await usecases.open_file(run_id, path, principal, version=version, control=parts.control)
    name = quote(file.path.rpartition("/")[2], safe="")
    return StreamingResponse(
        content,
        media_type="application/octet-stream",
        headers={**UNOPENED, "content-disposition": f"attachment; filename*=UTF-8''{name}"},
    )
