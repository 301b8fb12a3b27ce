"""What `frontend/bench` reports is judged as promised: first block dropped, ratios, what was drawn."""

from typing import Any

import pytest
from pydantic import ValidationError

from benchmarks.browser import audits, canvas_speed, cold_open, streaming_cost
from benchmarks.core.results import Result


def values(result: Result) -> dict[str, float]:
    return {target.name: target.value for target in result.targets}


def sample(system: str, block: int, frames: list[float], **more: Any) -> dict[str, Any]:
    return {
        "system": system,
        "count": 500,
        "block": block,
        "gesture": "drag 1",
        "steps": 2,
        "frames": frames,
        "script_s": 0.004,
        "task_s": 0.01,
        **more,
    }


def gestures(**more: Any) -> canvas_speed.Gestures:
    samples = [sample("ours", 0, [900.0]), sample("bare", 0, [1.0])]
    for block in (1, 2, 3):
        samples += [sample("ours", block, [20.0] * 10), sample("bare", block, [16.0] * 10)]
    heap = [{"system": "ours", "count": 1000, "bytes": 42_000_000}]
    found = {"chromium": "1", "samples": samples, "heap": heap, "drawn": {}, **more}
    return canvas_speed.Gestures.model_validate(found)


def test_frames_are_a_ratio_without_the_block_that_warms_up() -> None:
    result = canvas_speed.judged(gestures())
    assert values(result)["drag 1 at 500"] == 1.25
    assert values(result)["script ms per dragged frame at 500"] == pytest.approx(2.0)
    assert values(result)["heap MB at 1000"] == 42.0
    assert len(result.rows) == 8


def test_what_is_drawn_must_be_what_is_dragged() -> None:
    dragged = {"wrappers": ["steps.s42"], "cards": []}
    fifty = {"wrappers": sorted(canvas_speed.DRAGGED["drag 50"]), "cards": []}
    drawn = {"drag 1": [dragged, dragged], "drag 50": [fifty]}
    result = canvas_speed.judged(gestures(drawn=drawn))
    wrong = [value for name, value in values(result).items() if "not dragged" in name]
    assert wrong == [0, 0]

    stray = {"wrappers": ["steps.s42"], "cards": ["steps.s7"]}
    result = canvas_speed.judged(gestures(drawn={**drawn, "drag 1": [dragged, stray]}))
    assert values(result)["drag 1: drawn but not dragged, or the reverse"] == 1


def test_a_counter_that_sees_nothing_is_no_success() -> None:
    result = canvas_speed.judged(gestures())
    assert values(result)["drag 50: drawn but not dragged, or the reverse"] == 50


def test_the_slowest_answer_and_every_long_task_count() -> None:
    def block(number: int, long: list[float], interactions: list[float]) -> dict[str, Any]:
        tasks = [{"start": 1.0, "duration": duration} for duration in long]
        cost = {"script_s": 4.0, "task_s": 6.0, "at_s": 20.0}
        rest = {"frames": [16.0, 17.0], "long_tasks": tasks, "interactions": interactions}
        return {"block": number, **cost, **rest}

    blocks = [block(0, [500.0], [900.0]), block(1, [], [40.0, 64.0]), block(2, [51.0], [32.0])]
    found = streaming_cost.Streamed.model_validate({"chromium": "1", "seconds": 20, "blocks": blocks})
    assert values(streaming_cost.judged(found)) == {"long tasks": 1, "busy": 0.3, "INP ms": 48.0}


def test_opening_is_a_median() -> None:
    def opened(number: int, at: float) -> dict[str, Any]:
        names = ("cards_ms", "first_paint_ms", "answer_ms", "script_s", "slowed")
        return {"block": number, "interactive_ms": at, "long_tasks": [], **dict.fromkeys(names, 1.0)}

    blocks = [opened(0, 9_000), opened(1, 2_000), opened(2, 2_600), opened(3, 2_400)]
    found = {"chromium": "1", "steps": 500, "slower": 4, "blocks": blocks}
    assert values(cold_open.judged(cold_open.ColdOpen.model_validate(found))) == {"interactive ms": 2400.0}


def test_only_pages_that_are_seen_first_are_judged() -> None:
    def audit(page: str, form: str, block: int) -> dict[str, Any]:
        times = {"lcp_ms": 900.0, "fcp_ms": 700.0, "tbt_ms": 10.0, "cls": 0.0}
        scores = {"performance": 90 + block, "accessibility": 100}
        return {"page": page, "form": form, "block": block, "version": "13", **times, **scores}

    pages = [("sign-in", "desktop"), ("builder", "desktop"), ("sign-in", "mobile")]
    looks = [audit(page, form, block) for block in range(4) for page, form in pages]
    result = audits.judged(audits.Audits.model_validate({"chromium": "1", "audits": looks}))
    assert {name.split()[0] for name in values(result)} == {"sign-in"}
    assert values(result)["sign-in performance"] == 92
    assert "builder desktop" in result.figures


def test_a_report_of_another_shape_is_refused() -> None:
    with pytest.raises(ValidationError):
        canvas_speed.Gestures.model_validate({"chromium": "1", "samples": []})
