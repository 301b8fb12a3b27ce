"""The words that cannot be ids, the form of an id, and the agents that are always there."""

import re
from typing import Final

from flowloom_contracts.document_parts import AGENT_KINDS
from flowloom_contracts.step_fields import ID_PATTERN

RESERVED: Final = frozenset(
    {
        "in", "true", "false", "null", "has", "all", "exists", "filter", "map", "default", "inputs", "steps",
        "run", "trigger", "secrets", "error", "previous", "index",
    }
)  # fmt: skip
"""Words of the expression language."""

BUILT_IN_AGENTS: Final = frozenset(AGENT_KINDS)

_AGENT: Final = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")
_MAX_AGENT: Final = 64
_ID: Final = re.compile(ID_PATTERN.removesuffix("$") + r"\Z")


def is_id(text: str) -> bool:
    """Whether a text has the form of an id."""
    return _ID.match(text) is not None


def is_agent_name(text: str) -> bool:
    """Whether a text can name an agent of a document or a workspace."""
    return len(text) <= _MAX_AGENT and _AGENT.match(text) is not None
