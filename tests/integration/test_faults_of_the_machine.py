"""The whole machine stands still, and everything is restarted again and again (F22, F25)."""

import asyncio
import random
import signal
import time
from dataclasses import dataclass, field

import httpx
import pytest

from benchmarks.mock_llm.control import MockModel
from tests.chaos.schedule import SERVICES
from tests.integration import documents, recovery
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.viewer import caught_up, following
from tests.integration.waiting import passed
from tests.integration.workload import CREW, MIXED, Kind, Workload

RUNS = 20
FROZEN_S = 60.0
"""More than seven leases, and longer than a viewer waits for a sign of life."""

STORM_ROUNDS = 2
"""How often each service is restarted. Two cores start one service at a time: twenty in three minutes of each
would only measure how long they queue for a processor."""

STORM_SEED = 25
PATIENCE_S = 30.0
"""A service is back within 10 s (G6) on a machine of its own. Here it begins beside twenty runs, and the
storm may strike the same one twice in a row: the longest wait is printed and held against the promise."""

GOOD_SHARE = 0.99
PAUSE_S = 0.1
TALK = Kind("long-llm", documents.LONG_LLM, ("talk",))


# A connection that a reader gives up while it is being made, the event loop drops with its socket open.
@pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning")
@pytest.mark.timeout(300)
async def test_everything_goes_on_after_the_machine_stood_still(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """F22: every process of the platform is stopped and thawed; only the outside world goes on."""
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, CREW)
    probe = await recovery.Probe(work, TALK).ready()
    watched = [job.run_id for job in work.jobs[:4]]
    viewers, ends = await following(api, watched)
    await work.in_the_middle()
    names = stack.platform.names
    async with work.broken():
        stack.send_signal(signal.SIGSTOP, *names)
        try:
            await passed(FROZEN_S)
        finally:
            stack.send_signal(signal.SIGCONT, *names)
        async with recovery.timed("F22", "machine thawed, a new run", limit_s=recovery.SIDECAR_S):
            await probe.succeeds()
    (await work.findings()).require_none()
    await caught_up(viewers, ends, within_s=60)
    for viewer, run_id in zip(viewers, watched, strict=True):
        viewer.require_text(await api.steps(run_id))


@dataclass
class Reads:
    """Reads of somebody who asks again, as the page does, when a connection breaks or a part is away."""

    good: int = 0
    bad: list[str] = field(default_factory=list)
    asked_again: int = 0
    slowest_s: float = 0.0

    @property
    def share(self) -> float:
        """Share of good ones."""
        return self.good / max(self.good + len(self.bad), 1)

    async def go_on(self, api: PublicApi, path: str, chance: random.Random) -> None:
        """Read for ever."""
        while True:
            began = time.monotonic()
            problem = await self._read(api, path)
            took = time.monotonic() - began
            self.slowest_s = max(self.slowest_s, took)
            if problem:
                self.bad.append(f"{path}: {problem} after {took:.1f} s")
            else:
                self.good += 1
            await passed(PAUSE_S * chance.uniform(0.5, 1.5))

    async def _read(self, api: PublicApi, path: str) -> str:
        """Ask until it is answered; return what was wrong when patience ends."""
        over_at, problem = time.monotonic() + PATIENCE_S, "unasked"
        while time.monotonic() < over_at:
            try:
                answer = await api.http.get(path, timeout=max(over_at - time.monotonic(), 0.1))
            except httpx.TransportError as error:
                problem = repr(error)
            else:
                problem = "" if answer.is_success else f"{answer.status_code}"
            if not problem or problem.startswith("4") or problem == "500":
                return problem
            self.asked_again += 1
            await passed(PAUSE_S)
        return problem


@pytest.mark.timeout(300)
async def test_reads_stay_good_while_every_service_is_restarted_again_and_again(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """F25: every service, in seeded order, by turns politely and by SIGKILL."""
    chance = random.Random(STORM_SEED)
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, *MIXED)
    probe = await recovery.Probe(work, TALK).ready()
    paths = ("/v1/runs", "/v1/workflows", f"/v1/runs/{work.jobs[0].run_id}", "/v1/me")
    reads = Reads()
    readers = [asyncio.ensure_future(reads.go_on(api, path, random.Random(path))) for path in paths]
    storm = list(SERVICES) * STORM_ROUNDS
    chance.shuffle(storm)
    async with work.broken():
        for place, name in enumerate(storm):
            await (stack.kill(name) if place % 2 else stack.restart(name))
        await stack.all_ready()
        async with recovery.timed("F25", "restart storm, a new run", limit_s=recovery.SIDECAR_S):
            await probe.succeeds()
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    recovery.note(
        f"F25  {len(storm)} restarts: {reads.good} good reads, {len(reads.bad)} bad,"
        f" {reads.asked_again} asked again, slowest {reads.slowest_s:.1f} s"
    )
    assert reads.share >= GOOD_SHARE, reads
    recovery.record("F25", "restart storm, the slowest read", reads.slowest_s, limit_s=2 * recovery.APP_S)
    (await work.findings()).require_none()
