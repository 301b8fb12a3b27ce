"""Platform secrets from the Dapr secret store."""

from typing import Final
from urllib.parse import quote

from pydantic import SecretStr, TypeAdapter, ValidationError

from flowloom_contracts.topics import Component
from flowloom_servicekit.dapr.sidecar import Sidecar
from flowloom_servicekit.errors import NotFoundError, UpstreamError

SECRET_SECONDS: Final = 5.0
_ANSWER = TypeAdapter(dict[str, SecretStr])


class SecretNotFoundError(NotFoundError):
    """The store has no secret of this name, or not for this service."""

    title = "No such platform secret"


class SecretStore:
    """Read-only."""

    def __init__(self, sidecar: Sidecar) -> None:
        self._sidecar = sidecar

    async def secret(self, name: str) -> SecretStr:
        """Return one secret; raise `SecretNotFoundError` or `UpstreamError`."""
        response = await self._sidecar.send(
            "GET", f"/v1.0/secrets/{Component.SECRETS}/{quote(name, safe='')}", timeout_s=SECRET_SECONDS
        )
        if response.status_code in (204, 403, 404, 500):
            raise SecretNotFoundError(f"there is no platform secret {name!r} for this service")
        try:
            return _ANSWER.validate_json(response.content)[name]
        except (ValidationError, KeyError) as error:
            raise UpstreamError(f"the secret store answered {response.status_code}") from error
