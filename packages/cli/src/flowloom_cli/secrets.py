"""Generate the platform's secrets and keys on first start and read them back afterwards."""

import json
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict

from flowloom_cli.errors import CliError
from flowloom_cli.private_files import write_private as write_private
from flowloom_cli.topology import APP_IDS

DATABASE_ROLES: Final = ("gateway", "orchestrator", "memory", "dapr")
"""Each has a role `flowloom_<name>` and a schema `<name>`."""

ACCESS_KEY: Final = "gateway-access"
"""Signs the access tokens of people; services sign with keys of their own."""


class Secrets(BaseModel):
    """All generated secrets of one home; stored in `secrets.json`, mode 0600."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    postgres: str
    roles: dict[str, str]
    redis: str
    setup_token: str
    owner_password: str
    dapr_api_tokens: dict[str, str]
    app_api_tokens: dict[str, str]


def load_or_create(home: Path) -> Secrets:
    """Read the home's secrets, or generate them when this is its first start."""
    path = home / "secrets.json"
    if path.exists():
        try:
            return Secrets.model_validate_json(path.read_text())
        except ValueError as error:
            raise CliError(
                f"{path} cannot be read: {error}", hint="restore it; the databases' passwords are only there"
            ) from error
    fresh = Secrets(
        postgres=_token(),
        roles={role: _token() for role in DATABASE_ROLES},
        redis=_token(),
        setup_token=_token(),
        owner_password=_token(),
        dapr_api_tokens={app_id: _token() for app_id in APP_IDS},
        app_api_tokens={app_id: _token() for app_id in APP_IDS},
    )
    write_private(path, json.dumps(fresh.model_dump(), indent=2) + "\n")
    return fresh


def ensure_keys(keys_dir: Path) -> None:
    """Create the missing EC P-256 key pairs: one per service, one for access tokens."""
    keys_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in (*APP_IDS, ACCESS_KEY):
        private_path = keys_dir / f"{name}.key.pem"
        if private_path.exists():
            continue
        key = ec.generate_private_key(ec.SECP256R1())
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (keys_dir / f"{name}.pub.pem").write_bytes(public)
        write_private(private_path, private.decode())


def _token() -> str:
    return secrets.token_hex(24)
