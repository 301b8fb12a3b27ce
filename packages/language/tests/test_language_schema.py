"""The committed JSON Schema is the models' and agrees with the validator on whole documents."""

from pathlib import Path

from jsonschema import Draft202012Validator

from flowloom_contracts.base import JsonValue
from flowloom_contracts.workflow_schema import SCHEMA_FILE, workflow_schema, workflow_schema_text
from flowloom_language.document import validate_document
from flowloom_language.problems import ProblemList
from flowloom_language.source_tree import to_data
from flowloom_language.yaml_reader import read_yaml

_DOCUMENT = Path(__file__).parent / "whole_language.yaml"


def test_the_committed_schema_is_fresh() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == workflow_schema_text(), (
        "Run: python -m flowloom_contracts.workflow_schema"
    )


def _data(source: str) -> JsonValue:
    _, root = read_yaml(source, ProblemList())
    assert root is not None
    return to_data(root)


def test_a_document_with_every_field_fits_schema_and_validator() -> None:
    source = _DOCUMENT.read_text("utf-8")
    assert validate_document(source).problems == ()
    errors = Draft202012Validator(workflow_schema()).iter_errors(_data(source))
    assert [error.message for error in errors] == []


def test_the_schema_refuses_an_unknown_field() -> None:
    source = _DOCUMENT.read_text("utf-8").replace("    temperature:", "    temperatur:")
    assert not Draft202012Validator(workflow_schema()).is_valid(_data(source))
