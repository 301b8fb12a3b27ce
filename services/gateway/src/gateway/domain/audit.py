"""What is written down of a deed, and the chain that shows when an entry was changed or is missing."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from flowloom_contracts.audit import AuditAction, AuditActor, AuditOutcome, AuditTarget
from flowloom_contracts.base import JsonObject, JsonValue
from gateway.domain.principals import Principal

FIRST: Final = bytes(32)
"""What the first entry of a chain has in place of a previous hash."""

INSTALLATION: Final = "00000000-0000-0000-0000-000000000000"
"""The chain of what belongs to no workspace: attempts to sign in as nobody we know."""

MAX_TEXT_CHARS: Final = 500
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class Deed:
    """What somebody did, or was refused; recorded in the transaction that does it."""

    action: AuditAction
    workspace_id: str
    actor: AuditActor
    at: datetime
    target: AuditTarget | None = None
    details: JsonObject = field(default_factory=dict)
    outcome: AuditOutcome = "done"


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is kept: `body` is its text, byte for byte, over which the hash goes."""

    n: int
    body: str
    previous: bytes
    hash: bytes


def actor_of(principal: Principal) -> AuditActor:
    """Return a caller as the log names them."""
    if principal.key_id is not None:
        return AuditActor(kind="api_key", id=principal.key_id, email=principal.email)
    if principal.client_id is not None:
        return AuditActor(kind="client", id=principal.client_id, email=principal.email)
    return AuditActor(kind="user", id=principal.user_id, email=principal.email)


def done_by(
    principal: Principal,
    action: AuditAction,
    *,
    at: datetime,
    target: AuditTarget | None = None,
    details: JsonObject | None = None,
) -> Deed:
    """Return the deed of a caller in their workspace."""
    return Deed(action, principal.workspace_id, actor_of(principal), at, target, details or {})


def as_begun(deed: Deed) -> str:
    """Return what is kept of a deed before it is done: it is written down so when nobody tells its end."""
    begun = {**deed.details, "confirmed": False}
    entry: JsonObject = {
        "action": deed.action.value,
        "workspace_id": deed.workspace_id,
        "actor": deed.actor.model_dump(mode="json"),
        "at": deed.at.isoformat(),
        "target": None if deed.target is None else deed.target.model_dump(mode="json"),
        "details": begun,
    }
    return json.dumps(entry)


def begun_in(text: str) -> Deed:
    """Return the deed that `as_begun` has kept."""
    entry = json.loads(text)
    target = entry["target"]
    return Deed(
        AuditAction(entry["action"]),
        entry["workspace_id"],
        AuditActor.model_validate(entry["actor"]),
        datetime.fromisoformat(entry["at"]),
        None if target is None else AuditTarget.model_validate(target),
        entry["details"],
    )


def source_of(deed_id: str) -> str:
    """Return what keeps a deed that was begun from being written down twice."""
    return f"deed:{deed_id}"


def body_of(deed: Deed, *, trace_id: str | None = None) -> str:
    """Return the text that is kept of a deed: one spelling, and no character that hides or breaks a line."""
    entry: JsonObject = {
        "action": deed.action.value,
        "actor": deed.actor.model_dump(mode="json"),
        "at": deed.at.astimezone(UTC).isoformat(),
        "details": deed.details,
        "outcome": deed.outcome,
        "target": None if deed.target is None else deed.target.model_dump(mode="json"),
        "trace_id": trace_id,
        "workspace_id": deed.workspace_id,
    }
    return spelled(_neutral(entry))


def spelled(entry: JsonValue) -> str:
    """Return the one spelling of an entry, from which its hash can be computed again."""
    return json.dumps(entry, allow_nan=False, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(n: int, previous: bytes, body: str) -> bytes:
    """Return the hash of an entry; the database computes the same when it is inserted."""
    return hashlib.sha256(previous + n.to_bytes(8, "big") + body.encode()).digest()


def broken_at(links: Iterable[Link], *, after: int = 0, previous: bytes = FIRST) -> int | None:
    """Return the number where a chain does not go on as it must, None when it is whole."""
    for link in links:
        after += 1
        if link.n != after or link.previous != previous or link.hash != hash_of(after, previous, link.body):
            return after
        previous = link.hash
    return None


def _neutral(value: JsonValue) -> JsonValue:
    if isinstance(value, str):
        return neutral_text(value)
    if isinstance(value, dict):
        return {neutral_text(name): _neutral(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_neutral(inner) for inner in value]
    return value


def neutral_text(text: str) -> str:
    """Return a text on one line, with characters that a terminal would obey written out as `\\u{a}`."""
    shown = "".join(
        f"\\u{{{ord(character):x}}}" if unicodedata.category(character) in _HIDDEN else character
        for character in text[: MAX_TEXT_CHARS + 1]
    )
    return shown if len(text) <= MAX_TEXT_CHARS else f"{shown[:MAX_TEXT_CHARS]}…"
