"""Runs the programs of `code` steps."""

from typing import Protocol

from flowloom_sandboxkit.tasks import CodeResult, CodeTask


class Sandbox(Protocol):
    """Runs untrusted programs apart from everything else."""

    async def run(self, task: CodeTask) -> CodeResult:
        """Return the value of a program's last expression; raises `CodeFailureError`."""

    async def describe(self) -> str:
        """Say in one line what stands between programs and this machine."""
