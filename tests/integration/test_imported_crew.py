"""A crew as CrewAI writes it is brought in and carried out by the real platform, to its end."""

from typing import Final

from benchmarks.mock_llm.control import MockModel
from benchmarks.mock_llm.plan import Rule
from flowloom_contracts.api import WorkflowDocument
from flowloom_contracts.runs import RunStatus, StepStatus
from tests.integration.api import PublicApi

AGENTS: Final = """
researcher:
  role: >
    Senior Data Researcher
  goal: >
    Uncover developments in the subject of the crew
  backstory: >
    You are a seasoned researcher with a knack for uncovering what others miss.
  verbose: true

reporting_analyst:
  role: >
    Reporting Analyst
  goal: >
    Write detailed reports on what was found
  backstory: >
    You are a meticulous analyst with a keen eye for detail.
"""
TASKS: Final = """
research_task:
  description: >
    Research-{key}: look thoroughly into {{topic}}.
  expected_output: >
    A list with 10 points
  agent: researcher

reporting_task:
  description: >
    Report-{key}: expand each topic into a section.
  expected_output: >
    A full report
  agent: reporting_analyst
  context: [research_task]
  output_file: report.md
"""


async def test_an_imported_crew_runs_to_its_end(api: PublicApi, model: MockModel, key: str) -> None:
    await model.script(
        Rule(name=f"research-{key}", match=f"Research-{key}", texts=[f"Found-{key}: bees like clover."]),
        Rule(name=f"report-{key}", match=f"Report-{key}", texts=[f"Written-{key}: on bees and clover."]),
    )
    crew = {
        "format": "crewai", "name": f"crew-{key}", "agents": AGENTS, "source": TASKS.format(key=key),
    }  # fmt: skip
    made = await api.http.post("/v1/import", json=crew)
    assert made.status_code == 201, made.text
    assert made.json()["notes"] == [
        "Task 'reporting_task': 'output_file' was left out.",
        "Agent 'researcher': 'verbose' was left out.",
    ]
    workflow = WorkflowDocument.model_validate(made.json()["workflow"])
    assert workflow.draft_valid, workflow.problems
    refused = await api.request_start(workflow.id, {})
    assert refused.status_code == 422, "the crew's own {topic} has to be given"
    started = await api.start(workflow.id, {"topic": f"bees-{key}"})
    run = await api.finished(started.id)
    assert run.status is RunStatus.SUCCEEDED, run.error
    assert run.outputs == {"result": f"Written-{key}: on bees and clover."}
    steps = await api.steps(run.id)
    assert [(path, steps[path].status) for path in ("research_task", "reporting_task")] == [
        ("research_task", StepStatus.SUCCEEDED),
        ("reporting_task", StepStatus.SUCCEEDED),
    ]
    research, report = [entry.prompt for entry in (await model.page()).entries if key in entry.prompt]
    assert f"bees-{key}" in research
    assert "senior data researcher" in research.lower()
    assert "A list with 10 points" in research
    assert f"Found-{key}: bees like clover." in report, "what was found is the report's context"
    assert "reporting analyst" in report.lower()
