"""B-API-4: processor time of judging an access token or an API key, against the bare cryptography."""

import hashlib
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import partial

from pydantic import JsonValue

from benchmarks.api.door import Door, bare_verify_of, open_door
from benchmarks.core.blocks import MIN_BLOCKS, Figure, interleaved_figures
from benchmarks.core.results import Result, Target
from benchmarks.core.statistics import ratio, summary
from gateway.domain.api_keys import digest_of, is_well_formed

ID = "B-API-4"
CHECKS = 1_000
COLD_ROWS = 200
BLOCKS = MIN_BLOCKS + 1
COLD_US = 200.0
CACHED_US = 15.0
LIMITS = {
    "token_cold": COLD_US,
    "token_cached": CACHED_US,
    "key_cold": COLD_US,
    "key_cached": CACHED_US,
}
BASELINES = {"token_cold": "bare_verify", "key_cached": "bare_sha256", "key_alone": "bare_sha256"}
NOTES = [
    "In one process: the gateway's Authenticator over its own adapters and a Postgres of its own; CPU",
    "of this process only. Tokens are ES256 from a key file.",
    "token_cold: a token never seen, its session asked for within the last second. token_cached: seen again.",
    "token_session: a known token whose session is asked for again in Postgres, once a second in practice.",
    "key_cold: not seen within the last second, so its row is read. key_alone: form, check sum and SHA-256.",
    "Baselines: one ECDSA verify of `cryptography` over the same bytes; one SHA-256 of the same key.",
]


async def measure() -> Result:
    """Interleave the ways of judging; every figure is microseconds of processor time a check."""
    async with open_door() as door:
        costs = await interleaved_figures(_ways(door), blocks=BLOCKS)
    typical = {name: summary(values).p50 for name, values in costs.items()}
    ratios = {name: ratio(costs[name], costs[baseline]) for name, baseline in BASELINES.items()}
    figures: dict[str, JsonValue] = {
        "cpu_us": {name: round(value, 2) for name, value in typical.items()},
        "ratio": {f"{name} ÷ {BASELINES[name]}": found.model_dump() for name, found in ratios.items()},
    }
    targets = [
        Target(name=f"{name}, µs", value=typical[name], limit=limit, higher_is_better=False)
        for name, limit in LIMITS.items()
    ]
    rows: list[dict[str, JsonValue]] = [
        {"way": name, "block": number, "cpu_us": value}
        for name, values in costs.items()
        for number, value in enumerate(values, start=1)
    ]
    return Result(id=ID, figures=figures, targets=targets, notes=NOTES, rows=rows)


def _ways(door: Door) -> Mapping[str, Figure]:
    known = door.tokens.issue(door.subject)
    verify = bare_verify_of(known, door.signing)

    async def session_again() -> None:
        door.judge.forget()
        await door.judge.by_token(known)

    async def key_again() -> None:
        door.judge.forget()
        await door.judge.by_key(door.key)

    async def key_alone() -> None:
        if not is_well_formed(door.key) or not digest_of(door.key):
            raise RuntimeError("the key is not one")

    async def bare_verify() -> None:
        verify()

    text = door.key.encode()

    async def bare_sha256() -> None:
        hashlib.sha256(text).digest()

    return {
        "token_cold": partial(_unseen_tokens, door),
        "token_cached": partial(_cost_us, partial(door.judge.by_token, known), CHECKS),
        "token_session": partial(_cost_us, session_again, COLD_ROWS),
        "key_cold": partial(_cost_us, key_again, COLD_ROWS),
        "key_cached": partial(_cost_us, partial(door.judge.by_key, door.key), CHECKS),
        "key_alone": partial(_cost_us, key_alone, CHECKS),
        "bare_verify": partial(_cost_us, bare_verify, CHECKS),
        "bare_sha256": partial(_cost_us, bare_sha256, CHECKS),
    }


async def _unseen_tokens(door: Door) -> float:
    unseen = iter([door.tokens.issue(door.subject) for _ in range(CHECKS + 1)])

    async def once() -> None:
        await door.judge.by_token(next(unseen))

    return await _cost_us(once, CHECKS)


async def _cost_us(once: Callable[[], Awaitable[object]], checks: int) -> float:
    """Check once to be warm, then many times; return the processor time of one."""
    await once()
    began = time.process_time()
    for _ in range(checks):
        await once()
    return (time.process_time() - began) / checks * 1e6
