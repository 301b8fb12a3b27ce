"""The operator's re-ranking model, whose failures cost a search its order and nothing else."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from flowloom_modelkit.errors import ModelFailure
from flowloom_modelkit.rerank import RerankClient
from flowloom_modelkit.settings import RerankSettings
from flowloom_servicekit.clock import Clock
from memory.domain.search import RerankFailedError


class ModelReranker:
    """See `Reranker`."""

    def __init__(self, client: RerankClient) -> None:
        self._client = client

    async def rerank(self, query: str, texts: Sequence[str]) -> list[float]:
        """See `Reranker.rerank`."""
        try:
            return await self._client.rerank(query, texts)
        except ModelFailure as error:
            raise RerankFailedError(f"{error.code}: {error.detail or error.title}") from error


async def opened_reranker(
    settings: RerankSettings, stack: AsyncExitStack, *, clock: Clock
) -> ModelReranker | None:
    """Return the operator's re-ranker, None where no endpoint is set."""
    if not settings.rerank_url:
        return None
    return ModelReranker(await stack.enter_async_context(RerankClient(settings, clock=clock)))
