"""Who the sidecars trust: the platform's own certificate authority, and the tokens that it asks for.

Sentry signs a certificate only for a process that shows a token saying who it is. Each start signs new
tokens with a key that is thrown away, so a token of yesterday's platform is worth nothing today.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import ECKey, KeySetSerialization

from flowloom_cli.private_files import write_private

WORKLOADS: Final = "public"
"""Trust domain of the services; what Dapr gives them outside Kubernetes."""

CONTROL_PLANE: Final = "localhost"
NAMESPACE: Final = "default"
CONTROL_PLANE_IDS: Final = {"placement": "dapr-placement", "scheduler": "dapr-scheduler"}
SENTRY_AUDIENCE: Final = f"spiffe://{CONTROL_PLANE}/ns/{NAMESPACE}/dapr-sentry"

ROOT_LIFETIME: Final = timedelta(days=3650)
ISSUER_LIFETIME: Final = timedelta(days=365)
RENEW_BEFORE: Final = timedelta(days=30)
CLOCK_SKEW: Final = timedelta(minutes=15)

ROOT: Final = "ca.crt"
ROOT_KEY: Final = "ca.key"
ISSUER: Final = "issuer.crt"
ISSUER_KEY: Final = "issuer.key"
TOKEN_KEYS: Final = "token-keys.json"
CONFIGURATION: Final = "sentry.yaml"

_SENTRY: Final = """\
apiVersion: dapr.io/v1alpha1
kind: Configuration
metadata:
  name: sentry
spec:
  mtls:
    enabled: true
    workloadCertTTL: 24h
    allowedClockSkew: 15m
    # Without a validator sentry would sign for whoever can reach it.
    tokenValidators:
      - name: jwks
        options:
          source: {keys}
"""


@dataclass(frozen=True)
class Trust:
    """The files of one authority."""

    folder: Path

    @property
    def anchors_file(self) -> Path:
        return self.folder / ROOT

    @property
    def anchors(self) -> str:
        """The root certificates in PEM, public."""
        return self.anchors_file.read_text()

    @property
    def configuration(self) -> Path:
        return self.folder / CONFIGURATION

    def token_file(self, name: str) -> Path:
        """Return where the token of a process lies that shows sentry who it is."""
        return self.folder / "tokens" / name


def establish(
    folder: Path,
    app_ids: Iterable[str],
    *,
    keys_seen_by_sentry: Path | None = None,
    now: datetime | None = None,
) -> Trust:
    """Create or renew the authority and sign a token for the control plane and each service.

    `keys_seen_by_sentry` is the path of the token keys for a sentry that sees the folder elsewhere.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = now or datetime.now(UTC)
    if _ends_before(folder / ROOT, now + ISSUER_LIFETIME):
        _create_root(folder, now)
    if _ends_before(folder / ISSUER, now + RENEW_BEFORE):
        _create_issuer(folder, now)
    _sign_tokens(folder, app_ids, now)
    keys = keys_seen_by_sentry or folder / TOKEN_KEYS
    (folder / CONFIGURATION).write_text(_SENTRY.format(keys=keys))
    return Trust(folder)


def token_keys(folder: Path) -> KeySetSerialization:
    """Return the public keys with which sentry verifies the tokens of this start."""
    keys: KeySetSerialization = json.loads((folder / TOKEN_KEYS).read_text())
    return keys


def identity(name: str) -> str:
    """Return the SPIFFE id of a service or of a process of the control plane."""
    domain = CONTROL_PLANE if name in CONTROL_PLANE_IDS else WORKLOADS
    return f"spiffe://{domain}/ns/{NAMESPACE}/{CONTROL_PLANE_IDS.get(name, name)}"


def _sign_tokens(folder: Path, app_ids: Iterable[str], now: datetime) -> None:
    key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
    header = {"alg": "ES256", "typ": "JWT", "kid": key.kid}
    for name in (*CONTROL_PLANE_IDS, *app_ids):
        claims = {"sub": identity(name), "aud": SENTRY_AUDIENCE, "iat": int(now.timestamp())}
        write_private(folder / "tokens" / name, jwt.encode(header, claims, key, algorithms=["ES256"]))
    write_private(folder / TOKEN_KEYS, json.dumps({"keys": [key.as_dict(private=False)]}))


def _ends_before(certificate: Path, moment: datetime) -> bool:
    if not certificate.exists():
        return True
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc < moment


def _create_root(folder: Path, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("Flowloom root")
    certificate = _authority(name, key, now, ROOT_LIFETIME, path_length=1).issuer_name(name)
    (folder / ISSUER).unlink(missing_ok=True)
    _write_key(folder / ROOT_KEY, key)
    _write_certificate(folder / ROOT, certificate.sign(key, hashes.SHA256()))


def _create_issuer(folder: Path, now: datetime) -> None:
    root = x509.load_pem_x509_certificate((folder / ROOT).read_bytes())
    root_key = serialization.load_pem_private_key((folder / ROOT_KEY).read_bytes(), password=None)
    if not isinstance(root_key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{folder / ROOT_KEY} holds no elliptic-curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _authority(_name("Flowloom issuer"), key, now, ISSUER_LIFETIME, path_length=0)
    _write_key(folder / ISSUER_KEY, key)
    _write_certificate(folder / ISSUER, certificate.issuer_name(root.subject).sign(root_key, hashes.SHA256()))


def _authority(
    name: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, lifetime: timedelta, *, path_length: int
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    encoded = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(path, encoded.decode())


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    write_private(path, certificate.public_bytes(serialization.Encoding.PEM).decode())
