"""Messages out of server-sent events (HTML standard, section 9.2), whose lines and chunks end anywhere."""

from collections.abc import Iterator


class EventData:
    """Cuts a byte stream into the data of its events; what it holds is bounded by what is fed."""

    def __init__(self) -> None:
        self._begun: list[bytes] = []
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Yield the data of each complete event that has any."""
        if b"\n" not in chunk and b"\r" not in chunk and not (self._begun and self._begun[-1] == b"\r"):
            # Joining at every chunk would make one long line cost the square of its length.
            self._begun.append(chunk)
            return
        text = b"".join((*self._begun, chunk))
        # A carriage return at the end may be half of a line's end.
        held = [b"\r"] if text.endswith(b"\r") else []
        text = text[:-1] if held else text
        *lines, rest = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        self._begun = [rest, *held]
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[5:].removeprefix(b" "))
            elif not line and self._data:
                yield b"\n".join(self._data)
                self._data = []
