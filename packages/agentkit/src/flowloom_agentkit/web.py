"""The web as tools see it: reading only, through the guarded client, a few hops and a few seconds."""

from typing import Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from flowloom_agentkit.errors import ToolFailedError
from flowloom_agentkit.reach import WebAnswer, WebHit
from flowloom_servicekit.errors import FlowloomError
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.redirects import REDIRECTS
from flowloom_servicekit.outbound.request import Limits, OutboundRequest, OutboundResponse
from flowloom_servicekit.outbound.targets import Target, resolve_location, target

MOST_HOPS: Final = 4
MOST_HITS: Final = 10
LIMITS: Final = Limits(connect_s=5, first_byte_s=10, idle_s=5, total_s=15, body_bytes=2_000_000)
HEADERS: Final = {
    "user-agent": "Flowloom-Agent/1.0",
    "accept": "text/html, application/xhtml+xml, text/plain, application/json;q=0.9, application/xml;q=0.9",
}


class GuardedWeb:
    """A `Web`; `engine` calls the operator's search endpoint and nothing else does."""

    def __init__(
        self, client: OutboundClient, *, engine: OutboundClient | None = None, engine_url: str = ""
    ) -> None:
        self._client = client
        self._engine = engine
        self._engine_url = engine_url

    async def get(self, url: str) -> WebAnswer:
        """Return what is at an address; each hop of a redirect is judged as the address was."""
        try:
            here = target(url)
            for _ in range(MOST_HOPS + 1):
                answer = await self._client.request(_reading(here))
                location = answer.headers.get("location")
                if answer.status not in REDIRECTS or location is None:
                    return _seen(here, answer)
                here = resolve_location(here, location)
        except FlowloomError as error:
            # Not waited out as an outage of ours would be: the model is told and can choose something else.
            raise ToolFailedError(f"{error.title}: {error.detail}") from error
        raise ToolFailedError(f"the address leads on and on, more than {MOST_HOPS} times")

    async def search(self, query: str) -> list[WebHit] | None:
        """Ask an endpoint that answers like SearXNG's `/search?format=json`."""
        if self._engine is None:
            return None
        try:
            asked = target(self._engine_url, [("q", query), ("format", "json")])
            answer = await self._engine.request(_reading(asked))
        except FlowloomError as error:
            raise ToolFailedError(f"the search engine: {error.title}: {error.detail}") from error
        if answer.status != 200:
            raise ToolFailedError(f"the search engine answered {answer.status}")
        try:
            found = _RESULTS.validate_json(answer.body).results[:MOST_HITS]
        except ValidationError as error:
            raise ToolFailedError("the search engine's answer is not the JSON that SearXNG gives") from error
        return [WebHit(url=one.url, title=one.title, text=one.content) for one in found]


class _Result(BaseModel):
    url: str
    title: str = ""
    content: str = ""


class _Results(BaseModel):
    results: list[_Result] = []


_RESULTS: Final = TypeAdapter(_Results)


def _reading(here: Target) -> OutboundRequest:
    return OutboundRequest("GET", here, headers=HEADERS, limits=LIMITS)


def _seen(here: Target, answer: OutboundResponse) -> WebAnswer:
    return WebAnswer(str(here), answer.status, answer.headers.get("content-type", ""), answer.body)
