"""Show a run on a terminal while it happens, readable when steps run side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import typer

from flowloom_contracts.events import (
    CallEnded,
    LogWritten,
    RunEvent,
    RunMilestone,
    StepDelta,
    StepMilestone,
    StreamResync,
)
from flowloom_contracts.runs import StepStatus, UsageView

TURN_CHARACTERS: Final = 160
"""How long one step may hold the line while another waits with text of its own."""

COLOURS: Final = (
    typer.colors.CYAN,
    typer.colors.MAGENTA,
    typer.colors.YELLOW,
    typer.colors.BLUE,
    typer.colors.GREEN,
)
SHOWN_CHANNEL: Final = "answer"


@dataclass
class _StepView:
    """What is known of one step while it streams."""

    label: str
    colour: str
    exec: int = 0
    seen: int = 0
    pending: str = ""
    agent: str | None = None
    began: datetime | None = None


class LiveView:
    """Takes events in order and writes text; one step holds the line at a time.

    The others' words are kept until it reaches the end of a sentence or paragraph, has had its turn, or ends.
    """

    def __init__(self, write: Callable[[str], None], *, width: int = 100, colours: bool = True) -> None:
        self._write = write
        self._width = width
        self._colours = colours
        self._steps: dict[str, _StepView] = {}
        self._holder: str | None = None
        self._column = 0
        self._turn = 0

    def show(self, event: RunEvent) -> None:
        """Show one event."""
        match event:
            case StepDelta():
                self._delta(event)
            case StepMilestone():
                self._milestone(event)
            case CallEnded() if event.type == "tool.called.v1":
                self._line(event.step, f"used {event.data.name} ({event.data.duration_ms} ms)")
            case LogWritten():
                self._line(event.step, f"{event.data.level}: {event.data.message}")
            case RunMilestone():
                self._run(event)
            case StreamResync():
                self._resync(event)
            case _:
                return

    def _delta(self, event: StepDelta) -> None:
        data = event.data
        view = self._view(event.step)
        if data.channel != SHOWN_CHANNEL or data.exec < view.exec:
            return
        if data.exec > view.exec:
            self._restart(event.step, view, data.exec)
        self._take(event.step, view, data.offset, data.text)

    def _restart(self, step: str, view: _StepView, execution: int) -> None:
        if view.seen:
            self._flush(step)
            self._line(step, "begins again")
        view.exec, view.seen, view.pending = execution, 0, ""

    def _take(self, step: str, view: _StepView, offset: int, text: str) -> None:
        """Keep the characters that were not seen before and print what may be printed now."""
        fresh = text[max(0, view.seen - offset) :]
        view.seen = max(view.seen, offset + len(text))
        view.pending += fresh
        if self._holder is None:
            self._hold(step)
        if self._holder == step:
            self._print_pending(step)
        if self._holder is not None and self._others_wait() and self._turn_is_over():
            self._next_turn()

    def _turn_is_over(self) -> bool:
        return self._column == 0 or self._turn >= TURN_CHARACTERS

    def _others_wait(self) -> bool:
        return any(view.pending for name, view in self._steps.items() if name != self._holder)

    def _next_turn(self) -> None:
        """Pass the line to the step that has waited longest."""
        waiting = [name for name, view in self._steps.items() if view.pending and name != self._holder]
        current = self._holder
        self._release()
        if current is not None:
            # To the end of the queue.
            self._steps[current] = self._steps.pop(current)
        if waiting:
            self._hold(waiting[0])
            self._print_pending(waiting[0])

    def _hold(self, step: str) -> None:
        self._holder, self._turn, self._column = step, 0, 0

    def _release(self) -> None:
        if self._column:
            self._write("\n")
        self._holder, self._column = None, 0

    def _print_pending(self, step: str) -> None:
        view = self._steps[step]
        text, view.pending = view.pending, ""
        for word in _pieces(text):
            self._word(view, word)

    def _word(self, view: _StepView, word: str) -> None:
        if word == "\n":
            self._write("\n")
            self._column = 0
            return
        # Only before a space: a token may be the middle of a word.
        if self._column and word.startswith(" ") and self._column + len(word) > self._width:
            self._write("\n")
            self._column, word = 0, word.lstrip(" ")
        if self._column == 0:
            self._write(self._prefix(view))
            self._column = len(view.label) + 3
        self._write(word)
        self._column += len(word)
        self._turn += len(word)

    def _flush(self, step: str) -> None:
        """Print what a step still has, wherever the line is."""
        view = self._steps.get(step)
        if view is None:
            return
        if view.pending:
            if self._holder != step:
                self._release()
                self._hold(step)
            self._print_pending(step)
        if self._holder == step:
            self._release()

    def _milestone(self, event: StepMilestone) -> None:
        data = event.data
        view = self._view(event.step, agent=data.agent)
        if event.type == "step.started.v1":
            view.began = event.at
            who = f" by agent {data.agent}" if data.agent else f" ({data.kind})"
            self._line(event.step, f"started{who}")
        elif event.type == "step.retrying.v1":
            self._flush(event.step)
            self._line(
                event.step, f"will be tried again: {data.error.message if data.error else 'no reason given'}"
            )
        elif event.type == "step.waiting.v1":
            self._line(event.step, "waits")
        elif data.status.is_terminal:
            self._flush(event.step)
            self._line(event.step, self._ending(event, view))

    def _ending(self, event: StepMilestone, view: _StepView) -> str:
        data = event.data
        if data.status is StepStatus.SKIPPED:
            return "skipped"
        seconds = (event.at - view.began).total_seconds() if view.began else 0.0
        who = f"agent {view.agent} " if view.agent else ""
        told = f"{who}{data.status.value} after {seconds:.1f} s, {_spent(data.usage)}"
        return f"{told}: {data.error.code}: {data.error.message}" if data.error else told

    def _run(self, event: RunMilestone) -> None:
        if event.type != "run.accepted.v1":
            reason = f": {event.data.reason}" if event.data.reason else ""
            self._line(None, f"run {event.data.status.value}{reason}")

    def _resync(self, event: StreamResync) -> None:
        """Catch up from a snapshot, without repeating what was shown."""
        for step, text in event.data.snapshot.texts.items():
            view = self._view(step)
            if text.exec > view.exec:
                self._restart(step, view, text.exec)
            if text.exec == view.exec:
                self._take(step, view, 0, text.channels.get(SHOWN_CHANNEL, ""))

    def _line(self, step: str | None, text: str) -> None:
        """Write one whole line about a step or the run."""
        self._release()
        if step is None:
            self._write(f"{text}\n")
            return
        view = self._view(step)
        self._write(f"{self._prefix(view)}{self._style(text, typer.colors.BRIGHT_BLACK)}\n")

    def _view(self, step: str, *, agent: str | None = None) -> _StepView:
        view = self._steps.get(step)
        if view is None:
            colour = COLOURS[len(self._steps) % len(COLOURS)]
            view = self._steps[step] = _StepView(label=step, colour=colour)
        if agent:
            view.agent = agent
            view.label = step if agent == step else f"{step} ({agent})"
        return view

    def _prefix(self, view: _StepView) -> str:
        return f"{self._style(view.label, view.colour)} | "

    def _style(self, text: str, colour: str) -> str:
        return typer.style(text, fg=colour) if self._colours else text


def _pieces(text: str) -> list[str]:
    """Cut text into newlines and words that keep the space before them."""
    pieces: list[str] = []
    word = ""
    for character in text:
        if character == "\n":
            pieces += [word, "\n"] if word else ["\n"]
            word = ""
        elif character == " " and word.strip():
            pieces.append(word)
            word = " "
        else:
            word += character
    return [*pieces, word] if word else pieces


def _spent(usage: UsageView | None) -> str:
    if usage is None:
        return "0 tokens"
    money = f", ${usage.usd:.4f}" if usage.usd else ""
    return f"{usage.tokens} tokens{money}"
