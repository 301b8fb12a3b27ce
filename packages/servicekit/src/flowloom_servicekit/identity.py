"""Who a service is to another: five-minute ES256 tokens that each app-id signs with its own key.

A token is for one purpose: whoever gets hold of it can do nothing else with it, and nothing elsewhere.
"""

import base64
import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, TypeAlias

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from flowloom_contracts.scopes import scopes_with
from flowloom_servicekit.errors import ForbiddenError, UnauthenticatedError
from flowloom_servicekit.purposes import Purpose

TOKEN_SECONDS: Final = 300
RENEW_BEFORE_SECONDS: Final = 60
LEEWAY_SECONDS: Final = 5
MAX_TOKEN_CHARS: Final = 8_192
# Only the signature is remembered, and not for longer than quality.md A5 allows.
VERIFIED_SECONDS: Final = 30
VERIFIED_KEPT: Final = 256
ISSUED_KEPT: Final = 1_024

_Issued: TypeAlias = tuple[str, frozenset[str], str | None, str | None]
"""Audience, scopes, workspace and run of a token."""


@dataclass(frozen=True, slots=True)
class ServiceToken:
    """What a token that is genuine says: who signed it, for whom, and what for.

    A mandate has no `scopes`: its holder shows it beside a token of its own, which has.
    """

    app_id: str
    holder: str
    scopes: frozenset[str] | None
    workspace_id: str | None
    run_id: str | None
    expires_at: float

    def check(self, purpose: Purpose) -> None:
        """Raise `ForbiddenError` for any other operation, workspace or run."""
        if purpose.scope not in (self.scopes or ()):
            raise ForbiddenError(f"the service token is not for {purpose.scope!r}")
        if self.workspace_id != purpose.workspace_id:
            raise ForbiddenError("the service token is for another workspace")
        if self.run_id != purpose.run_id:
            raise ForbiddenError("the service token is for another run")


class ServiceIdentity:
    """Signs for one app-id and recognises the others by `<app-id>.pub.pem` in the keys folder.

    Keys are read at first use, so that building an application touches no file.
    """

    def __init__(self, app_id: str, keys_dir: Path, *, now: Callable[[], float] = time.time) -> None:
        self.app_id = app_id
        self._keys_dir = keys_dir
        self._now = now
        self._issued: OrderedDict[_Issued, tuple[str, float]] = OrderedDict()
        self._public_keys: dict[str, ECKey] = {}
        self._verified: dict[bytes, tuple[ServiceToken, float]] = {}

    @cached_property
    def _private_key(self) -> ECKey:
        return ECKey.import_key((self._keys_dir / f"{self.app_id}.key.pem").read_bytes())

    def token_for(self, audience: str, purpose: Purpose) -> str:
        """Return a token for such calls to another service, signed anew every four minutes.

        Where a purpose belongs to a piece of work, the token is for all of that work on the same run.
        """
        now, scopes = self._now(), scopes_with(purpose.scope)
        known = (audience, scopes, purpose.workspace_id, purpose.run_id)
        token, renew_at = self._issued.get(known, ("", 0.0))
        if now < renew_at:
            return token
        token = self._signed(
            {"sub": self.app_id, "aud": audience, "scopes": sorted(scopes)},
            workspace_id=purpose.workspace_id,
            run_id=purpose.run_id,
        )
        self._issued[known] = (token, now + TOKEN_SECONDS - RENEW_BEFORE_SECONDS)
        if len(self._issued) > ISSUED_KEPT:
            self._issued.popitem(last=False)
        return token

    def mandate(self, holder: str, audiences: Sequence[str], *, workspace_id: str, run_id: str) -> str:
        """Return what shows others that another service may act for a workspace; it lasts five minutes."""
        claims: dict[str, object] = {"sub": holder, "aud": [*audiences]}
        return self._signed(claims, workspace_id=workspace_id, run_id=run_id)

    def verify(self, token: str) -> ServiceToken:
        """Return what a token says, or raise `UnauthenticatedError`."""
        digest, known = self._known(token)
        said = known or self._remember(digest, self._check(token))
        if said.scopes is None or said.holder != said.app_id:
            raise UnauthenticatedError("a mandate is no service token")
        return said

    def verify_mandate(self, mandate: str, *, issuer: str, holder: str) -> ServiceToken:
        """Return what a mandate says; raises `ForbiddenError` for one of or for somebody else."""
        try:
            digest, known = self._known(mandate)
            said = known or self._remember(digest, self._check(mandate))
        except UnauthenticatedError as error:
            raise ForbiddenError(error.detail) from error
        if said.scopes is not None or (said.app_id, said.holder) != (issuer, holder):
            raise ForbiddenError("the mandate is not for this caller")
        return said

    def _signed(self, claims: dict[str, object], *, workspace_id: str | None, run_id: str | None) -> str:
        now = int(self._now())
        claims |= {"iss": self.app_id, "iat": now, "exp": now + TOKEN_SECONDS}
        claims |= {} if workspace_id is None else {"tid": workspace_id}
        claims |= {} if run_id is None else {"run": run_id}
        return jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, self._private_key, algorithms=["ES256"])

    def _known(self, token: str) -> tuple[bytes, ServiceToken | None]:
        if len(token) > MAX_TOKEN_CHARS:
            raise UnauthenticatedError("the service token is too long")
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        return digest, known[0] if known is not None and self._now() < known[1] else None

    def _remember(self, digest: bytes, said: ServiceToken) -> ServiceToken:
        if len(self._verified) >= VERIFIED_KEPT:
            self._verified.clear()
        self._verified[digest] = (said, min(said.expires_at, self._now() + VERIFIED_SECONDS))
        return said

    def _check(self, token: str) -> ServiceToken:
        try:
            issuer = _unverified_issuer(token)
            decoded = jwt.decode(token, self._public_key(issuer), algorithms=["ES256"])
            claims = decoded.claims
            rules = jwt.JWTClaimsRegistry(
                now=int(self._now()),
                leeway=LEEWAY_SECONDS,
                iss={"essential": True, "value": issuer},
                sub={"essential": True},
                aud={"essential": True, "value": self.app_id},
                exp={"essential": True},
                iat={"essential": True},
            )
            rules.validate(claims)
            said = ServiceToken(
                app_id=issuer,
                holder=str(claims["sub"]),
                scopes=_names(claims.get("scopes")),
                workspace_id=_name(claims, "tid"),
                run_id=_name(claims, "run"),
                expires_at=float(claims["exp"]),
            )
        except (JoseError, ValueError, LookupError, TypeError, OSError) as error:
            raise UnauthenticatedError("the service token is not valid") from error
        if claims["exp"] - claims["iat"] > TOKEN_SECONDS:
            raise UnauthenticatedError("the service token lives too long")
        return said

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


def _names(claim: object) -> frozenset[str] | None:
    if claim is None:
        return None
    if not isinstance(claim, list) or not all(isinstance(name, str) for name in claim):
        raise TypeError("scopes are no list of text")
    return frozenset(claim)


def _name(claims: Mapping[str, object], claim: str) -> str | None:
    value = claims.get(claim)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{claim} is not text")
    return value
