"""Turns a crew's `agents.yaml` and `tasks.yaml` into a document, and says what it could not carry over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import yaml

from flowloom_contracts.base import JsonValue
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import to_data
from flowloom_language.yaml_reader import read_yaml

KIND: Final = "research"
"""Which of the platform's agents carries out the steps of an agent that the document defines."""
_HOLE: Final = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,62})\}")
_ID: Final = re.compile(r"[^a-z0-9_]+")
_AGENT_FIELDS: Final = frozenset({"role", "goal", "backstory"})
_TASK_FIELDS: Final = frozenset({"description", "expected_output", "agent", "context"})


class NotACrewError(ValueError):
    """The texts are not the two files of a crew; the message says why."""


@dataclass(frozen=True, slots=True)
class ConvertedCrew:
    """A document of `flowloom/v1` and what of the crew it does not have."""

    source: str
    notes: tuple[str, ...]


def convert_crew(agents: str, tasks: str, *, name: str) -> ConvertedCrew:
    """Return the document of a crew; raise NotACrewError for texts that are none."""
    notes, inputs = list[str](), dict[str, None]()
    known = _mapping(agents, "agents.yaml")
    steps, last = dict[str, JsonValue](), ""
    for task, fields in _mapping(tasks, "tasks.yaml").items():
        last = _identifier(task)
        if last in steps:
            raise NotACrewError(f"tasks.yaml: {task!r} and another task become the same step {last!r}.")
        steps[last] = _step(task, fields, before=list(steps), inputs=inputs, notes=notes)
    document: dict[str, JsonValue] = {
        "apiVersion": "flowloom/v1",
        "kind": "Workflow",
        "metadata": {"name": name},
    }
    crew = {_identifier(agent): _agent(agent, fields, notes) for agent, fields in known.items()}
    if inputs:
        properties: dict[str, JsonValue] = {hole: {"type": "string"} for hole in inputs}
        document["inputs"] = {"type": "object", "required": list(inputs), "properties": properties}
    document |= {"agents": crew, "steps": steps, "outputs": {"result": f"${{steps.{last}.output}}"}}
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)
    return ConvertedCrew(text, tuple(notes))


def _mapping(text: str, file: str) -> Mapping[str, Mapping[str, JsonValue]]:
    problems = ProblemList()
    _, root = read_yaml(text, problems)
    data = to_data(root) if root is not None else None
    if not isinstance(data, dict) or not data:
        raise NotACrewError(f"{file} is not a YAML mapping of names to fields.")
    for name, fields in data.items():
        if not isinstance(fields, dict):
            raise NotACrewError(f"{file}: {name!r} has no fields.")
    return {name: fields for name, fields in data.items() if isinstance(fields, dict)}


def _agent(name: str, fields: Mapping[str, JsonValue], notes: list[str]) -> JsonValue:
    _note_left_out(f"Agent {name!r}", fields, _AGENT_FIELDS, notes)
    for field in ("role", "goal"):
        if not str(fields.get(field) or "").strip():
            raise NotACrewError(f"agents.yaml: {name!r} has no {field!r}.")
    texts = {field: str(fields.get(field) or "").strip() for field in ("role", "goal", "backstory")}
    if any(_HOLE.search(text) for text in texts.values()):
        notes.append(f"Agent {name!r}: braces in its texts stay as they are; only prompts can have inputs.")
    return {"kind": KIND, **{field: text for field, text in texts.items() if text}}


def _step(
    name: str,
    fields: Mapping[str, JsonValue],
    *,
    before: list[str],
    inputs: dict[str, None],
    notes: list[str],
) -> JsonValue:
    _note_left_out(f"Task {name!r}", fields, _TASK_FIELDS, notes)
    said = str(fields.get("description") or "").strip()
    agent = fields.get("agent")
    if not said or not isinstance(agent, str):
        raise NotACrewError(f"tasks.yaml: {name!r} needs `description` and `agent`.")
    expected = str(fields.get("expected_output") or "").strip()
    parts = [said, *([f"Expected: {expected}"] if expected else [])]
    context = fields.get("context")
    wanted = [_identifier(str(one)) for one in context] if isinstance(context, list) else before[-1:]
    for other in wanted:
        if other not in before:
            raise NotACrewError(f"tasks.yaml: {name!r} needs {other!r}, which is not an earlier task.")
    prompt = "\n\n".join(_with_inputs(part, inputs) for part in parts)
    prompt += "".join(f"\n\n${{steps.{other}.output}}" for other in wanted)
    return {"agent": _identifier(agent), "prompt": prompt}


def _with_inputs(text: str, inputs: dict[str, None]) -> str:
    def hole(found: re.Match[str]) -> str:
        inputs[found[1]] = None
        return f"${{inputs.{found[1]}}}"

    return _HOLE.sub(hole, text.replace("${", "$ {"))


def _note_left_out(
    what: str, fields: Mapping[str, JsonValue], known: frozenset[str], notes: list[str]
) -> None:
    notes.extend(f"{what}: {field!r} was left out." for field in sorted(fields.keys() - known))


def _identifier(name: str) -> str:
    plain = _ID.sub("_", name.strip().lower()).strip("_")[:63]
    return plain if plain[:1].isalpha() else f"s_{plain}"[:63]
