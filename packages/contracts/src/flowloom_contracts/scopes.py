"""Operations between services that one token may be for: what belongs to one piece of work on one run."""

from typing import Final

STEP_WORK: Final = frozenset(
    {
        *(f"steps:{verb}" for verb in ("claim", "heartbeat", "complete")),
        *(f"calls:{verb}" for verb in ("begin", "end")),
        *(f"files:{verb}" for verb in ("write", "written", "list", "read")),
    }
)
"""What a worker asks of the orchestrator while it carries out a step."""

RUN_READING: Final = frozenset(
    f"runs:{what}"
    for what in ("get", "steps", "events", "snapshot", "value", "value-part", "files", "file-part")
)
"""What the gateway asks for whoever looks at a run; nothing of it changes anything."""


def scopes_with(scope: str) -> frozenset[str]:
    """Return what a token for an operation is for: a signature for each one would cost more than it saves."""
    return next((together for together in (STEP_WORK, RUN_READING) if scope in together), frozenset({scope}))
