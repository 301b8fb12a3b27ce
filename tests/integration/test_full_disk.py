"""The disk of Postgres is full: new work is refused, and all goes on when there is room again (F23)."""

from collections import Counter

import httpx
import pytest

from benchmarks.mock_llm.control import MockModel
from flowloom_contracts.problem import Problem
from flowloom_contracts.runs import Run
from tests.integration import recovery
from tests.integration.api import PublicApi
from tests.integration.stack import Stack
from tests.integration.waiting import passed
from tests.integration.workload import CHAIN, CREW, Job, Workload

RUNS = 10
ASKED_AT_MOST = 600
REFUSED_ENOUGH = 5
KEPT_FULL_S = 3.0


async def _ask_until_refused(api: PublicApi, workflow_id: str, key: str) -> tuple[list[Job], list[Problem]]:
    """Start runs until some were refused for want of room; returns what was accepted and the refusals."""
    accepted: list[Job] = []
    refused: list[Problem] = []
    statuses: Counter[int] = Counter()
    for number in range(ASKED_AT_MOST):
        name = f"{key}-full-{number}"
        answer = await api.request_start(workflow_id, {"key": name}, key=name)
        statuses[answer.status_code] += 1
        if answer.status_code == httpx.codes.ACCEPTED:
            accepted.append(Job(Run.model_validate_json(answer.content).id, name, CHAIN))
        elif answer.status_code == httpx.codes.INSUFFICIENT_STORAGE:
            assert "retry-after" in answer.headers
            refused.append(Problem.model_validate_json(answer.content))
        else:
            assert answer.status_code == httpx.codes.SERVICE_UNAVAILABLE, answer.text
        if len(refused) >= REFUSED_ENOUGH:
            return accepted, refused
    raise AssertionError(f"never refused for want of room: {statuses}")


@pytest.mark.timeout(300)
async def test_refuses_new_runs_when_the_disk_is_full_and_goes_on_when_there_is_room(
    stack: Stack, api: PublicApi, model: MockModel, key: str
) -> None:
    if not stack.disk.is_there:
        pytest.skip("a small file system can only be mounted by root")
    work = Workload(stack, api, model, key)
    await work.begin(RUNS, CREW)
    probe = await recovery.Probe(work, CHAIN).ready()
    workflow = await api.save(CHAIN.source)
    await work.in_the_middle()
    async with work.broken():
        with stack.disk.full():
            accepted, refused = await _ask_until_refused(api, workflow.id, key)
            await passed(KEPT_FULL_S)
        async with recovery.timed(
            "F23", "a full disk, a new run when there is room", limit_s=recovery.STORE_S
        ):
            await probe.succeeds()
    assert {problem.type for problem in refused} == {"/problems/storage-full"}
    assert all(problem.code == "storage_full" for problem in refused)
    recovery.note(f"F23  {len(accepted)} runs were accepted before the disk was full, {len(refused)} refused")
    work.jobs += accepted
    (await work.findings(within_s=120)).require_none()
