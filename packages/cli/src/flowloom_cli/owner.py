"""The local owner: created once through the public interface, kept in `owner.json` for scripts."""

import json
from pathlib import Path
from typing import Final

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from flowloom_cli.errors import CliError, PartFailedError
from flowloom_cli.private_files import write_private
from flowloom_contracts.api import ApiKeyCreated, Session

OWNER_EMAIL: Final = "owner@flowloom.local"
OWNER_WORKSPACE: Final = "Home"
KEY_NAME: Final = "flowloom command line"
ALL_SCOPES: Final = ("*",)
LIMIT_S: Final = 20.0


class Owner(BaseModel):
    """The content of `owner.json`."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    base_url: str
    email: str
    password: str
    api_key: str


def owner_file(home: Path) -> Path:
    return home / "owner.json"


def read_owner(home: Path) -> Owner | None:
    """Return the owner's credentials, or None before the first start; raises CliError when unreadable."""
    path = owner_file(home)
    if not path.exists():
        return None
    try:
        return Owner.model_validate_json(path.read_text())
    except ValidationError as error:
        raise CliError(
            f"{path} is not a file of credentials",
            hint="remove it and start again: `flowloom up` writes it anew",
        ) from error


async def ensure_owner(
    home: Path,
    *,
    base_url: str,
    setup_token: str,
    password: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Owner:
    """Return working credentials: those on file, else of a new owner, else by signing in again."""
    async with httpx.AsyncClient(
        base_url=base_url, trust_env=False, timeout=LIMIT_S, transport=transport
    ) as client:
        known = read_owner(home)
        if known is not None and await _works(client, known):
            owner = known.model_copy(update={"base_url": base_url})
        else:
            owner = await _create(client, base_url=base_url, setup_token=setup_token, password=password)
    if owner != known:
        write_private(owner_file(home), json.dumps(owner.model_dump(), indent=2) + "\n")
    return owner


async def _works(client: httpx.AsyncClient, owner: Owner) -> bool:
    answer = await client.get("/v1/me", headers={"X-API-Key": owner.api_key})
    return answer.status_code == httpx.codes.OK


async def _create(client: httpx.AsyncClient, *, base_url: str, setup_token: str, password: str) -> Owner:
    claim = {
        "setup_token": setup_token,
        "email": OWNER_EMAIL,
        "password": password,
        "workspace": OWNER_WORKSPACE,
    }
    answer = await client.post("/v1/auth/setup", json=claim)
    if answer.status_code == httpx.codes.CONFLICT:
        # A start that was killed between the claim and the file: the password is still in secrets.json.
        answer = await client.post("/v1/auth/login", json={"email": OWNER_EMAIL, "password": password})
    session = Session.model_validate_json(_content(answer, "the local owner cannot sign in"))
    body = {"name": KEY_NAME, "scopes": list(ALL_SCOPES)}
    bearer = {"Authorization": f"Bearer {session.access_token}"}
    created = await client.post("/v1/api-keys", json=body, headers=bearer)
    key = ApiKeyCreated.model_validate_json(_content(created, "the local owner gets no API key"))
    return Owner(base_url=base_url, email=OWNER_EMAIL, password=password, api_key=key.key)


def _content(answer: httpx.Response, trouble: str) -> bytes:
    if answer.is_success:
        return answer.content
    raise PartFailedError(
        "gateway",
        f"{trouble}: {answer.status_code} {answer.text[:300]}",
        hint="was this home set up by hand? then `flowloom login` and use FLOWLOOM_API_KEY",
    )
