"""Generate what docker-compose.yml reads from deploy/compose/.secrets: passwords, tokens, keys, certificates.

Each service gets an environment file and a folder with its own private key and everybody's public keys; its
sidecar gets the few variables it needs and the token with which it asks for a certificate. Passwords and keys
are made once; the sidecars' tokens are new each time, so restart the containers afterwards.
"""

import json
import shutil
import sys
from pathlib import Path
from secrets import token_hex

from flowloom_cli.parts.trust import (
    CONTROL_PLANE_IDS,
    ISSUER,
    ISSUER_KEY,
    NAMESPACE,
    TOKEN_KEYS,
    Trust,
    establish,
)
from flowloom_cli.parts.valkey_users import MONITORING, PROBE, SIDECARS, users_file
from flowloom_cli.secrets import (
    ACCESS_KEY,
    DATABASE_ROLES,
    MONITORING_ROLE,
    TENANT_SERVICES,
    VAULT_KEYS,
    Secrets,
    ensure_keys,
    load_or_create,
    owner_of,
    write_private,
)
from flowloom_contracts.topics import AppId

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "compose" / ".secrets"
DATABASES = (AppId.GATEWAY, AppId.ORCHESTRATOR, AppId.MEMORY)
CONTAINER_UID = 10001
DAPR_UID = 65532
KONG_UID = 1000
REDIS_UID = 999
SCHEDULER_UID = 0
ELK = {
    "elasticsearch": ("ELASTIC_PASSWORD",),
    "elasticsearch-prepare": (
        "ELASTIC_PASSWORD",
        "KIBANA_SYSTEM_PASSWORD",
        "FILEBEAT_PASSWORD",
        "OPERATOR_PASSWORD",
    ),
    "filebeat": ("FILEBEAT_PASSWORD",),
    "kibana": ("KIBANA_SYSTEM_PASSWORD", "KIBANA_KEY"),
}


def main() -> int:
    """Write every file that is missing; passwords that exist are kept."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = load_or_create(FOLDER)
    ensure_keys(FOLDER / "all-keys")
    write_private(FOLDER / "redis.env", f"REDIS_PROBE_PASSWORD={secrets.redis_users[PROBE]}\n")
    write_private(FOLDER / "users.acl", users_file(secrets.redis_users))
    hand_over(FOLDER / "users.acl", REDIS_UID)
    write_private(FOLDER / "postgres.env", environment_file(postgres_environment(secrets)))
    stores = {
        "postgres": "host=postgres port=5432 user=flowloom_dapr dbname=flowloom"
        f" password={secrets.roles['dapr']}",
        "redisHost": "redis:6379",
        "redisUsername": SIDECARS,
        "redisPassword": secrets.redis_users[SIDECARS],
    }
    write_private(FOLDER / "flowloom.json", json.dumps({"stores": stores}))
    hand_over(FOLDER / "flowloom.json", DAPR_UID)
    trust = establish(FOLDER / "trust", AppId, keys_seen_by_sentry=Path("/trust/token-keys.json"))
    give_trust(trust)
    for app_id in AppId:
        values = service_environment(app_id, secrets)
        write_private(FOLDER / f"{app_id}.env", environment_file(values))
        if app_id in DATABASES:
            owner = database_address(app_id, owner_of(app_id), secrets)
            write_private(FOLDER / f"{app_id}-migrate.env", environment_file(values | owner))
        sidecar = sidecar_environment(app_id, secrets, trust)
        write_private(FOLDER / f"{app_id}-dapr.env", environment_file(sidecar))
        give_keys(app_id)
    give_edge(secrets)
    give_monitoring(secrets)
    give_elk()
    print(f"secrets of the containers are in {FOLDER}")
    return 0


def postgres_environment(secrets: Secrets) -> dict[str, str]:
    """Return the superuser's and the owners' passwords, as deploy/compose/postgres/10-roles.sh reads them."""
    logins = (*DATABASE_ROLES, MONITORING_ROLE, *(owner_of(service) for service in TENANT_SERVICES))
    passwords = {f"PASSWORD_{login.upper()}": secrets.roles[login] for login in logins}
    return {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": secrets.postgres, **passwords}


def database_address(app_id: AppId, login: str, secrets: Secrets) -> dict[str, str]:
    """Return the address of a service's database for one of its roles."""
    address = f"flowloom_{login}:{secrets.roles[login]}@postgres:5432/flowloom"
    return {f"FLOWLOOM_{app_id.upper()}_DATABASE_URL": f"postgresql+asyncpg://{address}"}


def give_monitoring(secrets: Secrets) -> None:
    """Write what the exporters sign in with, and the first password of Grafana's administrator."""
    login = f"flowloom_monitoring:{secrets.roles[MONITORING_ROLE]}"
    address = f"postgresql://{login}@postgres:5432/flowloom?sslmode=disable"
    write_private(FOLDER / "postgres-exporter.env", environment_file({"DATA_SOURCE_NAME": address}))
    redis = {"REDIS_ADDR": "redis://redis:6379", "REDIS_USER": MONITORING}
    redis |= {"REDIS_PASSWORD": secrets.redis_users[MONITORING]}
    write_private(FOLDER / "redis-exporter.env", environment_file(redis))
    write_private(FOLDER / "grafana.env", f"GF_SECURITY_ADMIN_PASSWORD={secrets.owner_password}\n")


def give_elk() -> None:
    """Write what the parts of the profile elk sign in with; each sees its own passwords alone."""
    kept = FOLDER / "elk.json"
    if not kept.exists():
        names = sorted({name for known in ELK.values() for name in known})
        write_private(kept, json.dumps({name: token_hex(24) for name in names}))
    passwords: dict[str, str] = json.loads(kept.read_text())
    for part, known in ELK.items():
        values = {name: passwords[name] for name in known}
        write_private(FOLDER / f"{part}.env", environment_file(values))


def give_edge(secrets: Secrets) -> None:
    """Write what Kong's file is rendered from: its secret, the keys of access tokens and of machines."""
    write_private(FOLDER / "edge.env", environment_file({"FLOWLOOM_EDGE_SECRET": secrets.edge}))
    keys = FOLDER / "keys" / "edge"
    keys.mkdir(parents=True, exist_ok=True)
    for public in (FOLDER / "all-keys").glob(f"{ACCESS_KEY}*.pub.pem"):
        shutil.copyfile(public, keys / public.name)
    machines = FOLDER / "machines.json"
    if not machines.exists():
        write_private(machines, "{}\n")
    hand_over(machines, KONG_UID)


def give_trust(trust: Trust) -> None:
    """Let the containers of Dapr read certificates and tokens; the root's key stays out of them."""
    trust.anchors_file.chmod(0o444)
    trust.configuration.chmod(0o444)
    for name in (ISSUER, ISSUER_KEY, TOKEN_KEYS):
        hand_over(trust.folder / name, DAPR_UID)
    for name in (*CONTROL_PLANE_IDS, *AppId):
        hand_over(trust.token_file(name), SCHEDULER_UID if name == "scheduler" else DAPR_UID)


def sidecar_environment(app_id: AppId, secrets: Secrets, trust: Trust) -> dict[str, str]:
    """Return what a sidecar needs to know beside its flags."""
    return {
        "NAMESPACE": NAMESPACE,
        "DAPR_API_TOKEN": secrets.dapr_api_tokens[app_id],
        "APP_API_TOKEN": secrets.app_api_tokens[app_id],
        "DAPR_SENTRY_TOKEN_FILE": "/run/sentry-token",
        "DAPR_TRUST_ANCHORS": trust.anchors,
    }


def service_environment(app_id: AppId, secrets: Secrets) -> dict[str, str]:
    """Return the environment of a service."""
    values = {
        "FLOWLOOM_METRICS_HOST": "0.0.0.0",
        "FLOWLOOM_METRICS_PORT": "9464",
        "FLOWLOOM_OTLP_ENDPOINT": "http://otel-collector:4318",
        "FLOWLOOM_HOME": "/tmp",
        "FLOWLOOM_KEYS_DIR": "/run/keys",
        "FLOWLOOM_REDIS_URL": f"redis://{app_id}:{secrets.redis_users[app_id]}@redis:6379/0",
        "DAPR_HTTP_PORT": "3500",
        "DAPR_GRPC_PORT": "50001",
        "DAPR_API_TOKEN": secrets.dapr_api_tokens[app_id],
        "APP_API_TOKEN": secrets.app_api_tokens[app_id],
    }
    if app_id in DATABASES:
        values |= database_address(app_id, app_id, secrets)
    if app_id is AppId.GATEWAY:
        values["FLOWLOOM_EDGE_SECRET"] = secrets.edge
        values["FLOWLOOM_GATEWAY_SETUP_TOKEN"] = secrets.setup_token
        values["FLOWLOOM_GATEWAY_SIGNING_KEY_FILE"] = f"/run/keys/{ACCESS_KEY}.key.pem"
    return values


def environment_file(values: dict[str, str]) -> str:
    """Return the text of an env_file."""
    return "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())


def _quoted(value: str) -> str:
    """Write a text of several lines as Compose reads it back."""
    return json.dumps(value) if "\n" in value else value


def hand_over(path: Path, uid: int) -> None:
    """Let the user of a container read a file; where only root could give it away, let everybody."""
    try:
        shutil.chown(path, uid, uid)
        path.chmod(0o400)
    except PermissionError:
        path.chmod(0o444)


def give_keys(app_id: AppId) -> None:
    """Copy to a service its own private key, and the public key of everybody."""
    folder = FOLDER / "keys" / app_id
    folder.mkdir(parents=True, exist_ok=True)
    own = [app_id.value, ACCESS_KEY] if app_id is AppId.GATEWAY else [app_id.value]
    for source in [
        *(FOLDER / "all-keys").glob("*.pub.pem"),
        *(FOLDER / "all-keys" / f"{n}.key.pem" for n in own),
        *([FOLDER / "all-keys" / VAULT_KEYS] if app_id is AppId.GATEWAY else []),
    ]:
        target = folder / source.name
        shutil.copyfile(source, target)
        target.chmod(0o440 if target.name.endswith((".key.pem", VAULT_KEYS)) else 0o444)
        try:
            shutil.chown(target, CONTAINER_UID, CONTAINER_UID)
        except PermissionError:
            # Not root: the container's user cannot be given the file, so it must be readable by others.
            target.chmod(0o444)


if __name__ == "__main__":
    sys.exit(main())
