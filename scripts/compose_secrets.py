"""Generate what docker-compose.yml reads from deploy/compose/.secrets: passwords, tokens and key pairs; once.

Each service gets an environment file and a folder with its own private key and everybody's public keys.
"""

import json
import shutil
import sys
from pathlib import Path

from flowloom_cli.secrets import (
    ACCESS_KEY,
    DATABASE_ROLES,
    Secrets,
    ensure_keys,
    load_or_create,
    write_private,
)
from flowloom_contracts.topics import AppId

FOLDER = Path(__file__).resolve().parent.parent / "deploy" / "compose" / ".secrets"
DATABASES = (AppId.GATEWAY, AppId.ORCHESTRATOR, AppId.MEMORY)
CONTAINER_UID = 10001


def main() -> int:
    """Write every file that is missing; passwords that exist are kept."""
    FOLDER.mkdir(mode=0o700, parents=True, exist_ok=True)
    secrets = load_or_create(FOLDER)
    ensure_keys(FOLDER / "all-keys")
    write_private(FOLDER / "redis.env", f"REDIS_PASSWORD={secrets.redis}\n")
    write_private(FOLDER / "postgres.env", environment_file(postgres_environment(secrets)))
    stores = {
        "postgres": "host=postgres port=5432 user=flowloom_dapr dbname=flowloom"
        f" password={secrets.roles['dapr']}",
        "redisHost": "redis:6379",
        "redisPassword": secrets.redis,
    }
    write_private(FOLDER / "flowloom.json", json.dumps({"stores": stores}))
    for app_id in AppId:
        write_private(FOLDER / f"{app_id}.env", environment_file(service_environment(app_id, secrets)))
        give_keys(app_id)
    print(f"secrets of the containers are in {FOLDER}")
    return 0


def postgres_environment(secrets: Secrets) -> dict[str, str]:
    """Return the superuser's and the owners' passwords, as deploy/compose/postgres/10-roles.sh reads them."""
    owners = {f"PASSWORD_{role.upper()}": secrets.roles[role] for role in DATABASE_ROLES}
    return {"POSTGRES_USER": "postgres", "POSTGRES_PASSWORD": secrets.postgres, **owners}


def service_environment(app_id: AppId, secrets: Secrets) -> dict[str, str]:
    """Return the environment that a service and its sidecar share."""
    values = {
        "FLOWLOOM_HOME": "/tmp",
        "FLOWLOOM_KEYS_DIR": "/run/keys",
        "FLOWLOOM_REDIS_URL": f"redis://:{secrets.redis}@redis:6379/0",
        "DAPR_HTTP_PORT": "3500",
        "DAPR_GRPC_PORT": "50001",
        "DAPR_API_TOKEN": secrets.dapr_api_tokens[app_id],
        "APP_API_TOKEN": secrets.app_api_tokens[app_id],
    }
    if app_id in DATABASES:
        login = f"flowloom_{app_id}:{secrets.roles[app_id]}"
        values[f"FLOWLOOM_{app_id.upper()}_DATABASE_URL"] = (
            f"postgresql+asyncpg://{login}@postgres:5432/flowloom"
        )
    if app_id is AppId.GATEWAY:
        values["FLOWLOOM_GATEWAY_SETUP_TOKEN"] = secrets.setup_token
        values["FLOWLOOM_GATEWAY_SIGNING_KEY_FILE"] = f"/run/keys/{ACCESS_KEY}.key.pem"
    return values


def environment_file(values: dict[str, str]) -> str:
    """Return the text of an env_file."""
    return "".join(f"{name}={value}\n" for name, value in values.items())


def give_keys(app_id: AppId) -> None:
    """Copy to a service its own private key, and the public key of everybody."""
    folder = FOLDER / "keys" / app_id
    folder.mkdir(parents=True, exist_ok=True)
    own = [app_id.value, ACCESS_KEY] if app_id is AppId.GATEWAY else [app_id.value]
    for source in [
        *(FOLDER / "all-keys").glob("*.pub.pem"),
        *(FOLDER / "all-keys" / f"{n}.key.pem" for n in own),
    ]:
        target = folder / source.name
        shutil.copyfile(source, target)
        target.chmod(0o440 if target.name.endswith(".key.pem") else 0o444)
        try:
            shutil.chown(target, CONTAINER_UID, CONTAINER_UID)
        except PermissionError:
            # Not root: the container's user cannot be given the file, so it must be readable by others.
            target.chmod(0o444)


if __name__ == "__main__":
    sys.exit(main())
