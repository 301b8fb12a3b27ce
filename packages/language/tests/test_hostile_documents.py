"""Documents made to take long: within the size limit, but with as much as possible of one thing."""

import time

import pytest

from flowloom_language.document import Catalog, validate_document

_HEAD = "apiVersion: flowloom/v1\nkind: Workflow\nmetadata: {name: t}\n"
_LIMIT = 240_000


def _filled(start: str, piece: str, end: str) -> str:
    """Repeat a piece with a running number until the document is nearly as large as allowed."""
    parts, size, number = [start], len(start) + len(end), 0
    while True:
        part = piece.replace("#", str(number))
        if size + len(part) > _LIMIT:
            return "".join([*parts, end])
        parts.append(part)
        size += len(part)
        number += 1


_STEPS = _HEAD + "steps:\n"
_SCHEMA = _HEAD + "steps: {a: {agent: qa, prompt: x, output: {properties: {"


def _switches() -> str:
    steps = [f"  t{n}: {{transform: 1}}\n" for n in range(600)]
    for n in range(390):
        cases = ", ".join("{when: '${true}', then: t" + str((n + k) % 600) + "}" for k in range(12))
        steps.append(f"  s{n}: {{switch: [{cases}]}}\n")
    return _STEPS + "".join(steps)


def _before(number: int) -> str:
    return ", ".join(f"s{k}" for k in range(max(0, number - 60), number))


def _next(number: int) -> str:
    return f"${{steps.s{(number + 1) % 1000}.output}}"


_HOSTILE = {
    "unknown fields": _filled(_HEAD + "steps: {a: {transform: 1, ", "field#: 1, ", "}}"),
    "unknown steps": _filled(_HEAD + "steps: {a: {transform: 1, needs: [", "step#, ", "]}}"),
    "unknown functions": _filled(_HEAD + 'steps: {a: {transform: "', "${sise#(1)}", '"}}'),
    "unknown names": _filled(_HEAD + 'steps: {a: {transform: "', "${name#}", '"}}'),
    "no kinds": _filled(_STEPS, "  s#: {agnt: 1}\n", ""),
    "names in one step": _filled(_HEAD + "steps: {a: {", "agnt#: 1, ", "}}"),
    "bad ids": _filled(_STEPS, "  S#: {transform: 1}\n", ""),
    "duplicate keys": _filled(_STEPS, "  s: {transform: 1}\n", ""),
    "tags": _filled(_HEAD + "steps: {a: {transform: [", "!x 1, ", "]}}"),
    "references": _filled(_HEAD + 'steps: {b: {transform: 1}, a: {transform: "', "${steps.b.output}", '"}}'),
    "expressions": _filled(_HEAD + 'steps: {a: {transform: "', "${1+1+#}", '"}}'),
    "open templates": _filled(_HEAD + 'steps: {a: {transform: "', "${", '"}}'),
    "a long line": _filled(_HEAD + "steps: {a: {transform: '", "x", "'}}"),
    "a wide schema": _filled(_SCHEMA, "p#: {type: integer}, ", "}}}}"),
    "wrong schemas": _filled(_SCHEMA, "p#: {type: x}, ", "}}}}"),
    "patterns": _filled(_SCHEMA, "p#: {pattern: '(a+)+#'}, ", "}}}}"),
    "switches": _switches(),
    "needs": _STEPS + "".join(f"  s{n}: {{transform: 1, needs: [{_before(n)}]}}\n" for n in range(640)),
    "one long chain": _STEPS + "".join(f"  s{n}: {{transform: '{_next(n)}'}}\n" for n in range(1000)),
    "indents": _filled(_HEAD, "- ", ""),
    "flow": _HEAD + "{" * 200_000,
    "quotes": _HEAD + "'" * 200_001,
    "anchors": _filled(_HEAD + "x: [", "&a# 1, *a#, ", "]"),
    "comments": _filled(_HEAD, "# x\n", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_document_is_judged_soon(name: str) -> None:
    source = _HOSTILE[name]
    before = time.process_time()
    validated = validate_document(source, Catalog(agents=frozenset(), models=frozenset(), tools=frozenset()))
    assert time.process_time() - before < 10
    assert len(validated.problems) <= 200
    assert validated.workflow is not None or validated.problems
