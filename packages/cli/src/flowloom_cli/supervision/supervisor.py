"""Start processes as soon as what they need is ready, keep them running, stop them in reverse order."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from flowloom_cli.supervision.part import Part, Step
from flowloom_cli.supervision.process import State, SupervisedProcess

Report = Callable[[str], None]
"""Takes one sentence about the progress of a start or stop."""


def silent(_: str) -> None:
    """Report to nobody."""


class Supervisor:
    """Owns the processes of one platform."""

    def __init__(
        self,
        log_dir: Path,
        *,
        report: Report = silent,
        on_change: Callable[[], None] = lambda: None,
        on_output: Callable[[str, bytes], None] = lambda _name, _chunk: None,
    ) -> None:
        self._log_dir = log_dir
        self._report = report
        self._on_change = on_change
        self._on_output = on_output
        self.processes: dict[str, SupervisedProcess] = {}

    async def start(self, parts: Sequence[Part], steps: Sequence[Step]) -> None:
        """Start everything; the first failure cancels the rest and is raised."""
        self.processes |= {part.name: self._process(part) for part in parts}
        names = [part.name for part in parts] + [step.name for step in steps]
        done = {name: asyncio.Event() for name in names}
        jobs = [self._job(part.name, part.needs, self._start_process(part), done) for part in parts]
        jobs += [self._job(step.name, step.needs, step.run, done) for step in steps]
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Stop all processes, the highest stage first; safe to call in any state."""
        for stage in sorted({process.part.stage for process in self.processes.values()}, reverse=True):
            group = [process for process in self.processes.values() if process.part.stage == stage]
            await asyncio.gather(*(process.stop() for process in group))

    def _process(self, part: Part) -> SupervisedProcess:
        return SupervisedProcess(
            part,
            self._log_dir,
            on_change=self._on_change,
            on_output=self._on_output,
            report=self._report,
        )

    def _start_process(self, part: Part) -> Callable[[], Awaitable[None]]:
        return self.processes[part.name].start

    async def _job(
        self,
        name: str,
        needs: tuple[str, ...],
        run: Callable[[], Awaitable[None]],
        done: Mapping[str, asyncio.Event],
    ) -> None:
        for need in needs:
            await done[need].wait()
        began = time.monotonic()
        await run()
        self._report(f"{name} ready ({time.monotonic() - began:.1f} s)")
        done[name].set()

    @property
    def all_ready(self) -> bool:
        return all(process.state is State.READY for process in self.processes.values())
