"""The operator's file of MCP servers that are programs on the machine; nothing else can name a program."""

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from flowloom_contracts.base import Request
from flowloom_contracts.mcp import (
    DIGEST_PATTERN,
    MOST_CALLS,
    MOST_SECONDS,
    MOST_TOOLS,
    SERVER_PATTERN,
    TOOL_PATTERN,
)
from flowloom_contracts.step_fields import Effect

MIB: Final = 1024 * 1024
MOST_PROGRAMS: Final = 50
VARIABLE_PATTERN: Final = r"^[A-Za-z_][A-Za-z0-9_]{0,127}$"


def _absolute(path: str) -> str:
    if not path.startswith("/") or "\x00" in path:
        raise PydanticCustomError(
            "absolute_path", "must be an absolute path, such as /usr/bin/python3: PATH is not searched"
        )
    return path


AbsolutePath = Annotated[str, StringConstraints(max_length=1_000), AfterValidator(_absolute)]
Argument = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$", max_length=4_000)]
Variable = Annotated[str, StringConstraints(pattern=VARIABLE_PATTERN)]


class ProgramTool(Request):
    """A tool that workflows may call, and what a repeated call would do."""

    name: str = Field(pattern=TOOL_PATTERN)
    effect: Effect = Field(
        default="once",
        description="What a repeated call would do; `once`: it is never repeated without a person.",
    )
    digest: str | None = Field(
        default=None,
        pattern=DIGEST_PATTERN,
        description="Of its definition; the tool is refused when the program describes it otherwise.",
    )


class McpProgram(Request):
    """One server: a program that is started when it is first needed and speaks over its standard streams."""

    name: str = Field(
        max_length=40, pattern=SERVER_PATTERN, description="What documents write: `mcp/<name>.<tool>`."
    )
    command: AbsolutePath = Field(description="The program; no shell and no search of PATH are between.")
    arguments: list[Argument] = Field(default=[], max_length=64)
    folder: AbsolutePath = Field(default="/", description="Where it runs.")
    environment: dict[Variable, Argument] = Field(
        default={}, max_length=64, description="All that it is given, beside PATH and LANG."
    )
    secret_files: dict[Variable, AbsolutePath] = Field(
        default={},
        max_length=16,
        description="Variables whose values are in files; they are taken out of whatever it says.",
    )
    tools: list[ProgramTool] = Field(min_length=1, max_length=MOST_TOOLS)
    workspaces: list[str] | None = Field(
        default=None, min_length=1, description="Ids of workspaces that may call it; default: all."
    )
    calls_per_minute: int = Field(default=60, ge=1, le=MOST_CALLS, description="Of one workspace.")
    timeout_s: int = Field(default=30, ge=1, le=MOST_SECONDS, description="Of one call.")
    processes: int = Field(
        default=4, ge=1, le=64, description="At the same time; each workspace has one of its own."
    )
    memory_bytes: int = Field(default=512 * MIB, ge=16 * MIB, description="Of one process.")
    open_files: int = Field(default=256, ge=16, le=65_536)
    processor_s: int = Field(
        default=3_600, ge=1, description="Processor time of one process; then it ends, and starts anew."
    )
    idle_s: int = Field(default=600, ge=1, description="How long a process that nobody asks is kept.")

    @model_validator(mode="after")
    def _names_are_clear(self) -> Self:
        tools = [tool.name for tool in self.tools]
        if len(set(tools)) != len(tools):
            raise ValueError(f"server {self.name!r}: a tool is written twice")
        if both := self.environment.keys() & self.secret_files.keys():
            raise ValueError(f"server {self.name!r}: {sorted(both)} are in environment and in secret_files")
        return self

    def is_for(self, workspace_id: str) -> bool:
        """Whether a workspace may call it."""
        return self.workspaces is None or workspace_id in self.workspaces


class McpProgramFile(Request):
    """The whole file, `FLOWLOOM_MCP_FILE`."""

    servers: list[McpProgram] = Field(max_length=MOST_PROGRAMS)

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        names = [server.name for server in self.servers]
        if len(set(names)) != len(names):
            raise ValueError("a server is written twice")
        return self
