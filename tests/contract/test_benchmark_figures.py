"""Figures of benchmarks are taken block by block: what one system adds to another, without the warm-up."""

import pytest

from benchmarks.core.statistics import difference, ratio
from benchmarks.streaming.gaps import gap_errors, out_of_order, tokens_in
from benchmarks.streaming.provider_layer import Times, judged
from benchmarks.streaming.reconnects import Shown
from benchmarks.streaming.tokens import sent_times


def test_a_difference_is_the_median_of_the_blocks_with_its_interval() -> None:
    found = difference([3.0, 5.0, 4.0], [1.0, 1.0, 3.0])
    assert found.blocks == [2.0, 4.0, 1.0]
    assert found.median == 2.0
    assert (found.low, found.high) == (1.0, 4.0)
    assert ratio([3.0, 5.0, 4.0], [1.0, 1.0, 2.0]).median == 3.0


def test_blocks_that_do_not_belong_together_are_not_compared() -> None:
    with pytest.raises(ValueError, match="shorter"):
        difference([1.0, 2.0, 3.0], [1.0, 2.0])


def test_tokens_tell_when_they_were_sent() -> None:
    text = '{"content": "[x] 0000@1700000000000000001 "} 0001@1700000000000000002 0002@17'
    assert sent_times(text) == [1700000000000000001, 1700000000000000002]
    assert sent_times("data: [DONE]") == []


def test_what_the_provider_layer_adds_is_judged_without_the_first_block() -> None:
    done = [Times("ours", 0, [900.0], [900.0]), Times("httpx", 0, [1.0], [1.0])]
    for block in (1, 2, 3):
        done += [Times("httpx", block, [1.0, 1.0, 2.0], [4.0]), Times("ours", block, [1.5, 1.5, 9.0], [3.0])]
    added = judged(done, at_once=20)
    met = {target.name: (target.value, target.is_met) for target in added.targets}
    assert met == {
        "any token, added p50, streams=20, ms": (0.5, True),
        "any token, added p99, streams=20, ms": (7.0, False),
        "first token, added p50, streams=20, ms": (-1.0, True),
        "first token, added p99, streams=20, ms": (-1.0, True),
    }


def test_a_gap_is_off_by_how_far_reading_is_from_sending() -> None:
    seen = tokens_in("0000@1700000000000000000 0001@1700000000020000000 ", 1_700_000_000_030_000_000)
    assert gap_errors([*seen]) == [20.0], "both were read at once"
    even = [(n, n * 20_000_000, n * 20_000_000 + 5_000_000) for n in range(4)]
    assert gap_errors(even) == [0.0] * 3
    assert (out_of_order(even), out_of_order(even[::-1]), out_of_order([*even, even[3]])) == (0, 3, 1)


def test_what_a_viewer_lacks_and_what_it_has_twice_is_counted() -> None:
    shown = Shown()
    for seq in (1, 2, 2, 5):
        data = {"channel": "answer", "text": f"{seq} "}
        shown.take({"epoch": 3, "seq": seq, "type": "step.delta.v1", "data": data})
    assert (shown.missing, shown.twice, shown.text, shown.cursor) == (2, 1, "1 2 2 5 ", "3:5")
    assert not shown.is_over
    shown.take({"epoch": 3, "seq": 6, "type": "run.finished.v1", "data": {}})
    assert shown.is_over
