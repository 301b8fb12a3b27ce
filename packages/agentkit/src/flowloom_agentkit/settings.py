"""The environment of an agent process."""

from pydantic import AliasChoices, Field, field_validator

from flowloom_modelkit.settings import ModelSettings
from flowloom_servicekit.outbound.errors import AddressRefusedError
from flowloom_servicekit.outbound.gate import allowed_origins
from flowloom_servicekit.outbound.targets import origin
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
    web_allow: str = Field(
        default="",
        description="Origins that web tools may read wherever they lead: http://wiki.internal, by commas.",
        validation_alias=AliasChoices("FLOWLOOM_AGENT_WEB_ALLOW", "web_allow"),
    )
    web_search_url: str = Field(
        default="",
        description="A search engine that answers as SearXNG does: http://127.0.0.1:8888/search.",
        validation_alias=AliasChoices("FLOWLOOM_AGENT_WEB_SEARCH_URL", "web_search_url"),
    )
    instance: str = Field(
        default="0",
        description="Tells copies of one agent apart; stable across restarts.",
        validation_alias=AliasChoices("FLOWLOOM_AGENT_INSTANCE", "instance"),
    )

    @field_validator("web_allow")
    @classmethod
    def _has_origins_only(cls, text: str) -> str:
        allowed_origins(text)
        return text

    @field_validator("web_search_url")
    @classmethod
    def _is_an_address(cls, text: str) -> str:
        try:
            if text:
                origin(text)
        except AddressRefusedError as error:
            raise ValueError(f"is no address of a search engine: {error.detail}") from error
        return text
