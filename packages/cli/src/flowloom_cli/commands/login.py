"""`flowloom login`: sign in to a platform once and keep an API key for later commands."""

import asyncio
import json
import sys
from typing import Annotated

import typer

from flowloom_cli.errors import UsageError
from flowloom_cli.exits import shown_to_people
from flowloom_cli.private_files import write_private
from flowloom_cli.settings import Settings
from flowloom_cli.supervision.home_lock import HomeLock


def login(
    *,
    url: Annotated[str | None, typer.Option("--url", help="Address of the platform.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="Asked for when not given.")] = None,
    password: Annotated[
        str | None,
        typer.Option("--password", help="Asked for when not given; visible to others on this machine."),
    ] = None,
    from_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input: for scripts.")
    ] = False,
    totp: Annotated[
        str | None, typer.Option("--totp", help="Code of the authenticator; asked for where one is needed.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON document, without the key.")
    ] = False,
) -> None:
    """Sign in with e-mail and password, without a browser; the key is written to owner.json of this home."""
    with shown_to_people():
        # Here, because the client takes a second to import that `flowloom status` can spare.
        from flowloom_cli.owner import Owner, owner_file, read_owner

        settings = Settings.load()
        known = read_owner(settings.home_dir)
        address = (url or settings.url or (known.base_url if known else "")).rstrip("/")
        if not address:
            raise UsageError("which platform?", hint="give --url, for example --url http://127.0.0.1:8080")
        _protect_local_owner(settings, address, known.base_url if known else None)
        who = email or typer.prompt("E-mail", err=True)
        secret = password or _password(from_stdin=from_stdin)
        key = _key(address, who, secret, totp, may_ask=not from_stdin)
        kept = known.password if known and (known.base_url, known.email) == (address, who) else ""
        owner = Owner(base_url=address, email=who, password=kept, api_key=key)
        write_private(owner_file(settings.home_dir), json.dumps(owner.model_dump(), indent=2) + "\n")
        if as_json:
            kept_in = str(owner_file(settings.home_dir))
            typer.echo(json.dumps({"base_url": address, "email": who, "kept_in": kept_in}, indent=2))
            return
        typer.echo(f"signed in to {address} as {who}; the key is in {owner_file(settings.home_dir)}")


def _password(*, from_stdin: bool) -> str:
    if not from_stdin:
        asked: str = typer.prompt("Password", hide_input=True, err=True)
        return asked
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise UsageError("no password on standard input")
    return given


def _key(address: str, email: str, password: str, totp: str | None, *, may_ask: bool) -> str:
    """Sign in, and ask for the code of the authenticator if the platform does."""
    from flowloom_cli.signing_in import CodeNeededError, sign_in

    try:
        return asyncio.run(sign_in(address, email, password, totp=totp))
    except CodeNeededError:
        if totp is not None or not may_ask:
            raise
    code = typer.prompt("Code of the authenticator", err=True)
    return asyncio.run(sign_in(address, email, password, totp=code))


def _protect_local_owner(settings: Settings, address: str, known: str | None) -> None:
    if known is None or known == address or HomeLock(settings.home_dir).holder() is None:
        return
    raise UsageError(
        f"{settings.home_dir} belongs to the platform that runs at {known}",
        hint="set FLOWLOOM_HOME to another folder for another platform's credentials",
    )
