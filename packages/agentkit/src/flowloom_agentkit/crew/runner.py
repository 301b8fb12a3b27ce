"""Runs assignments as crews, in threads of its own; imports CrewAI when the first run begins."""

import asyncio
import contextvars
import gc
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from flowloom_agentkit.crew.bridge import CrewBridge
from flowloom_agentkit.crew.environment import prepare_environment
from flowloom_agentkit.definition import AgentDefinition
from flowloom_agentkit.errors import CrewFailedError
from flowloom_agentkit.ports import Assignment

# Mild: on a busy machine a nicer thread would hold the import lock while a crew waits for it.
BACKGROUND_NICENESS: Final = 3


class CrewRunner:
    """A `StepRunner`. `folder` takes whatever CrewAI writes; at most `max_crews` work at the same time."""

    def __init__(self, definition: AgentDefinition, folder: Path, *, max_crews: int) -> None:
        self._definition = definition
        self._folder = folder
        self._threads = ThreadPoolExecutor(max_crews, thread_name_prefix="crew")
        self._warming: threading.Thread | None = None

    async def run(self, assignment: Assignment) -> str:
        """Return the text of the model's last answer; the crew decides how often it asks and what it uses."""
        loop = asyncio.get_running_loop()
        bridge = CrewBridge(assignment, loop)
        context = contextvars.copy_context()
        kickoff = loop.run_in_executor(self._threads, context.run, self._kickoff, bridge)
        await asyncio.wait({kickoff})
        if bridge.failure is not None:
            raise bridge.failure
        error = kickoff.exception()
        if error is not None:
            raise CrewFailedError(f"{type(error).__name__}: {error}") from error
        if bridge.last_text is None:
            raise CrewFailedError("the crew never asked its model")
        return bridge.last_text

    def warm_up(self) -> None:
        """Import CrewAI in a thread that yields to those that work."""
        if self._warming is None:
            self._warming = threading.Thread(target=self._import_gently, name="crew-import", daemon=True)
            self._warming.start()

    def close(self) -> None:
        """Start nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _kickoff(self, bridge: CrewBridge) -> None:
        prepare_environment(self._folder)
        from flowloom_agentkit.crew.kickoff import run_crew

        run_crew(self._definition, bridge)

    def _import_gently(self) -> None:
        prepare_environment(self._folder)
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BACKGROUND_NICENESS)
        from flowloom_agentkit.crew import kickoff  # noqa: F401 - only to have it imported

        # What CrewAI brings stays for good: later collections need not walk it.
        gc.collect()
        gc.freeze()
