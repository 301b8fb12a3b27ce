"""A service that calls another in a test: each request is signed for what it does."""

from collections.abc import Mapping, MutableMapping
from typing import Protocol, TypeVar

import orjson

from flowloom_servicekit.callers import MANDATE_HEADER
from flowloom_servicekit.identity import ServiceIdentity
from flowloom_servicekit.purposes import INTERNAL, Purpose, scope_of


class CalledUrl(Protocol):
    """Where a request of a test's client goes."""

    @property
    def path(self) -> str:
        """Everything before the query."""

    @property
    def params(self) -> Mapping[str, str]:
        """The query."""


class HttpCall(Protocol):
    """A request of a test's client."""

    @property
    def method(self) -> str:
        """The verb."""

    @property
    def url(self) -> CalledUrl:
        """Where it goes."""

    @property
    def headers(self) -> MutableMapping[str, str]:
        """What is sent beside the body."""

    @property
    def content(self) -> bytes:
        """The body."""


C = TypeVar("C", bound=HttpCall)


class SignedCalls:
    """The `auth=` of a test's client: signs as the invoker would, by path and fields of each request.

    `given_by` has given the caller a mandate for each workspace that it asks about.
    """

    def __init__(
        self, identity: ServiceIdentity, audience: str, *, given_by: ServiceIdentity | None = None
    ) -> None:
        self._identity = identity
        self._audience = audience
        self._given_by = given_by

    def __call__(self, request: C) -> C:
        """Sign a request that says nothing of itself yet."""
        if "authorization" not in request.headers:
            purpose = _purpose(request)
            token = self._identity.token_for(self._audience, purpose)
            request.headers["authorization"] = f"Bearer {token}"
            if self._given_by is not None and purpose.workspace_id is not None:
                request.headers[MANDATE_HEADER] = self._given_by.mandate(
                    self._identity.app_id, [self._audience], workspace_id=purpose.workspace_id, run_id="r"
                )
        return request


def _purpose(request: HttpCall) -> Purpose:
    said: object = dict(request.url.params)
    if request.method == "POST":
        said = orjson.loads(request.content or b"{}")
    fields = said if isinstance(said, Mapping) else {}
    named = fields.get("actor", fields)
    scope = scope_of(request.method, request.url.path.removeprefix(INTERNAL))
    return Purpose(scope, named.get("workspace_id"), fields.get("run_id"))
