"""Events of topics: what shall be ingested, and how runs have ended. The handlers only enqueue."""

from typing import Final

from fastapi import APIRouter, Request

from flowloom_contracts.events import RunFinished
from flowloom_contracts.memory import IngestRequested
from flowloom_contracts.topics import Topic
from flowloom_servicekit.dapr.subscribe import Delivery, Subscription, subscriptions
from memory.parts import parts_of
from memory.usecases.ingest import hear_ingest_request
from memory.usecases.run_memory import hear_end_of_run


async def hear_request(delivery: Delivery[IngestRequested], request: Request) -> None:
    """Put the document in the queue; it may arrive more than once."""
    parts = parts_of(request)
    await hear_ingest_request(delivery.data, library=parts.ingestion.library, clock=parts.ingestion.clock)
    parts.worker.wake()


async def hear_end(delivery: Delivery[RunFinished], request: Request) -> None:
    """Keep how a run has ended; it may arrive more than once and late."""
    parts = parts_of(request)
    remembering = parts.remembering
    if await hear_end_of_run(delivery.data, runs=remembering.runs, clock=remembering.clock):
        parts.teller.wake()


router: Final[APIRouter] = subscriptions(
    Subscription(Topic.MEMORY_INGEST, IngestRequested, hear_request),
    Subscription(Topic.RUN_EVENTS, RunFinished, hear_end),
)
