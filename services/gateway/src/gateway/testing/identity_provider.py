"""An identity provider on this machine that answers as a test wants it to, honestly or not."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_servicekit.clock import Clock

CLIENT_ID = "flowloom"
CLIENT_SECRET = "the-secret-of-the-client"
NO_SIGNATURE = b'{"alg":"none"}'


@dataclass(slots=True)
class _Granted:
    nonce: str
    challenge: str
    redirect_uri: str


@dataclass
class IdentityProvider:
    """Honest by default; the fields below `Mischief` change single things."""

    clock: Clock
    issuer: str = ""
    person: JsonObject = field(default_factory=lambda: {"sub": "ada", "groups": ["makers"]})
    key: RSAKey | ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "one"}))
    # Mischief.
    claims: JsonObject = field(default_factory=dict)
    header: JsonObject = field(default_factory=dict)
    metadata: JsonObject = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    signs_with: RSAKey | ECKey | OctKey | None = None
    unsigned: bool = False
    id_token: JsonValue = None
    status: int = 200
    discoveries: int = 0
    key_requests: int = 0
    codes: dict[str, _Granted] = field(default_factory=dict)
    redeemed: list[dict[str, str]] = field(default_factory=list)
    app: FastAPI = field(init=False)

    def __post_init__(self) -> None:
        self.app = FastAPI()
        self.app.get("/.well-known/openid-configuration")(self._discover)
        self.app.get("/keys")(self._keys)
        self.app.post("/token")(self._token)

    def consent(self, address: str) -> dict[str, str]:
        """Return what the browser brings back from the page at this address."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.codes)}"
        self.codes[code] = _Granted(
            asked.get("nonce", ""), asked.get("code_challenge", ""), asked["redirect_uri"]
        )
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    async def _discover(self) -> JSONResponse:
        self.discoveries += 1
        known: JsonObject = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "authorization_response_iss_parameter_supported": True,
        }
        return JSONResponse({**known, **self.metadata})

    async def _keys(self) -> JSONResponse:
        self.key_requests += 1
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request: Request) -> JSONResponse:
        form = dict(parse_qsl((await request.body()).decode()))
        self.redeemed.append({**form, "authorization": request.headers.get("authorization", "")})
        granted = self.codes.pop(form["code"], None)
        if granted is None or not _answers(form["code_verifier"], granted.challenge):
            return JSONResponse({"error": "invalid_grant"}, 400)
        token = self.id_token if self.id_token is not None else self._signed(granted.nonce)
        return JSONResponse({"access_token": "opaque", "id_token": token}, self.status)

    def _signed(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        claims: Mapping[str, JsonValue] = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.person,
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if name not in self.left_out}
        key = self.signs_with or self.key
        if self.unsigned:
            return f"{_part(NO_SIGNATURE)}.{_part(jwt_bytes(told))}."
        alg = {"RSA": "RS256", "EC": "ES256", "oct": "HS256"}[key.key_type]
        header = {"alg": alg, "kid": self.key.kid, **self.header}
        registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
        return jwt.encode(header, told, key, algorithms=[alg], registry=registry)


def jwt_bytes(claims: Mapping[str, JsonValue]) -> bytes:
    """Return claims as JSON."""
    return bytes(JSONResponse(dict(claims)).body)


def _answers(verifier: str, challenge: str) -> bool:
    return _part(hashlib.sha256(verifier.encode()).digest()) == challenge


def _part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
