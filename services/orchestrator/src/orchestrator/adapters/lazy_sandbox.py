"""The sandbox of `code` steps, made when the first one comes: most workspaces never need it."""

import asyncio

from flowloom_sandboxkit.runner import CodeRunner
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.tasks import CodeResult, CodeTask


class LazySandbox:
    """See `Sandbox`; bound to one event loop."""

    def __init__(self, settings: SandboxSettings) -> None:
        self._runner = CodeRunner(settings)
        self._starting: asyncio.Task[None] | None = None

    async def run(self, task: CodeTask) -> CodeResult:
        """See `Sandbox.run`."""
        await self._started()
        return await self._runner.run(task)

    async def describe(self) -> str:
        """See `Sandbox.describe`."""
        await self._started()
        isolation = self._runner.isolation
        return f"{isolation.kind}: {isolation.reason}" if isolation.reason else isolation.kind

    async def _started(self) -> None:
        if self._starting is None:
            self._starting = asyncio.create_task(self._runner.start())
        # Whoever came first may be stopped; the others still need the sandbox.
        await asyncio.shield(self._starting)

    async def stop(self) -> None:
        """End every worker, if there are any."""
        if self._starting is not None:
            await asyncio.gather(self._starting, return_exceptions=True)
            await self._runner.stop()
