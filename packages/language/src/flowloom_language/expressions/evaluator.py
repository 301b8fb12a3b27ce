"""Computes the value of a syntax tree in a scope: each node becomes a function once, and then only runs."""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from flowloom_contracts.base import JsonObject, JsonValue
from flowloom_language.expressions.errors import ExpressionError, MissingValueError
from flowloom_language.expressions.functions import FUNCTIONS
from flowloom_language.expressions.functions_of_text import is_short_pattern
from flowloom_language.expressions.limits import MAX_PATTERN
from flowloom_language.expressions.meter import Meter
from flowloom_language.expressions.operators import add, arithmetic, compare, is_in
from flowloom_language.expressions.paths import compile_path
from flowloom_language.expressions.syntax import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    Select,
    Unary,
)
from flowloom_language.expressions.values import equal, kind, number

Scope: TypeAlias = Mapping[str, JsonValue]
Run: TypeAlias = Callable[[Scope, Meter], JsonValue]
"""A node that is ready to run."""

_Operation: TypeAlias = Callable[[JsonValue, JsonValue, Meter], JsonValue]


def evaluate(node: Node, scope: Scope) -> JsonValue:
    """Return the value; raises ExpressionError with a message that names what is missing or wrong."""
    return compile_node(node)(scope, Meter())


def is_reference(node: Node) -> bool:
    """Whether the expression only names a value, so that it passes on values of any size."""
    while isinstance(node, Select | Index):
        if isinstance(node, Index) and not isinstance(node.key, Literal):
            return False
        node = node.target
    return isinstance(node, Name)


def compile_node(node: Node) -> Run:
    """Return the function that computes a node; every node but a literal counts one step."""
    match node:
        case Literal():
            value = node.value
            return lambda scope, meter: value
        case Name() | Select() | Index():
            return compile_path(node, compile_node)
        case Binary():
            return _logical(node) if node.operator in ("&&", "||") else _binary(node)
        case Unary():
            return _unary(node)
        case Call():
            return _call(node)
        case Conditional():
            return _conditional(node)
        case Comprehension():
            return _comprehension(node)
        case ListOf():
            return _list(node)
        case MapOf():
            return _map(node)


_OPERATIONS: Final[dict[str, _Operation]] = {
    "==": equal,
    "!=": lambda one, other, meter: not equal(one, other, meter),
    "+": add,
    "in": is_in,
    **{sign: compare(sign) for sign in ("<", "<=", ">", ">=")},
    **{sign: arithmetic(sign) for sign in ("-", "*", "/", "%")},
}


def _binary(node: Binary) -> Run:
    operation, left, right = _OPERATIONS[node.operator], compile_node(node.left), compile_node(node.right)

    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.left -= 1
        if meter.left < 0:
            meter.refuse()
        return operation(left(scope, meter), right(scope, meter), meter)

    return run


def _logical(node: Binary) -> Run:
    operator, left, right = node.operator, compile_node(node.left), compile_node(node.right)
    settles = operator == "||"

    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(1)
        if _boolean(left(scope, meter), operator) is settles:
            return settles
        return _boolean(right(scope, meter), operator)

    return run


def _unary(node: Unary) -> Run:
    """Signs are taken in a loop, so that many of them need no deep stack."""
    signs = list[str]()
    inner: Node = node
    while isinstance(inner, Unary):
        signs.append(inner.operator)
        inner = inner.operand
    operand = compile_node(inner)

    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(len(signs))
        found = operand(scope, meter)
        for sign in reversed(signs):
            found = (not _boolean(found, "!")) if sign == "!" else -number(found, "-")
        return found

    return run


def _conditional(node: Conditional) -> Run:
    test, yes, no = compile_node(node.test), compile_node(node.yes), compile_node(node.no)

    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(1)
        return yes(scope, meter) if _boolean(test(scope, meter), "?") else no(scope, meter)

    return run


def _call(node: Call) -> Run:
    arguments = [compile_node(argument) for argument in node.arguments]
    if node.function == "default":
        return _default(arguments[0], arguments[1])
    if node.function == "has":
        return _has(arguments[0])
    function = FUNCTIONS[node.function].run
    has_open_pattern = node.function == "matches" and not isinstance(node.arguments[1], Literal)

    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(1)
        values = [argument(scope, meter) for argument in arguments]
        if has_open_pattern and isinstance(values[1], str) and not is_short_pattern(values[1]):
            raise ExpressionError(
                f"A pattern that is not a literal is at most {MAX_PATTERN} characters long."
            )
        return function(values, meter)

    return run


def _default(wanted: Run, otherwise: Run) -> Run:
    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(1)
        try:
            found = wanted(scope, meter)
        except MissingValueError:
            found = None
        return otherwise(scope, meter) if found is None else found

    return run


def _has(wanted: Run) -> Run:
    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(1)
        try:
            wanted(scope, meter)
        except MissingValueError:
            return False
        return True

    return run


def _list(node: ListOf) -> Run:
    items = [compile_node(item) for item in node.items]

    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(1)
        return [item(scope, meter) for item in items]

    return run


def _map(node: MapOf) -> Run:
    entries = [(compile_node(key), compile_node(value)) for key, value in node.entries]

    def run(scope: Scope, meter: Meter) -> JsonValue:
        meter.spend(1)
        made = JsonObject()
        for key_of, value_of in entries:
            key = key_of(scope, meter)
            if not isinstance(key, str):
                raise ExpressionError(f"The keys of a map are texts, not {kind(key)}.")
            if key in made:
                raise ExpressionError(f"The map has the key {key[:40]!r} twice.")
            made[key] = value_of(scope, meter)
        return made

    return run


def _comprehension(node: Comprehension) -> Run:
    macro, over, body = node.macro, compile_node(node.over), compile_node(node.body)
    variable, is_map = node.variable, macro == "map"

    def run(scope: Scope, meter: Meter) -> JsonValue:
        found = over(scope, meter)
        if not isinstance(found, list | dict):
            raise ExpressionError(f"{macro} needs a list or map, not {kind(found)}.")
        meter.items(len(found), per_step=4)
        inner = dict(scope)
        made = list[JsonValue]()
        for item in found:
            inner[variable] = item
            value = body(inner, meter)
            if is_map:
                made.append(value)
                continue
            holds = _boolean(value, macro)
            if macro == "filter":
                made.extend((item,) if holds else ())
            elif holds is (macro == "exists"):
                return holds
        return made if macro in ("map", "filter") else macro == "all"

    return run


def _boolean(value: JsonValue, operator: str) -> bool:
    if isinstance(value, bool):
        return value
    raise ExpressionError(f"{operator} needs true or false, not {kind(value)}.")
