"""The committed JSON Schema is the models' and agrees with the validator on whole documents."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_contracts.step_fields import Written
from flowloom_contracts.tests_document import TestsDocument
from flowloom_contracts.workflow_schema import (
    SCHEMA_FILE,
    TESTS_SCHEMA_FILE,
    schema_of_tests,
    schema_text_of_tests,
    workflow_schema,
    workflow_schema_text,
)
from flowloom_language.catalog import THIS_BUILD
from flowloom_language.document import validate_document
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import to_data
from flowloom_language.tests_document import validate_tests
from flowloom_language.yaml_reader import read_yaml

_FOLDER = Path(__file__).parent
_DOCUMENT = _FOLDER / "whole_language.yaml"
_FILES = sorted(
    [*(_FOLDER / "published").glob("*.yaml"), *(_FOLDER.parents[2] / "examples" / "workflows").glob("*.yaml")]
)
_PUBLISHED = [file for file in _FILES if not file.stem.endswith(".tests")]
_TESTS = [file for file in _FILES if file.stem.endswith(".tests")]


@pytest.mark.parametrize(
    ("file", "text"), [(SCHEMA_FILE, workflow_schema_text()), (TESTS_SCHEMA_FILE, schema_text_of_tests())]
)
def test_the_committed_schema_is_fresh(file: Path, text: str) -> None:
    assert file.read_text("utf-8") == text, "Run: python -m flowloom_contracts.workflow_schema"


def _data(source: str) -> JsonValue:
    _, root = read_yaml(source, ProblemList())
    assert root is not None
    return to_data(root)


def _misfits(schema: JsonObject, source: str) -> list[str]:
    return [error.message for error in Draft202012Validator(schema).iter_errors(_data(source))]


@pytest.mark.parametrize("file", [_DOCUMENT, *_PUBLISHED], ids=lambda file: file.stem)
def test_a_published_document_loads_for_ever(file: Path) -> None:
    source = file.read_text("utf-8")
    assert validate_document(source, THIS_BUILD).problems == ()
    assert _misfits(workflow_schema(), source) == []


@pytest.mark.parametrize("file", _TESTS, ids=lambda file: file.stem)
def test_published_tests_load_for_ever(file: Path) -> None:
    workflow = validate_document(file.with_name(file.name.replace(".tests", "")).read_bytes()).workflow
    source = file.read_text("utf-8")
    assert workflow is not None
    assert validate_tests(source, workflow).problems == ()
    assert _misfits(schema_of_tests(), source) == []


def test_the_whole_language_is_in_one_document() -> None:
    workflow = validate_document(_DOCUMENT.read_text("utf-8")).workflow
    assert workflow is not None
    written = set[tuple[type[BaseModel], str]]()
    _collect(workflow, written)
    missing = {
        f"{model.__name__}.{name}"
        for model in _models(Written)
        if model.__module__ != TestsDocument.__module__
        for name in model.model_fields
        if name in model.__annotations__
        if not any(issubclass(found, model) and name == field for found, field in written)
    }
    assert missing == set()


def _models(model: type[BaseModel]) -> set[type[BaseModel]]:
    inner = model.__subclasses__()
    return {model, *(one for sub in inner for one in _models(sub))}


def _collect(value: object, written: set[tuple[type[BaseModel], str]]) -> None:
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            written.add((type(value), name))
            _collect(getattr(value, name), written)
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            _collect(item, written)


def test_the_schema_agrees_with_the_validator_on_the_vectors() -> None:
    """What has no error fits; what has an error of form does not, except where no schema can say it."""
    schema = Draft202012Validator(workflow_schema())
    forms = {"unknown_field", "missing_field", "wrong_type", "no_kind", "two_kinds", "bad_duration"}
    disagreeing = set[str]()
    for vector in json.loads((_FOLDER.parent / "vectors" / "documents.json").read_text("utf-8")):
        _, root = read_yaml(vector["source"], ProblemList())
        codes = {one["code"] for one in vector["problems"] if one["severity"] == "error"}
        fits = root is not None and schema.is_valid(to_data(root))
        if (not codes and not fits) or (fits and codes & forms):
            disagreeing.add(vector["name"])
    assert disagreeing == {
        "a key that is a number", "a key that is a list", "a wait of more than a year",
        "a header that is a list", "a trigger without a required input", "a trigger with a wrong input",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "typo"),
    [
        ("temperature:", "temperatur:"),
        ("on_error:", "onerror:"),
        ("parallel:", "paralel:"),
        ("misfire:", "miss:"),
    ],
)
def test_the_schema_refuses_an_unknown_field(field: str, typo: str) -> None:
    source = _DOCUMENT.read_text("utf-8")
    assert field in source
    assert _misfits(workflow_schema(), source.replace(field, typo))
