"""How long texts are cut."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.domain.passages import split_passages


def count_words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def count_characters(texts: Sequence[str]) -> list[int]:
    return [len(text.replace(" ", "")) for text in texts]


def parts(text: str, *, limit: int) -> list[str]:
    return [text[start:end] for start, end in split_passages(text, count=count_words, limit=limit)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One two three.", ["One two three."]),
        ("One two. Three four. Five six.", ["One two. Three four.", "Five six."]),
        ("a b c d e f g h", ["a b c d", "e f g h"]),
        ("First line\n\nsecond line here\n\nthird", ["First line", "second line here\n\nthird"]),
        ("  padded. text  ", ["padded. text"]),
        ("   ", ["   "]),
        ("Is 3.14 whole? No!", ["Is 3.14 whole? No!"]),
    ],
)
def test_cuts_at_sentences(text: str, expected: list[str]) -> None:
    assert parts(text, limit=4) == expected


def test_cuts_inside_a_word_when_there_is_no_other_place() -> None:
    spans = split_passages("x" * 1_000, count=count_characters, limit=100)
    assert "".join("x" * (end - start) for start, end in spans) == "x" * 1_000
    assert all(end - start <= 100 for start, end in spans)


def test_cuts_where_a_script_puts_no_white_space() -> None:
    text = "今日は晴れです。明日は雨です。"
    assert [text[a:b] for a, b in split_passages(text, count=count_characters, limit=8)] == [
        "今日は晴れです。",
        "明日は雨です。",
    ]


@given(st.text(st.sampled_from("ab .!?\n。"), max_size=200), st.integers(1, 12))
def test_loses_nothing_and_keeps_the_limit(text: str, limit: int) -> None:
    spans = split_passages(text, count=count_words, limit=limit)
    if not text.strip():
        assert spans == [(0, len(text))]
        return
    assert spans == sorted(spans)
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert "".join(text.split()) == "".join("".join(text[a:b] for a, b in spans).split())
    assert all(count_words([text[a:b]])[0] <= limit for a, b in spans)
