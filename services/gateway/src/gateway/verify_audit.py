"""`python -m gateway.verify_audit [EXPORT…]`: check every chain of the audit log.

Exports (JSON lines) are checked too, and that the log still holds what was exported: that shows when the end
of a chain was cut off.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path

import orjson

from flowloom_servicekit.database import Database
from gateway.adapters.audit_trail import PostgresAuditLog
from gateway.domain.audit import Link, broken_at, spelled
from gateway.settings import DatabaseSettings
from gateway.usecases.audit import check_chain


async def verify(database_url: str, exports: Sequence[Path]) -> list[str]:
    """Return a line for each chain that is not whole or does not hold what was exported."""
    read = [(path, await asyncio.to_thread(path.read_bytes)) for path in exports]
    database = Database(database_url, pool_size=2)
    try:
        log = PostgresAuditLog(database)
        checked = [await _export(log, path, text) for path, text in read]
        return [*await _chains(log), *[line for lines in checked for line in lines]]
    finally:
        await database.close()


async def _chains(log: PostgresAuditLog) -> list[str]:
    found = []
    for workspace_id in await log.workspaces():
        _, _, broken = await check_chain(log.chain(workspace_id))
        if broken is not None:
            found.append(f"workspace {workspace_id}: the chain breaks at entry {broken}")
    return found


async def _export(log: PostgresAuditLog, path: Path, text: bytes) -> list[str]:
    workspace_id, links = links_of(text.splitlines())
    broken = broken_at(links)
    if broken is not None:
        return [f"{path}: the export breaks at entry {broken}"]
    if not links:
        return []
    kept = [link async for batch in _within(log, workspace_id, links[-1].n) for link in batch]
    if kept[-1:] != links[-1:]:
        return [f"{path}: entry {links[-1].n} is no longer in the log as it was exported"]
    return []


async def _within(log: PostgresAuditLog, workspace_id: str, last: int) -> AsyncIterator[list[Link]]:
    async for batch in log.chain(workspace_id):
        yield [link for link in batch if link.n <= last]


def links_of(lines: Iterable[bytes]) -> tuple[str, list[Link]]:
    """Return the workspace and the entries of an export; its last line only names the head."""
    workspace_id, links = "", []
    for line in lines:
        said = orjson.loads(line)
        if "entry" in said:
            workspace_id = said["entry"]["workspace_id"]
            hashes = bytes.fromhex(said["previous"]), bytes.fromhex(said["hash"])
            links.append(Link(said["n"], spelled(said["entry"]), *hashes))
    return workspace_id, links


def main() -> None:
    """Run it with the settings of the environment; ends with 1 if something is wrong."""
    settings = DatabaseSettings()
    exports = [Path(argument) for argument in sys.argv[1:]]
    wrong = asyncio.run(verify(settings.database_url.get_secret_value(), exports))
    print("\n".join(wrong) or "every chain is whole")  # noqa: T201 - a program that prints its result
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
