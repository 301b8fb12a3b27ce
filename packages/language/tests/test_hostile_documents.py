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
_TRIGGERS = _HEAD + "steps: {a: {transform: 1}}\ntriggers: ["
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


def _nested(inner: str, depth: int) -> str:
    return _STEPS + "  a: " + "{loop: {over: [1]}, do: {a: " * depth + inner + "}}" * depth


def _doubling() -> str:
    lines = ["x0: &a0 {a: {transform: 1}, b: {transform: 2}}"]
    for n in range(1, 12):
        inner = f"{{loop: {{over: [1]}}, do: *a{n - 1}}}"
        lines.append(f"x{n}: &a{n} {{a: {inner}, b: {inner}}}")
    return _HEAD + "\n".join(lines) + "\nsteps: *a11\n"


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
    "references from deep inside": _nested(_filled("{transform: [", "'${steps.x#.output}', ", "]}"), 7),
    "nesting without end": _nested("{transform: 1}", 17),
    "an undo of an undo": _STEPS + "  a: " + "{transform: 1, undo: " * 35 + "{transform: 1}" + "}" * 35,
    "schedules": _filled(_TRIGGERS, "{id: t#, schedule: '0 0 29 2 1#5', zone: Europe/Berlin}, ", "]"),
    "addresses": _filled(_STEPS, "  s#: {http: {url: 'https://x/#', headers: {A: '${secrets.a}'}}}\n", ""),
    "topics": _filled(_STEPS, "  s#: {emit: {topic: T#}}\n", ""),
    "events": _filled(_STEPS, "  s#: {wait: {event: {name: t.#}}}\n", ""),
    "loops": _filled(_STEPS, "  s#: {loop: {over: [1]}, do: {a: {transform: '${item}'}}}\n", ""),
    "agents": _filled(_HEAD + "agents: {", "a#: {kind: qa, role: x, goal: y, tools: [q]}, ", "}"),
    "aliases of steps": _filled(_HEAD + "x: &s {transform: 1, if: x}\nsteps: {", "s#: *s, ", "}"),
    "loops that double": _doubling(),
}  # fmt: skip


@pytest.mark.parametrize("name", _HOSTILE)
def test_a_hostile_document_is_judged_soon(name: str) -> None:
    source = _HOSTILE[name]
    before = time.process_time()
    validated = validate_document(source, Catalog(agents={}, models=frozenset(), tools={}))
    assert time.process_time() - before < 10
    assert len(validated.problems) <= 200
    assert validated.workflow is not None or validated.problems
