"""Workflows that a model proposes: what is asked; the answer is a run, its outputs are what it proposes."""

from pydantic import Field

from flowloom_contracts.base import Request


class AskProposal(Request):
    """Body of `POST /v1/proposals`: what a workflow is to do, or what is to become of one."""

    text: str = Field(min_length=3, max_length=4_000, description="What is wanted, in a person's words.")
    source: str = Field(
        default="", max_length=262_144, description="The document as it is now; empty for a new workflow."
    )
    problems: list[str] = Field(
        default=[], max_length=20, description="What is wrong with the document and has to be mended."
    )
    model: str | None = Field(
        default=None, min_length=1, max_length=128, description="A model by its name; else the default."
    )
