"""Searches by meaning (pgvector) and by words (full text) in Postgres."""

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final, TypeAlias

import asyncpg
import orjson

from flowloom_servicekit.database import Database, Statement
from flowloom_servicekit.errors import StorageUnavailableError
from flowloom_servicekit.tenancy import EVERY_WORKSPACE
from memory.adapters import statements
from memory.adapters.passage_rows import vector_literal
from memory.domain.access import ALWAYS
from memory.domain.search import Conditions, FoundPassage, GenerationGoneError, Key, Question, Scope
from memory.domain.texts import Embedding, ensure_own
from memory.domain.words import quoted, tenant_query, weighed

# Up to here comparing with every passage of the scope takes a few milliseconds and misses nothing.
EXACT_UP_TO_PASSAGES: Final = 5_000
# Passages looked at for one that is wanted: several of the nearest can belong to the same document.
CANDIDATES_PER_HIT: Final = 4
MIN_CANDIDATES: Final = 100
MAX_CANDIDATES: Final = 1_000
# A scope that was large stays so for a while; if it did not, the exact search steps in.
REMEMBER_LARGE_S: Final = 60
REMEMBERED: Final = 1_000
MAX_LEXEMES: Final = 64

Parameters: TypeAlias = dict[str, object]


class PostgresPassageIndex:
    """The passage index of production; exact for scopes of up to `exact_up_to` passages."""

    def __init__(self, database: Database, *, exact_up_to: int = EXACT_UP_TO_PASSAGES) -> None:
        self._database = database
        self._exact_up_to = exact_up_to
        self._large: OrderedDict[tuple[str, ...], float] = OrderedDict()

    async def scope(self, workspace_id: str, collections: Sequence[str], role: str) -> Scope:
        """Return which of the collections the role may read, and the generation that answers."""
        parameters = {
            "workspace_id": workspace_id,
            "collections": list(collections),
            "role": role,
            "always": role in ALWAYS,
        }
        for row in await self._own(statements.SCOPE, parameters, workspace_id):
            names, reranked = _names(row["names"]), _names(row["reranked"])
            return Scope(workspace_id, names, _number(row["id"]), str(row["model"]), reranked)
        raise StorageUnavailableError("no generation of vectors is active: run python -m memory.migrate")

    async def by_meaning(self, question: Question, embedding: Embedding) -> list[Key]:
        """Return the nearest passages, by the HNSW index for a large scope and else by comparing with all."""
        parameters = _parameters(question) | {"embedding": vector_literal(embedding)}
        keys = await self._by_index(question, parameters) if await self._is_large(question) else []
        if len(keys) < question.depth:
            # Small scope, or the index gave up early: an answer must not be short while passages are there.
            statement = statements.nearest_exact(question.scope.generation)
            with _generation_can_go():
                keys = [_key(row) for row in await self._candidates_of(statement, parameters)]
        return keys

    async def by_words(self, question: Question, query: str) -> list[Key]:
        """Return the passages with the rarest words of the query, weighed as BM25 does."""
        found = await self._candidates_of(statements.LEXEMES, {"query": query})
        words = [str(row["word"]) for row in found][:MAX_LEXEMES]
        if not words:
            return []
        tenant = tenant_query(question.scope.workspace_id, question.scope.collections)
        queries = [f"{tenant} & {quoted(word)}" for word in words]
        enough = self._exact_up_to + 1
        parameters: Parameters = {"words": words, "queries": queries, "enough": enough}
        matches = {
            str(row["word"]): _number(row["count"])
            for row in await self._candidates_of(statements.COUNT_WORDS, parameters)
        }
        chosen = weighed(matches, await self._passages(question))
        if chosen is None:
            return []
        wanted = _parameters(question) | {
            "words": list(chosen.words),
            "weights": list(chosen.weights),
            "any_of": f"{tenant} & ({chosen.any_of})",
        }
        return [_key(row) for row in await self._candidates_of(statements.BY_WORDS, wanted)]

    async def details(
        self, scope: Scope, keys: Sequence[Key], embedding: Embedding | None
    ) -> list[FoundPassage]:
        """Return what an answer says of these passages; each is judged again before it leaves."""
        parameters: Parameters = {
            "workspace_id": scope.workspace_id,
            "collections": list(scope.collections),
            "document_ids": [document_id for document_id, _ in keys],
            "positions": [position for _, position in keys],
            "embedding": None if embedding is None else vector_literal(embedding),
        }
        with _generation_can_go():
            statement = statements.details(scope.generation)
            rows = await self._own(statement, parameters, scope.workspace_id)
        for row in rows:
            ensure_own(scope.workspace_id, found_in=str(row["workspace_id"]))
        return [_found(row) for row in rows]

    async def _is_large(self, question: Question) -> bool:
        scope = question.scope
        name = (scope.workspace_id, *scope.collections)
        # Who asks changes what they see of run memory, not how large the collections are.
        plain = replace(question.conditions, open_workflows=(), closed_workflows=None) == Conditions()
        if plain and self._large.get(name, 0) > time.monotonic():
            return True
        large = await self._passages(question) > self._exact_up_to
        if plain and large:
            self._large[name] = time.monotonic() + REMEMBER_LARGE_S
            self._large.move_to_end(name)
            if len(self._large) > REMEMBERED:
                self._large.popitem(last=False)
        return large

    async def _passages(self, question: Question) -> int:
        """Return how many passages are asked, or one more than what counts as few."""
        parameters = _parameters(question) | {"enough": self._exact_up_to + 1}
        (row,) = await self._candidates_of(statements.COUNT_PASSAGES, parameters)
        return _number(row["count"])

    async def _by_index(self, question: Question, parameters: Parameters) -> list[Key]:
        wanted = max(question.depth * CANDIDATES_PER_HIT, MIN_CANDIDATES)
        kept = max(min(wanted, MAX_CANDIDATES), question.depth)
        # Where no document can have more than its share, fewer do. Not as few as are wanted: the index gives
        # what it meets first, and a tenant with a tenth of the rows would miss some that are nearer.
        has_no_share = question.per_document >= question.depth
        candidates = min(kept, question.depth * CANDIDATES_PER_HIT) if has_no_share else kept
        with _generation_can_go():
            rows = await self._database.rows(
                statements.nearest_by_index(question.scope.generation),
                parameters | {"candidates": candidates},
                workspace=EVERY_WORKSPACE,
                settings=statements.by_index(kept),
            )
        return [_key(row) for row in rows]

    async def _candidates_of(
        self, statement: Statement, parameters: Parameters
    ) -> Sequence[Mapping[str, object]]:
        """Return keys and counts, which go no further: row-level security holds where `details` reads.

        Under its policies Postgres could not use the index of words: matching is not leakproof.
        """
        return await self._database.rows(
            statement, parameters, workspace=EVERY_WORKSPACE, settings=statements.PLANNED_ANEW
        )

    async def _own(
        self, statement: Statement, parameters: Parameters, workspace_id: str
    ) -> Sequence[Mapping[str, object]]:
        """Return what the policies of the workspace let through."""
        return await self._database.rows(
            statement, parameters, workspace=workspace_id, settings=statements.PLANNED_ANEW
        )


@contextmanager
def _generation_can_go() -> Iterator[None]:
    """Translate the absence of a table of vectors: a generation was replaced in the middle of a search."""
    try:
        yield
    except asyncpg.UndefinedTableError as error:
        raise GenerationGoneError("the vectors were replaced") from error


def _parameters(question: Question) -> Parameters:
    conditions, scope = question.conditions, question.scope
    return {
        "workspace_id": scope.workspace_id,
        "collections": list(scope.collections),
        "depth": question.depth,
        "per_document": question.per_document,
        "metadata": orjson.dumps(conditions.metadata).decode() if conditions.metadata else None,
        "document_ids": list(conditions.document_ids) or None,
        "media_types": list(conditions.media_types) or None,
        "after": conditions.created_after,
        "before": conditions.created_before,
        "open": list(conditions.open_workflows),
        "closed": None if conditions.closed_workflows is None else list(conditions.closed_workflows),
    }


def _key(row: Mapping[str, object]) -> Key:
    return str(row["document_id"]), _number(row["position"])


def _found(row: Mapping[str, object]) -> FoundPassage:
    return FoundPassage(
        key=_key(row),
        workspace_id=str(row["workspace_id"]),
        collection=str(row["collection"]),
        name=str(row["name"]),
        text=str(row["content"]),
        kind=row["kind"],  # type: ignore[arg-type]  # written from the same literals
        headings=tuple(str(heading) for heading in _sequence(row["headings"])),
        page_from=row["page_from"],  # type: ignore[arg-type]  # an integer column
        page_to=row["page_to"],  # type: ignore[arg-type]  # an integer column
        start=_number(row["start_at"]),
        end=_number(row["end_at"]),
        metadata=row["metadata"],  # type: ignore[arg-type]  # always stored from an object
        created_at=row["created_at"],  # type: ignore[arg-type]  # a timestamptz column
        similarity=row["similarity"],  # type: ignore[arg-type]  # a float or null
    )


def _names(value: object) -> tuple[str, ...]:
    return tuple(str(name) for name in _sequence(value))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
