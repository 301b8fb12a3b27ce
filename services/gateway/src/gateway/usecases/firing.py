"""Starts the run of a schedule's due time, when the orchestrator says that it has come."""

from flowloom_contracts.automation import FireTrigger, TriggerFired
from flowloom_contracts.runs import WorkflowRef
from flowloom_language.catalog import OFFLINE
from flowloom_servicekit.errors import DomainError, RemoteProblemError
from gateway.domain.triggers import TriggerInputsError, inputs_of, trigger_of
from gateway.ports import Runs
from gateway.usecases.runs import Startable
from gateway.usecases.starting import FrozenDocument, find_version, start_triggered
from gateway.usecases.workflows import WorkflowNotFoundError, validated_source

TOO_MANY = 429


async def fire_trigger(request: FireTrigger, *, stores: Startable, runs: Runs) -> TriggerFired:
    """Return the run; or why there is none, where firing again would not help. Raises UpstreamError else."""
    try:
        return TriggerFired(run_id=await _start(request, stores, runs))
    except (TriggerInputsError, DomainError) as error:
        return TriggerFired(refused=str(error))
    except RemoteProblemError as error:
        if not error.is_callers_fault or error.remote_status == TOO_MANY:
            raise
        return TriggerFired(refused=str(error))


async def _start(request: FireTrigger, stores: Startable, runs: Runs) -> str:
    stored = await stores.workflows.get(request.workspace_id, request.workflow_id)
    if stored is None:
        raise WorkflowNotFoundError("The workflow was deleted.")
    version = await find_version(
        stored.id, request.version, workspace_id=request.workspace_id, versions=stores.versions
    )
    validated = await validated_source(version.source, OFFLINE)
    trigger = None if validated.workflow is None else trigger_of(validated.workflow, request.trigger)
    if trigger is None:
        raise TriggerInputsError(f"Version {request.version} has no trigger {request.trigger!r}.")
    named = await stores.agents.named_in(version.source, request.workspace_id)
    run = await start_triggered(
        WorkflowRef(id=stored.id, name=version.name),
        FrozenDocument(request.version, version.source, named),
        inputs_of(trigger.inputs, request.data),
        workspace_id=request.workspace_id,
        key=request.key,
        trigger=request.data,
        runs=runs,
    )
    return run.id
