"""`python -m gateway.rotate_keys`: seal every secret with a new master key; the gateway may run meanwhile.

Older keys stay in the file, because backups of the database still need them.
"""

import asyncio
from pathlib import Path

from flowloom_servicekit.database import Database
from gateway.adapters.key_ring import KEY_FILE, KeyRing, add_key
from gateway.adapters.postgres_secrets import PostgresSecretStore
from gateway.settings import Settings
from gateway.usecases.secrets import seal_anew


async def rotate(database_url: str, keys_dir: Path) -> int:
    """Add a key and seal everything with it; returns how many values."""
    path = keys_dir / KEY_FILE
    add_key(path)
    database = Database(database_url, pool_size=2)
    try:
        return await seal_anew(rows=PostgresSecretStore(database), vault=KeyRing(path))
    finally:
        await database.close()


def main() -> None:
    """Run it with the settings of the environment."""
    settings = Settings()
    count = asyncio.run(rotate(settings.database_url.get_secret_value(), settings.keys_dir))
    print(f"{count} values are sealed with the new key")  # noqa: T201 - a program that prints its result


if __name__ == "__main__":
    main()
