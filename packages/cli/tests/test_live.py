"""The live view: words as they come, readable side by side, nothing twice."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from flowloom_cli.live import LiveView
from flowloom_contracts.events import DeltaData, RunData, RunMilestone, StepData, StepDelta, StepMilestone
from flowloom_contracts.runs import RunStatus, StepError, StepStatus, UsageView

T0 = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Screen:
    """A view whose text can be read, fed with short calls."""

    def __init__(self, width: int = 60) -> None:
        self.text = ""
        self.view = LiveView(self._write, width=width, colours=False)
        self._seq = 0
        self._offsets: dict[tuple[str, int], int] = {}

    def _write(self, text: str) -> None:
        self.text += text

    def says(self, step: str, text: str, *, exec: int = 1, offset: int | None = None) -> None:
        start = self._offsets.get((step, exec), 0) if offset is None else offset
        self._offsets[step, exec] = start + len(text)
        data = DeltaData(exec=exec, channel="answer", offset=start, text=text)
        self._seq += 1
        self.view.show(
            StepDelta(
                type="step.delta.v1",
                stream="run:r",
                epoch=1,
                seq=self._seq,
                at=T0,
                run_id="r",
                step=step,
                attempt=1,
                data=data,
            )
        )

    def step(
        self,
        step: str,
        type: Literal["step.started.v1", "step.finished.v1", "step.skipped.v1"],
        status: StepStatus,
        *,
        agent: str | None = None,
        after_s: float = 0,
        error: StepError | None = None,
        tokens: int = 0,
    ) -> None:
        data = StepData(kind="agent", status=status, agent=agent, error=error, usage=UsageView(tokens=tokens))
        self.view.show(
            StepMilestone(
                type=type,
                stream="run:r",
                epoch=1,
                seq=1,
                at=T0 + timedelta(seconds=after_s),
                run_id="r",
                step=step,
                attempt=1,
                data=data,
            )
        )


def test_shows_agent_words_time_and_tokens_of_a_step() -> None:
    screen = Screen()
    screen.step("gather", "step.started.v1", StepStatus.RUNNING, agent="research")
    screen.says("gather", "Bees ")
    screen.says("gather", "fly.")
    screen.step("gather", "step.finished.v1", StepStatus.SUCCEEDED, agent="research", after_s=2.5, tokens=42)
    assert screen.text.splitlines() == [
        "gather (research) | started by agent research",
        "gather (research) | Bees fly.",
        "gather (research) | agent research succeeded after 2.5 s, 42 tokens",
    ]


def test_prints_words_before_the_line_is_complete() -> None:
    screen = Screen()
    screen.says("a", "Bees")
    assert screen.text == "a | Bees"


def test_wraps_between_words_and_not_inside_one_that_comes_in_pieces() -> None:
    screen = Screen(width=24)
    for piece in ("The im", "port", "ance of", " bees is over", "stated", "."):
        screen.says("a", piece)
    assert screen.text.splitlines() == ["a | The importance of", "a | bees is overstated."]


def test_keeps_parallel_steps_on_lines_of_their_own() -> None:
    screen = Screen()
    words = [("a", "one "), ("b", "ONE "), ("a", "two "), ("b", "TWO "), ("a", "three.\n"), ("b", "THREE.\n")]
    for step, text in words:
        screen.says(step, text)
    screen.step("a", "step.finished.v1", StepStatus.SUCCEEDED)
    screen.step("b", "step.finished.v1", StepStatus.SUCCEEDED)
    lines = screen.text.splitlines()
    assert "a | one two three." in lines
    assert "b | ONE TWO THREE." in lines


def test_passes_the_line_on_when_a_step_talks_without_end() -> None:
    screen = Screen(width=80)
    screen.says("b", "")
    for _ in range(100):
        screen.says("a", "word ")
        screen.says("b", "WORD ")
    assert any(line.startswith("b | WORD") for line in screen.text.splitlines())


def test_shows_text_once_when_a_stream_is_read_again() -> None:
    screen = Screen()
    screen.says("a", "Bees fly.", offset=0)
    screen.says("a", "Bees fly. Ants walk.", offset=0)
    assert screen.text == "a | Bees fly. Ants walk."


def test_begins_again_when_another_worker_takes_the_step_over() -> None:
    screen = Screen()
    screen.says("a", "Half an ans", exec=1)
    screen.says("a", "A whole answer.", exec=2)
    screen.says("a", "late words of the dead", exec=1)
    assert screen.text.splitlines() == ["a | Half an ans", "a | begins again", "a | A whole answer."]


def test_names_the_error_of_a_failed_step() -> None:
    screen = Screen()
    error = StepError(code="upstream", message="the model did not answer")
    screen.step("a", "step.finished.v1", StepStatus.FAILED, error=error)
    assert "failed after 0.0 s, 0 tokens: upstream: the model did not answer" in screen.text


def test_says_how_the_run_stands() -> None:
    screen = Screen()
    data = RunData(status=RunStatus.CANCELLING, reason="asked to")
    screen.view.show(
        RunMilestone(type="run.cancelling.v1", stream="run:r", epoch=1, seq=1, at=T0, run_id="r", data=data)
    )
    assert screen.text == "run cancelling: asked to\n"
