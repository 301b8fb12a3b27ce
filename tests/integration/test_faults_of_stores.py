"""Valkey and Postgres die under twenty runs: nothing is lost, nothing is untrue, all goes on (F09, F11)."""

import asyncio
import time
from collections import Counter

import httpx
import pytest

from benchmarks.mock_llm.control import MockModel
from flowloom_contracts.events import RunEvent, StepMilestone
from tests.integration import documents, recovery
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.viewer import caught_up, following
from tests.integration.waiting import passed
from tests.integration.workload import CREW, Kind, Workload

RUNS = 20
MORE_RUNS = 4
DOWN_S = 6.0
REFUSED_WITHIN_S = 2.0
CHAIN = Kind("chain", documents.CHAIN, ("one", "two", "three"))


@pytest.mark.timeout(300)
async def test_transcripts_are_whole_and_viewers_catch_up_when_valkey_dies(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """F09: SIGKILL with its append-only file; every viewer shows in the end what Postgres has."""
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, CREW)
    probe = await recovery.Probe(work, CHAIN).ready()
    watched = [job.run_id for job in work.jobs[:6]]
    viewers, ends = await following(api, watched)
    await work.in_the_middle()
    async with work.broken():
        await stack.kill("valkey")
        async with recovery.timed("F09", "valkey, a new run after its return", limit_s=recovery.STORE_S):
            await probe.succeeds()
    (await work.findings(one_attempt=True)).require_none()
    await caught_up(viewers, ends, within_s=30)
    for viewer, run_id in zip(viewers, watched, strict=True):
        assert viewer.resyncs + viewer.breaks >= 1, "nobody told this viewer"
        viewer.require_text(await api.steps(run_id))
        epochs = {event.epoch for event in await api.history(run_id)}
        assert max(epochs) > 1, "a stream that may have lost its last second goes on as if it had not"


class _Asking:
    """Somebody who asks for reads and starts all the time, and notes what each answer was."""

    def __init__(self, api: PublicApi, workflow_id: str, key: str) -> None:
        self._api, self._workflow_id, self._key = api, workflow_id, key
        self.statuses: Counter[int] = Counter()
        self.slowest_refusal_s = 0.0
        self.without_advice = 0
        self.faults: list[str] = []
        self._task = asyncio.ensure_future(self._ask())

    async def _ask(self) -> None:
        number = 0
        while True:
            number += 1
            began = time.monotonic()
            name = f"{self._key}-asked-{number}"
            answers = await asyncio.gather(
                self._api.http.get("/v1/runs"),
                self._api.request_start(self._workflow_id, {}, key=name),
                return_exceptions=True,
            )
            for answer in answers:
                self._note(answer, time.monotonic() - began)

    def _note(self, answer: httpx.Response | BaseException, took_s: float) -> None:
        if isinstance(answer, BaseException):
            self.statuses[0] += 1
            return
        self.statuses[answer.status_code] += 1
        if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
            self.faults.append(f"{answer.request.method} {answer.request.url.path}: {answer.text}")
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            self.slowest_refusal_s = max(self.slowest_refusal_s, took_s)
            self.without_advice += "retry-after" not in answer.headers

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def _first_step_after(histories: list[list[RunEvent]], at: float) -> float:
    """Return how long after a time the first step ended."""
    ends = [
        event.at.timestamp()
        for events in histories
        for event in events
        if isinstance(event, StepMilestone) and event.type == "step.finished.v1"
    ]
    return min((end for end in ends if end > at), default=at + 999) - at


@pytest.mark.timeout(300)
async def test_refuses_quickly_and_goes_on_when_postgres_dies_twice(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    """F11: first one of its processes, which makes it recover, then its master."""
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, CREW)
    probe = await recovery.Probe(work, CHAIN).ready()
    await work.in_the_middle()
    asking = _Asking(api, (await api.save(documents.CHAIN)).id, key)
    async with work.broken():
        backend = await stack.a_backend("orchestrator")
        assert backend is not None
        stack.kill_process(backend)
        async with recovery.timed("F11", "a Postgres process, a new run", limit_s=recovery.STORE_S):
            await probe.succeeds()
        # Of the first runs none may be left on a machine that is fast.
        await asyncio.gather(*(work.start(CREW) for _ in range(MORE_RUNS)))
        await stack.hold("postgres")
        before = asking.statuses[503]
        await passed(DOWN_S)
        assert asking.statuses[503] > before, asking.statuses
        await stack.release("postgres")
        back_at = time.time()
        async with recovery.timed("F11", "Postgres, a new run after its return", limit_s=recovery.STORE_S):
            await probe.succeeds()
    await asking.stop()
    assert not asking.faults, f"faults of our own among {asking.statuses}"
    assert asking.slowest_refusal_s <= REFUSED_WITHIN_S, f"{asking.slowest_refusal_s:.2f} s"
    assert asking.without_advice == 0, "a 503 without Retry-After"
    (await work.findings(one_attempt=True)).require_none()
    histories = [await api.history(job.run_id) for job in work.jobs]
    went_on_after = _first_step_after(histories, back_at)
    recovery.record("F11", "Postgres, runs in flight go on", went_on_after, limit_s=recovery.STORE_S)
