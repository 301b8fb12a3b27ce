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
from gateway.adapters.access_tokens import SignedAccessTokens
from gateway.adapters.signing_keys import SigningKeyError, SigningKeyFile, only, read_keys
from gateway.domain.permissions import Role
from gateway.ports import TokenSubject
from gateway.rotate_signing_key import rotate

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
    return SignedAccessTokens(only(KEY), issuer="http://here", clock=clock)


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


def _raw(claims: bytes) -> str:
    """Return a token with a good signature over claims of any form."""
    signed = f"{_part(HEADER)}.{_encoded(claims)}"
    r, s = decode_dss_signature(KEY.private_key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{_encoded(r.to_bytes(32) + s.to_bytes(32))}"


def _ours(part: str) -> str:
    """Return a token of ours with one of its parts changed after it was signed."""
    header, claims, signature = _tokens().issue(SUBJECT).split(".")
    other = {
        "claims": (header, _part({**CLAIMS, "ws": "other"}), signature),
        "no signature": (header, claims, ""),
        "short signature": (header, claims, signature[:40]),
        "long signature": (header, claims, f"{signature}AAAA"),
        "other signature": (header, claims, _encoded(bytes(64))),
        "no base64": (header, claims, f"{signature[:-1]}$"),
        "four parts": (header, claims, claims, signature),
        "two parts": (header, signature),
    }
    return ".".join(other[part])


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
    "other curve": lambda: _signed({"alg": "ES384"}, {}),
    "lower case": lambda: _signed({"alg": "es256"}, {}),
    "no algorithm": lambda: _signed({"alg": None}, {}),
    "list as algorithm": lambda: _signed({"alg": ["ES256"]}, {}),
    "sql as kid": lambda: _signed({"kid": "' OR 1=1 --"}, {}),
    "number as kid": lambda: _signed({"kid": 7}, {}),
    "certificates": lambda: _signed({"x5c": ["MIIB"]}, {}),
    "no type": lambda: _signed({"typ": None}, {}),
    "id token": lambda: _signed({"typ": "JWT"}, {"nonce": "n", "aud": "flowloom"}),
    "compressed": lambda: _signed({"zip": "DEF"}, {}),
    "encrypted": lambda: f"{_part({'alg': 'dir', 'enc': 'A256GCM', 'zip': 'DEF'})}..AAAA.BBBB.CCCC",
    "large header": lambda: _signed({"x": "y" * 100_000}, {}),
    "not yet": lambda: _signed({}, {"nbf": NOW + 600}),
    "issued tomorrow": lambda: _signed({}, {"iat": NOW + 86_400, "exp": NOW + 86_700}),
    "no issue time": lambda: _signed({}, {"iat": None}),
    "list as claims": lambda: _raw(b"[1]"),
    "claims twice": lambda: _raw(json.dumps(CLAIMS).encode()[:-1] + b', "sub": "eve"}'),
    "no json": lambda: _raw(b"{"),
    "our header, other claims": lambda: _ours("claims"),
    "our header, no signature": lambda: _ours("no signature"),
    "our header, short signature": lambda: _ours("short signature"),
    "our header, long signature": lambda: _ours("long signature"),
    "our header, other signature": lambda: _ours("other signature"),
    "our header, no base64": lambda: _ours("no base64"),
    "our header, four parts": lambda: _ours("four parts"),
    "our header, two parts": lambda: _ours("two parts"),
    "very long": lambda: _signed({}, {"jti": "x" * 100_000}),
}


@pytest.mark.parametrize("name", BAD)
def test_s02_refuses_a_token_that_is_not_ours(name: str) -> None:
    token = BAD[name]()
    tokens = _tokens()
    began = time.process_time()
    with pytest.raises(UnauthenticatedError):
        tokens.verify(token)
    assert time.process_time() - began < 0.05


def test_accepts_a_good_token_whose_header_is_written_otherwise() -> None:
    token = _signed({}, {})
    assert token.partition(".")[0] != _tokens().issue(SUBJECT).partition(".")[0]
    assert _tokens().verify(token).workspace_id == "w"


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
        read_keys(path)
    path.write_bytes(content)
    with pytest.raises(SigningKeyError):
        read_keys(path)
    path.write_bytes(ECKey.generate_key("P-384").as_pem(private=True))
    with pytest.raises(SigningKeyError, match="P-256"):
        read_keys(path)


def test_reads_its_private_key(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_bytes(KEY.as_pem(private=True))
    assert [one.kid for one in read_keys(path)] == [KEY.thumbprint()]


def _key_file(folder: Path) -> Path:
    path = folder / "gateway-access.key.pem"
    path.write_bytes(ECKey.generate_key("P-256").as_pem(private=True))
    return path


def test_rotates_the_key_while_old_tokens_verify(tmp_path: Path) -> None:
    path = _key_file(tmp_path)
    tokens = SignedAccessTokens(SigningKeyFile(path), issuer="http://here", clock=FakeClock())
    before = tokens.issue(SUBJECT)
    names = rotate(path, "all")
    after = tokens.issue(SUBJECT)
    assert _header(after)["kid"] == names[0] != _header(before)["kid"] == names[1]
    assert [key["kid"] for key in _published(tokens)] == names
    for token in (before, after):
        assert tokens.verify(token).user_id == "u"
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(list(tmp_path.glob("gateway-access*.pub.pem"))) == 2


def test_publishes_a_key_before_it_signs_and_drops_the_old_one(tmp_path: Path) -> None:
    path = _key_file(tmp_path)
    tokens = SignedAccessTokens(SigningKeyFile(path), issuer="http://here", clock=FakeClock())
    old = tokens.issue(SUBJECT)
    first, second = rotate(path, "publish")
    assert _header(tokens.issue(SUBJECT))["kid"] == first
    assert [key["kid"] for key in _published(tokens)] == [first, second]
    rotate(path, "use")
    assert _header(tokens.issue(SUBJECT))["kid"] == second
    assert rotate(path, "drop") == [second]
    with pytest.raises(UnauthenticatedError):
        tokens.verify(old)
    assert len(list(tmp_path.glob("gateway-access*.pub.pem"))) == 1


def test_publishes_no_private_part(tmp_path: Path) -> None:
    path = _key_file(tmp_path)
    tokens = SignedAccessTokens(SigningKeyFile(path), issuer="http://here", clock=FakeClock())
    (public,) = _published(tokens)
    assert set(public) == {"kty", "crv", "x", "y", "kid", "use", "alg"}


def _header(token: str) -> dict[str, str]:
    head = token.split(".")[0]
    header: dict[str, str] = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    return header


def _published(tokens: SignedAccessTokens) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = json.loads(json.dumps(tokens.public_keys()["keys"]))
    return keys
