"""Access tokens: ES256 JWTs of five minutes, signed with the gateway's own key."""

import base64
import hashlib
import json
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol
from pydantic import BaseModel, ConfigDict, ValidationError

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.ids import new_id
from gateway.adapters.signing_keys import KeySource, SigningKey
from gateway.ports import ACCESS_TOKEN_LIFETIME, TokenClaims, TokenSubject

AUDIENCE: Final = "flowloom"
TYPE: Final = "at+jwt"
MAX_CHARS: Final = 8_192
LEEWAY_SECONDS: Final = 60
"""By how much the clocks of two gateways may differ."""

REMEMBER: Final = timedelta(seconds=30)
REMEMBERED_TOKENS: Final = 4_096

COORDINATE_BYTES: Final = 32
_ES256: Final = ec.ECDSA(SHA256())


class _Header(BaseModel):
    model_config = ConfigDict(extra="forbid")

    alg: Literal["ES256"]
    typ: Literal["at+jwt"]
    kid: str


class _Claims(BaseModel):
    # We issue these and no others: a claim that is not among them was not meant for us.
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

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
    client_id: str | None = None

    @property
    def expires_at(self) -> datetime:
        """When the token ends."""
        return datetime.fromtimestamp(self.exp, UTC)


_REFUSED: Final = "The access token is not one of ours."


class _OnceDecoder(json.JSONDecoder):
    """Reads objects in which no name stands twice: two readers would take two different ones."""

    def __init__(self) -> None:
        super().__init__(object_pairs_hook=_once)


def _once(pairs: list[tuple[str, JsonValue]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice")
    return found


_ONCE: Final = _OnceDecoder()


class _Verifier:
    """Reads tokens with the header that we write for a key: it says nothing that has to be looked at.

    The library parses header and key anew for each token, which takes as long as the signature itself.
    """

    def __init__(self, signing: SigningKey) -> None:
        token = jwt.encode(_header_for(signing), {}, signing.key, algorithms=["ES256"])
        self.header = token.partition(".")[0]
        self._public = signing.key.public_key

    def read(self, token: str) -> JsonObject:
        """Return the claims; raise InvalidSignature or ValueError."""
        signed, _, signature = token.rpartition(".")
        raw = _decoded(signature)
        if len(raw) != 2 * COORDINATE_BYTES:
            raise ValueError("the signature has another length")
        r, s = (int.from_bytes(raw[at : at + COORDINATE_BYTES]) for at in (0, COORDINATE_BYTES))
        self._public.verify(encode_dss_signature(r, s), signed.encode(), _ES256)
        claims: JsonObject = _ONCE.decode(_decoded(signed.partition(".")[2]).decode())
        return claims


def _header_for(signing: SigningKey) -> dict[str, str]:
    return {"alg": "ES256", "typ": TYPE, "kid": signing.kid}


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


class SignedAccessTokens:
    """Issues and verifies; remembers good signatures for at most 30 s, never whether a session lives."""

    def __init__(self, keys: KeySource, *, issuer: str, clock: Clock) -> None:
        self._keys = keys
        self._issuer = issuer
        self._clock = clock
        self._verified: OrderedDict[bytes, tuple[datetime, _Claims]] = OrderedDict()
        self._verifiers: dict[str, _Verifier] = {}

    def issue(self, subject: TokenSubject) -> str:
        """Return a token for a session."""
        now = self._clock.now()
        claims = _Claims(
            iss=self._issuer,
            aud=AUDIENCE,
            sub=subject.user_id,
            sid=subject.session_id,
            ws=subject.workspace_id,
            role=subject.role.name,
            scope=subject.scope,
            client_id=subject.client_id,
            iat=int(now.timestamp()),
            exp=int((now + ACCESS_TOKEN_LIFETIME).timestamp()),
            jti=new_id(),
        )
        signing = self._keys()[0]
        header = _header_for(signing)
        return jwt.encode(header, claims.model_dump(exclude_none=True), signing.key, algorithms=["ES256"])

    def verify(self, token: str) -> TokenClaims:
        """Return the claims of a token of ours that has not ended; raise UnauthenticatedError else."""
        if len(token) > MAX_CHARS or not token.isascii():
            raise UnauthenticatedError(_REFUSED)
        now = self._clock.now()
        claims = self._signed_claims(token, now)
        if claims.expires_at <= now:
            raise UnauthenticatedError("The access token has expired.")
        return TokenClaims(
            user_id=claims.sub,
            session_id=claims.sid,
            workspace_id=claims.ws,
            expires_at=claims.expires_at,
            scopes=tuple(claims.scope.split()),
            client_id=claims.client_id,
        )

    def public_keys(self) -> JsonObject:
        """Return the key set for `/.well-known/jwks.json`."""
        return {"keys": [_public(one) for one in self._keys()]}

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
            verifier = self._verifier_of(token)
            claims = _Claims.model_validate(verifier.read(token) if verifier else self._read(token))
        except (JoseError, InvalidSignature, ValidationError, ValueError, TypeError) as error:
            raise UnauthenticatedError(_REFUSED) from error
        too_long = claims.exp - claims.iat > ACCESS_TOKEN_LIFETIME.total_seconds()
        too_early = claims.iat > self._clock.now().timestamp() + LEEWAY_SECONDS
        if too_long or too_early or (claims.iss, claims.aud) != (self._issuer, AUDIENCE):
            raise UnauthenticatedError(_REFUSED)
        return claims

    def _verifier_of(self, token: str) -> "_Verifier | None":
        """Return what reads tokens of a key whose header is the one that we write, None for any other."""
        header = token.partition(".")[0]
        for one in self._keys():
            known = self._verifiers.get(one.kid)
            if known is None:
                known = self._verifiers[one.kid] = _Verifier(one)
            if known.header == header:
                return known
        return None

    def _read(self, token: str) -> JsonObject:
        """Read a token whose header is written otherwise, whatever it says."""
        decoded = jwt.decode(token, self._key_of, algorithms=["ES256"], decoder_cls=_OnceDecoder)
        _Header.model_validate(decoded.header)
        return decoded.claims

    def _key_of(self, token: GuestProtocol) -> ECKey:
        """Return the key that a token names: only ours are looked through."""
        kid = token.headers().get("kid")
        for one in self._keys():
            if one.kid == kid:
                return one.key
        raise ValueError("no such key")


def _public(signing: SigningKey) -> JsonObject:
    public: JsonObject = {name: str(value) for name, value in signing.key.as_dict(private=False).items()}
    return {**public, "kid": signing.kid, "use": "sig", "alg": "ES256"}
