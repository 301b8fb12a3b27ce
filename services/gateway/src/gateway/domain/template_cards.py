"""What the gallery says of a workflow: read from its document and never written by hand."""

from collections.abc import Iterable
from typing import Final

from flowloom_contracts.steps.agent import AgentStep
from flowloom_contracts.steps.llm import LlmStep
from flowloom_contracts.steps.tool import ToolStep
from flowloom_contracts.steps.workflow import WorkflowStep
from flowloom_contracts.templates import TemplateDocument, TemplateNeeds
from flowloom_contracts.workflow import Workflow
from flowloom_language.plan import PlanStep, compile_plan

CATEGORIES: Final = "categories"
LEVEL: Final = "level"
START_HERE: Final = "start-here"
OTHERS: Final = "More"


def card(workflow: Workflow, *, source: str, tests: str) -> TemplateDocument:
    """Return a template; its description is the document's, else the comment at its beginning."""
    metadata = workflow.metadata
    steps = list(compile_plan(workflow).by_path.values())
    listed = metadata.labels.get(CATEGORIES, OTHERS)
    return TemplateDocument(
        id=metadata.name,
        title=metadata.title or metadata.name,
        description=metadata.description or _leading_comment(source),
        categories=[part.strip() for part in listed.split(",") if part.strip()],
        level=metadata.labels.get(LEVEL),
        kinds=sorted({step.kind for step in steps}),
        steps=len(steps),
        needs=_needs(workflow, steps),
        source=source,
        tests=tests,
        inputs=workflow.inputs or {},
    )


def in_order(templates: Iterable[TemplateDocument]) -> list[TemplateDocument]:
    """Return those to begin with first, then by the number of steps: the small ones teach."""
    return sorted(templates, key=lambda one: (one.level != START_HERE, one.steps, one.id))


def _needs(workflow: Workflow, planned: Iterable[PlanStep]) -> TemplateNeeds:
    steps = [one.step for one in planned]
    agents = {step.agent for step in steps if isinstance(step, AgentStep)} - set(workflow.agents)
    models = {one.model for one in planned} | {step.llm for step in steps if isinstance(step, LlmStep)}
    kinds = {one.kind for one in planned}
    return TemplateNeeds(
        agents=sorted(agents | {one.kind for one in workflow.agents.values()}),
        models=sorted(model for model in models if model not in (None, "default")),
        secrets=sorted(workflow.secrets),
        tools=sorted({step.tool for step in steps if isinstance(step, ToolStep)}),
        workflows=sorted({step.workflow for step in steps if isinstance(step, WorkflowStep)}),
        people="approval" in kinds,
        internet="http" in kinds,
    )


def _leading_comment(source: str) -> str:
    lines = []
    for line in source.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.lstrip("# ").rstrip())
    return " ".join(lines)
