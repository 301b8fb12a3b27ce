"""S38 and S66: templates call and index nothing of the host, and no imported flow starts a program."""

import json
from typing import Final

import httpx
import pytest

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.crews import NotACrewError, convert_crew
from flowloom_language.document import validate_document
from flowloom_language.expressions.errors import ExpressionError
from flowloom_language.expressions.templates import render
from gateway.domain.permissions import Role

from .people import people

HEAD: Final = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: hostile}\n"
SCOPE: Final[dict[str, JsonObject]] = {"inputs": {"text": "plain", "list": [1, 2], "again": "${1 + 1}"}}
MOST_CHARS: Final = 1_048_576

OTHER_ENGINES: Final = (
    "{{ 7 * 7 }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{{ x }}{% endfor %}",
    "{{ config.items() }}",
    "{{ lipsum.__globals__['os'].popen('id').read() }}",
    "#{7*7}",
    "<%= 7 * 7 %>",
    "*{7*7}",
    "@(7*7)",
    "{0.__class__.__init__.__globals__}",
    "%(inputs)s",
    "$inputs",
    "{inputs[text].__class__}",
    '{{#with "s" as |string|}}{{#with string.sub}}{{/with}}{{/with}}',
)
"""What other template engines would carry out: here it is text."""

REACHING: Final = (
    "${inputs.__class__}",
    "${inputs['__class__']}",
    "${inputs.text.__class__.__mro__}",
    "${inputs.text.format(inputs)}",
    "${''.join(inputs.list)}",
    "${inputs.list.__len__()}",
    "${__import__('os').system('id')}",
    "${open('/etc/passwd')}",
    "${getattr(inputs, 'text')}",
    "${inputs.text()}",
    "${(1)(2)}",
    "${[1].map(x, x.__class__)}",
    "${lambda: 1}",
    "${x for x in inputs}",
    "${inputs.constructor.constructor('return 1')()}",
    "${env.PATH}",
    "${process.env}",
    "${self}",
    "${globals()}",
)
GROWING: Final = (
    "${range(10000).map(x, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" + "a" * 200 + "')}",
    "${inputs.text.replace('', '" + "b" * 900 + "').replace('b', '" + "c" * 50 + "')}",
    "${range(9999).map(x, range(9999))}",
    "${join(range(10000).map(x, '" + "d" * 200 + "'), '')}",
)


@pytest.mark.parametrize("text", OTHER_ENGINES)
def test_s38_templates_of_other_engines_are_text(text: str) -> None:
    assert render(text, SCOPE) == text


@pytest.mark.parametrize("text", REACHING)
def test_s38_a_template_reaches_nothing_of_the_host(text: str) -> None:
    with pytest.raises(ExpressionError):
        render(text, SCOPE)


def test_s38_a_value_is_not_evaluated_again() -> None:
    assert render("${inputs.again}", SCOPE) == "${1 + 1}"
    assert render("see ${inputs.again}", SCOPE) == "see ${1 + 1}"
    nested: JsonValue = {"a": ["${inputs.again}"]}
    assert render(nested, SCOPE) == {"a": ["${1 + 1}"]}


@pytest.mark.parametrize("text", GROWING)
def test_s38_what_a_template_writes_is_bounded(text: str) -> None:
    try:
        written = render(text, SCOPE)
    except ExpressionError:
        return
    assert len(json.dumps(written)) <= MOST_CHARS


@pytest.mark.parametrize("text", REACHING)
def test_s38_is_said_when_the_document_is_saved(text: str) -> None:
    written = json.dumps(text)
    validated = validate_document(f"{HEAD}inputs: {{type: object}}\nsteps: {{a: {{transform: {written}}}}}\n")
    runs = validated.workflow is not None
    # What only the value can tell (is there such a field?) fails the step at run.
    assert not runs or text.startswith(("${inputs", "${[1].map")), validated.problems


PROGRAMS: Final = (
    "steps: {a: {tool: mcp/files.read, command: npx, args: [-y, evil]}}",
    "steps: {a: {agent: research, prompt: x, mcp: [{command: sh, args: [-c, id]}]}}",
    "steps: {a: {agent: research, prompt: x, mcps: [stdio://sh]}}",
    "mcp_servers: {files: {transport: stdio, command: sh}}\nsteps: {a: {transform: 1}}",
    "mcp: {files: {type: stdio, command: sh}}\nsteps: {a: {transform: 1}}",
    "tools: [{mcp: {url: 'http://169.254.169.254/'}}]\nsteps: {a: {transform: 1}}",
    "defaults: {mcp: {command: sh}}\nsteps: {a: {transform: 1}}",
    "steps: {a: {mcp: {command: sh, env: {TOKEN: x}}}}",
    "steps: {a: {shell: id}}",
    "steps: {a: {command: id}}",
)


@pytest.mark.parametrize("body", PROGRAMS)
def test_s66_a_document_that_names_a_program_is_no_workflow(body: str) -> None:
    validated = validate_document(f"{HEAD}{body}\n")
    assert validated.workflow is None
    assert {problem.code for problem in validated.problems} & {
        "unknown_field",
        "no_kind",
        "two_kinds",
        "wrong_type",
        "invalid_value",
    }


@pytest.mark.parametrize("tool", ["mcp/files.read", "stdio://sh", "mcp/../x.y", "https://evil.example/mcp#t"])
async def test_s66_an_imported_flow_runs_no_tool_that_nobody_has_set_up(tool: str) -> None:
    async with people() as opened:
        owner = await opened.member(Role.OWNER)
        source = f"{HEAD}steps: {{a: {{tool: {json.dumps(tool)}, with: {{x: 1}}}}}}\n"
        made: httpx.Response = await owner.post("/v1/import", json={"source": source})
        assert made.status_code == 201
        workflow = made.json()["workflow"]
        assert workflow["draft_valid"] is False
        for path, body in (("publish", {}), ("runs", {"inputs": {}, "version": "draft"})):
            answer = await owner.post(f"/v1/workflows/{workflow['id']}/{path}", json=body)
            assert answer.status_code == 422, answer.text


def test_s66_a_crew_with_servers_of_its_own_brings_none_of_them() -> None:
    agents = "a:\n  role: r\n  goal: g\n  backstory: b\n  mcps: [{command: sh, args: [-c, id]}]\n"
    tasks = "t:\n  description: d\n  expected_output: e\n  agent: a\n"
    try:
        converted = convert_crew(agents, tasks, name="crew")
    except NotACrewError:
        return
    assert "command" not in converted.source and "mcp" not in converted.source
    assert converted.notes
