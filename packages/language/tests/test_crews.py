"""Crews that become documents: what is valid runs, what is left out is told."""

import pytest

from flowloom_language.crews import NotACrewError, convert_crew
from flowloom_language.document import validate_document

AGENTS = """
researcher: {role: Analyst, goal: Find facts, backstory: Careful., verbose: true}
Report Writer: {role: Writer, goal: Write}
"""
TASKS = """
research_task: {description: "Look into {topic} for ${money}", expected_output: Ten facts, agent: researcher}
write-it: {description: Write it down, agent: Report Writer, output_file: report.md}
check: {description: Check it, agent: researcher, context: [research_task, write-it]}
"""


def test_makes_a_valid_document_and_says_what_is_missing() -> None:
    made = convert_crew(AGENTS, TASKS, name="my-crew")
    validated = validate_document(made.source)
    assert validated.workflow is not None, validated.problems
    workflow = validated.workflow
    assert (workflow.metadata.name, list(workflow.steps)) == (
        "my-crew",
        ["research_task", "write_it", "check"],
    )
    assert list(workflow.agents) == ["researcher", "report_writer"]
    assert (workflow.inputs or {})["required"] == ["topic", "money"]
    assert "${inputs.topic}" in made.source
    assert workflow.outputs == {"result": "${steps.check.output}"}
    assert made.notes == (
        "Task 'write-it': 'output_file' was left out.",
        "Agent 'researcher': 'verbose' was left out.",
    )


@pytest.mark.parametrize(
    ("agents", "tasks", "says"),
    [
        ("", TASKS, "agents.yaml"),
        (AGENTS, "- a", "tasks.yaml"),
        (AGENTS, "a: 1", "no fields"),
        (AGENTS, "a: {description: x}", "agent"),
        ("a: {role: x}", "t: {description: x, agent: a}", "goal"),
        (AGENTS, "t: {description: x, agent: researcher, context: [later]}", "earlier"),
        (AGENTS, "a b: {description: x, agent: r}\na-b: {description: x, agent: r}", "same step"),
        (AGENTS, "&a x: !!python/object:os.system {}", "tasks.yaml"),
    ],
)
def test_says_what_is_not_a_crew(agents: str, tasks: str, says: str) -> None:
    with pytest.raises(NotACrewError, match=says):
        convert_crew(agents, tasks, name="x")
