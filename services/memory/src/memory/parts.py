"""The parts of the running service, as its routes and subscriptions find them."""

from dataclasses import dataclass

from fastapi import Request

from memory.ports import MemoryStore
from memory.usecases.ingest import Ingestion, IngestWorker
from memory.usecases.memories import Remembered
from memory.usecases.reembed import GenerationBuilder
from memory.usecases.run_memory import Remembering, RunTeller
from memory.usecases.search import Searching


@dataclass(frozen=True, slots=True)
class Parts:
    """All of them; made once, in the lifespan."""

    store: MemoryStore
    searching: Searching
    ingestion: Ingestion
    worker: IngestWorker
    builder: GenerationBuilder
    remembering: Remembering
    teller: RunTeller
    remembered: Remembered


def parts_of(request: Request) -> Parts:
    """Return the parts of the application that got this request."""
    parts: Parts = request.app.state.parts
    return parts
