"""Runs every case of a dataset on a platform, a few at a time, and has them graded."""

import asyncio
from collections.abc import Callable
from typing import Literal, TypeAlias

from flowloom_cli.client import GatewayClient
from flowloom_cli.errors import CliError
from flowloom_contracts.base import JsonObject
from flowloom_contracts.evaluation import Case, Dataset, Scored
from flowloom_contracts.runs import Run, RunStatus
from flowloom_language.evaluation.scoring import GRADE, grade_of, grading_of, score, why_no_grade

Version: TypeAlias = int | Literal["draft"] | None
Told: TypeAlias = Callable[[Scored], None]


async def evaluate(
    client: GatewayClient, workflow_id: str, dataset: Dataset, *, version: Version, at_once: int, told: Told
) -> list[Scored]:
    """Return what each case is worth, in the order of the dataset; `told` hears of each as it ends.

    Raises CliError when the platform refuses a case or its grader: half an evaluation would mislead.
    """
    places = asyncio.Semaphore(at_once)

    async def one(case: Case) -> Scored:
        async with places:
            run = await _finished(client, workflow_id, case.inputs, version)
            found = score(dataset, case, run)
            if dataset.grader is not None and run.status is RunStatus.SUCCEEDED:
                found.figures["graded"] = await _grade(client, dataset.grader, grading_of(case, run))
            elif dataset.grader is not None:
                found.figures["graded"] = 0.0
            told(found)
            return found

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(case)) for case in dataset.cases]
    except* CliError as failures:
        raise failures.exceptions[0] from None
    return [task.result() for task in tasks]


async def _grade(client: GatewayClient, grader: str, given: JsonObject) -> float:
    run = await _finished(client, grader, given, None)
    found = grade_of(run)
    if found is None:
        raise CliError(why_no_grade(run), hint=f"a grader puts out `{GRADE}`, a number from 0 to 1")
    return found


async def _finished(client: GatewayClient, workflow_id: str, inputs: JsonObject, version: Version) -> Run:
    run = await client.start(workflow_id, inputs, version=version)
    async for _ in client.follow(run.id):
        pass
    return await client.run(run.id)
