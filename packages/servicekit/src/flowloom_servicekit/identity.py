"""Who a service is to another: five-minute ES256 tokens that each app-id signs with its own key."""

import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable, Container
from functools import cached_property
from pathlib import Path
from typing import Final

from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from flowloom_servicekit.errors import ForbiddenError, UnauthenticatedError

TOKEN_SECONDS: Final = 300
RENEW_BEFORE_SECONDS: Final = 60
LEEWAY_SECONDS: Final = 5
MAX_TOKEN_CHARS: Final = 8_192
# Only the signature is remembered, and not for longer than quality.md A5 allows.
VERIFIED_SECONDS: Final = 30
VERIFIED_KEPT: Final = 256


class ServiceIdentity:
    """Signs for one app-id and recognises the others by `<app-id>.pub.pem` in the keys folder.

    Keys are read at first use, so that building an application touches no file.
    """

    def __init__(self, app_id: str, keys_dir: Path, *, now: Callable[[], float] = time.time) -> None:
        self.app_id = app_id
        self._keys_dir = keys_dir
        self._now = now
        self._issued: dict[str, tuple[str, float]] = {}
        self._public_keys: dict[str, ECKey] = {}
        self._verified: dict[bytes, tuple[str, float]] = {}

    @cached_property
    def _private_key(self) -> ECKey:
        return ECKey.import_key((self._keys_dir / f"{self.app_id}.key.pem").read_bytes())

    def token_for(self, audience: str) -> str:
        """Return a token for calls to another service, signed anew every four minutes."""
        now = self._now()
        token, renew_at = self._issued.get(audience, ("", 0.0))
        if now < renew_at:
            return token
        claims = {
            "iss": self.app_id,
            "sub": self.app_id,
            "aud": audience,
            "iat": int(now),
            "exp": int(now) + TOKEN_SECONDS,
        }
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, self._private_key, algorithms=["ES256"])
        self._issued[audience] = (token, now + TOKEN_SECONDS - RENEW_BEFORE_SECONDS)
        return token

    def verify(self, token: str) -> str:
        """Return the app-id of the caller, or raise `UnauthenticatedError`."""
        if len(token) > MAX_TOKEN_CHARS:
            raise UnauthenticatedError("the service token is too long")
        digest = hashlib.sha256(token.encode()).digest()
        caller, until = self._verified.get(digest, ("", 0.0))
        if self._now() < until:
            return caller
        caller, expires_at = self._check(token)
        if len(self._verified) >= VERIFIED_KEPT:
            self._verified.clear()
        self._verified[digest] = (caller, min(expires_at, self._now() + VERIFIED_SECONDS))
        return caller

    def _check(self, token: str) -> tuple[str, float]:
        try:
            issuer = _unverified_issuer(token)
            decoded = jwt.decode(token, self._public_key(issuer), algorithms=["ES256"])
            claims = decoded.claims
            rules = jwt.JWTClaimsRegistry(
                now=int(self._now()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": issuer},
                sub={"essential": True, "value": issuer},
                aud={"essential": True, "value": self.app_id},
                exp={"essential": True},
                iat={"essential": True},
            )
            rules.validate(claims)
        except (JoseError, ValueError, LookupError, TypeError, OSError) as error:
            raise UnauthenticatedError("the service token is not valid") from error
        if claims["exp"] - claims["iat"] > TOKEN_SECONDS:
            raise UnauthenticatedError("the service token lives too long")
        return issuer, float(claims["exp"])

    def _public_key(self, app_id: str) -> ECKey:
        key = self._public_keys.get(app_id)
        if key is None:
            if not app_id.replace("-", "").isalnum():
                raise ValueError(f"{app_id!r} is not an app-id")
            key = ECKey.import_key((self._keys_dir / f"{app_id}.pub.pem").read_bytes())
            self._public_keys[app_id] = key
        return key


def _unverified_issuer(token: str) -> str:
    """Read the issuer to choose the key by; the signature is checked with that key afterwards."""
    payload = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    issuer = claims["iss"]
    if not isinstance(issuer, str):
        raise TypeError("iss is not text")
    return issuer


def caller(allowed: Container[str]) -> Callable[[Request], Awaitable[str]]:
    """Return a dependency that gives the calling app-id and refuses those not in `allowed`."""

    async def calling_app(request: Request) -> str:  # a plain function would cost a hop to a thread
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise UnauthenticatedError("a service token is required")
        identity: ServiceIdentity = request.app.state.identity
        app_id = identity.verify(token.strip())
        if app_id not in allowed:
            raise ForbiddenError(f"{app_id!r} may not call this")
        return app_id

    return calling_app
