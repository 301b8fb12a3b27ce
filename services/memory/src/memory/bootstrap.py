"""Chooses the real parts of the memory service and keeps them as long as the application lives."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from flowloom_contracts.topics import AppId
from flowloom_modelkit.settings import RerankSettings
from flowloom_servicekit.app import create_app
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.dapr.publish import EventPublisher
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.database import Database
from flowloom_servicekit.gauges import watch_database
from flowloom_servicekit.schema_versions import SchemaOfService
from memory import document_routes, memory_routes, routes, subscriptions, table_routes
from memory.adapters.model_files import find_model_files
from memory.adapters.model_reranker import opened_reranker
from memory.adapters.onnx_embedder import OnnxEmbedder
from memory.adapters.parser_process import ProcessReader
from memory.adapters.postgres_generations import PostgresGenerations
from memory.adapters.postgres_ingest_queue import PostgresIngestQueue
from memory.adapters.postgres_library import PostgresLibrary
from memory.adapters.postgres_memories import PostgresMemories
from memory.adapters.postgres_memory_store import PostgresMemoryStore
from memory.adapters.postgres_passage_index import PostgresPassageIndex
from memory.adapters.postgres_run_memory import PostgresRunMemory
from memory.parts import Parts
from memory.schema import MIGRATIONS
from memory.settings import Settings
from memory.usecases.ingest import Ingestion, IngestWorker
from memory.usecases.memories import Remembered
from memory.usecases.reembed import GenerationBuilder
from memory.usecases.run_memory import Remembering, RunTeller
from memory.usecases.search import Searching

POOL_SIZE = 8


def build(settings: Settings) -> FastAPI:
    """Return the application; it connects in its lifespan and stops there when something is unfit."""
    url = settings.database_url.get_secret_value()
    database, schema = Database(url, pool_size=POOL_SIZE), SchemaOfService(url, MIGRATIONS)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(database.close)
            await schema.ensure_fit()
            watch_database(database, stack)
            app.state.parts = await _parts(settings, database, stack)
            yield

    async def missing() -> Sequence[str]:
        return await schema.unfit(database)

    return create_app(
        app_id=AppId.MEMORY,
        settings=settings,
        lifespan=lifespan,
        routers=[
            routes.router,
            document_routes.router,
            memory_routes.router,
            table_routes.router,
            subscriptions.router,
        ],
        readiness=missing,
    )


async def _parts(settings: Settings, database: Database, stack: AsyncExitStack) -> Parts:
    store = PostgresMemoryStore(database)
    await store.ensure_fit()
    embedder = OnnxEmbedder(find_model_files(settings.embedding_model_dir))
    stack.push_async_callback(embedder.close)
    sidecar = await stack.enter_async_context(Sidecar(settings))
    clock, embedders = SystemClock(), {embedder.model: embedder}
    generations = PostgresGenerations(database)
    ingestion = Ingestion(
        library=PostgresLibrary(database),
        queue=PostgresIngestQueue(database),
        reader=ProcessReader(),
        generations=generations,
        embedders=embedders,
        bus=EventPublisher(sidecar, AppId.MEMORY),
        clock=clock,
    )
    memories = PostgresMemories(database)
    searching = Searching(
        PostgresPassageIndex(database),
        embedders,
        clock,
        reranker=await opened_reranker(RerankSettings(), stack, clock=clock),
        uses=memories,
    )
    remembering = Remembering(PostgresRunMemory(database), searching, clock)
    worker, builder = IngestWorker(ingestion), GenerationBuilder(generations, embedders)
    teller = RunTeller(remembering)
    for background in (worker, builder, teller):
        background.start()
        stack.push_async_callback(background.stop)
    return Parts(
        store=store,
        searching=searching,
        ingestion=ingestion,
        worker=worker,
        builder=builder,
        remembering=remembering,
        teller=teller,
        remembered=Remembered(memories, ingestion.library, searching),
    )
