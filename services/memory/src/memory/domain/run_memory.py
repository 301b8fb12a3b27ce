"""What tells failures apart, and what a search finds of one."""

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from flowloom_contracts.base import JsonObject
from flowloom_contracts.events import RunFinished
from flowloom_contracts.run_memory import KnownFailure, Remedy, RemedyKind
from flowloom_contracts.runs import RunStatus

MESSAGE_CHARS: Final = 1_000
REMEMBERED: Final = (RunStatus.SUCCEEDED, RunStatus.FAILED)
"""A cancelled run says nothing about its workflow."""

_ITEM: Final = re.compile(r"\[\d+\]")
# In this order: what is left of a longer form would be taken for a shorter one.
_CHANGING: Final = (
    (re.compile(r"https?://[^\s'\"<>]+"), "<address>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.I), "<id>"),
    (re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"), "<time>"),
    (re.compile(r"\b(?=\w*\d)[0-9a-f]{8,}\b", re.I), "<id>"),
    (re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`"), "<name>"),
    (re.compile(r"\d+(?:[.,]\d+)*"), "<number>"),
)
_HELPED: Final[dict[RemedyKind, str]] = {
    "retry": "after a retry of the run",
    "fork": "in a fork of the run",
    "document": "after a change of the workflow",
    "again": "in a later run without a change",
}


@dataclass(frozen=True, slots=True)
class FailureKey:
    """Which failure of which workflow."""

    workspace_id: str
    workflow_id: str
    signature: str

    @property
    def effect_key(self) -> str:
        """Under which its document is kept; a new one replaces it."""
        return f"run-memory:{self.workflow_id}:{self.signature}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt of a run has ended; a failure has a signature, a code and a message."""

    workspace_id: str
    run_id: str
    attempt: int
    workflow_id: str
    workflow_name: str
    version: int | None
    document: str | None
    forked_from: str | None
    status: RunStatus
    at: datetime
    signature: str | None = None
    code: str | None = None
    step: str | None = None
    message: str | None = None


def outcome_of(event: RunFinished) -> Outcome | None:
    """Return what is remembered of a run, or None.

    Nothing is of private runs, and what a step of another run has started is told by that run.
    """
    if event.is_private or event.is_child or event.status not in REMEMBERED:
        return None
    known = Outcome(
        workspace_id=event.workspace_id,
        run_id=event.run_id,
        attempt=event.attempt,
        workflow_id=event.workflow_id,
        workflow_name=event.workflow_name or "",
        version=event.version,
        document=event.document,
        forked_from=event.forked_from,
        status=event.status,
        at=event.at,
    )
    if event.status is RunStatus.SUCCEEDED:
        return known
    error = event.error
    code, message = (error.code, error.message) if error else ("internal", "")
    step = _ITEM.sub("", error.step) if error and error.step else None
    # Postgres keeps neither NUL nor half a pair.
    message = message.replace("\0", "").encode(errors="replace").decode()[:MESSAGE_CHARS]
    told = signature(code, step, message)
    return replace(known, signature=told, code=code, step=step, message=message)


def signature(code: str, step: str | None, message: str) -> str:
    """Return the same for failures that differ in numbers, names, times and addresses only."""
    parts = "\n".join((code, step or "", normalised(message)))
    return hashlib.sha256(parts.encode()).hexdigest()[:16]


def normalised(message: str) -> str:
    """Return a message with a mark in place of everything that changes from run to run."""
    for changing, mark in _CHANGING:
        message = changing.sub(mark, message)
    return " ".join(message.split())


def title_of(workflow_name: str, failure: KnownFailure) -> str:
    """Return the name of the document about a failure."""
    return f"{workflow_name or failure.workflow_id}: {failure.code} in {failure.step or 'the run'}"


def text_of(workflow_name: str, failure: KnownFailure) -> str:
    """Return what a search finds, the same for models and people."""
    where = f"in step {failure.step}" if failure.step else "outside its steps"
    lines = [
        f"Runs of workflow {workflow_name or failure.workflow_id} failed {where} with {failure.code}.",
        failure.message,
        f"Seen {_times(failure.seen)}, last on {failure.last_seen:%Y-%m-%d}.",
    ]
    lines += [_told(remedy) for remedy in failure.remedies] or ["No run has succeeded since."]
    return "\n".join(line for line in lines if line)


def metadata_of(workflow_name: str, failure: KnownFailure) -> JsonObject:
    """Return what programs read of a failure beside its text."""
    return {
        "workflow": workflow_name,
        "workflow_id": failure.workflow_id,
        "signature": failure.signature,
        "code": failure.code,
        "step": failure.step,
        "seen": failure.seen,
        "last_run_id": failure.last_run_id,
    }


def _told(remedy: Remedy) -> str:
    version = f", version {remedy.last_version}" if remedy.last_version is not None else ""
    times, how = _times(remedy.runs), _HELPED[remedy.kind]
    return f"The next success came {times} {how}, last in run {remedy.last_run_id}{version}."


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"
