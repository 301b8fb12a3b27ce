"""What an agent is: its `agent.yaml`, in CrewAI's field names, checked against the tools it ships."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from flowloom_agentkit.errors import InvalidAgentError
from flowloom_contracts.base import Document, JsonObject

AGENT_FILE: Final = "agent.yaml"


class AgentDefinition(Document):
    """Who the agent is and what it may use."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")
    role: str = Field(min_length=1)
    goal: str = Field(min_length=1)
    backstory: str = ""
    tools: list[str] = []
    output: JsonObject = Field(
        default={}, description="What the model has to say for a guard: properties by name, as JSON Schema."
    )

    @property
    def persona(self) -> str:
        """The system message of its steps."""
        return persona_of(self.role, self.goal, self.backstory)


def persona_of(role: str, goal: str, backstory: str) -> str:
    """Return a system message: plain and short, because small models repeat what they are told about."""
    role = role[0].lower() + role[1:]
    article = "an" if role[0] in "aeiou" else "a"
    return f"You are {article} {role}. {goal.rstrip('.')}. {backstory}".strip()


def load_definition(folder: Path, tools: Mapping[str, object]) -> AgentDefinition:
    """Return the definition in a folder; raises `InvalidAgentError`, which says what to change."""
    path = folder / AGENT_FILE
    try:
        content = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        definition = AgentDefinition.model_validate(content)
    except OSError as error:
        raise InvalidAgentError(f"{path}: cannot be read ({error.strerror})") from error
    except YAMLError as error:
        raise InvalidAgentError(f"{path}: is not YAML: {error}") from error
    except ValidationError as error:
        raise InvalidAgentError(f"{path}: {_in_words(error)}") from error
    unknown = [name for name in definition.tools if name not in tools]
    if unknown:
        known = ", ".join(sorted(tools)) or "none"
        raise InvalidAgentError(f"{path}: unknown tool {unknown[0]!r}; this agent ships: {known}")
    return definition


def _in_words(error: ValidationError) -> str:
    known = ", ".join(AgentDefinition.model_fields)
    lines = []
    for problem in error.errors(include_url=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"]) or "the file"
        if problem["type"] == "extra_forbidden":
            lines.append(f"unknown key {where!r}; known keys: {known}")
        else:
            lines.append(f"{where}: {problem['msg']}")
    return "; ".join(lines)
