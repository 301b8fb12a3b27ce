"""The platform's own authority: made once, renewed in time, with tokens for this start's sentry only."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from flowloom_cli.parts import trust
from flowloom_cli.topology import APP_IDS


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_issuer_is_signed_by_the_root_and_may_sign_no_further_authority(tmp_path: Path) -> None:
    made = trust.establish(tmp_path, APP_IDS)
    root, issuer = certificate(made.anchors_file), certificate(tmp_path / trust.ISSUER)
    issuer.verify_directly_issued_by(root)
    root.verify_directly_issued_by(root)
    limits = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (limits.ca, limits.path_length) == (True, 0)
    private = list(tmp_path.rglob("*.key"))
    assert {path.stat().st_mode & 0o777 for path in private} == {0o600}
    assert len(private) == 2


def test_keeps_the_authority_and_renews_the_tokens_at_the_next_start(tmp_path: Path) -> None:
    made = trust.establish(tmp_path, APP_IDS)
    anchors, token = made.anchors, made.token_file("memory").read_text()
    issuer = (tmp_path / trust.ISSUER).read_bytes()
    again = trust.establish(tmp_path, APP_IDS)
    assert (again.anchors, (tmp_path / trust.ISSUER).read_bytes()) == (anchors, issuer)
    keys = KeySet.import_key_set(trust.token_keys(tmp_path))
    with pytest.raises((JoseError, ValueError)):
        jwt.decode(token, keys, algorithms=["ES256"])
    claims = jwt.decode(again.token_file("memory").read_text(), keys, algorithms=["ES256"]).claims
    assert claims["sub"] == "spiffe://public/ns/default/memory"
    assert claims["aud"] == "spiffe://localhost/ns/default/dapr-sentry"


@pytest.mark.parametrize(
    ("later", "root_stays", "issuer_stays"),
    [
        (timedelta(days=300), True, True),
        (timedelta(days=340), True, False),
        (timedelta(days=3400), False, False),
    ],
)
def test_renews_what_ends_soon(
    tmp_path: Path, later: timedelta, root_stays: bool, issuer_stays: bool
) -> None:
    now = datetime.now(UTC)
    trust.establish(tmp_path, ["memory"], now=now)
    before = {name: (tmp_path / name).read_bytes() for name in (trust.ROOT, trust.ISSUER)}
    trust.establish(tmp_path, ["memory"], now=now + later)
    assert ((tmp_path / trust.ROOT).read_bytes() == before[trust.ROOT]) is root_stays
    assert ((tmp_path / trust.ISSUER).read_bytes() == before[trust.ISSUER]) is issuer_stays
    certificate(tmp_path / trust.ISSUER).verify_directly_issued_by(certificate(tmp_path / trust.ROOT))


def test_sentry_trusts_nobody_without_a_token(tmp_path: Path) -> None:
    made = trust.establish(tmp_path, ["memory"])
    text = made.configuration.read_text()
    assert "name: jwks" in text
    assert str(tmp_path / trust.TOKEN_KEYS) in text
    assert '"d"' not in (tmp_path / trust.TOKEN_KEYS).read_text()
