"""The position of a reader: `epoch:seq`."""

import re
from typing import NamedTuple, Self

_CURSOR = re.compile(r"(\d{1,12}):(\d{1,15})", re.ASCII)


class Cursor(NamedTuple):
    """The last event seen; `seq` is dense from 1 within an epoch, so (epoch, 0) is its beginning."""

    epoch: int
    seq: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `epoch:seq`, or `0` for the beginning; raise `ValueError` for anything else."""
        if text == "0":
            return cls(0, 0)
        match = _CURSOR.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is not a cursor of the form epoch:seq")
        return cls(int(match[1]), int(match[2]))

    def __str__(self) -> str:
        return f"{self.epoch}:{self.seq}"

    @property
    def entry_id(self) -> str:
        """The same position as the id of a Redis stream entry; a later epoch sorts after any seq."""
        return f"{self.epoch}-{self.seq}"

    def precedes(self, other: "Cursor") -> bool:
        """Whether `other` is the very next event; after `START` that is the first one of any epoch."""
        if self == START:
            return other.seq == 1
        return other.epoch == self.epoch and other.seq == self.seq + 1


START = Cursor(0, 0)
"""Before the first event of whichever epoch the stream has."""
