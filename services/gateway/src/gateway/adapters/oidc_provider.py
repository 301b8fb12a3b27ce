"""One OpenID Connect provider: found by discovery, asked with code and PKCE, checked by Authlib."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import orjson
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, ValidationError

from flowloom_contracts.base import JsonValue
from flowloom_servicekit.clock import Clock
from flowloom_servicekit.errors import DomainError, UpstreamError
from flowloom_servicekit.outbound.client import OutboundClient
from flowloom_servicekit.outbound.request import Limits, OutboundRequest
from gateway.adapters.oidc_settings import GivenProvider
from gateway.domain.origins import is_loopback
from gateway.domain.providers import MembershipRule, ProviderUnwellError, SignInRefusedError
from gateway.oidc_ports import Leaving, Returned

LIMITS: Final = Limits(connect_s=5, first_byte_s=10, idle_s=10, total_s=20, body_bytes=512_000)
DISCOVERY_SECONDS: Final = 3_600.0
KEYS_AGAIN_SECONDS: Final = 30.0
"""How soon keys are fetched again because a token names one that is not known."""

MAX_TOKEN_CHARS: Final = 16_384
LEEWAY_SECONDS: Final = 60
_KEY_HEADERS: Final = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "zip"})


class _Metadata(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    authorization_response_iss_parameter_supported: bool = False
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


@dataclass(frozen=True, slots=True)
class _Fetched:
    metadata: _Metadata
    keys: KeySet
    at: float


class OidcProvider:
    """Provider over HTTP; what it says of itself is trusted for an hour."""

    def __init__(self, given: GivenProvider, *, outside: OutboundClient, clock: Clock) -> None:
        self._given = given
        self._outside = outside
        self._clock = clock
        self._fetched: _Fetched | None = None

    @property
    def id(self) -> str:
        """Return its name in paths."""
        return self._given.id

    @property
    def title(self) -> str:
        """Return its name for people."""
        return self._given.title

    @property
    def rules(self) -> tuple[MembershipRule, ...]:
        """Return what decides about memberships."""
        return tuple(given.rule for given in self._given.memberships)

    async def address(self, leaving: Leaving) -> str:
        """Return where to send the browser, with a challenge that only our verifier answers."""
        metadata = (await self._known()).metadata
        uri: str = prepare_grant_uri(
            metadata.authorization_endpoint,
            self._given.client_id,
            "code",
            redirect_uri=leaving.redirect_uri,
            scope=self._given.scopes,
            state=leaving.state,
            nonce=leaving.nonce,
            code_challenge=create_s256_code_challenge(leaving.verifier),
            code_challenge_method="S256",
        )
        return uri

    async def claims(self, returned: Returned) -> Mapping[str, JsonValue]:
        """Redeem a code and return the claims of its ID token."""
        metadata = (await self._known()).metadata
        self._check_issuer(returned.issuer, metadata)
        answer = await self._json(self._token_request(returned, metadata), refusal=SignInRefusedError)
        token, access = answer.get("id_token"), answer.get("access_token")
        if not isinstance(token, str) or len(token) > MAX_TOKEN_CHARS:
            raise SignInRefusedError("The provider gave no ID token.")
        params = {
            "client_id": self._given.client_id,
            "nonce": returned.nonce,
            "access_token": access if isinstance(access, str) else None,
        }
        return await self._verified(token, params)

    def _check_issuer(self, issuer: str | None, metadata: _Metadata) -> None:
        """Compare who answers (RFC 9207), so that one provider's code is not redeemed at another."""
        promised = metadata.authorization_response_iss_parameter_supported
        if issuer != self._given.issuer and (promised or issuer is not None):
            raise SignInRefusedError("Another provider has answered.")

    def _token_request(self, returned: Returned, metadata: _Metadata) -> OutboundRequest:
        form = {
            "grant_type": "authorization_code",
            "code": returned.code,
            "redirect_uri": returned.redirect_uri,
            "code_verifier": returned.verifier,
        }
        headers = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
        secret = self._given.client_secret
        if secret is None:
            form["client_id"] = self._given.client_id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            pair = f"{quote(self._given.client_id, '')}:{quote(secret.get_secret_value(), '')}"
            headers["authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": self._given.client_id, "client_secret": secret.get_secret_value()}
        return OutboundRequest(
            "POST",
            metadata.token_endpoint,
            headers=headers,
            body=urlencode(form).encode(),
            limits=LIMITS,
            is_repeatable=False,
        )

    async def _verified(self, token: str, params: dict[str, str | None]) -> Mapping[str, JsonValue]:
        try:
            decoded = await self._decoded(token)
            self._check_header(decoded.header)
            claims = CodeIDToken(decoded.claims, decoded.header, self._expected(), params)
            claims.validate(now=int(self._clock.now().timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise SignInRefusedError("The provider's ID token is not an answer to our question.") from error
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= 255 or "nonce" not in claims:
            raise SignInRefusedError("The provider's ID token names nobody.")
        return dict(claims)

    def _check_header(self, header: Mapping[str, Any]) -> None:  # JOSE's own shape
        if _KEY_HEADERS & set(header) or header.get("typ", "JWT") not in {"JWT", "jwt"}:
            raise ValueError("the header brings its own key, or another kind of token")

    def _expected(self) -> dict[str, Any]:  # Authlib's own shape
        return {
            "iss": {"essential": True, "value": self._given.issuer},
            "aud": {"essential": True, "value": self._given.client_id},
            "nonce": {"essential": True},
        }

    async def _decoded(self, token: str) -> jwt.Token:
        keys = (await self._known()).keys
        try:
            return jwt.decode(token, keys, algorithms=list(self._given.algorithms))
        except JoseError:
            # Its keys may have been changed since; a stranger cannot make us ask more often than this.
            again = await self._known(max_age_s=KEYS_AGAIN_SECONDS)
            if again.keys is keys:
                raise
            return jwt.decode(token, again.keys, algorithms=list(self._given.algorithms))

    async def _known(self, *, max_age_s: float = DISCOVERY_SECONDS) -> _Fetched:
        known = self._fetched
        if known is None or self._clock.monotonic() - known.at > max_age_s:
            known = self._fetched = await self._fetch()
        return known

    async def _fetch(self) -> _Fetched:
        """Read the discovery document, whose issuer must be the one we asked, then the keys."""
        address = f"{self._given.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            metadata = _Metadata.model_validate(await self._get(address))
            if metadata.issuer != self._given.issuer:
                raise ProviderUnwellError("Its discovery document is of another issuer.")
            for endpoint in (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri):
                self._check_encrypted(endpoint)
            keys = KeySet.import_key_set(await self._get(metadata.jwks_uri))  # type: ignore[arg-type]  # judged by the library
        except (ValidationError, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProviderUnwellError("What it says of itself is not as the standard says.") from error
        return _Fetched(metadata, keys, self._clock.monotonic())

    def _check_encrypted(self, address: str) -> None:
        plain_here = is_loopback(self._given.issuer) and is_loopback(address)
        if urlsplit(address).scheme != "https" and not plain_here:
            raise ProviderUnwellError("An endpoint of it is not encrypted.")

    async def _get(self, address: str) -> dict[str, JsonValue]:
        request = OutboundRequest("GET", address, headers={"accept": "application/json"}, limits=LIMITS)
        return await self._json(request, refusal=ProviderUnwellError)

    async def _json(
        self, request: OutboundRequest, *, refusal: type[SignInRefusedError | ProviderUnwellError]
    ) -> dict[str, JsonValue]:
        try:
            answer = await self._outside.request(request)
        except (UpstreamError, DomainError) as error:
            raise ProviderUnwellError("It cannot be reached.") from error
        if answer.status >= 500:
            raise ProviderUnwellError("It is unwell.")
        try:
            found = orjson.loads(answer.body) if answer.status == 200 else None
        except orjson.JSONDecodeError:
            found = None
        if not isinstance(found, dict):
            raise refusal("The provider has refused.")
        return found
