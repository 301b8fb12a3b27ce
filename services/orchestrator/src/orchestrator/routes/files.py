"""What agents and the gateway ask about files of runs."""

from fastapi import APIRouter, Depends

from flowloom_contracts.files import (
    RunFile,
    RunFileList,
    RunFilePart,
    RunFilePartQuery,
    RunFilesQuery,
    StepFilePartQuery,
    StepFilesQuery,
    WriteRunFile,
    WrittenFile,
    WrittenFileQuery,
)
from flowloom_contracts.topics import AGENT_APP_IDS, AppId
from flowloom_servicekit.callers import caller
from flowloom_servicekit.errors import problems
from orchestrator.dependencies import Parts
from orchestrator.domain.errors import RunNotFoundError
from orchestrator.domain.files import (
    FileNotFoundInRunError,
    FileTooLargeError,
    StepNotHeldError,
    TooManyFilesError,
)
from orchestrator.routes.refusals import ALWAYS

files = APIRouter(
    prefix="/internal/files",
    dependencies=[Depends(caller(AGENT_APP_IDS))],
    responses=ALWAYS | problems(RunNotFoundError, StepNotHeldError),
)
files_of_runs = APIRouter(
    prefix="/internal/runs",
    dependencies=[Depends(caller([AppId.GATEWAY]))],
    responses=ALWAYS | problems(RunNotFoundError),
)


@files.post("/write", responses=problems(FileTooLargeError, StepNotHeldError, TooManyFilesError))
async def write_file(body: WriteRunFile, parts: Parts) -> RunFile:
    """Keep a new version of a file."""
    return await parts.files.write(body)


@files.post("/written")
async def get_written_file(body: WrittenFileQuery, parts: Parts) -> WrittenFile:
    """Return what a key has written."""
    return await parts.files.written(body)


@files.post("/list")
async def list_files_for_step(body: StepFilesQuery, parts: Parts) -> RunFileList:
    """Return a page of the run's files."""
    return await parts.files.of_step(body)


@files.post("/read", responses=problems(FileNotFoundInRunError, RunNotFoundError))
async def read_file(body: StepFilePartQuery, parts: Parts) -> RunFilePart:
    """Return a piece of a file."""
    return await parts.files.part_of_step(body)


@files_of_runs.post("/files")
async def list_files_of_run(body: RunFilesQuery, parts: Parts) -> RunFileList:
    """Return a page of a run's files."""
    return await parts.files.of_run(body)


@files_of_runs.post("/file-part", responses=problems(FileNotFoundInRunError, RunNotFoundError))
async def get_file_part(body: RunFilePartQuery, parts: Parts) -> RunFilePart:
    """Return a piece of a file of a run."""
    return await parts.files.part(body)
