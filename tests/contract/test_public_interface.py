"""What every operation of the public interface has in common."""

import json
from collections.abc import Iterator
from typing import TypeAlias

import pytest

from gateway.openapi_export import openapi_text

VERBS = ("get", "post", "put", "patch", "delete")
PUBLIC_PREFIXES = ("/v1/", "/healthz", "/readyz", "/.well-known/", "/hooks/")
Operation: TypeAlias = tuple[str, str, dict[str, dict[str, dict[str, dict[str, object]]]]]


def operations() -> Iterator[Operation]:
    for path, item in json.loads(openapi_text())["paths"].items():
        yield from ((path, verb, item[verb]) for verb in VERBS if verb in item)


OPERATIONS = list(operations())
NAMES = [f"{verb.upper()} {path}" for path, verb, _ in OPERATIONS]


def test_operation_ids_are_unique_function_names() -> None:
    ids = [str(operation["operationId"]) for _, _, operation in OPERATIONS]
    assert len(ids) == len(set(ids)), f"twice: {sorted({one for one in ids if ids.count(one) > 1})}"
    assert all(one.isidentifier() for one in ids)


def test_no_model_has_an_input_and_an_output_twin() -> None:
    twins = [
        name
        for name in json.loads(openapi_text())["components"]["schemas"]
        if name.endswith(("-Input", "-Output"))
    ]
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
