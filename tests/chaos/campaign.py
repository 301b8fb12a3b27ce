"""Plays episodes on one platform and writes what came of each, so that a failed one can be had again."""

import asyncio
import json
import os
import platform
import subprocess
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psutil
from pydantic import BaseModel

from benchmarks.mock_llm.control import MockModel
from flowloom_servicekit.ids import new_id
from tests.chaos.faults import Done, Saboteur
from tests.chaos.findings import Findings
from tests.chaos.journal import ClientJournal
from tests.chaos.schedule import Episode
from tests.integration.api import PublicApi
from tests.integration.stack import ROOT, Stack
from tests.integration.viewer import caught_up, following
from tests.integration.workload import MIXED, Workload

RUNS: Final = 20
RUNS_AT_FIRST: Final = 12
"""The others are started while things break."""

WATCHED: Final = 3
QUIET_WITHIN_S: Final = 120


class Outcome(BaseModel):
    """One line of a log."""

    seed: int
    at: str
    faults: list[str]
    kills: list[str]
    back_after_s: list[float]
    runs: int
    quiet_after_s: float
    failed: list[str]
    lost: list[str]
    doubled: list[str]
    gaps: list[str]
    processes: int
    sockets: int


class Totals(BaseModel):
    """The last line of a log."""

    episodes: int = 0
    kills: int = 0
    runs: int = 0
    failed: int = 0
    lost: int = 0
    doubled: int = 0
    gaps: int = 0
    slowest_quiet_s: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """Count one episode."""
        self.episodes += 1
        self.kills += len(outcome.kills)
        self.runs += outcome.runs
        self.failed += len(outcome.failed)
        self.lost += len(outcome.lost)
        self.doubled += len(outcome.doubled)
        self.gaps += len(outcome.gaps)
        self.slowest_quiet_s = max(self.slowest_quiet_s, outcome.quiet_after_s)

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not (self.failed or self.lost or self.doubled or self.gaps)


@dataclass
class Log:
    """A file of lines: the machine, one line an episode, the totals."""

    path: Path
    totals: Totals = field(default_factory=Totals)

    def begin(self, *, command: str) -> None:
        """Write what was run, where."""
        ask = ["git", "rev-parse", "--short", "HEAD"]
        commit = subprocess.run(ask, cwd=ROOT, capture_output=True, text=True, check=False)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._write(
            {
                "command": command,
                "at": _now(),
                "commit": commit.stdout.strip(),
                "cores": os.cpu_count(),
                "kernel": platform.release(),
                "load": os.getloadavg()[0],
            }
        )

    def keep(self, outcome: Outcome) -> None:
        """Write an episode."""
        self.totals.add(outcome)
        self._write(outcome.model_dump())

    def end(self) -> None:
        """Write the totals."""
        self._write({"totals": self.totals.model_dump(), "at": _now()})

    def _write(self, line: dict[str, object]) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


class Campaign:
    """Episodes one after the other; each leaves the platform whole."""

    def __init__(self, stack: Stack, journal: ClientJournal) -> None:
        self._stack = stack
        self._journal = journal

    async def play(self, episode: Episode) -> Outcome:
        """Start runs, break things, wait until all is quiet, and look."""
        async with (
            PublicApi(self._stack.url, self._stack.api_key) as api,
            MockModel(self._stack.mock.url) as model,
        ):
            await model.script(keep=False)
            key = f"{new_id()[-8:]}-{episode.seed}"
            work = Workload(self._stack, api, model, key, journal=self._journal)
            await work.begin(RUNS_AT_FIRST, *MIXED)
            viewers, ends = await following(api, [job.run_id for job in work.jobs[:WATCHED]])
            await work.in_the_middle()
            done = await self._break(work, episode)
            over_at = time.monotonic()
            found = await work.findings(within_s=QUIET_WITHIN_S)
            found.gaps += done.stuck
            quiet_after_s = time.monotonic() - over_at
            with found.noting(lambda to: to.gaps, "viewers"):
                await caught_up(viewers, ends)
                for viewer, job in zip(viewers, work.jobs, strict=False):
                    viewer.require_text(await api.steps(job.run_id))
        return self._outcome(episode, work, done, found, quiet_after_s=quiet_after_s)

    async def _break(self, work: Workload, episode: Episode) -> Done:
        """Do the faults while more runs are started; returns when every process is ready again."""
        saboteur = Saboteur(self._stack)
        late = asyncio.ensure_future(self._start_more(work))
        async with work.broken():
            await saboteur.do_all(episode.faults)
            await self._stack.network.clear()
            await self._stack.all_ready()
            await late
        return saboteur.done

    async def _start_more(self, work: Workload) -> None:
        for number in range(RUNS - RUNS_AT_FIRST):
            await work.start(MIXED[number % len(MIXED)], within_s=QUIET_WITHIN_S)

    def _outcome(
        self, episode: Episode, work: Workload, done: Done, found: Findings, *, quiet_after_s: float
    ) -> Outcome:
        processes, sockets = self._left_open()
        return Outcome(
            seed=episode.seed,
            at=_now(),
            faults=[f"{f.kind} {f.target} after {f.after_s} s for {f.lasts_s} s" for f in episode.faults],
            kills=done.kills,
            back_after_s=done.back_after_s,
            runs=len(work.jobs),
            quiet_after_s=round(quiet_after_s, 1),
            processes=processes,
            sockets=sockets,
            **asdict(found),
        )

    def _left_open(self) -> tuple[int, int]:
        """I4: how many processes and sockets the platform has; both must stay where they are."""
        processes = psutil.Process().children(recursive=True)
        sockets = 0
        for process in processes:
            try:
                sockets += len(process.net_connections("tcp"))
            except psutil.NoSuchProcess:
                continue
        return len(processes), sockets


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
