"""Embeds text in a few threads of its own, and lets go of the model while nobody asks."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Final

from tokenizers import Tokenizer

from flowloom_contracts.memory import EMBEDDING_DIMENSIONS
from memory.adapters.model_files import ModelFiles
from memory.domain.texts import DEFAULT_MODEL, Embedding
from memory.environment import silence_onnxruntime

if TYPE_CHECKING:
    from memory.adapters.minilm import MiniLm

# Larger batches are no faster on one thread, and a search waits for at most one batch of a long text.
BATCH: Final = 4
THREADS: Final = 2
RELEASE_AFTER_S: Final = 300


class OnnxEmbedder:
    """The embedder of production: loads the model at first use (0.3 s), releases it after five minutes."""

    def __init__(self, files: ModelFiles, *, release_after_s: float = RELEASE_AFTER_S) -> None:
        self._files = files
        self._counter = Tokenizer.from_file(str(files.tokenizer))
        self._counter.no_truncation()
        self._counter.no_padding()
        self._release_after_s = release_after_s
        self._release: asyncio.TimerHandle | None = None
        self._model: MiniLm | None = None
        self._loading = Lock()
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="embed")

    @property
    def model(self) -> str:
        """The name under which its vectors are kept."""
        return DEFAULT_MODEL

    @property
    def dimensions(self) -> int:
        """384."""
        return EMBEDDING_DIMENSIONS

    @property
    def is_loaded(self) -> bool:
        """Whether the model occupies memory now."""
        return self._model is not None

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text; blocks."""
        encodings = self._counter.encode_batch_fast(list(texts), add_special_tokens=False)
        return [len(encoding) for encoding in encodings]

    async def embed(self, texts: Sequence[str]) -> list[Embedding]:
        """Return one unit vector for each text."""
        loop = asyncio.get_running_loop()
        embeddings: list[Embedding] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            embeddings += await loop.run_in_executor(self._pool, self._embed_batch, batch)
        self._release_later(loop)
        return embeddings

    async def close(self) -> None:
        """Stop the threads."""
        if self._release is not None:
            self._release.cancel()
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)

    def _embed_batch(self, texts: Sequence[str]) -> list[Embedding]:
        with self._loading:
            model = self._model = self._model or _load(self._files)
        return model.embed(texts)

    def _release_later(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._release is not None:
            self._release.cancel()
        self._release = loop.call_later(self._release_after_s, self._let_go)

    def _let_go(self) -> None:
        self._model = None


def _load(files: ModelFiles) -> "MiniLm":
    silence_onnxruntime()
    from memory.adapters.minilm import MiniLm

    return MiniLm(files)
