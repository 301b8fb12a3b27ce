"""Programs of models, run in the sandbox of `code` steps, which starts when the first one comes."""

import asyncio
from typing import Final, Protocol

from flowloom_agentkit.errors import ToolFailedError
from flowloom_contracts.base import JsonObject
from flowloom_sandboxkit.errors import CodeFailureError
from flowloom_sandboxkit.runner import CodeRunner
from flowloom_sandboxkit.settings import SandboxSettings
from flowloom_sandboxkit.tasks import CodeResult, CodeTask

MOST_SECONDS: Final = 20.0
MEMORY_BYTES: Final = 128 * 1024 * 1024


class Programs(Protocol):
    """Runs programs that nobody has read before."""

    async def run(self, source: str, inputs: JsonObject) -> CodeResult:
        """Return the value of the last expression and what was printed; raises `ToolFailedError`."""


class SandboxedPrograms:
    """See `Programs`; bound to one event loop, `stop` ends its workers."""

    def __init__(self, settings: SandboxSettings | None = None) -> None:
        self._runner = CodeRunner(settings or SandboxSettings())
        self._starting: asyncio.Task[None] | None = None

    async def run(self, source: str, inputs: JsonObject) -> CodeResult:
        """See `Programs.run`."""
        if self._starting is None:
            self._starting = asyncio.create_task(self._runner.start())
        # Whoever came first may be stopped; the others still need the sandbox.
        await asyncio.shield(self._starting)
        task = CodeTask(source, inputs, time_s=MOST_SECONDS, memory_bytes=MEMORY_BYTES)
        try:
            return await self._runner.run(task)
        except CodeFailureError as error:
            printed = f"\nPrinted before: {error.printed}" if error.printed else ""
            raise ToolFailedError(f"{error.message}{printed}") from error

    async def stop(self) -> None:
        """End every worker, if there are any."""
        if self._starting is not None:
            await asyncio.gather(self._starting, return_exceptions=True)
            await self._runner.stop()
