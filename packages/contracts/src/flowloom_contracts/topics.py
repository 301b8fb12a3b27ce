"""The only spelling of shared topics, Dapr components, app-ids, workflows and activities."""

from enum import StrEnum
from typing import Final


class AppId(StrEnum):
    """One word for the folder, the Dapr app-id, the compose service and the metric label."""

    GATEWAY = "gateway"
    ORCHESTRATOR = "orchestrator"
    MEMORY = "memory"
    AGENT_RESEARCH = "agent-research"
    AGENT_ANALYSIS = "agent-analysis"
    AGENT_IMPLEMENTATION = "agent-implementation"
    AGENT_QA = "agent-qa"


AGENT_APP_IDS: Final = (
    AppId.AGENT_RESEARCH,
    AppId.AGENT_ANALYSIS,
    AppId.AGENT_IMPLEMENTATION,
    AppId.AGENT_QA,
)


class Component(StrEnum):
    """Dapr components; each has a file of its name in dapr/components."""

    WORKFLOW = "workflow"
    SETTINGS = "settings"
    CACHE = "cache"
    PUBSUB = "pubsub"
    SECRETS = "secrets"


class Topic(StrEnum):
    """Platform topics; a dead-letter topic is `<topic>-dead`."""

    RUN_EVENTS = "run-events"
    MEMORY_INGEST = "memory-ingest"
    AUDIT_EVENTS = "audit-events"
    AGENT_STATUS = "agent-status"
    USER_EVENTS = "user-events"
    NOTICES = "notices"


class EngineName(StrEnum):
    """Names registered with the Dapr Workflow engine; never renamed while work is in flight."""

    DRIVE_RUN = "drive_run"
    ADVANCE = "advance"
    RUN_STEP = "run_step"
    SIGNAL = "signal"


CONTROL_CHANNEL: Final = "control"
"""Redis channel on which a cancel reaches the agents."""

WARM_UP_CHANNEL: Final = "warm-up"
"""Redis channel on which the agent that gets a first step tells the others to make ready."""


def dead_letter(topic: Topic) -> str:
    """Return the dead-letter topic of a topic."""
    return f"{topic.value}-dead"


def agent_app_id(kind: str) -> str:
    """Return the app-id of an agent kind, `agent-research` for `research`."""
    return f"agent-{kind}"
