"""Decides how a request is answered: by rule, by JSON Schema, or with the fixed 200-byte text."""

import hashlib
import json
import random
import re
from collections import Counter
from collections.abc import Callable

from pydantic import JsonValue

from benchmarks.mock_llm.chat import ChatRequest
from benchmarks.mock_llm.plan import Answer, Fault, Mode, Rule

STEP_BYTES = 200
_WORDS = ("amber", "basin", "cedar", "delta", "ember", "fjord", "grove", "haven", "islet", "juniper")


class AnswerBook:
    """The rules of one server; the same seed and the same requests give the same answers."""

    def __init__(self, *, seed: int, mode: Mode) -> None:
        self._seed = seed
        self._mode: Mode = mode
        self._rules: list[Rule] = []
        self._struck: Counter[str] = Counter()
        self._answered: Counter[tuple[str, str]] = Counter()

    def replace_rules(self, rules: list[Rule], *, keep: bool) -> None:
        """Put new rules first; without `keep` the old ones and the counts go."""
        if not keep:
            self._struck.clear()
            self._answered.clear()
        self._rules = [*rules, *(self._rules if keep else [])]

    def answer(self, request: ChatRequest) -> Answer:
        """Return what to send for a request, and count it."""
        rule = self._rule_of(request)
        fault = self._fault_of(rule)
        mode = rule.mode or self._mode
        if rule.calls:
            return Answer(
                rule=rule.name, tokens=[], count=0, fault=fault, calls=rule.calls, marker=request.marker
            )
        if rule.texts or request.schema is not None or mode == "step":
            tokens = _pieces(self._text(request, rule, fault), whole=mode == "step")
            rate = None if mode == "step" else rule.tokens_per_s
            return Answer(
                rule=rule.name,
                tokens=tokens,
                count=len(tokens),
                tokens_per_s=rate,
                fault=fault,
                marker=request.marker,
            )
        return Answer(
            rule=rule.name,
            count=rule.tokens,
            tokens_per_s=rule.tokens_per_s,
            fault=fault,
            marker=request.marker,
        )

    def _rule_of(self, request: ChatRequest) -> Rule:
        return next((rule for rule in self._rules if rule.match in request.prompt), Rule(name="default"))

    def _fault_of(self, rule: Rule) -> Fault:
        if rule.fault is None or (
            rule.fault_times is not None and self._struck[rule.name] >= rule.fault_times
        ):
            return Fault()
        self._struck[rule.name] += 1
        return rule.fault

    def _text(self, request: ChatRequest, rule: Rule, fault: Fault) -> str:
        if rule.texts:
            number = self._answered[rule.name, request.marker]
            self._answered[rule.name, request.marker] += 1
            text = rule.texts[min(number, len(rule.texts) - 1)].replace("{marker}", request.marker)
        elif request.schema is not None:
            text = json.dumps(value_of(request.schema, random.Random(self._seed)))
        else:
            text = step_text(request, self._seed)
        return text.ljust(fault.body_bytes or 0, "x")


def step_text(request: ChatRequest, seed: int) -> str:
    """Return the text of step mode: 200 bytes that begin with the prompt's marker or digest."""
    key = request.marker or hashlib.sha256(f"{seed}:{request.prompt}".encode()).hexdigest()[:16]
    filler = " ".join(_WORDS[(seed + number) % len(_WORDS)] for number in range(40))
    return f"[{key}] {filler}"[:STEP_BYTES]


def _pieces(text: str, *, whole: bool) -> list[str]:
    return [text] if whole else re.findall(r"\s*\S+\s*$|\s*\S+", text) or [text]


def value_of(schema: dict[str, JsonValue], chance: random.Random) -> JsonValue:
    """Return a value that a JSON Schema accepts, for the keywords that steps use."""
    if "const" in schema:
        return schema["const"]
    choices = schema.get("enum") or schema.get("anyOf") or schema.get("oneOf")
    if isinstance(choices, list) and choices:
        first = choices[0]
        return value_of(first, chance) if isinstance(first, dict) and "enum" not in schema else first
    kind = schema.get("type", "object")
    if isinstance(kind, list):
        kind = kind[0]
    maker = _MAKERS.get(str(kind))
    return maker(schema, chance) if maker else None


def _object(schema: dict[str, JsonValue], chance: random.Random) -> JsonValue:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return {}
    return {
        name: value_of(inner if isinstance(inner, dict) else {}, chance) for name, inner in properties.items()
    }


def _array(schema: dict[str, JsonValue], chance: random.Random) -> JsonValue:
    items = schema.get("items")
    length = max(_whole(schema, "minItems", 0), min(2, _whole(schema, "maxItems", 2)))
    return [value_of(items if isinstance(items, dict) else {"type": "string"}, chance) for _ in range(length)]


def _string(schema: dict[str, JsonValue], chance: random.Random) -> JsonValue:
    text = " ".join(chance.choice(_WORDS) for _ in range(3))
    shortest, longest = _whole(schema, "minLength", 0), _whole(schema, "maxLength", 1_000_000)
    return text.ljust(shortest, ".")[:longest]


def _integer(schema: dict[str, JsonValue], _chance: random.Random) -> JsonValue:
    return max(_whole(schema, "minimum", 0), min(1, _whole(schema, "maximum", 1)))


def _boolean(_schema: dict[str, JsonValue], _chance: random.Random) -> JsonValue:
    return True


def _whole(schema: dict[str, JsonValue], name: str, otherwise: int) -> int:
    value = schema.get(name)
    return int(value) if isinstance(value, int | float) else otherwise


_MAKERS: dict[str, Callable[[dict[str, JsonValue], random.Random], JsonValue]] = {
    "object": _object,
    "array": _array,
    "string": _string,
    "integer": _integer,
    "number": _integer,
    "boolean": _boolean,
}
