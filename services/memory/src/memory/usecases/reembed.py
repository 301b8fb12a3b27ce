"""Embedding everything again with another model, while the old vectors answer."""

import asyncio
from collections.abc import Mapping
from typing import Final

import structlog

from flowloom_contracts.memory import Generation, Generations, ReEmbed
from flowloom_servicekit.errors import ConflictError
from memory.ports import Embedder, GenerationStore

log = structlog.get_logger(__name__)

BATCH: Final = 32
POLL_S: Final = 5.0


class UnknownModelError(ConflictError):
    """No embedder of this process has the model."""

    title = "No such embedding model"


async def list_generations(*, generations: GenerationStore) -> Generations:
    """Return the generation that answers, and the one being built if there is one."""
    return Generations(items=await generations.all())


async def start_generation(
    request: ReEmbed, *, generations: GenerationStore, embedders: Mapping[str, Embedder]
) -> Generation:
    """Begin a generation; the builder does the rest. Raises `UnknownModelError` and `ConflictError`."""
    embedder = embedders.get(request.model)
    if embedder is None:
        raise UnknownModelError(f"model {request.model!r} is not among {sorted(embedders)}")
    return await generations.start(embedder.model, embedder.dimensions)


async def build_generation(*, generations: GenerationStore, embedders: Mapping[str, Embedder]) -> bool:
    """Finish the generation that is being built and let it answer; False if there is none.

    Every batch is stored, so an interrupted build goes on where it was.
    """
    building = next((one for one in await generations.all() if one.status == "building"), None)
    if building is None or building.model not in embedders:
        return False
    await _filled(building, generations, embedders[building.model])
    await generations.index(building.id)
    while not await generations.activate(building.id):
        await _filled(building, generations, embedders[building.model])
    return True


async def _filled(building: Generation, generations: GenerationStore, embedder: Embedder) -> None:
    while batch := await generations.unembedded(building.id, BATCH):
        embeddings = await embedder.embed([passage.text for passage in batch])
        keys = [(passage.document_id, passage.position) for passage in batch]
        await generations.keep_vectors(building.id, list(zip(keys, embeddings, strict=True)))


class GenerationBuilder:
    """Builds generations in the background, also those that a process before this one began."""

    def __init__(self, generations: GenerationStore, embedders: Mapping[str, Embedder]) -> None:
        self._generations, self._embedders = generations, embedders
        self._woken = asyncio.Event()
        self._woken.set()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Look now."""
        self._woken.set()

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._work(), name="generations")

    async def stop(self) -> None:
        """End; the next process goes on."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _work(self) -> None:
        while True:
            await self._woken.wait()
            self._woken.clear()
            build = build_generation(generations=self._generations, embedders=self._embedders)
            (built,) = await asyncio.gather(build, return_exceptions=True)
            if isinstance(built, BaseException):
                log.warning("a generation has to wait", error=repr(built))
                asyncio.get_running_loop().call_later(POLL_S, self._woken.set)
