"""The refresh cookie: where a session that is answered leaves its other half."""

from typing import Final

from fastapi import Request, Response

from flowloom_contracts.api import Session
from gateway.domain.devices import device_of
from gateway.domain.origins import is_loopback
from gateway.ports import Visit
from gateway.settings import Settings
from gateway.usecases.sessions import REFRESH_LIFETIME, SignedIn

MAX_ADDRESS_CHARS: Final = 64


def cookie_name(settings: Settings) -> str:
    """Return the name of the refresh cookie; browsers refuse the prefix without TLS."""
    return "__Host-flowloom_refresh" if is_secure(settings) else "flowloom_refresh"


def is_secure(settings: Settings) -> bool:
    """Whether cookies travel over TLS only: everywhere but on plain loopback."""
    return settings.public_url.startswith("https:") or not is_loopback(settings.public_url)


def answered(signed_in: SignedIn, response: Response, settings: Settings) -> Session:
    """Return the session for the body and put its refresh token into the cookie."""
    response.set_cookie(
        cookie_name(settings),
        signed_in.refresh_token,
        max_age=int(REFRESH_LIFETIME.total_seconds()),
        path="/",
        secure=is_secure(settings),
        httponly=True,
        samesite="strict",
    )
    return signed_in.session


def forget(response: Response, settings: Settings) -> None:
    """Let the browser drop the cookie."""
    response.delete_cookie(
        cookie_name(settings), path="/", secure=is_secure(settings), httponly=True, samesite="strict"
    )


def visit_of(request: Request) -> Visit:
    """Return what a browser says of itself, and the address that the connection came from."""
    address = request.client.host[:MAX_ADDRESS_CHARS] if request.client else "unknown"
    return Visit(device=device_of(request.headers.get("user-agent", "")), address=address)
