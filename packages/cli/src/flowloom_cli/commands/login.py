"""`flowloom login`: sign in to a platform once and keep an API key for later commands."""

import asyncio
import json
import platform
from typing import Annotated

import httpx
import typer
from pydantic import ValidationError

from flowloom_cli.errors import CliError, UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.owner import ALL_SCOPES, Owner, owner_file, read_owner
from flowloom_cli.secrets import write_private
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.home_lock import HomeLock
from flowloom_contracts.api import ApiKeyCreated, Session
from flowloom_contracts.problem import Problem

LIMIT_S = 20.0


def login(
    url: Annotated[str | None, typer.Option("--url", help="Address of the platform.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Asked for when not given.")] = None,
    password: Annotated[
        str | None,
        typer.Option("--password", help="Asked for when not given; visible to others on this machine."),
    ] = None,
) -> None:
    """Sign in with e-mail and password; the key is written to owner.json of this home."""
    with shown_to_people():
        settings = Settings.load()
        known = read_owner(settings.home_dir)
        address = (url or settings.url or (known.base_url if known else "")).rstrip("/")
        if not address:
            raise UsageError("which platform?", hint="give --url, for example --url http://127.0.0.1:8080")
        _protect_local_owner(settings, address)
        who = email or typer.prompt("E-mail")
        secret = password or typer.prompt("Password", hide_input=True)
        key = asyncio.run(_sign_in(address, who, secret))
        kept = known.password if known and (known.base_url, known.email) == (address, who) else ""
        owner = Owner(base_url=address, email=who, password=kept, api_key=key)
        write_private(owner_file(settings.home_dir), json.dumps(owner.model_dump(), indent=2) + "\n")
        typer.echo(f"signed in to {address} as {who}; the key is in {owner_file(settings.home_dir)}")


def _protect_local_owner(settings: Settings, address: str) -> None:
    known = read_owner(settings.home_dir)
    if known is None or known.base_url == address or HomeLock(settings.home_dir).holder() is None:
        return
    raise UsageError(
        f"{settings.home_dir} belongs to the platform that runs at {known.base_url}",
        hint="set FLOWLOOM_HOME to another folder for another platform's credentials",
    )


async def _sign_in(address: str, email: str, password: str) -> str:
    try:
        async with httpx.AsyncClient(base_url=address, timeout=LIMIT_S) as client:
            answer = await client.post("/v1/auth/login", json={"email": email, "password": password})
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
    raise CliError(f"{problem.title}{': ' if problem.detail else ''}{problem.detail}")
