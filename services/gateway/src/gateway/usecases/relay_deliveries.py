"""Turns stored deliveries into runs: at least one attempt each, one run each, nothing given up silently."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import orjson
import structlog

from flowloom_contracts.base import JsonValue
from flowloom_contracts.triggers import EventTrigger, WebhookTrigger
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, RemoteProblemError, UpstreamError
from gateway.domain.triggers import TriggerInputsError, inputs_of
from gateway.ports import Runs, WorkflowStore
from gateway.usecases.agent_book import AgentBook
from gateway.usecases.starting import FrozenDocument, find_version, start_triggered
from gateway.version_ports import (
    DeliveryStore,
    Outcome,
    PendingDelivery,
    StoredTrigger,
    TriggerStore,
    VersionStore,
)

log = structlog.get_logger(__name__)

BATCH: Final = 32
AT_ONCE: Final = 4
CALM_PER_SECOND: Final = 50.0
MOST_PRESSURE: Final = 9.0
"""Under the most pressure the relay works a tenth of the time."""
MAX_ATTEMPTS: Final = 100
"""With the longest pause this is about a day."""
LONGEST_PAUSE_SECONDS: Final = 900
HELD_SECONDS: Final = 1.0
TOO_MANY: Final = 429
MAX_REASON_CHARS: Final = 2_000


class DeliveryRelay:
    """Carries out batches; a refusal ends a delivery as dead, an outage only delays it."""

    def __init__(
        self,
        *,
        deliveries: DeliveryStore,
        triggers: TriggerStore,
        workflows: WorkflowStore,
        versions: VersionStore,
        runs: Runs,
        agents: AgentBook,
        arriving: Callable[[], float],
        clock: Clock,
    ) -> None:
        self._deliveries = deliveries
        self._triggers = triggers
        self._workflows = workflows
        self._versions = versions
        self._runs = runs
        self._agents = agents
        self._arriving = arriving
        self._clock = clock

    async def carry_out(self) -> int:
        """Try what is due once; returns how many deliveries that were.

        While calls come in fast the relay takes little at a time and rests in between: what cannot be
        started now waits safely, what cannot be accepted now is lost for its sender.
        """
        pressure = min(self._arriving() / CALM_PER_SECOND, MOST_PRESSURE)
        is_calm, began = pressure < 1, self._clock.monotonic()
        due = await self._deliveries.due(BATCH if is_calm else AT_ONCE, now=self._clock.now())
        await self._carry_out(due, at_once=AT_ONCE if is_calm else 1)
        if due and not is_calm:
            await self._clock.sleep((self._clock.monotonic() - began) * pressure)
        return len(due)

    async def _carry_out(self, due: Sequence[PendingDelivery], *, at_once: int) -> None:
        slots, away = asyncio.Semaphore(at_once), asyncio.Event()
        found = await asyncio.gather(
            *(self._attempt(one, slots, away) for one in due), return_exceptions=True
        )
        outcomes = [self._outcome(one, result) for one, result in zip(due, found, strict=True)]
        await self._deliveries.settle(outcomes)

    def _outcome(self, delivery: PendingDelivery, result: Outcome | BaseException) -> Outcome:
        """Return what became of an attempt; a fault of ours must not hold up the others for ever."""
        if isinstance(result, Outcome):
            return result
        log.error("a delivery failed unexpectedly", delivery_id=delivery.id, exc_info=result)
        return self._again(delivery, "Something went wrong here.")

    async def _attempt(
        self, delivery: PendingDelivery, slots: asyncio.Semaphore, away: asyncio.Event
    ) -> Outcome:
        async with slots:
            if away.is_set():
                # Others of this batch have found nobody to ask: this was no attempt.
                return self._later(delivery, "", HELD_SECONDS, counts=False)
            try:
                run_id = await self._start(delivery)
            except (TriggerInputsError, DomainError) as error:
                return _dead(delivery, str(error))
            except RemoteProblemError as error:
                return self._refused(delivery, error)
            except UpstreamError as error:
                away.set()
                return self._again(delivery, str(error))
        return Outcome(delivery.id, "started", run_id=run_id)

    async def _start(self, delivery: PendingDelivery) -> str:
        trigger = await self._triggers.of_id(delivery.trigger_id)
        if trigger is None:
            raise TriggerInputsError("The trigger does not exist any more.")
        if await self._workflows.get(trigger.workspace_id, trigger.workflow.id) is None:
            raise TriggerInputsError("The workflow was deleted.")
        version = await find_version(
            trigger.workflow.id, trigger.version, workspace_id=trigger.workspace_id, versions=self._versions
        )
        data: JsonValue = orjson.loads(delivery.data)
        named = await self._agents.named_in(version.source, trigger.workspace_id)
        run = await start_triggered(
            trigger.workflow,
            FrozenDocument(trigger.version, version.source, named),
            inputs_of(_mapping(trigger), data),
            workspace_id=trigger.workspace_id,
            key=delivery.run_key,
            trigger=data,
            runs=self._runs,
        )
        return run.id

    def _refused(self, delivery: PendingDelivery, error: RemoteProblemError) -> Outcome:
        if error.is_callers_fault and error.remote_status != TOO_MANY:
            return _dead(delivery, _said(error))
        return self._again(delivery, _said(error))

    def _again(self, delivery: PendingDelivery, reason: str) -> Outcome:
        if delivery.attempts + 1 >= MAX_ATTEMPTS:
            return _dead(delivery, reason)
        pause = min(2.0 ** min(delivery.attempts, 20), LONGEST_PAUSE_SECONDS)
        return self._later(delivery, reason, pause, counts=True)

    def _later(self, delivery: PendingDelivery, reason: str, seconds: float, *, counts: bool) -> Outcome:
        return Outcome(
            delivery.id,
            "pending",
            reason=reason[:MAX_REASON_CHARS] or None,
            next_at=self._clock.now() + timedelta(seconds=seconds),
            counts=counts,
        )


def _mapping(trigger: StoredTrigger) -> JsonValue:
    model = WebhookTrigger if trigger.kind == "webhook" else EventTrigger
    return model.model_validate(trigger.spec).inputs


def _dead(delivery: PendingDelivery, reason: str) -> Outcome:
    log.warning("a delivery was given up", delivery_id=delivery.id, trigger_id=delivery.trigger_id)
    return Outcome(delivery.id, "dead", reason=reason[:MAX_REASON_CHARS])


def _said(error: RemoteProblemError) -> str:
    """Return the refusal with the fields it names."""
    fields = "; ".join(f"{wrong.path}: {wrong.message}" for wrong in error.remote.errors or [])
    return ". ".join(part for part in (error.remote.title, error.remote.detail, fields) if part)
