"""Every problem code of this build, with its place."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from flowloom_contracts.base import JsonObject
from flowloom_contracts.document import ProblemCode
from flowloom_contracts.workflow import STEP_KINDS, STEP_MODELS
from flowloom_language.catalog import BUILT_IN_TOOLS, OFFLINE, THIS_BUILD, CatalogTool
from flowloom_language.document import Catalog, validate_document

_VECTORS = Path(__file__).parents[1] / "vectors" / "documents.json"
_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"


def _found(source: str | bytes, catalog: Catalog | None = None) -> list[tuple[str, str]]:
    return [(one.code.value, one.path) for one in validate_document(source, catalog).problems]


def _of_steps(steps: str) -> list[tuple[str, str]]:
    return _found(f"{_HEAD}steps: {steps}")


def _vectors() -> list[JsonObject]:
    found: list[JsonObject] = json.loads(_VECTORS.read_text("utf-8"))
    return found


@pytest.mark.parametrize("vector", _vectors(), ids=lambda vector: vector["name"])
def test_names_the_problem_and_its_place(vector: JsonObject) -> None:
    validated = validate_document(str(vector["source"]))
    assert [one.model_dump(mode="json", exclude={"message", "hint"}) for one in validated.problems] == vector[
        "problems"
    ]
    assert all(len(one.message) > 10 and "validation" not in one.message for one in validated.problems)
    assert (validated.workflow is None) == any(one.severity == "error" for one in validated.problems)


def test_the_vectors_have_every_code_that_a_document_alone_can_have() -> None:
    found = {one.code for vector in _vectors() for one in validate_document(str(vector["source"])).problems}
    elsewhere = {
        "too_large", "unknown_agent", "unknown_model", "unknown_tool", "unknown_workflow", "not_available",
        "rule_denied",
    }  # fmt: skip
    assert {code.value for code in ProblemCode} - {code.value for code in found} == elsewhere
    assert len(_vectors()) >= 200


@pytest.mark.parametrize(
    ("source", "expected"), [(b"a: \xff", [("yaml_syntax", "")]), ("x" * 300_000, [("too_large", "")])]
)
def test_names_problems_of_the_text(source: str | bytes, expected: list[tuple[str, str]]) -> None:
    assert _found(source) == expected


def test_refuses_a_kind_that_the_build_does_not_have() -> None:
    # Gives the order of the kinds back too, which `monkeypatch.delitem` does not: the catalogue has it.
    with patch.dict(STEP_MODELS):
        del STEP_MODELS["emit"]
        assert _of_steps("{a: {emit: {topic: x}}}") == [("not_available", "steps.a.emit")]
    assert tuple(STEP_MODELS) == STEP_KINDS


def test_refuses_an_alias_bomb() -> None:
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    assert _found("\n".join(lines)) == [("too_large", "a4")]


def test_refuses_more_than_a_thousand_steps() -> None:
    steps = "".join(f"  s{n}: {{transform: 1}}\n" for n in range(1_001))
    assert _found(f"{_HEAD}steps:\n{steps}") == [("limit_exceeded", "steps")]


def test_does_not_warn_when_any_of_them_is_enough() -> None:
    assert _of_steps(
        "{s: {switch: [{when: '${true}', then: a}, {else: b}]}, a: {transform: 1}, b: {transform: 1},"
        " c: {transform: 1, needs: [a, b], join: any}}"
    ) == []  # fmt: skip


def test_reports_many_problems_at_once_in_the_order_of_the_text() -> None:
    found = _of_steps(
        "{a: {agent: qa, promt: 1}, b: {transform: '${x} ${foo()}'}, c: {needs: [z], wait: {}}}"
    )
    assert [code for code, _ in found] == [
        "missing_field", "unknown_field", "unknown_name", "unknown_function", "unknown_step", "missing_field",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "hint"),
    [
        ("{a: {agent: qa, prompt: x, promt: y}}", "prompt"),
        ("{research: {transform: 1}, b: {transform: 1, needs: [reserch]}}", "research"),
        ("{a: {transform: '${sise(1)}'}}", "size"),
        ("{a: {agnt: qa}}", "agent"),
        ("{a: {transform: 1}, b: {transform: '${a.x}'}}", "steps.a.output"),
    ],
)
def test_says_what_was_probably_meant(steps: str, hint: str) -> None:
    (problem,) = validate_document(f"{_HEAD}steps: {steps}").problems[-1:]
    hints = [one.hint or "" for one in validate_document(f"{_HEAD}steps: {steps}").problems]
    assert any(hint in one for one in hints), problem


_CATALOG = Catalog(
    agents={"writer": "qa"},
    models=frozenset({"small"}),
    tools=BUILT_IN_TOOLS,
    mcp={"mcp/crm.add": CatalogTool("once", {"type": "object", "required": ["n"], "properties": {"n": {}}})},
    workflows={"follow-up": 3, "fresh": None},
    secrets=frozenset({"crm_token"}),
    topics=frozenset({"orders.paid"}),
)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("steps: {a: {agent: reserch, prompt: x, model: gpt, tools: [memory.serch]}}",
         ["unknown_agent steps.a.agent", "unknown_model steps.a.model", "unknown_tool steps.a.tools[0]"]),
        ("steps: {a: {agent: writer, prompt: x, model: small, tools: [memory.search]}}", []),
        ("steps: {a: {agent: writer, prompt: x, tools: [qa.assert]}}", []),
        ("steps: {a: {agent: writer, prompt: x, tools: [table.query]}}", ["unknown_tool steps.a.tools[0]"]),
        ("agents: {writer: {kind: analysis, role: x, goal: y}}\n"
         "steps: {a: {agent: writer, prompt: x, tools: [table.query]}}", []),
        ("steps: {l: {loop: {over: [1]}, do: {a: {llm: big, prompt: x}}}}",
         ["unknown_model steps.l.do.a.llm"]),
        ("agents: {own: {kind: qa, role: x, goal: y, tools: [x], model: big}}\n"
         "steps: {a: {agent: own, prompt: x}}",
         ["unknown_tool agents.own.tools[0]", "unknown_model agents.own.model"]),
        ("defaults: {model: big}\nsteps: {a: {transform: 1}}", ["unknown_model defaults.model"]),
        ("limits: {budget: {usd: 1, on_reach: {model: big}}}\nsteps: {a: {transform: 1}}",
         ["unknown_model limits.budget.on_reach.model"]),
        ("steps: {a: {tool: mcp/x.y}}", ["unknown_tool steps.a.tool"]),
        ("steps: {a: {tool: mcp/crm.add}}", ["missing_field steps.a.with.n"]),
        ("steps: {a: {agent: qa, prompt: x, tools: [mcp/crm.add, mcp/crm.sub]}}",
         ["unknown_tool steps.a.tools[1]"]),
        ("steps: {a: {tool: memory.search}}", ["missing_field steps.a.with.query"]),
        ("steps: {a: {tool: memory.search, with: {query: x, topp: 3}}}", ["unknown_field steps.a.with.topp"]),
        ("steps: {a: {tool: memory.search, with: {query: 7, top: '${inputs.n}'}}}",
         ["wrong_type steps.a.with.query"]),
        ("steps: {a: {tool: memory.search, with: '${inputs.all}'}}", []),
        ("steps: {a: {workflow: folow-up}}", ["unknown_workflow steps.a.workflow"]),
        ("steps: {a: {workflow: follow-up@4}}", ["unknown_workflow steps.a.workflow"]),
        ("steps: {a: {workflow: fresh@1}}", ["unknown_workflow steps.a.workflow"]),
        ("steps: {a: {workflow: follow-up@3}, b: {workflow: fresh}, c: {workflow: t}}", []),
        ("secrets: [crm_tokn]\nsteps: {a: {transform: 1}}", ["undeclared_secret secrets[0]"]),
        ("steps: {a: {wait: {event: {name: orders.payd}}}}", ["unknown_topic steps.a.wait.event.name"]),
        ("steps: {a: {wait: {event: {name: done}}}, b: {emit: {topic: done}}}", []),
    ],
)  # fmt: skip
def test_checks_names_of_the_workspace_only_with_a_catalog(rest: str, expected: list[str]) -> None:
    found = [f"{code} {path}" for code, path in _found(f"{_HEAD}{rest}\n", _CATALOG)]
    assert found == expected
    assert _found(f"{_HEAD}{rest}\n", Catalog()) == []


def test_without_the_workspace_an_agent_that_it_may_have_is_a_warning() -> None:
    validated = validate_document(f"{_HEAD}steps: {{a: {{agent: reserch, prompt: x}}}}", OFFLINE)
    (problem,) = validated.problems
    assert (problem.code, problem.severity, problem.hint) == (
        "unknown_agent",
        "warning",
        "Did you mean research?",
    )
    assert validated.workflow is not None


@pytest.mark.parametrize(
    ("tool", "is_known"),
    [
        ("mcp/crm.add", True),
        ("mcp/crm.a/b.c", True),
        ("mcp/crm", False),
        ("mcp/../x.y", False),
        ("mcp/", False),
    ],
)
def test_leaves_tools_of_mcp_servers_to_those_who_know_the_workspace(tool: str, is_known: bool) -> None:
    found = _found(
        f"{_HEAD}steps: {{a: {{tool: {tool}}}, b: {{agent: qa, prompt: x, tools: [{tool}]}}}}\n", THIS_BUILD
    )
    assert found == (
        [] if is_known else [("unknown_tool", "steps.a.tool"), ("unknown_tool", "steps.b.tools[0]")]
    )


def test_yaml_is_read_as_version_1_2() -> None:
    validated = validate_document(
        _HEAD + "steps: {a: {transform: [yes, on, 2026-01-01, 0o17, 010, 1_000, ~, '1', 1e2, No]}}"
    )
    assert validated.workflow is not None
    assert validated.workflow.steps["a"].model_dump()["transform"] == [
        "yes", "on", "2026-01-01", 15, 10, "1_000", None, "1", 100.0, "No",
    ]  # fmt: skip
