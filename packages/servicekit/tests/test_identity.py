"""Tokens between services: who is believed and who is not."""

import base64
import hmac
import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from flowloom_servicekit.errors import UnauthenticatedError
from flowloom_servicekit.identity import ServiceIdentity

NOW = 1_800_000_000


class Wall:
    """The seconds that both sides see."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def gateway(keys: Path, wall: Wall) -> ServiceIdentity:
    return ServiceIdentity("gateway", keys, now=wall)


@pytest.fixture
def orchestrator(keys: Path, wall: Wall) -> ServiceIdentity:
    return ServiceIdentity("orchestrator", keys, now=wall)


def signed(keys: Path, *, key_of: str = "orchestrator", changes: dict[str, object] | None = None) -> str:
    claims: dict[str, object] = {
        "iss": "orchestrator",
        "sub": "orchestrator",
        "aud": "gateway",
        "iat": NOW,
        "exp": NOW + 300,
    }
    claims |= changes or {}
    key = ECKey.import_key((keys / f"{key_of}.key.pem").read_bytes())
    return jwt.encode({"alg": "ES256"}, claims, key, algorithms=["ES256"])


def segment(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_a_token_names_its_service(gateway: ServiceIdentity, orchestrator: ServiceIdentity) -> None:
    token = orchestrator.token_for("gateway")
    assert gateway.verify(token) == "orchestrator"
    assert gateway.verify(token) == "orchestrator"


def test_a_token_is_used_again_until_it_ages(orchestrator: ServiceIdentity, wall: Wall) -> None:
    first = orchestrator.token_for("gateway")
    wall.now += 239
    assert orchestrator.token_for("gateway") == first
    wall.now += 2
    assert orchestrator.token_for("gateway") != first


def test_an_expired_token_is_refused_even_when_it_was_seen(
    gateway: ServiceIdentity, orchestrator: ServiceIdentity, wall: Wall
) -> None:
    token = orchestrator.token_for("gateway")
    gateway.verify(token)
    wall.now += 310
    with pytest.raises(UnauthenticatedError):
        gateway.verify(token)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "memory"},
        {"sub": "gateway"},
        {"iss": "gateway", "sub": "gateway"},
        {"iss": "../../etc/passwd"},
        {"iss": "nobody", "sub": "nobody"},
        {"iss": 7},
        {"exp": NOW - 60},
        {"exp": NOW + 86_400},
        {"exp": None},
    ],
)
def test_refuses_other_claims(gateway: ServiceIdentity, keys: Path, changes: dict[str, object]) -> None:
    with pytest.raises(UnauthenticatedError):
        gateway.verify(signed(keys, changes=changes))


def test_refuses_another_key(gateway: ServiceIdentity, keys: Path) -> None:
    with pytest.raises(UnauthenticatedError):
        gateway.verify(signed(keys, key_of="gateway"))


def test_refuses_another_algorithm(gateway: ServiceIdentity, keys: Path) -> None:
    public = (keys / "orchestrator.pub.pem").read_bytes()
    claims: dict[str, object] = {"iss": "orchestrator", "sub": "orchestrator", "aud": "gateway"}
    claims |= {"iat": NOW, "exp": NOW + 300}
    signing_input = f"{segment({'alg': 'HS256'})}.{segment(claims)}"
    mac = hmac.digest(public, signing_input.encode(), "sha256")
    forged = f"{signing_input}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"
    for token in (forged, signed(keys).rsplit(".", 1)[0] + ".", "x", "a.b.c", "a" * 9_000):
        with pytest.raises(UnauthenticatedError):
            gateway.verify(token)
