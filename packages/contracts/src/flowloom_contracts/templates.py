"""Templates: workflows that come with the platform, to look at and to start from."""

from pydantic import Field

from flowloom_contracts.base import JsonObject, Response


class TemplateNeeds(Response):
    """What has to be there before a workflow of the template can run."""

    agents: list[str] = []
    models: list[str] = Field(default=[], description="Beside `default`.")
    secrets: list[str] = []
    tools: list[str] = []
    workflows: list[str] = []
    people: bool = Field(default=False, description="Somebody has to decide something.")
    internet: bool = Field(default=False, description="It calls addresses outside.")


class Template(Response):
    """A row of the gallery."""

    id: str
    title: str
    description: str
    categories: list[str]
    level: str | None = Field(default=None, description="`start-here` for those to begin with.")
    kinds: list[str] = Field(description="The kinds of its steps.")
    steps: int
    needs: TemplateNeeds


class TemplateDocument(Template):
    """A template with its texts; `inputs` is the JSON Schema of what a run takes."""

    source: str
    tests: str
    inputs: JsonObject


class TemplateList(Response):
    """All templates, those to begin with first."""

    items: list[Template]
