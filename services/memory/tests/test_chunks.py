"""Where documents are cut."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from memory.domain.chunks import cut
from memory.domain.outline import Outline, OutlineBuilder


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def outline(*blocks: tuple[str, str, int]) -> Outline:
    out = OutlineBuilder()
    for kind, text, level in blocks:
        out.add(kind, text, level=level)  # type: ignore[arg-type]  # the literals stand in the tests
    return out.outline()


def test_keeps_sections_apart_and_names_their_headings() -> None:
    made = outline(
        ("heading", "A", 1),
        ("text", "one", 0),
        ("text", "two", 0),
        ("heading", "B", 2),
        ("text", "three", 0),
        ("heading", "C", 1),
        ("text", "four", 0),
    )
    found = [(made.text[c.start : c.end], c.headings, c.context) for c in cut(made, count=words)]
    assert found == [("one\n\ntwo", ("A",), "A"), ("three", ("A", "B"), "A > B"), ("four", ("C",), "C")]


def test_repeats_the_head_of_a_table_for_its_later_rows() -> None:
    rows = "\n".join(f"row{n} | {n}" for n in range(6))
    made = outline(("heading", "T", 1), ("table", f"name | value\n{rows}", 0))
    chunks = cut(made, count=words, limit=9)
    assert made.text[chunks[0].start : chunks[0].end] == "name | value\nrow0 | 0\nrow1 | 1"
    assert [c.context for c in chunks] == ["T", "T\nname | value", "T\nname | value"]
    assert made.text[chunks[1].start : chunks[1].end] == "row2 | 2\nrow3 | 3\nrow4 | 4"


def test_keeps_a_heading_that_has_nothing_inside() -> None:
    made = outline(
        ("heading", "Deck", 1), ("heading", "Only a title", 2), ("heading", "Next", 1), ("text", "x", 0)
    )
    assert [(c.kind, made.text[c.start : c.end], c.headings) for c in cut(made, count=words)] == [
        ("heading", "Only a title", ("Deck",)),
        ("text", "x", ("Next",)),
    ]


def test_leaves_out_the_name_of_a_heading_that_has_none() -> None:
    made = outline(("heading", "#", 1), ("text", "one", 0), ("heading", "Named", 2), ("text", "two", 0))
    found = [(made.text[c.start : c.end], c.headings, c.context) for c in cut(made, count=words)]
    assert found == [("one", (), ""), ("two", ("Named",), "Named")]


def test_says_on_which_pages_a_passage_stands() -> None:
    out = OutlineBuilder()
    for page in (1, 2, 3):
        out.begin_page(page)
        out.add("text", f"page {page} words here.")
    chunks = cut(out.outline(), count=words, limit=8)
    assert [(c.page_from, c.page_to) for c in chunks] == [(1, 2), (3, 3)]


@given(
    st.lists(
        st.tuples(st.sampled_from(["text", "heading", "table", "code"]), st.text(max_size=200)), max_size=12
    )
)
def test_cuts_any_document_in_order_within_the_limit(blocks: list[tuple[str, str]]) -> None:
    out = OutlineBuilder()
    for kind, text in blocks:
        out.add(kind, text, level=1)  # type: ignore[arg-type]  # the literals stand above
    out.add("text", "end")
    made = out.outline()
    chunks = cut(made, count=words, limit=10)
    assert all(a.end <= b.start for a, b in pairwise(chunks))
    assert all(words([made.text[c.start : c.end]])[0] <= 10 for c in chunks)
    lost = set(made.text.split()) - {w for c in chunks for w in made.text[c.start : c.end].split()}
    heads = {w for b in made.blocks if b.kind == "heading" for w in made.text[b.start : b.end].split()}
    assert lost <= heads
