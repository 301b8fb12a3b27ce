"""Tokens between services: who is believed and who is not."""

import base64
import hmac
import json
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from flowloom_servicekit.errors import ForbiddenError, UnauthenticatedError
from flowloom_servicekit.identity import ISSUED_KEPT, ServiceIdentity
from flowloom_servicekit.purposes import Purpose

NOW = 1_800_000_000
FIRES = Purpose("triggers:fire", "ws-1")


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
        "scopes": ["triggers:fire"],
    }
    claims |= changes or {}
    key = ECKey.import_key((keys / f"{key_of}.key.pem").read_bytes())
    return jwt.encode({"alg": "ES256"}, claims, key, algorithms=["ES256"])


def segment(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_a_token_names_its_service(gateway: ServiceIdentity, orchestrator: ServiceIdentity) -> None:
    token = orchestrator.token_for("gateway", FIRES)
    assert gateway.verify(token).app_id == "orchestrator"
    assert gateway.verify(token).app_id == "orchestrator"


def test_a_token_says_what_it_is_for(gateway: ServiceIdentity, orchestrator: ServiceIdentity) -> None:
    purpose = Purpose("secrets:open", "ws-1", "run-1")
    said = gateway.verify(orchestrator.token_for("gateway", purpose))
    said.check(purpose)
    for other in (
        Purpose("secrets:close", "ws-1", "run-1"),
        Purpose("secrets:open", "ws-2", "run-1"),
        Purpose("secrets:open", None, "run-1"),
        Purpose("secrets:open", "ws-1", "run-2"),
        Purpose("secrets:open", "ws-1"),
    ):
        with pytest.raises(ForbiddenError):
            said.check(other)


def test_one_token_serves_the_work_on_one_run(
    gateway: ServiceIdentity, orchestrator: ServiceIdentity
) -> None:
    first = gateway.token_for("orchestrator", Purpose("runs:get", "ws-1", "run-1"))
    assert gateway.token_for("orchestrator", Purpose("runs:events", "ws-1", "run-1")) == first
    others = [
        Purpose("runs:get", "ws-1", "run-2"),
        Purpose("runs:get", "ws-2", "run-1"),
        Purpose("runs:kill", "ws-1", "run-1"),
        Purpose("runs:list", "ws-1"),
    ]
    said = orchestrator.verify(first)
    said.check(Purpose("runs:events", "ws-1", "run-1"))
    for other in others:
        assert gateway.token_for("orchestrator", other) != first
        with pytest.raises(ForbiddenError):
            said.check(other)


def test_a_mandate_is_for_its_holder_and_workspace(
    gateway: ServiceIdentity, orchestrator: ServiceIdentity, wall: Wall
) -> None:
    text = orchestrator.mandate("agent-qa", ["gateway", "memory"], workspace_id="ws-1", run_id="run-1")
    said = gateway.verify_mandate(text, issuer="orchestrator", holder="agent-qa")
    assert (said.workspace_id, said.run_id) == ("ws-1", "run-1")
    for issuer, holder in (("orchestrator", "agent-research"), ("memory", "agent-qa")):
        with pytest.raises(ForbiddenError):
            gateway.verify_mandate(text, issuer=issuer, holder=holder)
    with pytest.raises(UnauthenticatedError):
        gateway.verify(text)
    wall.now += 310
    with pytest.raises(ForbiddenError):
        gateway.verify_mandate(text, issuer="orchestrator", holder="agent-qa")


def test_a_token_is_no_mandate(gateway: ServiceIdentity, orchestrator: ServiceIdentity) -> None:
    token = orchestrator.token_for("gateway", FIRES)
    for _ in range(2):
        with pytest.raises(ForbiddenError):
            gateway.verify_mandate(token, issuer="orchestrator", holder="orchestrator")
    assert gateway.verify(token).workspace_id == "ws-1"


def test_keeps_no_more_tokens_than_it_may(orchestrator: ServiceIdentity) -> None:
    first = orchestrator.token_for("gateway", FIRES)
    assert orchestrator.token_for("gateway", FIRES) == first
    for number in range(ISSUED_KEPT):
        orchestrator.token_for("gateway", Purpose("runs:get", "ws-1", str(number)))
    # A signature is never the same twice.
    assert orchestrator.token_for("gateway", FIRES) != first


def test_a_token_is_used_again_until_it_ages(orchestrator: ServiceIdentity, wall: Wall) -> None:
    first = orchestrator.token_for("gateway", FIRES)
    wall.now += 239
    assert orchestrator.token_for("gateway", FIRES) == first
    wall.now += 2
    assert orchestrator.token_for("gateway", FIRES) != first


def test_an_expired_token_is_refused_even_when_it_was_seen(
    gateway: ServiceIdentity, orchestrator: ServiceIdentity, wall: Wall
) -> None:
    token = orchestrator.token_for("gateway", FIRES)
    gateway.verify(token)
    wall.now += 310
    with pytest.raises(UnauthenticatedError):
        gateway.verify(token)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "memory"},
        {"sub": "gateway"},
        {"sub": None},
        {"iss": "gateway", "sub": "gateway"},
        {"iss": "../../etc/passwd"},
        {"iss": "nobody", "sub": "nobody"},
        {"iss": 7},
        {"exp": NOW - 60},
        {"exp": NOW + 86_400},
        {"exp": None},
        {"scopes": None},
        {"scopes": "triggers:fire"},
        {"scopes": [7]},
        {"tid": 7},
        {"run": ["run-1"]},
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
