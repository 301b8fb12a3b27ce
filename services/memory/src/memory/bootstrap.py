"""Chooses the real parts of the memory service and keeps them as long as the application lives."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from fastapi import FastAPI

from flowloom_contracts.topics import AppId
from flowloom_servicekit.app import create_app
from flowloom_servicekit.clock import SystemClock
from flowloom_servicekit.database import Database
from flowloom_servicekit.errors import StorageUnavailableError
from memory.adapters.model_files import find_model_files
from memory.adapters.onnx_embedder import OnnxEmbedder
from memory.adapters.postgres_memory_store import PostgresMemoryStore
from memory.routes import router
from memory.settings import Settings

POOL_SIZE = 8


def build(settings: Settings) -> FastAPI:
    """Return the application; it connects in its lifespan and stops there when something is unfit."""
    database = Database(settings.database_url.get_secret_value(), pool_size=POOL_SIZE)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        store = PostgresMemoryStore(database)
        await store.ensure_fit()
        embedder = OnnxEmbedder(find_model_files(settings.embedding_model_dir))
        app.state.store, app.state.embedder, app.state.clock = store, embedder, SystemClock()
        try:
            yield
        finally:
            await embedder.close()
            await database.close()

    async def missing() -> Sequence[str]:
        try:
            await database.check()
        except StorageUnavailableError as error:
            return [error.detail]
        return []

    return create_app(
        app_id=AppId.MEMORY, settings=settings, lifespan=lifespan, routers=[router], readiness=missing
    )
