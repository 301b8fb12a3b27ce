"""Workflows that come from elsewhere and go elsewhere."""

from typing import Literal, TypeAlias

from pydantic import Field

from flowloom_contracts.api import WorkflowDocument
from flowloom_contracts.base import JsonObject, Request, Response

ImportFormat: TypeAlias = Literal["flowloom", "crewai", "n8n", "dify", "flowise", "langflow"]


class ImportWorkflow(Request):
    """Body of `POST /v1/import`: a document of `flowloom/v1`, a crew's two files, or another's file."""

    format: ImportFormat = "flowloom"
    source: str = Field(
        max_length=1_000_000,
        description="The document; of a crew its `tasks.yaml`; else the file that the program exports.",
    )
    agents: str = Field(default="", max_length=1_000_000, description="Of a crew its `agents.yaml`.")
    tests: str | None = Field(default=None, max_length=1_000_000)
    layout: JsonObject | None = None
    name: str | None = Field(
        default=None,
        max_length=63,
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        description="Name of the workflow that is made; default: the original's, of a crew `imported-crew`.",
    )


class ImportProblem(Response):
    """Something of the original that the workflow does not have."""

    where: str = Field(description="The node, as the original calls it.")
    step: str | None = Field(description="The step that stands for it.")
    what: str
    to_do: str = Field(description="What a person can do about it.")


class Imported(Response):
    """The draft that was made, and what of the original it does not carry."""

    workflow: WorkflowDocument
    notes: list[str] = Field(description="What was left out or has to be looked at, one sentence each.")
    problems: list[ImportProblem] = Field(
        default=[], description="The same by node, for other programs' files."
    )


class WorkflowExport(Response):
    """A workflow as it can be published: of secrets it has the names only."""

    file_name: str
    source: str
    tests: str
    layout: JsonObject
    secrets: list[str] = Field(description="What the importing workspace has to have.")
