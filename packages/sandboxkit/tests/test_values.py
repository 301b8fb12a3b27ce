"""The rules of values at the border, tried with any JSON."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowloom_sandboxkit.values import MAX_INTEGER, NotJsonError, check_value, decode, encode, is_small

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30
)


@settings(deadline=None)  # the machine may be busy
@given(VALUES)
def test_what_goes_in_comes_out(value: object) -> None:
    assert decode(encode(value, "x", 10**9), "x") == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (float("-inf"), "x is -inf"),
        ([{"a": MAX_INTEGER + 1}], "x[0].a is an integer beyond"),
        ({"a": {1: 2}}, "x.a has the key 1"),
        ({"a": {"\udc00": 2}}, "x.a has a key that holds half"),
        ({"a": [(1,)]}, "x.a[0] is a tuple"),
        (b"x", "x is a bytes"),
        (True, ""),
        (-0.0, ""),
    ],
)
def test_names_the_place_and_the_rule(value: object, text: str) -> None:
    if not text:
        check_value(value, "x")
        return
    with pytest.raises(NotJsonError) as raised:
        check_value(value, "x")
    assert text in str(raised.value)


@pytest.mark.parametrize(
    "text", ["NaN", "-Infinity", "[1e400]", "9" * 5000, "[" * 99999, "{'a': 1}", "", "\x00"]
)
def test_refuses_text_that_is_no_value(text: str) -> None:
    with pytest.raises(NotJsonError):
        decode(text.encode(), "x")


def test_depth_ends_at_a_hundred() -> None:
    value: list[object] = []
    for _ in range(99):
        value = [value]
    check_value(value, "x")
    with pytest.raises(NotJsonError, match="deeper than 100 levels"):
        check_value([value], "x")


def test_a_limit_counts_bytes() -> None:
    assert encode("é", "x", 4) == '"é"'.encode()
    with pytest.raises(NotJsonError, match="4 bytes as JSON; 3 are allowed"):
        encode("é", "x", 3)


@pytest.mark.parametrize(
    ("value", "small"),
    [
        ([1] * 100, True),
        ([1] * 5000, False),
        ("x" * 100_000, False),
        ({"a": {str(n): n for n in range(3000)}}, False),
    ],
)
def test_large_values_are_noticed_early(value: object, small: bool) -> None:
    assert is_small(value) is small
    assert json.loads(encode(value, "x", 10**9)) == value
