"""Proportional memory and processor time of a platform's processes."""

from collections.abc import Iterable
from pathlib import Path
from typing import Self

import psutil
from pydantic import BaseModel, ConfigDict

from flowloom_cli.platform import Platform


class Footprint(BaseModel):
    """One named process with all its children."""

    model_config = ConfigDict(frozen=True)

    name: str
    pss_mib: float
    rss_mib: float
    cpu_s: float


def footprint(name: str, pid: int) -> Footprint:
    """Add up a process and what it started."""
    root = psutil.Process(pid)
    family = [root, *root.children(recursive=True)]
    return Footprint(
        name=name,
        pss_mib=sum(_pss_kib(process.pid) for process in family) / 1024,
        rss_mib=sum(process.memory_info().rss for process in family) / 2**20,
        cpu_s=sum(sum(process.cpu_times()[:2]) for process in family),
    )


def of_platform(platform: Platform) -> dict[str, Footprint]:
    """Return the footprint of every process that runs now."""
    return {name: footprint(name, pid) for name in platform.names if (pid := platform.pid(name))}


class CpuMeter:
    """Adds up the processor time that each process of a platform used inside `with` blocks."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._before: dict[str, Footprint] = {}
        self.seconds: dict[str, float] = {}

    def __enter__(self) -> Self:
        self._before = of_platform(self._platform)
        return self

    def __exit__(self, *_: object) -> None:
        for name, after in of_platform(self._platform).items():
            if name in self._before:
                used = after.cpu_s - self._before[name].cpu_s
                self.seconds[name] = self.seconds.get(name, 0.0) + used


def total_gib(footprints: Iterable[Footprint]) -> float:
    return sum(item.pss_mib for item in footprints) / 1024


def _pss_kib(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0
