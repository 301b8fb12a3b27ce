"""Passages and vectors as the columns that one statement inserts."""

from collections.abc import Sequence
from typing import TypeAlias

import orjson

from memory.domain.chunks import Chunk
from memory.domain.search import Key
from memory.domain.texts import Embedding

Columns: TypeAlias = dict[str, list[int] | list[str] | list[int | None]]


def vector_literal(embedding: Embedding) -> str:
    """Return pgvector's text form of a vector."""
    return orjson.dumps(embedding).decode()


def passage_columns(body: str, chunks: Sequence[Chunk]) -> Columns:
    """Return the columns of the passages of a text."""
    return {
        "starts": [chunk.start for chunk in chunks],
        "ends": [chunk.end for chunk in chunks],
        "contents": [body[chunk.start : chunk.end] for chunk in chunks],
        "contexts": [chunk.context for chunk in chunks],
        "kinds": [str(chunk.kind) for chunk in chunks],
        "headings": [orjson.dumps(chunk.headings).decode() for chunk in chunks],
        "pages_from": [chunk.page_from for chunk in chunks],
        "pages_to": [chunk.page_to for chunk in chunks],
    }


def vector_columns(vectors: Sequence[tuple[Key, Embedding]]) -> Columns:
    """Return the columns of vectors of passages that are there."""
    return {
        "document_ids": [document_id for (document_id, _), _ in vectors],
        "positions": [position for (_, position), _ in vectors],
        "embeddings": [vector_literal(embedding) for _, embedding in vectors],
    }
