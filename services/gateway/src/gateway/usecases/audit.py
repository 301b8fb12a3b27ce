"""The audit log: read page by page, exported whole, checked."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Final, Literal

import orjson

from flowloom_contracts.audit import AuditAction, AuditEntry, AuditEvent, AuditPage
from flowloom_contracts.base import JsonObject
from flowloom_contracts.problem import FieldProblem
from flowloom_servicekit.clock import Clock
from gateway.audit_ports import AuditFilter, AuditLog
from gateway.domain.audit import FIRST, Deed, Link, broken_at, done_by
from gateway.domain.paging import InvalidCursorError
from gateway.domain.principals import Principal

ExportFormat = Literal["jsonl", "csv"]
COLUMNS: Final = (
    "n",
    "at",
    "action",
    "outcome",
    "actor",
    "email",
    "target",
    "name",
    "previous",
    "hash",
    "entry",
)
FORMULA: Final = ("=", "+", "-", "@")
"""What a spreadsheet would calculate, at the start of a cell."""


async def list_entries(
    principal: Principal, wanted: AuditFilter, *, cursor: str | None, limit: int, audit: AuditLog
) -> AuditPage:
    """Return a page of the caller's workspace, newest first."""
    links = await audit.page(principal.workspace_id, wanted, before=_number_in(cursor), limit=limit + 1)
    return AuditPage(
        items=[_shown(link) for link in links[:limit]],
        next_cursor=str(links[limit - 1].n) if len(links) > limit else None,
    )


async def export_entries(
    principal: Principal, how: ExportFormat, *, audit: AuditLog, clock: Clock
) -> AsyncIterator[bytes]:
    """Return the whole chain as it is now, in pieces; that it was taken out is itself written down.

    JSON lines end with a line that names the head of the chain. Keep it: it shows later whether the end of
    the chain was cut off.
    """
    deed = done_by(principal, AuditAction.AUDIT_EXPORTED, at=clock.now(), details={"format": how})
    await audit.add(deed)
    chain = audit.chain(principal.workspace_id)
    return _as_json_lines(chain) if how == "jsonl" else _as_csv(chain)


async def hear_deed(event: AuditEvent, *, audit: AuditLog) -> None:
    """Write down what another service tells; it may arrive more than once."""
    deed = Deed(
        action=event.action,
        workspace_id=event.workspace_id,
        actor=event.actor,
        at=event.at,
        target=event.target,
        details=event.details,
        outcome=event.outcome,
    )
    await audit.add(deed, source=event.event_id)


async def check_chain(chain: AsyncIterator[list[Link]]) -> tuple[int, bytes, int | None]:
    """Return how many entries are whole, the hash of the last, and the number at which the chain breaks."""
    count, head = 0, FIRST
    async for links in chain:
        broken = broken_at(links, after=count, previous=head)
        if broken is not None:
            return count, head, broken
        count, head = links[-1].n, links[-1].hash
    return count, head, None


async def _as_json_lines(chain: AsyncIterator[list[Link]]) -> AsyncIterator[bytes]:
    last: Link | None = None
    async for links in chain:
        yield b"".join(_line(link) for link in links)
        last = links[-1]
    if last is not None:
        yield orjson.dumps({"head": last.hash.hex(), "count": last.n}) + b"\n"


def _line(link: Link) -> bytes:
    numbered: JsonObject = {"n": link.n, "previous": link.previous.hex(), "hash": link.hash.hex()}
    return orjson.dumps(numbered | {"entry": orjson.loads(link.body)}) + b"\n"


async def _as_csv(chain: AsyncIterator[list[Link]]) -> AsyncIterator[bytes]:
    yield _rows([COLUMNS])
    async for links in chain:
        yield _rows([_cells(link) for link in links])


def _cells(link: Link) -> tuple[str, ...]:
    shown = _shown(link)
    target = shown.target
    cells = (
        str(link.n),
        shown.at.isoformat(),
        shown.action,
        shown.outcome,
        f"{shown.actor.kind}:{shown.actor.id or ''}",
        shown.actor.email or "",
        "" if target is None else f"{target.kind}:{target.id}",
        "" if target is None else target.name or "",
        link.previous.hex(),
        link.hash.hex(),
        link.body,
    )
    return tuple(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)


def _rows(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _shown(link: Link) -> AuditEntry:
    known = {"n": link.n, "previous": link.previous.hex(), "hash": link.hash.hex()}
    return AuditEntry.model_validate(orjson.loads(link.body) | known)


def _number_in(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    if cursor.isascii() and cursor.isdigit() and len(cursor) < 19:
        return int(cursor)
    wrong = FieldProblem(path="cursor", code="invalid_cursor", message="Take it from `next_cursor`.")
    raise InvalidCursorError("`cursor` is not one we gave.", errors=[wrong])
