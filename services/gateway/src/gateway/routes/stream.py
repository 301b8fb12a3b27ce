"""A run's live stream as server-sent events."""

from typing import Annotated, Final

from fastapi import APIRouter, Header, Query, Response

from flowloom_servicekit.errors import ForbiddenError, InvalidRequestError, UnauthenticatedError, problems
from flowloom_servicekit.streams.cursor import START
from gateway.live.connections import TooManyStreamsError
from gateway.live.follow import RunFollower, has_more
from gateway.live.sse import EventStreamResponse
from gateway.parts import PartsOf
from gateway.routes.guards import RunReader
from gateway.usecases.runs import RunNotFoundError, cursor_from, run_query

router: Final = APIRouter(prefix="/v1", tags=["runs"])


@router.get(
    "/runs/{run_id}/stream",
    response_class=Response,
    responses={
        200: {
            "description": "Events of the run, each with `id:` as its cursor.",
            "content": {"text/event-stream": {}},
        },
        204: {"description": "The run is over and nothing follows the cursor: do not come back."},
        **problems(
            UnauthenticatedError, ForbiddenError, RunNotFoundError, InvalidRequestError, TooManyStreamsError
        ),
    },
)
async def stream_run_events(
    *,
    run_id: str,
    principal: RunReader,
    parts: PartsOf,
    after: Annotated[str | None, Query(description="A cursor; without one from the first event.")] = None,
    last_event_id: Annotated[str | None, Header(description="Wins over `after`.")] = None,
) -> Response:
    """Follow a run until it has finished."""
    cursor = cursor_from(last_event_id or after)
    query = run_query(run_id, principal)
    # Whoever starts a run follows it from its beginning: what was just answered need not be asked for again.
    known = parts.runs.newly_started(query) if cursor == START else None
    run = known or await parts.runs.get(query)
    if run.status.is_terminal and not await has_more(query, cursor, runs=parts.runs, pages=parts.pages):
        return Response(status_code=204)
    follower = RunFollower(run, principal.actor, runs=parts.runs, streams=parts.streams, clock=parts.clock)
    return EventStreamResponse(follower.follow(cursor), principal=principal, connections=parts.connections)
