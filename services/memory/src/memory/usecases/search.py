"""Searching: access first, then meaning and words, then one ranking of both."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from flowloom_contracts.memory import (
    AGENT_ROLE,
    MAX_COLLECTIONS,
    Citation,
    CompareTexts,
    Comparison,
    MemoryFilter,
    MemoryHit,
    MemoryHits,
    NearestText,
    PassageHit,
    PassageHits,
    Reranking,
    SearchMemory,
    SearchPassages,
)
from flowloom_contracts.run_memory import RUN_MEMORY, WorkflowSight
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import InvalidRequestError, UpstreamError
from flowloom_servicekit.ids import is_id
from memory.domain.search import (
    Conditions,
    FoundPassage,
    GenerationGoneError,
    Key,
    Question,
    RerankFailedError,
    Scope,
    best,
    freshness,
    fused,
    reordered,
)
from memory.domain.storable import ensure_storable
from memory.domain.texts import Embedding
from memory.ports import Embedder, Library, MemoryUses, PassageIndex, Reranker

log = structlog.get_logger(__name__)

# Each ranking is this deep at least, so that what both find in the middle can come first.
MIN_DEPTH = 50
RERANKED = 30


class ModelNotLoadedError(UpstreamError):
    """The stored vectors are by a model that this process does not have."""

    title = "The embedding model of the stored vectors is missing"


@dataclass(frozen=True, slots=True)
class Searching:
    """What a search needs from outside."""

    index: PassageIndex
    embedders: Mapping[str, Embedder]
    clock: Clock
    reranker: Reranker | None = None
    uses: MemoryUses | None = None

    def embedder(self, model: str) -> Embedder:
        """Return the embedder of a model; raises `ModelNotLoadedError`."""
        try:
            return self.embedders[model]
        except KeyError:
            raise ModelNotLoadedError(f"the stored vectors are by model {model!r}") from None


async def active_embedder(searching: Searching) -> Embedder:
    """Return the embedder whose vectors answer now."""
    scope = await searching.index.scope("", (), AGENT_ROLE)
    return searching.embedder(scope.model)


@dataclass(frozen=True, slots=True)
class _Rankings:
    by_meaning: Sequence[Key]
    by_words: Sequence[Key]
    embedding: Embedding | None


async def search_memory(request: SearchMemory, *, searching: Searching) -> MemoryHits:
    """Return the texts that answer best, each with its best passage; unknown collections are empty."""
    hits = await search_passages(
        SearchPassages(
            workspace_id=request.workspace_id,
            role=request.role,
            collections=request.collections,
            query=request.query,
            top=request.top,
            per_document=1,
            sight=request.sight,
            origin=request.origin,
        ),
        searching=searching,
    )
    return MemoryHits(
        items=[
            MemoryHit(
                id=hit.citation.document_id,
                collection=hit.collection,
                text=hit.text,
                score=hit.similarity or 0.0,
                metadata=hit.metadata,
                created_at=hit.created_at,
            )
            for hit in hits.items
        ]
    )


async def over_open_collections(request: SearchPassages, *, library: Library) -> SearchPassages:
    """Return a search that names no collection as one of the first that its role may read.

    Failures of runs are no knowledge about anything else: who wants them names their collection.
    """
    found = await library.collections(request.workspace_id, request.role)
    names = [collection.name for collection in found if collection.name != RUN_MEMORY][:MAX_COLLECTIONS]
    return request.model_copy(update={"collections": names})


async def compare_texts(request: CompareTexts, *, searching: Searching) -> Comparison:
    """Return the nearest of the others for each text, by the model whose vectors answer searches."""
    embedder = await active_embedder(searching)
    points = await embedder.embed([*request.texts, *request.others])
    texts, others = points[: len(request.texts)], points[len(request.texts) :]
    return Comparison(items=[_nearest(point, others) for point in texts])


def _nearest(point: Embedding, others: Sequence[Embedding]) -> NearestText:
    # Unit vectors: their product is the cosine.
    products = [sum(a * b for a, b in zip(point, other, strict=True)) for other in others]
    place = max(range(len(products)), key=products.__getitem__)
    return NearestText(other=place, similarity=round(min(max(products[place], -1.0), 1.0), 4))


async def search_passages(
    request: SearchPassages, *, searching: Searching, within: Sequence[str] = ()
) -> PassageHits:
    """Return the best passages with their citations; collections closed to the role are like unknown ones.

    With `within` only those of these documents, of which there may be more than a filter can name.
    """
    ensure_storable(request.model_dump(mode="json"))
    try:
        hits = await _searched(request, searching, within)
    except GenerationGoneError:
        # Another generation answers since a moment ago; this can happen once in the time of a search.
        hits = await _searched(request, searching, within)
    await _told(request, hits, searching)
    return hits


async def _told(request: SearchPassages, hits: PassageHits, searching: Searching) -> None:
    """Write down which memories a step of a run has found; an answer does not depend on it."""
    if request.origin is None or searching.uses is None or not hits.items:
        return
    found = list(dict.fromkeys(hit.citation.document_id for hit in hits.items))
    try:
        await searching.uses.used(request.workspace_id, found, request.origin, searching.clock.now())
    except UpstreamError as error:
        log.warning("that memories were used is not written down", error=repr(error))


async def _searched(request: SearchPassages, searching: Searching, within: Sequence[str]) -> PassageHits:
    scope = await searching.index.scope(request.workspace_id, request.collections, request.role)
    if not scope.collections:
        return PassageHits(items=[])
    depth = _depth(request, scope)
    conditions = _conditions(request.filter, request.sight)
    if within:
        conditions = replace(conditions, document_ids=tuple(within))
    question = Question(scope, depth, request.per_document, conditions)
    rankings = await _rankings(request, question, searching)
    scores = fused([rankings.by_meaning, rankings.by_words])
    details = await searching.index.details(scope, list(scores), rankings.embedding)
    found = {passage.key: passage for passage in details}
    scores = {key: scores[key] for key in scores if key in found}
    judged, status = await _judged(request, scope, list(scores)[:RERANKED], found=found, searching=searching)
    if judged:
        # Places, not scores: what was not judged again must stay where it was.
        scores = fused([reordered(list(scores), judged)])
    scores = _aged(request, scores, found, searching)
    chosen = best(scores, top=request.top, per_document=request.per_document)
    hits = [_hit(found[key], scores[key], rankings, judged.get(key)) for key in chosen]
    return PassageHits(items=hits, reranking=status)


def _depth(request: SearchPassages, scope: Scope) -> int:
    """Return how many passages each ranking gives: more than asked only where something judges them again."""
    is_final = request.mode != "hybrid" and request.fresh_days is None and not scope.reranked
    return request.top if is_final else max(request.top * 2, MIN_DEPTH)


async def _rankings(request: SearchPassages, question: Question, searching: Searching) -> _Rankings:
    embedding = None
    by_meaning: Sequence[Key] = ()
    if request.mode != "text":
        (embedding,) = await searching.embedder(question.scope.model).embed([request.query])
        by_meaning = await searching.index.by_meaning(question, embedding)
    by_words: Sequence[Key] = ()
    if request.mode != "vector":
        by_words = await searching.index.by_words(question, request.query)
    return _Rankings(by_meaning, by_words, embedding)


async def _judged(
    request: SearchPassages,
    scope: Scope,
    first: Sequence[Key],
    *,
    found: Mapping[Key, FoundPassage],
    searching: Searching,
) -> tuple[dict[Key, float], Reranking | None]:
    """Return what a re-ranking model says of the first passages, of those that it may see, and how that went.

    A search does not fail with it: it answers in the order that it has, and says so.
    """
    shown = [key for key in first if found[key].collection in scope.reranked]
    if not shown:
        return {}, None
    if searching.reranker is None:
        return {}, "unavailable"
    texts = ["\n".join([*found[key].headings, found[key].text]) for key in shown]
    try:
        scores = await searching.reranker.rerank(request.query, texts)
    except RerankFailedError as error:
        log.warning("a search keeps its order", error=error.detail)
        return {}, "unavailable"
    return dict(zip(shown, scores, strict=True)), "done"


def _aged(
    request: SearchPassages, scores: dict[Key, float], found: Mapping[Key, FoundPassage], searching: Searching
) -> dict[Key, float]:
    if request.fresh_days is None:
        return scores
    now = searching.clock.now()
    return {
        key: score * freshness(found[key].created_at, now, request.fresh_days)
        for key, score in scores.items()
    }


def _conditions(given: MemoryFilter, sight: WorkflowSight) -> Conditions:
    if not all(is_id(document_id) for document_id in given.document_ids):
        raise InvalidRequestError("filter.document_ids holds something that is no id of a document")
    return Conditions(
        metadata=given.metadata,
        document_ids=tuple(given.document_ids),
        media_types=tuple(given.media_types),
        created_after=given.created_after,
        created_before=given.created_before,
        open_workflows=tuple(sight.only),
        closed_workflows=None if sight.all_but is None else tuple(sight.all_but),
    )


def _hit(passage: FoundPassage, score: float, rankings: _Rankings, judged: float | None) -> PassageHit:
    return PassageHit(
        text=passage.text,
        kind=passage.kind,
        collection=passage.collection,
        score=score,
        similarity=passage.similarity,
        vector_rank=_rank(rankings.by_meaning, passage.key),
        text_rank=_rank(rankings.by_words, passage.key),
        rerank_score=judged,
        citation=Citation(
            document_id=passage.key[0],
            name=passage.name,
            headings=list(passage.headings),
            page_from=passage.page_from,
            page_to=passage.page_to,
            start=passage.start,
            end=passage.end,
        ),
        metadata=passage.metadata,
        created_at=passage.created_at,
    )


def _rank(ranking: Sequence[Key], key: Key) -> int | None:
    return ranking.index(key) + 1 if key in ranking else None
