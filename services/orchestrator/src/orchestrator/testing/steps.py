"""The world of local steps, played: an internet, a memory, a vault and a sandbox."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from flowloom_contracts.mcp import McpEndpoint
from flowloom_contracts.memory import MemoryHit, RunOrigin
from flowloom_contracts.run_memory import WorkflowSight
from flowloom_sandboxkit.tasks import CodeResult, CodeTask
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.testing.outside import FakeInternet
from orchestrator.ports.values import ValueStore
from orchestrator.step_context import StepLimits, StepParts
from orchestrator.testing.mcp import played_mcp
from orchestrator.testing.values import InMemoryValueStore
from orchestrator.usecases.keep_values import ValueKeeper

LIMITS = StepLimits(answer_bytes=120_000_000, connect_s=2, code_memory_bytes=64 * 1024 * 1024)


class FakeMemory:
    """See `Memory`; finds whatever was stored in the collection."""

    def __init__(self) -> None:
        self.stored: dict[str, tuple[str, str, str]] = {}
        self.origins: list[RunOrigin] = []
        self.failure: Exception | None = None

    async def search(
        self,
        workspace_id: str,
        query: str,
        *,
        collection: str,
        top: int,
        sight: WorkflowSight,
        origin: RunOrigin,
    ) -> Sequence[MemoryHit]:
        """See `Memory.search`."""
        if self.failure is not None:
            raise self.failure
        return [
            MemoryHit(
                id=key,
                collection=kept,
                text=text,
                score=1,
                metadata={},
                created_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
            for key, (workspace, kept, text) in self.stored.items()
            if (workspace, kept) == (workspace_id, collection)
        ][:top]

    async def store(
        self, workspace_id: str, text: str, *, collection: str, origin: RunOrigin, effect_key: str
    ) -> str:
        """See `Memory.store`."""
        self.origins.append(origin)
        self.stored.setdefault(effect_key, (workspace_id, collection, text))
        return effect_key


class FakeVault:
    """See `SecretSource`."""

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self.values = dict(values or {})
        self.opened: list[tuple[str, str, tuple[str, ...]]] = []

    async def open(
        self, workspace_id: str, *, run_id: str, step: str, names: Sequence[str]
    ) -> Mapping[str, str]:
        """See `SecretSource.open`."""
        self.opened.append((workspace_id, step, tuple(names)))
        return {name: self.values[name] for name in names if name in self.values}


class FakeSandbox:
    """See `Sandbox`; `play` says what becomes of a program."""

    def __init__(self, play: Callable[[CodeTask], CodeResult] = lambda task: CodeResult(task.source)) -> None:
        self.play = play
        self.tasks: list[CodeTask] = []

    async def run(self, task: CodeTask) -> CodeResult:
        """See `Sandbox.run`."""
        self.tasks.append(task)
        return self.play(task)

    async def describe(self) -> str:
        """See `Sandbox.describe`."""
        return "played"


def step_parts(
    *,
    internet: FakeInternet | None = None,
    memory: FakeMemory | None = None,
    sandbox: FakeSandbox | None = None,
    vault: FakeVault | None = None,
    values: ValueStore | None = None,
    mcp: Sequence[McpEndpoint] = (),
) -> StepParts:
    """Return parts that reach nothing real."""
    outside = internet or FakeInternet()
    client = OutboundClient(resolver=outside, dialler=outside)
    return StepParts(
        outside=client,
        memory=memory or FakeMemory(),
        sandbox=sandbox or FakeSandbox(),
        secrets=vault or FakeVault(),
        values=ValueKeeper(values or InMemoryValueStore()),
        mcp=played_mcp(client, *mcp),
        limits=LIMITS,
    )
