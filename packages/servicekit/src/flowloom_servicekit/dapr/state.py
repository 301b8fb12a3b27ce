"""Documents in a Dapr state store, for preferences and presence."""

from typing import Final, NamedTuple, TypeVar
from urllib.parse import quote

import orjson
from pydantic import ValidationError

from flowloom_contracts.base import Document
from flowloom_contracts.topics import Component
from flowloom_servicekit.dapr.sidecar import Sidecar, SidecarAnswer
from flowloom_servicekit.errors import PreconditionFailedError, UpstreamError

STATE_SECONDS: Final = 5.0

D = TypeVar("D", bound=Document)


class Stored(NamedTuple):
    """A document's JSON and the state of it that a later `put` may insist on."""

    json: bytes
    etag: str


class StateStore:
    """One component; a service sees only its own keys."""

    def __init__(self, sidecar: Sidecar, component: Component) -> None:
        self._sidecar = sidecar
        self._component = component

    async def get(self, key: str, kind: type[D]) -> D | None:
        """Return the document, None when there is none. Raises `UpstreamError`."""
        stored = await self.get_stored(key)
        if stored is None:
            return None
        try:
            return kind.model_validate_json(stored.json)
        except ValidationError as error:
            raise UpstreamError(f"the state of {key!r} has another shape", retry_after=None) from error

    async def get_stored(self, key: str) -> Stored | None:
        """Return the document as it is kept. Raises `UpstreamError`."""
        response = await self._send("GET", f"/{quote(key, safe='')}")
        if response.status_code == 204 or not response.content:
            return None
        return Stored(response.content, response.headers.get("etag", ""))

    async def put(
        self,
        key: str,
        document: Document,
        *,
        etag: str | None = None,
        first: bool = False,
        ttl_s: int | None = None,
    ) -> None:
        """Keep a document; with `etag` only over that state of it, else `PreconditionFailedError`.

        With `first` and no `etag` there must be no document yet.
        """
        item: dict[str, object] = {"key": key, "value": document.model_dump(mode="json")}
        if etag is not None:
            item["etag"] = etag
        if etag is not None or first:
            item["options"] = {"concurrency": "first-write"}
        if ttl_s is not None:
            item["metadata"] = {"ttlInSeconds": str(ttl_s)}
        await self._send("POST", "", orjson.dumps([item]))

    async def delete(self, key: str) -> None:
        """Forget a document; nothing happens when there is none. Raises `UpstreamError`."""
        await self._send("DELETE", f"/{quote(key, safe='')}")

    async def _send(self, method: str, path: str, content: bytes | None = None) -> SidecarAnswer:
        response = await self._sidecar.send(
            method,
            f"/v1.0/state/{self._component}{path}",
            timeout_s=STATE_SECONDS,
            content=content,
            headers={"content-type": "application/json"},
        )
        if response.status_code == 409:
            raise PreconditionFailedError("the document has changed meanwhile")
        if response.status_code >= 300:
            raise UpstreamError(f"the store {str(self._component)!r} answered {response.status_code}")
        return response
