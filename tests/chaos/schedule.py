"""Which faults happen when: a seed decides, so that an episode that failed can be had again."""

import random
from dataclasses import dataclass
from typing import Literal

from flowloom_contracts.topics import AGENT_APP_IDS

FaultKind = Literal["kill", "kill_twice", "hold", "freeze", "cut", "slow", "reset", "backend", "double"]

SERVICES = ("gateway", "orchestrator", "memory", *AGENT_APP_IDS)
SIDECARS = tuple(f"{name}-dapr" for name in SERVICES)
STORES = ("valkey", "postgres")
ENGINE = ("placement", "scheduler")
EVERYTHING = (*SERVICES, *SIDECARS, *STORES, *ENGINE)
PROXIED = ("orchestrator-dapr", *(f"{name}-dapr" for name in AGENT_APP_IDS), *STORES)

KILLS: dict[FaultKind, int] = {"kill": 1, "kill_twice": 2, "hold": 1, "backend": 1}
"""How many processes die in one fault of a kind."""

_CHANCES: dict[FaultKind, int] = {
    "kill": 12,
    "kill_twice": 4,
    "hold": 4,
    "freeze": 2,
    "cut": 2,
    "slow": 1,
    "reset": 2,
    "backend": 1,
    "double": 1,
}
_WEIGHTS = {**dict.fromkeys(EVERYTHING, 2), "scheduler": 1, "placement": 1, "orchestrator": 4}


@dataclass(frozen=True)
class PlannedFault:
    """One fault: `after_s` after the one before has begun (or the work), lasting `lasts_s`."""

    kind: FaultKind
    target: str
    after_s: float
    lasts_s: float

    @property
    def kills(self) -> int:
        """How many processes die."""
        return KILLS.get(self.kind, 0)


@dataclass(frozen=True)
class Episode:
    """Some faults under twenty mixed runs."""

    seed: int
    faults: tuple[PlannedFault, ...]

    @property
    def kills(self) -> int:
        """How many processes die in all."""
        return sum(fault.kills for fault in self.faults)


def episode(seed: int, *, most_faults: int = 3, least: int = 1, kills_only: bool = False) -> Episode:
    """Return the episode of a seed: `least` faults to `most_faults` of them."""
    chance = random.Random(seed)
    count = chance.randint(least, max(least, most_faults))
    return Episode(seed, tuple(_fault(chance, kills_only=kills_only) for _ in range(count)))


def _fault(chance: random.Random, *, kills_only: bool) -> PlannedFault:
    kinds: list[FaultKind] = [kind for kind in _CHANCES if not kills_only or kind in KILLS]
    kind = chance.choices(kinds, [_CHANCES[kind] for kind in kinds])[0]
    return PlannedFault(
        kind=kind,
        target=_target(kind, chance),
        after_s=round(chance.uniform(0.1, 2.5), 2),
        lasts_s=round(chance.uniform(1.0, 8.0), 2),
    )


def _target(kind: FaultKind, chance: random.Random) -> str:
    if kind == "backend":
        return "postgres"
    if kind == "double":
        return "valkey"
    places = PROXIED if kind in ("cut", "slow", "reset") else EVERYTHING
    return chance.choices(places, [_WEIGHTS[name] for name in places])[0]
