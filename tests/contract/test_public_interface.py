"""What every operation of the public interface has in common."""

import json
from collections.abc import Iterator
from typing import TypeAlias

import jsonschema
import pytest

from gateway.openapi_export import openapi_text

VERBS = ("get", "post", "put", "patch", "delete")
PUBLIC_PREFIXES = ("/v1/", "/healthz", "/readyz", "/.well-known/", "/hooks/")
Operation: TypeAlias = tuple[str, str, dict[str, dict[str, dict[str, dict[str, object]]]]]


DOCUMENT = json.loads(openapi_text())
COMPONENTS = DOCUMENT["components"]


def operations() -> Iterator[Operation]:
    for path, item in DOCUMENT["paths"].items():
        yield from ((path, verb, item[verb]) for verb in VERBS if verb in item)


OPERATIONS = list(operations())
NAMES = [f"{verb.upper()} {path}" for path, verb, _ in OPERATIONS]


def test_operation_ids_are_unique_function_names() -> None:
    ids = [str(operation["operationId"]) for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids)), f"twice: {sorted({one for one in ids if ids.count(one) > 1})}"
    assert all(one.isidentifier() for one in ids)


def test_no_model_has_an_input_and_an_output_twin() -> None:
    twins = [name for name in COMPONENTS["schemas"] if name.endswith(("-Input", "-Output"))]
    assert not twins, f"a model that travels both ways has no defaults: {twins}"


@pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS, ids=NAMES)
def test_failures_are_problems(path: str, verb: str, operation: dict[str, dict[str, object]]) -> None:
    assert path.startswith(PUBLIC_PREFIXES)
    for status, response in operation["responses"].items():
        if status.isdigit() and int(status) >= 400:
            assert isinstance(response, dict)
            assert list(response["content"]) == ["application/problem+json"], f"{verb} {path} {status}"


@pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS, ids=NAMES)
def test_wire_names_are_snake_case(path: str, verb: str, operation: dict[str, list[dict[str, str]]]) -> None:
    for parameter in operation.get("parameters", []):
        if parameter["in"] in ("path", "query"):
            assert parameter["name"] == parameter["name"].lower(), f"{verb} {path}: {parameter['name']}"
            assert "-" not in parameter["name"]


@pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS, ids=NAMES)
def test_every_body_has_an_example_that_its_schema_accepts(
    path: str, verb: str, operation: dict[str, dict[str, object]]
) -> None:
    bodies = [operation.get("requestBody", {})]
    bodies += [body for status, body in operation["responses"].items() if status.startswith("2")]  # type: ignore[misc]  # an answer is a mapping
    for body in bodies:
        content = body.get("content", {}).get("application/json")  # type: ignore[attr-defined]  # media types by name
        if content is not None:
            validator = jsonschema.Draft202012Validator({**content["schema"], "components": COMPONENTS})
            wrong = [
                f"{error.json_path}: {error.message}" for error in validator.iter_errors(content["example"])
            ]
            assert not wrong, f"{verb} {path}: name a value in gateway/openapi_examples.py: {wrong}"


@pytest.mark.parametrize(("path", "verb", "operation"), OPERATIONS, ids=NAMES)
def test_every_failure_names_its_problems(
    path: str, verb: str, operation: dict[str, dict[str, dict[str, dict[str, str]]]]
) -> None:
    for status, response in operation["responses"].items():
        if status.isdigit() and int(status) >= 400:
            assert response["x-problems"], f"{verb} {path} {status}"
            assert all(kind.startswith("/problems/") for kind in response["x-problems"])
    assert "429" in operation["responses"]
    assert list(operation["responses"]["default"]["content"]) == ["application/problem+json"]


def test_unions_say_how_to_tell_their_members() -> None:
    undecided = list(_unions(COMPONENTS["schemas"], ""))
    assert not undecided, f"give the union a discriminator with a mapping: {undecided}"


def test_every_tag_is_described() -> None:
    described = {tag["name"] for tag in DOCUMENT["tags"] if tag["description"]}
    used = {tag for _, _, operation in OPERATIONS for tag in operation.get("tags", [])}
    assert not used - described, "describe these tags in gateway/openapi.py"


def _unions(value: object, where: str) -> Iterator[str]:
    """Give the unions of objects without a discriminator."""
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from _unions(item, f"{where}/{position}")
    if not isinstance(value, dict):
        return
    for key in ("oneOf", "anyOf"):
        members = [one for one in value.get(key, []) if isinstance(one, dict) and "$ref" in one]
        if len(members) > 1 and "mapping" not in value.get("discriminator", {}):
            yield where
    for key, inner in value.items():
        yield from _unions(inner, f"{where}/{key}")
