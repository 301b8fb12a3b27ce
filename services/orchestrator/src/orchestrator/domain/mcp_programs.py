"""MCP servers that an operator's file starts on this machine: no document, person or import can make one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowloom_contracts.mcp import McpTool
from flowloom_contracts.mcp_programs import McpProgram
from orchestrator.domain.mcp import McpCallError, Offer


@dataclass(frozen=True, slots=True)
class Program:
    """A server of the file, with the secrets that its variables are given."""

    spec: McpProgram
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def name(self) -> str:
        """What documents write."""
        return self.spec.name

    @property
    def calls_per_minute(self) -> int:
        """How often one workspace may call it."""
        return self.spec.calls_per_minute

    @property
    def timeout_s(self) -> int:
        """How long one call may take."""
        return self.spec.timeout_s


def ensure_named(program: Program, tool: str) -> None:
    """Raise McpCallError for a tool that the file does not name."""
    if all(one.name != tool for one in program.spec.tools):
        raise McpCallError(
            "denied",
            f"The operator's file does not name mcp/{program.name}.{tool}: it names the tools of a program "
            "one by one.",
        )


def tool_of(program: Program, tool: str, offer: Offer) -> McpTool:
    """Return a tool with the words of the program and the effect of the file; raises McpCallError."""
    ensure_named(program, tool)
    wanted = next(one for one in program.spec.tools if one.name == tool)
    seen = offer.tools.get(tool)
    if seen is None:
        why = "; ".join(one for one in offer.left_out if one.startswith(repr(tool)))
        raise McpCallError(
            "denied", f"The program {program.name!r} does not offer {tool!r}{f': {why}' if why else ''}."
        )
    if wanted.digest is not None and wanted.digest != seen.digest:
        raise McpCallError(
            "denied",
            f"The program describes mcp/{program.name}.{tool} in other words than the operator's file pins: "
            f"its digest is {seen.digest}. The operator reads what it says now, and writes this digest.",
        )
    return McpTool(
        name=tool,
        digest=seen.digest,
        effect=wanted.effect,
        description=seen.description,
        input_schema=seen.input_schema,
    )
