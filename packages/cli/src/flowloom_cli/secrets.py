"""Generate the platform's secrets and keys on first start and read them back afterwards."""

import base64
import json
import secrets
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ConfigDict, Field

from flowloom_cli.errors import CliError
from flowloom_cli.parts.valkey_users import RULES
from flowloom_cli.private_files import write_private as write_private
from flowloom_cli.topology import APP_IDS

DATABASE_ROLES: Final = ("gateway", "orchestrator", "memory", "dapr")
"""Each signs in as `flowloom_<name>` and works in the schema `<name>`."""

TENANT_SERVICES: Final = ("gateway", "orchestrator", "memory")
"""They keep workspaces apart: tables belong to `flowloom_<name>_owner`, as which only migrations sign in."""


MONITORING_ROLE: Final = "monitoring"
"""Signs in as `flowloom_monitoring`; reads how Postgres is, and no row of a table."""


def owner_of(service: str) -> str:
    """Return under which name the password of a schema's owner is kept."""
    return f"{service}_owner"


ACCESS_KEY: Final = "gateway-access"
"""Signs the access tokens of people; services sign with keys of their own."""

VAULT_KEYS: Final = "gateway-vault.keys"
"""Master keys under which the gateway seals the secrets of workspaces: whoever loses them loses those."""


def _token() -> str:
    return secrets.token_hex(24)


class Secrets(BaseModel):
    """All generated secrets of one home; stored in `secrets.json`, mode 0600."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    postgres: str
    roles: dict[str, str]
    redis_users: dict[str, str] = Field(default_factory=lambda: {name: _token() for name in RULES})
    edge: str = Field(default_factory=_token)
    backup: str = Field(default_factory=_token)
    setup_token: str
    owner_password: str
    dapr_api_tokens: dict[str, str]
    app_api_tokens: dict[str, str]


def load_or_create(home: Path) -> Secrets:
    """Read the home's secrets, or generate them when this is its first start."""
    path = home / "secrets.json"
    if path.exists():
        return _read(path)
    fresh = Secrets(
        postgres=_token(),
        roles={role: _token() for role in _logins()},
        setup_token=_token(),
        owner_password=_token(),
        dapr_api_tokens={app_id: _token() for app_id in APP_IDS},
        app_api_tokens={app_id: _token() for app_id in APP_IDS},
    )
    _write(path, fresh)
    return fresh


def _logins() -> list[str]:
    return [*DATABASE_ROLES, MONITORING_ROLE, *(owner_of(service) for service in TENANT_SERVICES)]


def _read(path: Path) -> Secrets:
    """Read secrets; those that an earlier version did not know are added and kept."""
    try:
        found = json.loads(path.read_text())
        known = Secrets.model_validate(found)
    except ValueError as error:
        raise CliError(
            f"{path} cannot be read: {error}", hint="restore it; the databases' passwords are only there"
        ) from error
    missing = {role: _token() for role in _logins() if role not in known.roles}
    users = {name: _token() for name in RULES if name not in known.redis_users}
    complete = known.model_copy(
        update={"roles": known.roles | missing, "redis_users": known.redis_users | users}
    )
    if complete.model_dump() != found:
        _write(path, complete)
    return complete


def _write(path: Path, secrets: Secrets) -> None:
    write_private(path, json.dumps(secrets.model_dump(), indent=2) + "\n")


def ensure_keys(keys_dir: Path) -> None:
    """Create what is missing: key pairs of the services and of access tokens, the vault's master key."""
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
    if not (keys_dir / VAULT_KEYS).exists():
        master = base64.b64encode(secrets.token_bytes(32)).decode()
        write_private(keys_dir / VAULT_KEYS, f"k{secrets.token_hex(4)}:{master}\n")
