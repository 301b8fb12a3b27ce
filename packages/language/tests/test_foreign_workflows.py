"""Workflows of other programs: every one becomes a valid document, and says what it lost."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import yaml

from flowloom_contracts.base import JsonObject
from flowloom_language.document import validate_document
from flowloom_language.imports.assembly import Converted
from flowloom_language.imports.dify import convert_dify
from flowloom_language.imports.flowise import convert_flowise
from flowloom_language.imports.langflow import convert_langflow
from flowloom_language.imports.n8n import convert_n8n
from flowloom_language.imports.reading import NotThisFormatError, StdioRefusedError

FILES: Final = Path(__file__).parent / "foreign"
CONVERTERS: Final[dict[str, Callable[[str], Converted]]] = {
    "n8n": convert_n8n,
    "dify": convert_dify,
    "flowise": convert_flowise,
    "langflow": convert_langflow,
}


def converted(name: str) -> tuple[JsonObject, list[str]]:
    """Return the document of a file and its notes."""
    text = (FILES / name).read_text()
    made = CONVERTERS[name.partition("-")[0]](text)
    validated = validate_document(made.source)
    assert validated.workflow is not None, (made.source, validated.problems)
    document: JsonObject = yaml.safe_load(made.source)
    return document, [f"{note.where}: {note.what}" for note in made.notes]


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_every_file_becomes_a_valid_document(name: str) -> None:
    document, notes = converted(name)
    assert document["steps"]
    assert notes


def test_there_are_three_files_of_each_program() -> None:
    programs = [path.name.partition("-")[0] for path in FILES.iterdir()]
    assert {program: programs.count(program) for program in CONVERTERS} == dict.fromkeys(CONVERTERS, 3)


def at(value: object, *path: str | int) -> object:
    """Return what stands at a path."""
    for part in path:
        assert isinstance(value, dict | list), (value, part)
        value = value[part] if isinstance(value, dict) else value[int(part)]
    return value


def step(document: JsonObject, name: str) -> JsonObject:
    steps = document["steps"]
    assert isinstance(steps, dict), document
    found = steps[name]
    assert isinstance(found, dict)
    return found


def test_n8n_webhooks_conditions_and_merges() -> None:
    document, notes = converted("n8n-orders.json")
    assert document["metadata"] == {"name": "order-intake-alerts", "title": "Order intake & alerts"}
    assert document["triggers"] == [
        {
            "id": "webhook",
            "webhook": {"auth": "api_key"},
            "inputs": {name: f"${{trigger.{name}}}" for name in ("body", "headers", "query")},
        }
    ]
    assert step(document, "check_amount")["switch"] == [
        {"when": '${(inputs.body.total > 100) && (inputs.body.country == "DE")}', "then": ["load_customer"]},
        {"else": ["small_order"]},
    ]
    http = step(document, "load_customer")["http"]
    assert http == {
        "method": "GET",
        "url": "https://crm.example.com/customers/${inputs.body.customer_id}",
        "headers": {"Accept": "application/json"},
    }
    assert step(document, "tell_sales")["transform"] == {"not_imported": "slack"}
    assert (step(document, "together")["join"], step(document, "together")["needs"]) == (
        "any",
        ["tell_sales", "small_order"],
    )
    assert step(document, "small_order")["transform"] == {
        "note": "Small: ${inputs.body.total}",
        "date": "{{ $now.toISO() }}",
    }
    assert "Small order: {{ $now.toISO() }} was kept as text." in notes
    assert "Load customer: The credential 'httpHeaderAuth' was left out." in notes


def test_n8n_loops_and_schedules() -> None:
    document, notes = converted("n8n-uptime.json")
    assert [(at(document, "triggers", n, "id"), at(document, "triggers", n, "schedule")) for n in (0, 1)] == [
        ("every_15_minutes", "*/15 * * * *"),
        ("every_15_minutes_2", "30 6 * * 1-5"),
    ]
    loop = step(document, "loop_over_items")
    assert loop["loop"] == {"over": "${steps.sites.output.body}"}
    inner = loop["do"]
    assert isinstance(inner, dict)
    assert list(inner) == ["ask_site", "how_is_it", "fine", "alarm", "wait"]
    assert at(inner, "ask_site", "http", "url") == "${item.url}"
    assert "How is it?: A condition was left out; it never holds." in notes
    assert step(document, "format")["transform"] == {"not_imported": "code"}


def test_n8n_agents_and_circles() -> None:
    document, notes = converted("n8n-support-agent.json")
    agent = step(document, "ai_agent")
    assert agent["prompt"] == "You answer politely. Prices cost $${usd}.\n\n${inputs.chatInput}"
    assert "Back: Its link back to 'AI Agent' was left out." in notes
    assert at(step(document, "is_it_urgent"), "switch", 0, "when") == (
        '${(string(steps.ai_agent.output.output).contains(string("urgent")))}'
    )


def test_dify_keeps_code_that_the_sandbox_runs_and_no_other() -> None:
    kept, notes = converted("dify-translate.yml")
    code = step(kept, "count_words")["code"]
    assert isinstance(code, dict)
    assert code["with"] == {"text": "${steps.translate.output}"}
    assert str(code["source"]).endswith("\nmain(text=text)\n")
    assert step(kept, "translate")["system"] == "You translate into ${inputs.target_language}."
    assert "Translate: {{#env.SECRET#}} was kept as text." in notes
    outputs = kept["outputs"]
    assert isinstance(outputs, dict)
    assert set(outputs) == {"translation", "words"}
    left, notes = converted("dify-articles.yml")
    assert step(left, "clean")["transform"] == {"not_imported": "code"}
    assert "Clean: Its program is not Python that runs in the sandbox." in notes


def test_dify_iterations_become_loops() -> None:
    document, _ = converted("dify-articles.yml")
    loop = step(document, "each_title")
    inner = loop["do"]
    assert isinstance(inner, dict)
    assert list(inner) == ["write", "shape"]
    assert at(inner, "write", "prompt") == "Write on ${item}"
    assert at(inner, "shape", "transform") == "<h1>${item}</h1>${steps.write.output}{% if x %}"


def test_dify_branches_and_requests() -> None:
    document, notes = converted("dify-support-chat.yml")
    cases = step(document, "which_way")["switch"]
    assert isinstance(cases, list)
    assert [case.get("then", case.get("else")) for case in cases if isinstance(case, dict)] == [
        ["make_a_ticket"],
        ["reply"],
        ["gather"],
    ]
    text = (FILES / "dify-support-chat.yml").read_text()
    assert "sk-not-taken" in text
    assert "sk-not-taken" not in yaml.safe_dump(document)
    assert "Make a ticket: Its key was left out." in notes


def test_flowise_texts_lose_their_markup() -> None:
    document, notes = converted("flowise-triage.json")
    assert step(document, "classify")["prompt"] == "Is this a bug or a wish? ${inputs.question}"
    assert step(document, "thanks")["transform"] == "Filed as ${steps.file_it.output.body.id}"
    assert step(document, "wish")["transform"] == "Noted & thanked."
    assert "File it: Its credential was left out." in notes
    research, notes = converted("flowise-research.json")
    inner = step(research, "each_query")["do"]
    assert isinstance(inner, dict)
    assert at(inner, "searcher", "prompt") == "Search the web\n\n${item}"
    assert step(research, "writer")["prompt"] == (
        "Write on ${steps.each_query.output} and ${steps.each_query.output} and {{ $flow.state.x }}"
    )


def test_langflow_wires_become_references() -> None:
    document, _ = converted("langflow-basic-prompting.json")
    model = step(document, "language_model")
    assert (model["prompt"], model["system"]) == ("${inputs.chat_input}", "${steps.prompt.output}")
    assert step(document, "prompt")["transform"] == 'Answer as ${"a pirate"}. Braces like {} and {1} stay.'
    agent, notes = converted("langflow-simple-agent.json")
    assert step(agent, "agent")["prompt"] == "You are helpful and use tools.\n\n${inputs.chat_input}"
    assert "Calculator: It was a tool of an agent." in notes
    router, _ = converted("langflow-router.json")
    assert at(step(router, "if_else"), "switch", 0, "when") == (
        '${string(inputs.ticket).contains(string("invoice"))}'
    )


STDIO: Final[dict[str, JsonObject]] = {
    "a command": {"command": "npx", "args": ["-y", "evil"]},
    "a transport": {"transport": "stdio"},
    "a way to connect": {"connectionType": "cmd"},
    "text": {"mcpServerConfig": '{"mcpServers": {"x": {"command": "sh", "args": ["-c", "id"]}}}'},
}


@pytest.mark.parametrize("said", STDIO)
@pytest.mark.parametrize("program", CONVERTERS)
def test_refuses_servers_that_are_programs(program: str, said: str) -> None:
    file = next(path for path in sorted(FILES.iterdir()) if path.name.startswith(program))
    data = yaml.safe_load(file.read_text())
    data["extra"] = [{"tool": STDIO[said]}]
    with pytest.raises(StdioRefusedError):
        CONVERTERS[program](json.dumps(data))


@pytest.mark.parametrize("program", CONVERTERS)
@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "null", '{"nodes": 1}', "[" * 100_000, "{{{", "\x00", '"x"']
)
def test_refuses_what_is_no_workflow_of_the_program(program: str, text: str) -> None:
    with pytest.raises(NotThisFormatError):
        CONVERTERS[program](text)


@pytest.mark.parametrize("program", CONVERTERS)
def test_takes_nothing_too_deep_or_too_large(program: str) -> None:
    file = next(path for path in sorted(FILES.iterdir()) if path.name.startswith(program))
    deep: object = "x"
    for _ in range(80):
        deep = [deep]
    data = yaml.safe_load(file.read_text())
    data["extra"] = deep
    with pytest.raises(NotThisFormatError):
        CONVERTERS[program](json.dumps(data))
    nodes: JsonObject = {"name": "n", "type": "x", "id": "n", "data": {"type": "x", "name": "x"}}
    many = [{**nodes, "name": f"n{number}", "id": f"n{number}"} for number in range(501)]
    wide: dict[str, object] = {"nodes": many, "edges": [], "connections": {}}
    wide |= {"data": dict(wide), "workflow": {"graph": dict(wide)}}
    with pytest.raises(NotThisFormatError, match="500"):
        CONVERTERS[program](json.dumps(wide))


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_parts_that_are_missing_or_odd_never_stop_it(name: str) -> None:
    """Each field in turn is something else: the document stays valid or the text is refused."""
    text = (FILES / name).read_text()
    original = yaml.safe_load(text)
    convert = CONVERTERS[name.partition("-")[0]]
    oddities: tuple[object, ...] = (None, 7, "odd ${x} {{ y }}", [], {})
    for number, place in enumerate(_places(original)):
        changed = json.loads(json.dumps(original))
        inner = changed
        for part in place[:-1]:
            inner = inner[part]
        inner[place[-1]] = oddities[number % len(oddities)]
        try:
            made = convert(json.dumps(changed))
        except NotThisFormatError:
            continue
        assert validate_document(made.source).name is not None, place


def _places(value: object, path: tuple[object, ...] = ()) -> list[tuple[object, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found: list[tuple[object, ...]] = []
    for name, inner in items:
        found += [(*path, name), *_places(inner, (*path, name))]
    return found
