"""Exchange e-mail and password for an API key."""

import platform
from typing import Final

import httpx
from pydantic import ValidationError

from flowloom_cli.errors import CliError
from flowloom_cli.owner import ALL_SCOPES
from flowloom_contracts.api import ApiKeyCreated, Session
from flowloom_contracts.problem import Problem

LIMIT_S: Final = 20.0
SECOND_FACTOR: Final = "/problems/second-factor-required"


class CodeNeededError(CliError):
    """The password is right, and a code of the authenticator is asked for as well."""


async def sign_in(
    address: str,
    email: str,
    password: str,
    *,
    totp: str | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> str:
    """Return a new API key of this person; raises CliError, CodeNeededError where `totp` is missing."""
    said = {"email": email, "password": password} | ({"totp": totp} if totp else {})
    try:
        async with httpx.AsyncClient(base_url=address, timeout=LIMIT_S, transport=transport) as client:
            answer = await client.post("/v1/auth/login", json=said)
            session = Session.model_validate_json(_content(answer))
            bearer = {"Authorization": f"Bearer {session.access_token}"}
            body = {"name": f"flowloom on {platform.node()}"[:80], "scopes": list(ALL_SCOPES)}
            created = await client.post("/v1/api-keys", json=body, headers=bearer)
            return ApiKeyCreated.model_validate_json(_content(created)).key
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise CliError(f"{address} does not answer ({error})", hint="check --url") from error
    except ValidationError as error:
        raise CliError(f"{address} is not a Flowloom gateway", hint="check --url") from error


def _content(answer: httpx.Response) -> bytes:
    if answer.is_success:
        return answer.content
    problem = Problem.model_validate_json(answer.content)
    if problem.type == SECOND_FACTOR:
        raise CodeNeededError("a code of the authenticator is needed", hint="give --totp CODE")
    raise CliError(f"{problem.title}{': ' if problem.detail else ''}{problem.detail}")
