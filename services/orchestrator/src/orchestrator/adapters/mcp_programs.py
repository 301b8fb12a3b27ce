"""The operator's file of MCP servers that are programs, in front of the servers of workspaces."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from flowloom_contracts.mcp import McpEndpoint
from flowloom_contracts.mcp_programs import McpProgram, McpProgramFile
from flowloom_servicekit.operator_files import OperatorFileError, read_guarded, read_operator_file
from orchestrator.domain.mcp_programs import Program
from orchestrator.ports.mcp import McpServers


def read_programs(path: Path | None) -> list[Program]:
    """Return the programs of the file, none without one; raises OperatorFileError with the place."""
    if path is None:
        return []
    return [_program(path, spec) for spec in read_operator_file(path, McpProgramFile).servers]


class ServersWithPrograms:
    """See `McpServers`: a name of the file means its program, whatever a workspace has saved."""

    def __init__(self, programs: Iterable[Program], others: McpServers) -> None:
        self._programs: Mapping[str, Program] = {program.name: program for program in programs}
        self._others = others

    async def find(self, workspace_id: str, name: str) -> McpEndpoint | Program | None:
        """See `McpServers.find`."""
        program = self._programs.get(name)
        if program is not None and program.spec.is_for(workspace_id):
            return program
        return await self._others.find(workspace_id, name)


def _program(path: Path, spec: McpProgram) -> Program:
    where = f"{path}: server {spec.name!r}"
    if not Path(spec.command).is_file() or not os.access(spec.command, os.X_OK):
        raise OperatorFileError(f"{where}: there is no program {spec.command!r} that may be started here")
    if not Path(spec.folder).is_dir():
        raise OperatorFileError(f"{where}: there is no folder {spec.folder!r}")
    return Program(spec, {name: _secret(where, file) for name, file in spec.secret_files.items()})


def _secret(where: str, file: str) -> str:
    try:
        value = read_guarded(Path(file)).decode().strip()
    except UnicodeDecodeError:
        raise OperatorFileError(f"{where}: {file} is not text") from None
    if not value or "\x00" in value:
        raise OperatorFileError(f"{where}: {file} has no value that a variable can have")
    return value
