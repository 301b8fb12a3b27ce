"""Carries evaluations out: starts their runs a few at a time, scores what has ended, sums up at the end."""

import asyncio
import hashlib
from dataclasses import replace
from typing import Final

import structlog

from flowloom_contracts.base import JsonObject
from flowloom_contracts.runs import Actor, Run, RunQuery, RunStatus
from flowloom_contracts.starts import StartRun
from flowloom_language.evaluation.report import lines
from flowloom_language.evaluation.scoring import grade_of, grading_of, score, why_no_grade
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, RemoteProblemError, UpstreamError
from gateway.domain.evaluations import (
    CaseRun,
    FrozenWorkflow,
    StoredEvaluation,
    places_to_start,
    scored_of,
)
from gateway.domain.permissions import Permission
from gateway.evaluation_ports import EvaluationStore
from gateway.identity_ports import MemberStore
from gateway.ports import Runs
from gateway.usecases.sharing import SharingBook

log = structlog.get_logger(__name__)

AT_ONCE: Final = 20
"""Evaluations that are looked after in one turn; those that wait longest come first."""


class EvaluationStoppedError(DomainError):
    """An evaluation cannot go on: half of one would mislead, so it fails as a whole."""

    title = "The evaluation cannot go on"


class Evaluating:
    """Looks after the evaluations of all workspaces; whatever is missed is found by the next look."""

    def __init__(
        self,
        *,
        evaluations: EvaluationStore,
        runs: Runs,
        members: MemberStore,
        sharing: SharingBook,
        clock: Clock,
    ) -> None:
        self._evaluations = evaluations
        self._runs = runs
        self._members = members
        self._sharing = sharing
        self._clock = clock

    async def carry_out(self) -> int:
        """Look after evaluations once; returns 0, because runs take their time."""
        for stored in await self._evaluations.running(limit=AT_ONCE):
            await self._evaluations.touch(stored, self._clock.now())
            try:
                await self._advance(stored)
            except RemoteProblemError as refused:
                if not refused.is_callers_fault:
                    log.warning("an evaluation has to wait", id=stored.evaluation.id, error=repr(refused))
                    continue
                await self._fail(stored, refused.detail)
            except DomainError as refused:
                await self._fail(stored, refused.detail)
            except UpstreamError as error:
                log.warning("an evaluation has to wait", id=stored.evaluation.id, error=repr(error))
        return 0

    async def _advance(self, stored: StoredEvaluation) -> None:
        actor = await self._permitted(stored)
        runs = [await self._looked_at(stored, run, actor) for run in await self._evaluations.runs(stored)]
        for side, place in places_to_start(stored.plan, runs):
            run = await self._started(stored, side, place, actor=actor)
            await self._evaluations.note(stored, run)
            runs.append(run)
        if len(runs) == stored.plan.runs and all(run.scored is not None for run in runs):
            # In a thread: the bootstrap of a thousand cases takes seconds.
            found = await asyncio.to_thread(lines, scored_of(runs, 0), scored_of(runs, 1))
            await self._evaluations.finish(stored, "succeeded", at=self._clock.now(), metrics=found)

    async def _permitted(self, stored: StoredEvaluation) -> Actor:
        """Return who started it as they are now; raises EvaluationStoppedError when they may no longer."""
        member = await self._members.get(stored.workspace_id, stored.evaluation.created_by)
        if member is None or member.suspended or member.disabled:
            raise EvaluationStoppedError("Who started it is no member of the workspace any more.")
        if Permission.RUNS_START.value not in member.permissions:
            raise EvaluationStoppedError("Who started it may start no runs any more.")
        actor = await self._sharing.renewed(stored.plan.actor.model_copy(update={"roles": [member.role]}))
        if not all(actor.reaches(one, "run") for one in stored.plan.workflow_ids):
            raise EvaluationStoppedError("A workflow is no longer shared with who started it.")
        return actor

    async def _looked_at(self, stored: StoredEvaluation, run: CaseRun, actor: Actor) -> CaseRun:
        """Return how far the run of a case is now; what is new about it is kept."""
        if run.scored is not None:
            return run
        asked = await self._run(run.run_id, actor)
        if not asked.status.is_terminal:
            return run
        found = score(stored.plan.dataset, stored.case_of(run), asked)
        if stored.plan.grader is None:
            return await self._noted(stored, replace(run, scored=found))
        if asked.status is not RunStatus.SUCCEEDED:
            found.figures["graded"] = 0.0
            return await self._noted(stored, replace(run, scored=found))
        if run.grading_run_id is None:
            given = grading_of(stored.case_of(run), asked)
            key = f"{_key(stored, run.side, run.place)}:grade"
            grading = await self._start(stored, stored.plan.grader, given, key=key, actor=actor)
            return await self._noted(stored, replace(run, grading_run_id=grading.id))
        graded = await self._run(run.grading_run_id, actor)
        if not graded.status.is_terminal:
            return run
        grade = grade_of(graded)
        if grade is None:
            raise EvaluationStoppedError(f"Case {stored.case_of(run).name!r}: {why_no_grade(graded)}.")
        found.figures["graded"] = grade
        return await self._noted(stored, replace(run, scored=found))

    async def _run(self, run_id: str, actor: Actor) -> Run:
        return await self._runs.get(RunQuery(actor=actor, run_id=run_id))

    async def _noted(self, stored: StoredEvaluation, run: CaseRun) -> CaseRun:
        await self._evaluations.note(stored, run)
        return run

    async def _started(self, stored: StoredEvaluation, side: int, place: int, *, actor: Actor) -> CaseRun:
        case = stored.plan.dataset.cases[place]
        key = _key(stored, side, place)
        try:
            run = await self._start(stored, stored.plan.sides[side], case.inputs, key=key, actor=actor)
        except RemoteProblemError as refused:
            if not refused.is_callers_fault:
                raise
            raise EvaluationStoppedError(f"Case {case.name!r} was refused: {refused.detail}") from refused
        return CaseRun(side, place, run.id)

    async def _start(
        self,
        stored: StoredEvaluation,
        document: FrozenWorkflow,
        inputs: JsonObject,
        *,
        key: str,
        actor: Actor,
    ) -> Run:
        request = StartRun(
            actor=actor,
            workflow=document.workflow,
            version=document.version,
            source=document.source,
            agents=document.agents,
            inputs=inputs,
            idempotency_key=key,
            # The key alone says which run it is.
            request_hash=hashlib.sha256(key.encode()).hexdigest(),
            budget=stored.plan.budget,
        )
        return await self._runs.start(request)

    async def _fail(self, stored: StoredEvaluation, why: str) -> None:
        await self._evaluations.finish(stored, "failed", at=self._clock.now(), error=why[:2_000])


def _key(stored: StoredEvaluation, side: int, place: int) -> str:
    return f"evaluation:{stored.evaluation.id}:{side}:{place}"
