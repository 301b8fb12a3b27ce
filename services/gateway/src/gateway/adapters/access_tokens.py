"""Access tokens: ES256 JWTs of five minutes, signed with the gateway's own key."""

import hashlib
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey
from pydantic import BaseModel, ConfigDict, ValidationError

from flowloom_contracts.base import JsonObject
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.ids import new_id
from gateway.domain.permissions import EVERYTHING
from gateway.ports import ACCESS_TOKEN_LIFETIME, TokenClaims, TokenSubject

AUDIENCE: Final = "flowloom"
TYPE: Final = "at+jwt"
MAX_CHARS: Final = 8_192
REMEMBER: Final = timedelta(seconds=30)
REMEMBERED_TOKENS: Final = 4_096


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    alg: Literal["ES256"]
    typ: Literal["at+jwt"]
    kid: str


class _Claims(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    iss: str
    aud: str
    sub: str
    sid: str
    ws: str
    role: str
    scope: str
    iat: int
    exp: int
    jti: str

    @property
    def expires_at(self) -> datetime:
        """When the token ends."""
        return datetime.fromtimestamp(self.exp, UTC)


class SigningKeyError(Exception):
    """The key file is missing or holds no EC P-256 private key."""


def load_signing_key(path: Path) -> ECKey:
    """Return the private key of a PEM file; raise SigningKeyError with the remedy."""
    try:
        key = ECKey.import_key(path.read_bytes())
    except (OSError, ValueError, JoseError) as error:
        raise SigningKeyError(
            f"{path} holds no private key; set FLOWLOOM_GATEWAY_SIGNING_KEY_FILE to an EC P-256 key in PEM."
        ) from error
    if not key.is_private or key.curve_name != "P-256":
        raise SigningKeyError(f"{path} must hold a private key on the curve P-256.")
    return key


class SignedAccessTokens:
    """Issues and verifies; remembers good signatures for at most 30 s, never whether a session lives."""

    def __init__(self, key: ECKey, *, issuer: str, clock: Clock) -> None:
        self._key = key
        self._kid = key.thumbprint()
        self._issuer = issuer
        self._clock = clock
        self._verified: OrderedDict[bytes, tuple[datetime, _Claims]] = OrderedDict()

    def issue(self, subject: TokenSubject) -> str:
        """Return a token for a session."""
        now = self._clock.now()
        claims = _Claims(
            iss=self._issuer,
            aud=AUDIENCE,
            sub=subject.user_id,
            sid=subject.session_id,
            ws=subject.workspace_id,
            role=subject.role.value,
            scope=EVERYTHING,
            iat=int(now.timestamp()),
            exp=int((now + ACCESS_TOKEN_LIFETIME).timestamp()),
            jti=new_id(),
        )
        header = {"alg": "ES256", "typ": TYPE, "kid": self._kid}
        return jwt.encode(header, claims.model_dump(), self._key, algorithms=["ES256"])

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a token of ours that has not ended; raise UnauthenticatedError else."""
        if len(token) > MAX_CHARS or not token.isascii():
            raise UnauthenticatedError("The access token is not one of ours.")
        now = self._clock.now()
        claims = self._signed_claims(token, now)
        if claims.expires_at <= now:
            raise UnauthenticatedError("The access token has expired.")
        return TokenClaims(
            user_id=claims.sub,
            session_id=claims.sid,
            workspace_id=claims.ws,
            expires_at=claims.expires_at,
        )

    def public_keys(self) -> JsonObject:
        """Return the key set for `/.well-known/jwks.json`."""
        public: JsonObject = {name: str(value) for name, value in self._key.as_dict(private=False).items()}
        return {"keys": [{**public, "kid": self._kid, "use": "sig", "alg": "ES256"}]}

    def _signed_claims(self, token: str, now: datetime) -> _Claims:
        digest = hashlib.sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and known[0] > now:
            return known[1]
        claims = self._decode(token)
        self._verified[digest] = (now + REMEMBER, claims)
        self._verified.move_to_end(digest)
        if len(self._verified) > REMEMBERED_TOKENS:
            self._verified.popitem(last=False)
        return claims

    def _decode(self, token: str) -> _Claims:
        try:
            decoded = jwt.decode(token, self._key, algorithms=["ES256"])
            header = _Header.model_validate(decoded.header)
            claims = _Claims.model_validate(decoded.claims)
        except (JoseError, ValidationError, ValueError, TypeError) as error:
            raise UnauthenticatedError("The access token is not one of ours.") from error
        too_long = claims.exp - claims.iat > ACCESS_TOKEN_LIFETIME.total_seconds()
        if too_long or (header.kid, claims.iss, claims.aud) != (self._kid, self._issuer, AUDIENCE):
            raise UnauthenticatedError("The access token is not one of ours.")
        return claims
