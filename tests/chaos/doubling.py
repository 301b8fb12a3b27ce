"""A link to Redis on which every write happens twice, as when an answer is lost and the client repeats it."""

from collections import deque

from tests.chaos.proxy import ChaosProxy, Direction, Link

TWICE = frozenset({b"EVALSHA", b"EVAL", b"XADD", b"PUBLISH", b"SPUBLISH"})
FROM_HERE_ON_PUSHED = frozenset({b"SUBSCRIBE", b"PSUBSCRIBE", b"SSUBSCRIBE", b"MONITOR"})
LINE_END = b"\r\n"
COUNTED = b"*%~>|"
TEXTS = b"$=!"


class DoublingLink(Link):
    """Sends each write twice and keeps the second answer to itself; answers of pushed messages pass."""

    def __init__(self, proxy: ChaosProxy) -> None:
        super().__init__(proxy)
        self.doubled = 0
        self._pending = {"up": b"", "down": b""}
        self._passes: deque[bool] = deque()
        self._pushed = False
        self._in_transaction = False

    def take(self, direction: Direction, data: bytes) -> bytes:
        """Return the commands or answers that are complete, the writes among them twice."""
        values, self._pending[direction] = split(self._pending[direction] + data)
        if direction == "up":
            return b"".join(self._sent(value) for value in values)
        return b"".join(value for value in values if self._is_wanted(value))

    def _sent(self, command: bytes) -> bytes:
        name = _name(command)
        self._pushed = self._pushed or name in FROM_HERE_ON_PUSHED
        if name in (b"MULTI", b"EXEC", b"DISCARD"):
            self._in_transaction = name == b"MULTI"
        twice = name in TWICE and not self._in_transaction and not self._pushed
        self._passes.append(True)
        if not twice:
            return command
        self.doubled += 1
        self._passes.append(False)
        return command * 2

    def _is_wanted(self, answer: bytes) -> bool:
        if self._pushed or answer[:1] == b">":
            return True
        return self._passes.popleft() if self._passes else True


def split(data: bytes) -> tuple[list[bytes], bytes]:
    """Return the complete values of Redis's protocol in `data`, and the rest."""
    values: list[bytes] = []
    at = 0
    while (end := _end(data, at)) is not None:
        values.append(data[at:end])
        at = end
    return values, data[at:]


def _end(data: bytes, at: int) -> int | None:
    """Return where the value that begins at `at` ends; None while it is not all there."""
    line_end = data.find(LINE_END, at)
    if line_end < 0:
        return None
    kind, after = data[at : at + 1], line_end + 2
    if kind in (bytes([byte]) for byte in TEXTS):
        size = int(data[at + 1 : line_end])
        after += 0 if size < 0 else size + 2
        return after if after <= len(data) else None
    if kind not in (bytes([byte]) for byte in COUNTED):
        return after
    count = max(int(data[at + 1 : line_end]), 0) * (2 if kind in (b"%", b"|") else 1)
    end: int | None = after
    for _ in range(count + (1 if kind == b"|" else 0)):
        end = None if end is None else _end(data, end)
    return end


def _name(command: bytes) -> bytes:
    """Return a command's name; it is an array of texts, or a plain line."""
    lines = command.split(LINE_END, 3)
    return (lines[2] if command[:1] == b"*" and len(lines) > 2 else lines[0].split(b" ")[0]).upper()
