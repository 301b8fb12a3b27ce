"""What a tool can reach in a test: fakes, unless the test gives its own."""

from flowloom_agentkit.files import Files
from flowloom_agentkit.programs import Programs
from flowloom_agentkit.reach import Knowledge, StepSoFar, Web
from flowloom_agentkit.testing.files import InMemoryFiles, NoPrograms
from flowloom_agentkit.testing.memory import InMemoryNotes
from flowloom_agentkit.testing.reach import InMemoryKnowledge, InMemoryWeb
from flowloom_agentkit.tools import AgentMemory, ToolContext


def tool_context(
    *,
    effect_key: str = "key-1",
    memory: AgentMemory | None = None,
    knowledge: Knowledge | None = None,
    web: Web | None = None,
    files: Files | None = None,
    programs: Programs | None = None,
    so_far: StepSoFar | None = None,
) -> ToolContext:
    """Return a context."""
    return ToolContext(
        memory=memory or InMemoryNotes(),
        effect_key=effect_key,
        knowledge=knowledge or InMemoryKnowledge(),
        web=web or InMemoryWeb(),
        files=files or InMemoryFiles(),
        programs=programs or NoPrograms(),
        so_far=so_far or StepSoFar(),
    )
