"""Files that steps of a run have written, for people of its workspace."""

from collections.abc import AsyncIterator

from flowloom_contracts.files import (
    RunFile,
    RunFileList,
    RunFilePart,
    RunFilePartQuery,
    RunFilesQuery,
    path_problem,
)
from flowloom_servicekit.errors import NotFoundError
from gateway.control_ports import RunControl
from gateway.domain.principals import Principal
from gateway.usecases.runs import run_query


class FileNotFoundInRunError(NotFoundError):
    """The run has no such file, or no such version of it."""

    title = "File not found"


async def list_files(
    run_id: str, principal: Principal, *, cursor: str | None, limit: int, control: RunControl
) -> RunFileList:
    """Return a page of the newest versions of the files of a run, by path."""
    known = run_query(run_id, principal)
    return await control.files(
        RunFilesQuery(actor=known.actor, run_id=known.run_id, cursor=cursor, limit=limit)
    )


async def open_file(
    run_id: str, path: str, principal: Principal, *, version: int | None, control: RunControl
) -> tuple[RunFile, AsyncIterator[bytes]]:
    """Return a version of a file and its content, piece by piece; raises `FileNotFoundInRunError`."""
    known = run_query(run_id, principal)
    # What no file can be called is not found, whatever it looks like.
    if path_problem(path) is not None:
        raise FileNotFoundInRunError("The run has no file of this name.")
    query = RunFilePartQuery(actor=known.actor, run_id=known.run_id, path=path, version=version)
    # The first piece is asked for here, so that a refusal becomes an answer.
    part = await control.file_part(query)
    # A version that is written meanwhile must not end what began with this one.
    same = query.model_copy(update={"version": part.file.version})
    return part.file, _pieces(part, same, control)


async def _pieces(part: RunFilePart, query: RunFilePartQuery, control: RunControl) -> AsyncIterator[bytes]:
    yield part.content
    while part.next_offset is not None:
        part = await control.file_part(query.model_copy(update={"offset": part.next_offset}))
        yield part.content
