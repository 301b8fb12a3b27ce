"""What a fault has broken, by the promise it breaks; nothing at all is the only good answer."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Findings:
    """Each entry says what and where. `lost` breaks I1, `doubled` I2, `gaps` I3 to I5.

    `failed` are runs that ended, but not well: no promise is broken, yet nobody had asked for that.
    """

    failed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether every promise was kept."""
        return not (self.failed or self.lost or self.doubled or self.gaps)

    def require_none(self) -> None:
        """Fail with everything that was found."""
        assert self.is_empty, "\n".join(f"{name}: {found}" for name, found in vars(self).items() if found)

    def add(self, other: "Findings") -> None:
        """Take over what another look has found."""
        self.failed += other.failed
        self.lost += other.lost
        self.doubled += other.doubled
        self.gaps += other.gaps

    @contextmanager
    def noting(self, where: Callable[["Findings"], list[str]], what: str) -> Iterator[None]:
        """Note a failed check instead of raising it, so that the others are made as well."""
        try:
            yield
        except AssertionError as failed:
            where(self).append(f"{what}: {str(failed)[:600]}")
