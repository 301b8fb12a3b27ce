"""The tools of one execution at work: journaled, remembered, and what others wrote is marked as such."""

from collections.abc import Callable
from dataclasses import dataclass

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.files import Files
from flowloom_agentkit.programs import Programs
from flowloom_agentkit.prompts import material
from flowloom_agentkit.reach import Knowledge, StepSoFar, ToolUse, Web
from flowloom_agentkit.tools import AgentMemory, AgentTool, ToolContext
from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.runs import Usage
from flowloom_modelkit.journal import JournaledCalls
from flowloom_modelkit.patience import until_available
from flowloom_modelkit.stop import StopSignal
from flowloom_servicekit.errors import RemoteProblemError


@dataclass(frozen=True, slots=True)
class Reach:
    """What the tools of one execution can reach: of one workspace, with the rights of one role."""

    memory: AgentMemory
    knowledge: Knowledge
    web: Web
    files: Files
    programs: Programs


class ToolCalls:
    """Makes the calls one after the other; a repeated execution sees the same, replayed."""

    def __init__(
        self,
        calls: JournaledCalls,
        stop: StopSignal,
        *,
        reach: Reach,
        so_far: StepSoFar,
        tell: Callable[[str], None],
    ) -> None:
        self._calls = calls
        self._stop = stop
        self._reach = reach
        self._so_far = so_far
        self._tell = tell

    async def use(self, tool: AgentTool, arguments: JsonObject) -> JsonValue:
        """Return what the model is told; raises `ToolFailedError` where it can choose other arguments."""

        async def call(effect_key: str) -> tuple[JsonValue, Usage]:
            context = self.context(effect_key)
            try:
                result = await until_available(lambda: tool.call(context, arguments), stop=self._stop)
            except RemoteProblemError as error:
                # The model can choose other arguments; it is told, and the step goes on.
                raise ToolFailedError(str(error)) from error
            return result, Usage()

        tool.arguments.model_validate(arguments)
        self._tell(f"{tool.name} {arguments}\n")
        performed = await self._calls.perform(tool.name, arguments, call, effect=tool.effect)
        self._so_far.uses.append(ToolUse(tool.name, arguments, performed.response))
        return material(tool.name, performed.response) if tool.is_outside else performed.response

    def context(self, effect_key: str) -> ToolContext:
        """Return what a call with this effect key can reach."""
        reach = self._reach
        return ToolContext(
            memory=reach.memory,
            effect_key=effect_key,
            knowledge=reach.knowledge,
            web=reach.web,
            files=reach.files,
            programs=reach.programs,
            so_far=self._so_far,
        )
