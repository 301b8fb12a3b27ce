"""The line and column of a problem, in every way YAML can write a text."""

import pytest

from flowloom_language.document import validate_document

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\nsteps:\n  a:\n"


@pytest.mark.parametrize(
    "written",
    [
        "    transform: ab ${nope} c\n",
        "    transform: 'it''s ${nope}'\n",
        '    transform: "tab\\t \\u00e9 \\x41 ${nope}"\n',
        "    transform: |\n      first\n\n      second ${nope}\n",
        "    transform: >-\n      folded\n      text ${nope} and\n      more\n",
        "    transform: plain text\n      that goes on ${nope}\n",
        "    transform: 'quoted\n\n      with ''lines'' ${nope}'\n",
        '    transform: "quoted \\\n      line ${nope}"\n',
        "    transform: {x: [1, {y: '${nope}'}]}\n",
        "    transform: ['${1}', 'ü😀 ${ nope }']\n",
    ],
)
def test_points_at_the_name_inside_a_text(written: str) -> None:
    source = _HEAD + written
    (problem,) = validate_document(source).problems
    line = source.split("\n")[problem.line - 1]
    assert problem.code.value == "unknown_name"
    assert line[problem.column - 1 : problem.end_column - 1] == "nope"
    assert problem.end_line == problem.line


def test_points_at_the_key_of_an_unknown_field() -> None:
    source = _HEAD + "    transform: 1\n    tittle: x\n"
    (problem,) = validate_document(source).problems
    assert (problem.line, problem.column, problem.end_column) == (7, 5, 11)
    assert problem.hint == "Did you mean title?"


def test_points_at_the_step_where_a_field_is_missing() -> None:
    (problem,) = validate_document(_HEAD + "    agent: qa\n").problems
    assert (problem.line, problem.column) == (5, 3)


def test_points_at_the_place_where_yaml_cannot_go_on() -> None:
    (problem,) = validate_document("a: 1\nb: [1, 2\nc: 3\n").problems
    assert (problem.code.value, problem.line) == ("yaml_syntax", 3)


def test_windows_line_ends_do_not_move_a_place() -> None:
    source = (_HEAD + "    transform: |\n      one\n      two ${nope}\n").replace("\n", "\r\n")
    (problem,) = validate_document(source).problems
    assert (problem.line, problem.column, problem.end_column) == (8, 13, 17)
