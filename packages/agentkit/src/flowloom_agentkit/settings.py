"""The environment of an agent process."""

from pydantic import AliasChoices, Field

from flowloom_modelkit.settings import ModelSettings
from flowloom_servicekit.settings import ServiceSettings


class AgentSettings(ServiceSettings, ModelSettings):
    """What an agent is started with, beside the shared and the model's settings."""

    preload: bool = Field(
        default=False,
        description="Import CrewAI at the start (4 s, 190 MB) instead of when the first run begins.",
        validation_alias=AliasChoices("FLOWLOOM_AGENT_PRELOAD", "preload"),
    )
    max_crews: int = Field(
        default=16,
        ge=1,
        le=128,
        description="How many crews may work at the same time; further steps wait.",
        validation_alias=AliasChoices("FLOWLOOM_AGENT_MAX_CREWS", "max_crews"),
    )
    instance: str = Field(
        default="0",
        description="Tells copies of one agent apart; stable across restarts.",
        validation_alias=AliasChoices("FLOWLOOM_AGENT_INSTANCE", "instance"),
    )
