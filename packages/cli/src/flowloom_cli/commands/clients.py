"""`flowloom clients`: programs that get access tokens by a secret of their own (OAuth client credentials)."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from flowloom_cli.errors import UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.options import AsJson, Key, Url
from flowloom_cli.private_files import write_private
from flowloom_cli.settings import Settings

if TYPE_CHECKING:
    from flowloom_cli.client import GatewayClient
    from flowloom_contracts.sign_in import ApiClient, ApiClientCreated

app = typer.Typer(help="Programs that sign in with a secret of their own.", no_args_is_help=True)
Answer = TypeVar("Answer")
ClientId = Annotated[str, typer.Argument(metavar="CLIENT", help="Id of the client, as `list` shows it.")]
SecretFile = Annotated[
    Path | None,
    typer.Option("--secret-file", help="A new file for the secret, which is not printed then; mode 0600."),
]


@app.command("list")
def list_clients(*, as_json: AsJson = False, url: Url = None, key: Key = None) -> None:
    """List the clients that were not revoked, newest first; secrets are never shown again."""
    with shown_to_people():
        found = _asked(lambda client: client.api_clients(), url, key)
        if as_json:
            typer.echo(json.dumps([one.model_dump(mode="json") for one in found], indent=2))
            return
        for one in found:
            typer.echo(f"{one.id}  {one.name}  {' '.join(one.scopes)}  {_life(one)}")
        if not found:
            typer.echo("no API clients; `flowloom clients create NAME --scope …` makes one", err=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called in lists and in the audit.")],
    *,
    scopes: Annotated[
        list[str], typer.Option("--scope", help="A permission, such as runs:start; can be repeated.")
    ],
    days: Annotated[int | None, typer.Option("--days", min=1, help="Ends after so many days.")] = None,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Make a client that acts for you, within some of your permissions; its secret is shown once."""
    with shown_to_people():
        from flowloom_contracts.sign_in import CreateApiClient

        _check_free(secret_file)
        ends_at = None if days is None else datetime.now(UTC) + timedelta(days=days)
        body = CreateApiClient(name=name, scopes=scopes, expires_at=ends_at)
        made = _asked(lambda client: client.create_api_client(body), url, key)
        _show(made, secret_file, as_json=as_json)


@app.command()
def rotate(
    client_id: ClientId,
    *,
    grace_hours: Annotated[
        float, typer.Option("--grace-hours", min=0, max=24, help="How long the old secret still works.")
    ] = 24,
    secret_file: SecretFile = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Give your client a new secret, which is shown once; the old one works a while longer."""
    with shown_to_people():
        from flowloom_contracts.sign_in import RotateApiClient

        _check_free(secret_file)
        body = RotateApiClient(grace_hours=grace_hours)
        made = _asked(lambda client: client.rotate_api_client(client_id, body), url, key)
        _show(made, secret_file, as_json=as_json)


@app.command()
def revoke(
    client_id: ClientId,
    *,
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """End a client: its secret at once, its tokens within two seconds."""
    with shown_to_people():
        if not is_sure:
            typer.confirm(f"Programs that use {client_id} will be refused. Revoke it?", abort=True, err=True)
        _asked(lambda client: client.revoke_api_client(client_id), url, key)
        typer.echo(f"revoked {client_id}")


def _asked(ask: "Callable[[GatewayClient], Awaitable[Answer]]", url: str | None, key: str | None) -> Answer:
    # Here, because the client takes a second to import that `flowloom status` can spare.
    from flowloom_cli import credentials
    from flowloom_cli.client import GatewayClient

    async def carried_out() -> Answer:
        async with GatewayClient(credentials.find(Settings.load(), url=url, key=key)) as client:
            return await ask(client)

    return asyncio.run(carried_out())


def _check_free(secret_file: Path | None) -> None:
    """Refuse before anything is made: a secret that cannot be kept is lost."""
    if secret_file is not None and (secret_file.exists() or not secret_file.parent.is_dir()):
        raise UsageError(f"{str(secret_file)!r} cannot be a new file", hint="name one that does not exist")


def _show(made: "ApiClientCreated", secret_file: Path | None, *, as_json: bool) -> None:
    if secret_file is not None:
        write_private(secret_file, f"{made.client_secret}\n")
    if as_json:
        left_out = {"client_secret"} if secret_file is not None else None
        typer.echo(made.model_dump_json(indent=2, exclude=left_out))
        return
    typer.echo(f"client_id      {made.id}")
    kept = made.client_secret if secret_file is None else f"in {secret_file}"
    typer.echo(f"client_secret  {kept}")
    if secret_file is None:
        typer.echo("Keep the secret now: it is not shown again.", err=True)
    if made.old_secret_until is not None:
        typer.echo(f"The old secret works until {made.old_secret_until:%Y-%m-%d %H:%M %Z}.", err=True)


def _life(one: "ApiClient") -> str:
    ends = f"ends {one.expires_at:%Y-%m-%d}" if one.expires_at else "does not end"
    used = f"used {one.last_used_at:%Y-%m-%d}" if one.last_used_at else "never used"
    return f"by {one.created_by}, {ends}, {used}"
