"""MCP servers of a workspace: where they are, which of their tools are agreed to, and what a call brings."""

import re
from datetime import datetime
from typing import Final, Literal

from pydantic import Field, SecretStr

from flowloom_contracts.base import JsonObject, JsonValue, Request, Response
from flowloom_contracts.step_fields import ID_PATTERN, Effect

SERVER_PATTERN: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
TOOL_PATTERN: Final = r"^[A-Za-z0-9_][A-Za-z0-9_./-]{0,127}$"
DIGEST_PATTERN: Final = r"^[0-9a-f]{64}$"
TOOL_NAME: Final = re.compile(r"mcp/([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.([A-Za-z0-9_][A-Za-z0-9_./-]{0,127})")
"""What documents write: `mcp/<server>.<tool>`."""

PREFIX: Final = "mcp/"
MOST_TOOLS: Final = 100
MOST_SECONDS: Final = 120
MOST_CALLS: Final = 6_000


def tool_name(server: str, tool: str) -> str:
    """Return what documents call a tool of a server."""
    return f"{PREFIX}{server}.{tool}"


def name_parts(name: str) -> tuple[str, str] | None:
    """Return server and tool of a name, None for text that names no tool of a server."""
    found = TOOL_NAME.fullmatch(name)
    return None if found is None else (found[1], found[2])


class McpCredential(Request):
    """Which secret is sent to the server, and in which header; never anywhere else."""

    secret: str = Field(pattern=ID_PATTERN, description="Name of a secret of the workspace.")
    header: str = Field(default="Authorization", pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")
    scheme: str = Field(
        default="Bearer",
        max_length=32,
        pattern=r"^[A-Za-z0-9_-]*$",
        description="Stands before the value; empty: the value alone.",
    )


class SaveMcpTool(Request):
    """A tool that is agreed to, exactly as it was shown."""

    name: str = Field(pattern=TOOL_PATTERN)
    digest: str = Field(
        pattern=DIGEST_PATTERN, description="Of the definition that was shown; a check gives it."
    )
    effect: Effect = Field(
        default="once",
        description="What a repeated call would do; `once`: it is never repeated without a person.",
    )


class SaveMcpServer(Request):
    """Body of `POST /v1/mcp-servers` and `PUT /v1/mcp-servers/{id}`."""

    name: str = Field(
        max_length=40, pattern=SERVER_PATTERN, description="What documents write: `mcp/<name>.<tool>`."
    )
    url: str = Field(min_length=8, max_length=500, description="Its streamable HTTP endpoint, by https.")
    credential: McpCredential | None = Field(default=None, description="None: it asks for none.")
    tools: list[SaveMcpTool] = Field(
        default=[], max_length=MOST_TOOLS, description="What workflows may call; nothing else is."
    )
    calls_per_minute: int = Field(default=60, ge=1, le=MOST_CALLS)
    timeout_s: int = Field(default=30, ge=1, le=MOST_SECONDS, description="Of one call.")


class McpTool(Response):
    """A tool that is agreed to, with the words that a model is shown."""

    name: str
    digest: str
    effect: Effect
    description: str
    input_schema: JsonObject


class McpServer(Response):
    """A server of the workspace; what its secret is stays in the vault."""

    id: str
    name: str
    url: str
    credential: JsonObject | None = Field(description="Which secret is sent in which header.")
    tools: list[McpTool]
    calls_per_minute: int
    timeout_s: int
    etag: str
    updated_at: datetime


class McpProgramTool(Response):
    """A tool of a server that the operator runs."""

    name: str
    effect: Effect


class McpProgramShown(Response):
    """A server that the operator runs as a program, as far as a workspace may know."""

    name: str
    tools: list[McpProgramTool]
    calls_per_minute: int
    timeout_s: int


class McpServerList(Response):
    """The servers of a workspace, by name."""

    items: list[McpServer]
    programs: list[McpProgramShown] = Field(
        default=[], description="Servers of the operator's file; only the operator can change them."
    )


McpToolState = Literal["new", "agreed", "changed", "gone"]


class McpToolSeen(Response):
    """A tool as the server describes it now; everything in it was written by others."""

    name: str
    digest: str
    description: str
    input_schema: JsonObject
    suggested_effect: Effect = Field(
        description="What the server says of it; a suggestion, because only you know the server."
    )
    state: McpToolState = Field(
        default="new",
        description="`changed`: not as agreed, refused until it is agreed to again; `gone`: not offered.",
    )


class McpCheck(Response):
    """What came of connecting and listing the tools; `message` says what to do when it failed."""

    ok: bool
    duration_ms: int
    code: str | None = Field(default=None, description="`auth`, `denied`, `timeout`, `upstream` and so on.")
    message: str | None = None
    server: str | None = Field(default=None, description="How the server calls itself, with its version.")
    protocol: str | None = None
    tools: list[McpToolSeen] = []
    left_out: list[str] = Field(default=[], description="Tools that cannot be called, and why.")


class McpEndpoint(Request):
    """Internal: what is needed to call a server."""

    name: str
    url: str
    headers: dict[str, SecretStr] = Field(default={}, repr=False)
    missing_secret: str | None = Field(
        default=None, description="The secret that should be sent and is none."
    )
    calls_per_minute: int
    timeout_s: int
    tools: list[JsonObject] = Field(default=[], description="`McpTool` each.")

    def with_headers(self) -> JsonObject:
        """Return it as it travels between services: with the credential in it."""
        headers = {name: value.get_secret_value() for name, value in self.headers.items()}
        return self.model_dump(mode="json", exclude={"headers"}) | {"headers": headers}


class ResolveMcpServer(Request):
    """Internal `mcp/resolve`: where the server of a workspace is."""

    workspace_id: str
    name: str


class ResolvedMcpServer(Response):
    """None: the workspace has no such server."""

    endpoint: JsonObject | None = None


class CheckMcpServer(Request):
    """Internal `mcp/check`: connect and list the tools."""

    workspace_id: str
    endpoint: JsonObject


class DescribeMcpTools(Request):
    """Internal `mcp-tools/describe`: what an agent tells its model about the tools of its step."""

    run_id: str
    step: str
    exec: int
    names: list[str] = Field(max_length=MOST_TOOLS)


class McpToolCard(Response):
    """A tool as a model is shown it: in the words that were agreed to."""

    name: str
    effect: Effect
    description: str
    input_schema: JsonObject
    timeout_s: int


class McpToolCards(Response):
    """The tools asked for, or why one of them may not be used."""

    items: list[McpToolCard] = []
    refused: str | None = None


class CallMcpTool(Request):
    """Internal `mcp-tools/call`: one journaled call of an agent's step."""

    run_id: str
    step: str
    exec: int
    name: str
    arguments: JsonObject
    effect_key: str


class McpCalled(Response):
    """`done` with a result; `failed`: the model is told and can go on; `uncertain`: nobody knows."""

    outcome: Literal["done", "failed", "uncertain"]
    result: JsonValue = None
    code: str | None = None
    message: str | None = None
