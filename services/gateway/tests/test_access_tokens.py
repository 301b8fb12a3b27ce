"""Access tokens: what is accepted is only what we issued."""

import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.testing.clock import FakeClock
from gateway.adapters.access_tokens import SignedAccessTokens, SigningKeyError, load_signing_key
from gateway.domain.permissions import Role
from gateway.ports import TokenSubject

KEY = ECKey.generate_key("P-256")
OTHER = ECKey.generate_key("P-256")
SUBJECT = TokenSubject(user_id="u", session_id="s", workspace_id="w", role=Role.OWNER)
CLOCK = FakeClock()
NOW = int(CLOCK.now().timestamp())
CLAIMS = {
    "iss": "http://here", "aud": "flowloom", "sub": "u", "sid": "s", "ws": "w", "role": "owner",
    "scope": "*", "iat": NOW, "exp": NOW + 300, "jti": "j",
}  # fmt: skip
HEADER = {"alg": "ES256", "typ": "at+jwt", "kid": KEY.thumbprint()}


def _tokens(clock: FakeClock = CLOCK) -> SignedAccessTokens:
    return SignedAccessTokens(KEY, issuer="http://here", clock=clock)


def _part(value: object) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _signed(header: dict[str, object], claims: dict[str, object], key: ECKey = KEY) -> str:
    """Return a token with a good signature, whatever it says; libraries refuse to make most of these."""
    signed = f"{_part({**HEADER, **header})}.{_part({**CLAIMS, **claims})}"
    der = key.private_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256()))
    r, s = decode_dss_signature(der)
    return f"{signed}.{_encoded(r.to_bytes(32) + s.to_bytes(32))}"


def _unsigned(alg: str) -> str:
    return f"{_part({**HEADER, 'alg': alg})}.{_part(CLAIMS)}."


def _symmetric_with_the_public_key() -> str:
    signed = f"{_part({**HEADER, 'alg': 'HS256'})}.{_part(CLAIMS)}"
    digest = hmac.digest(KEY.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{_encoded(digest)}"


def _rsa() -> str:
    key = RSAKey.generate_key(2048)
    return jwt.encode({**HEADER, "alg": "RS256"}, CLAIMS, key, algorithms=["RS256"])


BAD: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "dots": lambda: "..",
    "text": lambda: "a.b.c",
    "not ascii": lambda: "\u00e4.b.c",
    "none": lambda: _unsigned("none"),
    "nOnE": lambda: _unsigned("nOnE"),
    "no signature": lambda: _unsigned("ES256"),
    "symmetric": _symmetric_with_the_public_key,
    "rsa": _rsa,
    "foreign key": lambda: _signed({}, {}, OTHER),
    "foreign kid": lambda: _signed({"kid": "../../etc/passwd"}, {}),
    "no kid": lambda: _signed({"kid": None}, {}),
    "other type": lambda: _signed({"typ": "JWT"}, {}),
    "key in header": lambda: _signed({"jwk": OTHER.as_dict(private=False)}, {}, OTHER),
    "jku": lambda: _signed({"jku": "http://evil.example"}, {}),
    "x5u": lambda: _signed({"x5u": "http://evil.example"}, {}),
    "crit": lambda: _signed({"crit": ["odd"], "odd": 1}, {}),
    "other issuer": lambda: _signed({}, {"iss": "gateway"}),
    "other audience": lambda: _signed({}, {"aud": "memory"}),
    "audience list": lambda: _signed({}, {"aud": ["flowloom"]}),
    "text expiry": lambda: _signed({}, {"exp": str(NOW + 300)}),
    "float expiry": lambda: _signed({}, {"exp": 1e30}),
    "huge expiry": lambda: _signed({}, {"exp": 10**30}),
    "expired": lambda: _signed({}, {"exp": NOW}),
    "no session": lambda: _signed({}, {"sid": None}),
    "long life": lambda: _signed({}, {"exp": NOW + 301}),
    "very long": lambda: _signed({}, {"jti": "x" * 100_000}),
}


@pytest.mark.parametrize("name", BAD)
def test_refuses_a_token_that_is_not_ours(name: str) -> None:
    token = BAD[name]()
    tokens = _tokens()
    began = time.process_time()
    with pytest.raises(UnauthenticatedError):
        tokens.verify(token)
    assert time.process_time() - began < 0.05


def test_accepts_what_it_issued() -> None:
    tokens = _tokens()
    claims = tokens.verify(tokens.issue(SUBJECT))
    assert (claims.user_id, claims.session_id, claims.workspace_id) == ("u", "s", "w")


def test_refuses_a_changed_signature() -> None:
    tokens = _tokens()
    head, body, signature = tokens.issue(SUBJECT).split(".")
    changed = ("A" if signature[5] != "A" else "B").join((signature[:5], signature[6:]))
    with pytest.raises(UnauthenticatedError):
        tokens.verify(f"{head}.{body}.{changed}")


def test_refuses_a_remembered_token_when_it_has_expired() -> None:
    clock = FakeClock()
    tokens = _tokens(clock)
    token = tokens.issue(SUBJECT)
    tokens.verify(token)
    clock.advance(290)
    tokens.verify(token)
    clock.advance(10)
    with pytest.raises(UnauthenticatedError, match="expired"):
        tokens.verify(token)


@pytest.mark.parametrize("content", [b"", b"nonsense", OTHER.as_pem(private=False), b"-----BEGIN EC-----"])
def test_does_not_start_without_a_private_key(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.pem"
    with pytest.raises(SigningKeyError, match="FLOWLOOM_GATEWAY_SIGNING_KEY_FILE"):
        load_signing_key(path)
    path.write_bytes(content)
    with pytest.raises(SigningKeyError):
        load_signing_key(path)
    path.write_bytes(ECKey.generate_key("P-384").as_pem(private=True))
    with pytest.raises(SigningKeyError, match="P-256"):
        load_signing_key(path)


def test_reads_its_private_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(KEY.as_pem(private=True))
    assert load_signing_key(path).thumbprint() == KEY.thumbprint()
