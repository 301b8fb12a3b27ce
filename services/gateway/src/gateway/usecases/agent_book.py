"""What workspaces have at hand: for every document that is judged and every run that starts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from flowloom_contracts.document_parts import AgentDefinition
from flowloom_contracts.mcp import tool_name
from flowloom_contracts.mcp_programs import McpProgram
from flowloom_language.catalog import THIS_BUILD, Catalog, CatalogTool
from flowloom_servicekit.clock import Clock
from gateway.agent_ports import AgentStore
from gateway.mcp_ports import McpServerStore

TRUSTED_S: Final = 1.0
"""How long what was read is believed: starting a run costs no question of its own to the database."""

MOST_WORKSPACES: Final = 1_024


class AgentBook:
    """Knows the agents of the workspaces that are in use; no answer is older than a second."""

    def __init__(
        self, store: AgentStore, servers: McpServerStore, clock: Clock, *, programs: Sequence[McpProgram] = ()
    ) -> None:
        self.programs = programs
        self._store = store
        self._servers = servers
        self._clock = clock
        self._read: dict[str, tuple[float, Mapping[str, AgentDefinition]]] = {}

    async def of(self, workspace_id: str) -> Mapping[str, AgentDefinition]:
        """Return the workspace's own agents by name."""
        until, known = self._read.get(workspace_id, (0.0, {}))
        now = self._clock.monotonic()
        if now < until:
            return known
        found = {one.name: one.definition for one in await self._store.all(workspace_id)}
        if len(self._read) >= MOST_WORKSPACES:
            self._read.clear()
        self._read[workspace_id] = (now + TRUSTED_S, found)
        return found

    async def catalog(self, workspace_id: str) -> Catalog:
        """Return what documents of the workspace can name."""
        own = await self.of(workspace_id)
        agents = {name: one.kind for name, one in own.items()}
        return replace(THIS_BUILD, agents=agents, mcp=await self.mcp_tools(workspace_id))

    async def mcp_tools(self, workspace_id: str) -> dict[str, CatalogTool]:
        """Return the tools of MCP servers that are agreed to, by the names that documents write.

        What a program of the operator's file takes is known when it is asked, and checked then.
        """
        saved = {
            tool_name(server.spec.name, tool.name): CatalogTool(tool.effect, tool.input_schema)
            for server in await self._servers.all(workspace_id)
            for tool in server.tools
        }
        programs = [one for one in self.programs if one.is_for(workspace_id)]
        hidden = tuple(tool_name(program.name, "") for program in programs)
        return {name: tool for name, tool in saved.items() if not name.startswith(hidden)} | {
            tool_name(program.name, tool.name): CatalogTool(tool.effect)
            for program in programs
            for tool in program.tools
        }

    async def named_in(self, source: str, workspace_id: str) -> dict[str, AgentDefinition]:
        """Return the agents that a document may name: it travels with the run, all of them would be much."""
        own = await self.of(workspace_id)
        is_plain = "\\" not in source  # else YAML may spell a name with escapes
        return {name: one for name, one in own.items() if name in source or not is_plain}

    def forget(self) -> None:
        """Ask again: something was changed here."""
        self._read.clear()
