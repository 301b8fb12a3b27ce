"""Starts a run that reuses what another one did, or says what that would mean."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.forks import ForkAnswer, ForkReport, ForkRun
from flowloom_contracts.runs import Actor, ForkOrigin
from flowloom_contracts.starts import StartRun
from flowloom_language.forks import (
    ForkRequest,
    UnknownForkStepError,
    fork_points,
    fork_state,
)
from flowloom_language.large_values import bases_in, defused, refs_in, with_values
from flowloom_language.plan import Plan
from flowloom_language.state import RunState, StepState
from flowloom_language.step_map import StepMap
from flowloom_servicekit.clock import Clock
from orchestrator.domain.errors import RunNotFoundError, StepNotFoundError
from orchestrator.domain.files import FilesTaken, content_ref
from orchestrator.domain.lightened import each
from orchestrator.domain.records import RunRecord
from orchestrator.domain.sight import check_reach, under
from orchestrator.ports.files import FileStore
from orchestrator.ports.runs import NewRun, RunStore
from orchestrator.ports.values import ValueStore
from orchestrator.ports.views import RunViews
from orchestrator.usecases.gate import Relay, RunGate
from orchestrator.usecases.keep_values import ValueKeeper
from orchestrator.usecases.start_run import new_run, store_run

PAGE: Final = 1_000


@dataclass(frozen=True)
class Forks:
    """See `Starting`: reads old runs of the same workspace and takes over their large values."""

    views: RunViews
    keeper: ValueKeeper
    files: FileStore

    @property
    def values(self) -> ValueStore:
        """Where large values are."""
        return self.keeper.store

    async def whole(self, request: StartRun) -> StartRun:
        """See `Starting.whole`; raises `ValuesNeededError`."""
        if request.parent is None:
            return request
        found = await self.keeper.loaded(request.parent.run_id, refs_in(request.inputs))
        whole = {name: with_values(value, found) for name, value in request.inputs.items()}
        return request.model_copy(update={"inputs": whole})

    async def inputs_of(self, old: RunRecord, given: JsonObject | None) -> tuple[JsonObject, bool]:
        """Return the inputs of a fork as its schema sees them, and whether there are large values in them."""
        if given is not None:
            return {name: defused(value) for name, value in given.items()}, False
        refs = refs_in(old.state.inputs)
        found = await self.keeper.loaded(old.id, refs) if refs else {}
        return {name: with_values(value, found) for name, value in old.state.inputs.items()}, bool(refs)

    async def light(self, new: NewRun) -> NewRun:
        """See `Starting.light`."""
        inputs, large = each(new.state.inputs)
        await self.keeper.keep(new.id, large)
        return replace(new, state=new.state.changed({"inputs": inputs}))

    async def beginning(self, request: StartRun, new: NewRun) -> tuple[NewRun, ForkReport]:
        """See `Starting.beginning`."""
        if request.from_ is None:
            raise ValueError("the request names no run to begin from")
        old = await self.found(request.actor, request.from_.run_id)
        return await self.of(new, old, ForkRequest.of(request.from_.step, pins=request.pins))

    async def found(self, actor: Actor, run_id: str) -> RunRecord:
        """Return a run that somebody may see; raises `RunNotFoundError`."""
        old = await self.views.get(actor, run_id)
        if old is None:
            raise RunNotFoundError(f"There is no run {run_id!r}.")
        return old

    async def of(
        self, new: NewRun, old: RunRecord, request: ForkRequest, *, only_report: bool = False
    ) -> tuple[NewRun, ForkReport]:
        """Return a new run with what it has of an old one; raises `StepNotFoundError`."""
        whole = replace(request, inputs=new.state.inputs)
        try:
            seen = await self._with_inner_steps(old, new.plan, request)
            state, report = fork_state(new.plan, new.state.run, whole, old_plan=old.plan, old_state=seen)
        except UnknownForkStepError as error:
            raise StepNotFoundError(str(error)) from error
        used = [ref for one in state.reuse.values() for ref in bases_in(one.output)]
        if not only_report:
            await self.values.adopt(new.id, old.id, [*used, *bases_in(state.inputs)])
            new = replace(new, files=await self._files(new.id, old.id, _kept(report, request)))
        state = state.changed({"until_step": new.state.until_step})
        origin = replace(
            new.origin,
            forked_from=ForkOrigin(run_id=old.id, step=request.from_step),
            is_private=new.origin.is_private or old.origin.is_private,
            under=tuple(dict.fromkeys((*new.origin.under, *under(old)))),
        )
        return replace(new, state=state, origin=origin), report

    async def _files(self, new_id: str, old_id: str, steps: tuple[str, ...]) -> FilesTaken | None:
        """Have the files of reused steps at hand: their contents now, their versions with the new run."""
        hashes = await self.files.hashes(old_id, steps) if steps else ()
        if not hashes:
            return None
        await self.values.adopt(new_id, old_id, [content_ref(one) for one in hashes])
        return FilesTaken(old_id, steps)

    async def _with_inner_steps(self, old: RunRecord, plan: Plan, request: ForkRequest) -> RunState:
        """Return a run's state with the entries, inside its steps, that the fork looks at."""
        points, found = fork_points(plan, request, old_plan=old.plan), dict[str, StepState](old.state.steps)
        for root in points.entered:
            for opening in (f"{root}[", f"{root}.on_error."):
                async for placed in self._inside(old.id, opening):
                    if points.looks_into(placed.path):
                        found[placed.path] = placed
        return old.state.changed({"steps": StepMap(found)})

    async def _inside(self, run_id: str, opening: str) -> AsyncIterator[StepState]:
        after: tuple[int, ...] = ()
        while page := await self.views.steps(run_id, inside=opening, after=after, limit=PAGE):
            for one in page:
                yield one.state
            after = page[-1].place


def _kept(report: ForkReport, request: ForkRequest) -> tuple[str, ...]:
    """Return the steps that are reused as they were; what replaces an output has no files."""
    given = {path for path, one in request.overrides.items() if one.has_output} | request.pins.keys()
    return tuple(path for path in report.reused if path not in given)


async def fork_run(
    request: ForkRun, *, forks: Forks, runs: RunStore, gate: RunGate, relay: Relay, clock: Clock
) -> ForkAnswer:
    """Fork a run of the caller's workspace; a dry run only reports.

    Raises `RunNotFoundError`, `StepNotFoundError`, `InvalidDocumentError`, `InvalidInputsError` and
    `IdempotencyConflictError`.
    """
    old = await forks.found(request.actor, request.run_id)
    check_reach(request.actor, old.workflow.id)
    source = request.source or (await forks.views.source(old.id)).source
    inputs, found = await forks.inputs_of(old, request.body.inputs)
    start = StartRun(
        actor=request.actor,
        workflow=old.workflow,
        version=request.version or old.version,
        source=source,
        agents=old.plan.agents,
        inputs=inputs,
        idempotency_key=request.idempotency_key,
        request_hash=request.request_hash,
        priority=old.priority,
        budget=old.origin.budget,
        trigger=old.state.run.trigger,
    )
    made = new_run(start, now=clock.now())
    new, report = await forks.of(
        await forks.light(made) if found else made,
        old,
        ForkRequest.of(request.body.from_step, overrides=request.body.overrides),
        only_report=request.body.dry_run,
    )
    if request.body.dry_run:
        return ForkAnswer(report=report)
    return ForkAnswer(run=await store_run(new, runs=runs, gate=gate, relay=relay), report=report)
