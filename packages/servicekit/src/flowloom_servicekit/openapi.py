"""What FastAPI's description of an interface lacks: failures as problems, each with an example."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, TypeAlias

from flowloom_contracts.problem import Problem
from flowloom_servicekit.errors import (
    PROBLEMS_KEY,
    FlowloomError,
    InvalidRequestError,
    problem_type,
    problems,
)
from flowloom_servicekit.problems import PROBLEM_JSON

OpenApi: TypeAlias = dict[str, Any]  # OpenAPI's own shape

VERBS: Final = ("get", "put", "post", "patch", "delete")
_PROBLEM_REF: Final = {"$ref": "#/components/schemas/Problem"}
_EXAMPLE_TRACE: Final = "0192f0c4a5b67c8d9e0f1a2b3c4d5e6f"


def operations(schema: OpenApi) -> Iterator[tuple[str, OpenApi]]:
    """Give the path and the description of every operation."""
    for path, item in schema.get("paths", {}).items():
        for verb in VERBS:
            if verb in item:
                yield path, item[verb]


def correct_openapi(schema: OpenApi) -> OpenApi:
    """Make every response from 400 up a `Problem` and drop FastAPI's validation schemas."""
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    defs = Problem.model_json_schema(ref_template="#/components/schemas/{model}", mode="serialization")
    schemas.update(defs.pop("$defs", {}))
    # What does not apply is absent from a problem, not null.
    defs["required"] = [name for name, field in Problem.model_fields.items() if field.default is not None]
    schemas["Problem"] = defs
    shared = schema["components"].setdefault("examples", {})
    for _, operation in operations(schema):
        if "422" in operation.get("responses", {}):
            add_problems(operation, [InvalidRequestError])
        for status, response in operation.get("responses", {}).items():
            if status == "default" or int(status) >= 400:
                response["content"] = _problem_content(response, status, shared)
    return schema


def add_problems(operation: OpenApi, errors: Sequence[type[FlowloomError]]) -> None:
    """Say of an operation that it can fail in these ways too."""
    for status, doc in problems(*errors).items():
        response = operation["responses"].setdefault(str(status), {"description": "", PROBLEMS_KEY: {}})
        known = response.setdefault(PROBLEMS_KEY, {})
        known.update({kind: title for kind, title in doc[PROBLEMS_KEY].items() if kind not in known})
        response["description"] = "; ".join(dict.fromkeys(known.values()))


def _problem_content(response: OpenApi, status: str, shared: OpenApi) -> OpenApi:
    examples = {}
    for kind, title in response.get(PROBLEMS_KEY, {}).items():
        name = kind.rpartition("/")[2]
        shared.setdefault(name, {"summary": title, "value": _example(kind, title, int(status))})
        examples[name] = {"$ref": f"#/components/examples/{name}"}
    return {PROBLEM_JSON: {"schema": _PROBLEM_REF, **({"examples": examples} if examples else {})}}


def _example(kind: str, title: str, status: int) -> OpenApi:
    example: OpenApi = {
        "type": kind,
        "title": title,
        "status": status,
        "detail": "",
        "instance": "/v1/workflows",
        "trace_id": _EXAMPLE_TRACE,
    }
    if kind == problem_type(InvalidRequestError):
        wrong = {"path": "limit", "code": "int_parsing", "message": "Input should be an integer"}
        example |= {"detail": "the request does not match its schema", "errors": [wrong]}
    return example
